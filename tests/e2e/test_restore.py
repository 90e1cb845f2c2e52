"""Backups of different moments are put back on real servers: owners say again, readers catch up, nothing is unseen."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.cli.addresses import Addresses, read_addresses
from shared.cli.client import Client
from shared.cli.demo.story import DEFAULT, Person, read_story
from shared.cli.repair import Step, carry_out, plan
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Command
from shared.contracts.parts import Consents, Deadlines, Rules
from shared.runtime import discovery, topology
from shared.runtime.envelope import Envelope
from tests.support.registering import registering
from tests.support.restorable import Restorable
from tests.support.waiting import until

LIMIT = 60.0
STORY = read_story(DEFAULT)
MENTORS = [person for person in STORY.people if person.role == "mentor"][:4]
MENTEES = [person for person in STORY.people if person.role == "mentee"][:4]


@dataclass
class Office:
    """People and office: they ask and wait for the answer."""

    client: Client

    async def ask(self, command: Command, user: str, actor: str | None = None) -> Envelope:
        answer = await self.client.ask(command, user, actor=actor)
        assert not answer.name.endswith("command-rejected.v1"), answer.data
        return answer

    async def open(self) -> None:
        programme = STORY.programme
        await self.ask(s.StartDay(date=STORY.dates.opens), "ops")
        opening = r.OpenProgramme(
            programme_id="pilot",
            title=programme.title,
            places=7,
            term=programme.term,
            registration_closes=programme.registration_closes,
            office=programme.office,
            rules=Rules(deadlines=Deadlines(wish_days=0)),
            privacy_notice="1",
        )
        await self.ask(opening, "office")
        for topic in STORY.topics:
            await self.ask(r.AddTopic(topic_id=topic.id, area=topic.area, label=topic.label), "office")

    async def register(self, person: Person) -> str:
        id: str = (await self.ask(registering(STORY, person, "1"), "portal")).data["participant_id"]
        return id

    async def consent(self, participant: str, **consents: bool) -> None:
        change = r.ChangeConsents(participant_id=participant, consents=Consents(**consents))
        await self.ask(change, "portal", participant)


async def steps(addresses: Addresses) -> list[Step]:
    return await asyncio.to_thread(plan, addresses)


async def agree(addresses: Addresses) -> None:
    """Wait until `doctor --repair` has nothing left that a command could do, and no reader is behind."""

    async def nothing_to_do() -> bool:
        return all(step.by_hand and step.ids for step in await steps(addresses))

    await until(nothing_to_do, "readers never caught up", LIMIT)


def known(candidates: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What readers know of people, without how far they followed."""
    return {id: {k: v for k, v in state.items() if k not in ("seen", "taken_back")} for id, state in candidates.items()}


@pytest.mark.long
async def test_registration_s_older_and_matching_s_newer_backup_end_where_no_accident_would_have(
    tmp_path: Path,
) -> None:
    async with Restorable(tmp_path / "system") as system:
        addresses = read_addresses(system.write_env())
        urls = {user: system.amqp_url(user) for user in ("office", "portal", "ops")}
        async with Client(urls, topology.readable(discovery.load_all(), "office")) as client:
            office = Office(client)
            await office.open()
            early = [await office.register(person) for person in (*MENTORS[:3], *MENTEES[:3])]
            await agree(addresses)
            older = await system.backup("registration")
            before = known(await system.states("matching", "candidate"))
            # after registration's backup: somebody changes, and somebody comes
            await office.consent(early[0], stories=True)
            late = await office.register(MENTORS[3])
            await agree(addresses)
            newer = await system.backup("matching")
            later = await office.register(MENTEES[3])
            await agree(addresses)
            without_accident = known(await system.states("matching", "candidate"))
            assert set(without_accident) == {*early, late, later}

            # the accident: both databases are put back, each to its own moment; somebody forgets the epochs
            for service, backup in (("registration", older), ("matching", newer)):
                await system.down(service)
                await system.restore(service, backup)
            await system.up("registration", "matching")
            found = {step.what: step for step in await steps(addresses)}
            assert set(found) == {"raise-epoch"}, "a lower state in the same epoch would be passed over for ever"
            assert (found["raise-epoch"].service, found["raise-epoch"].id) == ("registration", "2")

            system.epochs = {"registration": 2, "matching": 2}
            for service in ("registration", "matching"):
                await system.down(service)
            await system.up("registration", "matching")
            await agree(addresses)
            candidates = await system.states("matching", "candidate")
            assert {id: state for id, state in known(candidates).items() if id in early} == before
            assert {state["seen"]["epoch"] for id, state in candidates.items() if id in early} == {2}
            left = {step.what: set(step.ids) for step in await steps(addresses)}
            assert left == {"forgotten": {late, later}, "taken-back": {early[0]}}, "for the office, by id"

            # who was forgotten asks again, and is the same person; then it is as if nothing had happened
            await office.consent(early[0], stories=True)
            assert await office.register(MENTORS[3]) == late
            assert await office.register(MENTEES[3]) == later
            await until(lambda: _nothing(addresses), "something is left", LIMIT)
            assert known(await system.states("matching", "candidate")) == without_accident
            heard: list[Envelope] = []
            client.heard = heard.append
            await client.ask(r.CloseRegistration(programme_id="pilot"), "office")
            await client.until(lambda: any(e.name == m.RoundSolved.name for e in heard), 60, "the round")
            assert not [e for e in heard if e.name == m.OfficeAttentionNeeded.name and "incomplete" in e.data["what"]]

            # and nobody goes back to the epoch before by mistake
            system.epochs = {"registration": 1}
            await system.down("registration")
            system._spawn(system.replicas["registration-1"])
            process, system.replicas["registration-1"].process = system.replicas["registration-1"].process, None
            assert process is not None
            assert await asyncio.to_thread(process.wait, 30) == 1
            log = system.log_of("registration-1").read_text(encoding="utf-8")
            assert "was run with epoch 2, and TANDEM_EPOCH is 1: set it to 2" in log


async def _nothing(addresses: Addresses) -> bool:
    return await steps(addresses) == []


@pytest.mark.long
async def test_repair_shows_what_is_missing_and_makes_it(tmp_path: Path) -> None:
    async with Restorable(tmp_path / "system") as system:
        addresses = read_addresses(system.write_env())
        urls = {user: system.amqp_url(user) for user in ("office", "portal", "ops")}
        async with Client(urls, topology.readable(discovery.load_all(), "office")) as client:
            office = Office(client)
            await office.open()
            assert await steps(addresses) == []
            auth = (system.rabbit.admin_user, system.rabbit.admin_password)
            async with httpx.AsyncClient(base_url=system.rabbit.management_url, auth=auth, trust_env=False) as http:
                key = r.ParticipantRegistered.name
                place = f"/api/bindings/%2F/e/tandem.events/q/matching.events/{key}"
                assert (await http.delete(place)).is_success
                assert (await http.delete("/api/policies/%2F/tandem-intake")).is_success
            # said while matching's queue was not bound: no broker has it any more
            await office.register(MENTORS[0])

            async def waits() -> bool:
                return len(await system.states("evaluation", "participant")) == 1

            await until(waits, "the others never read it", LIMIT)
            found = await steps(addresses)
            assert [step.what for step in found] == ["declare", "declare", "say-again"]
            assert f"{key} → matching.events" in found[0].text
            assert "policy tandem-intake" in found[1].text
            done = await carry_out(addresses, found)
            assert done[0] == "done: made 2 things in the broker"
            await until(lambda: _nothing(addresses), "it was not mended", LIMIT)
            assert len(await system.states("matching", "candidate")) == 1
