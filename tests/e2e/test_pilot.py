"""The whole pilot on real parts: as it is, and once more with duplicates, disorder and killed processes."""

import asyncio
import json
import random
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from rich.console import Console

from shared.cli.client import Client
from shared.cli.demo import summary
from shared.cli.demo.driver import Pilot, World
from shared.cli.demo.story import DEFAULT, read_story
from shared.cli.demo.tap import Tap
from shared.local.system import LocalSystem
from shared.runtime import discovery, topology
from shared.runtime.adapters.key_folder import KeyFolder
from shared.runtime.batch import EVENTS
from tests.support.mongo_proxy import MongoProxy
from tests.support.privacy import CONTACTS, leaks

KEY = "the same key in both runs"
FIRST_KILL = {"registration": 5, "matching": 12, "scheduling": 60, "evaluation": 40}
NEXT_KILL = {"registration": 3, "matching": 5, "scheduling": 25, "evaluation": 15}
"""At which of its transactions with deliveries in it a service is killed, and after how many more again."""


@dataclass
class Outcome:
    """What a run left behind."""

    figures: dict[str, Any]
    report: dict[str, Any]
    states: dict[str, dict[str, Any]]
    passed: list[tuple[str, dict[str, Any]]]
    ids: dict[str, str]
    kills: list[str] = field(default_factory=list)
    lost_without_a_row: int = 0


async def states_of(system: LocalSystem) -> dict[str, dict[str, Any]]:
    """The final state of each aggregate, bookkeeping aside, by service and subject."""
    found: dict[str, dict[str, Any]] = {}
    async with AsyncMongoClient[dict[str, Any]](system.mongo.url) as client:
        for service in system.services:
            # A seal is of the chains of replicas, which differ with who handled what.
            query = {"state": {"$exists": True}, "kind": {"$ne": "seal"}}
            documents = await client[system.database(service)]["state"].find(query).to_list()
            found[service] = {d["_id"]: without_bookkeeping(d["state"]) for d in documents}
    return found


def without_bookkeeping(value: Any) -> Any:
    """A state without what counts events, and when they were said."""
    if isinstance(value, dict):
        return {k: without_bookkeeping(v) for k, v in value.items() if k not in ("seen", "said", "stamp", "incomplete")}
    return [without_bookkeeping(v) for v in value] if isinstance(value, list) else value


async def live(system: LocalSystem, chaos: random.Random | None, kills: list[str], at_day: Any) -> Outcome:
    """Run the pilot against a system and look at everything from outside."""
    addresses = system.addresses()
    services = {name: addresses[f"TANDEM_HTTP_{name.upper()}"] for name in system.services}
    world = World()
    keys = topology.readable(discovery.load_all(), "portal")
    urls = {user: system.amqp_url(user) for user in ("portal", "office", "ops")}
    tap = Tap(system.rabbit.amqp_url(), system.rabbit.management_url, services, system.secret("ops-token"), chaos)
    async with tap, Client(urls, keys, world.hear) as client:
        pilot = Pilot(read_story(DEFAULT), client, world, system.services, chaos, at_day)
        report = await pilot.run()
        lost = await tap.lost(30)
        figures = summary.figures(pilot, report, tap, await tap.figures(), lost, 0)
        passed = [(p.key, json.loads(p.body)) for p in tap.passed if p.exchange == EVENTS]
        outcome = Outcome(figures, report, await states_of(system), passed, pilot.ids, kills)
        if chaos is None:
            await forget_one(system)
            outcome.lost_without_a_row = await tap.lost(0)
    left = {queue["name"] for queue in (await tap.manage("GET", "queues")).json()}
    assert not [name for name in left if name.startswith("tap.")], "the tap took its queue with it"
    console = Console(record=True, width=150)
    summary.show(console, pilot, report, figures)
    assert "mentor-01" in console.export_text()
    return outcome


