"""Rules that come hold from their day on, and every decision names the version that it was taken under."""

import datetime as dt
from typing import Any

from services.matching.model import Proposal
from services.matching.service import service
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.parts import ComingRules, Deadlines, MatchingRules, Rules
from tests.support.reference import Scenario, given, said
from tests.unit.matching.people import (
    MENTEES,
    MENTORS,
    TODAY,
    closed,
    no,
    of_kind,
    people,
    programme,
    round_of,
)

DAY = dt.timedelta(days=1)
TOMORROW = TODAY + DAY
BEFORE = Rules(deadlines=Deadlines(wish_days=0))


def coming(**parts: Any) -> dict[str, Any]:
    """What registration says of a programme whose rules change tomorrow."""
    rules = Rules.model_validate({"deadlines": {"wish_days": 0}, **parts})
    return {"coming": ComingRules(rules=rules, version=2, holds_from=TOMORROW)}


def a_round_on(day: dt.date, **changes: Any) -> Scenario:
    """The registration closes on a day, and matching hears of it then."""
    scenario = given(service, programme(**changes), *people(), today=TODAY)
    scenario.reference.today = day
    return scenario.when(closed(**changes))


STRICT = {"matching": MatchingRules(minimum_score=1000, seniority_distance=9)}


def test_a_round_is_solved_under_the_rules_of_its_day_and_names_their_version() -> None:
    today = a_round_on(TODAY, **coming(**STRICT))
    today.then_among(said(m.RoundSolved, status="proposed", rules_version=1), said(m.RoundOpened, rules_version=1))
    assert {p.rules_version for p in of_kind(today, Proposal)} == {1}
    tomorrow = a_round_on(TOMORROW, **coming(**STRICT))
    tomorrow.then_among(said(m.RoundSolved, status="empty", rules_version=2), said(m.RoundOpened, rules_version=2))


def test_who_hears_of_the_new_rules_late_decides_as_who_heard_that_they_hold() -> None:
    known = a_round_on(TOMORROW, **coming(matching={"seniority_distance": 3}))
    held = Rules.model_validate({"deadlines": {"wish_days": 0}, "matching": {"seniority_distance": 3}})
    told = a_round_on(TOMORROW, rules=held, rules_version=2)
    assert of_kind(known, Proposal) == of_kind(told, Proposal)
    assert {p.rules_version for p in of_kind(known, Proposal)} == {2}


def test_the_days_for_answers_are_those_of_the_day_of_the_approval() -> None:
    scenario = a_round_on(TODAY, **coming(deadlines={"wish_days": 0, "answer_days": 3}))
    scenario.given(TOMORROW).when(m.ApproveRound(round_id=round_of(scenario)))
    scenario.then_among(
        said(m.RoundApproved, rules_version=2),
        said(m.ProposalApproved, answer_by=TOMORROW + 3 * DAY, rules_version=2),
    )


def test_a_single_pair_is_approved_under_the_rules_of_the_day() -> None:
    scenario = a_round_on(TODAY, **coming(deadlines={"wish_days": 0, "answer_days": 3})).given(TOMORROW)
    pair: Proposal = of_kind(scenario, Proposal)[0]
    scenario.when(m.ApproveProposal(proposal_id=pair.id))
    scenario.then_among(said(m.ProposalApproved, answer_by=TOMORROW + 3 * DAY, rules_version=2))


def test_the_days_for_wishes_are_those_of_the_day_on_which_the_set_is_whole() -> None:
    scenario = a_round_on(TOMORROW, **coming(deadlines={"wish_days": 5}))
    scenario.then_among(said(m.WishesInvited, wish_by=TOMORROW + 5 * DAY, rules_version=2))


def test_a_pin_is_judged_by_the_rules_of_the_day() -> None:
    pin = m.PinPair(programme_id="pilot", mentor=MENTORS[0], mentee=MENTEES[0])
    fields = coming(matching={"seniority_distance": 9})
    given(service, programme(**fields), *people(), today=TODAY).when(pin).then(said(m.PairPinned, rules_version=1))
    later = given(service, programme(**fields), *people(), TOMORROW, today=TODAY)
    later.when(pin).then_refused("seniority")
    later.when(pin.model_copy(update={"reason": "both asked for it"})).then(said(m.PairPinned, rules_version=2))


def test_a_later_round_under_other_rules_begins_where_the_last_one_ended_and_is_proven_all_the_same() -> None:
    """The kept proof's prices are of the old rules; they are where the solver begins, not what it is bound to."""
    scenario = a_round_on(TODAY, **coming(matching={"weight_mentee": 0, "weight_mentor": 0, "weight_site": 100}))
    scenario.given(m.ApproveRound(round_id=round_of(scenario)))
    pair: Proposal = of_kind(scenario, Proposal)[0]
    scenario.given(no(pair, pair.mentor))
    scenario.when(TOMORROW)
    scenario.then_among(said(m.RoundSolved, rules_version=2))
    new = [p for p in of_kind(scenario, Proposal) if p.rules_version == 2]
    assert [p.score for p in new] == [1000]


def test_the_office_s_days_are_those_of_the_day_on_which_it_is_told() -> None:
    scenario = a_round_on(TOMORROW, **coming(deadlines={"wish_days": 0, "office_days": 2}))
    told = scenario.one(m.OfficeAttentionNeeded)
    assert (told.by, told.rules_version) == ((TOMORROW + 2 * DAY).isoformat(), 2)


def test_an_archived_programme_stays_over_for_who_missed_its_end() -> None:
    state = programme(r.ProgrammeEnded, status="ended", rules=BEFORE)
    archived = r.ProgrammeArchived.model_validate({**state.model_dump(), "status": "archived", "gone": ("people",)})
    scenario = a_round_on(TODAY).when(archived)
    scenario.then_among(said(m.RoundClosed, status="closed"))
    scenario.when(m.StartRound(programme_id="pilot")).then_refused("programme_ended")
