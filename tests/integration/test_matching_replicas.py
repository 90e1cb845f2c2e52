"""Two replicas of matching on a real broker and database: who answers at once, and who goes on with a round."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families
from pymongo import AsyncMongoClient

from shared.cli.client import Client
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import TYPE_PREFIX, Command, Contract, Text
from shared.contracts.parts import Deadlines, Profile, Rules, Side, Term, TopicLevel
from shared.local.system import LocalSystem, Replica
from shared.runtime import discovery, topology
from shared.runtime.envelope import Envelope
from tests.support.waiting import until
from tests.unit.matching.people import OFFICE, TODAY, registered

# One system, on one worker.
pytestmark = [pytest.mark.xdist_group("matching-replicas"), pytest.mark.asyncio(loop_scope="module")]

RACES = 8
REPLICAS = ("matching-1", "matching-2")


@dataclass
class Town:
    """A system that runs, who asks it, and all that was said."""

    system: LocalSystem
    client: Client
    heard: list[Envelope] = field(default_factory=list)
    written: list[Envelope] = field(default_factory=list)

    async def ask(self, command: Command, user: str, actor: str | None = None) -> Envelope:
        """Send a command; it must not be refused."""
        answer = await self.client.ask(command, user, actor=actor)
        assert not answer.name.endswith("command-rejected.v1"), answer.data
        return answer

    def said(self, kind: type[Contract], **fields: object) -> dict[str, dict[str, Any]]:
        """Events of a type with these values by their id; what was said again counts once."""
        found = {event.id: event.data for event in self.heard if event.name == kind.name}
        return {id: data for id, data in found.items() if fields.items() <= data.items()}

    async def open(self, programme: str, places: int) -> None:
        """Open a programme without days for wishes."""
        command = r.OpenProgramme(
            programme_id=programme,
            title=Text(de="P", en="P"),
            places=places,
            term=Term(starts=TODAY + dt.timedelta(8), ends=TODAY + dt.timedelta(158)),
            registration_closes=TODAY + dt.timedelta(1),
            office=OFFICE,
            rules=Rules(deadlines=Deadlines(wish_days=0)),
            privacy_notice="1",
        )
        await self.ask(command, "office")

    async def register(self, programme: str, role: Side, number: int, capacity: int = 1) -> Envelope:
        """Register somebody; what registration says of them."""
        kind = r.RegisterMentor if role == "mentor" else r.RegisterMentee
        command = kind(
            programme_id=programme,
            personnel_key=f"{programme}-{role}-{number}",
            display_name=f"{role} {number}",
            mail=f"{role}-{number}@example.org",
            superiors=(f"{programme}-head-{role}-{number}",),
            profile=profile(role, number, capacity),
            voluntary=True,
            privacy_notice="1",
        )
        return await self.ask(command, "portal")

    async def takes_only_one(self, mentor: Envelope) -> None:
        """What registration would say of a mentor who lowers their capacity."""
        changed = r.ParticipantChanged.model_validate(mentor.data)
        changed = changed.model_copy(update={"profile": changed.profile.model_copy(update={"capacity": 1})})
        news = {"id": self.client.wrap(changed, "registration").id, "sequence": (mentor.sequence or 0) + 1}
        said = mentor.model_copy(
            update={"type": TYPE_PREFIX + changed.name, "data": changed.model_dump(mode="json"), **news}
        )
        await self.client.publish(said, "registration", command=False)

    async def records(self, kind: str, collection: str = "state") -> dict[str, dict[str, Any]]:
        """What matching keeps of a kind, by id."""
        async with AsyncMongoClient[dict[str, Any]](self.system.mongo.url) as client:
            found = await client[self.system.database("matching")][collection].find({"kind": kind}).to_list()
        return {document["_id"].split("/")[1]: document["state"] for document in found if document.get("state")}

    async def counted(self, type: str, result: str, names: Sequence[str] = REPLICAS) -> dict[str, float]:
        """So many messages of a type each of these replicas has counted with a result."""
        found = dict.fromkeys(names, 0.0)
        async with httpx.AsyncClient(trust_env=False) as http:
            for name in names:
                text = (await http.get(f"{self.system.replicas[name].url}/metrics")).text
                for family in text_string_to_metric_families(text):
                    for sample in family.samples:
                        if sample.name == "tandem_messages_total" and sample.labels == {"type": type, "result": result}:
                            found[name] = sample.value
        return found


def profile(role: Side, number: int, capacity: int) -> Profile:
    """Everybody fits everybody."""
    topics = (TopicLevel(topic_id="all", level=3),)
    strengths, concerns = (topics, ()) if role == "mentor" else ((), topics)
    return registered(number, role, strengths=strengths, concerns=concerns, capacity=capacity).profile


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with LocalSystem(tmp_path_factory.mktemp("system"), scale={"matching": 2}) as system:
        urls = {user: system.amqp_url(user) for user in ("office", "portal", "ops", "registration")}
        async with Client(urls, topology.readable(discovery.load_all(), "office")) as client, AsyncExitStack() as stack:
            running = Town(system, client)
            client.heard = running.heard.append
            # Only who writes to people hears what is written to them.
            mail = Client({"mail": system.amqp_url("mail")}, [m.PersonAddressed.name], running.written.append)
            await stack.enter_async_context(mail)
            await running.ask(s.StartDay(date=TODAY), "ops")
            await running.ask(r.AddTopic(topic_id="all", area="software", label=Text(de="T", en="T")), "office")
            yield running


@pytest.mark.long
async def test_a_round_whose_replica_is_killed_while_it_solves_is_solved_by_the_other_once(town: Town) -> None:
    people = 100
    await town.open("killed", people)
    registering = [town.register("killed", role, n) for role in ("mentor", "mentee") for n in range(people)]
    await asyncio.gather(*registering)
    # Nobody starts it again: the other one has to go on.
    assert town.system._watch is not None
    town.system._watch.cancel()
    await town.ask(r.CloseRegistration(programme_id="killed"), "office")

    async def at_work() -> Replica | None:
        """Which replica has handed the round to a process of its own."""
        for job in (await town.records("_heavy", "jobs")).values():
            replica = town.system.replicas.get(job.get("owner", ""))
            if replica is not None and replica.process is not None and "chosen" not in job:
                return replica if psutil.Process(replica.process.pid).children() else None
        return None

    replica = await until(at_work, "a replica solves the round", 60, 0.01)
    town.system.kill(killed := replica.name)
    await asyncio.to_thread(replica.process.wait)
    [job] = (await town.records("_heavy", "jobs")).values()
    assert (job["owner"], job["attempts"], "chosen" in job) == (killed, 1, False), "it was not caught at work"
    await town.client.until(lambda: bool(town.said(m.RoundSolved, programme_id="killed")), 90, "the round")

    async def over() -> bool:
        return not await town.records("_heavy", "jobs")

    await until(over, "the job is over")
    [solved] = town.said(m.RoundSolved, programme_id="killed").values()
    assert solved["status"] == "proposed"
    pairs = town.said(m.PairProposed, programme_id="killed").values()
    assert len(pairs) == people
    assert len({pair[side] for pair in pairs for side in ("mentor", "mentee")}) == 2 * people
    other = next(name for name in REPLICAS if name != killed)
    assert await town.counted("piece:Solved", "handled", [other]) == {other: 1}
    town.system._spawn(replica)
    await town.system.ready()


@pytest.mark.proves("P4")
async def test_of_two_mentees_who_accept_one_mentor_at_once_at_two_replicas_one_begins_a_tandem(town: Town) -> None:
    await town.open("races", 2 * RACES)
    mentors = await asyncio.gather(*(town.register("races", "mentor", n, capacity=2) for n in range(RACES)))
    await asyncio.gather(*(town.register("races", "mentee", n) for n in range(2 * RACES)))
    await town.ask(r.CloseRegistration(programme_id="races"), "office")
    await town.client.until(lambda: bool(town.said(m.RoundSolved, programme_id="races")), 60, "the round")
    [solved] = town.said(m.RoundSolved, programme_id="races").values()
    await town.ask(m.ApproveRound(round_id=solved["round_id"]), "office")

    def asked() -> list[dict[str, Any]]:
        return list(town.said(m.ProposalApproved, programme_id="races").values())

    await town.client.until(lambda: len(asked()) == 2 * RACES, 30, "every pair is asked")

    # Each mentor says yes to both, and then takes only one.
    for pair in asked():
        yes = m.AcceptProposal(proposal_id=pair["proposal_id"], participant_id=pair["mentor"])
        await town.ask(yes, "portal", pair["mentor"])
    for mentor in mentors:
        await town.takes_only_one(mentor)

    async def known() -> bool:
        candidates = await town.records("candidate")
        return {candidates[mentor.data["participant_id"]]["profile"]["capacity"] for mentor in mentors} == {1}

    await until(known, "matching knows that each takes only one")

    handled, again = await town.counted(m.AcceptProposal.name, "handled"), await town.counted("conflict", "again")
    for mentor in mentors:
        both = [pair for pair in asked() if pair["mentor"] == mentor.data["participant_id"]]
        commands = [m.AcceptProposal(proposal_id=p["proposal_id"], participant_id=p["mentee"]) for p in both]
        sent = [town.client.wrap(yes, "portal", actor=yes.participant_id) for yes in commands]
        await asyncio.gather(*(town.client.publish(each, "portal") for each in sent))
        assert len([await town.client.answer(each.id, 30) for each in sent]) == 2
    await town.client.until(lambda: len(town.said(m.ProposalWithdrawn)) == RACES, 30, "the other requests end")

    formed = town.said(m.TandemFormed).values()
    assert sorted(tandem["mentor"] for tandem in formed) == sorted(mentor.data["participant_id"] for mentor in mentors)
    left = {pair["mentee"] for pair in town.said(m.ProposalWithdrawn).values()}
    assert left == {pair["mentee"] for pair in asked()} - {tandem["mentee"] for tandem in formed}

    def told() -> set[str]:
        ended = {letter.data["to"] for letter in town.written if letter.data["topic"] == "proposal-ended"}
        return ended - {mentor.data["participant_id"] for mentor in mentors}

    await until(lambda: told() == left, "whoever was too late is told, and nobody else")
    more = {
        name: count - handled[name] for name, count in (await town.counted(m.AcceptProposal.name, "handled")).items()
    }
    assert all(more.values()), f"one replica took them all: {more}"
    conflicts = await town.counted("conflict", "again")
    assert sum(conflicts.values()) > sum(again.values()), "never at once"