async def forget_one(system: LocalSystem) -> None:
    """Remove one row of an inbox: somebody else's count must see it."""
    async with AsyncMongoClient[dict[str, Any]](system.mongo.url) as client:
        inbox = client[system.database("matching")]["inbox"]
        row = await inbox.find_one({"_id": {"$regex": r"^event\|registration\|"}})
        assert row is not None
        await inbox.delete_one({"_id": row["_id"]})


def with_one_programme_key(first: Path, second: Path) -> None:
    """Answers lie under a random key of their programme: both runs are given the same, so that they can be compared."""
    folder = first / "programme-keys"
    folder.mkdir(parents=True)
    assert KeyFolder(folder, KEY.encode()).key(read_story(DEFAULT).programme.id, None) is not None
    shutil.copytree(folder, second / "programme-keys")


async def as_it_is(folder: Path) -> Outcome:
    async with LocalSystem(folder, env={"TANDEM_KEY": KEY}) as system:
        return await live(system, None, [], lambda date, text: None)


async def with_chaos(folder: Path, times: int, driver: str) -> Outcome:
    """Everything two or three times and out of order; each service killed so often, broker and database once."""
    moments = {s: range(FIRST_KILL[s], FIRST_KILL[s] + times * NEXT_KILL[s], NEXT_KILL[s]) for s in FIRST_KILL}
    system = LocalSystem(folder, env={"TANDEM_KEY": KEY, "TANDEM_DRIVER": driver})
    kills: list[str] = []
    proxies: dict[str, MongoProxy] = {}
    tasks: list[asyncio.Task[None]] = []
    await asyncio.gather(system.rabbit.start(), system.mongo.start())
    for service in system.services:
        password = system.secret(f"database-{service}")
        proxies[service] = MongoProxy(await system.mongo.create_user(service, password, system.database(service)))
    await asyncio.gather(system.rabbit.stop(), system.mongo.stop())

    def kill_in_transaction(service: str) -> None:
        if proxies[service].batches in moments[service]:
            kills.append(f"{service} inside a transaction")
            system.kill(f"{service}-1")

    for service, proxy in proxies.items():
        proxy.on_transaction = lambda name=service: kill_in_transaction(name)  # type: ignore[misc]
        await proxy.__aenter__()
    system.mongo_urls = {service: proxy.url for service, proxy in proxies.items()}

    async def restart(server: Any, name: str) -> None:
        await server.kill()
        await server.start()
        kills.append(name)

    def at_day(date: Any, text: str) -> None:
        if not text and date.isoformat() == "2027-05-03":
            tasks.append(asyncio.create_task(restart(system.rabbit, "the broker")))
        if not text and date.isoformat() == "2027-06-14":
            tasks.append(asyncio.create_task(restart(system.mongo, "the database")))

    try:
        async with system:
            outcome = await live(system, random.Random(1), kills, at_day)
            await asyncio.gather(*tasks)
            return outcome
    finally:
        for proxy in proxies.values():
            await proxy.__aexit__(None, None, None)


# aio-pika leaves the sockets of a killed broker to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.proves("S1", "S3", "S5", "S6", "S8", "S10", "S11", "S12", "S13", "S15", "S16", "P5", "P9", "P11")
@pytest.mark.parametrize(
    ("times", "driver"),
    [
        (1, "pymongo"),
        pytest.param(10, "pymongo", marks=pytest.mark.long),
        pytest.param(10, "motor", marks=pytest.mark.long),
    ],
)
async def test_the_pilot_runs_and_ends_in_the_same_state_under_chaos_and_kills(
    tmp_path: Path, times: int, driver: str
) -> None:
    with_one_programme_key(tmp_path / "plain", tmp_path / "chaos")
    plain = await as_it_is(tmp_path / "plain")
    figures = plain.figures
    assert (figures["tandems"], figures["tandems_started"], figures["tandems_ended_early"]) == (7, 9, 2)
    assert figures["rejected_registrations"] == 2
    assert (figures["lost"], figures["quarantined"]) == (0, 0)
    assert "change" in (figures["report"][q] for q in ("duration", "frequency", "rules", "rollout"))
    assert plain.lost_without_a_row == 1, "a removed inbox row must be seen from outside"
    nothing_private_passed(plain)
    it_was_lived(plain)

    chaotic = await with_chaos(tmp_path / "chaos", times, driver)
    assert chaotic.figures["lost"] == 0
    assert chaotic.figures["duplicates_dropped"] > 0
    assert sum("inside a transaction" in kill for kill in chaotic.kills) == 4 * times, chaotic.kills
    assert {"the broker", "the database"} <= set(chaotic.kills)
    assert [line for service in plain.states for line in differences(plain, chaotic, service)] == []


