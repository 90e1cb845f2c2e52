"""A profile with other working times takes the meetings outside them, as a calendar does, and tells nobody why."""

import datetime as dt

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from services.scheduling.availability.presence import week_of, works
from services.scheduling.availability.wall_time import MINUTES, within
from services.scheduling.calendars.weeks import week_changed
from services.scheduling.model import Participant, Programme
from services.scheduling.planning.jobs import PlanMeeting, TimeTaken
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.parts import WorkingTime
from shared.runtime.decision import Context
from tests.support.reference import By, said
from tests.unit.scheduling.calendars import busy
from tests.unit.scheduling.people import (
    DAY,
    FORMED,
    MENTEE,
    MENTOR,
    MORNINGS,
    TANDEM,
    WEEK,
    a_programme,
    a_tandem,
    accepting,
    by_mentor,
    meeting_in,
    meetings_in,
    moving,
    open_signs,
    pair_in,
    pauses,
    person,
    tandem,
)

THURSDAYS = (WorkingTime(weekday=3, start=540, end=960),)
HOURS = st.lists(
    st.builds(
        lambda day, start, length: WorkingTime(weekday=day, start=start, end=start + length),
        st.integers(0, 6),
        st.integers(0, 1200),
        st.integers(15, 230),
    ),
    max_size=6,
).map(tuple)


def works_now(who: str, *times: WorkingTime) -> r.ParticipantState:
    return person(who, times, r.ParticipantChanged)


def all_but(weekday: int) -> tuple[WorkingTime, ...]:
    return tuple(time for time in WEEK if time.weekday != weekday)


@pytest.mark.proves("S10", "P8")
@pytest.mark.parametrize("who", [MENTOR, MENTEE])
def test_meetings_outside_somebody_s_new_week_get_other_times_and_are_no_failure(who: str) -> None:
    scenario = a_tandem()
    before = meetings_in(scenario)
    scenario.given(accepting(*before), accepting(*before, who=MENTEE))
    gone = [x for x in before if x.date.weekday() == before[0].date.weekday()]
    scenario.when(works_now(who, *all_but(before[0].date.weekday())))
    scenario.then_among(*[said(s.MeetingCancelled, meeting_id=x.id) for x in gone], s.MeetingScheduled)
    planned = [x for x in meetings_in(scenario) if x.status == "planned"]
    assert len(planned) == len(before)
    assert {x.date.weekday() for x in planned}.isdisjoint({before[0].date.weekday()})
    assert {x.id for x in before} - {x.id for x in gone} <= {x.id for x in planned}
    assert not open_signs(scenario)
    scenario.again().then_nothing()


@pytest.mark.proves("P9")
def test_one_meeting_that_a_new_week_takes_is_told_as_one_that_a_calendar_takes() -> None:
    """To both alike, whosever week it is, and in words that fit a calendar as well."""
    letters = []
    for fact in (
        lambda x: works_now(MENTEE, *all_but(x.date.weekday())),
        lambda x: works_now(MENTOR, *all_but(x.date.weekday())),
        lambda x: busy([(x.date, x.start - 15, x.start + 100)], who=MENTEE),
    ):
        scenario = a_tandem()
        first = meetings_in(scenario)[0]
        scenario.given(moving(first, first.date + DAY, start=600))
        moved = meeting_in(scenario, first.id)
        assert [x for x in meetings_in(scenario) if x.date.weekday() == moved.date.weekday()] == [moved]
        scenario.when(fact(moved)).then_among(said(s.MeetingCancelled, meeting_id=moved.id), s.MeetingScheduled)
        told = [x for x in scenario.told if isinstance(x, s.PersonAddressed) and x.topic == "time-taken"]
        assert [x.to for x in told] == [MENTOR, MENTEE]
        letters.append([x.text.en for x in told])
    assert letters[0] == letters[1] == letters[2]
    assert "not both are free any more" in letters[0][0]


