"""`python -m tests.bench.decisions`: prints the tables that stand in docs/bench-decisions.md."""

import argparse
import os
import sys
import time
from collections.abc import Iterable

from tests.bench.decisions.table import EARLY, beyond, by_cell, by_programme, by_rule, check, goals, run, run_beyond
from tests.bench.matching.machine import described, load


def main() -> None:
    """Let programmes pass and print how often they were judged rightly."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.decisions", description=__doc__)
    parser.add_argument("--programmes", type=int, default=4_000, help="of each kind in each cell")
    parser.add_argument("--checked", type=int, default=3, help="of each kind by the way itself, which is slow")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    given, before, start = parser.parse_args(), load(), time.perf_counter()
    found = run(given.programmes, given.processes)
    unseen = run_beyond(given.programmes, given.processes)
    same = check(given.checked, given.processes)
    sections: Iterable[tuple[str, Iterable[str]]] = (
        ("Goals", (*goals(found), *goals(found, EARLY))),
        ("In each cell", by_cell(found)),
        ("In each cell, if sides were told apart from five people each", by_cell(found, EARLY)),
        ("Beside other rules", by_rule(found)),
        ("Question by question", by_programme(found)),
        ("What no rule can see", beyond(unseen)),
    )
    lines = [described(before), "", f"{given.programmes:,} programmes of each kind in each cell; "]
    lines[-1] += f"{time.perf_counter() - start:.0f} s. {same}"
    for title, rows in sections:
        lines += ["", f"## {title}", "", *rows]
    sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
