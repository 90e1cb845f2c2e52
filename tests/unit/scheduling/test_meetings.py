import datetime as dt

import pytest

from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.runtime.decision import DueReached
from tests.support.reference import Scenario, said
from tests.unit.scheduling.people import (
    DAY,
    ENDS,
    EVENINGS,
    FORMED,
    MENTEE,
    MENTOR,
    STRANGER,
    TANDEM,
    a_programme,
    a_tandem,
    accepting,
    all_said,
    an_accepted_tandem,
    by_mentor,
    cancelling,
    held_on,
    meeting_in,
    meetings_in,
    moving,
    next_planned,
    objecting,
    person,
    tandem,
)


def adding(date: dt.date, participant: str = MENTOR) -> s.AddMeeting:
    return s.AddMeeting(tandem_id=TANDEM, participant_id=participant, date=date, start=600)


def a_free_day(scenario: Scenario) -> dt.date:
    return meetings_in(scenario)[0].date + 2 * DAY


def test_what_nobody_knows_is_refused() -> None:
    scenario = a_tandem()
    unknown = meetings_in(scenario)[0].but(id=STRANGER)
    topics = by_mentor(s.RecordTopics(meeting_id=STRANGER, participant_id=MENTOR, topics=("apps",)))
    for command in (moving(unknown, ENDS), cancelling(unknown), objecting(unknown), topics):
        scenario.when(command).then_refused("unknown_meeting")
    scenario.when(by_mentor(s.AddMeeting(tandem_id=STRANGER, participant_id=MENTOR, date=ENDS, start=1)))
    scenario.then_refused("unknown_tandem")


# Adding and moving


@pytest.mark.proves("S10")
def test_the_tandem_adds_a_meeting() -> None:
    scenario = a_tandem()
    day = a_free_day(scenario)
    scenario.when(by_mentor(adding(day))).then(
        said(s.MeetingScheduled, date=day, status="planned"), s.PersonAddressed, s.PersonAddressed
    )
    scenario.again().then_nothing()


def test_a_meeting_outside_the_term_or_on_a_taken_day_is_not_added() -> None:
    scenario = a_tandem()
    scenario.when(by_mentor(adding(FORMED))).then_refused("past")
    scenario.when(by_mentor(adding(ENDS + DAY))).then_refused("after_term")
    scenario.when(by_mentor(adding(meetings_in(scenario)[0].date))).then_refused("another_meeting")
    scenario.given(tandem(m.TandemEnded, FORMED)).when(by_mentor(adding(ENDS))).then_refused("ended", "after_term")


@pytest.mark.proves("S10")
def test_the_tandem_moves_a_meeting_and_both_are_told() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.when(moving(first, first.date + DAY))
    scenario.then(
        said(s.MeetingMoved, date=first.date + DAY, start=600),
        said(s.PersonAddressed, to=MENTOR),
        said(s.PersonAddressed, to=MENTEE),
    )


def test_a_move_on_an_old_view_is_refused() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(moving(first, first.date + DAY)).when(moving(first, first.date + 2 * DAY)).then_refused("replaced")
    scenario.when(moving(first, first.date + 2 * DAY, replaces=2)).then_among(s.MeetingMoved)


def test_a_move_that_is_done_already_is_answered_again() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    move = moving(first, first.date + DAY)
    scenario.given(move).when(move).then(said(s.MeetingMoved, date=first.date + DAY))


def test_a_move_into_the_past_beyond_the_term_or_of_a_cancelled_meeting_is_refused() -> None:
    scenario = a_tandem()
    first, second = meetings_in(scenario)[:2]
    scenario.when(moving(first, FORMED)).then_refused("past")
    scenario.when(moving(first, ENDS + DAY)).then_refused("after_term")
    scenario.when(moving(first, second.date)).then_refused("another_meeting")
    scenario.given(cancelling(first)).when(moving(first, second.date + DAY, replaces=2)).then_refused("not_planned")


CLOCKS_CHANGE = dt.date(2027, 3, 28)


@pytest.mark.parametrize(("start", "code"), [(120, "clocks_change"), (60, "clocks_change"), (1400, "past_midnight")])
def test_nobody_meets_while_the_clocks_change_or_past_midnight(start: int, code: str) -> None:
    scenario = a_tandem()
    meeting = meetings_in(scenario)[0]
    scenario.when(moving(meeting, CLOCKS_CHANGE, start=start)).then_refused(code)
    added = s.AddMeeting(tandem_id=TANDEM, participant_id=MENTOR, date=CLOCKS_CHANGE, start=start)
    scenario.when(by_mentor(added)).then_refused(code)
    scenario.when(moving(meeting, CLOCKS_CHANGE, start=180)).then_among(said(s.MeetingMoved, start=180))


