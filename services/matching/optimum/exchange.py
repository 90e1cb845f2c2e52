"""From two best solutions of different sizes, one of a size between."""

import numpy as np

from services.matching.optimum.compiled import Numbers
from services.matching.optimum.market import OUT


def exchanged(fewer: Numbers, more: Numbers, capacity: Numbers, count: int) -> Numbers:
    """Take parts of `more` into `fewer` until it holds `count` objects; each is what every mentee holds, or OUT.

    What the two do differently falls apart into ways and rings over mentees and seats. If both are best at the same
    prices, so is each exchange of one part, and a part changes the number by one at most.
    """
    start = np.concatenate([[0], np.cumsum(capacity)])
    seat_of = [_seats(held, other, start) for held, other in ((fewer, more), (more, fewer))]
    holder_of = [{seat: mentee for mentee, seat in enumerate(seats) if seat >= 0} for seats in seat_of]
    result = fewer.copy()
    missing = count - int((fewer >= 0).sum())
    seen: set[int] = set()
    for first in range(len(fewer)):
        if missing == 0:
            break
        if first in seen or seat_of[0][first] == seat_of[1][first]:
            continue
        part, stack = [], [first]
        seen.add(first)
        while stack:
            mentee = stack.pop()
            part.append(mentee)
            for seats in seat_of:
                for holders in holder_of:
                    other = holders.get(seats[mentee])
                    if other is not None and other not in seen:
                        seen.add(other)
                        stack.append(other)
        gain = sum(int(more[m] >= 0) - int(fewer[m] >= 0) for m in part)
        if gain > 0:
            result[part] = more[part]
            missing -= gain
    return result


def _seats(held: Numbers, other: Numbers, start: Numbers) -> list[int]:
    """A seat for each mentee; who holds the same object in the other solution comes first, in the same order."""
    seats = [OUT] * len(held)
    taken = start[:-1].tolist()
    order = sorted(range(len(held)), key=lambda mentee: held[mentee] != other[mentee])
    for mentee in order:
        if held[mentee] >= 0:
            seats[mentee] = taken[held[mentee]]
            taken[held[mentee]] += 1
    return seats


__all__ = ["exchanged"]