def test_what_the_two_had_put_outside_the_old_week_themselves_stays() -> None:
    scenario = a_tandem()
    evening = meetings_in(scenario)[0].date + DAY
    scenario.when(by_mentor(s.AddMeeting(tandem_id=TANDEM, participant_id=MENTOR, date=evening, start=1200)))
    added = scenario.one(s.MeetingScheduled).meeting_id
    scenario.given(works_now(MENTOR, *all_but(evening.weekday())))
    assert meeting_in(scenario, added).status == "planned"


def test_a_meeting_of_today_and_one_of_the_past_stay() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.reference.today = first.date
    scenario.given(works_now(MENTOR, *all_but(first.date.weekday())))
    assert meeting_in(scenario, first.id).status == "planned"


def test_the_same_week_in_other_words_or_at_home_takes_nothing() -> None:
    scenario = a_tandem()
    halves = tuple(
        WorkingTime(weekday=day, start=a, end=b, at_home=a > 540)
        for day in range(5)
        for a, b in ((540, 700), (700, 960))
    )
    scenario.when(works_now(MENTOR, *halves)).then_nothing()
    scenario.given(works_now(MENTOR, *WEEK)).when(pauses(MENTOR)).then_among(s.PersonAddressed)


def test_more_working_time_fills_up_what_a_tandem_lacks() -> None:
    scenario = a_programme().given(person(MENTOR, MORNINGS), FORMED, tandem())
    lacking = len(meetings_in(scenario))
    scenario.when(works_now(MENTOR, *WEEK)).then_among(s.MeetingScheduled)
    assert len([x for x in meetings_in(scenario) if x.status == "planned"]) > lacking


def test_a_week_that_was_put_right_meanwhile_takes_nothing_and_a_calendar_s_word_takes_nothing_by_the_week() -> None:
    scenario = a_tandem()
    first, second = meetings_in(scenario)[:2]
    taken = TimeTaken(meeting_id=first.id, date=first.date, start=first.start, by_week=True)
    scenario.when(taken).then_nothing()
    evening = By(
        s.MoveMeeting(meeting_id=second.id, participant_id=MENTOR, date=second.date, start=1200, replaces=second.said),
        actor=MENTOR,
        sender="person",
    )
    scenario.given(evening)
    scenario.when(TimeTaken(meeting_id=second.id, date=second.date, start=1200)).then_nothing()
    assert meeting_in(scenario, second.id).status == "planned"


def test_a_meeting_planned_by_a_job_that_read_the_old_week_looks_again() -> None:
    """The piece comes after the profile has changed: the time is no working time any more."""
    scenario = a_tandem().given(works_now(MENTOR, *THURSDAYS))
    monday = FORMED + 70 * DAY
    scenario.when(PlanMeeting(tandem_id=TANDEM, key="late", date=monday, start=600, minutes=90))
    assert all(x.date.weekday() == 3 for x in meetings_in(scenario) if x.status == "planned")


def test_of_a_profile_and_a_suggestion_at_one_moment_one_is_decided_again() -> None:
    """A profile that takes time writes the person's tandems, which every suggestion writes as well (write skew)."""
    scenario = a_tandem()
    before, programme = (scenario.reference.state[key] for key in (f"participant/{MENTOR}", "programme/pilot"))
    assert isinstance(before, Participant)
    assert isinstance(programme, Programme)
    context = Context(id="1", time=dt.datetime(2027, 2, 8, tzinfo=dt.UTC), today=FORMED)
    for times, written in (
        (THURSDAYS, (pair_in(scenario),)),
        (WEEK, ()),
        ((*WEEK, WorkingTime(weekday=5, start=540, end=600)), ()),
    ):
        after = before.but(working_times=times)
        assert week_changed(before, after, (pair_in(scenario),), programme, context)[0] == written


@settings(max_examples=80)
@drawn(HOURS, st.integers(0, 6), st.integers(0, 1400), st.integers(15, 40))
def test_who_works_at_a_time_works_at_each_minute_of_it(
    times: tuple[WorkingTime, ...], weekday: int, start: int, minutes: int
) -> None:
    date = FORMED + weekday * DAY
    begins = weekday * MINUTES + start
    inside = within([(begins, begins + minutes)], week_of(times))
    assert works(times, date, start, minutes) is (sum(span.ends - span.begins for span in inside) == minutes) or (
        start + minutes > MINUTES
    )
