"""Rooms for the meetings of a day beside all choices that there are: as many as possible have one of their own."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.places.rooms import Booking, rooms_for

times = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 6)), max_size=7)


def bookings(found: Sequence[tuple[int, int]], name: str = "m") -> list[Booking]:
    return [Booking(f"{name}{n}", start, start + length) for n, (start, length) in enumerate(found)]


def at_once(of: Sequence[Booking]) -> int:
    """Most of them that go on at any one time."""
    return max((sum(b.start <= a.start < b.end for b in of) for a in of), default=0)


def most(of: Sequence[Booking], rooms: int) -> int:
    """By all choices: so many rooms are enough where never more meetings go on at once."""
    return max(size for size in range(len(of) + 1) if any(at_once(c) <= rooms for c in combinations(of, size)))


def in_rooms(
    of: Sequence[Booking], found: Mapping[str, str], kept: Mapping[str, Sequence[Booking]]
) -> dict[str, list[Booking]]:
    rooms = {room: list(taken) for room, taken in kept.items()}
    for booking in of:
        if booking.meeting in found:
            rooms.setdefault(found[booking.meeting], []).append(booking)
    return rooms


def nobody_meets_others(rooms: Mapping[str, Sequence[Booking]]) -> bool:
    return not any(a.overlaps(b) for taken in rooms.values() for a, b in combinations(taken, 2))


@pytest.mark.proves("S10")
@given(times, st.integers(0, 3))
def test_as_many_meetings_have_a_room_as_can_have_one(found: list[tuple[int, int]], count: int) -> None:
    of, rooms = bookings(found), [f"room {n}" for n in range(count)]
    given_rooms = rooms_for(of, rooms, {})
    assert set(given_rooms.values()) <= set(rooms)
    assert nobody_meets_others(in_rooms(of, given_rooms, {}))
    assert len(given_rooms) == most(of, count)
    assert rooms_for(of[::-1], rooms, {}) == given_rooms


@given(times, times)
def test_a_room_that_is_kept_is_given_to_nobody_else(
    found: list[tuple[int, int]], before: list[tuple[int, int]]
) -> None:
    rooms = ["a", "b"]
    first = bookings(before, "kept")
    had = in_rooms(first, rooms_for(first, rooms, {}), {})
    of = bookings(found)
    given_rooms = rooms_for(of, rooms, had)
    assert nobody_meets_others(in_rooms(of, given_rooms, had))
    without = [b for b in of if b.meeting not in given_rooms]
    after = in_rooms(of, given_rooms, had)
    assert all(any(b.overlaps(other) for other in after.get(room, ())) for b in without for room in rooms), (
        "a room stood empty that somebody could have had"
    )


def test_the_first_room_of_the_list_that_is_free_is_taken() -> None:
    of = [Booking("long", 0, 9), Booking("short", 1, 2), Booking("after", 2, 3)]
    assert rooms_for(of, ["a", "b"], {}) == {"long": "a", "short": "b", "after": "b"}
    assert rooms_for(of, ["a", "b"], {"a": [Booking("kept", 0, 1)]}) == {"short": "a", "after": "a", "long": "b"}


def test_where_one_stays_without_it_is_the_one_that_ends_last() -> None:
    of = [Booking("long", 0, 9), Booking("short", 1, 2), Booking("after", 2, 3)]
    assert rooms_for(of, ["a"], {}) == {"short": "a", "after": "a"}
