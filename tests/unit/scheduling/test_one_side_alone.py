"""What one of the two can reach while the other says nothing: no held meeting, and nothing of the other's calendar."""

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.model import Meeting
from services.scheduling.service import service
from services.scheduling.view import VIEW, programme_view
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Contract
from shared.contracts.parts import WorkingTime
from tests.support.reference import By, Scenario, said
from tests.unit.scheduling.calendars import away, busy, by
from tests.unit.scheduling.people import (
    DAY,
    FORMED,
    MENTEE,
    MENTOR,
    TANDEM,
    WEEK,
    a_programme,
    a_tandem,
    accepting,
    all_said,
    held_on,
    meeting_in,
    meetings_in,
    open_signs,
    pair_in,
    person,
    tandem,
)

MONDAY = FORMED
TUESDAY = dt.date(2027, 2, 16)
"""A day on which both work, and late enough for three working days to answer."""
BY_SILENCE = MONDAY + 5 * DAY
"""The Saturday on which silence accepts what was suggested on the Monday before."""


def adding(day: dt.date, who: str = MENTOR, start: int = 900) -> By:
    command = s.AddMeeting(tandem_id=TANDEM, participant_id=who, date=day, start=start, minutes=30)
    return By(command, actor=who, sender="person")


def moving_to(meeting: Meeting, day: dt.date, who: str = MENTOR, start: int = 840) -> By:
    command = s.MoveMeeting(meeting_id=meeting.id, participant_id=who, date=day, start=start, replaces=meeting.said)
    return By(command, actor=who, sender="person")


def until(scenario: Scenario, day: dt.date) -> Scenario:
    """Every day passes until one."""
    while scenario.reference.today < day:
        scenario.given(scenario.reference.today + DAY)
    return scenario


def without_plan() -> Scenario:
    """A tandem that is planned on Fridays only, and could meet on each day."""
    fridays = (WorkingTime(weekday=4, start=540, end=960),)
    scenario = a_programme().given(person(MENTEE, fridays, r.ParticipantChanged), FORMED, tandem())
    return scenario.given(person(MENTEE, WEEK, r.ParticipantChanged))


def added(scenario: Scenario, who: str = MENTOR, start: int = 900, day: dt.date = TUESDAY) -> Meeting:
    scenario.when(adding(day, who, start))
    return meeting_in(scenario, scenario.one(s.MeetingScheduled).meeting_id)


OTHERS: dict[str, Callable[[str], Contract | By]] = {
    "busy": lambda who: busy([(TUESDAY, 540, 960)], who=who),
    "absent": lambda who: by(away((TUESDAY, TUESDAY), who=who), actor=who),
    "does not work": lambda who: person(who, WEEK[:1], r.ParticipantChanged),
}


@pytest.mark.proves("P8", "P11")
@pytest.mark.parametrize("why", OTHERS)
@pytest.mark.parametrize(("who", "other"), [(MENTOR, MENTEE), (MENTEE, MENTOR)])
def test_silence_never_accepts_a_time_that_one_suggests_while_the_other_is_not_there(
    why: str, who: str, other: str
) -> None:
    scenario = a_tandem().given(OTHERS[why](other))
    meeting = added(scenario, who)
    until(scenario, TUESDAY)
    assert meeting_in(scenario, meeting.id).acceptance == "open"
    scenario.when(accepting(meeting_in(scenario, meeting.id), who=other))
    scenario.then_among(said(s.MeetingAccepted, meeting_id=meeting.id, acceptance="given"))


@pytest.mark.parametrize("why", OTHERS)
def test_that_the_one_who_suggests_a_time_is_not_there_is_their_own_business(why: str) -> None:
    scenario = a_tandem().given(OTHERS[why](MENTOR))
    meeting = added(scenario)
    until(scenario, BY_SILENCE)
    assert meeting_in(scenario, meeting.id).acceptance == "assumed"


def test_a_moved_meeting_is_no_more_accepted_by_silence_than_an_added_one() -> None:
    for day, acceptance in ((TUESDAY, "open"), (TUESDAY + DAY, "assumed")):
        scenario = a_tandem().given(OTHERS["busy"](MENTEE))
        meeting = meetings_in(scenario)[-1]
        scenario.given(moving_to(meeting, day))
        assert meeting_in(scenario, meeting.id).date == day
        until(scenario, BY_SILENCE)
        assert meeting_in(scenario, meeting.id).acceptance == acceptance


