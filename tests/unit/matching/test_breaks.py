"""A tandem that breaks a hard rule by now is reported, not torn apart; a person decides (P10)."""

import datetime as dt
from typing import Any

import pytest

from services.matching.ids import tandem_id
from services.matching.model import Candidate, Proposal, Seat, Tandem
from services.matching.service import service
from services.matching.solution import Propose
from services.matching.view import VIEW
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.parts import Side
from shared.runtime.attention import Attention
from tests.support.interrupted import Interrupted
from tests.support.reference import By, Said, Scenario, given, said
from tests.unit.matching.people import (
    MENTEES,
    MENTORS,
    TODAY,
    a_round,
    approved,
    closed,
    department_of,
    ends,
    leaves,
    mails,
    no,
    of_kind,
    people,
    person,
    programme,
    registered,
    round_of,
    tandems,
    two,
    yes,
)
from tests.unit.matching.test_races import AGREED, APPROVE, UNTIL_SOLVED, race
from tests.unit.runtime.engine_in_memory import Replica

RULE = "different_department"
BEGUN: tuple[Any, ...] = (*UNTIL_SOLVED, closed(), APPROVE, *AGREED)
TERM_OVER = dt.date(2027, 7, 16)


def changes(id: str, **profile: Any) -> r.ParticipantState:
    """Somebody's profile is another."""
    side: Side = "mentor" if id in MENTORS else "mentee"
    return registered((MENTORS if side == "mentor" else MENTEES).index(id), side, r.ParticipantChanged, **profile)


def same_department(pair: Tandem | Proposal) -> r.ParticipantState:
    """The mentor moves to the mentee's department."""
    return changes(pair.mentor, department=department_of(pair.mentee))


def first(scenario: Scenario) -> Tandem:
    found: Tandem = of_kind(scenario, Tandem)[0]
    return found


def reported(id: str, *broken: str) -> tuple[Said, Said]:
    return (
        said(m.TandemBreaksRule, tandem_id=id, broken=broken, status="open"),
        said(m.OfficeAttentionNeeded, what="tandem-breaks-rule", status="open"),
    )


def settled(id: str, status: str = "settled") -> tuple[Said, Said]:
    return (
        said(m.TandemBreaksRule, tandem_id=id, broken=(), status=status),
        said(m.OfficeAttentionNeeded, what="tandem-breaks-rule", status="settled"),
    )


@pytest.mark.proves("P10", "S7")
def test_a_tandem_that_now_breaks_a_rule_is_reported_with_the_rule_and_goes_on() -> None:
    scenario = tandems()
    tandem = first(scenario)
    scenario.when(same_department(tandem)).then(*reported(tandem.id, RULE))
    asks = scenario.one(m.OfficeAttentionNeeded)
    assert asks.whom == (tandem.subject,)
    assert asks.answered_by == ("matching.keep-tandem.v1", "matching.end-tandem.v1")
    assert "selben Referat" in asks.text.de
    assert "same department" in asks.text.en
    assert first(scenario).status == "running"
    view = VIEW.build("pilot", {kind: of_kind(scenario, kind) for kind in VIEW.aggregates}).model_dump()
    assert {row["tandem_id"]: row["breaks"] for row in view["tandems"]}[tandem.id] == (RULE,)
    told = "".join(message.model_dump_json() for message in scenario.told)
    assert tandem.mentor not in told, "nobody reads which of the two changed"
    assert tandem.mentee not in told


@pytest.mark.proves("P10")
def test_the_same_rule_is_reported_once_and_another_one_again() -> None:
    scenario = tandems()
    tandem = first(scenario)
    mentee = department_of(tandem.mentee)
    scenario.when(same_department(tandem)).then(*reported(tandem.id, RULE))
    scenario.again().then_nothing()
    scenario.when(changes(tandem.mentor, department=mentee, site="Ost")).then_nothing()
    scenario.when(changes(tandem.mentor, department=mentee, grade=14)).then(*reported(tandem.id, RULE, "seniority"))
    scenario.when(changes(tandem.mentor, grade=14)).then(said(m.TandemBreaksRule, broken=("seniority",), status="open"))
    scenario.when(changes(tandem.mentor)).then(*settled(tandem.id))
    scenario.when(same_department(tandem)).then(*reported(tandem.id, RULE))


