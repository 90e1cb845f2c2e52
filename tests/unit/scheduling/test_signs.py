"""Signs that a tandem needs help, and what else waits for the office: raised once, answered, and never left behind."""

import datetime as dt

import pytest

from services.scheduling.planning.jobs import Planned
from shared.contracts import matching as m
from shared.contracts import scheduling as s
from shared.runtime.attention import Attention
from shared.runtime.decision import DueReached
from tests.support.reference import By, Scenario, said
from tests.unit.scheduling.people import (
    DAY,
    EVENINGS,
    FORMED,
    MENTEE,
    MENTOR,
    MORNINGS,
    STARTS,
    STRANGER,
    TANDEM,
    TODAY,
    a_programme,
    a_tandem,
    accepting,
    all_said,
    cancelling,
    fallen_through,
    held_on,
    meetings_in,
    next_planned,
    objecting,
    open_signs,
    pair_in,
    person,
    tandem,
    texts,
)


@pytest.mark.proves("P8", "S16")
def test_two_cancelled_meetings_in_a_row_are_a_sign_that_names_no_side() -> None:
    scenario = a_tandem()
    scenario.when(*fallen_through(meetings_in(scenario)[0]))
    assert not all_said(scenario, s.OfficeAttentionNeeded)
    scenario.when(*fallen_through(next_planned(scenario))).then_among(
        said(s.OfficeAttentionNeeded, what="meetings-failed", whom=(f"tandem/{TANDEM}",))
    )
    told = texts(x for x in scenario.told if isinstance(x, s.OfficeAttentionNeeded))
    assert MENTOR not in told
    assert MENTEE not in told


@pytest.mark.proves("P8")
def test_suggestions_that_are_declined_are_no_failed_meetings_however_many() -> None:
    scenario = a_tandem()
    for _ in range(4):
        scenario.given(cancelling(next_planned(scenario)))
    one_said_yes = next_planned(scenario)
    scenario.given(accepting(one_said_yes, who=MENTEE), cancelling(one_said_yes))
    assert open_signs(scenario) == []
    scenario.given(*fallen_through(next_planned(scenario)))
    assert open_signs(scenario) == []
    scenario.given(*fallen_through(next_planned(scenario)))
    assert open_signs(scenario) == ["meetings-failed"]


@pytest.mark.proves("P8")
def test_what_silence_has_accepted_is_a_meeting_also_on_the_day_on_which_it_does() -> None:
    for handled in (True, False):
        scenario = a_tandem()
        first, second = meetings_in(scenario)[5:7]
        accepts_on = FORMED + 5 * DAY
        if handled:
            scenario.given(accepts_on)
        scenario.reference.today = accepts_on
        scenario.given(cancelling(first)).when(cancelling(second))
        assert scenario.one(s.MeetingCancelled).acceptance == "assumed"
        assert open_signs(scenario) == ["meetings-failed"]


@pytest.mark.proves("P8")
def test_two_cancelled_meetings_with_a_planned_one_between_are_no_sign_until_that_one_fails_too() -> None:
    scenario = a_tandem()
    meetings = meetings_in(scenario)
    scenario.given(*fallen_through(meetings[4]), *fallen_through(meetings[6]))
    assert open_signs(scenario) == []
    for meeting in [x for x in meetings_in(scenario) if meetings[4].date < x.date < meetings[6].date]:
        scenario.given(*fallen_through(meeting))
    assert open_signs(scenario) == ["meetings-failed"]


@pytest.mark.proves("P8")
def test_a_third_one_is_no_second_sign_and_a_held_meeting_settles_it() -> None:
    scenario = a_tandem()
    for _ in range(3):
        scenario.given(*fallen_through(next_planned(scenario)))
    assert len(all_said(scenario, s.OfficeAttentionNeeded)) == 1
    held = next_planned(scenario)
    scenario.given(accepting(held), held.date).when(held_on(held)).then_among(
        said(s.OfficeAttentionNeeded, what="meetings-failed", status="settled")
    )
    assert open_signs(scenario) == []
    assert pair_in(scenario).signs == ()


@pytest.mark.proves("P8")
def test_a_cancelled_and_a_missed_meeting_are_a_sign_but_not_with_a_held_one_between() -> None:
    scenario = a_tandem()
    first, second, third = meetings_in(scenario)[:3]
    scenario.given(accepting(second), first.date, objecting(first), held_on(second), *fallen_through(third))
    assert open_signs(scenario) == []
    scenario = a_tandem()
    scenario.given(first.date, objecting(first)).when(*fallen_through(second))
    assert open_signs(scenario) == ["meetings-failed"]


def test_a_sign_outlives_a_meeting_held_before_the_failed_ones() -> None:
    scenario = a_tandem()
    first, second, *_ = meetings_in(scenario)
    scenario.given(*fallen_through(second))
    replaced = min((x for x in meetings_in(scenario) if x.date > second.date), key=lambda x: x.date)
    scenario.given(*fallen_through(replaced)).when(held_on(first))
    assert open_signs(scenario) == ["meetings-failed"]


def test_meetings_that_fail_after_a_tandem_s_end_are_no_sign() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    end = first.date + DAY
    scenario.given(adding(end), first.date, objecting(first), end, tandem(m.TandemEnded, end))
    scenario.when(objecting(next(x for x in meetings_in(scenario) if x.date == end))).then(s.MeetingMissed)


# What the office answers


def settling(scenario: Scenario) -> s.SettleAttention:
    sign = all_said(scenario, s.OfficeAttentionNeeded)[-1]
    return s.SettleAttention(attention_id=sign.attention_id)


