"""`python -m tests.bench`: prints the table that stands in docs/bench.md.

Each ratio is the median of five interleaved rounds in one run on one machine: (1) the whole path (deliver, transaction,
publish, acknowledge) beside a plain loop that does the same durable work one message at a time with the same client,
codec and pool; (2) the engine with the store in memory beside raw aio-pika.
"""

import argparse
import asyncio
import datetime as dt
import platform
import resource
import secrets
import statistics
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aio_pika
import uvloop
from pymongo import AsyncMongoClient, monitoring
from pymongo.write_concern import WriteConcern

from shared.contracts.base import Command
from shared.local import LocalMongo, LocalRabbit
from shared.runtime import envelope
from shared.runtime.adapters.memory import MemoryDatabase, MemoryStore
from shared.runtime.adapters.mongo import MongoStore
from shared.runtime.adapters.rabbit import RabbitDeliveries
from shared.runtime.batch import COMMANDS, EVENTS, Identity
from shared.runtime.engine import Engine, Limits
from shared.runtime.host import SystemClock
from shared.runtime.item import Desk
from shared.runtime.ports import Store
from tests.bench.counter import BENCH, Count, Counted, CountQuietly

PADDING = "x" * 600
ROUNDS = 5


class Trips(monitoring.CommandListener):
    """Counts database commands."""

    def __init__(self) -> None:
        self.count = 0

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """One more."""
        self.count += 1

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing to count."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing to count."""


@dataclass
class Result:
    """Messages a second, CPU microseconds and database commands a message, by round."""

    speed: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    trips: list[float] = field(default_factory=list)

    def add(self, messages: int, seconds: float, cpu: float, trips: int) -> None:
        """Note one round."""
        self.speed.append(messages / seconds)
        self.cpu.append(cpu / messages * 1e6)
        self.trips.append(trips / messages)

    def row(self, name: str) -> str:
        """One row of the table."""
        low, middle, high = min(self.speed), statistics.median(self.speed), max(self.speed)
        cpu, trips = statistics.median(self.cpu), statistics.median(self.trips)
        return f"| {name} | {middle:,.0f} | {low:,.0f}–{high:,.0f} | {cpu:,.0f} | {trips:.3f} |"


