"""Prometheus watches a system under load: every panel shows something, and every alert is provoked.

The rules are the deployment's own with shorter times. Really provoked: a poisonous message, an outbox that a memory
alarm holds back, a stopped service, a queue that grows, a command that nobody takes,
a message that the broker gave up, a broker that is gone. Put into
the database, since nobody waits for days here: a day that was missed, a job that hangs, somebody who waits for long,
and a programme's people.
"""

import asyncio
import datetime as dt
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aio_pika
import pytest
import pytest_asyncio
import yaml
from pymongo import AsyncMongoClient

from shared.cli.client import Client
from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.local.ports import Ports
from shared.local.system import LocalSystem
from shared.runtime.batch import COMMANDS, EVENTS
from shared.runtime.envelope import wrap
from shared.runtime.topology import DEAD
from tests.support.pictures import DASHBOARDS, OBSERVE, alerts, panels
from tests.support.prometheus import Asked, fetched, running
from tests.support.waiting import until
from tests.unit.evaluation.people import withdrew

pytestmark = [
    pytest.mark.long,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("observe"),
]

LIMIT = 90.0
PAUSE = 0.5
PROGRAMME = "pictured"
SHORTER = {"> 60\n": "> 3\n", "> 1800\n": "> 30\n", "> 500\n": "> 5\n", "[10m]": "[20s]"}
RABBITMQCTL = Path("/usr/lib/rabbitmq/bin/rabbitmqctl")


def shortened(rules: str) -> str:
    """The deployment's rules with times in which a test can wait."""
    for long, short in SHORTER.items():
        assert long in rules, long
        rules = rules.replace(long, short)
    content = yaml.safe_load(rules)
    for group in content["groups"]:
        for rule in group["rules"]:
            rule["for"] = "1s"
    return yaml.safe_dump(content)


def config(system: LocalSystem, folder: Path) -> Path:
    """The deployment's way of reading, with this machine's addresses in the place of names."""
    broker = system.rabbit.prometheus_url.removeprefix("http://").removesuffix("/metrics")
    jobs = yaml.safe_load((OBSERVE / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    kept = []
    for job in jobs:
        if "dns_sd_configs" in job:
            del job["dns_sd_configs"]
            # There is no name for several addresses here: what the name would have said is said with each.
            job["static_configs"] = [
                {"targets": [p.url.removeprefix("http://")], "labels": {"__meta_dns_name": p.service}}
                for p in system.replicas.values()
            ]
        elif job["job_name"].startswith("rabbitmq"):
            job["static_configs"] = [{"targets": [broker]}]
        else:
            continue  # the collector is not here
        kept.append(job)
    intervals = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    path = folder / "prometheus.yml"
    path.write_text(
        yaml.safe_dump({"global": intervals, "rule_files": ["alerts.yml"], "scrape_configs": kept}), encoding="utf-8"
    )
    (folder / "alerts.yml").write_text(
        shortened((OBSERVE / "alerts.yml").read_text(encoding="utf-8")), encoding="utf-8"
    )
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalSystem]:
    async with LocalSystem(tmp_path_factory.mktemp("system"), days="clock", scale={"matching": 2}) as running_:
        yield running_


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def prometheus(system: LocalSystem, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Asked]:
    program = await asyncio.to_thread(fetched, "prometheus")
    if program is None:
        pytest.skip("Prometheus is neither installed nor to be had from Debian: pictures and alerts were NOT tried")
    ports = Ports()
    folder = tmp_path_factory.mktemp("prometheus")
    async with running(program, config(system, folder), ports.take()) as asked:
        yield asked
    ports.release()


async def fires(prometheus: Asked, alert: str, whom: str = "") -> None:
    async def now() -> bool:
        found = await prometheus.firing()
        return alert in found and (not whom or whom in found[alert])

    await until(now, f"{alert} of {whom or 'anybody'}", LIMIT, PAUSE)


async def put(system: LocalSystem, service: str, collection: str, *documents: dict[str, Any]) -> None:
    async with AsyncMongoClient[dict[str, Any]](system.mongo.url) as client:
        await client[system.database(service)][collection].insert_many(list(documents))


def record(subject: str, **more: Any) -> dict[str, Any]:
    plain = {"_id": subject, "kind": subject.split("/")[0], "version": 1, "sequence": 0, "awaited": False}
    return plain | more


async def load(system: LocalSystem, name: str, count: int = 30) -> None:
    """Commands of the office, answered by events that others read; and a fact that all three readers of people take."""
    left = withdrew(name)
    said = wrap(left, id=name, source="/tandem/registration", subject=left.subject, sequence=1, epoch=1)
    connection = await aio_pika.connect(system.amqp_url("registration"))
    async with connection:
        events = await (await connection.channel()).get_exchange(EVENTS, ensure=False)
        await events.publish(aio_pika.Message(said.encode(), user_id="registration"), left.name)
    async with Client({"office": system.amqp_url("office")}) as office:
        topics = [r.AddTopic(topic_id=f"{name}-{n}", area="software", label=Text(de="T", en="T")) for n in range(count)]
        await asyncio.gather(*(office.publish(office.wrap(topic, "office"), "office") for topic in topics))


def control(system: LocalSystem, *arguments: str) -> None:
    """`rabbitmqctl` on the system's own node."""
    folder = system.rabbit._folder
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "ERL_EPMD_PORT": str(system.rabbit._port("epmd")),
        "RABBITMQ_NODENAME": "tandem@localhost",
        "RABBITMQ_CONF_ENV_FILE": str(folder / "no-rabbitmq-env.conf"),
    }
    subprocess.run([str(RABBITMQCTL), *arguments], env=env, check=True, capture_output=True, timeout=60)


