"""The report's pictures: what is sure against the threshold, answers as bars, weeks, topics, signs and goals.

What a picture says in words stands beside it on the page; what it says in figures stands in a table there.
"""

import re
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from services.evaluation.page import drawing as d
from shared.contracts.base import Text
from shared.contracts.evaluation.figures import Distribution, Evidence, Goals, Week
from shared.contracts.parts import Criterion
from shared.runtime.table import Language
from shared.runtime.words import Words

WIDE, NARROW = 720, 440
"""Pixels of a picture over the whole page, and of one of two side by side."""
SCALE = re.compile(r"\d+(-\d+)?")
"""The code of a class on a scale of numbers; other classes stand around a middle one."""
HATCHES = {"d0": "//", "d1": "/", "d3": "\\", "d4": "\\\\"}
"""The pattern of a class around a middle one: which side it is on is not said by colour alone."""
STEPS = tuple(first * 10**power for power in range(7) for first in (1, 2, 5))
"""How far the lines of a scale are apart: at most five of them."""
APART = 8
"""Thresholds that are nearer to each other, in percent, are one in a picture: their numbers would overlap."""
ROOM = 22
"""Pixels that a number needs inside its bar."""


def interval(evidence: Evidence, criterion: Criterion) -> str | None:
    """From where to where the share may lie, against what counts as keep and as change; None where it is withheld.

    The dot is the share itself, where that is told. Which side is which stands under it on the page.
    """
    if evidence.low is None or evidence.high is None:
        return None
    left, right, top, bottom = 8, 8, 20, 46
    keep, change = sorted((100.0 - criterion.keep_at_least, evidence.threshold))
    figure, axes = d.field(NARROW, 49)
    axes.set_xlim(-left * 100 / (NARROW - left - right), 100 + right * 100 / (NARROW - left - right))
    axes.set_ylim(49, 0)
    _box(axes, 0, keep, top, bottom, d.KEEP)
    _box(axes, keep, change, top, bottom, d.DIVERGING[2])
    _box(axes, change, 100, top, bottom, d.CHANGE)
    middle = (top + bottom) / 2
    for threshold in {change} if change - keep < APART else (keep, change):
        _line(axes, [threshold] * 2, [top - 3, bottom + 3], color=d.INK, linewidth=1.5, dashes=(3, 2))
        axes.text(min(max(threshold, 6), 94), 12, f"{threshold:.0f} %", ha="center", fontsize=14, fontweight="bold")
    _line(axes, [evidence.low, evidence.high], [middle, middle], color=d.INK, linewidth=3)
    for end in (evidence.low, evidence.high):
        _line(axes, [end, end], [middle - 6, middle + 6], color=d.INK, linewidth=2)
    if evidence.share is not None:
        _dot(axes, evidence.share, middle)
    return d.svg(figure)


def stack(distribution: Distribution) -> str | None:
    """The classes of an item's answers side by side; None where nothing of them is told."""
    if distribution.people is None or not distribution.classes:
        return None
    codes = [each.code for each in distribution.classes]
    told = [(n, each.count) for n, each in enumerate(distribution.classes) if each.count]
    parts = []
    for n, count in told:
        named = colour(codes, n)
        parts.append((codes[n], count, d.NAMED[named], HATCHES.get(named, "")))
    if any(each.at_least for each in distribution.classes):
        parts = [(f"≥ {count}", count, fill, hatch) for _, count, fill, hatch in parts]
    rest = distribution.people - sum(count for _, count, _, _ in parts)
    if rest > 0:
        parts.append(("", rest, d.UNTOLD, "xx"))
    return _bar(parts, numbered=bool(SCALE.fullmatch(codes[0])))


def goals(found: Goals) -> str | None:
    """What became of the goals; None where one of the three numbers is withheld."""
    kinds = (("reached", found.reached), ("open", found.open), ("dropped", found.dropped))
    fills = {"reached": (d.DIVERGING[4], ""), "open": (d.DIVERGING[2], ""), "dropped": (d.DIVERGING[0], "//")}
    if any(count is None for _, count in kinds) or not any(count for _, count in kinds):
        return None
    return _bar([(kind, count, *fills[kind]) for kind, count in kinds if count], numbered=False)


def bars(rows: Sequence[tuple[str, int]]) -> str:
    """A bar a row, with its label above and its number behind."""
    high = 40
    most = max(1, *(count for _, count in rows))
    figure, axes = d.field(NARROW, high * len(rows))
    axes.set_xlim(0, most * NARROW / (NARROW - 48))
    axes.set_ylim(high * len(rows), 0)
    pixel = most / (NARROW - 48)
    for n, (label, count) in enumerate(rows):
        top = n * high
        axes.text(0, top + 14, label, ha="left", fontsize=13)
        _box(axes, 0, max(count, pixel), top + 20, top + 34, d.SURE)
        axes.text(count + 8 * pixel, top + 32, f"{count}", ha="left", fontsize=13, fontweight="bold")
    return d.svg(figure)


