"""TLS by setting, with a throw-away CA: a service's broker, database and own HTTP side, and the command line's clients.

The broker asks for a client's certificate too; the database takes TLS alone, and knows users.
"""

import asyncio
import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
import pytest_asyncio

from shared.contracts import registration as r
from shared.local import LocalMongo, LocalRabbit
from shared.local.mongo import EXTERNAL_URL
from shared.local.ports import Ports
from shared.local.system import ROOT
from shared.runtime import topology
from shared.runtime.adapters.mongo import MongoStore
from shared.runtime.adapters.mongo_driver import DriverName
from shared.runtime.ports import Unavailable
from shared.runtime.tls import Tls
from tests.support.certificates import Certificates, certificates
from tests.support.waiting import until

pytestmark = [
    pytest.mark.long,
    pytest.mark.xdist_group("tls"),  # one broker and one database, on one worker
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(EXTERNAL_URL in os.environ, reason=f"{EXTERNAL_URL} names a server that is not ours"),
]

LIMIT = 30.0
TOKEN = "a token for these tests"
USERS = {user: f"{user}-password-0123456789" for user in topology.users()}


@dataclass
class Place:
    """Servers with TLS, the CA that vouches for them, and one that does not."""

    rabbit: LocalRabbit
    mongo: LocalMongo
    mongo_url: str
    right: Certificates
    wrong: Certificates
    folder: Path

    def environment(self, **changes: str) -> dict[str, str]:
        """What the service `registration` is told."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "TANDEM_AMQP_URL": self.rabbit.amqps_url("registration", USERS["registration"]),
            "TANDEM_MONGO_URL": self.mongo_url,
            "TANDEM_KEY": "a key for these tests only",
            "TANDEM_OFFICE_TOKEN": TOKEN,
            "TANDEM_DAYS": "command",
            "TANDEM_TLS_CA": str(self.right.ca),
            "TANDEM_TLS_CERT": str(self.right.client_cert),
            "TANDEM_TLS_KEY": str(self.right.client_key),
            "TANDEM_HTTP_CERT": str(self.right.server_cert),
            "TANDEM_HTTP_KEY": str(self.right.server_key),
            **changes,
        }


@dataclass
class Running:
    """A service's process, its port, and what it logged."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def lines(self) -> list[dict[str, Any]]:
        """Its log so far, without a line that is only half written."""
        whole = [line for line in self.log.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")]
        return [json.loads(line) for line in whole]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    folder = tmp_path_factory.mktemp("tls")
    right, wrong = certificates(folder / "right"), certificates(folder / "wrong")
    rabbit = LocalRabbit(folder / "rabbitmq", tls=right.server(ask_clients=True))
    mongo = LocalMongo(folder / "mongodb", auth=True, tls=right.server())
    try:
        await asyncio.gather(rabbit.start(), mongo.start())
        await rabbit.define(topology.definitions(USERS))
        url = await mongo.create_user("registration", USERS["registration"], "tandem-registration")
        yield Place(rabbit, mongo, url, right, wrong, folder)
    finally:
        await asyncio.gather(rabbit.stop(), mongo.stop())


@contextlib.contextmanager
def service(place: Place, name: str, **changes: str) -> Iterator[Running]:
    """The service `registration` as a process."""
    ports = Ports()
    port = ports.take()
    log = place.folder / f"{name}.jsonl"
    environment = place.environment(TANDEM_HTTP_PORT=str(port), **changes)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "shared.runtime.host", "registration"], env=environment, stdout=out, stderr=out
        )
    try:
        yield Running(process, port, log)
    finally:
        process.kill()
        process.wait()
        ports.release()


async def health(running: Running, ca: Path) -> httpx.Response | None:
    """Its readiness over HTTPS; None while nobody answers."""
    context = ssl.create_default_context(cafile=ca)
    async with httpx.AsyncClient(trust_env=False, verify=context) as client:
        try:
            return await client.get(f"https://localhost:{running.port}/health/ready")
        except httpx.ConnectError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise
            return None


async def is_ready(running: Running, ca: Path) -> bool:
    answer = await health(running, ca)
    return answer is not None and answer.status_code == 200


