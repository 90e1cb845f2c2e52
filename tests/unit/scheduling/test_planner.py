import datetime as dt
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.availability.days_off import is_holiday
from services.scheduling.availability.tandem import Busy, common, joined, starts, wanted
from services.scheduling.planning.jobs import PlanInputs, PlanMeeting, Planned
from services.scheduling.planning.work import find_instead, make_plan, plan_again
from shared.contracts.parts import SchedulingRules, WorkingTime
from shared.runtime.table import Again

FIRST, LAST = dt.date(2027, 2, 15), dt.date(2027, 7, 14)
DAY = dt.timedelta(days=1)


class Time(NamedTuple):
    date: dt.date
    start: int


def on(weekday: int, start: int, end: int) -> WorkingTime:
    return WorkingTime(weekday=weekday, start=start, end=end)


FULL = tuple(on(day, 540, 960) for day in range(5))


@st.composite
def weeks(draw: st.DrawFn) -> tuple[WorkingTime, ...]:
    days = draw(st.sets(st.integers(0, 6), min_size=1))
    start = st.integers(16, 36)
    length = st.integers(1, 12)
    return tuple(on(day, (at := draw(start)) * 30, (at + draw(length)) * 30) for day in sorted(days))


def planned(mine: tuple[WorkingTime, ...], yours: tuple[WorkingTime, ...], per_month: int, gap: int) -> list[Time]:
    rules = SchedulingRules(meetings_per_month=per_month, min_gap_days=gap)
    inputs = PlanInputs(tandem_id="t", first=FIRST, last=LAST, mentor=mine, mentee=yours, rules=rules)
    return times_of(make_plan(inputs))


def times_of(pieces: tuple[PlanMeeting | Planned, ...] | Again) -> list[Time]:
    assert not isinstance(pieces, Again)
    return [Time(piece.date, piece.start) for piece in pieces if isinstance(piece, PlanMeeting)]


def outcome(pieces: tuple[PlanMeeting | Planned, ...] | Again) -> Planned:
    assert not isinstance(pieces, Again)
    last = pieces[-1]
    assert isinstance(last, Planned)
    return last


def asked(**changes: object) -> PlanInputs:
    fields = {"tandem_id": "t", "first": FIRST, "last": LAST, "mentor": FULL, "mentee": FULL}
    return PlanInputs.model_validate(fields | changes)


def works(week: tuple[WorkingTime, ...], time: Time) -> bool:
    return any(
        t.weekday == time.date.weekday() and t.start <= time.start and time.start + 90 <= t.end for t in joined(week)
    )


@pytest.mark.proves("S10")
@settings(deadline=None, max_examples=60)
@given(weeks(), weeks(), st.integers(1, 8), st.integers(1, 30))
def test_a_plan_honours_both_calendars_the_gap_the_term_and_holidays(
    mine: tuple[WorkingTime, ...], yours: tuple[WorkingTime, ...], per_month: int, gap: int
) -> None:
    times = planned(mine, yours, per_month, gap)
    assert len(times) <= wanted(FIRST, LAST, per_month)
    for time in times:
        assert works(mine, time)
        assert works(yours, time)
        assert FIRST <= time.date <= LAST
        assert not is_holiday(time.date, "BY", "München")
    assert all((b.date - a.date).days >= gap for a, b in pairwise(times))


@settings(deadline=None, max_examples=60)
@given(weeks(), weeks())
def test_a_plan_is_the_same_again_and_from_either_side(
    mine: tuple[WorkingTime, ...], yours: tuple[WorkingTime, ...]
) -> None:
    assert planned(mine, yours, 3, 5) == planned(mine, yours, 3, 5) == planned(yours, mine, 3, 5)


@pytest.mark.proves("S9", "S10")
def test_five_months_of_full_weeks_give_three_evenly_spread_meetings_a_month() -> None:
    made = make_plan(asked())
    assert len(times_of(made)) == 15
    done = outcome(made)
    assert (done.wanted, done.found, done.problem) == (15, 15, None)
    # 149 days in sixteen gaps, and no Saturday or Sunday.
    assert done.largest_gap_days == 10


@pytest.mark.proves("P7")
@settings(deadline=None, max_examples=60)
@given(weeks(), weeks(), st.data())
def test_who_enters_less_gets_no_more_meetings(
    mine: tuple[WorkingTime, ...], yours: tuple[WorkingTime, ...], data: st.DataObject
) -> None:
    fewer = tuple(data.draw(st.lists(st.sampled_from(mine), unique=True, min_size=1)))
    assert len(planned(fewer, yours, 3, 5)) <= len(planned(mine, yours, 3, 5))


def test_how_working_times_were_cut_makes_no_difference() -> None:
    cut = tuple(piece for day in range(5) for piece in (on(day, 540, 600), on(day, 600, 660), on(day, 660, 960)))
    assert joined(cut) == FULL
    assert common(cut, FULL, 90) == common(FULL, FULL, 90)


def test_no_common_time_is_said() -> None:
    mornings, evenings = (on(0, 480, 700),), (on(0, 700, 960),)
    assert common(mornings, evenings, 90) == ()
    assert outcome(make_plan(asked(mentor=mornings, mentee=evenings))).problem == "no_common_time"
    assert (
        outcome(make_plan(asked(mentor=(on(0, 540, 960),), rules={"meetings_per_month": 8}))).problem == "too_few_days"
    )


