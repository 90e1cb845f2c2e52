"""The solver beside others on the same tables, by size; every result of ours is verified."""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.matching.alone import ROOT, alone, measured
from tests.bench.matching.figures import duration, growths, loss, middle, rows
from tests.bench.matching.machine import load

CANDIDATES = 50
"""Of each person, for the flow."""
ALL, LOWEST, SUM, SCIPY, FLOW, PEER = "1245", "145", "15", "scipy", "flow", "mentor-match"
NAMES = {
    ALL: "ours: (1)(2)(4)(5), with seats, wishes and waiting",
    LOWEST: "ours: (1)(4)(5)",
    SUM: "ours: (1)(5)",
    SCIPY: "SciPy: (1)(5)",
    FLOW: f"OR-Tools' flow, best {CANDIDATES} a person",
    PEER: "mentor-match, its scoring included",
}
MAKING = 1800.0
"""Seconds that making a table, or solving it by us, may take."""


@dataclass
class Solvers:
    """What has been measured so far, by size."""

    limit: float
    """Seconds that a peer may take."""
    runs: int
    peer: Path | None
    """A Python that has mentor-match."""
    found: dict[int, dict[str, dict[str, Any]]] = field(default_factory=dict)
    scoring: dict[int, float] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    """Peers that a size was too much for."""

    def measure(self, sizes: Iterable[int], tell: Callable[[str], None]) -> None:
        """Each size in turn, on one table."""
        for size in sorted(sizes):
            folder = Path(tempfile.mkdtemp(prefix="bench-"))
            try:
                tell(f"{size} a side: the table")
                said, _ = measured(
                    "measure", "table", MAKING, family="realistic", mentors=size, mentees=size, folder=str(folder)
                )
                self.scoring[size] = said["scoring"]
                for name, words in NAMES.items():
                    tell(f"{size} a side: {words}")
                    self._one(size, name, folder)
                self._agree(size)
            finally:
                shutil.rmtree(folder)

    def _one(self, size: int, name: str, folder: Path) -> None:
        if name in self.ended or (name == PEER and self.peer is None):
            return
        begun, given = load(), {"folder": str(folder), "runs": self.runs}
        if name == PEER:
            said, outcome = self._mentor_match(folder)
        elif name in (ALL, LOWEST, SUM):
            said, outcome = measured("measure", "ours", MAKING, levels=name, **given)
        else:
            more = {"each": CANDIDATES} if name == FLOW else {}
            # The limit is on solving; reading the table and starting take a few seconds of their own.
            said, outcome = measured("peers", name, self.limit, **given, **more)
        if outcome.over:
            self.ended.add(name)
        self.found.setdefault(size, {})[name] = {**said, "peak": outcome.peak, "load": begun}

    def _mentor_match(self, folder: Path) -> tuple[dict[str, Any], Any]:
        script = ROOT / "tests" / "bench" / "matching" / "mentor_match.py"
        outcome = alone((str(self.peer), "-P", str(script), str(folder / "scores.npy")), self.limit)
        said = {} if outcome.over else json.loads(outcome.said)
        return ({**said, "seconds": [said["scoring"] + said["seconds"][0]]} if said else {}), outcome

    def _agree(self, size: int) -> None:
        """Who solves the same problem exactly finds the same; a fault here is one of somebody's solver."""
        exact = [self.found[size][name] for name in (SUM, SCIPY) if self.found[size].get(name, {}).get("seconds")]
        values = {(each["tandems"], each["total"]) for each in exact}
        assert len(values) == 1, f"{size} a side: {values}"

    def text(self) -> list[str]:
        """A table for each size, and how each grows."""
        head = ["people a side", "solver", "seconds", "grows as n^", "check, s", "peak, MiB", "loses", "load"]
        return [*rows(head, self._rows()), "", *self._goals()]

    def _rows(self) -> Iterable[list[str]]:
        grown = {
            name: growths(
                {
                    size: middle(by[name]["seconds"])
                    for size, by in self.found.items()
                    if by.get(name, {}).get("seconds")
                }
            )
            for name in NAMES
        }
        for size, by in sorted(self.found.items()):
            best = by[SUM]
            for name, words in NAMES.items():
                if name not in by:
                    continue
                one = by[name]
                power = grown[name].get(size)
                yield [
                    f"{size:,}",
                    words,
                    duration(middle(one["seconds"])) if one.get("seconds") else f"> {self.limit:g}",
                    "" if power is None else f"{power:.1f}",
                    duration(one["check"]) if "check" in one else "",
                    f"{one['peak']:,.0f}",
                    "" if name in (ALL, LOWEST, SUM) or not one.get("seconds") else _loss(one, best),
                    f"{one['load']:.1f}",
                ]

    def _goals(self) -> Iterable[str]:
        for size, by in sorted(self.found.items()):
            ours, theirs = middle(by[SUM]["seconds"]), by.get(SCIPY, {}).get("seconds")
            if theirs:
                more = 1000 * (ours - middle(theirs))
                against = f"{middle(theirs) / ours:.1f} times as fast as SciPy on (1)(5) ({more:+,.0f} ms)"
            else:
                against = "SciPy did not end"
            lowest, all_ = (
                self.scoring[size] + middle(by[name]["seconds"]) + by[name]["check"] for name in (LOWEST, ALL)
            )
            yield (
                f"- {size:,} a side: {against}; scores in {duration(self.scoring[size])} s; from people to a checked "
                f"certificate (1)(4)(5) {duration(lowest)} s, (1)(2)(4)(5) {duration(all_)} s."
            )


def _loss(one: dict[str, Any], best: dict[str, Any]) -> str:
    return loss((one["tandems"], one["total"]), (best["tandems"], best["total"]))


def as_sizes(text: str, least: int = 2) -> list[int]:
    """Numbers between commas. Raises SystemExit."""
    if not all(part.strip().isdigit() and int(part) >= least for part in text.split(",")):
        sys.exit(f"{text}: write numbers from {least} on, with commas between, like 3,10")
    return [int(part) for part in text.split(",")]
