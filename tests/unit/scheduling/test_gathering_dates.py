"""The dates of a gathering beside all that there are, minute by minute: they reach most, and no more than is needed."""

import datetime as dt
from itertools import combinations

import pytest
from hypothesis import given as cases
from hypothesis import settings
from hypothesis import strategies as st

from services.scheduling.availability.tandem import Busy
from services.scheduling.gatherings.dates import choose_dates
from services.scheduling.gatherings.jobs import Asked, DatesInputs, GatheringFound, InviteGuest
from shared.contracts.parts import SchedulingRules, WorkingTime

MONDAY = dt.date(2027, 2, 8)
DAY = dt.timedelta(days=1)
HOLIDAY = dt.date(2027, 5, 17)
RULES = SchedulingRules(left_out_people=2, left_out_percent=100)

times = st.builds(
    lambda weekday, start, length: WorkingTime(weekday=weekday, start=start, end=start + length),
    st.integers(0, 2),
    st.integers(535, 660),
    st.integers(30, 240),
)
taken = st.builds(
    lambda day, start, length: Busy(MONDAY + day * DAY, start, length),
    *[st.integers(0, 2)],
    st.integers(500, 700),
    st.integers(5, 120),
)


def asked(number: int, week: list[WorkingTime], busy: list[Busy]) -> Asked:
    return Asked(id=f"{number:03}", times=tuple(week), busy=tuple(busy))


def inputs(people: list[Asked], **changes: object) -> DatesInputs:
    fields = {
        "gathering": "gathering/x",
        "planned": 1,
        "earliest": MONDAY,
        "latest": MONDAY + 2 * DAY,
        "minutes": 60,
        "dates": 3,
        "rules": RULES,
        "people": tuple(people),
    }
    return DatesInputs.model_validate(fields | changes)


def minutes_of(who: Asked, day: dt.date) -> set[int]:
    works = {m for t in who.times if t.weekday == day.weekday() for m in range(t.start, t.end)}
    return works - {m for b in who.busy if b.date == day for m in range(b.start, b.start + b.minutes)}


def most(of: DatesInputs, dates: int) -> int:
    """How many come to so many dates, by all sets of dates; rooms by how many classes of people need a seat."""
    candidates = []
    for day in (MONDAY + n * DAY for n in range(3)):
        free = [minutes_of(who, day) for who in of.people]
        for start in range(480, 900, 15):
            needed = set(range(start, start + of.minutes))
            candidates.append(frozenset(n for n, has in enumerate(free) if needed <= has))
    candidates = [each for each in set(candidates) if each]
    best = 0
    for size in range(1, dates + 1):
        for chosen in combinations(candidates, size):
            best = max(best, len(frozenset().union(*chosen)))
    return best


@pytest.mark.proves("S5")
@settings(deadline=None, max_examples=80)
@cases(st.lists(st.tuples(st.lists(times, max_size=3), st.lists(taken, max_size=2)), min_size=1, max_size=6))
def test_the_dates_reach_as_many_as_any_others(found: list[tuple[list[WorkingTime], list[Busy]]]) -> None:
    people = [asked(number, week, busy) for number, (week, busy) in enumerate(found)]
    of = inputs(people)
    chosen, *invitations = choose_dates(of)
    assert isinstance(chosen, GatheringFound)
    needed = next((n for n in (1, 2) if len(people) - most(of, n) < 2), 3)
    assert chosen.can_come == chosen.bound == most(of, needed)
    assert chosen.proved
    assert len(chosen.dates) <= needed
    assert len(invitations) == (len(people) if chosen.dates else 0)
    for who, invited in zip(people, invitations, strict=bool(chosen.dates)):
        assert isinstance(invited, InviteGuest)
        assert invited.participant_id == who.id
        can = [
            number
            for number, when in enumerate(chosen.dates)
            if set(range(when.start, when.start + 60)) <= minutes_of(who, when.date)
        ]
        assert invited.number == min(can, default=None), "the first date at which they can come, or none"
    assert sum(when.invited for when in chosen.dates) == chosen.can_come


def week_of(weekday: int) -> list[WorkingTime]:
    return [WorkingTime(weekday=weekday, start=540, end=660)]


def test_another_date_is_sought_only_where_enough_are_left_out() -> None:
    five, one = [asked(n, week_of(0), []) for n in range(5)], [asked(9, week_of(1), [])]

    def dates(percent: int, people: int) -> int:
        rules = SchedulingRules(left_out_people=people, left_out_percent=percent)
        found = choose_dates(inputs([*five, *one], rules=rules))[0]
        assert isinstance(found, GatheringFound)
        return len(found.dates)

    assert (dates(20, 2), dates(16, 2), dates(20, 1)) == (1, 2, 2)
    alone = choose_dates(inputs([*five, *one], dates=1, rules=SchedulingRules(left_out_people=1)))[0]
    assert isinstance(alone, GatheringFound)
    assert [(when.date, when.start) for when in alone.dates] == [(MONDAY, 540)]