async def test_while_nothing_is_wrong_no_alert_fires(system: LocalSystem, prometheus: Asked) -> None:
    await load(system, "well")

    async def all_read() -> bool:
        up = await prometheus.query("up")
        return len(up) == len(system.replicas) + 2 and all(sample["value"][1] == "1" for sample in up)

    await until(all_read, "a first reading of every replica and the broker", LIMIT, PAUSE)

    async def quiet() -> bool:
        return not await prometheus.query("ALERTS")

    await until(quiet, "silence", LIMIT, PAUSE)


async def test_every_panel_of_every_dashboard_shows_something_under_load(
    system: LocalSystem, prometheus: Asked
) -> None:
    kinds = {
        "registration": ("participant",),
        "matching": ("proposal", "tandem", "reserve"),
        "evaluation": ("survey",),
    }
    for service, named in kinds.items():
        people = [
            record(f"{kind}/pictured-{n}", programme=PROGRAMME, state={"status": "open"})
            for kind in named
            for n in range(7)
        ]
        await put(system, service, "state", *people, record("round/few", programme="few", state={"status": "open"}))
    going_on = asyncio.create_task(_keep_loading(system))

    async def shown(query: str) -> bool:
        found = await prometheus.query(query)
        return bool(found) and all(sample["value"][1] != "NaN" for sample in found)

    try:
        for dashboard in DASHBOARDS:
            for title, queries in panels(dashboard):
                for query in queries:
                    services = system.services if "$service" in query else ("",)
                    for service in services:
                        asked = query.replace("$service", service).replace("$programme", PROGRAMME)
                        await until(lambda q=asked: shown(q), f"{dashboard.stem}: {title}: {asked}", LIMIT, PAUSE)  # type: ignore[misc]
    finally:
        going_on.cancel()
    counted = await prometheus.query("tandem_programme")
    assert {sample["metric"]["programme"] for sample in counted} == {PROGRAMME}, "nothing of fewer than five"
    assert {float(sample["value"][1]) for sample in counted} == {5.0}, "seven are shown as five"
    replicas = await prometheus.query('count(tandem_ready{service="matching"})')
    assert replicas[0]["value"][1] == "2", "every replica is read"


async def _keep_loading(system: LocalSystem) -> None:
    number = 0
    while True:
        number += 1
        await load(system, f"load-{number}", 10)
        await asyncio.sleep(0.2)


