"""The drill of docs/operations.md: every password and token is replaced while commands come in; nothing is lost."""

import asyncio
import os
import secrets
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from shared.cli.client import Client, ClientError
from shared.cli.demo.tap import Tap
from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.local.folders import write_private
from shared.local.mongo import EXTERNAL_URL
from shared.local.system import LocalSystem, Replica
from shared.runtime import declare, topology
from shared.runtime.envelope import Envelope

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(EXTERNAL_URL in os.environ, reason=f"{EXTERNAL_URL} names a server that is not ours"),
    # The drivers leave the sockets of connections that others closed to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

ANSWERS = (r.TopicListed.name, r.CommandRejected.name)


class Office:
    """Somebody who goes on sending commands, and takes a new password when told to."""

    def __init__(self, system: LocalSystem) -> None:
        self._system = system
        self.sent: list[str] = []
        self.answered: set[str] = set()
        self.stop = asyncio.Event()
        self.password_changed = asyncio.Event()

    def _hear(self, event: Envelope) -> None:
        self.answered.add(event.correlation)

    async def work(self) -> None:
        """Send a command every few milliseconds; connect anew with the password of the day."""
        while not self.stop.is_set():
            self.password_changed.clear()
            async with Client({"office": self._system.amqp_url("office")}, ANSWERS, self._hear) as client:
                while not self.stop.is_set() and not self.password_changed.is_set():
                    topic = r.AddTopic(
                        topic_id=f"t-{len(self.sent)}", area="software", label=Text(de="Thema", en="Topic")
                    )
                    command = client.wrap(topic, "office")
                    await client.publish(command, "office")
                    self.sent.append(command.id)
                    await asyncio.sleep(0.01)
                await client.until(self.has_every_answer, 60, "every answer")

    def has_every_answer(self) -> bool:
        """Whether all that was sent so far was answered."""
        return set(self.sent) <= self.answered

    async def goes_on(self, more: int = 20) -> None:
        """Wait until so many more commands were sent."""
        end, goal = time.monotonic() + 30, len(self.sent) + more
        while len(self.sent) < goal:
            assert time.monotonic() < end, "no command goes out any more"
            await asyncio.sleep(0.01)


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[LocalSystem]:
    async with LocalSystem(tmp_path, scale={"registration": 2}) as running:
        yield running


def rotate(system: LocalSystem, name: str) -> tuple[str, str]:
    """What `tandem keys --rotate` does: another secret in the same file; the old one and the new."""
    old, new = system.secret(name), secrets.token_urlsafe(32)
    write_private(system.folder / "secrets" / name, new)
    return old, new


async def declared(system: LocalSystem) -> None:
    """What a deployment's `declare` does when it is run again."""
    words = {user: system.secret(f"broker-{user}") for user in topology.users()}
    await declare.declare_broker(system.rabbit.management_url, system.rabbit.admin_password, words)
    place = f"mongodb://{urlsplit(system.mongo.url).netloc.rpartition('@')[2]}/?directConnection=true"
    words = {service: system.secret(f"database-{service}") for service in system.services}
    await declare.declare_database(place, system.mongo.admin_password, words)


async def restarted(system: LocalSystem, replica: Replica) -> None:
    """End one replica in good order, and wait until it works again, with what it is told now."""
    before, process = replica.starts, replica.process
    assert process is not None
    process.send_signal(signal.SIGTERM)
    end = time.monotonic() + 60
    while replica.starts == before:
        assert time.monotonic() < end, f"{replica.name} was not started again"
        await asyncio.sleep(0.05)
    assert process.returncode == 0, f"{replica.name} did not end in good order"
    async with httpx.AsyncClient(trust_env=False) as http:
        while not await system._answers(http, replica):
            assert time.monotonic() < end, f"{replica.name} did not get ready"
            await asyncio.sleep(0.05)


def of(system: LocalSystem, service: str) -> list[Replica]:
    """A service's replicas."""
    return [replica for replica in system.replicas.values() if replica.service == service]


async def test_every_password_and_token_is_replaced_while_commands_come_in_and_nothing_is_lost(
    system: LocalSystem,
) -> None:
    services = {name: system.addresses()[f"TANDEM_HTTP_{name.upper()}"] for name in system.services}
    office = Office(system)
    old_urls = {user: system.amqp_url(user) for user in topology.users()}
    old_database = dict(system._databases)
    async with Tap(system.rabbit.amqp_url(), system.rabbit.management_url, services, system.secret("ops-token")) as tap:
        working = asyncio.create_task(office.work())
        await office.goes_on()
        for service in system.services:
            # The database lets a replica open no further connection with the old one: it is red until it has the new.
            rotate(system, f"broker-{service}")
            _, word = rotate(system, f"database-{service}")
            await declared(system)
            system._databases[service] = await system.mongo.create_user(service, word, system.database(service))
            await asyncio.gather(*(restarted(system, replica) for replica in of(system, service)))
        for user in topology.people():
            rotate(system, f"broker-{user}")
        await declared(system)
        await office.goes_on()  # who is connected stays so
        office.password_changed.set()
        tokens = {name: rotate(system, name) for name in ("office-token", "ops-token")}
        for replica in system.replicas.values():
            await restarted(system, replica)
        tap.ops_token = system.secret("ops-token")
        await office.goes_on()
        office.stop.set()
        await asyncio.wait_for(working, 90)
        assert len(office.sent) > 100, "too few came in to mean anything"
        assert office.has_every_answer()
        assert await tap.lost(60) == 0
        figures = await tap.figures()
        assert (figures["quarantined"], figures["waiting"], figures["outbox"]) == (0, 0, 0)
    for user, url in old_urls.items():
        with pytest.raises(ClientError, match="by this password"):
            await Client({user: url}).__aenter__()
    for service, url in old_database.items():
        async with AsyncMongoClient[dict[str, object]](url, serverSelectionTimeoutMS=5_000) as client:
            with pytest.raises(OperationFailure):
                await client[system.database(service)]["state"].find_one()
    await tokens_are_new(services, tokens)


async def tokens_are_new(services: dict[str, str], tokens: dict[str, tuple[str, str]]) -> None:
    """The old ones open nothing, the new ones what they should."""
    pages = {"office-token": "/programmes/nothing", "ops-token": "/quarantine"}
    async with httpx.AsyncClient(trust_env=False) as http:
        for url in services.values():
            for name, (old, new) in tokens.items():
                for token, right in ((old, False), (new, True)):
                    answer = await http.get(f"{url}{pages[name]}", headers={"Authorization": f"Bearer {token}"})
                    assert (answer.status_code != 401) == right, (url, name)