@pytest.mark.proves("S19")
def test_every_sign_of_a_tandem_is_answered_by_the_office_and_reminded_of_no_more() -> None:
    scenario = silent_tandem()
    sign = scenario.one(s.OfficeAttentionNeeded)
    answers = ("scheduling.plan-again.v1", "scheduling.settle-attention.v1", "matching.end-tandem.v1")
    assert sign.answered_by == answers
    scenario.when(settling(scenario)).then(
        said(s.OfficeAttentionNeeded, attention_id=sign.attention_id, status="settled")
    )
    assert open_signs(scenario) == []
    scenario.when(dt.date.fromisoformat(sign.by) + 2 * DAY).then_nothing()


def test_a_settled_sign_is_answered_again_and_an_unknown_one_is_refused() -> None:
    scenario = silent_tandem()
    scenario.given(settling(scenario)).when(settling(scenario)).then(said(s.OfficeAttentionNeeded, status="settled"))
    scenario.when(s.SettleAttention(attention_id=STRANGER)).then_refused("unknown_attention")


@pytest.mark.proves("P8")
def test_a_meeting_that_fails_after_the_office_dealt_with_the_row_is_told_again() -> None:
    scenario = a_tandem()
    for _ in range(2):
        scenario.given(*fallen_through(next_planned(scenario)))
    scenario.given(settling(scenario))
    assert open_signs(scenario) == []
    scenario.given(*fallen_through(next_planned(scenario)))
    assert open_signs(scenario) == ["meetings-failed"]


def planned(wanted: int, found: int, problem: str | None, *, again: bool) -> Planned:
    return Planned(tandem_id=TANDEM, wanted=wanted, found=found, largest_gap_days=9, problem=problem, again=again)


def test_a_plan_that_falls_short_is_settled_once_there_are_as_many_meetings_as_wanted() -> None:
    """Fifteen stand, whatever a repair says that read the tandem earlier."""
    scenario = a_tandem().given(planned(15, 9, "too_few_days", again=False))
    assert open_signs(scenario) == ["plan-short"]
    scenario.given(planned(16, 16, None, again=True))
    assert open_signs(scenario) == ["plan-short"]
    scenario.when(planned(15, 15, None, again=True)).then_among(
        said(s.OfficeAttentionNeeded, what="plan-short", status="settled")
    )


@pytest.mark.proves("S19")
def test_a_plan_that_comes_out_after_the_tandem_s_end_raises_nothing_and_writes_to_nobody() -> None:
    scenario = a_tandem().given(tandem(m.TandemEnded, FORMED))
    scenario.when(planned(15, 3, "too_few_days", again=False)).then(said(s.PlanMade, problem="too_few_days"))
    assert open_signs(scenario) == []


# Silence


def silent_tandem(**rules: int) -> Scenario:
    """A tandem with no common time, so without any meeting."""
    return a_programme(**rules).given(person(MENTOR, MORNINGS), person(MENTEE, EVENINGS), FORMED).when(tandem())


@pytest.mark.proves("P8", "S16")
def test_a_tandem_without_a_meeting_for_too_long_is_a_sign_once() -> None:
    day = STARTS + 33 * DAY
    scenario = silent_tandem().given(TODAY + 30 * DAY)
    scenario.when(day - DAY).then_nothing()
    scenario.when(day).then(
        said(s.OfficeAttentionNeeded, what="tandem-silent", whom=(f"tandem/{TANDEM}",)), s.TandemNeedsAttention
    )
    scenario.when(day + DAY).then_nothing()


def adding(date: dt.date) -> By:
    return By(
        s.AddMeeting(tandem_id=TANDEM, participant_id=MENTOR, date=date, start=600), actor=MENTOR, sender="person"
    )


def test_a_meeting_on_the_last_day_before_silence_is_no_silence_whichever_is_woken_first() -> None:
    last_day = STARTS + 28 * DAY
    scenario = silent_tandem(behind_meetings=10).given(adding(last_day))
    meeting = meetings_in(scenario)[0]
    scenario.given(accepting(meeting, who=MENTEE), last_day)
    due = held_on(meeting)
    assert pair_in(scenario).due == due
    scenario.reference.today = due
    scenario.when(DueReached(subject=f"tandem/{TANDEM}", date=due)).then_nothing()
    scenario.when(DueReached(subject=meeting.subject, date=due)).then(s.MeetingHeld)
    assert pair_in(scenario).due == last_day + 33 * DAY


def test_a_cancelled_meeting_does_not_hide_the_silence() -> None:
    last_day = STARTS + 28 * DAY
    scenario = silent_tandem().given(adding(last_day))
    scenario.given(cancelling(meetings_in(scenario)[0]))
    scenario.when(last_day + 5 * DAY)
    assert "tandem-silent" in open_signs(scenario)


@pytest.mark.proves("P8")
def test_the_silence_ends_with_a_held_meeting_and_may_begin_again() -> None:
    scenario = silent_tandem().given(STARTS + 33 * DAY)
    day = STARTS + 34 * DAY
    scenario.given(adding(day)).given(accepting(next_planned(scenario), who=MENTEE))
    assert "tandem-silent" in open_signs(scenario)
    scenario.when(day + 5 * DAY)
    assert "tandem-silent" not in open_signs(scenario)
    scenario.when(day + 33 * DAY)
    assert "tandem-silent" in open_signs(scenario)
    ids = {x.attention_id for x in all_said(scenario, s.OfficeAttentionNeeded) if x.what == "tandem-silent"}
    assert len(ids) == 2


@pytest.mark.proves("S19")
def test_what_the_office_leaves_unanswered_is_reminded() -> None:
    scenario = silent_tandem()
    sign = next(a for a in scenario.reference.state.values() if isinstance(a, Attention))
    scenario.when(sign.by + DAY).then_nothing()
    scenario.when(sign.by + 2 * DAY).then(said(s.OfficeAttentionNeeded, status="reminded"))
