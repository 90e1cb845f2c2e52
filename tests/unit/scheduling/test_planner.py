import datetime as dt
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.calendar_days import is_holiday
from services.scheduling.jobs import PlanInputs, PlanMeeting
from services.scheduling.planner import Busy, Time, candidates, common, instead, joined, plan, wanted
from services.scheduling.planning import find_instead, make_plan
from shared.contracts.parts import SchedulingRules, WorkingTime
from shared.runtime.table import Again

FIRST, LAST = dt.date(2027, 2, 15), dt.date(2027, 7, 14)
DAY = dt.timedelta(days=1)


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
    pieces = make_plan(inputs)
    assert not isinstance(pieces, Again)
    return [Time(piece.date, piece.start) for piece in pieces if isinstance(piece, PlanMeeting)]


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


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 60), unique=True, min_size=1, max_size=14), st.integers(1, 3), st.integers(1, 9))
def test_a_plan_has_as_many_meetings_as_there_is_room_for_as_evenly_as_can_be(
    offsets: list[int], per_month: int, gap: int
) -> None:
    last = FIRST + 60 * DAY
    times = [Time(FIRST + n * DAY, 540) for n in sorted(offsets)]
    goal = wanted(FIRST, last, per_month)

    def possible(count: int) -> list[tuple[Time, ...]]:
        chosen = combinations(times, count)
        return [c for c in chosen if all((b.date - a.date).days >= gap for a, b in pairwise(c))]

    def unevenness(chosen: tuple[Time, ...]) -> float:
        target = ((n + 0.5) * 61 / len(chosen) for n in range(len(chosen)))
        return sum(((time.date - FIRST).days - t) ** 2 for time, t in zip(chosen, target, strict=True))

    best = next(found for count in range(min(goal, len(times)), 0, -1) if (found := possible(count)))
    result = plan(FIRST, last, times, per_month, gap)
    assert len(result.times) == len(best[0])
    assert unevenness(result.times) == pytest.approx(min(unevenness(chosen) for chosen in best))
    assert (result.problem is None) == (len(result.times) == goal)


@pytest.mark.proves("S9", "S10")
def test_five_months_of_full_weeks_give_three_evenly_spread_meetings_a_month() -> None:
    result = plan(FIRST, LAST, candidates(FIRST, LAST, common(FULL, FULL, 90), 90, lambda _: False), 3, 5)
    assert (len(result.times), result.wanted, result.problem) == (15, 15, None)
    assert result.largest_gap is not None
    assert result.largest_gap <= 13


@pytest.mark.proves("P7")
@settings(deadline=None, max_examples=60)
@given(weeks(), weeks(), st.data())
def test_who_enters_less_gets_no_more_meetings(
    mine: tuple[WorkingTime, ...], yours: tuple[WorkingTime, ...], data: st.DataObject
) -> None:
    fewer = tuple(data.draw(st.lists(st.sampled_from(mine), unique=True, min_size=1)))
    assert len(planned(fewer, yours, 3, 5)) <= len(planned(mine, yours, 3, 5))


@pytest.mark.proves("P7")
@settings(deadline=None, max_examples=60)
@given(weeks(), st.data())
def test_who_enters_less_gets_no_more_even_rhythm(mine: tuple[WorkingTime, ...], data: st.DataObject) -> None:
    fewer = tuple(data.draw(st.lists(st.sampled_from(mine), unique=True, min_size=1)))
    sparse, full = planned(fewer, FULL, 3, 5), planned(mine, FULL, 3, 5)

    def unevenness(times: list[Time]) -> float:
        span = (LAST - FIRST).days + 1
        return sum(((t.date - FIRST).days - (n + 0.5) * span / len(times)) ** 2 for n, t in enumerate(times))

    assert len(sparse) < len(full) or not full or unevenness(sparse) >= unevenness(full) - 1e-6


def test_how_working_times_were_cut_makes_no_difference() -> None:
    cut = tuple(piece for day in range(5) for piece in (on(day, 540, 600), on(day, 600, 660), on(day, 660, 960)))
    assert joined(cut) == FULL
    assert common(cut, FULL, 90) == common(FULL, FULL, 90)


def test_no_common_time_is_said() -> None:
    mornings, evenings = (on(0, 480, 700),), (on(0, 700, 960),)
    assert common(mornings, evenings, 90) == ()
    assert plan(FIRST, LAST, (), 3, 5).problem == "no_common_time"


busy_times = st.lists(
    st.builds(Busy, st.integers(0, 13).map(lambda n: FIRST + n * DAY), st.integers(400, 900), st.integers(15, 240)),
    max_size=12,
)


@pytest.mark.proves("S10")
@settings(deadline=None, max_examples=100)
@given(weeks(), weeks(), busy_times)
def test_a_time_that_somebody_has_given_away_is_left_out_and_the_first_free_one_taken(
    mine: tuple[WorkingTime, ...], yours: tuple[WorkingTime, ...], busy: list[Busy]
) -> None:
    last = FIRST + 13 * DAY
    found = candidates(FIRST, last, common(mine, yours, 90), 90, lambda _: False, busy)

    def possible(time: Time) -> bool:
        minutes = set(range(time.start, time.start + 90))
        taken = [set(range(b.start, b.start + b.minutes)) for b in busy if b.date == time.date]
        return works(mine, time) and works(yours, time) and not any(minutes & other for other in taken)

    for day in (FIRST + n * DAY for n in range(14)):
        first = next((time for start in range(1440) if possible(time := Time(day, start))), None)
        assert [time for time in found if time.date == day] == ([first] if first else [])


def test_a_term_that_is_over_wants_nothing() -> None:
    assert plan(LAST, FIRST, (Time(FIRST, 540),), 3, 5) == (0, (), "term_over")


@pytest.mark.proves("P8")
def test_another_time_comes_after_the_cancelled_one_and_keeps_its_distance_if_it_can() -> None:
    times = [Time(FIRST + n * DAY, 540) for n in range(40)]
    taken = [FIRST + n * DAY for n in (10, 30)]
    assert instead(times, taken, FIRST + 20 * DAY, 5) == Time(FIRST + 21 * DAY, 540)
    assert instead(times, taken, FIRST + 10 * DAY, 5) == Time(FIRST + 15 * DAY, 540)
    assert instead(times, [FIRST + n * DAY for n in (10, 14, 18)], FIRST + 10 * DAY, 30) == Time(FIRST + 39 * DAY, 540)
    assert instead(times, taken, FIRST + 60 * DAY, 5) is None


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