def test_a_change_that_breaks_nothing_and_old_news_are_no_report() -> None:
    scenario = tandems()
    tandem = first(scenario)
    scenario.when(changes(tandem.mentor, site="Ost")).then_nothing()
    scenario.when(By(same_department(tandem), sequence=1)).then_nothing()


def test_who_has_no_tandem_breaks_no_rule() -> None:
    scenario = tandems()
    paired = {id for t in of_kind(scenario, Tandem) for id in (t.mentor, t.mentee)}
    [alone] = set(MENTORS) - paired
    scenario.when(changes(alone, department=department_of(MENTEES[0]))).then_nothing()


@pytest.mark.proves("P10")
def test_a_tandem_whose_two_sides_both_changed_is_reported_once() -> None:
    """A reorganisation moves both into one department: one person after the other."""
    scenario = tandems()
    tandem = first(scenario)
    moved = [changes(id, department="one for all") for id in (tandem.mentor, tandem.mentee)]
    scenario.when(*moved).then(*reported(tandem.id, RULE))


def test_both_sides_that_moved_apart_again_are_settled_by_themselves() -> None:
    scenario = tandems()
    tandem = first(scenario)
    scenario.given(same_department(tandem))
    scenario.when(changes(tandem.mentee, department="elsewhere")).then(*settled(tandem.id))


# What the office decides


@pytest.mark.proves("P10")
def test_the_office_keeps_a_tandem_with_a_reason_that_stays_here() -> None:
    scenario = tandems()
    tandem = first(scenario)
    keep = m.KeepTandem(tandem_id=tandem.id, reason="they work well together")
    scenario.when(keep).then_refused("breaks_no_rule")
    scenario.given(same_department(tandem)).when(keep).then(*settled(tandem.id, "kept"))
    assert "work well" not in "".join(message.model_dump_json() for message in scenario.told)
    scenario.when(keep).then_refused("breaks_no_rule")
    scenario.when(changes(tandem.mentor, department=department_of(tandem.mentee), site="Ost")).then_nothing()
    both = changes(tandem.mentor, department=department_of(tandem.mentee), grade=14)
    scenario.when(both).then(*reported(tandem.id, "seniority"))
    scenario.when(m.KeepTandem(tandem_id="5f0c2a8e-91d4-5b7a-8c36-0e4f7d21b9a5", reason="unknown")).then_refused(
        "breaks_no_rule"
    )


@pytest.mark.proves("P9", "P10")
def test_the_office_ends_a_tandem_as_ever_and_nothing_is_asked_any_more() -> None:
    scenario = tandems()
    tandem = first(scenario)
    scenario.given(same_department(tandem))
    scenario.when(By(m.EndTandem(tandem_id=tandem.id), sender="office")).then_among(m.TandemEnded)
    ended = scenario.one(m.TandemEnded)
    scenario.when(ended).then(*settled(tandem.id))
    scenario.when(ended).then_nothing()
    scenario.when(changes(tandem.mentor)).then_nothing()


def test_a_tandem_that_ends_by_itself_is_asked_for_no_longer() -> None:
    left = tandems()
    tandem = first(left)
    left.given(same_department(tandem)).when(By(leaves(tandem.mentee), sequence=9))
    left.when(left.one(m.TandemEnded)).then(*settled(tandem.id))
    complete = tandems()
    complete.given(same_department(tandem)).when(TERM_OVER)
    done = next(e for e in complete.told if isinstance(e, m.TandemCompleted) and e.tandem_id == tandem.id)
    complete.when(done).then(*settled(tandem.id))


def test_a_tandem_that_ended_with_a_kept_rule_or_with_none_raises_nothing() -> None:
    scenario = tandems()
    one, other = of_kind(scenario, Tandem)
    keep = m.KeepTandem(tandem_id=one.id, reason="they work well together")
    scenario.given(same_department(one), keep, ends(one, one.mentor), ends(other, other.mentor))
    events = [m.TandemEnded(**t.published()) for t in of_kind(scenario, Tandem)]
    scenario.when(events[1]).then_nothing()
    scenario.when(events[0]).then(said(m.TandemBreaksRule, tandem_id=one.id, status="settled"))


# Proposals