def test_a_day_on_which_nobody_works_is_none_for_silence() -> None:
    """Good Friday is no working day of anybody, whatever stands in the profile."""
    scenario = a_tandem()
    meeting = added(scenario, day=dt.date(2027, 3, 26))
    assert dt.date(2027, 3, 26) in pair_in(scenario).closed
    until(scenario, BY_SILENCE)
    assert meeting_in(scenario, meeting.id).acceptance == "open"


def test_what_waits_for_the_other_side_is_shown_as_a_suggestion_and_ends_with_its_own_day() -> None:
    scenario = without_plan().given(OTHERS["busy"](MENTEE))
    meeting = added(scenario)
    until(scenario, TUESDAY)
    kinds = VIEW.aggregates
    found = {kind: [a for a in scenario.reference.state.values() if isinstance(a, kind)] for kind in kinds}
    view = programme_view("pilot", found)
    assert {row.meeting_id: row.acceptance for row in view.meetings}[meeting.id] == "open"
    assert view.tandems[0].suggested == 1
    until(scenario, held_on(meeting) - DAY).when(held_on(meeting))
    scenario.then_among(said(s.MeetingUnknown, meeting_id=meeting.id))


def test_days_on_which_who_shall_answer_is_absent_are_none_for_the_answer() -> None:
    """Away on Tuesday and Wednesday: Thursday, Friday and Monday are left, and the last is over on the Wednesday."""
    scenario = a_tandem()
    meeting = added(scenario, day=TUESDAY + 14 * DAY)
    scenario.given(by(away((MONDAY + DAY, MONDAY + 2 * DAY), who=MENTEE), actor=MENTEE))
    until(scenario, MONDAY + 8 * DAY)
    assert meeting_in(scenario, meeting.id).acceptance == "open"
    scenario.when(MONDAY + 9 * DAY).then_among(said(s.MeetingAccepted, meeting_id=meeting.id, acceptance="assumed"))


def test_the_absence_of_who_has_answered_already_leaves_the_other_s_days_as_they_are() -> None:
    scenario = a_tandem()
    meeting = added(scenario, day=TUESDAY + 14 * DAY)
    scenario.given(by(away((MONDAY + DAY, MONDAY + 2 * DAY))))
    until(scenario, BY_SILENCE)
    assert meeting_in(scenario, meeting.id).acceptance == "assumed"


def test_who_was_away_and_says_something_else_of_the_days_to_come_was_still_away() -> None:
    scenario = a_tandem()
    meeting = added(scenario, day=TUESDAY + 14 * DAY)
    scenario.given(by(away((MONDAY + DAY, MONDAY + 20 * DAY), who=MENTEE), actor=MENTEE))
    until(scenario, MONDAY + 3 * DAY)
    scenario.given(by(away(who=MENTEE), actor=MENTEE))
    until(scenario, MONDAY + 8 * DAY)
    assert meeting_in(scenario, meeting.id).acceptance == "open"
    until(scenario, MONDAY + 9 * DAY)
    assert meeting_in(scenario, meeting.id).acceptance == "assumed"
    last = s.Absence(first=MONDAY + DAY, last=MONDAY + 2 * DAY)
    assert not [x for x in all_said(scenario, s.AbsencesRecorded)[-1].absences if x == last]


def test_whoever_was_away_on_all_days_for_an_answer_has_accepted_nothing() -> None:
    scenario = without_plan().given(by(away((MONDAY, TUESDAY - DAY), who=MENTEE), actor=MENTEE))
    meeting = added(scenario)
    until(scenario, held_on(meeting))
    assert meeting_in(scenario, meeting.id).acceptance == "open"
    assert meeting_in(scenario, meeting.id).status == "unknown"


@pytest.mark.proves("P9")
def test_no_letter_about_a_suggestion_tells_whether_the_other_is_there() -> None:
    letters = set()
    for what in (None, *OTHERS.values()):
        scenario = a_tandem()
        if what is not None:
            scenario.given(what(MENTEE))
        scenario.when(adding(TUESDAY))
        letters.add(tuple(x.text.en + x.text.de for x in scenario.told if isinstance(x, s.PersonAddressed)))
    for days in ((MONDAY + DAY, MONDAY + 2 * DAY), (MONDAY, TUESDAY + 30 * DAY)):
        scenario = a_tandem().given(by(away(days, who=MENTEE), actor=MENTEE)).when(adding(TUESDAY))
        letters.add(tuple(x.text.en + x.text.de for x in scenario.told if isinstance(x, s.PersonAddressed)))
    assert len(letters) == 1
    assert "accept it by 11 February 2027" in letters.pop()[0]


