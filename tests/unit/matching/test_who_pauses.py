"""Who pauses keeps what they hold and their place in line; their days stand still, and nobody is told of them (P6)."""

import asyncio
import datetime as dt
from typing import Any

import pytest

from services.matching.model import Pin, Proposal, Reserve, Tandem
from services.matching.service import service
from services.matching.to_solve import solving
from services.matching.view import VIEW, programme_view
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.parts import Deadlines, MatchingRules, Rules
from shared.contracts.scheduling import DayStarted
from tests.support.reference import By, Scenario, given, said
from tests.unit.matching.people import (
    MENTEES,
    MENTORS,
    TODAY,
    Reading,
    approved,
    closed,
    listed,
    mails,
    of_kind,
    pauses,
    people,
    programme,
    resumes,
    round_of,
    tandems,
    two,
    yes,
)
from tests.unit.matching.test_races import APPROVE, PAIR, UNTIL_SOLVED, race, waiting

DAY = dt.timedelta(days=1)
ANSWER_BY = TODAY + 7 * DAY
START = m.StartRound(programme_id="pilot")
WISHING: dict[str, Any] = {"places": 3, "rules": Rules(matching=MatchingRules(), deadlines=Deadlines(wish_days=3))}


def proposals(scenario: Scenario, *statuses: str) -> list[Proposal]:
    return [p for p in of_kind(scenario, Proposal) if p.status in (statuses or ("proposed", "approved"))]


def people_in(found: list[Any]) -> set[str]:
    return {id for pair in found for id in (pair.mentor, pair.mentee)}


def one(scenario: Scenario) -> Proposal:
    found: list[Proposal] = of_kind(scenario, Proposal)
    return found[0]


def asked() -> Scenario:
    """One mentor and one mentee who are asked until ANSWER_BY."""
    scenario = two()
    return scenario.given(m.ApproveRound(round_id=round_of(scenario)))


# Rounds


@pytest.mark.proves("P6", "P5")
def test_nobody_is_proposed_who_pauses_and_they_stand_in_line_without_a_letter() -> None:
    who = MENTORS[0]
    scenario = given(service, programme(places=3), *people(), pauses(who), today=TODAY).when(closed(places=3))
    assert who not in people_in(proposals(scenario))
    assert len(proposals(scenario)) == 2
    assert who in listed(scenario)
    assert mails(scenario, who) == []


@pytest.mark.proves("P6")
def test_whose_pause_is_over_before_the_round_is_in_it_although_nobody_said_so_yet() -> None:
    over = pauses(MENTORS[0], since=TODAY - 5 * DAY, until=TODAY - DAY)
    scenario = given(service, programme(places=3), *people(), over, today=TODAY).when(closed(places=3))
    assert MENTORS[0] in people_in(proposals(scenario))


@pytest.mark.proves("P6", "P5")
def test_who_comes_back_is_looked_for_in_the_next_round_by_the_place_that_they_kept() -> None:
    who = MENTEES[0]
    scenario = given(service, programme(places=3), *people(), pauses(who), closed(places=3), today=TODAY)
    scenario.given(m.ApproveRound(round_id=round_of(scenario)), TODAY + 3 * DAY)
    scenario.when(resumes(who, 3)).then_nothing()
    scenario.when(TODAY + 4 * DAY).then_among(m.RoundOpened)
    assert who in people_in(proposals(scenario))
    [place] = [reserve for reserve in of_kind(scenario, Reserve) if reserve.id == who]
    assert place.since == TODAY


def test_a_place_on_the_reserve_list_stays_while_somebody_pauses() -> None:
    scenario = tandems()
    who = min(listed(scenario))
    before = [reserve for reserve in of_kind(scenario, Reserve) if reserve.id == who]
    scenario.when(pauses(who)).then_nothing()
    scenario.given(START)
    assert [reserve for reserve in of_kind(scenario, Reserve) if reserve.id == who] == before


