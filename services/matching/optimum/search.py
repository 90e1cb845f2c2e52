"""One search for the shortest way from a row to what wants to be sold, the prices along it, and the exchange.

Dijkstra's search over slacks on the bidders' lists; what is not listed comes in where a list's bound says that it might
matter. The `ground` is where unsold objects and bidders who stay out belong: a row whose profit is minus the base price
of what stays unsold.
"""

from typing import NamedTuple

import numpy as np

from services.matching.optimum.auction import give_back, take
from services.matching.optimum.compiled import Flags, Keys, Numbers, compiled
from services.matching.optimum.lists import NOTHING, UNMADE, Lists, Room, best_two, make, room_for
from services.matching.optimum.market import FREE, KEPT, MUST, OUT, Market
from services.matching.optimum.queue import NODE, NODE_BITS, push, sink

FAR = (1 << 31) - 1
NOT_FEASIBLE = -1
EVERYBODY = -5
"""The start of a search from all free units."""


class Search(NamedTuple):
    """What one search knows; cleared for the next by what it touched."""

    far: Numbers
    """The distance of each object."""
    reached_from: Numbers
    """The row that an object was reached from; the ground is row `bidders`."""
    closed: Flags
    """Objects whose distance is final."""
    touched: Numbers
    rows: Numbers
    """The rows in the tree, and their distances."""
    row_far: Numbers
    by_unit: Numbers
    """The unit by which each row of the tree was reached; FREE for none."""
    price_before: Numbers
    by_price: Keys
    """The objects that may stay unsold, by what their prices were before; prices only rise."""
    shy: Numbers
    """Of each row that stays out, with the base price: at least so far is it to anything that it might have instead."""
    by_shyness: Keys
    """The units that stay out, the least shy first."""
    left: Numbers
    """Units that stayed out only since, and in the last place their number."""
    stayed: Flags
    """Units that are in one of the two."""
    room: Room
    looked: Keys
    """One number: the pairs that this and earlier searches have looked at."""


@compiled
def new_search(market: Market, lists: Lists, ground: Numbers, looked: Keys) -> Search:
    """A search that has touched nothing."""
    bidders, objects = len(market.values), len(market.column)
    shy = np.full(bidders, NOTHING, np.int32)
    for unit in range(len(market.bidder_of)):
        if market.holds[unit] == OUT:
            row = market.bidder_of[unit]
            _, first, _ = best_two(row, market.prices, lists)
            shy[row] = market.profits[row] - max(first, lists.bound[row]) - ground[0]
    out = np.flatnonzero(market.holds == OUT)
    may_stay = np.flatnonzero(~market.must_sell)
    left = np.zeros(len(market.bidder_of) + 1, np.int32)
    return Search(
        np.full(objects, FAR, np.int32),
        np.full(objects, FREE, np.int32),
        np.zeros(objects, np.bool_),
        np.empty(objects, np.int32),
        np.empty(bidders + 1, np.int32),
        np.empty(bidders + 1, np.int32),
        np.full(bidders + 1, FREE, np.int32),
        market.prices.copy(),
        may_stay[np.argsort(market.prices[may_stay], kind="mergesort")],
        shy,
        out[np.argsort(shy[market.bidder_of[out]], kind="mergesort")],
        left,
        market.holds == OUT,
        room_for(market.column),
        looked,
    )


@compiled
def wants(market: Market, j: int, ground: int) -> bool:
    """Whether an object has units that may not stay unsold at its price."""
    if market.sold[j] >= market.capacity[j]:
        return False
    return bool(market.must_sell[j]) or market.prices[j] + ground > 0


