"""Families, files and withdrawals: what a round takes as people meet it."""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from services.matching.optimum.augment import ENDLESS
from services.matching.tool.families import FAMILIES
from tests.bench.matching.alone import Outcome, alone, measured
from tests.bench.matching.figures import duration, middle, rows
from tests.bench.matching.machine import load

LIMIT = 1800.0
TANDEM = (sys.executable, "-m", "shared.cli")
Tell = Callable[[str], None]
WAYS = {
    "few-saved": "fewest changes, from the saved state",
    "few": "fewest changes, from the scores alone",
    "anew-saved": "the full order anew, from the saved state",
    "anew": "the full order anew, from the scores alone",
}
Sizes = tuple[int, int]
"""Mentors, mentees."""


LONG = 5_000
"""Up to so many people a side the slowest family is solved to its end; above, also with an effort of LIMITED."""
LIMITED = 200_000_000


class Measured(NamedTuple):
    """A family as it is measured."""

    mentors: int
    mentees: int
    most: int = ENDLESS
    """The effort, in pairs."""


def measured_as(family: str, size: int) -> list[Measured]:
    """A lopsided family has four times as many mentees as mentors; the slowest one is measured twice."""
    if family == "lopsided":
        return [Measured(size // 4, size)]
    if family == "shifted" and size > LONG:
        return [Measured(LONG, LONG), Measured(size, size, LIMITED)]
    return [Measured(size, size)]


def families(names: Sequence[str], size: int, tell: Tell) -> list[str]:
    """Each family, from people to certificate."""
    body = [_family(name, each, tell) for name in names for each in measured_as(name, size)]
    head = ["family", "mentors × mentees", "seconds", "scores", "solving", "check", "tandems", "lowest", "sum"]
    return rows([*head, "gap", "peak, MiB", "load"], body)


def _family(name: str, of: Measured, tell: Tell) -> list[str]:
    tell(f"family {name}: {of.mentors} mentors, {of.mentees} mentees")
    begun = load()
    said, outcome = measured("measure", "family", LIMIT, family=name, **of._asdict())
    cells = [name, f"{of.mentors:,} × {of.mentees:,}"]
    if outcome.over:
        return [*cells, f"> {LIMIT:g}", "", "", "", "", "", "", "", f"{outcome.peak:,.0f}", f"{begun:.1f}"]
    parts = said["scoring"], middle(said["seconds"]), said["check"]
    found = f"{said['tandems']:,}", str(said["lowest"]), f"{said['total']:,}"
    gap = f"{100 * said['gap'] / (said['points'] + said['gap']):.3f} %" if said["gap"] else "none"
    return [*cells, duration(sum(parts)), *map(duration, parts), *found, gap, f"{outcome.peak:,.0f}", f"{begun:.1f}"]


def all_families() -> tuple[str, ...]:
    """The families, the usual one left out."""
    return tuple(name for name in FAMILIES if name != "realistic")


def files(sizes: Sequence[Sizes], tell: Tell) -> list[str]:
    """`tandem sample` into a file and `tandem match` of it, from the start of Python to its end."""
    body: list[list[str]] = []
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        for mentors, mentees in sizes:
            for more in ((), ("--what-if",)) if (mentors, mentees) == sizes[0] else ((),):
                tell(f"from a file: {mentors} mentors, {mentees} mentees {' '.join(more)}")
                body.append(_file(mentors, mentees, more, folder / "people.json"))
    finally:
        shutil.rmtree(folder)
    head = ["mentors × mentees", "command", "sample, s", "match, s", "both, s", "parts of match, s", "tandems"]
    return rows([*head, "peak of match, MiB", "load"], body)


def _file(mentors: int, mentees: int, more: Sequence[str], people: Path) -> list[str]:
    begun = load()
    sizes = "--mentors", str(mentors), "--mentees", str(mentees)
    sample = alone((*TANDEM, "sample", *sizes), LIMIT, out=people)
    match = alone((*TANDEM, "match", "-", "--json", *more), LIMIT, given=people)
    said = json.loads(match.said)
    return [
        f"{mentors:,} × {mentees:,}",
        " ".join(("match", "--json", *more)),
        duration(sample.seconds),
        duration(match.seconds),
        duration(sample.seconds + match.seconds),
        _parts(match, said["seconds"], said["seconds_of"]),
        f"{said['tandems']:,}",
        f"{match.peak:,.0f}",
        f"{begun:.1f}",
    ]


def _parts(match: Outcome, seconds: float, of: dict[str, float]) -> str:
    inside = ", ".join(f"{stage} {duration(took)}" for stage, took in of.items())
    return f"{inside}, start and printing {duration(match.seconds - seconds)}"


def withdrawals(sizes: Sequence[Sizes], count: int, tell: Tell) -> list[str]:
    """After each withdrawal, from a solved round: the fewest changes, and the full order anew."""
    body: list[list[str]] = []
    for mentors, mentees in sizes:
        tell(f"{count} withdrawals: {mentors} mentors, {mentees} mentees")
        begun = load()
        folder = Path(tempfile.mkdtemp(prefix="bench-"))
        try:
            measured(
                "measure", "table", LIMIT, family="realistic", mentors=mentors, mentees=mentees, folder=str(folder)
            )
            said, outcome = measured("measure", "rematch", LIMIT, folder=str(folder), withdrawals=count)
        finally:
            shutil.rmtree(folder)
        each = said["withdrawals"]
        for way, name in WAYS.items():
            seconds = sorted(one[way]["seconds"][0] for one in each)
            gone, new = (sorted(one[way]["changes"][kind] for one in each) for kind in (0, 1))
            body.append(
                [
                    f"{mentors:,} × {mentees:,}",
                    name,
                    f"{duration(middle(seconds))} ({_least_most(map(duration, seconds))})",
                    *(f"{middle(some):,.0f} ({_least_most(f'{n:,}' for n in some)})" for some in (gone, new)),
                    f"{outcome.peak:,.0f}",
                    f"{begun:.1f}",
                ]
            )
    head = ["mentors × mentees", "way", "seconds (least–most)", "pairs given up (least–most)", "new pairs (least–most)"]
    return rows([*head, "peak, MiB", "load"], body)


def _least_most(ordered: Iterable[str]) -> str:
    first, *rest = ordered
    return f"{first}–{(rest or [first])[-1]}"
