"""Who comes to which date: as many as there are seats for, by the same rule each time."""

from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.gatherings.seating import seated
from services.scheduling.optimum.gathering import Option, reached

DATES = 3
people = st.lists(st.frozensets(st.integers(0, DATES - 1)), max_size=9)
rooms = st.lists(st.one_of(st.none(), st.integers(0, 4)), min_size=DATES, max_size=DATES)


@given(people, rooms)
def test_as_many_find_a_seat_as_can(can_come: list[frozenset[int]], seats: list[int | None]) -> None:
    found = seated(can_come, seats)
    options = [
        Option(sum(1 << person for person, dates in enumerate(can_come) if date in dates), seats[date])
        for date in range(DATES)
    ]
    assert len([date for date in found if date is not None]) == reached(options)
    for date, room in enumerate(seats):
        assert room is None or found.count(date) <= room
    assert all(date is None or date in dates for date, dates in zip(found, can_come, strict=True))


@given(people)
def test_with_room_enough_everybody_comes_to_their_first_date(can_come: list[frozenset[int]]) -> None:
    assert seated(can_come, [None] * DATES) == [min(dates, default=None) for dates in can_come]


def test_who_can_move_makes_room() -> None:
    either, first = frozenset({0, 1}), frozenset({0})
    assert seated([either, first], [1, 1]) == [1, 0]
    third = frozenset({1, 2})
    assert seated([either, third, first], [1, 1, 1]) == [1, 2, 0]
