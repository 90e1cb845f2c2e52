"""Wall time across both edges of summer time, and spans of minutes against a brute force."""

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.availability import tandem as planner
from services.scheduling.availability.wall_time import by_day, joined, minute_of, odd_minutes, span_of, within, without
from shared.contracts.parts import WorkingTime
from tests.unit.scheduling.calendars import at

FORWARD, BACK = dt.date(2027, 3, 28), dt.date(2027, 10, 31)
DAY = dt.timedelta(days=1)
SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8)


def minutes(spans: object) -> set[int]:
    return {minute for begins, ends in spans for minute in range(begins, ends)}  # type: ignore[attr-defined]


@given(SPANS, SPANS)
def test_spans_are_sets_of_minutes_written_shortly(some: list[tuple[int, int]], others: list[tuple[int, int]]) -> None:
    assert minutes(joined(some)) == minutes(some)
    assert minutes(without(some, others)) == minutes(some) - minutes(others)
    assert minutes(within(some, others)) == minutes(some) & minutes(others)
    for found in (joined(some), without(some, others), within(some, others)):
        assert list(found) == sorted(found)
        assert all(before.ends < after.begins for before, after in pairwise(found))


@given(st.integers(700_000 * 1440, 700_003 * 1440), st.integers(0, 5_000))
def test_a_span_day_by_day_is_the_same_minutes(begins: int, length: int) -> None:
    parts = list(by_day((begins, begins + length)))
    assert [at(*part) for part in parts] == [(a, b) for a, b in (at(*part) for part in parts) if a < b]
    assert minutes(at(*part) for part in parts) == set(range(begins, begins + length))


def test_the_hour_that_is_skipped_and_the_hour_that_comes_twice_are_known() -> None:
    assert odd_minutes(FORWARD) == ((120, 180),)
    assert odd_minutes(BACK) == ((120, 180),)
    assert odd_minutes(FORWARD - DAY) == odd_minutes(BACK + DAY) == ()


@pytest.mark.proves("S10")
def test_ten_o_clock_stays_ten_o_clock_on_both_edges() -> None:
    for date, hour in ((FORWARD - DAY, 9), (FORWARD, 8), (BACK - DAY, 8), (BACK, 9)):
        utc = dt.datetime(date.year, date.month, date.day, hour, tzinfo=dt.UTC)
        assert span_of(utc, utc + dt.timedelta(hours=1)) == at(date, 600, 660)


def test_a_time_in_utc_across_an_edge_is_all_that_the_wall_clock_shows_meanwhile() -> None:
    skipping = dt.datetime(2027, 3, 28, 0, 30, tzinfo=dt.UTC)
    assert span_of(skipping, skipping + dt.timedelta(hours=1)) == at(FORWARD, 90, 210)
    twice = dt.datetime(2027, 10, 31, 0, 30, tzinfo=dt.UTC)
    assert span_of(twice, twice + dt.timedelta(hours=1)) == at(BACK, 120, 180)
    assert span_of(twice, twice + dt.timedelta(minutes=45)) == at(BACK, 120, 180), "02:30 to 02:15, once more"


@given(st.sampled_from([FORWARD, BACK]), st.integers(-60, 300), st.integers(0, 240))
def test_every_minute_of_a_time_is_in_its_span(date: dt.date, start: int, length: int) -> None:
    midnight = dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC) - dt.timedelta(hours=2)
    begins = midnight + dt.timedelta(minutes=start)
    span = span_of(begins, begins + dt.timedelta(minutes=length))
    for minute in range(length):
        shown = (begins + dt.timedelta(minutes=minute)).astimezone(ZoneInfo("Europe/Berlin"))
        assert span.begins <= minute_of(shown.date(), shown.hour * 60 + shown.minute) < span.ends


def test_seconds_are_rounded_outwards_and_days_are_whole() -> None:
    early = dt.datetime.combine(dt.date(2027, 3, 1), dt.time(9, 0, 59))
    assert span_of(early, early + dt.timedelta(seconds=2)) == at(dt.date(2027, 3, 1), 540, 542)
    assert span_of(dt.date(2027, 3, 1), dt.date(2027, 3, 3)) == at(dt.date(2027, 3, 1), 0, 2880)


@pytest.mark.parametrize("date", [FORWARD, BACK])
def test_no_meeting_is_put_where_the_clocks_change(date: dt.date) -> None:
    nights = (WorkingTime(weekday=6, start=0, end=480),)
    [before, [*found]] = planner.starts(date - 7 * DAY, date, nights, 60, lambda day: False)[::7]
    assert before == list(range(29))
    assert found == [slot for slot in before if slot * 15 + 60 <= 120 or slot * 15 >= 180]