def test_no_round_begins_for_who_comes_back_to_a_tandem() -> None:
    scenario = tandems()
    who = of_kind(scenario, Tandem)[0].mentor
    scenario.given(pauses(who), TODAY + DAY).when(resumes(who, 1)).then_nothing()
    scenario.when(TODAY + 2 * DAY).then_nothing()


def test_nothing_begins_for_who_comes_back_before_registration_has_closed_or_after_the_end() -> None:
    early = given(service, programme(), *people(), pauses(MENTORS[0]), today=TODAY)
    early.when(resumes(MENTORS[0])).then_nothing()
    scenario = tandems()
    who = min(listed(scenario))
    scenario.given(pauses(who), programme(r.ProgrammeEnded, status="ended"))
    scenario.when(resumes(who, 1), dt.date(2027, 7, 16))
    assert not [x for x in scenario.told if isinstance(x, m.RoundOpened)]


def test_the_same_state_again_opens_no_round() -> None:
    scenario = given(service, programme(), *people(), pauses(MENTORS[0]), closed(), resumes(MENTORS[0]), today=TODAY)
    scenario.given(m.ApproveRound(round_id=round_of(scenario)), TODAY + DAY)
    scenario.when(resumes(MENTORS[0]), TODAY + 2 * DAY)
    assert not [x for x in scenario.told if isinstance(x, m.RoundOpened)]


@pytest.mark.proves("P1", "P6")
def test_who_pauses_is_not_invited_to_wish_and_is_as_soon_as_they_are_back() -> None:
    who = MENTORS[0]
    scenario = given(service, programme(**WISHING), *people(), pauses(who), today=TODAY).when(closed(**WISHING))
    assert mails(scenario, who) == []
    assert [mail.topic for mail in mails(scenario, MENTORS[1])] == ["wishes"]
    scenario.when(resumes(who)).then(said(m.PersonAddressed, to=who, topic="wishes"))
    scenario.when(TODAY + 5 * DAY)
    assert who in people_in(proposals(scenario))


@pytest.mark.proves("P6")
def test_an_open_proposal_of_who_pauses_stays_and_no_rematch_may_end_it() -> None:
    scenario = approved()
    pair = proposals(scenario)[0]
    scenario.when(pauses(pair.mentor)).then_nothing()
    assert pair.id in {p.id for p in proposals(scenario)}
    scenario.given(START)
    work = asyncio.run(solving(round_of(scenario), Reading(scenario)))
    assert pair.id in {held.proposal_id for held in work.fixed}
    assert pair.mentor not in {person.id for person in work.inputs.people}


def test_a_pair_that_the_office_fixed_waits_until_both_take_part() -> None:
    scenario = given(service, programme(), *people(), today=TODAY)
    pin = m.PinPair(programme_id="pilot", mentor=MENTORS[0], mentee=MENTEES[0], reason="asked for by both")
    scenario.given(pin, pauses(MENTORS[0]), closed())
    assert [pin.status for pin in of_kind(scenario, Pin)] == ["pinned"]
    assert MENTORS[0] not in people_in(proposals(scenario))


def test_the_office_sees_who_on_the_reserve_list_pauses() -> None:
    scenario = tandems()
    first, second = sorted(listed(scenario))
    scenario.given(pauses(first))
    view = programme_view("pilot", {kind: of_kind(scenario, kind) for kind in VIEW.aggregates})
    assert {row.participant_id: row.paused for row in view.reserve} == {first: True, second: False}


# Answers


@pytest.mark.proves("P6", "P3")
def test_the_days_for_an_answer_stand_still_while_one_of_the_two_pauses() -> None:
    scenario = asked()
    pair = one(scenario)
    scenario.given(TODAY + 2 * DAY, pauses(pair.mentor, since=TODAY + 2 * DAY, until=TODAY + 21 * DAY))
    for number in (9, 10, 21):
        scenario.when(TODAY + number * DAY).then_nothing()
    scenario.given(resumes(pair.mentor, 20))
    later = ANSWER_BY + 20 * DAY
    scenario.when(TODAY + 22 * DAY).then(
        said(m.ProposalApproved, answer_by=later, status="approved"),
        said(m.PersonAddressed, topic="proposal-moved"),
        said(m.PersonAddressed, topic="proposal-moved"),
    )
    scenario.when(later + DAY).then_nothing()
    scenario.when(later + 2 * DAY).then_among(m.ProposalExpired)