busy_times = st.lists(
    st.builds(Busy, st.integers(0, 13).map(lambda n: FIRST + n * DAY), st.integers(400, 900), st.integers(15, 240)),
    max_size=12,
)


@pytest.mark.proves("S10")
@settings(deadline=None, max_examples=100)
@given(weeks(), weeks(), busy_times)
def test_a_meeting_may_begin_at_each_quarter_hour_at_which_both_are_there_and_free_and_at_no_other(
    mine: tuple[WorkingTime, ...], yours: tuple[WorkingTime, ...], busy: list[Busy]
) -> None:
    found = starts(FIRST, FIRST + 13 * DAY, common(mine, yours, 90), 90, lambda day: day == FIRST, busy)

    def possible(time: Time) -> bool:
        minutes = set(range(time.start, time.start + 90))
        taken = [set(range(b.start, b.start + b.minutes)) for b in busy if b.date == time.date]
        return works(mine, time) and works(yours, time) and not any(minutes & other for other in taken)

    for number, slots in enumerate(found):
        day = FIRST + number * DAY
        assert slots == [slot for slot in range(96) if number and possible(Time(day, slot * 15))]


def test_a_term_that_is_over_wants_nothing() -> None:
    done = outcome(make_plan(asked(first=LAST, last=FIRST)))
    assert (done.wanted, done.found, done.problem) == (0, 0, "term_over")


def taken(*days: int) -> tuple[Busy, ...]:
    return tuple(Busy(FIRST + day * DAY, 600, 90) for day in days)


@pytest.mark.proves("P8")
def test_another_time_is_the_best_of_the_rest_of_the_term_and_all_other_meetings_stay() -> None:
    [time] = times_of(find_instead(asked(taken=taken(0, 8, 29, 37), last=FIRST + 44 * DAY, after=FIRST + 14 * DAY)))
    # Half way between those on day 8 and day 29, at their hour.
    assert time == Time(FIRST + 18 * DAY, 600)
    done = outcome(find_instead(asked(taken=taken(0, 8, 29, 37), last=FIRST + 44 * DAY, after=FIRST + 14 * DAY)))
    assert (done.found, done.problem, done.again, done.largest_gap_days) == (5, None, True, 11)
    for planned in (done, outcome(find_instead(asked(taken=taken(*range(0, 140, 9)), after=FIRST + 14 * DAY)))):
        assert planned.levels is not None
        assert planned.levels.missing == max(0, planned.wanted - planned.found), "of the term, and never less than none"


@pytest.mark.proves("P8")
def test_another_time_keeps_its_distance_if_it_can_and_is_nearer_if_it_must() -> None:
    mondays = (on(0, 540, 960),)
    [time] = times_of(find_instead(asked(mentor=mondays, taken=taken(0, 14, 21), last=FIRST + 21 * DAY, after=FIRST)))
    assert time.date == FIRST + 7 * DAY
    near = asked(taken=taken(0, 4, 8), last=FIRST + 8 * DAY, after=FIRST)
    assert [time.date for time in times_of(find_instead(near))] == [FIRST + 2 * DAY]
    full = asked(taken=taken(0, 1, 2), last=FIRST + 2 * DAY, after=FIRST)
    assert outcome(find_instead(full)).problem == "no_time_left"
    over = asked(taken=taken(0), after=LAST)
    assert (times_of(find_instead(over)), outcome(find_instead(over)).problem) == ([], "no_time_left")


@pytest.mark.proves("P6")
def test_after_a_rest_what_is_missing_is_planned_around_what_stays() -> None:
    rested = asked(taken=taken(0, 7, 98, 108), after=FIRST + 40 * DAY, key="again")
    new = times_of(plan_again(rested))
    days = sorted([*(time.date for time in new), FIRST + 98 * DAY, FIRST + 108 * DAY])
    assert outcome(plan_again(rested)).found == len(days) == outcome(plan_again(rested)).wanted
    assert min(days) >= FIRST + 42 * DAY
    assert all((b - a).days >= 5 for a, b in pairwise(days))


def test_a_plan_waits_for_what_registration_has_not_said_yet() -> None:
    assert make_plan(PlanInputs(tandem_id="t", known=False)) == Again()
    assert find_instead(PlanInputs(tandem_id="t", known=False)) == Again()


def test_a_tandem_that_ended_gets_no_plan() -> None:
    ended = PlanInputs(tandem_id="t", running=False, first=FIRST, last=LAST, mentor=FULL, mentee=FULL)
    assert make_plan(ended) == find_instead(ended) == ()


@pytest.mark.proves("S10")
@pytest.mark.parametrize(
    ("day", "municipality", "free"),
    [
        (dt.date(2027, 8, 15), "München", True),
        (dt.date(2027, 8, 15), "Augsburg", True),
        (dt.date(2027, 8, 15), "Nürnberg", False),
        (dt.date(2027, 8, 8), "Augsburg", True),
        (dt.date(2027, 8, 8), "München", False),
        (dt.date(2027, 1, 6), "München", True),
        (dt.date(2027, 5, 27), "München", True),
        (dt.date(2027, 2, 15), "München", False),
    ],
)
def test_bavarias_holidays_with_the_municipal_ones(day: dt.date, municipality: str, free: bool) -> None:
    assert is_holiday(day, "BY", municipality) is free


def test_another_state_has_its_own_holidays() -> None:
    assert is_holiday(dt.date(2027, 3, 8), "BE", "Berlin")
    assert not is_holiday(dt.date(2027, 1, 6), "BE", "Berlin")
