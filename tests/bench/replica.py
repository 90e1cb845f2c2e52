"""One replica of the counting service: in this process, or as one of its own that is started for the bench."""

import asyncio
import os
import secrets
import sys
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import uvloop

from shared.runtime.adapters.mongo import MongoStore
from shared.runtime.adapters.rabbit import RabbitDeliveries
from shared.runtime.batch import Identity
from shared.runtime.engine import Engine, Limits
from shared.runtime.host import SystemClock
from shared.runtime.item import Desk
from shared.runtime.ports import Store
from tests.bench.counter import BENCH

AMQP, MONGO = "BENCH_AMQP_URL", "BENCH_MONGO_URL"
"""Where a replica finds its addresses: the environment, since everybody may read a command line."""


async def run(url: str, store: Store, owner: str, batch: int, enough: Callable[[int, bool], bool]) -> None:
    """The engine over FastStream until `enough` says so: it is told how many were handled, and if all is published."""
    broker = RabbitDeliveries(url, "bench", prefetch=4 * batch)
    key = b"0123456789abcdef"
    engine = Engine(
        who=Identity(BENCH, key),
        desk=Desk(BENCH, {urlsplit(url).username or "": "person"}, key),
        store=store,
        broker=broker,
        clock=SystemClock(),
        owner=owner,
        token=lambda: secrets.token_hex(12),
        jitter=lambda: 0.01,
        limits=Limits(batch=batch),
    )
    done = 0

    def seen(type: str, result: str, count: int) -> None:
        nonlocal done
        if type.startswith("bench."):
            assert result == "handled", f"{count} of {type} were {result}"
            done += count

    engine.observer.seen = seen
    await broker.broker.start()
    outbox = engine.outbox
    tasks = [asyncio.create_task(_loop(engine.intake)), asyncio.create_task(_loop(outbox.publish, 0.002))]
    # What is being forgotten just now is still `mine`.
    while not enough(done, outbox.empty and not outbox.mine):  # noqa: ASYNC110 - measures, so must cost nothing
        await asyncio.sleep(0.002)
    broker.stop()
    for task in tasks:
        task.cancel()
    await broker.broker.stop()
    await broker.close()


async def _loop(round_: Callable[[], Awaitable[bool]], pause: float = 0.0) -> None:
    while True:
        if not await round_():
            await asyncio.sleep(pause)


async def replica(amqp: str, mongo: str, database: str, owner: str, batch: int) -> None:
    """Say "ready", wait for a line, then say how many were handled, and whether all is published, as it changes.

    Ends with its standard input.
    """
    store = MongoStore(mongo, database, owner)
    await store.open()
    _say("ready")
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    await lines.readline()
    last = (0, True)

    def tell(done: int, empty: bool) -> bool:
        nonlocal last
        if (done, empty) != last:
            last = (done, empty)
            _say(f"{done} {int(empty)}")
        return lines.at_eof()

    await run(amqp, store, owner, batch, tell)
    await store.close()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    database, owner, batch = sys.argv[1:]
    uvloop.run(replica(os.environ[AMQP], os.environ[MONGO], database, owner, int(batch)))