def differences(one: Outcome, other: Outcome, service: str) -> list[str]:
    """What differs between two runs' states of a service, field by field."""
    mine, yours = one.states[service], other.states[service]
    found = [f"{service}: {subject} is only in one of them" for subject in sorted(set(mine) ^ set(yours))]
    for subject in sorted(set(mine) & set(yours)):
        for name in sorted(set(mine[subject]) | set(yours[subject])):
            a, b = mine[subject].get(name), yours[subject].get(name)
            if a != b:
                found.append(f"{service}: {subject}.{name}: {a} became {b}")
    return found


def nothing_private_passed(outcome: Outcome) -> None:
    """Everything that passed on tandem.events: no veto, no wish, nobody who answered or did not, nobody's name."""
    contacts = [event["data"] for key, event in outcome.passed if key == CONTACTS]
    people = {contact[field] for contact in contacts for field in ("display_name", "mail")}
    assert len(people) == 40, "twenty people with a name and an address each"
    assert [leak for key, event in outcome.passed for leak in leaks(key, event, people)] == []


def it_was_lived(plain: Outcome) -> None:
    """What the story tells did happen: the kick-off, agreements, meetings of their length with topics, the reserve."""

    def of(kind: str) -> list[dict[str, Any]]:
        return [
            state
            for states in plain.states.values()
            for subject, state in states.items()
            if subject.startswith(f"{kind}/")
        ]

    figures, ids = plain.figures, plain.ids
    # Evaluation counts who could come under the same name, without a status.
    assert [kick_off["status"] for kick_off in of("kick-off") if "status" in kick_off] == ["held"]
    assert len(of("attendance")) == 17, "twenty registered, one left before, two were absent"
    assert len(of("agreement")) == figures["agreements"] == 9
    held = [meeting for meeting in of("meeting") if meeting["status"] == "held"]
    assert len(held) == figures["meetings_held"]
    assert {meeting["minutes"] for meeting in held} == {90}
    counts = Counter(meeting["known"] for meeting in held)
    assert (counts["confirmed"], counts["assumed"]) == (figures["meetings_confirmed"], figures["meetings_assumed"])
    assert all(meeting["topics"] for meeting in held if meeting["known"] == "confirmed")
    assert counts["confirmed"] > counts["assumed"] > 0, "one mentee names no topics"
    assert figures["meetings_unknown"] == 1, "one meeting was accepted by silence alone"
    months = Counter((meeting["tandem"], meeting["date"][:7]) for meeting in held)
    full = [count for (_, month), count in months.items() if month in ("2027-04", "2027-05")]
    assert 2.5 <= sum(full) / len(full) <= 3.5, "about three meetings a month"
    assert len(of("wishes")) == 3
    proposed = {(proposal["mentor"], proposal["mentee"]) for proposal in of("proposal")}
    assert (ids["mentor-08"], ids["mentee-08"]) not in proposed, "a veto is hard"
    waiting = [place for place in of("reserve") if place["status"] == "waiting"]
    assert len(waiting) == figures["on_reserve_list"] > 0
    assert all(place["reason"]["text"]["de"] for place in waiting)