def test_a_moved_meeting_is_reminded_and_held_by_its_new_date() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(first.date - DAY, moving(first, first.date + 2 * DAY))
    scenario.given(accepting(meeting_in(scenario, first.id), who=MENTEE))
    scenario.when(first.date).then(s.PersonAddressed, s.PersonAddressed)
    scenario.when(first.date + DAY).then_among(s.PersonAddressed)
    scenario.when(held_on(first)).then_nothing()
    scenario.when(held_on(first) + 2 * DAY).then(said(s.MeetingHeld, date=first.date + 2 * DAY))


# Cancelling


@pytest.mark.proves("P8")
def test_a_cancelled_meeting_gets_another_time_at_once() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.when(cancelling(first)).then_among(
        said(s.MeetingCancelled, meeting_id=first.id, status="cancelled"),
        s.MeetingScheduled,
        said(s.PlanMade, problem=None),
    )
    another = scenario.one(s.MeetingScheduled)
    assert another.date != first.date, "who cancels a day is not asked for another hour of it"
    assert another.date > FORMED + DAY
    assert another.meeting_id != first.id
    mails = [x for x in scenario.told if isinstance(x, s.PersonAddressed)]
    assert sorted((x.topic, x.to == MENTOR) for x in mails) == [
        ("cancelled", False),
        ("cancelled", True),
        ("new-meeting", False),
        ("new-meeting", True),
    ]


@pytest.mark.proves("P8")
def test_another_time_may_be_before_the_cancelled_one_but_not_before_the_day_after_tomorrow() -> None:
    scenario = a_tandem()
    last = meetings_in(scenario)[-1]
    for number in range(1, (ENDS - last.date).days + 1):
        scenario.given(by_mentor(adding(last.date + number * DAY)))
    scenario.when(cancelling(last)).then_among(s.MeetingScheduled)
    another = scenario.one(s.MeetingScheduled)
    assert FORMED + DAY < another.date < last.date
    second = a_tandem()
    first = meetings_in(second)[0]
    second.given(first.date - DAY).when(cancelling(first)).then_among(s.MeetingScheduled)
    assert second.one(s.MeetingScheduled).date > first.date


def test_a_meeting_is_cancelled_once_and_the_answer_comes_again() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(cancelling(first)).when(cancelling(first)).then(said(s.MeetingCancelled, meeting_id=first.id))


def test_a_meeting_is_cancelled_on_its_day_but_not_after() -> None:
    scenario = a_tandem()
    first, second = meetings_in(scenario)[:2]
    scenario.given(first.date).when(cancelling(first)).then_among(s.MeetingCancelled)
    scenario.given(second.date + DAY).when(cancelling(second)).then_refused("over")


def test_no_other_time_is_sought_or_promised_for_the_last_day_of_a_tandem_that_has_ended() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(tandem(m.TandemEnded, first.date)).when(cancelling(first))
    scenario.then(s.MeetingCancelled, s.PersonAddressed, s.PersonAddressed)
    letters = [x for x in scenario.told if isinstance(x, s.PersonAddressed)]
    assert not any("Another time" in x.text.en or "neuer Termin" in x.text.de for x in letters)


def test_when_the_term_has_no_time_left_both_are_told() -> None:
    ends = FORMED + 50 * DAY
    scenario = a_programme().given(FORMED, tandem(ends_on=ends))
    taken = {meeting.date for meeting in meetings_in(scenario)}
    days = (FORMED + number * DAY for number in range(2, (ends - FORMED).days + 1))
    for day in (day for day in days if day not in taken):
        scenario.given(by_mentor(adding(day)))
    scenario.when(cancelling(next_planned(scenario))).then_among(
        s.MeetingCancelled,
        said(s.PlanMade, problem="no_time_left"),
        said(s.PersonAddressed, topic="none-left", to=MENTOR),
        said(s.PersonAddressed, topic="none-left", to=MENTEE),
    )


# Reminding, holding, objecting


