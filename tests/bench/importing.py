"""`python -m tests.bench.importing --rows 5000,43000`: people of a spreadsheet, from the file to the last answer.

A system of its own for each size; the command as the office calls it, its own start included, and called once more:
then nobody is new. Prints the table that stands in docs/bench.md.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench.matching.figures import duration, rows
from tests.bench.matching.machine import described, load
from tests.bench.matching.solvers import as_sizes
from tests.support.town import running_town
from tests.unit.people_import.office import csv_of, mentor

COMMAND = (sys.executable, "-m", "shared.cli", "import")


async def imported(file: Path, env: Path, folder: Path) -> tuple[float, dict[str, Any]]:
    """Import a file; seconds, and what the command printed."""
    start = time.perf_counter()
    options = ("--programme", "bench", "--json", "--against", str(env))
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        str(file),
        *options,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "XDG_CONFIG_HOME": str(folder)},
    )
    said, _ = await process.communicate()
    return time.perf_counter() - start, json.loads(said)


async def measured(count: int) -> list[str]:
    """A row of the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "people.csv"
        file.write_bytes(csv_of(*(mentor(number, Stärken="T:3") for number in range(1, count + 1))))
        async with running_town(folder / "system", {}) as town:
            await town.open("bench", places=10)
            env = town.system.folder / "env"
            first, said = await imported(file, env, folder)
            again, unchanged = await imported(file, env, folder)
    assert (said["accepted"], unchanged["unchanged"]) == (count, count), (said, unchanged)
    return [f"{count:,}", duration(first), f"{count / first:,.0f}", duration(again)]


async def table(counts: Sequence[int]) -> list[str]:
    """A row for each size."""
    return rows(["rows", "imported, s", "rows/s", "once more, s"], [await measured(count) for count in counts])


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=as_sizes, default=[5_000, 43_000])
    given, before = parser.parse_args(), load()
    lines = asyncio.run(table(given.rows))
    sys.stdout.write("\n".join((described(before), "", *lines, "")))


if __name__ == "__main__":
    _main()