async def test_a_service_works_by_tls_with_broker_database_and_callers_and_the_command_line_with_it(
    place: Place,
) -> None:
    with service(place, "right") as running:
        await until(lambda: is_ready(running, place.right.ca), "it never got ready", LIMIT)
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await health(running, place.wrong.ca)
        async with httpx.AsyncClient(trust_env=False) as plain:
            with pytest.raises(httpx.TransportError):
                await plain.get(f"http://localhost:{running.port}/health/live")
        env = place.folder / "env"
        env.write_text(addresses(place, running.port), encoding="utf-8")
        topic = place.folder / "topic.json"
        topic.write_text(json.dumps({"topic_id": "chats", "area": "software", "label": {"de": "C", "en": "C"}}))
        done = await tandem("publish", r.AddTopic.name, str(topic), "--wait", "--against", str(env))
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["type"] == f"tandem.{r.TopicListed.name}"
        env.write_text(env.read_text().replace(str(place.right.ca), str(place.wrong.ca)), encoding="utf-8")
        refused = await tandem("publish", r.AddTopic.name, str(topic), "--wait", "--against", str(env))
        [line] = refused.stderr.strip().splitlines()
        assert refused.returncode == 2
        assert "TANDEM_TLS_CA" in line
        running.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(running.process.wait, 15) == 0


def addresses(place: Place, port: int) -> str:
    """The file that `--against` reads."""
    users = {f"TANDEM_AMQP_URL_{user.upper()}": place.rabbit.amqps_url(user, USERS[user]) for user in topology.people()}
    services = {f"TANDEM_HTTP_{s.upper()}": f"https://localhost:{port}" for s in ("registration", "matching")}
    tls = {name: value for name, value in place.environment().items() if name.startswith("TANDEM_TLS_")}
    found = {**users, **services, **tls, "TANDEM_OFFICE_TOKEN": TOKEN}
    return "".join(f"{name}={value}\n" for name, value in found.items())


async def tandem(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "shared.cli", *arguments]
    return await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False, cwd=ROOT)


async def test_a_wrong_ca_is_one_clear_line_and_waited_out_like_an_absent_server(place: Place) -> None:
    """The broker comes first, so the database's line is seen with a broker that is trusted."""
    with service(place, "wrong-broker", TANDEM_TLS_CA=str(place.wrong.ca)) as running:
        [line, *_] = await until(lambda: waiting(running), "it says nothing", LIMIT)
        assert "the broker is away (its certificate is refused" in line
        assert "is TANDEM_TLS_CA its CA?" in line
        assert running.process.poll() is None, "it waits, as for a server that is away"
        running.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(running.process.wait, 15) is not None


def waiting(running: Running) -> list[str]:
    """Why it waits."""
    return [line["reason"] for line in running.lines() if line["event"] == "waiting"]


async def test_a_broker_that_asks_for_a_certificate_lets_nobody_in_without_one(place: Place) -> None:
    with service(place, "no-certificate", TANDEM_TLS_CERT="", TANDEM_TLS_KEY="") as running:
        [line, *_] = await until(lambda: waiting(running), "it says nothing", LIMIT)
        assert "the broker is away (" in line
        assert "started" not in [line["event"] for line in running.lines()]


@pytest.mark.parametrize("driver", get_args(DriverName))
async def test_a_database_whose_certificate_is_another_ca_s_is_refused(place: Place, driver: DriverName) -> None:
    own = Tls(place.right.ca, place.right.client_cert, place.right.client_key)
    trusted = MongoStore(place.mongo_url, "tandem-registration", "a", driver=driver, tls=own)
    await trusted.open()
    assert await trusted.healthy() is None
    await trusted.close()
    stranger = MongoStore(place.mongo_url, "tandem-registration", "b", driver=driver, tls=Tls(place.wrong.ca))

    async def why() -> bool:
        with pytest.raises(Unavailable) as caught:
            await stranger.open()
        return "its certificate is refused" in str(caught.value)

    try:
        # On a busy machine the first look may end before anybody has answered.
        await until(why, "that the certificate is refused")
        assert "its certificate is refused" in (await stranger.healthy() or "")
    finally:
        await stranger.close()