async def test_what_is_wrong_in_a_service_fires_its_alert(system: LocalSystem, prometheus: Asked) -> None:
    connection = await aio_pika.connect(system.rabbit.amqp_url())
    async with connection:
        channel = await connection.channel()
        await channel.default_exchange.publish(aio_pika.Message(b"no envelope"), "matching.events")
        await channel.default_exchange.publish(aio_pika.Message(b"{}"), DEAD)
        commands = await channel.get_exchange(COMMANDS, ensure=False)
        await commands.publish(aio_pika.Message(b"{}"), "nobody.takes-this.v1")
    long_ago = (dt.datetime.now(dt.UTC) - dt.timedelta(days=4)).isoformat()
    later = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).isoformat()
    hangs = {"job": "solve", "ref": "x", "since": long_ago, "attempts": 1, "owner": "matching-9"}
    await put(system, "matching", "jobs", record("_job/hangs", kind="_heavy", state=hangs, due=later))
    waits = {"id": "1", "type": "x", "status": "waiting", "reason": "", "since": long_ago, "attempts": 0}
    await put(system, "scheduling", "kept", record("_kept/waits", state=waits, awaits="programme/never"))
    async with AsyncMongoClient[dict[str, Any]](system.mongo.url) as client:
        days = client[system.database("evaluation")]["state"]
        set_back = {"$set": {"state.date": "2026-01-01"}}
        assert (await days.update_one({"_id": "_today/today"}, set_back)).matched_count == 1
    await fires(prometheus, "QuarantineNotEmpty", "matching")
    await fires(prometheus, "UnroutedNotEmpty")
    await fires(prometheus, "DeadNotEmpty")
    await fires(prometheus, "JobTooLong", "matching")
    await fires(prometheus, "WaitingLong", "scheduling")
    await fires(prometheus, "DayNotStarted", "evaluation")


async def test_a_broker_without_memory_fires_and_so_does_the_outbox_that_it_holds_back(
    system: LocalSystem, prometheus: Asked
) -> None:
    if not os.path.exists(RABBITMQCTL):  # noqa: ASYNC240, PTH110 - at once
        pytest.skip(f"{RABBITMQCTL} is not there: the memory alarm was NOT provoked")
    process = system.replicas["registration-1"].process
    assert process is not None
    process.send_signal(signal.SIGSTOP)  # it must not answer before the alarm
    try:
        await load(system, "held-back")
        await asyncio.to_thread(control, system, "set_vm_memory_high_watermark", "absolute", "1MB")
    finally:
        process.send_signal(signal.SIGCONT)
    try:
        await fires(prometheus, "BrokerAlarm")
        await fires(prometheus, "OutboxOld", "registration")
    finally:
        await asyncio.to_thread(control, system, "set_vm_memory_high_watermark", "0.6")

    async def over() -> bool:
        return not {"BrokerAlarm", "OutboxOld"} & set(await prometheus.firing())

    await until(over, "the alarm's end, and that of the outbox by itself", LIMIT, PAUSE)


async def test_a_stopped_service_fires_with_its_queues_that_nobody_reads_and_that_grow(
    system: LocalSystem, prometheus: Asked
) -> None:
    assert system._watch is not None
    system._watch.cancel()
    process = system.replicas["evaluation-1"].process
    assert process is not None
    process.terminate()
    await asyncio.to_thread(process.wait, 15)
    going_on = asyncio.create_task(_keep_loading(system))
    try:
        await fires(prometheus, "ServiceNotReady", "evaluation")
        await fires(prometheus, "NoConsumer", "evaluation.events")
        await fires(prometheus, "QueueGrowing", "evaluation.events")
    finally:
        going_on.cancel()


async def test_a_broker_that_is_gone_fires(system: LocalSystem, prometheus: Asked) -> None:
    await system.rabbit.stop()
    await fires(prometheus, "BrokerAway")
    await fires(prometheus, "ServiceNotReady", "matching")


async def test_no_alert_is_left_out_here() -> None:
    text = await asyncio.to_thread(Path(__file__).read_text, encoding="utf-8")
    assert [rule["alert"] for rule in alerts() if f'fires(prometheus, "{rule["alert"]}"' not in text] == []
