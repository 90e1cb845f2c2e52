"""`python -m tests.bench.matching`: prints the tables that stand in docs/bench-matching.md.

Each measurement is a process of its own; peers on the same table, one after the other in one run.
"""

import argparse
import sys
import time
from pathlib import Path

from tests.bench.matching import ways
from tests.bench.matching.alone import ROOT
from tests.bench.matching.machine import described, load
from tests.bench.matching.solvers import Solvers, as_sizes
from tests.bench.round_of_a_city import measure as by_messages

PARTS = ("solvers", "families", "files", "withdrawals", "broker")
PAGE = ROOT / "docs" / "bench-matching.md"
TEMPLATE = Path(__file__).parent / "page.md"


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.matching", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="everything, but small: under two minutes")
    parser.add_argument("--parts", default=",".join(PARTS), help=f"of {','.join(PARTS)}")
    parser.add_argument("--sizes", default="", help="people a side, for solvers")
    parser.add_argument("--families", default=",".join(ways.all_families()))
    parser.add_argument("--family-size", type=int, default=0, help="people a side; default 20000")
    parser.add_argument("--runs", type=int, default=0, help="of which the median is told; default 5")
    parser.add_argument("--limit", type=float, default=0.0, help="seconds that a peer may take; default 120")
    parser.add_argument("--withdrawals", type=int, default=0, help="how many; default 7")
    parser.add_argument("--people", type=int, default=0, help="registered through the broker; default 5000")
    parser.add_argument("--replicas", default="", help="of every service, between commas; default 1,3")
    parser.add_argument("--mentor-match", type=Path, help="a Python that has mentor-match")
    parser.add_argument("--write", action="store_true", help=f"write docs/{PAGE.name}")
    given = parser.parse_args()
    quick = given.quick
    chosen, names = given.parts.split(","), given.families.split(",")
    if wrong := [*set(chosen) - set(PARTS), *set(names) - {"realistic", *ways.all_families()}]:
        sys.exit(f"there is no {', '.join(wrong)}; see --help")
    sizes = as_sizes(given.sizes or ("100,300" if quick else "100,500,1000,2000,3000,5000,10000,20000"))
    family_size = given.family_size or (200 if quick else 20_000)
    before, begun = load(), time.monotonic()
    lines = [described(before)]
    if "solvers" in chosen:
        # Not resolved: the link is what makes it the Python of an environment.
        peer = given.mentor_match.absolute() if given.mentor_match else None
        peers = Solvers(given.limit or (10 if quick else 120), given.runs or 5, peer)
        peers.measure(sizes, _tell)
        lines += ["", "## Beside other solvers", "", *peers.text()]
    if "families" in chosen:
        lines += ["", "## Families that are hard to solve", "", *ways.families(names, family_size, _tell)]
    if "files" in chosen:
        some = [(300, 120), (400, 350)] if quick else [(5_000, 2_000), (23_000, 20_000)]
        lines += ["", "## From a file to explained pairs", "", *ways.files(some, _tell)]
    if "withdrawals" in chosen:
        some = [(300, 120)] if quick else [(5_000, 2_000), (20_000, 20_000)]
        count = given.withdrawals or (3 if quick else 7)
        lines += ["", "## After a withdrawal", "", *ways.withdrawals(some, count, _tell)]
    if "broker" in chosen:
        people = given.people or (70 if quick else 5_000)
        _tell(f"{people} registrations through the broker, then a round")
        replicas = as_sizes(given.replicas or ("1" if quick else "1,3"), least=1)
        lines += ["", "## Through the broker", "", *by_messages(people, replicas)]
    lines += ["", f"The run took {(time.monotonic() - begun) / 60:.1f} minutes; load at its end {load():.1f}."]
    text = "\n".join(lines) + "\n"
    print(text)  # noqa: T201
    if given.write:
        PAGE.write_text(TEMPLATE.read_text(encoding="utf-8").replace("FIGURES", text), encoding="utf-8")


def _tell(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
