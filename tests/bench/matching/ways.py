"""Families, files and withdrawals: what a round takes as people meet it."""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

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


def family_sizes(family: str, size: int) -> Sizes:
    """How large a family is measured; a lopsided one has four times as many mentees as mentors."""
    return (size // 4, size) if family == "lopsided" else (size, size)


def families(names: Sequence[str], size: int, tell: Tell) -> list[str]:
    """Each family, from people to certificate."""
    body = []
    for name in names:
        mentors, mentees = family_sizes(name, size)
        tell(f"family {name}: {mentors} mentors, {mentees} mentees")
        begun = load()
        said, outcome = measured("measure", "family", LIMIT, family=name, mentors=mentors, mentees=mentees)
        cells = [name, f"{mentors:,} × {mentees:,}"]
        if outcome.over:
            body.append([*cells, f"> {LIMIT:g}", "", "", "", "", "", "", f"{outcome.peak:,.0f}", f"{begun:.1f}"])
            continue
        parts = said["scoring"], middle(said["seconds"]), said["check"]
        found = f"{said['tandems']:,}", said["lowest"], f"{said['total']:,}"
        body.append(
            [*cells, duration(sum(parts)), *map(duration, parts), *found, f"{outcome.peak:,.0f}", f"{begun:.1f}"]
        )
    head = ["family", "mentors × mentees", "seconds", "scores", "solving", "check", "tandems", "lowest", "sum"]
    return rows([*head, "peak, MiB", "load"], body)


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