def test_a_room_holds_as_many_as_it_does() -> None:
    people = [asked(n, [*week_of(0), *week_of(1)], []) for n in range(5)]
    found, *invited = choose_dates(inputs(people, seats=2, dates=2))
    assert isinstance(found, GatheringFound)
    assert [when.invited for when in found.dates] == [2, 2]
    assert (found.can_come, found.bound) == (4, 4)
    assert [piece.number for piece in invited if isinstance(piece, InviteGuest)] == [0, 0, 1, 1, None]


def test_a_holiday_is_no_date_and_the_same_people_get_the_same_dates() -> None:
    people = [asked(n, week_of(0), []) for n in range(3)]
    found = choose_dates(inputs(people, earliest=HOLIDAY, latest=HOLIDAY))
    assert [isinstance(piece, GatheringFound) and piece.dates for piece in found] == [()]
    assert choose_dates(inputs(people)) == choose_dates(inputs(people))


def test_a_gathering_is_within_core_time_where_it_fits_into_it() -> None:
    core = (WorkingTime(weekday=0, start=600, end=720), WorkingTime(weekday=2, start=600, end=660))
    people = [asked(n, [WorkingTime(weekday=day, start=540, end=960) for day in range(3)], []) for n in range(3)]

    def first(minutes: int, **rules: object) -> tuple[dt.date, int]:
        found = choose_dates(inputs(people, minutes=minutes, rules=SchedulingRules.model_validate(rules)))[0]
        assert isinstance(found, GatheringFound)
        return found.dates[0].date, found.dates[0].start

    assert first(60) == (MONDAY, 540)
    assert first(60, core_time=core) == (MONDAY, 600)
    late = (core[1],)
    assert first(60, core_time=late) == (MONDAY + 2 * DAY, 600)
    assert first(180, core_time=core) == (MONDAY, 540), "longer than any core time: at any working time"


def test_of_equal_dates_one_outside_school_holidays_is_taken_and_nobody_is_left_out_for_it() -> None:
    # School is closed in Bavaria from 22 March to 2 April 2027.
    tuesday, last = dt.date(2027, 3, 30), dt.date(2027, 4, 6)
    both = [asked(n, week_of(1), []) for n in range(2)]

    def dates(people: list[Asked], **changes: object) -> list[dt.date]:
        found = choose_dates(inputs(people, earliest=tuesday, latest=last, **changes))[0]
        assert isinstance(found, GatheringFound)
        return [when.date for when in found.dates]

    assert dates(both) == [last]
    unspared = RULES.model_copy(update={"spare_school_holidays": False})
    assert dates(both, rules=unspared) == [tuesday]
    away = asked(2, week_of(1), [Busy(last, 0, 1440)])
    assert dates([*both, away], dates=1) == [tuesday]
    rules = SchedulingRules(left_out_people=1)
    other = asked(3, week_of(1), [Busy(tuesday, 0, 1440)])
    assert dates([away, other], rules=rules) == [tuesday, last], "in order of time"


def test_of_equal_dates_one_is_taken_at_which_fewest_work_at_home_and_nobody_is_left_out_for_it() -> None:
    def week(*home: int, days: int = 3) -> list[WorkingTime]:
        return [WorkingTime(weekday=day, start=540, end=660, at_home=day in home) for day in range(days)]

    def date(*weeks: list[WorkingTime], **changes: object) -> tuple[dt.date, int]:
        people = [asked(n, of, []) for n, of in enumerate(weeks)]
        found = choose_dates(inputs(people, dates=1, **changes))[0]
        assert isinstance(found, GatheringFound)
        assert found.can_come == len(weeks), "a day at home keeps nobody away"
        return found.dates[0].date, found.dates[0].start

    assert date(week(), week()) == (MONDAY, 540)
    assert date(week(0), week()) == (MONDAY + DAY, 540)
    assert date(week(0, 1), week(0), week(2)) == (MONDAY + DAY, 540), "one at home on Tuesday as on Wednesday"
    assert date(week(0, days=1), week(1)) == (MONDAY, 540), "who works on Monday alone is asked to come then"
    half = [WorkingTime(weekday=0, start=540, end=615, at_home=True), WorkingTime(weekday=0, start=615, end=720)]
    assert date(half) == (MONDAY, 615), "not for some minutes of it either"
    # School is closed in Bavaria from 22 March to 2 April 2027: that is worse than a day at home.
    tuesday, last = dt.date(2027, 3, 30), dt.date(2027, 4, 6)
    assert date([WorkingTime(weekday=1, start=540, end=660, at_home=True)], earliest=tuesday, latest=last)[0] == last


def test_a_gathering_that_nobody_looks_for_any_more_has_no_dates() -> None:
    assert choose_dates(DatesInputs(gathering="gathering/x")) == ()
