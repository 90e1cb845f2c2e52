"""`python -m tests.bench`: prints the table that stands in docs/bench.md.

Each ratio is the median of five interleaved rounds in one run on one machine: (1) the whole path (deliver, transaction,
publish, acknowledge) beside a plain loop that does the same durable work one message at a time with the same client,
codec and pool, and the same with motor; (2) the engine with the store in memory beside raw aio-pika; (3) more replicas.
"""

import argparse
import datetime as dt
import os
import platform
import secrets
import statistics
import subprocess
import tempfile
from pathlib import Path

import uvloop

from shared.local import LocalMongo, LocalRabbit
from shared.runtime.adapters.memory import MemoryDatabase, MemoryStore
from shared.runtime.adapters.mongo_driver import DriverName
from tests.bench.bench import Bench, Result
from tests.bench.counter import Count, CountQuietly
from tests.bench.replicas import replicas

ROUNDS = 5
REPLICA_ROUNDS = 3


async def main(messages: int, plain: int, batch: int, subjects: int) -> str:
    """Run every round; the table."""
    with tempfile.TemporaryDirectory() as folder:
        async with LocalRabbit(Path(folder, "rabbit")) as rabbit, LocalMongo(Path(folder, "mongo")) as mongo:
            bench = Bench(rabbit, mongo, subjects, batch)
            await bench.declare()
            whole, motor, loop, quiet, raw_quiet, loud, raw_loud = (Result() for _ in range(7))
            for _ in range(ROUNDS):
                drivers: tuple[tuple[DriverName, Result], ...] = (("pymongo", whole), ("motor", motor))
                for driver, result in drivers:
                    await bench.fill(Count, messages)
                    name = f"bench-{secrets.token_hex(4)}"
                    store = await bench.store(name, driver)
                    await bench.measure(lambda n, s=store: bench.engine(s, n), messages, result)  # type: ignore[misc]
                    await store.close()
                    await bench.counted(name, messages)
                await bench.fill(Count, plain)
                name = f"plain-{secrets.token_hex(4)}"
                await (await bench.store(name)).close()
                await bench.measure(lambda n, d=name: bench.plain(d, n), plain, loop)  # type: ignore[misc]
                await bench.counted(name, plain)
                for kind, engine, raw in ((CountQuietly, quiet, raw_quiet), (Count, loud, raw_loud)):
                    await bench.fill(kind, messages)
                    memory = MemoryStore(MemoryDatabase())
                    await bench.measure(lambda n, m=memory: bench.engine(m, n), messages, engine)  # type: ignore[misc]
                    await bench.fill(kind, messages)
                    say = kind is Count
                    await bench.measure(lambda n, s=say: bench.raw(n, say=s), messages, raw)  # type: ignore[misc]

            more = await replicas(bench, messages // 2, REPLICA_ROUNDS)

    def ratio(a: Result, b: Result) -> float:
        return statistics.median(a.speed) / statistics.median(b.speed)

    head = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(head, capture_output=True, text=True, check=False)  # noqa: ASYNC221 - measuring is over
    return "\n".join(
        (
            (
                f"{dt.date.today()}, commit {commit.stdout.strip()}, {platform.machine()}, Python "  # noqa: DTZ011
                f"{platform.python_version()}; batches of {batch}, {subjects} subjects, 1 KB messages, "
                f"{messages} a round ({plain} for the plain loop), medians of {ROUNDS} interleaved rounds."
            ),
            "",
            "| what | messages/s | least–most | CPU µs a message | database commands a message |",
            "|---|---|---|---|---|",
            whole.row("whole path: the engine"),
            motor.row("whole path: the engine, with motor"),
            loop.row("whole path: plain loop"),
            quiet.row("store in memory, says nothing: the engine"),
            raw_quiet.row("raw aio-pika, parse and ack each"),
            loud.row("store in memory, says one each: the engine"),
            raw_loud.row("raw aio-pika, parse, one confirmed publish, ack each"),
            "",
            (
                f"Whole path: {ratio(whole, loop):.1f} times the plain loop (goal 10), "
                f"{statistics.median(whole.trips):.3f} database commands a message (goal at most 0.05). "
                f"Without publishing: {ratio(quiet, raw_quiet):.2f} of raw (goal 0.8); "
                f"saying one each: {ratio(loud, raw_loud):.2f} of raw (goal 0.8). "
                f"With motor: {ratio(motor, whole):.2f} of PyMongo's async client, "
                f"{statistics.median(motor.cpu) / statistics.median(whole.cpu):.2f} of its CPU."
            ),
            "",
            "## More replicas",
            "",
            (
                f"Each replica a process; {messages // 2} messages a round, whom they concern drawn by lot; broker, "
                f"database and replicas share {os.cpu_count()} cores. Medians of {REPLICA_ROUNDS} interleaved rounds. "
                "What it says: [scaling](scaling.md)."
            ),
            "",
            more,
        )
    )


def table() -> None:
    """Print the table, or write it into docs/bench.md."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--messages", type=int, default=6_000)
    parser.add_argument("--plain", type=int, default=300)
    parser.add_argument("--batch", type=int, default=250)
    parser.add_argument("--subjects", type=int, default=3_000)
    parser.add_argument("--write", action="store_true", help="write docs/bench.md")
    given = parser.parse_args()
    text = uvloop.run(main(given.messages, given.plain, given.batch, given.subjects))
    print(text)  # noqa: T201
    if given.write:
        intro = (
            "# Speed\n\nMade by `python -m tests.bench --write`; ratios in one run, since machines differ. "
            "Why two goals are missed: [decision 7](decisions/0007-speed.md).\n\n"
        )
        Path(__file__).parents[2].joinpath("docs", "bench.md").write_text(intro + text + "\n", encoding="utf-8")


if __name__ == "__main__":
    table()