@compiled
def find(
    market: Market,
    lists: Lists,
    ground: Numbers,
    search: Search,
    heap: Keys,
    start: int,
    unit: int,
    needed: bool,
) -> tuple[Keys, int]:
    """One search from a row, then the prices along it and the exchange.

    Returns the heap, and 1 if the search ended at an object that wanted to be sold, 0 if at the ground, -1 if nowhere.
    """
    bidders, objects = len(market.values), len(market.column)
    keeps = len(market.keeps) > 0
    size, touched, rows = 0, 0, 0
    grounded, ground_by = False, FREE
    # The row to take into the tree next, how far it is, and by which unit.
    row, distance, by = start, 0, unit
    # How far that row is: who stays out is as far as the ground, although looked at later.
    reach, ground_far = 0, 0
    next_object, next_out = 0, 0
    cursor = objects + 1 + bidders + 1 + len(market.bidder_of) + bidders + 1
    if start == EVERYBODY:
        row = FREE
        for other in range(len(market.bidder_of)):
            if market.holds[other] == FREE:
                heap = push(heap, size, 0, objects + 1 + bidders + 1 + other)
                size += 1
    pending = FREE
    end = NOT_FEASIBLE
    # No way is longer than the shortest that is known to end well.
    limit = FAR
    while True:
        # Take a row, or several that hold the same object, into the tree.
        while row != FREE:
            search.rows[rows] = row
            search.row_far[rows] = reach
            search.by_unit[row] = by if by != FREE else OUT
            rows += 1
            if row == bidders:
                grounded, ground_far = True, reach
                # Who stays out holds the ground, and may come in for another.
                for at in range(search.left[-1]):
                    other = search.left[at]
                    if market.holds[other] == OUT and search.by_unit[market.bidder_of[other]] == FREE:
                        heap = push(heap, size, distance, objects + 1 + bidders + 1 + other)
                        size += 1
                next_object, next_out = 0, 0
                heap = push(heap, size, distance, cursor)
                heap = push(heap, size + 1, distance, cursor + 1)
                size += 2
            else:
                if lists.bound[row] >= UNMADE:
                    make(market.values, market.column, row, market.prices, lists, search.room)
                base = reach + market.profits[row]
                search.looked[0] += lists.listed[row]
                for at in range(lists.listed[row]):
                    j = lists.objects[row, at]
                    if search.closed[j]:
                        continue
                    far = base + market.prices[j] - lists.values[row, at]
                    if far < search.far[j] and far <= limit:
                        if wants(market, j, ground[0]):
                            limit = far
                        if search.far[j] == FAR:
                            search.touched[touched] = j
                            touched += 1
                        search.far[j] = far
                        search.reached_from[j] = row
                        heap = push(heap, size, far, j)
                        size += 1
                if lists.bound[row] > NOTHING:
                    heap = push(heap, size, max(distance, base - lists.bound[row]), objects + 1 + rows - 1)
                    size += 1
                if market.out[row] > MUST and not grounded:
                    far = base - market.out[row] - ground[0]
                    heap = push(heap, size, far, objects + 1 + bidders + 1 + len(market.bidder_of) + row)
                    size += 1
            row = FREE
            while pending != FREE:
                holder = market.bidder_of[pending]
                if search.by_unit[holder] == FREE:
                    row, by = holder, pending
                pending = market.next_holder[pending]
                if row != FREE:
                    break
        if size == 0:
            break
        key = sink(heap, size)
        size -= 1
        distance = key >> NODE_BITS
        reach = distance
        node = key & NODE
        if node < objects:
            if search.closed[node] or distance > search.far[node]:
                continue
            search.closed[node] = True
            if wants(market, node, ground[0]):
                end = node
                break
            if market.sold[node] < market.capacity[node] and not grounded:
                # It is unsold at the base price: the ground holds it.
                ground_by = -3 - node
                if not needed:
                    end = objects
                    break
                row, by = bidders, FREE
                pending = market.holder[node]
                continue
            pending = market.holder[node]
            while pending != FREE:
                holder = market.bidder_of[pending]
                if search.by_unit[holder] == FREE:
                    row, by = holder, pending
                pending = market.next_holder[pending]
                if row != FREE:
                    break
            continue
        node -= objects + 1
        if node <= bidders:
            # The list of this row may lack something that is as near: look at all of it.
            full = search.rows[node]
            base = search.row_far[node] + market.profits[full]
            search.looked[0] += objects
            for j in range(objects):
                value = market.values[full, market.column[j]]
                if value < 0 or search.closed[j]:
                    continue
                if keeps:
                    value = KEPT if market.keeps[full] == market.column[j] else 0
                far = base + market.prices[j] - value
                if far < search.far[j] and far <= limit:
                    if wants(market, j, ground[0]):
                        limit = far
                    if search.far[j] == FAR:
                        search.touched[touched] = j
                        touched += 1
                    search.far[j] = far
                    search.reached_from[j] = full
                    heap = push(heap, size, far, j)
                    size += 1
            continue
        node -= bidders + 1
        if node < len(market.bidder_of):
            if search.by_unit[market.bidder_of[node]] == FREE:
                row, by = market.bidder_of[node], node
                if market.holds[node] == OUT:
                    reach = ground_far
            continue
        node -= len(market.bidder_of)
        if node == bidders + 1:
            # The ground might take another object, the cheapest first.
            while next_object < len(search.by_price):
                j = search.by_price[next_object]
                far = ground_far + ground[0] + search.price_before[j]
                if far > distance:
                    if far <= limit:
                        heap = push(heap, size, far, cursor)
                        size += 1
                    break
                next_object += 1
                search.looked[0] += 1
                far = ground_far + ground[0] + market.prices[j]
                if not search.closed[j] and far < search.far[j] and far <= limit:
                    if wants(market, j, ground[0]):
                        limit = far
                    if search.far[j] == FAR:
                        search.touched[touched] = j
                        touched += 1
                    search.far[j] = far
                    search.reached_from[j] = bidders
                    heap = push(heap, size, far, j)
                    size += 1
            continue
        if node == bidders + 2:
            # Who stays out comes in, the least shy first.
            while next_out < len(search.by_shyness):
                other = search.by_shyness[next_out]
                far = ground_far + max(0, search.shy[market.bidder_of[other]] + ground[0])
                if far > distance:
                    if far <= limit:
                        heap = push(heap, size, far, cursor + 1)
                        size += 1
                    break
                next_out += 1
                if market.holds[other] == OUT and search.by_unit[market.bidder_of[other]] == FREE:
                    heap = push(heap, size, distance, objects + 1 + bidders + 1 + other)
                    size += 1
            continue
        if not grounded:
            ground_by = node
            if not needed:
                end = objects
                break
            row, by = bidders, FREE
    if end == NOT_FEASIBLE:
        result = -1
    else:
        for at in range(rows):
            gain = distance - search.row_far[at]
            if search.rows[at] == bidders:
                ground[0] -= gain
            else:
                market.profits[search.rows[at]] -= gain
        for at in range(touched):
            j = search.touched[at]
            if search.closed[j]:
                market.prices[j] += distance - search.far[j]
        if grounded:
            # Those who stay out and were not near enough to be looked at lose as much as the ground.
            for other in range(len(market.bidder_of)):
                if market.holds[other] == OUT:
                    market.profits[market.bidder_of[other]] = market.out[market.bidder_of[other]] + ground[0]
        if start != EVERYBODY:
            _exchange(market, search, end, start, ground_by)
        result = 1 if end < objects else 0
    for at in range(touched):
        j = search.touched[at]
        search.far[j] = FAR
        search.closed[j] = False
    for at in range(rows):
        search.by_unit[search.rows[at]] = FREE
    return heap, result


@compiled
def _exchange(market: Market, search: Search, end: int, start: int, ground_by: int) -> None:
    """Move everything along the way that was found, from its end to its start."""
    bidders, objects = len(market.values), len(market.column)
    j = end
    while True:
        row = bidders if j == objects else search.reached_from[j]
        if row == bidders:
            # The ground takes j (or nothing) and gives what it was reached by.
            if start == bidders:
                return
            if ground_by <= -3:
                j = -3 - ground_by
                continue
            row, j = ground_by, objects
        unit = search.by_unit[row]
        held = market.holds[unit]
        if held >= 0:
            give_back(market, unit)
        if j == objects:
            market.holds[unit] = OUT
            if not search.stayed[unit]:
                search.stayed[unit] = True
                search.left[search.left[-1]] = unit
                search.left[-1] += 1
        else:
            take(market, unit, j)
        if held == FREE:
            return
        j = objects if held == OUT else held


__all__ = ["EVERYBODY", "NOT_FEASIBLE", "Search", "find", "new_search", "wants"]
