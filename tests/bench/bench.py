"""What is measured: the engine over real parts, a plain loop and raw aio-pika beside it."""

import asyncio
import datetime as dt
import resource
import secrets
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import aio_pika
from pymongo import AsyncMongoClient, monitoring
from pymongo.write_concern import WriteConcern

from shared.contracts.base import Command
from shared.local import LocalMongo, LocalRabbit
from shared.runtime import envelope
from shared.runtime.adapters.mongo import MongoStore
from shared.runtime.adapters.mongo_driver import DriverName
from shared.runtime.batch import COMMANDS, EVENTS
from shared.runtime.ports import Store
from tests.bench.counter import Count, Counted, CountQuietly
from tests.bench.replica import run

PADDING = "x" * 600


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

    async def fill(self, kind: type[Count | CountQuietly], messages: int, counters: Sequence[int] = ()) -> None:
        """Put messages into the queue, before the clock runs; each counter in turn unless others are given."""
        connection = await aio_pika.connect(self.rabbit.amqp_url())
        async with connection:
            channel = await connection.channel(publisher_confirms=True)
            exchange = await channel.get_exchange(COMMANDS, ensure=False)
            for start in range(0, messages, 200):
                await asyncio.gather(
                    *(
                        exchange.publish(self._letter(kind, counters[number] if counters else number), kind.name)
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

    async def measure(self, work: Callable[[int], Awaitable[None]], messages: int, into: Result) -> None:
        """One round."""
        before, trips = resource.getrusage(resource.RUSAGE_SELF), self.trips.count
        started = time.perf_counter()
        await work(messages)
        seconds = time.perf_counter() - started
        after = resource.getrusage(resource.RUSAGE_SELF)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        into.add(messages, seconds, cpu, self.trips.count - trips)

    async def engine(self, store: Store, messages: int) -> None:
        """The engine over FastStream until so many were acknowledged and everything was published."""
        await run(self.rabbit.amqp_url(), store, "bench-1", self.batch, lambda done, empty: done >= messages and empty)

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

    async def store(self, name: str, driver: DriverName = "pymongo") -> MongoStore:
        """A fresh database behind the real adapter, its commands counted."""
        store = MongoStore(self.mongo.url, name, "bench-1", driver=driver, listeners=[self.trips])
        await store.open()
        return store

    async def counted(self, name: str, messages: int) -> None:
        """Whether every message had its effect once. Raises AssertionError."""
        async with AsyncMongoClient[dict[str, Any]](self.mongo.url) as client:
            states = await client[name]["state"].find({"kind": "counter"}).to_list()
            assert sum(state["state"]["count"] for state in states) == messages, "something was lost, or counted twice"
            assert await client[name]["outbox"].count_documents({}) == 0