@dataclass
class Bench:
    """Both servers, and what fills and empties the queue."""

    rabbit: LocalRabbit
    mongo: LocalMongo
    subjects: int
    batch: int
    trips: Trips = field(default_factory=Trips)

    async def declare(self) -> None:
        """The exchanges and queues that a service has."""
        connection = await aio_pika.connect(self.rabbit.amqp_url())
        async with connection:
            channel = await connection.channel()
            commands = await channel.declare_exchange(COMMANDS, "topic", durable=True)
            await channel.declare_exchange(EVENTS, "topic", durable=True)
            for name in ("bench.commands", "bench.events", "bench.quarantine"):
                queue = await channel.declare_queue(name, durable=True, arguments={"x-queue-type": "quorum"})
                if name == "bench.commands":
                    await queue.bind(commands, "bench.#")

    async def fill(self, kind: type[Count | CountQuietly], messages: int) -> None:
        """Put messages into the queue, before the clock runs."""
        connection = await aio_pika.connect(self.rabbit.amqp_url())
        async with connection:
            channel = await connection.channel(publisher_confirms=True)
            exchange = await channel.get_exchange(COMMANDS, ensure=False)
            for start in range(0, messages, 200):
                await asyncio.gather(
                    *(
                        exchange.publish(self._letter(kind, number), kind.name)
                        for number in range(start, min(start + 200, messages))
                    )
                )

    def _letter(self, kind: type[Count | CountQuietly], number: int) -> aio_pika.Message:
        message = kind(counter=f"c{number % self.subjects}", padding=PADDING)
        body = envelope.wrap(
            message,
            id=secrets.token_hex(16),
            source=f"/{self.rabbit.admin_user}",
            time=dt.datetime.now(dt.UTC),
            actor="bench",
        ).encode()
        mode = aio_pika.DeliveryMode.PERSISTENT
        return aio_pika.Message(body, delivery_mode=mode, user_id=self.rabbit.admin_user)

    async def measure(self, run: Callable[[int], Awaitable[None]], messages: int, into: Result) -> None:
        """One round."""
        before, trips = resource.getrusage(resource.RUSAGE_SELF), self.trips.count
        started = time.perf_counter()
        await run(messages)
        seconds = time.perf_counter() - started
        after = resource.getrusage(resource.RUSAGE_SELF)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        into.add(messages, seconds, cpu, self.trips.count - trips)

    async def engine(self, store: Store, messages: int) -> None:
        """The engine over FastStream until so many were acknowledged and everything was published."""
        broker = RabbitDeliveries(self.rabbit.amqp_url(), "bench", prefetch=4 * self.batch)
        key = b"0123456789abcdef"
        engine = Engine(
            who=Identity(BENCH, key),
            desk=Desk(BENCH, {self.rabbit.admin_user: "person"}, key),
            store=store,
            broker=broker,
            clock=SystemClock(),
            owner="bench-1",
            token=lambda: secrets.token_hex(12),
            jitter=lambda: 0.01,
            limits=Limits(batch=self.batch),
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
        while done < messages or not outbox.empty:  # noqa: ASYNC110 - measures, so must cost nothing
            await asyncio.sleep(0.002)
        broker.stop()
        for task in tasks:
            task.cancel()
        await broker.broker.stop()
        await broker.close()

    async def raw(self, messages: int, *, say: bool) -> None:
        """Raw aio-pika: parse, (publish one confirmed message,) acknowledge each."""
        connection = await aio_pika.connect(self.rabbit.amqp_url())
        async with connection:
            channel = await connection.channel(publisher_confirms=True)
            await channel.set_qos(prefetch_count=200)
            queue = await channel.get_queue("bench.commands", ensure=False)
            events = await channel.get_exchange(EVENTS, ensure=False)
            done = asyncio.Event()
            count = 0

            async def take(message: aio_pika.abc.AbstractIncomingMessage) -> None:
                nonlocal count
                read = envelope.read(message.body)
                contract: type[Command] = Count if say else CountQuietly
                data = contract.model_validate(read.data)
                if say:
                    said = Counted(counter=data.model_dump()["counter"], count=1, padding=PADDING)
                    body = envelope.wrap(said, id=read.id, source="/bench", sequence=1, epoch=1).encode()
                    letter = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
                    await events.publish(letter, Counted.name)
                await message.ack()
                count += 1
                if count == messages:
                    done.set()

            await queue.consume(take)
            await done.wait()

    async def plain(self, name: str, messages: int) -> None:
        """The plain loop: inbox, state, outbox, publish, delete, acknowledge; one message at a time.

        The same documents under the same indexes as the engine's, in a database that the engine's store has prepared.
        """
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            self.mongo.url, event_listeners=[self.trips], w="majority", journal=True
        )
        database = client[name]
        connection = await aio_pika.connect(self.rabbit.amqp_url())
        async with connection, client:
            channel = await connection.channel(publisher_confirms=True)
            await channel.set_qos(prefetch_count=200)
            queue = await channel.get_queue("bench.commands", ensure=False)
            events = await channel.get_exchange(EVENTS, ensure=False)
            async with client.start_session(causal_consistency=False) as session:
                count = 0
                async with queue.iterator() as deliveries:
                    async for message in deliveries:
                        read = envelope.read(message.body)
                        data = Count.model_validate(read.data)
                        key, subject = f"command|{message.user_id}|{read.source}|{read.id}", f"counter/{data.counter}"
                        known = await database["inbox"].find_one({"_id": key})
                        before = await database["state"].find_one({"_id": subject})
                        number = before["state"]["count"] + 1 if before else 1
                        after = {
                            "_id": subject,
                            "kind": "counter",
                            "version": number,
                            "sequence": number,
                            "awaited": False,
                            "state": {"id": data.counter, "programme": None, "due": None, "count": number},
                        }
                        said = Counted(counter=data.counter, count=number, padding=PADDING)
                        wrapped = envelope.wrap(said, id=read.id, source="/bench", sequence=number, epoch=1)
                        body = wrapped.encode()
                        if known is None:
                            await session.start_transaction(write_concern=WriteConcern("majority", j=True))
                            now = dt.datetime.now(dt.UTC)
                            await database["inbox"].insert_one({"_id": key, "at": now}, session=session)
                            if before is None:
                                await database["state"].insert_one(after, session=session)
                            else:
                                guard = {"_id": subject, "version": number - 1}
                                done = await database["state"].replace_one(guard, after, session=session)
                                assert done.matched_count == 1
                            entry = {"_id": read.id, "owner": "plain", "at": now.isoformat(), "until": now.isoformat()}
                            letters = [[EVENTS, Counted.name, body, read.id]]
                            await database["outbox"].insert_one({**entry, "letters": letters}, session=session)
                            await session.commit_transaction()
                        letter = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
                        await events.publish(letter, Counted.name)
                        await database["outbox"].delete_one({"_id": read.id})
                        await message.ack()
                        count += 1
                        if count == messages:
                            break

    async def store(self, name: str) -> MongoStore:
        """A fresh database behind the real adapter, its commands counted."""
        store = MongoStore(self.mongo.url, name, "bench-1", listeners=[self.trips])
        await store.open()
        return store

    async def counted(self, name: str, messages: int) -> None:
        """Whether every message had its effect once. Raises AssertionError."""
        async with AsyncMongoClient[dict[str, Any]](self.mongo.url) as client:
            states = await client[name]["state"].find({"kind": "counter"}).to_list()
            assert sum(state["state"]["count"] for state in states) == messages, "something was lost, or counted twice"
            assert await client[name]["outbox"].count_documents({}) == 0


async def _loop(round_: Callable[[], Awaitable[bool]], pause: float = 0.0) -> None:
    while True:
        if not await round_():
            await asyncio.sleep(pause)


async def main(messages: int, plain: int, batch: int, subjects: int) -> str:
    """Run every round; the table."""
    with tempfile.TemporaryDirectory() as folder:
        async with LocalRabbit(Path(folder, "rabbit")) as rabbit, LocalMongo(Path(folder, "mongo")) as mongo:
            bench = Bench(rabbit, mongo, subjects, batch)
            await bench.declare()
            whole, loop, quiet, raw_quiet, loud, raw_loud = (Result() for _ in range(6))
            for _ in range(ROUNDS):
                await bench.fill(Count, messages)
                name = f"bench-{secrets.token_hex(4)}"
                store = await bench.store(name)
                await bench.measure(lambda n, s=store: bench.engine(s, n), messages, whole)  # type: ignore[misc]
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
                f"saying one each: {ratio(loud, raw_loud):.2f} of raw (goal 0.8)."
            ),
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