def test_what_a_person_is_shown_of_a_meeting_does_not_tell_whether_the_other_is_there() -> None:
    scenario = a_tandem().given(OTHERS["busy"](MENTEE))
    meeting = added(scenario)
    assert not meeting.by_silence
    [shows] = [each.shows for each in service.concerns if each.aggregate is Meeting]
    shown = shows(meeting, frozenset({MENTOR}))
    assert shown is not None
    assert "agreed_before" in shown
    assert "by_silence" not in shown
    assert not [x for x in scenario.told if "by_silence" in x.model_dump()]


@pytest.mark.proves("P8", "P11")
@pytest.mark.parametrize(("who", "other"), [(MENTOR, MENTEE), (MENTEE, MENTOR)])
def test_with_all_the_notice_of_the_world_one_side_alone_makes_no_held_meeting(who: str, other: str) -> None:
    """Silence accepts both suggestions, which makes nobody meet; two in a row are a sign."""
    scenario = without_plan()
    first, second = added(scenario, who), added(scenario, who, day=TUESDAY + DAY)
    until(scenario, second.date)
    assert meeting_in(scenario, first.id).acceptance == meeting_in(scenario, second.id).acceptance == "assumed"
    scenario.given(accepting(meeting_in(scenario, second.id), who=who))
    until(scenario, held_on(second))
    assert [meeting_in(scenario, x.id).status for x in (first, second)] == ["unknown"] * 2
    assert pair_in(scenario).held() == 0
    assert "meetings-failed" in open_signs(scenario)


@pytest.mark.proves("P11")
def test_a_late_yes_of_the_other_side_makes_a_suggestion_count() -> None:
    scenario = without_plan()
    meeting = added(scenario)
    until(scenario, BY_SILENCE).given(accepting(meeting_in(scenario, meeting.id), who=MENTEE))
    until(scenario, held_on(meeting) - DAY).when(held_on(meeting))
    scenario.then_among(said(s.MeetingHeld, meeting_id=meeting.id, acceptance="given", known="assumed"))


ACTS = st.tuples(st.sampled_from(["add", "move", "accept", "pass"]), st.integers(0, 8), st.integers(3, 20))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([MENTOR, MENTEE]), st.lists(ACTS, max_size=12))
def test_whatever_one_side_suggests_without_the_other_nothing_of_it_counts_as_held(
    who: str, acts: list[tuple[str, int, int]]
) -> None:
    """Of what they suggest: a plan suggests by itself, and who accepts its times has accepted (P11)."""
    scenario = without_plan()
    for kind, number, days in acts:
        own = [x for x in meetings_in(scenario) if x.by_one]
        day = scenario.reference.today + days * DAY
        match kind:
            case "add":
                scenario.given(adding(day, who))
            case "move":
                coming = [x for x in meetings_in(scenario) if x.status == "planned"]
                scenario.given(*[moving_to(x, day, who) for x in coming[number : number + 1]])
            case "accept":
                scenario.given(*[accepting(x, who=who) for x in own[number : number + 1]])
            case _:
                until(scenario, scenario.reference.today + number * DAY)
    until(scenario, scenario.reference.today + 26 * DAY)
    assert not [x for x in meetings_in(scenario) if x.status == "held"]


@pytest.mark.proves("P11")
def test_one_yes_to_a_plan_s_time_makes_no_meeting_where_the_other_was_away_on_all_days_for_an_answer() -> None:
    scenario = a_tandem()
    meeting = meetings_in(scenario)[0]
    scenario.given(by(away((FORMED, meeting.date - DAY), who=MENTEE), MENTEE), accepting(meeting))
    day = scenario.reference.today
    while day < held_on(meeting):
        day += DAY
        letters = [x for x in scenario.when(day).told if isinstance(x, s.PersonAddressed) and x.topic == "reminder"]
        assert all("yes from both of you" in letter.text.en for letter in letters)
    after = meeting_in(scenario, meeting.id)
    assert (after.status, after.acceptance) == ("unknown", "open")
