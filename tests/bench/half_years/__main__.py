"""`python -m tests.bench.half_years`: prints the tables of half years that stand in docs/bench-planning.md."""

import argparse
import os
import sys
import time

from tests.bench.half_years.policies import EXTRA, POLICIES
from tests.bench.half_years.table import Row, helped, side_by_side, text, where_it_is_full
from tests.bench.matching.machine import described, load


def goals(rows: list[Row]) -> list[str]:
    """Each goal, and whether it is reached."""
    ours, habit, rhythm, gap = rows[:4]
    placed = f"{ours.placed:.1%} and {gap.placed:.1%} of the wanted meetings"
    gaps = f"{ours.planned_gap:.1f} and {gap.planned_gap:.1f} days"
    return [
        f"- At least 40 % more meetings held than {habit.name}: {ours.held / habit.held - 1:+.0%}.",
        f"- At least 10 % more than {rhythm.name}: {ours.held / rhythm.held - 1:+.0%}.",
        f"- At first no fewer than {gap.name}: {placed}; with a mean largest gap a day shorter: {gaps}.",
    ]


def main() -> None:
    """Let half years pass and print what became of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.half_years", description=__doc__)
    parser.add_argument("--tandems", type=int, default=1_000)
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    given, before, start = parser.parse_args(), load(), time.perf_counter()
    found = side_by_side(given.tandems, (*POLICIES, *EXTRA), given.processes)
    full = where_it_is_full(given.tandems, given.processes)
    lines = [described(before), "", f"{given.tandems:,} tandems in {time.perf_counter() - start:.0f} s.", ""]
    lines += [*text(found), "", *goals(found), "", *helped(full), ""]
    sys.stdout.write("\n".join(lines))


if __name__ == "__main__":
    main()
