"""A mentor with several tandems is never at two meetings at one time (S10), whoever plans, adds or moves them when."""

import datetime as dt
from itertools import combinations

import pytest

from services.scheduling.loaders import PlanState
from services.scheduling.meetings.plans import plan_meeting
from services.scheduling.model import Diary, Meeting, Pair, Programme
from services.scheduling.planning.jobs import PlanMeeting
from shared.contracts import matching as m
from shared.contracts import scheduling as s
from shared.contracts.parts import WorkingTime
from shared.runtime.decision import Context, Decision
from tests.support.reference import By, Scenario, said
from tests.unit.scheduling.people import (
    DAY,
    ENDS,
    FORMED,
    MENTEE,
    MENTOR,
    SECOND_MENTEE,
    SECOND_TANDEM,
    TANDEM,
    TODAY,
    a_tandem,
    by_mentor,
    cancelling,
    meetings_in,
    moving,
    next_planned,
    person,
    second_tandem,
    two_tandems,
)

ONE_HOUR_AND_A_HALF = tuple(WorkingTime(weekday=day, start=540, end=630) for day in (0, 3))


def planned(scenario: Scenario) -> list[Meeting]:
    both = [*meetings_in(scenario), *meetings_in(scenario, SECOND_TANDEM)]
    return [meeting for meeting in both if meeting.status == "planned"]


def at_one_time(one: Meeting, other: Meeting) -> bool:
    return one.date == other.date and one.start < other.start + other.minutes and other.start < one.start + one.minutes


def never_at_two_places(scenario: Scenario) -> bool:
    return not any(at_one_time(one, other) for one, other in combinations(planned(scenario), 2))


def piece(date: dt.date, start: int, tandem: str = SECOND_TANDEM, key: str = "late") -> PlanMeeting:
    return PlanMeeting(tandem_id=tandem, key=key, date=date, start=start, minutes=90)


@pytest.mark.proves("S10")
def test_two_tandems_of_one_mentor_with_the_same_week_meet_at_different_times() -> None:
    scenario = two_tandems()
    assert len(meetings_in(scenario)) == len(meetings_in(scenario, SECOND_TANDEM)) == 15
    assert never_at_two_places(scenario)
    shared_days = {x.date for x in meetings_in(scenario)} & {x.date for x in meetings_in(scenario, SECOND_TANDEM)}
    assert shared_days, "a day is free again after the other meeting"


@pytest.mark.proves("S10")
def test_where_the_mentor_has_one_time_a_day_the_second_tandem_gets_the_days_that_are_left() -> None:
    scenario = a_tandem().given(person(MENTOR, ONE_HOUR_AND_A_HALF), person(SECOND_MENTEE))
    scenario.given(second_tandem())
    assert never_at_two_places(scenario)
    scenario.given(cancelling(next_planned(scenario)))
    assert never_at_two_places(scenario)


def test_another_time_for_a_cancelled_meeting_keeps_clear_of_the_other_tandem() -> None:
    scenario = two_tandems()
    for meeting in meetings_in(scenario, SECOND_TANDEM)[:6]:
        scenario.given(by_mentor(s.CancelMeeting(meeting_id=meeting.id, participant_id=MENTOR)))
    assert len(planned(scenario)) == 30
    assert never_at_two_places(scenario)


def with_a_meeting_of_the_second() -> tuple[Scenario, Meeting]:
    """On a day on which the first tandem has none."""
    scenario = two_tandems()
    day = next_free_day(scenario)
    added = s.AddMeeting(tandem_id=SECOND_TANDEM, participant_id=SECOND_MENTEE, date=day, start=600)
    scenario.given(By(added, actor=SECOND_MENTEE, sender="person"))
    return scenario, next(x for x in meetings_in(scenario, SECOND_TANDEM) if x.date == day)


def adding(date: dt.date, start: int) -> By:
    return by_mentor(s.AddMeeting(tandem_id=TANDEM, participant_id=MENTOR, date=date, start=start))


@pytest.mark.proves("S10")
def test_a_meeting_is_neither_added_nor_moved_to_a_time_that_the_other_tandem_has() -> None:
    scenario, other = with_a_meeting_of_the_second()
    for start in (other.start - 89, other.start, other.start + 89):
        scenario.when(adding(other.date, start)).then_refused("not_free")
        scenario.when(moving(meetings_in(scenario)[0], other.date, start=start)).then_refused("not_free")
    scenario.when(adding(other.date, other.start + 90)).then_among(s.MeetingScheduled)


