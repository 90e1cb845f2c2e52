"""Two replicas of matching on a real broker and database: who answers at once, and who goes on with a round."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psutil
import pytest
import pytest_asyncio

from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.local.system import Replica
from tests.support.town import Town, running_town
from tests.support.waiting import until

# One system, on one worker.
pytestmark = [pytest.mark.xdist_group("matching-replicas"), pytest.mark.asyncio(loop_scope="module")]

RACES = 8
REPLICAS = ("matching-1", "matching-2")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with running_town(tmp_path_factory.mktemp("system"), {"matching": 2}) as town:
        yield town


async def accepted(town: Town) -> dict[str, float]:
    """How many yeses each replica has taken."""
    return await town.counted(m.AcceptProposal.name, "handled", REPLICAS)


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

    handled, again = (
        await town.counted(m.AcceptProposal.name, "handled", REPLICAS),
        await town.counted("conflict", "again", REPLICAS),
    )
    for mentor in mentors:
        both = [pair for pair in asked() if pair["mentor"] == mentor.data["participant_id"]]
        commands = [m.AcceptProposal(proposal_id=p["proposal_id"], participant_id=p["mentee"]) for p in both]
        sent = [town.client.wrap(yes, "portal", actor=yes.participant_id) for yes in commands]
        await asyncio.gather(*(town.client.publish(each, "portal") for each in sent))
        assert len([await town.client.answer(each.id, 30) for each in sent]) == 2
    await town.client.until(lambda: len(town.said(m.ProposalWithdrawn, "races")) == RACES, 30, "the other requests end")

    formed = town.said(m.TandemFormed, "races").values()
    assert sorted(tandem["mentor"] for tandem in formed) == sorted(mentor.data["participant_id"] for mentor in mentors)
    left = {pair["mentee"] for pair in town.said(m.ProposalWithdrawn, "races").values()}
    assert left == {pair["mentee"] for pair in asked()} - {tandem["mentee"] for tandem in formed}

    def told() -> set[str]:
        ended = {letter.data["to"] for letter in town.written if letter.data["topic"] == "proposal-ended"}
        return ended - {mentor.data["participant_id"] for mentor in mentors}

    await until(lambda: told() == left, "whoever was too late is told, and nobody else")
    more = {
        name: count - handled[name]
        for name, count in (await town.counted(m.AcceptProposal.name, "handled", REPLICAS)).items()
    }
    assert all(more.values()), f"one replica took them all: {more}"
    conflicts = await town.counted("conflict", "again", REPLICAS)
    assert sum(conflicts.values()) > sum(again.values()), "never at once"
