"""Exactly right: every free unit takes the shortest way to an object, and pushes the others along it.

The primal-dual method with Dijkstra's search over slacks (Edmonds, Karp 1972; Jonker, Volgenant 1987), on the bidders'
lists; what is not listed comes in where a list's bound says that it might matter. The `ground` is where unsold objects
and bidders who stay out belong: a row whose profit is minus the base price of what stays unsold.
"""

from typing import NamedTuple

import numpy as np

from services.matching.optimum.auction import give_back, take
from services.matching.optimum.compiled import Flags, Keys, Numbers, compiled
from services.matching.optimum.lists import NOTHING, UNMADE, Lists, Room, make, room_for
from services.matching.optimum.market import FREE, KEPT, MUST, OUT, Market
from services.matching.optimum.queue import NODE, NODE_BITS, push, sink

FAR = (1 << 31) - 1
NOT_FEASIBLE = -1
STOPPED = -2
ENDLESS = 1 << 62
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
    room: Room
    looked: Keys
    """One number: the pairs that this and earlier searches have looked at."""


@compiled
def new_search(bidders: int, column: Numbers, looked: Keys) -> Search:
    """A search that has touched nothing. `column`: of each object."""
    objects = len(column)
    return Search(
        np.full(objects, FAR, np.int32),
        np.full(objects, FREE, np.int32),
        np.zeros(objects, np.bool_),
        np.empty(objects, np.int32),
        np.empty(bidders + 1, np.int32),
        np.empty(bidders + 1, np.int32),
        np.full(bidders + 1, FREE, np.int32),
        room_for(column),
        looked,
    )


@compiled
def approach(market: Market, lists: Lists, ground: Numbers, looked: Keys) -> int:
    """One search from all free units at once: prices move until one of them could have what wants to be sold.

    Nothing is exchanged. For many free units of whom all are needed, where many pairs are worth the same. Returns
    NOT_FEASIBLE if there is no way.
    """
    bidders, objects = len(market.values), len(market.column)
    heap = np.empty(1 << 12, np.int64)
    nobody: int = np.int64(FREE)  # type: ignore[assignment]
    everybody: int = np.int64(EVERYBODY)  # type: ignore[assignment]
    needed = objects > 0
    search = new_search(bidders, market.column, looked)
    _, done = _one(market, lists, ground, search, heap, everybody, nobody, needed)
    return done


@compiled
def augment(market: Market, lists: Lists, ground: Numbers, looked: Keys, most: int) -> int:
    """Give every free unit an object (or let it stay out), and sell what must be sold, at the highest sum of values.

    Expects what `settle` leaves. `ground[0]` is minus the base price: afterwards, prices minus base and profits plus
    base are a dual solution without slack on what is held. Adds to `looked[0]` the pairs that it looks at. Returns the
    number of searches, NOT_FEASIBLE, or STOPPED once that is more than `most`; then it can go on from there.
    """
    bidders = len(market.values)
    search = new_search(bidders, market.column, looked)
    heap = np.empty(1 << 12, np.int64)
    wanted, base = wanting(market, ground[0]), ground[0]
    searches = 0
    left = 0
    for unit in range(len(market.bidder_of)):
        if market.holds[unit] == FREE:
            left += 1
    for unit in range(len(market.bidder_of)):
        if market.holds[unit] != FREE:
            continue
        if search.looked[0] > most:
            return STOPPED
        # Only if all who are left are needed to buy what must be sold may nobody of them end at the ground.
        needed = wanted >= left
        left -= 1
        start: int = np.int64(market.bidder_of[unit])  # type: ignore[assignment]
        heap, done = _one(market, lists, ground, search, heap, start, unit, needed)
        if done < 0:
            return NOT_FEASIBLE
        wanted -= done
        if ground[0] != base:
            # What was dear by as much as the base has risen may stay unsold now.
            wanted, base = wanting(market, ground[0]), ground[0]
        searches += 1
    # A literal, like a narrower integer above, is a type of its own: `_one` would be compiled once more.
    nobody: int = np.int64(FREE)  # type: ignore[assignment]
    while wanted > 0:
        if search.looked[0] > most:
            return STOPPED
        heap, done = _one(market, lists, ground, search, heap, bidders, nobody, wanted > 0)
        if done < 0:
            return NOT_FEASIBLE
        wanted = wanting(market, ground[0])
        searches += 1
    return searches


@compiled
def wanting(market: Market, ground: int) -> int:
    """Units that may not stay unsold at their price."""
    units = 0
    for j in range(len(market.capacity)):
        if _wants(market, j, ground):
            units += market.capacity[j] - market.sold[j]
    return units


@compiled
def _wants(market: Market, j: int, ground: int) -> bool:
    """Whether an object has units that may not stay unsold at its price."""
    if market.sold[j] >= market.capacity[j]:
        return False
    return bool(market.must_sell[j]) or market.prices[j] + ground > 0


@compiled
def _one(
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
            search.row_far[rows] = distance
            search.by_unit[row] = by if by != FREE else OUT
            rows += 1
            if row == bidders:
                grounded = True
                search.looked[0] += objects
                for j in range(objects):
                    if not market.must_sell[j] and not search.closed[j]:
                        far = distance + ground[0] + market.prices[j]
                        if far < search.far[j] and far <= limit:
                            if _wants(market, j, ground[0]):
                                limit = far
                            if search.far[j] == FAR:
                                search.touched[touched] = j
                                touched += 1
                            search.far[j] = far
                            search.reached_from[j] = bidders
                            heap = push(heap, size, far, j)
                            size += 1
                # Who stays out holds the ground, and may come in for another.
                for other in range(len(market.bidder_of)):
                    if market.holds[other] == OUT and search.by_unit[market.bidder_of[other]] == FREE:
                        heap = push(heap, size, distance, objects + 1 + bidders + 1 + other)
                        size += 1
            else:
                if lists.bound[row] >= UNMADE:
                    make(market.values, market.column, row, market.prices, lists, search.room)
                base = distance + market.profits[row]
                search.looked[0] += lists.listed[row]
                for at in range(lists.listed[row]):
                    j = lists.objects[row, at]
                    if search.closed[j]:
                        continue
                    far = base + market.prices[j] - lists.values[row, at]
                    if far < search.far[j] and far <= limit:
                        if _wants(market, j, ground[0]):
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
        node = key & NODE
        if node < objects:
            if search.closed[node] or distance > search.far[node]:
                continue
            search.closed[node] = True
            if _wants(market, node, ground[0]):
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
                    if _wants(market, j, ground[0]):
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
            continue
        node -= len(market.bidder_of)
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
        else:
            take(market, unit, j)
        if held == FREE:
            return
        j = objects if held == OUT else held


__all__ = ["ENDLESS", "NOT_FEASIBLE", "STOPPED", "approach", "augment", "wanting"]
