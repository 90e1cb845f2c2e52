"""Somebody leaves at the very moment at which they are promised something: two replicas, one database."""

from typing import Any

import pytest

from services.matching.model import Proposal, Tandem
from services.matching.service import service
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.base import Contract
from shared.runtime.engine import Limits
from tests.support.interrupted import Interrupted
from tests.support.reference import By, given
from tests.unit.matching.people import (
    MENTEES,
    MENTORS,
    TODAY,
    a_round,
    approved,
    closed,
    ends,
    leaves,
    listed,
    no,
    of_kind,
    people,
    programme,
    registered,
    round_of,
    tandems,
    yes,
)
from tests.unit.runtime.engine_in_memory import Replica

UNTIL_SOLVED: tuple[Any, ...] = (TODAY, programme(), *people())
APPROVE = m.ApproveRound(round_id=round_of(a_round()))
PAIR: Proposal = of_kind(approved(), Proposal)[0]
TANDEM: Tandem = of_kind(tandems(), Tandem)[0]
AGREED = [answer(p, who) for p in of_kind(approved(), Proposal) for answer, who in ((yes, p.mentor), (yes, p.mentee))]


def asked_by_two() -> tuple[list[Any], list[Proposal]]:
    """A mentor of two seats is proposed to two mentees, says yes to both, and then takes only one."""
    facts = [registered(0, "mentor", capacity=2), registered(0, "mentee"), registered(1, "mentee")]
    steps: list[Any] = [programme(), *facts, closed((MENTORS[0], *MENTEES[:2])), APPROVE]
    pairs: list[Proposal] = of_kind(given(service, *steps, today=TODAY), Proposal)
    assert len(pairs) == 2
    fewer = registered(0, "mentor", r.ParticipantChanged)
    return [TODAY, *steps, *(yes(pair, pair.mentor) for pair in pairs), By(fewer, sequence=2)], pairs


async def race(
    before: tuple[Any, ...],
    message: Contract | By,
    meanwhile: r.ParticipantState,
    kind: str,
    *,
    reading: bool = False,
    after: str = "",
    epoch: int = 1,
) -> Replica:
    """One replica decides on a message, another takes over meanwhile what registration says of somebody."""
    one = Replica(service)
    other = one.beside()
    await one.play(*before)

    async def happens() -> None:
        # Only this: what they held is let go of by a job, later.
        other.send(meanwhile, sequence=2, epoch=epoch)
        await other.engine.intake()

    store = Interrupted(one.database, kind, happens, reading, after)
    one.engine.store = store
    await one.play(message)
    assert store.happens is None, "the race did not happen"
    assert one.seen["conflict", "again"] == 1, "both cannot have been committed"
    return one


def waiting(replica: Replica) -> set[str]:
    found = replica.aggregates()
    return {
        s.removeprefix("reserve/") for s, a in found.items() if s.startswith("reserve/") and a["status"] == "waiting"
    }


@pytest.mark.proves("P3", "S15")
async def test_who_leaves_while_the_office_approves_their_pair_is_asked_nothing() -> None:
    before = (*UNTIL_SOLVED, closed())
    replica = await race(before, m.ApproveProposal(proposal_id=PAIR.id), leaves(PAIR.mentor), "proposal")
    assert replica.aggregates()[f"proposal/{PAIR.id}"]["status"] == "withdrawn"


async def test_who_leaves_while_the_other_accepts_is_accepted_by_nobody() -> None:
    before = (*UNTIL_SOLVED, closed(), APPROVE)
    replica = await race(before, yes(PAIR, PAIR.mentee), leaves(PAIR.mentor), "proposal")
    proposal = replica.aggregates()[f"proposal/{PAIR.id}"]
    assert (proposal["status"], proposal["accepted_by"]) == ("withdrawn", [])


@pytest.mark.parametrize("kind", ["proof", "proof-part"])
async def test_of_a_round_that_closes_at_that_moment_no_proof_is_kept(kind: str) -> None:
    # One piece at a time, so that no other of the same batch writes the round.
    one = Replica(service, Limits(batch=1, chunk=1))
    other = one.beside()
    await one.play(*UNTIL_SOLVED)

    async def happens() -> None:
        over = programme(r.ProgrammeEnded, status="ended", closed_set=closed().closed_set)
        other.send(over, sequence=3, epoch=1)
        await other.engine.intake()

    one.engine.store = store = Interrupted(one.database, kind, happens)
    await one.play(closed())
    assert store.happens is None, "the race did not happen"
    kept = {record.subject for change in one.database.history for record in change.writes if record.kind == kind}
    assert kept == set()


@pytest.mark.proves("P5", "S15")
async def test_who_leaves_while_a_round_leaves_them_out_does_not_wait_for_ever() -> None:
    out = sorted(listed(a_round()))
    replica = await race(UNTIL_SOLVED, closed(), leaves(out[0]), "reserve")
    assert waiting(replica) == set(out[1:])


