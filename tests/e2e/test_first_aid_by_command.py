"""First aid on a real system: a quarantine that fills, who may do what about it, and what nobody takes."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aio_pika
import httpx
import pytest
import pytest_asyncio

from shared.cli.addresses import Addresses
from shared.cli.client import Client
from shared.cli.unrouted import lying
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.evaluation import SubmitAnswers
from shared.local.system import ROOT, LocalSystem
from shared.runtime import discovery, topology
from shared.runtime.batch import COMMANDS, EVENTS
from shared.runtime.envelope import Envelope
from tests.support.waiting import until

# The drivers leave the sockets of servers that were restarted to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.xdist_group("first_aid"),  # one system, on one worker
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.long,
]

LISTED = r.TopicListed.name
SECRET = "a word that nobody but the office may read"
LABEL = {"de": "Chats", "en": "Chats"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalSystem]:
    async with LocalSystem(tmp_path_factory.mktemp("system")) as running:
        running.write_env()
        # One service alone is to have what registration says of topics.
        url = f"{running.rabbit.management_url}/api/bindings/%2F/e/{EVENTS}/q/evaluation.events/{LISTED}"
        auth = (running.rabbit.admin_user, running.rabbit.admin_password)
        async with httpx.AsyncClient(trust_env=False, auth=auth) as http:
            assert (await http.delete(url)).is_success
        yield running


async def tandem(system: LocalSystem, *arguments: str, fails: bool = False) -> str:
    """What a command printed; of one that fails its one line."""
    command = [sys.executable, "-m", "shared.cli", *arguments, "--against", str(system.folder / "env")]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == (2 if fails else 0), (done.stdout, done.stderr)
    if fails:
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr if fails else done.stdout


async def rows(system: LocalSystem, *filters: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(await tandem(system, "quarantine", "list", "--json", *filters))
    return found


def envelope(name: str, id: str, **data: Any) -> bytes:
    made = {"specversion": "1.0", "id": id, "source": "/tandem/registration", "type": f"tandem.{name}", "data": data}
    return json.dumps(made | {"sequence": 1, "epoch": 1, "correlationid": f"about-{id}"}).encode()


async def publish(system: LocalSystem, user: str, exchange: str, key: str, body: bytes) -> None:
    connection = await aio_pika.connect(system.amqp_url(user))
    async with connection:
        channel = await connection.channel(publisher_confirms=True)
        target = await channel.get_exchange(exchange, ensure=False)
        await target.publish(aio_pika.Message(body, user_id=user), key, mandatory=False)


async def fill(system: LocalSystem, *ids: str) -> list[dict[str, Any]]:
    """Registration says things of the wrong shape; what lies in quarantine of it."""
    for id in ids:
        await publish(
            system, "registration", EVENTS, LISTED, envelope(LISTED, id, topic_id=id, area=SECRET, label=LABEL)
        )

    async def there() -> list[dict[str, Any]]:
        found = [row for row in await rows(system, "--type", LISTED) if row["message"] in ids]
        return found if len(found) == len(ids) else []

    found: list[dict[str, Any]] = await until(there)
    return found


@pytest.fixture
def heard() -> list[Envelope]:
    """Every event that ops heard."""
    return []


def ops(system: LocalSystem, heard: list[Envelope]) -> Client:
    return Client({"ops": system.amqp_url("ops")}, topology.readable(discovery.load_all(), "ops"), heard.append)


async def test_a_body_is_read_by_the_office_alone_and_that_it_was_stands_in_the_record(
    system: LocalSystem, heard: list[Envelope], tmp_path: Path
) -> None:
    [row] = await fill(system, "read-me")
    assert (row["service"], row["correlation"], row["fields"]) == ("matching", "about-read-me", ["area"])
    assert SECRET not in await tandem(system, "quarantine", "show", row["id"])
    address = system.addresses()["TANDEM_HTTP_MATCHING"]
    reading = {"actor": "o-17", "why": "to see"}
    async with httpx.AsyncClient(trust_env=False, base_url=address) as http:
        as_ops = {"Authorization": f"Bearer {system.secret('ops-token')}"}
        answer = await http.post(f"/quarantine/{row['id']}", headers=as_ops, json=reading)
        assert (answer.status_code, SECRET in answer.text) == (401, False)
        assert (await http.get("/quarantine/actions", headers=as_ops)).status_code == 401
    without = tmp_path / "ops.env"
    lines = (system.folder / "env").read_text(encoding="utf-8").splitlines(keepends=True)
    without.write_text("".join(line for line in lines if "OFFICE" not in line), encoding="utf-8")
    command = [sys.executable, "-m", "shared.cli", "quarantine", "show", row["id"], "--reason", "x"]
    command += ["--against", str(without)]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, SECRET in done.stdout) == (2, False)
    async with ops(system, heard) as client:
        shown = await tandem(system, "quarantine", "show", row["id"], "--reason", "wrong shape", "--by", "o-17")
        assert SECRET in shown
        await client.until(lambda: bool(heard), 10, "word of the reading")
    assert (heard[0].name, heard[0].data["actor"]) == (m.QuarantineRead.name, "o-17")
    assert SECRET not in heard[0].model_dump_json()
    record = json.loads(await tandem(system, "quarantine", "actions", "--json"))
    [read] = [action for action in record if action["target"] == row["id"]]
    assert (read["what"], read["actor"], read["why"]) == ("read", "o-17", "wrong shape")


async def test_a_message_is_corrected_under_its_own_correlation_and_a_wrong_correction_loses_nothing(
    system: LocalSystem, heard: list[Envelope], tmp_path: Path
) -> None:
    [row] = await fill(system, "mend-me")
    file = tmp_path / "data.json"
    why = ("--reason", "registration's defect 12", "--by", "o-17")
    await tandem(system, "quarantine", "show", row["id"], "--out", str(file), *why)
    assert file.stat().st_mode & 0o777 == 0o600
    assert SECRET in await asyncio.to_thread(file.read_text, encoding="utf-8")
    refused = await tandem(system, "quarantine", "edit", row["id"], str(file), *why, fails=True)
    assert "area: " in refused
    assert SECRET not in refused
    assert row["id"] in {each["id"] for each in await rows(system)}, "a wrong correction loses nothing"
    right = {"topic_id": "chats", "area": "software", "label": LABEL}
    file.write_text(json.dumps(right), encoding="utf-8")
    said = await tandem(system, "quarantine", "edit", row["id"], str(file), *why)
    assert said.startswith("mend-me is replaced by ")
    gone = await tandem(system, "quarantine", "edit", row["id"], str(file), *why, fails=True)
    assert "nothing in quarantine" in gone.lower()

    async def noticed() -> bool:
        depth = {queue["name"]: queue.get("messages", 0) for queue in await system.rabbit.queues("/")}
        return depth["matching.quarantine"] == len(await rows(system, "--service", "matching"))

    await until(noticed)


async def test_two_operators_at_once_are_decided_once(system: LocalSystem) -> None:
    [row] = await fill(system, "race")
    both = await asyncio.gather(
        *(
            asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "shared.cli", "quarantine", "discard", row["id"], "--reason", "junk"),
                *("--by", f"o-{number}", "--against", str(system.folder / "env")),
                cwd=ROOT,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
            for number in (1, 2)
        )
    )
    await asyncio.gather(*(process.communicate() for process in both))
    assert sorted(process.returncode or 0 for process in both) == [0, 2]
    record = json.loads(await tandem(system, "quarantine", "actions", "--json"))
    assert [action["what"] for action in record if action["target"] == row["id"]] == ["discarded"]
    assert row["id"] not in {each["id"] for each in await rows(system)}


async def test_what_the_filters_name_is_handed_back_and_nothing_else(
    system: LocalSystem, heard: list[Envelope]
) -> None:
    await fill(system, "again-1", "again-2")
    await publish(system, "registration", EVENTS, LISTED, b"not JSON")
    [unreadable] = await until(lambda: rows(system, "--code", "not_json"))
    async with ops(system, heard) as client:
        why = ("--why", "released", "--by", "o-17")
        done = await tandem(system, "quarantine", "replay", "--all", "--code", "not_json", "--since", "1h", *why)
        assert done == "1 handed back\n"
        await client.until(lambda: bool(heard), 10, "word of it")
    assert (heard[0].data["count"], heard[0].data["actor"]) == (1, "o-17")
    back = await until(lambda: rows(system, "--code", "not_json"))
    assert back[0]["id"] == unreadable["id"], "it fails again, and lies there again"
    assert "handed back" not in await tandem(system, "quarantine", "replay", "--all", fails=True), "why is asked"
    assert await rows(system, "--until", "1h") == []
    assert "no time" in await tandem(system, "quarantine", "list", "--since", "soon", fails=True)
    assert "opaque" in await tandem(
        system, "quarantine", "discard", unreadable["id"], "--reason", "x", "--by", "anna@example.org", fails=True
    )


async def test_what_nobody_takes_is_given_back_with_its_sender_or_discarded(system: LocalSystem) -> None:
    name = r.CloseRegistration.name
    url = f"{system.rabbit.management_url}/api/bindings/%2F/e/{COMMANDS}/q/registration.commands/{name}"
    auth = (system.rabbit.admin_user, system.rabbit.admin_password)
    async with httpx.AsyncClient(trust_env=False, auth=auth) as http:
        assert (await http.delete(url)).is_success, "as before the release that takes it"
        known = envelope(name, "close", programme_id="none")
        await publish(system, "office", COMMANDS, name, known)
        await publish(system, "office", COMMANDS, name, known.replace(b'"close"', b'"other"'))
        listed = await until(lambda: unrouted(system))
        assert [(row["id"], row["type"], row["sender"]) for row in listed] == [
            ("close", name, "office"),
            ("other", name, "office"),
        ]
        async with lying(Addresses(system.addresses(), "here"), 10) as looking:
            assert [each.id for each in looking] == ["close", "other"]
            assert await unrouted(system) == [], "in one pair of hands at a time"
        assert len(await until(lambda: unrouted(system, 2))) == 2, "whoever goes away, or dies, puts everything back"
        why = ("--reason", "released", "--by", "o-17")
        answers = envelope(SubmitAnswers.name, "answers", comment=SECRET)
        await publish(system, "office", COMMANDS, name, answers)
        await until(lambda: unrouted(system, 3))
        refused = await tandem(system, "unrouted", "show", "answers", *why, fails=True)
        assert "may be private" in refused, "under a harmless key"
        assert SECRET not in refused
        await tandem(system, "unrouted", "discard", "answers", *why)
        again = await tandem(system, "unrouted", "take", "close", *why)
        assert again == "1 given back, 1 lie there still\n"
        assert {row["id"] for row in await until(lambda: unrouted(system, 2))} == {"close", "other"}, (
            "nobody takes it yet"
        )
        to = url.removesuffix(f"/{name}")
        assert (await http.post(to, json={"routing_key": name})).is_success
    keys = topology.readable(discovery.load_all(), "office")
    heard: list[Envelope] = []

    def about_close() -> list[Envelope]:
        return [event for event in heard if event.correlation == "about-close"]

    async with Client({"office": system.amqp_url("office")}, keys, heard.append) as office:
        await tandem(system, "unrouted", "take", "close", *why)
        await office.until(lambda: bool(about_close()), 20, "the answer")
        answer = about_close()[0]
        assert answer.name == r.CommandRejected.name
        assert "not_allowed" not in answer.model_dump_json(), "it came as the user who sent it first"
        assert [row["id"] for row in await unrouted(system)] == ["other"]
        body = await tandem(system, "unrouted", "show", "other", *why)
        assert "programme_id" in body
        await tandem(system, "unrouted", "discard", "other", *why)
        await office.until(lambda: len(about_close()) > 1, 20, "word of the discarded")
        told = [event.name for event in about_close()]
        assert told == [r.CommandRejected.name, r.UnroutedNoted.name], "whoever waits for the discarded hears of it"
    assert await unrouted(system) == []
    record = json.loads(await tandem(system, "quarantine", "actions", "--service", "registration", "--json"))
    assert [action["what"] for action in record] == [
        "unrouted-discarded",
        "unrouted-given-back",
        "unrouted-given-back",
        "unrouted-read",
        "unrouted-discarded",
    ]
    for user in ("ops", "portal", "registration"):
        connection = await aio_pika.connect(system.amqp_url(user))
        async with connection:
            queue = await (await connection.channel()).get_queue(topology.UNROUTED, ensure=False)
            with pytest.raises(aio_pika.exceptions.ChannelClosed):
                await queue.get(fail=False)


async def unrouted(system: LocalSystem, least: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(await tandem(system, "unrouted", "list", "--json"))
    return found if len(found) >= least else []
