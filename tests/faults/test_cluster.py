"""A cluster of three brokers loses one under load, the one that leads the queues and serves the replicas."""

import asyncio
import itertools
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Self

import pytest
from pymongo import AsyncMongoClient

from shared.cli.client import Client
from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.local.system import LocalSystem
from shared.runtime import discovery, topology
from shared.runtime.envelope import Envelope
from tests.support.rabbit_cluster import SIZE, RabbitCluster

BEFORE = 300
"""Answers before the node is killed."""
AFTER = 300
"""Commands that are still sent after a first one sent after the kill was answered, and again after the node is back."""
AT_ONCE = 32
QUEUE = "registration.commands"


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[LocalSystem]:
    """Two replicas of registration on a cluster."""
    system = LocalSystem(tmp_path, scale={"registration": 2})
    system.rabbit = RabbitCluster(tmp_path / "cluster")
    system.services = ("registration",)
    async with system:
        yield system


class Load:
    """Commands without an end from many senders; who was confirmed, and every answer."""

    def __init__(self, system: LocalSystem) -> None:
        self.answers: defaultdict[str, set[str]] = defaultdict(set)
        self.confirmed: list[str] = []
        self.client = Client(
            {"office": system.amqp_url("office")}, topology.readable(discovery.load_all(), "office"), self._hear
        )
        self._numbers = itertools.count()
        self._enough = asyncio.Event()
        self._senders: list[asyncio.Task[None]] = []

    def _hear(self, event: Envelope) -> None:
        assert event.name == r.TopicListed.name, event.name
        self.answers[event.correlation].add(event.id)

    async def __aenter__(self) -> Self:
        await self.client.__aenter__()
        self._senders = [asyncio.create_task(self._send()) for _ in range(AT_ONCE)]
        return self

    async def __aexit__(self, *error: object) -> None:
        self._enough.set()
        await asyncio.gather(*self._senders, return_exceptions=True)
        await self.client.__aexit__(None, None, None)

    async def _send(self) -> None:
        while not self._enough.is_set():
            topic = r.AddTopic(topic_id=f"t-{next(self._numbers)}", area="software", label=Text(de="T", en="T"))
            sent = self.client.wrap(topic, "office")
            await self.client.publish(sent, "office")
            self.confirmed.append(sent.id)

    async def answered(self, more: int, limit: float = 60.0) -> None:
        """Wait until so many more of the commands that are confirmed from now on were answered."""
        start = len(self.confirmed)
        await self.client.until(
            lambda: sum(id in self.answers for id in self.confirmed[start:]) >= more, limit, f"{more} answers"
        )

    async def end(self) -> None:
        """Send nothing more, and wait until everything that was confirmed is answered."""
        self._enough.set()
        await asyncio.gather(*self._senders)
        await self.client.until(lambda: set(self.confirmed) <= set(self.answers), 60, "every answer")


async def connected(cluster: RabbitCluster, nodes: list[str]) -> None:
    """Wait until the replicas' connections, two each, are to these nodes."""
    limit = time.monotonic() + 30
    while (found := await cluster.nodes_of("registration")) != nodes:
        assert time.monotonic() < limit, found
        await asyncio.sleep(0.2)


async def online(cluster: RabbitCluster, count: int) -> None:
    """Wait until so many members of the queue are there."""
    limit = time.monotonic() + 60
    while len((await cluster.members(QUEUE))["online"]) != count:
        assert time.monotonic() < limit, f"not {count} members"
        await asyncio.sleep(0.2)


# aio-pika leaves the sockets of a killed broker to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.long
@pytest.mark.proves("S14")
async def test_a_cluster_that_loses_its_leading_node_under_load_loses_no_message(
    system: LocalSystem,
) -> None:
    cluster = system.rabbit
    assert isinstance(cluster, RabbitCluster)
    found = await cluster.members(QUEUE)
    assert (len(found["members"]), found["leader"]) == (SIZE, "tandem-1@localhost")
    await connected(cluster, ["tandem-1@localhost"] * 4)
    times: dict[str, float] = {}

    async with Load(system) as load:
        await load.answered(BEFORE)
        killed = time.monotonic()
        await cluster.kill()
        await load.answered(1)
        times["answer after the kill"] = time.monotonic() - killed
        assert (await cluster.members(QUEUE))["leader"] != "tandem-1@localhost"
        await load.answered(AFTER)
        await system.ready()
        back = time.monotonic()
        await cluster.start_again()
        await online(cluster, SIZE)
        times["rejoined"] = time.monotonic() - back
        await load.answered(AFTER)
        await load.end()

    commands = set(load.confirmed)
    assert len(commands) == len(load.confirmed) > BEFORE + 2 * AFTER
    assert {len(load.answers[id]) for id in commands} == {1}, "each answered once"
    async with AsyncMongoClient[dict[str, object]](system.mongo.url) as client:
        database = client[system.database("registration")]
        topics = {"kind": "topic", "_id": {"$regex": "^topic/t-[0-9]+$"}}
        assert await database["state"].count_documents(topics) == len(commands)
        assert await database["kept"].count_documents({}) == 0, "none waits, none is in quarantine"
    assert [replica.starts for replica in system.replicas.values()] == [1, 1], "no replica ended"
    told = ", ".join(f"{what} {seconds:.1f} s" for what, seconds in times.items())
    print(f"{len(commands)} commands; {told}")  # noqa: T201 - seen with -rP