@pytest.mark.proves("P10")
def test_an_open_proposal_is_reported_like_a_tandem_and_the_office_may_end_it_although_people_were_asked() -> None:
    scenario = approved()
    proposal: Proposal = of_kind(scenario, Proposal)[0]
    reject = m.RejectProposal(proposal_id=proposal.id, reason="one department")
    scenario.given(yes(proposal, proposal.mentor)).when(reject).then_refused("not_proposed")
    scenario.when(same_department(proposal)).then(*reported(tandem_id(proposal.id), RULE))
    assert scenario.one(m.TandemBreaksRule).proposal_id == proposal.id
    asks = scenario.one(m.OfficeAttentionNeeded)
    assert asks.whom == (proposal.subject,)
    assert "matching.reject-proposal.v1" in asks.answered_by
    scenario.when(reject)
    withdrawn = scenario.one(m.ProposalWithdrawn)
    for who in (proposal.mentor, proposal.mentee):
        [mail] = mails(scenario, who)
        assert "department" not in mail.text.en
    scenario.when(withdrawn).then(*settled(tandem_id(proposal.id)))


def test_a_reported_proposal_that_both_accept_is_a_tandem_that_was_reported_already() -> None:
    scenario = approved()
    proposal: Proposal = of_kind(scenario, Proposal)[0]
    scenario.given(same_department(proposal), yes(proposal, proposal.mentor), yes(proposal, proposal.mentee))
    tandem = first(scenario)
    assert tandem.id == tandem_id(proposal.id)
    scenario.when(changes(tandem.mentor, department=department_of(tandem.mentee), site="Ost")).then_nothing()
    scenario.when(m.KeepTandem(tandem_id=tandem.id, reason="both want it")).then(*settled(tandem.id, "kept"))


def test_a_proposal_that_ends_by_itself_is_asked_for_no_longer() -> None:
    scenario = approved()
    proposal: Proposal = of_kind(scenario, Proposal)[0]
    scenario.given(same_department(proposal)).when(no(proposal, proposal.mentee))
    scenario.when(scenario.one(m.ProposalDeclined)).then(*settled(tandem_id(proposal.id)))
    late = approved().given(same_department(proposal)).when(TODAY + dt.timedelta(days=9))
    expired = next(e for e in late.told if isinstance(e, m.ProposalExpired) and e.proposal_id == proposal.id)
    late.when(expired).then(*settled(tandem_id(proposal.id)))


def test_a_pair_that_breaks_a_rule_since_its_round_was_solved_is_not_proposed() -> None:
    scenario = a_round()
    proposal: Proposal = of_kind(scenario, Proposal)[0]
    fresh = given(service, programme(), *people(), closed((*MENTORS, *MENTEES, person(9, "mentor"))), today=TODAY)
    assert of_kind(fresh, Proposal) == []
    pair = {"mentor": proposal.mentor, "mentee": proposal.mentee}
    piece = Propose(round_id=round_of(fresh), score=proposal.score, parts=(), reasons=(), pinned=False, **pair)
    fresh.given(same_department(proposal)).when(piece)
    assert of_kind(fresh, Proposal) == []
    assert {message.to for message in fresh.told if isinstance(message, m.PersonAddressed)} == set(pair.values())


@pytest.mark.proves("S6", "P10")
def test_a_rule_that_the_office_overrode_by_a_pin_is_not_reported_and_another_one_is() -> None:
    pin = m.PinPair(programme_id="pilot", mentor=MENTORS[0], mentee=MENTEES[0], reason="both asked for it")
    mentor = registered(0, "mentor", department="mentee-0")
    facts = programme(), mentor, registered(0, "mentee"), pin, closed((MENTORS[0], MENTEES[0]))
    scenario = given(service, *facts, today=TODAY)
    proposal: Proposal = of_kind(scenario, Proposal)[0]
    assert proposal.pinned
    scenario.given(m.ApproveRound(round_id=round_of(scenario)))
    scenario.given(yes(proposal, proposal.mentor), yes(proposal, proposal.mentee))
    scenario.when(changes(MENTORS[0], department="mentee-0", site="Ost")).then_nothing()
    worse = changes(MENTORS[0], department="mentee-0", grade=14)
    scenario.when(worse).then(*reported(tandem_id(proposal.id), "seniority"))


