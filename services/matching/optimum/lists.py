"""Each bidder's best objects, so that a bid looks at a hundred of them and not at all.

Prices only rise, so what is not listed never gets better than it was when the list was made: `bound`. As long as the
second best listed object is at least that good, the list decides as the whole row would (the "k-best" lists of
Bertsekas, "Linear Network Optimization", 1991, ch. 4).
"""

from typing import NamedTuple

import numpy as np
from numba import prange

from services.matching.optimum.compiled import Numbers, Values, compiled, compiled_in_threads

NOTHING = -(1 << 29)
"""Worse than every profit: no object is there."""
UNMADE = 1 << 28
"""The bound of a list that is made when it is first needed."""
REACH = 1024
"""How far below the best a list may reach, in points."""
STRIDE = 7919
"""A prime: among equal objects, bidders begin at different ones."""
FIRST_REACH = 64
"""How far the first list of a bidder is expected to reach."""
NEAR = 1024
"""Objects that are looked at closely for a list; more than it may hold."""


class Lists(NamedTuple):
    """Arrays by bidder: of shape (bidders, length), then (bidders,)."""

    objects: Numbers
    values: Values
    listed: Numbers
    bound: Numbers
    """No object outside the list gives more profit than this."""
    reach: Numbers
    """How far below the best the last list reached: where the next one is begun."""


class Room(NamedTuple):
    """What making a list needs."""

    plain: int
    """So many objects, from the first on, have the column of their number."""
    profits: Numbers
    """Of each object to the bidder."""
    near: Numbers
    steps: Numbers


def empty(bidders: int, length: int) -> Lists:
    """Lists of up to `length` objects, not made yet."""
    return Lists(
        np.empty((bidders, length), np.int32),
        np.empty((bidders, length), np.int16),
        np.zeros(bidders, np.int32),
        np.full(bidders, UNMADE, np.int32),
        np.full(bidders, FIRST_REACH, np.int32),
    )


@compiled
def room_for(column: Numbers) -> Room:
    """Room for lists of these objects."""
    plain = 0
    while plain < len(column) and column[plain] == plain:
        plain += 1
    return Room(plain, np.empty(len(column), np.int32), np.empty(NEAR, np.int32), np.empty(REACH, np.int32))


@compiled
def make(values: Values, column: Numbers, row: int, prices: Numbers, lists: Lists, room: Room) -> None:
    """List the best objects of one bidder at these prices."""
    best = _profits(values, column, row, prices, room)
    if best == NOTHING:
        lists.listed[row] = 0
        lists.bound[row] = NOTHING
        return
    width, length = len(column), lists.objects.shape[1]
    start = (row * STRIDE) % width
    # A reach that yields more than a list holds, but not many more; what is too far is not known yet.
    reach, enough, too_far = lists.reach[row], 0, REACH + 1
    while True:
        found = _near(room, best - reach + 1, start)
        if found > NEAR:
            too_far = reach
            reach = (enough + reach) // 2
            if reach == enough:
                found = _near(room, best - reach + 1, start) if reach else 0
                break
        elif found <= length and reach + 1 < too_far:
            enough = reach
            reach = min(reach + reach // 2 + 8, (reach + too_far) // 2)
        else:
            break
    last, space = _last(room, best, reach, found, length)
    lists.reach[row] = min(last + last // 8 + 4, REACH)
    listed = 0
    for at in range(found):
        j = room.near[at]
        below = best - room.profits[j]
        if below < last or (below == last and space > 0):
            space -= below == last
            lists.objects[row, listed] = j
            lists.values[row, listed] = values[row, column[j]]
            listed += 1
    bound = best - last if last < reach else best - reach
    if listed < length and too_far == reach + 1:
        # More are equally good than are looked at closely: as many of them as there is space for.
        for offset in range(width):
            j = start + offset - (width if start + offset >= width else 0)
            if room.profits[j] == bound and listed < length:
                lists.objects[row, listed] = j
                lists.values[row, listed] = values[row, column[j]]
                listed += 1
    lists.listed[row] = listed
    lists.bound[row] = bound


@compiled
def _profits(values: Values, column: Numbers, row: int, prices: Numbers, room: Room) -> int:
    """Set the profit of every object; returns the best. Plain loops, which become vector code."""
    best = np.int32(NOTHING)
    of_row, profits = values[row], room.profits
    for j in range(room.plain):
        value = np.int32(of_row[j])
        profit = value - prices[j] if value >= 0 else np.int32(NOTHING)
        profits[j] = profit
        best = max(best, profit)
    for j in range(room.plain, len(column)):
        value = np.int32(of_row[column[j]])
        profit = value - prices[j] if value >= 0 else np.int32(NOTHING)
        profits[j] = profit
        best = max(best, profit)
    return int(best)


@compiled
def _near(room: Room, least: int, start: int) -> int:
    """Collect the objects of at least this profit, from `start` on and around; returns their number, or one more."""
    found = 0
    for begin, end in ((start, len(room.profits)), (0, start)):
        for j in range(begin, end):
            if room.profits[j] >= least:
                if found == NEAR:
                    return NEAR + 1
                room.near[found] = j
                found += 1
    return found


@compiled
def _last(room: Room, best: int, reach: int, found: int, length: int) -> tuple[int, int]:
    """The first step below the best that is not listed as a whole, and how many of it are; `reach` if all are."""
    steps = room.steps
    for step in range(reach):
        steps[step] = 0
    for at in range(found):
        steps[best - room.profits[room.near[at]]] += 1
    total = 0
    for step in range(reach):
        if total + steps[step] > length:
            return step, length - total
        total += steps[step]
    return reach, 0


@compiled_in_threads
def make_all(values: Values, column: Numbers, prices: Numbers, lists: Lists) -> None:
    """List the best objects of every bidder."""
    chunks = 16
    for chunk in prange(chunks):
        room = room_for(column)
        reach = FIRST_REACH
        for row in range(chunk, values.shape[0], chunks):
            lists.reach[row] = reach
            make(values, column, row, prices, lists, room)
            reach = lists.reach[row]


@compiled
def best_two(row: int, prices: Numbers, lists: Lists) -> tuple[int, int, int]:
    """The best listed object, its profit, and the second best profit among the listed."""
    best, first, second = -1, NOTHING, NOTHING
    for at in range(lists.listed[row]):
        j = lists.objects[row, at]
        profit = lists.values[row, at] - prices[j]
        if profit > first:
            best, first, second = j, profit, first
        elif profit > second:
            second = profit
    return best, first, second


__all__ = ["NOTHING", "UNMADE", "Lists", "Room", "best_two", "empty", "make", "make_all", "room_for"]
