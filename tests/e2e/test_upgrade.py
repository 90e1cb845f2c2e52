"""The drill of `docs/operations.md`, "A new release": two releases side by side on one queue, and nothing is lost."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import AsyncMongoClient

from shared.cli.client import Client
from shared.contracts import registration as r
from shared.contracts.base import TYPE_PREFIX, Text
from shared.local.system import ROOT
from shared.runtime import discovery, topology
from shared.runtime.envelope import Envelope
from tests.support.releases import TwoReleases, next_release
from tests.support.waiting import until

LISTED, REFUSED = r.TopicListed.name, r.CommandRejected.name


@dataclass
class Portal:
    """Publishes topics all the time, and knows what became of each."""

    client: Client
    asked: dict[str, str] = field(default_factory=dict)
    heard: list[Envelope] = field(default_factory=list)

    async def add(self, topic: str, label: str = "", **more: str) -> str:
        """Ask for a topic to be listed; `more` are fields that only the next release knows. The command's id."""
        # Each is called otherwise: with each that is listed it is said which others are called the same.
        called = label or f"the topic {topic}"
        command = r.AddTopic(topic_id=topic, area="software", label=Text(de=called, en=called))
        sent = self.client.wrap(command, "office")
        sent = sent.model_copy(update={"data": {**sent.data, **more}})
        await self.client.publish(sent, "office")
        self.asked[sent.id] = topic
        return sent.id

    def answers(self) -> dict[str, list[Envelope]]:
        found: dict[str, list[Envelope]] = {id: [] for id in self.asked}
        for event in self.heard:
            found.setdefault(event.correlation, []).append(event)
        return {id: found[id] for id in self.asked}

    async def settled(self) -> None:
        """Wait until each command has its answer: one, and never none."""
        await self.client.until(lambda: all(self.answers().values()), 60, "every answer")
        assert {len(answers) for answers in self.answers().values()} == {1}


@asynccontextmanager
async def under_load(portal: Portal, name: str) -> AsyncIterator[None]:
    """While this lasts topics are asked for, without a field that only one release knows."""
    goes_on = True

    async def ask() -> None:
        number = 0
        while goes_on:
            await portal.add(f"{name}-{number}")
            number += 1
            await asyncio.sleep(0.01)

    asking = asyncio.create_task(ask())
    try:
        yield
    finally:
        goes_on = False
        await asking
    await portal.settled()


async def states(system: TwoReleases, service: str) -> dict[str, dict[str, Any]]:
    """The topics that a service remembers, by id."""
    async with AsyncMongoClient[dict[str, Any]](system.mongo.url) as client:
        found = await client[system.database(service)]["state"].find({"kind": "topic"}).to_list()
    return {document["_id"].split("/")[1]: document["state"] for document in found}


async def topics_agree(system: TwoReleases) -> None:
    """Wait until matching knows every topic as registration does."""
    for _ in range(300):
        ours, theirs = await states(system, "registration"), await states(system, "matching")
        if {id: state["label"] for id, state in ours.items()} == {id: state["label"] for id, state in theirs.items()}:
            return
        await asyncio.sleep(0.1)
    pytest.fail("matching never learned of every topic")


async def declare(system: TwoReleases, root: Path) -> None:
    """What `declare` of a release makes in the broker, while consumers run; users and passwords stay."""
    script = "import json; from shared.runtime import topology; print(json.dumps(topology.definitions({})))"
    run = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=root
    )
    await system.rabbit.define(json.loads(run.stdout))


async def quarantined(system: TwoReleases) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    headers = {"Authorization": f"Bearer {system.secret('ops-token')}"}
    async with httpx.AsyncClient(trust_env=False, headers=headers) as http:
        for replica in system.replicas.values():
            found += (await http.get(f"{replica.url}/quarantine")).json()
    return found


async def limit_is(system: TwoReleases, limit: int) -> bool:
    """Whether the intakes' policy has this delivery limit; the management tells of a change a moment later."""
    auth = (system.rabbit.admin_user, system.rabbit.admin_password)
    async with httpx.AsyncClient(base_url=system.rabbit.management_url, auth=auth, trust_env=False) as http:
        policy = (await http.get("/api/policies/%2F/tandem-intake")).json()
    return bool(policy["definition"]["delivery-limit"] == limit)