@pytest.mark.proves("P6", "P9")
def test_both_are_told_of_the_new_day_in_the_same_words() -> None:
    scenario = asked()
    pair = one(scenario)
    scenario.given(TODAY + 2 * DAY, pauses(pair.mentor, since=TODAY + 2 * DAY), resumes(pair.mentor, 3))
    scenario.when(ANSWER_BY + 2 * DAY)
    [mine], [yours] = mails(scenario, pair.mentor), mails(scenario, pair.mentee)
    assert mine.text == yours.text
    assert scenario.one(m.ProposalApproved).answer_by == ANSWER_BY + 3 * DAY
    assert "days_paused" not in m.ProposalApproved.model_fields


def test_a_pause_that_ended_within_the_days_moves_the_last_one_and_a_second_one_moves_it_again() -> None:
    scenario = asked()
    pair = one(scenario)
    scenario.given(resumes(pair.mentee, 3)).when(ANSWER_BY + 2 * DAY)
    assert scenario.one(m.ProposalApproved).answer_by == ANSWER_BY + 3 * DAY
    scenario.given(resumes(pair.mentee, 8)).when(ANSWER_BY + 5 * DAY)
    assert scenario.one(m.ProposalApproved).answer_by == ANSWER_BY + 8 * DAY
    scenario.when(ANSWER_BY + 10 * DAY).then_among(m.ProposalExpired)


def test_the_last_day_that_somebody_is_told_is_never_over() -> None:
    scenario = asked()
    scenario.given(resumes(one(scenario).mentee, 1)).when(ANSWER_BY + 2 * DAY)
    assert scenario.one(m.ProposalApproved).answer_by == ANSWER_BY + 2 * DAY


def test_days_paused_before_they_were_asked_move_nothing() -> None:
    scenario = two()
    pair = one(scenario)
    scenario.given(resumes(pair.mentor, 30), m.ApproveRound(round_id=round_of(scenario)))
    scenario.when(ANSWER_BY + 2 * DAY).then_among(m.ProposalExpired)


def test_a_pause_that_begins_after_the_last_day_moves_nothing() -> None:
    scenario = asked()
    scenario.given(ANSWER_BY + DAY, pauses(one(scenario).mentor, since=ANSWER_BY + DAY))
    scenario.when(ANSWER_BY + 2 * DAY).then_among(m.ProposalExpired)


@pytest.mark.proves("P6")
def test_who_pauses_may_answer_all_the_same() -> None:
    scenario = asked()
    pair = one(scenario)
    scenario.given(pauses(pair.mentor), yes(pair, pair.mentor)).when(yes(pair, pair.mentee))
    scenario.then_among(m.TandemFormed)


# Races


@pytest.mark.proves("P6", "P4", "P5")
async def test_who_pauses_while_a_round_proposes_them_is_not_proposed_and_waits() -> None:
    replica = await race(UNTIL_SOLVED, closed(), pauses(PAIR.mentor), "proposal")
    found = replica.aggregates()
    open_ = [s for k, s in found.items() if k.startswith("proposal/") and s["status"] == "proposed"]
    assert PAIR.mentor not in {s["mentor"] for s in open_}
    assert PAIR.mentor in waiting(replica)
    assert PAIR.mentee in waiting(replica)


@pytest.mark.proves("P6", "P3")
async def test_a_proposal_does_not_expire_over_somebody_who_pauses_at_that_moment() -> None:
    """Their last day was not over: the row is handed out late, while they pause since the last day."""
    before = (*UNTIL_SOLVED, closed(), APPROVE)
    since = pauses(PAIR.mentor, since=ANSWER_BY)
    replica = await race(before, By(DayStarted(date=ANSWER_BY + 2 * DAY)), since, "proposal")
    assert replica.aggregates()[PAIR.subject]["status"] == "approved"
