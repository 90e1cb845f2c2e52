"""The simulated half years: the same again, never two things at one time, and no policy sees what is not booked yet."""

from collections import Counter

import pytest

from tests.bench.half_years.calendars import CORE, DAYS, KNOWN, LEADER, MENTOR, Booking, bits, bookings, workday
from tests.bench.half_years.policies import EXTRA, MIN_GAP, OURS, POLICIES, WANTED, NextFree, Policy
from tests.bench.half_years.table import HELP, Row, both_calendars, full_one, helped, one, text
from tests.bench.half_years.tandem import HalfYear, Setting, half_year, largest_gap

TANDEMS = range(3)
ALL = (*POLICIES, *EXTRA)


@pytest.fixture(scope="module")
def found() -> list[list[HalfYear]]:
    return [one(number, ALL) for number in TANDEMS]


def test_the_same_half_years_come_out_again(found: list[list[HalfYear]]) -> None:
    assert one(1, ALL) == found[1]
    assert found[0] != found[1]


def test_bookings_of_one_person_never_overlap_and_are_made_before_they_begin() -> None:
    for kind in (LEADER, MENTOR):
        made = bookings(kind, "somebody")
        assert made == sorted(made, key=lambda booking: booking.made)
        assert all(KNOWN <= booking.made <= booking.day for booking in made)
        taken: Counter[int] = Counter()
        for booking in made:
            time = bits(booking.start, booking.slots)
            assert not taken[booking.day] & time
            taken[booking.day] |= time


def test_a_leaders_core_hours_are_in_the_end_as_full_as_said_but_for_the_leave() -> None:
    begin, end = CORE
    for number in range(20):
        taken: Counter[int] = Counter()
        for booking in bookings(LEADER, f"leader {number}"):
            taken[booking.day] |= bits(booking.start, booking.slots) & bits(begin, end - begin)
        days = [day for day in range(DAYS) if workday(day)]
        full = [taken[day].bit_count() / (end - begin) for day in days if taken[day] != bits(begin, end - begin)]
        assert 0.65 < sum(full) / len(full) < 0.9


@pytest.mark.parametrize("policy", ALL, ids=lambda policy: policy.name)
def test_no_policy_books_anybody_twice(policy: Policy) -> None:
    """`half_year` itself holds each new time against both calendars; here are those that were held."""
    for number in TANDEMS:
        year = half_year(both_calendars(number), policy, Setting())
        days = [time.day for time in year.held]
        assert len(set(days)) == len(days) <= WANTED
        assert all(workday(day) for day in days)
        assert all(CORE[0] <= time.slot <= CORE[1] - 6 for time in year.held)
        assert len(days) + year.lost >= year.placed


def test_a_meeting_that_a_booking_breaks_is_arranged_anew_and_one_that_makes_way_leaves_it() -> None:
    whole = [Booking(KNOWN, day, CORE[0], 32, breaks=True) for day in range(DAYS) if day not in (10, 21)]
    for breaks, days in ((True, [21]), (False, [10])):
        comes = Booking(3, 10, CORE[0], 32, breaks=breaks)
        year = half_year(([*whole, comes], []), NextFree(DAYS), Setting())
        assert [time.day for time in year.held] == days
        assert year.moves == (days == [21])


def test_where_all_is_booked_at_first_nothing_moves_and_each_help_holds_no_fewer() -> None:
    years = full_one(1)
    assert len(years) == len(HELP)
    assert years[0].moves == years[0].lost == 0
    assert all(len(year.held) >= len(years[0].held) for year in years)
    table = helped([Row.of(name, [year]) for (name, _), year in zip(HELP, years, strict=True)])
    assert table[2].startswith(f"| as they are | {len(years[0].held) / WANTED:.1%} |")


def test_at_planning_time_no_policy_places_more_than_ours_with_their_distance(found: list[list[HalfYear]]) -> None:
    dense = POLICIES.index(NextFree(MIN_GAP))
    for years in found:
        assert years[0].placed >= years[dense].placed
        assert years[0].planned_gap <= years[dense].planned_gap


def test_the_table_holds_each_policy_against_ours(found: list[list[HalfYear]]) -> None:
    table = [Row.of(policy.name, column) for policy, column in zip(ALL, zip(*found, strict=True), strict=True)]
    head, _, first, second, *_ = text(table)
    assert head.startswith("| arranged |")
    assert OURS.name in first
    assert first.split("|")[4].strip() == ""
    assert second.split("|")[4].strip().endswith("%")


def test_the_largest_gap_counts_from_the_first_day_and_to_the_last() -> None:
    assert largest_gap([]) == DAYS - 1
    assert largest_gap([50, 20]) == DAYS - 1 - 50