@pytest.mark.parametrize(
    ("before", "message"),
    [
        ((*UNTIL_SOLVED, closed(), APPROVE), no(PAIR, PAIR.mentee)),
        ((*UNTIL_SOLVED, closed(), APPROVE, *AGREED), ends(TANDEM, TANDEM.mentee)),
    ],
    ids=["a proposal ends", "a tandem ends"],
)
async def test_who_leaves_while_something_lists_them_does_not_wait_for_ever(
    before: tuple[Any, ...], message: By
) -> None:
    who = PAIR.mentor if "DeclineProposal" in type(message.message).__name__ else TANDEM.mentor
    replica = await race(before, message, leaves(who), "reserve")
    assert who not in waiting(replica)


@pytest.mark.proves("P4")
@pytest.mark.parametrize("reading", [False, True], ids=["before the commit", "between candidate and seat"])
async def test_who_leaves_while_their_partner_says_yes_begins_no_tandem(reading: bool) -> None:
    before = (*UNTIL_SOLVED, closed(), APPROVE, yes(PAIR, PAIR.mentor))
    kind = "candidate" if reading else "tandem"
    replica = await race(before, yes(PAIR, PAIR.mentee), leaves(PAIR.mentor), kind, reading=reading)
    assert not [subject for subject in replica.aggregates() if subject.startswith("tandem/")]
    assert replica.aggregates()[PAIR.subject]["status"] == "withdrawn"
    assert PAIR.mentor not in waiting(replica)


@pytest.mark.proves("P5")
@pytest.mark.parametrize("reading", [False, True], ids=["before the commit", "between candidate and seat"])
async def test_whose_leaving_is_taken_back_while_they_are_let_go_of_keeps_their_tandem(reading: bool) -> None:
    again = registered(MENTORS.index(TANDEM.mentor), "mentor", r.ParticipantChanged)
    before = (*UNTIL_SOLVED, closed(), APPROVE, *AGREED)
    kind, after = ("candidate", "tandem") if reading else ("tandem", "")
    replica = await race(before, leaves(TANDEM.mentor), again, kind, reading=reading, after=after, epoch=2)
    assert replica.aggregates()[TANDEM.subject]["status"] == "running"


async def test_who_leaves_while_they_come_back_is_looked_for_no_more() -> None:
    before = (*UNTIL_SOLVED, closed(), APPROVE, *AGREED, ends(TANDEM, TANDEM.mentor, rematch=False))
    back = By(m.ReturnToReserve(participant_id=TANDEM.mentor), actor=TANDEM.mentor, sender="person")
    replica = await race(before, back, leaves(TANDEM.mentor), "seat")
    assert TANDEM.mentor not in waiting(replica)
    assert replica.aggregates()[f"seat/{TANDEM.mentor}"]["resting"], "the refusal changed nothing"


@pytest.mark.proves("P4", "S16")
async def test_of_two_mentees_who_accept_one_mentor_in_the_same_millisecond_one_begins_a_tandem() -> None:
    before, (first, second) = asked_by_two()
    one = Replica(service)
    other = one.beside()
    await one.play(*before)
    answer = m.AcceptProposal(proposal_id=second.id, participant_id=second.mentee)

    async def happens() -> None:
        other.send(answer, actor=second.mentee)
        await other.engine.intake()

    store = Interrupted(one.database, "tandem", happens)
    one.engine.store = store
    await one.play(yes(first, first.mentee))
    assert store.happens is None, "the race did not happen"
    assert one.seen["conflict", "again"] == 1, "both cannot have been committed"
    found = one.aggregates()
    [tandem] = [state for subject, state in found.items() if subject.startswith("tandem/")]
    assert tandem["mentee"] == second.mentee, "who was first"
    assert found[first.subject]["status"] == "withdrawn"
    assert found[f"seat/{first.mentor}"]["proposals"] == []
    assert first.mentee in waiting(one)


@pytest.mark.proves("P4")
async def test_an_open_request_to_somebody_who_is_full_ends_by_itself_and_may_come_again() -> None:
    before, (first, second) = asked_by_two()
    replica = Replica(service)
    await replica.play(*before)
    said = await replica.play(yes(first, first.mentee))
    found = replica.aggregates()
    assert found[second.subject]["status"] == "withdrawn"
    assert second.mentee in waiting(replica)
    letters = [x["data"] for x in said if x["type"].endswith("person-addressed.v1")]
    assert [letter["topic"] for letter in letters if letter["to"] == second.mentee] == ["proposal-ended"]
    assert second.mentee not in found[f"seat/{second.mentor}"]["barred"], "nobody said no"


async def test_a_mentor_who_still_has_a_seat_keeps_the_other_request() -> None:
    before, (first, second) = asked_by_two()
    replica = Replica(service)
    await replica.play(*before[:-1], yes(first, first.mentee))
    assert replica.aggregates()[second.subject]["status"] == "approved"
