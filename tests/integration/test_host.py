"""A service as a process: days from the calendar, a stop in good order, its size, and what it says without settings."""

import asyncio
import contextlib
import datetime as dt
import secrets
import signal
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from zoneinfo import ZoneInfo

import httpx
import psutil
import pytest
import pytest_asyncio
from pymongo import AsyncMongoClient

from shared.cli.addresses import Addresses
from shared.cli.client import Client, ClientError
from shared.cli.trace import Node, told, tree_of
from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.local.system import ROOT, LocalSystem
from shared.runtime import discovery, topology, trace
from shared.runtime.envelope import Envelope
from shared.runtime.spans import process_span
from tests.support.otlp import Receiver, receiver

# One system, on one worker.
pytestmark = pytest.mark.xdist_group("host")

MEMORY = 120 * 1024 * 1024
ASKED = 300


DRIVERS = ["pymongo", pytest.param("motor", marks=pytest.mark.long)]


@pytest.fixture(scope="module")
def collector() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=DRIVERS)
async def system(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, collector: Receiver
) -> AsyncIterator[LocalSystem]:
    """A system that runs by the calendar, with each of the database's drivers."""
    folder = tmp_path_factory.mktemp("system")
    env = {"TANDEM_DRIVER": request.param, "TANDEM_OTLP_URL": collector.url}
    async with LocalSystem(folder, days="clock", env=env) as running:
        yield running


def client(system: LocalSystem, heard: list[Envelope]) -> Client:
    keys = topology.readable(discovery.load_all(), "office")
    return Client({"office": system.amqp_url("office")}, keys, heard.append)


@pytest.mark.asyncio(loop_scope="module")
async def test_days_come_from_the_calendar_unless_commands_are_to_start_them(system: LocalSystem) -> None:
    today = dt.datetime.now(ZoneInfo("Europe/Berlin")).date()
    for service in system.services:
        async with AsyncMongoClient[dict[str, object]](system.mongo.url) as database:
            states = database[system.database(service)]["state"]
            limit = time.monotonic() + 20
            found: list[dt.date] = []
            while not found:
                assert time.monotonic() < limit, f"{service} never handled a day"
                await asyncio.sleep(0.1)
                said = await states.find({"kind": "day"}).to_list()
                found = [dt.date.fromisoformat(s["state"]["date"]) for s in said if isinstance(s["state"], dict)]
            assert found[0] - today in (dt.timedelta(0), dt.timedelta(1)), "midnight may have passed"
        log = system.log_of(f"{service}-1").read_text(encoding="utf-8")
        assert f'"driver": "{system.env["TANDEM_DRIVER"]}"' in log


@pytest.mark.asyncio(loop_scope="module")
async def test_a_service_is_small_because_heavy_libraries_live_in_the_jobs_own_process(system: LocalSystem) -> None:
    for replica in system.replicas.values():
        assert replica.process is not None
        process = psutil.Process(replica.process.pid)
        assert process.memory_info().rss < MEMORY, replica.name
        loaded = {m.path for m in process.memory_maps()}
        assert not [p for p in loaded if "ortools" in p or "scipy" in p], replica.name


