"""The dates of a gathering beside all sets of dates that there are: they reach most people, rooms included."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.optimum.gathering import Dates, Option, best_dates, reached

PEOPLE = 7


def options(rooms: st.SearchStrategy[int | None]) -> st.SearchStrategy[list[Option]]:
    return st.lists(st.builds(Option, st.integers(0, 2**PEOPLE - 1), rooms), max_size=7)


def seated(chosen: list[Option]) -> int:
    """How many find a seat, by letting those who sit move (augmenting paths)."""
    seats: list[list[int]] = [[] for _ in chosen]

    def sits(person: int, tried: set[int]) -> bool:
        for number, option in enumerate(chosen):
            if not option.can_come >> person & 1 or number in tried:
                continue
            tried.add(number)
            if option.room is None or len(seats[number]) < option.room:
                seats[number].append(person)
                return True
            for other in list(seats[number]):
                seats[number].remove(other)
                if sits(other, tried):
                    seats[number].append(person)
                    return True
                seats[number].append(other)
        return False

    return sum(sits(person, set()) for person in range(PEOPLE))


@pytest.mark.proves("S5")
@settings(deadline=None, max_examples=300)
@given(options(st.one_of(st.none(), st.integers(0, 4))), st.integers(1, 3))
def test_the_dates_reach_as_many_as_any_others_and_the_first_such_are_taken(given: list[Option], dates: int) -> None:
    found = best_dates(given, dates)
    sets = [chosen for size in range(1, dates + 1) for chosen in combinations(range(len(given)), size)]
    most = max((seated([given[n] for n in chosen]) for chosen in sets), default=0)
    assert (found.reached, found.bound) == (most, most)
    assert seated([given[n] for n in found.options]) == most
    assert reached([given[n] for n in found.options]) == most


@settings(deadline=None, max_examples=200)
@given(options(st.none()))
def test_of_equally_good_single_dates_the_earliest_is_taken(given: list[Option]) -> None:
    found = best_dates(given, 1)
    sizes = [option.can_come.bit_count() for option in given]
    assert found.options == ((sizes.index(max(sizes)),) if any(sizes) else ())


def test_beyond_its_effort_it_says_how_many_other_dates_might_reach() -> None:
    pairs = [Option(1 << a | 1 << b) for a, b in combinations(range(12), 2)]
    found = best_dates(pairs, 3, effort=1)
    assert found == Dates(found.options, 6, 6), "here the first guess is the best, and its bound says so"
    hard = [Option(0b000111), Option(0b111000), Option(0b011110)]
    found = best_dates(hard, 2, effort=1)
    assert found.reached <= 6 <= found.bound
    assert best_dates(hard, 2).options == (0, 1)