def test_what_a_tandem_that_ended_had_planned_is_free_again() -> None:
    scenario, other = with_a_meeting_of_the_second()
    scenario.given(second_tandem(m.TandemEnded, FORMED))
    scenario.when(adding(other.date, other.start)).then_among(s.MeetingScheduled)
    diary = scenario.reference.state[f"diary/{MENTOR}"]
    assert isinstance(diary, Diary)
    assert diary.tandems == (TANDEM,)


def test_an_end_that_comes_before_its_beginning_leaves_no_tandem_in_a_diary() -> None:
    scenario = a_tandem().given(By(second_tandem(m.TandemEnded, FORMED), sequence=2), By(second_tandem(), sequence=1))
    diary = scenario.reference.state[f"diary/{MENTOR}"]
    assert isinstance(diary, Diary)
    assert diary.tandems == (TANDEM,)


# Races


@pytest.mark.proves("S10")
def test_a_time_taken_by_the_other_tandem_since_it_was_chosen_is_looked_for_again() -> None:
    scenario = two_tandems()
    taken = meetings_in(scenario)[3]
    before = len(meetings_in(scenario, SECOND_TANDEM))
    scenario.when(piece(taken.date, taken.start)).then_among(s.MeetingScheduled, s.PlanMade)
    assert len(meetings_in(scenario, SECOND_TANDEM)) == before + 1
    assert never_at_two_places(scenario)


@pytest.mark.proves("S10")
def test_of_two_replicas_that_plan_the_same_time_at_once_only_one_can_write() -> None:
    """Both decide on the same state. Each writes the other's tandem: the second finds it changed, and looks again."""
    scenario = two_tandems()
    day = next_free_day(scenario)
    one, other = decided(scenario, piece(day, 600, TANDEM)), decided(scenario, piece(day, 600, SECOND_TANDEM))
    pairs = {f"tandem/{TANDEM}", f"tandem/{SECOND_TANDEM}"}
    assert pairs <= {a.subject for a in one.state}
    assert pairs <= {a.subject for a in other.state}
    scenario.reference.state.update((aggregate.subject, aggregate) for aggregate in one.state)
    again = decided(scenario, piece(day, 600, SECOND_TANDEM))
    assert not again.messages
    assert [job.job for job in again.jobs] == ["instead"]


def next_free_day(scenario: Scenario) -> dt.date:
    taken = {meeting.date for meeting in planned(scenario)}
    return next(day for n in range(20) if (day := FORMED + (10 + n) * DAY) not in taken)


def decided(scenario: Scenario, message: PlanMeeting) -> Decision:
    state = scenario.reference.state
    first, second = state[f"tandem/{TANDEM}"], state[f"tandem/{SECOND_TANDEM}"]
    assert isinstance(first, Pair)
    assert isinstance(second, Pair)
    pair, others = (first, second) if message.tandem_id == TANDEM else (second, first)
    programme = state["programme/pilot"]
    assert isinstance(programme, Programme)
    context = Context(id="1", time=dt.datetime(2027, 2, 7, tzinfo=dt.UTC), today=TODAY)
    outcome = plan_meeting(message, PlanState(pair, programme, (), None, (others,)), context)
    assert isinstance(outcome, Decision)
    return outcome


def test_a_day_that_the_tandem_itself_has_taken_since_it_was_chosen_is_looked_for_again() -> None:
    """AddMeeting, or another cancellation by another replica, while the job looks for a time."""
    scenario = a_tandem()
    day = meetings_in(scenario)[2].date
    scenario.when(piece(day, 840, TANDEM)).then_among(said(s.PlanMade, problem=None))
    another = scenario.one(s.MeetingScheduled)
    assert another.date > day
    dates = [meeting.date for meeting in meetings_in(scenario)]
    assert len(dates) == len(set(dates)) == 16
    mails = [x for x in scenario.told if isinstance(x, s.PersonAddressed)]
    assert [(x.topic, x.to) for x in mails] == [("new-meeting", MENTOR), ("new-meeting", MENTEE)]


def test_where_nothing_is_left_the_search_ends_and_both_are_told() -> None:
    scenario = a_tandem()
    last = meetings_in(scenario)[-1]
    for day in range(1, (ENDS - last.date).days + 1):
        scenario.given(adding(last.date + day * DAY, 600))
    scenario.when(piece(last.date, 600, TANDEM)).then(
        said(s.PlanMade, problem="no_time_left"),
        said(s.PersonAddressed, topic="none-left", to=MENTOR),
        said(s.PersonAddressed, topic="none-left", to=MENTEE),
    )
