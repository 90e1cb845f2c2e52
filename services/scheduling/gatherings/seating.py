"""Who comes to which date of a gathering, so that most find a seat (S5). Pure."""

from collections import defaultdict, deque
from collections.abc import Sequence

Dates = frozenset[int]
"""The dates, by number, to which somebody can come."""


def seated(can_come: Sequence[Dates], seats: Sequence[int | None]) -> list[int | None]:
    """For each person the number of their date, the earliest that is free, or None: as many as possible have one.

    `seats` are those of each date (None: enough). Exact by augmenting paths: where all of somebody's dates are full,
    others move on to their other dates. The same people in the same order get the same dates.
    """
    sits: list[int | None] = [None] * len(can_come)
    at: list[dict[Dates, list[int]]] = [defaultdict(list) for _ in seats]
    left = list(seats)
    for person, dates in enumerate(can_come):
        way = _way(dates, at, left)
        if not way:
            continue
        last = left[way[-1][0]]
        left[way[-1][0]] = None if last is None else last - 1
        for (date, _), (onto, movers) in zip(way[-2::-1], way[:0:-1], strict=True):
            mover = at[date][movers].pop()
            at[onto][movers].append(mover)
            sits[mover] = onto
        first = way[0][0]
        at[first][dates].append(person)
        sits[person] = first
    return sits


def _way(dates: Dates, at: Sequence[dict[Dates, list[int]]], left: Sequence[int | None]) -> list[tuple[int, Dates]]:
    """The shortest way to a free seat: dates, each with whose people move on to it from the one before."""
    ways = deque([[(date, dates)] for date in sorted(dates)])
    seen = set(dates)
    while ways:
        way = ways.popleft()
        date = way[-1][0]
        if left[date] != 0:
            return way
        for movers in (movers for movers, people in at[date].items() if people):
            for onto in sorted(movers - seen):
                seen.add(onto)
                ways.append([*way, (onto, movers)])
    return []