@pytest.mark.asyncio(loop_scope="module")
async def test_no_secret_stands_in_a_log_a_metric_an_answer_or_a_process_s_arguments(system: LocalSystem) -> None:
    """At the loudest level, after messages came in and somebody asked with a wrong token and a wrong password."""
    heard: list[Envelope] = []
    async with client(system, heard) as office:
        await office.ask(r.AddTopic(topic_id="s-1", area="software", label=Text(de="T", en="T")), "office")
    with pytest.raises(ClientError) as refused:
        await Client({"portal": system.amqp_url("portal").replace("portal:", "portal:not-")}).__aenter__()
    kept = [file for file in system.folder.rglob("secrets/*") if not file.name.startswith(".")]
    known = {file.read_text(encoding="utf-8") for file in kept}
    assert len(known) > 20
    shown = {"what the client was told": str(refused.value)}
    logs = [file for file in system.folder.rglob("*") if file.suffix in (".log", ".jsonl") and file.is_file()]
    shown |= {str(log): log.read_text(encoding="utf-8", errors="replace") for log in logs}
    assert any("registration" in name for name in shown)
    wrong = {"Authorization": f"Bearer {secrets.token_hex(8)}"}
    async with httpx.AsyncClient(trust_env=False) as http:
        pages = ("/health/ready", "/metrics", "/asyncapi", "/quarantine", "/programmes/x", "/nothing")
        for replica in system.replicas.values():
            for page in pages:
                shown[replica.url + page] = (await http.get(replica.url + page, headers=wrong)).text
        shown["the broker's metrics"] = (await http.get(system.rabbit.prometheus_url)).text
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            shown[f"process {process.pid}"] = "\0".join(process.cmdline())
    for where, text in shown.items():
        assert not [secret for secret in known if secret in text], f"a secret stands in: {where}"
    private = [*kept, system.folder / "env", system.folder / "rabbitmq" / "rabbitmq.conf"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in private} == {0o600}
    assert {stat.S_IMODE(file.parent.stat().st_mode) for file in kept} == {0o700}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_command_s_trace_is_one_tree_from_what_services_remember_and_the_same_one_in_spans(
    system: LocalSystem, collector: Receiver
) -> None:
    heard: list[Envelope] = []
    async with client(system, heard) as office:
        sent = office.wrap(r.AddTopic(topic_id="traced", area="software", label=Text(de="T", en="T")), "office")
        await office.publish(sent, "office")
        said = await office.answer(sent.id, 20)
    trace_id = trace.trace_id(None, sent.id)
    limit = time.monotonic() + 20
    roots: list[Node] = []
    while not (roots and roots[0].below and {t["service"] for t in roots[0].below[0].times} >= {"matching"}):
        assert time.monotonic() < limit, "matching never told of the event"
        await asyncio.sleep(0.1)
        addresses = Addresses(system.addresses(), "the test")
        roots = tree_of(await asyncio.to_thread(told, addresses, sent.id))
    [root] = roots
    assert (root.id, root.type, root.below[0].id, root.below[0].type) == (sent.id, sent.name, said.id, said.name)
    assert [(t["service"], t["result"], t["published"]) for t in root.times] == [("registration", "handled", True)]
    published = trace.child(None, sent.id, said.id)[36:52]
    ids = (process_span("registration", sent.id), published, process_span("matching", said.id))
    while not {(trace_id, id) for id in ids} <= set(collector.spans):
        assert time.monotonic() < limit, "a span never came"
        await asyncio.sleep(0.1)
    spans = {span.id: span for span in collector.trace(trace_id)}
    first, publish, second = (spans[id] for id in ids)
    assert (first.parent, publish.parent, second.parent) == ("", first.id, publish.id)
    assert publish.name == f"publish {said.name}"
    for span in (first, second):
        below = {s.attributes.get("db.operation.name") for s in spans.values() if s.parent == span.id}
        assert {"find", "commitTransaction"} <= below
    assert {span.attributes.get("messaging.message.id") for span in spans.values()} == {sent.id, said.id, None}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_service_that_is_asked_to_stop_finishes_its_batch_and_says_what_it_decided(
    system: LocalSystem,
) -> None:
    heard: list[Envelope] = []
    replica = system.replicas["registration-1"]
    process = replica.process
    assert process is not None
    async with client(system, heard) as office:
        topics = [r.AddTopic(topic_id=f"t-{n}", area="software", label=Text(de="T", en="T")) for n in range(ASKED)]
        sent = [office.wrap(topic, "office") for topic in topics]
        await asyncio.gather(*(office.publish(each, "office") for each in sent[: ASKED // 2]))
        sending = asyncio.gather(*(office.publish(each, "office") for each in sent[ASKED // 2 :]))
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 10) == 0
        log = system.log_of(replica.name).read_text(encoding="utf-8")
        assert '"flushed": true' in log.splitlines()[-1], "however much was under way"
        assert '"fatal"' not in log
        await sending
        ids = {each.id for each in sent}
        await office.until(lambda: ids <= {event.correlation for event in heard}, 30, "every answer")
        assert {event.name for event in heard if event.correlation in ids} == {r.TopicListed.name}
    await system.ready()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_stopped_service_leaves_nothing_unsaid(system: LocalSystem) -> None:
    """Nobody starts it again here, so what is left over would be seen."""
    assert system._watch is not None
    system._watch.cancel()
    process = system.replicas["registration-1"].process
    assert process is not None
    async with client(system, []) as office:
        for number in range(50):
            topic = r.AddTopic(topic_id=f"u-{number}", area="software", label=Text(de="T", en="T"))
            await office.publish(office.wrap(topic, "office"), "office")
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 10) == 0
    async with AsyncMongoClient[dict[str, object]](system.mongo.url) as database:
        assert await database[system.database("registration")]["outbox"].count_documents({}) == 0


@pytest.mark.parametrize(("arguments", "says"), [(["nothing"], "no service"), (["matching"], "TANDEM_AMQP_URL")])
def test_a_service_that_cannot_start_says_why_in_one_line(arguments: list[str], says: str) -> None:
    command = [sys.executable, "-m", "shared.runtime.host", *arguments]
    run = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env={"PYTHONPATH": str(ROOT)}
    )
    assert run.returncode == 2
    [line] = run.stderr.strip().splitlines()
    assert says in line