async def has_index(system: TwoReleases, name: str) -> bool:
    """Whether matching's states have an index."""
    async with AsyncMongoClient[dict[str, Any]](system.mongo.url) as mongo:
        return name in await mongo[system.database("matching")]["state"].index_information()


@pytest.mark.long
async def test_two_releases_run_side_by_side_forth_and_back_and_no_message_is_lost(tmp_path: Path) -> None:
    following = next_release(tmp_path / "next")
    heard: list[Envelope] = []
    async with TwoReleases(tmp_path / "system") as system:
        keys = topology.readable(discovery.load_all(), "office")
        async with Client({"office": system.amqp_url("office")}, keys, heard.append) as client:
            portal = Portal(client, heard=heard)

            # 1. what the next release needs in the broker, while the previous one consumes
            async with under_load(portal, "declare"):
                await declare(system, following)
                await until(lambda: limit_is(system, 200_000), "the next release's delivery limit")

            # 2. readers first: matching, one replica beside the other, then without the previous one
            async with under_load(portal, "readers"):
                await system.add("matching", 2, following)
                await until(lambda: has_index(system, "next-release"), "its index, while the previous release works")
                await system.remove("matching", 1)

            # 3. the owner: both releases on one queue
            async with under_load(portal, "owner"):
                await system.add("registration", 2, following)
                # the wrong order: the new field before the last replica is new
                early = [await portal.add(f"early-{n}", hint="good for a start") for n in range(60)]
            outcomes = Counter(portal.answers()[id][0].name for id in early)
            assert set(outcomes) == {LISTED, REFUSED}, "some met the one release, some the other"
            for id in early:
                [answer] = portal.answers()[id]
                if answer.name == REFUSED:
                    [reason] = answer.data["reasons"]
                    assert (reason["field"], reason["code"]) == ("hint", "extra_forbidden"), "said, not lost"

            # 4. the last replica is new: now the field may be published
            async with under_load(portal, "last"):
                await system.remove("registration", 1)
            late = [await portal.add(f"late-{n}", hint="good for later") for n in range(40)]
            await portal.settled()
            assert {portal.answers()[id][0].name for id in late} == {LISTED}
            await topics_agree(system)
            for service in ("registration", "matching"):
                found = await states(system, service)
                assert {found[f"late-{n}"]["hint"] for n in range(40)} == {"good for later"}

            # 5. back: the previous release meets what the next one wrote, and takes nothing away
            async with under_load(portal, "back"):
                await system.add("registration", 1, ROOT)
                await system.remove("registration", 2)
            for number in range(5):
                await portal.add(f"late-{number}", label="a new label")
            await portal.settled()
            ours = await states(system, "registration")
            assert {(ours[f"late-{n}"]["label"]["en"], ours[f"late-{n}"]["hint"]) for n in range(5)} == {
                ("a new label", "good for later")
            }
            await topics_agree(system)
            theirs = await states(system, "matching")
            assert theirs["late-0"]["hint"] is None, "what the previous release says lacks the field"

            # 6. forth again, under a raised epoch: the owner says everything, and readers have the field again
            system.epochs["registration"] = 2
            await system.remove("registration", 1)
            await system.add("registration", 3, following)
            for _ in range(300):
                theirs = await states(system, "matching")
                if all(theirs[f"late-{n}"]["hint"] == "good for later" for n in range(40)):
                    break
                await asyncio.sleep(0.1)
            assert {theirs[f"late-{n}"]["hint"] for n in range(40)} == {"good for later"}

            assert await quarantined(system) == []
            unrouted = [q for q in await system.rabbit.queues("/") if q["name"] == topology.UNROUTED]
            assert [queue["messages"] for queue in unrouted] == [0]
            assert set(portal.asked.values()) - set(await states(system, "registration")) == {
                portal.asked[id] for id in early if portal.answers()[id][0].name == REFUSED
            }
            assert all(event.type.startswith(TYPE_PREFIX) for event in heard)
