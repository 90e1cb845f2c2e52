"""The signs that matching and the office are told of (P8, S16): by rule, about the tandem, never a side."""

import datetime as dt

import pytest

from services.scheduling.meetings.signs import behind_on
from services.scheduling.model import Slot
from shared.contracts import matching as m
from shared.contracts import scheduling as s
from tests.support.reference import Scenario, said
from tests.unit.scheduling.people import (
    DAY,
    EVENINGS,
    FORMED,
    MENTEE,
    MENTOR,
    MORNINGS,
    STARTS,
    TANDEM,
    a_programme,
    a_tandem,
    accepting,
    all_said,
    an_accepted_tandem,
    by_mentor,
    fallen_through,
    held_on,
    meetings_in,
    next_planned,
    open_signs,
    pair_in,
    pauses,
    person,
    resumes,
    tandem,
    texts,
)


def rules_told(scenario: Scenario) -> list[list[str]]:
    return [[sign.rule for sign in event.signs] for event in all_said(scenario, s.TandemNeedsAttention)]


def to(scenario: Scenario, last: dt.date, first: dt.date = FORMED + DAY) -> Scenario:
    """Every day until one."""
    return scenario.given(*(first + n * DAY for n in range((last - first).days + 1)))


@pytest.mark.proves("P8", "S16")
def test_two_cancelled_meetings_in_a_row_are_one_event_about_the_tandem_that_names_no_side() -> None:
    scenario = a_tandem()
    first = next_planned(scenario)
    scenario.given(*fallen_through(first)).when(*fallen_through(next_planned(scenario)))
    event = scenario.one(s.TandemNeedsAttention)
    assert (event.tandem_id, event.status) == (TANDEM, "open")
    today = scenario.reference.today
    assert [(sign.rule, sign.since) for sign in event.signs] == [("meetings-failed", today)], "not of a day to come"
    assert scenario.one(s.OfficeAttentionNeeded).by == (today + 7 * DAY).isoformat()
    assert MENTOR not in texts([event])
    assert MENTEE not in texts([event])
    scenario.given(*fallen_through(next_planned(scenario)))
    assert rules_told(scenario) == [["meetings-failed"]]


@pytest.mark.proves("P8")
def test_a_held_meeting_settles_the_sign_and_so_does_the_office() -> None:
    for by_office in (True, False):
        scenario = a_tandem()
        for _ in range(2):
            scenario.given(*fallen_through(next_planned(scenario)))
        held = next_planned(scenario)
        if by_office:
            sign = all_said(scenario, s.OfficeAttentionNeeded)[-1]
            scenario.when(s.SettleAttention(attention_id=sign.attention_id))
        else:
            scenario.given(accepting(held)).when(held_on(held))
        scenario.then_among(said(s.TandemNeedsAttention, status="settled", signs=()))
        assert pair_in(scenario).needs == ()


@pytest.mark.proves("S16", "P9")
def test_a_tandem_that_ends_has_no_sign_left() -> None:
    scenario = a_tandem()
    for _ in range(2):
        scenario.given(*fallen_through(next_planned(scenario)))
    scenario.when(tandem(m.TandemEnded, FORMED)).then_among(said(s.TandemNeedsAttention, status="settled", signs=()))
    a_tandem().when(tandem(m.TandemEnded, FORMED))
    assert not [x for x in scenario.when(tandem(m.TandemEnded, FORMED)).told if isinstance(x, s.TandemNeedsAttention)]


# Behind its cadence


@pytest.mark.proves("S10", "S16")
def test_three_meetings_less_than_the_cadence_wants_are_a_sign() -> None:
    """Three a month: on the 31st day the third is wanted; nobody knows of the last days before the fifth after it."""
    scenario = a_tandem()
    pair = pair_in(scenario)
    programme = scenario.reference.state["programme/pilot"]
    day = STARTS + 31 * DAY + 5 * DAY
    assert behind_on(pair, programme) == day  # type: ignore[arg-type]
    slot = Slot(meeting="1", date=STARTS, start=600, minutes=90, status="held")
    assert behind_on(pair.but(slots=(slot,)), programme) == STARTS + 41 * DAY + 5 * DAY  # type: ignore[arg-type]
    silent = a_programme().given(person(MENTOR, MORNINGS), person(MENTEE, EVENINGS), FORMED, tandem())
    to(silent, day - DAY)
    assert rules_told(silent) == [["tandem-silent"]]
    silent.when(day).then_among(said(s.OfficeAttentionNeeded, what="behind-cadence", whom=(f"tandem/{TANDEM}",)))
    assert rules_told(silent)[-1] == ["tandem-silent", "behind-cadence"]
    to(silent, day + 30 * DAY, day + DAY)
    assert len(rules_told(silent)) == 2


@pytest.mark.proves("S10")
def test_a_tandem_that_keeps_its_plan_is_never_behind_nor_silent() -> None:
    scenario = to(an_accepted_tandem(), FORMED + 150 * DAY)
    assert rules_told(scenario) == []
    assert pair_in(scenario).held() >= 13


def test_how_far_behind_is_a_setting_and_unknown_meetings_do_not_help() -> None:
    scenario = to(a_tandem(behind_meetings=1), STARTS + 26 * DAY)
    assert "behind-cadence" in rules_told(scenario)[-1]
    assert sum(slot.status == "unknown" for slot in pair_in(scenario).slots) >= 2


@pytest.mark.proves("P6")
def test_days_of_rest_do_not_put_a_tandem_behind() -> None:
    begins, ends = STARTS + DAY, STARTS + 30 * DAY
    scenario = a_tandem().given(STARTS, begins, pauses(MENTOR, ends, since=begins))
    to(scenario, ends, begins + DAY)
    scenario.given(ends + DAY, resumes(MENTOR))
    to(scenario, STARTS + 62 * DAY, ends + 2 * DAY)
    assert not any("behind-cadence" in rules for rules in rules_told(scenario))


def test_once_it_has_caught_up_it_may_fall_behind_again() -> None:
    scenario = to(a_tandem(), STARTS + 40 * DAY)
    assert "behind-cadence" in open_signs(scenario)
    day = STARTS + 41 * DAY
    while "behind-cadence" in open_signs(scenario):
        add = s.AddMeeting(tandem_id=TANDEM, participant_id=MENTOR, date=day + DAY, start=600)
        scenario.given(by_mentor(add), day, day + DAY)
        for meeting in [x for x in meetings_in(scenario) if x.status == "planned" and x.date <= day + DAY]:
            scenario.given(by_mentor(s.RecordTopics(meeting_id=meeting.id, participant_id=MENTOR, topics=("apps",))))
        day += 2 * DAY
        assert day < STARTS + 80 * DAY
    to(scenario, day + 60 * DAY, day)
    assert "behind-cadence" in open_signs(scenario)
    ids = {x.attention_id for x in all_said(scenario, s.OfficeAttentionNeeded) if x.what == "behind-cadence"}
    assert len(ids) == 2