def meetings(weeks: Sequence[Week], language: Language) -> str:
    """Meetings of each week: held, as it is known, and of which nobody knows, against those that were planned."""
    height, left, bottom, top = 250, 34, 26, 10
    most = max(1, *(max(week.planned, week.confirmed + week.assumed + week.unknown) for week in weeks))
    step = next(each for each in STEPS if 5 * each >= most)
    figure, axes = d.field(WIDE, height)
    unit = len(weeks) / (WIDE - left - 6)
    axes.set_xlim(-left * unit, len(weeks) + 6 * unit)
    scale = most * 1.05 / (height - bottom - top)
    axes.set_ylim(-bottom * scale, most * 1.05 + top * scale)
    for value in range(0, most + 1, step):
        _line(axes, [0, len(weeks)], [value, value], color=d.LINE, linewidth=1, zorder=0)
        axes.text(-6 * unit, value - 4 * scale, f"{value}", ha="right", fontsize=12, color=d.SOFT)
    for n, week in enumerate(weeks):
        base = 0
        for count, fill, hatch in (
            (week.confirmed, d.SURE, ""),
            (week.assumed, d.LIKELY, "//"),
            (week.unknown, d.UNTOLD, ""),
        ):
            if count:
                axes.add_artist(
                    Rectangle(
                        (n + 0.18, base),
                        0.64,
                        count,
                        facecolor=fill,
                        edgecolor=d.SURE if hatch else d.EDGE if fill == d.UNTOLD else fill,
                        linewidth=1,
                        hatch=hatch,
                        clip_on=False,
                    )
                )
            base += count
        _line(axes, [n + 0.06, n + 0.94], [week.planned] * 2, color=d.INK, linewidth=2.5, zorder=4)
        if n == 0 or week.monday.month != weeks[n - 1].monday.month:
            axes.text(n + 0.1, -18 * scale, _month(week.monday.month, language), ha="left", fontsize=12)
            _line(axes, [n, n], [0, -22 * scale], color=d.EDGE, linewidth=1)
    return d.svg(figure)


def _bar(parts: Sequence[tuple[str, int, str, str]], *, numbered: bool) -> str:
    """One bar of parts (label, count, fill, hatch), its numbers in them where there is room."""
    height, thick = (50, 30) if numbered else (32, 30)
    whole = sum(count for _, count, _, _ in parts)
    figure, axes = d.field(NARROW, height)
    axes.set_xlim(-1 * whole / NARROW, whole + whole / NARROW)
    axes.set_ylim(height, 0)
    at = 0
    for label, count, fill, hatch in parts:
        axes.add_artist(
            Rectangle(
                (at, 1),
                count,
                thick,
                facecolor=fill,
                edgecolor=d.EDGE,
                linewidth=1,
                hatch=hatch,
                hatchcolor=d.LINE if fill == d.UNTOLD else d.SOFT,
                clip_on=False,
            )
        )
        middle, room = at + count / 2, count * NARROW / whole
        shown = label if label.startswith("≥") else f"{count}" if label else ""
        if shown and room >= ROOM:
            if hatch:
                wide = (len(shown) * 8 + 8) * whole / NARROW
                _box(axes, middle - wide / 2, middle + wide / 2, 7, thick - 5, fill)
            axes.text(middle, 21, shown, ha="center", fontsize=13, fontweight="bold")
        if numbered and label and not label.startswith("≥") and room >= 8 * len(label):
            axes.text(middle, 46, label, ha="center", fontsize=12, color=d.SOFT)
        at += count
    return d.svg(figure)


def colour(codes: Sequence[str], place: int) -> str:
    """The name of a class's colour: among those around a middle one, or on a scale of numbers."""
    last = len(codes) - 1
    if SCALE.fullmatch(codes[0]) or len(codes) > len(d.DIVERGING) or last == 0:
        return f"s{round(place * (len(d.SEQUENTIAL) - 1) / max(1, last))}"
    return f"d{round(place * (len(d.DIVERGING) - 1) / last)}"


def _box(axes: Axes, start: float, end: float, top: float, bottom: float, fill: str) -> None:
    axes.add_artist(Rectangle((start, top), end - start, bottom - top, facecolor=fill, linewidth=0, clip_on=False))


def _line(axes: Axes, x: Sequence[float], y: Sequence[float], **how: Any) -> None:
    axes.plot(x, y, solid_capstyle="butt", clip_on=False, **how)


def _dot(axes: Axes, x: float, y: float) -> None:
    """A dot that is round though the two directions have units of their own."""
    pixels = axes.transData.transform((x, y))
    axes.figure.add_artist(
        Circle(
            (float(pixels[0]), float(pixels[1])),
            6,
            transform=None,
            facecolor=d.CARD,
            edgecolor=d.INK,
            linewidth=2.5,
            zorder=5,
        )
    )


def spoken(text: Text, language: Language) -> str:
    """A text in a language."""
    return text.de if language == "de" else text.en


def _month(month: int, language: Language) -> str:
    return spoken(Words("shared.runtime", "dates.toml")(f"month-{month}"), language)[:3]