def test_nothing_is_reported_once_the_programme_is_over() -> None:
    scenario = two().given(m.ApproveRound(round_id=round_of(two())))
    proposal: Proposal = of_kind(scenario, Proposal)[0]
    scenario.given(yes(proposal, proposal.mentor), yes(proposal, proposal.mentee))
    scenario.given(programme(r.ProgrammeEnded, status="ended")).when(same_department(proposal)).then_nothing()


# At the same moment, and many at once


@pytest.mark.proves("P10")
async def test_two_that_change_at_the_same_moment_are_judged_as_they_both_are() -> None:
    """Each move alone breaks no rule; together they are in one department."""
    tandem = first(tandems())
    mentor, mentee = (changes(id, department="one for all") for id in (tandem.mentor, tandem.mentee))
    replica = await race(BEGUN, By(mentor, sequence=2), mentee, "candidate")
    await replica.settle()
    rules = [s for subject, s in replica.aggregates().items() if subject.startswith("tandem-rule/")]
    assert [(rule["id"], rule["broken"], rule["status"]) for rule in rules] == [(tandem.id, [RULE], "open")]


@pytest.mark.proves("P10")
async def test_a_tandem_that_ends_while_it_is_reported_is_not_left_open() -> None:
    tandem = first(tandems())
    one = Replica(service)
    await one.play(*BEGUN)
    other = one.beside()

    async def happens() -> None:
        other.send(m.EndTandem(tandem_id=tandem.id), "office", "office.replies")
        await other.engine.intake()

    store = Interrupted(one.database, "tandem-rule", happens)
    one.engine.store = store
    await one.play(By(same_department(tandem), sequence=2))
    assert store.happens is None, "the race did not happen"
    assert one.aggregates()[f"tandem/{tandem.id}"]["status"] == "ended"
    assert f"tandem-rule/{tandem.id}" not in one.aggregates()


@pytest.mark.proves("P10")
async def test_the_service_hears_of_a_pair_s_end_from_itself() -> None:
    tandem = first(tandems())
    one = Replica(service)
    await one.play(*BEGUN, By(same_department(tandem), sequence=2), ends(tandem, tandem.mentee))
    found = one.aggregates()
    assert found[f"tandem-rule/{tandem.id}"]["status"] == "settled"
    asks = [s for subject, s in found.items() if subject.startswith("attention/") and s["what"] == "tandem-breaks-rule"]
    assert [a["status"] for a in asks] == ["settled"]


@pytest.mark.proves("P10")
def test_a_reorganisation_of_two_thousand_reports_every_affected_tandem_once() -> None:
    """A thousand tandems; all move, of every second both into one department, of the others each into their own."""
    scenario = given(service, programme(), today=TODAY)
    ids = []
    for n in range(1000):
        pair = [registered(n, side) for side in ("mentor", "mentee")]
        tandem = Tandem(
            id=tandem_id(str(n)),
            programme="pilot",
            mentor=pair[0].participant_id,
            mentee=pair[1].participant_id,
            score=500,
            reasons=(),
            formed_on=TODAY,
            ends_on=TERM_OVER,
        )
        scenario.given(*pair)
        seats = (Seat(id=one.participant_id, programme="pilot", tandems=(tandem.id,)) for one in pair)
        scenario.reference.state.update({a.subject: a for a in (tandem, *seats)})
        ids.append(tandem.id)
    order: list[tuple[int, Side]] = [(n, "mentor") for n in range(1000)] + [(n, "mentee") for n in range(999, -1, -1)]
    for n, side in order:
        department = f"new-{n}" if n % 2 == 0 else f"new-{side}-{n}"
        scenario.when(registered(n, side, r.ParticipantChanged, department=department))
    states = {kind: of_kind(scenario, kind) for kind in (Candidate, Attention)}
    assert len(states[Candidate]) == 2000
    events = [e for e, _ in scenario.reference.said if isinstance(e, m.TandemBreaksRule)]
    assert sorted(e.tandem_id for e in events) == sorted(ids[::2])
    asks = [e for e, _ in scenario.reference.said if isinstance(e, m.OfficeAttentionNeeded)]
    assert len(asks) == len({e.attention_id for e in asks}) == len(states[Attention]) == 500
