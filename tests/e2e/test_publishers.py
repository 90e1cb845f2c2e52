"""Other people's messages: a publisher with nothing of ours, and everything that is wrong."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aio_pika
import httpx
import pytest
import pytest_asyncio
from aio_pika.exceptions import CONNECTION_EXCEPTIONS

from shared.cli.client import Client, ClientError
from shared.cli.demo.story import DEFAULT, read_story
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.local.system import ROOT, LocalSystem
from shared.runtime import discovery, topology
from shared.runtime.batch import COMMANDS, EVENTS
from shared.runtime.envelope import Envelope

# The drivers leave the sockets of servers that were restarted to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.xdist_group("publishers"),  # one system, on one worker
]

STORY = read_story(DEFAULT)
SOMEBODY = "00000000-0000-5000-8000-000000000001"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalSystem]:
    async with LocalSystem(tmp_path_factory.mktemp("system")) as running:
        await open_programme(running)
        yield running


def client(system: LocalSystem, *users: str, heard: Callable[[Envelope], None] = lambda event: None) -> Client:
    keys = topology.readable(discovery.load_all(), users[0])
    return Client({user: system.amqp_url(user) for user in users}, keys, heard)


async def open_programme(system: LocalSystem) -> None:
    programme = STORY.programme
    opening = r.OpenProgramme(
        programme_id="other",
        title=programme.title,
        places=7,
        term=programme.term,
        registration_closes=programme.registration_closes,
        office=programme.office,
        privacy_notice="2",
    )
    topic = STORY.topics[2]
    async with client(system, "office", "ops") as office:
        await office.ask(s.StartDay(date=STORY.dates.opens), "ops")
        answer = await office.ask(opening, "office")
        assert answer.name == r.ProgrammeOpened.name, answer.data
        await office.ask(r.AddTopic(topic_id=topic.id, area=topic.area, label=topic.label), "office")


async def until(condition: Callable[[], Any], limit: float = 20.0) -> Any:
    end = time.monotonic() + limit
    while True:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found or time.monotonic() > end:
            return found
        await asyncio.sleep(0.1)


async def quarantined(system: LocalSystem, service: str) -> list[dict[str, Any]]:
    address = system.addresses()[f"TANDEM_HTTP_{service.upper()}"]
    headers = {"Authorization": f"Bearer {system.secret('ops-token')}"}
    async with httpx.AsyncClient(trust_env=False) as http:
        found: list[dict[str, Any]] = (await http.get(f"{address}/quarantine", headers=headers)).json()
        return found


@pytest.mark.asyncio(loop_scope="module")
async def test_a_publisher_with_nothing_of_ours_registers_a_mentor_and_reads_the_answer(system: LocalSystem) -> None:
    event = await register_mentor(system)
    assert event["type"] == "tandem.registration.participant-registered.v1"
    assert event["data"]["role"] == "mentor"


async def register_mentor(system: LocalSystem) -> dict[str, Any]:
    """Run the example of docs; the event that answered. Again, it is refused: one person once."""
    script = ROOT / "docs" / "examples" / "register_mentor.py"
    command = [sys.executable, str(script), system.amqp_url("portal"), "other", "2"]
    run = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False, cwd="/")
    assert run.returncode == 0, run.stderr
    event: dict[str, Any] = json.loads(run.stdout)
    return event


@pytest.mark.asyncio(loop_scope="module")
async def test_a_portal_can_neither_approve_a_round_nor_pretend_to_be_the_office(system: LocalSystem) -> None:
    approve = m.ApproveRound(round_id=SOMEBODY)
    async with client(system, "portal") as portal:
        with pytest.raises(ClientError, match="may not send"):
            await portal.publish(portal.wrap(approve, "portal"), "portal")
    connection = await aio_pika.connect(system.amqp_url("portal"))
    async with connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange(COMMANDS, ensure=False)
        pretending = aio_pika.Message(b"{}", user_id="office")
        with pytest.raises(CONNECTION_EXCEPTIONS):
            await exchange.publish(pretending, r.Withdraw.name)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_command_without_a_validated_user_is_refused(system: LocalSystem) -> None:
    """The administrator may publish anything, but speaks for nobody."""
    heard: list[Envelope] = []
    async with client(system, "portal", heard=heard.append):
        await publish(
            system, COMMANDS, r.CloseRegistration.name, envelope(r.CloseRegistration.name, programme_id="other")
        )
        rejected = await until(lambda: [event for event in heard if event.name == r.CommandRejected.name])
    assert rejected[0].data["reasons"][0]["code"] == "not_allowed"


def envelope(name: str, **data: Any) -> bytes:
    id = f"test-{time.monotonic_ns()}"
    made = {"specversion": "1.0", "id": id, "source": "/tandem/matching", "type": f"tandem.{name}", "data": data}
    return json.dumps(made).encode()


async def publish(system: LocalSystem, exchange: str, key: str, body: bytes, user: str | None = None) -> None:
    url = system.amqp_url(user) if user else system.rabbit.amqp_url()
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel(publisher_confirms=True)
        target = await channel.get_exchange(exchange, ensure=False)
        await target.publish(aio_pika.Message(body, user_id=user), key, mandatory=False)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"not JSON at all", "not_json"),
        (b"\xff\xfe\x00", "not_json"),
        (b'{"hello": 1}', "not_an_envelope"),
        (envelope("matching.nothing-known.v1"), "unknown_type"),
        (envelope("matching.tandem-formed.v1", tandem_id=1), "wrong_shape"),
    ],
)
async def test_what_cannot_be_read_lies_in_quarantine_with_a_reason_and_the_service_goes_on(
    system: LocalSystem, body: bytes, code: str
) -> None:
    await publish(system, EVENTS, "matching.tandem-formed.v1", body, "matching")
    rows = await until(lambda: with_code(system, code))
    assert rows, f"nothing with {code} in quarantine"
    assert not {"body", "base64", "stored"} & set(rows[0]), "never the body"
    async with client(system, "ops") as ops:
        answer = await ops.ask(s.ReplayQuarantined(id=rows[0]["id"]), "ops")
    assert answer.name == s.QuarantineReplayed.name
    assert answer.data["count"] == 1


async def with_code(system: LocalSystem, code: str) -> list[dict[str, Any]]:
    return [row for row in await quarantined(system, "scheduling") if row["reason"].startswith(code)]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_message_over_one_mebibyte_is_refused_by_the_broker(system: LocalSystem) -> None:
    with pytest.raises(CONNECTION_EXCEPTIONS):
        await publish(system, EVENTS, "matching.tandem-formed.v1", b"x" * (1024 * 1024 + 1))


@pytest.mark.asyncio(loop_scope="module")
async def test_a_command_that_nobody_takes_is_kept_where_ops_see_its_number(system: LocalSystem) -> None:
    await publish(system, COMMANDS, "registration.no-such-command.v1", b"{}")

    async def depth() -> bool:
        queues = await system.rabbit.queues("/")
        return any(q["name"] == "tandem.unrouted" and q.get("messages", 0) > 0 for q in queues)

    assert await until(depth)


@pytest.mark.asyncio(loop_scope="module")
async def test_views_are_closed_without_the_office_s_token(system: LocalSystem) -> None:
    address = system.addresses()["TANDEM_HTTP_REGISTRATION"]
    async with httpx.AsyncClient(trust_env=False, base_url=address) as http:
        assert (await http.get("/programmes/other")).status_code == 401
        right = {"Authorization": f"Bearer {system.secret('office-token')}"}
        assert (await http.get("/programmes/other", headers=right)).json()["status"] == "open"
        assert (await http.get("/quarantine", headers=right)).status_code == 401
        assert (await http.get("/health/live")).json() == {"status": "UP"}
        assert "tandem_messages_total" in (await http.get("/metrics")).text
        assert (await http.get("/asyncapi")).json()["asyncapi"] == "3.1.0"
        assert (await http.get("/nothing")).status_code == 404


@pytest.mark.asyncio(loop_scope="module")
async def test_the_command_line_publishes_waits_and_shows_where_a_programme_stands(
    system: LocalSystem, tmp_path: Path
) -> None:
    env = system.write_env()
    data = tmp_path / "topic.json"
    data.write_text(json.dumps({"topic_id": "chats", "area": "software", "label": {"de": "Chats", "en": "Chats"}}))
    done = await tandem("publish", r.AddTopic.name, str(data), "--wait", "--against", str(env))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["type"] == "tandem.registration.topic-listed.v1"
    data.write_text(json.dumps({"topic_id": "chats", "area": "weather", "label": {"de": "Chats", "en": "Chats"}}))
    wrong = await tandem("publish", r.AddTopic.name, str(data), "--wait", "--against", str(env))
    assert wrong.returncode == 2
    assert "area" in wrong.stderr
    assert len(wrong.stderr.strip().splitlines()) == 1
    status = await tandem("status", "other", "--json", "--against", str(env))
    assert json.loads(status.stdout)["registration"]["status"] == "open"
    listed = await tandem("quarantine", "list", "--json", "--against", str(env))
    assert isinstance(json.loads(listed.stdout), list)


async def tandem(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "shared.cli", *arguments]
    wide = {**os.environ, "COLUMNS": "240"}  # no name is broken into two lines
    return await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False, cwd=ROOT, env=wide
    )


@pytest.mark.asyncio(loop_scope="module")
async def test_no_name_or_address_stands_in_a_log(system: LocalSystem) -> None:
    await register_mentor(system)
    named = await tandem("status", "other", "--against", str(system.write_env()))
    assert "Mentor 4711" in named.stdout, "nobody of that name ever registered"
    text = "".join(system.log_of(name).read_text() for name in system.replicas)
    assert "started" in text
    assert "Mentor 4711" not in text
    assert "mentor-4711@example.org" not in text
