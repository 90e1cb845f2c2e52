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


class Lists(NamedTuple):
    """Arrays by bidder: of shape (bidders, length), then (bidders,)."""

    objects: Numbers
    values: Values
    listed: Numbers
    bound: Numbers
    """No object outside the list gives more profit than this."""


def empty(bidders: int, length: int) -> Lists:
    """Lists of up to `length` objects, not made yet."""
    return Lists(
        np.empty((bidders, length), np.int32),
        np.empty((bidders, length), np.int16),
        np.zeros(bidders, np.int32),
        np.full(bidders, UNMADE, np.int32),
    )


@compiled
def make(values: Values, column: Numbers, row: int, prices: Numbers, lists: Lists, steps: Numbers) -> None:
    """List the best objects of one bidder at these prices; `steps` is room for counting."""
    width = len(column)
    length = lists.objects.shape[1]
    best = NOTHING
    for j in range(width):
        if values[row, column[j]] >= 0:
            best = max(best, values[row, column[j]] - prices[j])
    if best == NOTHING:
        lists.listed[row] = 0
        lists.bound[row] = NOTHING
        return
    steps[:] = 0
    for j in range(width):
        if values[row, column[j]] >= 0:
            below = best - (values[row, column[j]] - prices[j])
            if below < REACH:
                steps[below] += 1
    # The last step that is listed, and how many of it have room.
    last, total, room = REACH - 1, 0, length
    for step in range(REACH):
        if total + steps[step] > length:
            last, room = step, length - total
            break
        total += steps[step]
        room = steps[step]
    left_out = steps[last] > room
    found = 0
    start = (row * STRIDE) % width
    for offset in range(width):
        j = start + offset
        if j >= width:
            j -= width
        if values[row, column[j]] < 0:
            continue
        below = best - (values[row, column[j]] - prices[j])
        if below > last:
            continue
        if below == last:
            if room == 0:
                continue
            room -= 1
        lists.objects[row, found] = j
        lists.values[row, found] = values[row, column[j]]
        found += 1
    lists.listed[row] = found
    lists.bound[row] = best - last if left_out else best - last - 1


@compiled_in_threads
def make_all(values: Values, column: Numbers, prices: Numbers, lists: Lists) -> None:
    """List the best objects of every bidder."""
    chunks = 16
    for chunk in prange(chunks):
        steps = np.empty(REACH, np.int32)
        for row in range(chunk, values.shape[0], chunks):
            make(values, column, row, prices, lists, steps)


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


__all__ = ["NOTHING", "REACH", "UNMADE", "Lists", "best_two", "empty", "make", "make_all"]