@pytest.mark.proves("P11")
def test_a_planned_meeting_counts_as_held_when_the_days_for_objecting_are_over() -> None:
    scenario = an_accepted_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(first.date).when(held_on(first) - DAY).then_nothing()
    scenario.when(held_on(first)).then(said(s.MeetingHeld, meeting_id=first.id, number=1, status="held"))
    scenario.when(held_on(first) + DAY).then_nothing()


@pytest.mark.proves("P11")
@pytest.mark.parametrize(("days", "code"), [(-1, "not_yet"), (0, None), (4, None), (5, "not_planned")])
def test_one_click_within_some_days_says_that_a_meeting_was_not_held(days: int, code: str | None) -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(first.date + days * DAY).when(objecting(first))
    if code:
        scenario.then_refused(code)
    else:
        scenario.then(said(s.MeetingMissed, status="missed", number=None))
        scenario.when(objecting(first)).then(said(s.MeetingMissed, status="missed"))
        scenario.when(held_on(first)).then_nothing()


def test_an_objection_is_too_late_even_before_the_day_was_handled() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.reference.today = held_on(first)
    scenario.when(objecting(first)).then_refused("not_planned")


@pytest.mark.proves("P11")
def test_held_meetings_are_numbered_by_date_in_whatever_order_they_are_woken() -> None:
    one_by_one, backwards = an_accepted_tandem(), an_accepted_tandem()
    meetings = meetings_in(one_by_one)[:4]
    for meeting in meetings:
        one_by_one.given(held_on(meeting))
    backwards.reference.today = held_on(meetings[-1])
    for meeting in reversed(meetings):
        backwards.given(DueReached(subject=meeting.subject, date=held_on(meetings[-1])))
    for scenario in (one_by_one, backwards):
        numbers = {event.meeting_id: event.number for event in all_said(scenario, s.MeetingHeld)}
        assert [numbers[meeting.id] for meeting in meetings] == [1, 2, 3, 4]


def test_a_cancelled_and_a_missed_meeting_have_no_number() -> None:
    scenario = an_accepted_tandem()
    first, second, third = meetings_in(scenario)[:3]
    scenario.given(cancelling(first))
    instead = next(x for x in meetings_in(scenario) if x.status == "planned")
    scenario.given(instead.date).when(objecting(instead)).then_among(s.MeetingMissed)
    for meeting in (second, third):
        scenario.when(held_on(meeting))
    assert [event.number for event in all_said(scenario, s.MeetingHeld)] == [1, 2]


# Topics


@pytest.mark.proves("S12")
def test_topics_are_recorded_from_the_day_on_and_may_be_corrected() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    topics = by_mentor(s.RecordTopics(meeting_id=first.id, participant_id=MENTOR, topics=("apps",)))
    scenario.when(topics).then_refused("not_yet")
    scenario.given(first.date).when(topics).then(said(s.TopicsRecorded, topics=("apps",)))
    scenario.when(topics).then(said(s.TopicsRecorded, topics=("apps",)))
    scenario.when(held_on(first)).then(said(s.MeetingHeld, topics=("apps",)))


def test_who_names_topics_of_a_meeting_says_that_it_took_place_after_all() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    topics = by_mentor(s.RecordTopics(meeting_id=first.id, participant_id=MENTOR, topics=("apps",)))
    scenario.given(first.date, objecting(first)).when(topics).then(said(s.TopicsRecorded, status="planned"))
    scenario.given(objecting(first), held_on(first)).when(topics).then_refused("not_planned")


def test_what_became_of_a_meeting_stays() -> None:
    scenario = a_tandem()
    first, second = meetings_in(scenario)[:2]
    scenario.given(cancelling(first), second.date, objecting(second))
    topics = by_mentor(s.RecordTopics(meeting_id=first.id, participant_id=MENTOR, topics=("apps",)))
    scenario.when(cancelling(second)).then_refused("not_planned")
    scenario.when(moving(second, second.date + DAY, replaces=2)).then_refused("not_planned")
    scenario.when(objecting(first)).then_refused("not_planned")
    scenario.when(topics).then_refused("not_planned")


@pytest.mark.proves("S5")
def test_what_is_planned_after_a_profile_changed_honours_the_new_working_times() -> None:
    scenario = a_tandem()
    changed = (person(id, EVENINGS, r.ParticipantChanged) for id in (MENTOR, MENTEE))
    first = next_planned(scenario.given(*changed))
    scenario.when(cancelling(first))
    instead = scenario.one(s.MeetingScheduled)
    assert (instead.date.weekday(), instead.start >= 720, instead.start + instead.minutes <= 900) == (0, True, True)
