"""The auction: prices that are nearly right, quickly (Bertsekas, "Linear Network Optimization", 1991, ch. 4).

A free unit bids for its best object, just so much that its second best would be as good, plus a step. Prices start at 0
and only rise, so an object that nobody ever wanted keeps price 0, as an unsold one must. Objects with several units are
sold unit by unit; the object's price is its cheapest unit's (Bertsekas, Castañon, "The auction algorithm for the
transportation problem", 1989).
"""

from typing import NamedTuple

import numpy as np

from services.matching.optimum.compiled import Keys, Numbers, compiled
from services.matching.optimum.lists import NOTHING, Lists, best_two, make, room_for
from services.matching.optimum.market import FREE, MUST, OUT, Market

STEPS = (1, 64, 8, 1)
"""The step of each phase, in the unit of the values. Mostly the first ends it; where groups outbid each other for long,
larger steps end that sooner, and smaller ones mend what they left (scaling, Bertsekas 1991)."""
PATIENCE = (12, 400, 100, 100)
"""Bids a unit, on average, after which a phase leaves the rest to the next one, and the last one to augmentation."""


UNLIMITED = 1 << 28


class Seats(NamedTuple):
    """The units of each object that are sold one by one."""

    start: Keys
    """The first unit of each object, and the end."""
    owner: Numbers
    price: Numbers


@compiled
def auction(market: Market, lists: Lists) -> int:
    """Let every free unit bid until all hold something; returns the number of bids. Some may hold something already.

    Afterwards the profit of a holder is within the last step of the best, if no phase ran out of patience. `prices` and
    `holds` are set; chains of holders and profits are not.
    """
    units, objects = len(market.bidder_of), len(market.capacity)
    start = np.zeros(objects + 1, np.int64)
    for j in range(objects):
        start[j + 1] = start[j] + market.capacity[j]
    seats = Seats(start, np.full(start[objects], FREE, np.int32), np.empty(start[objects], np.int32))
    for j in range(objects):
        for seat in range(start[j], start[j + 1]):
            seats.price[seat] = market.prices[j]
    for unit in range(units):
        if market.holds[unit] >= 0:
            seat = start[market.holds[unit]]
            while seats.owner[seat] != FREE:
                seat += 1
            seats.owner[seat] = unit
    waiting = np.empty(units, np.int32)
    bids = 0
    for phase in range(len(STEPS)):
        if phase > 1:
            _release(market, lists, seats, STEPS[phase - 1], STEPS[phase])
        top = 0
        for back in range(units):
            unit = units - 1 - back
            if market.holds[unit] == FREE:
                waiting[top] = unit
                top += 1
        if top == 0:
            break
        bids += _bid(market, lists, seats, waiting, top, STEPS[phase], PATIENCE[phase] * units)
    return bids


@compiled
def _bid(market: Market, lists: Lists, seats: Seats, waiting: Numbers, top: int, step: int, most: int) -> int:
    """Let the waiting units bid, and whom they outbid; ends after so many bids. Returns their number."""
    room = room_for(market.column)
    bids = 0
    while top > 0 and bids < most:
        top -= 1
        unit = waiting[top]
        row = market.bidder_of[unit]
        best, first, second = best_two(row, market.prices, lists)
        if second < lists.bound[row]:
            make(market.values, market.column, row, market.prices, lists, room)
            best, first, second = best_two(row, market.prices, lists)
            second = max(second, lists.bound[row])
        out = market.out[row]
        if best == FREE or (out > MUST and first <= out):
            market.holds[unit] = OUT if out > MUST else FREE
            continue
        second = max(second, out)
        if second in (NOTHING, MUST):
            second = first
        cheapest = seats.start[best]
        for seat in range(seats.start[best] + 1, seats.start[best + 1]):
            if seats.price[seat] < seats.price[cheapest]:
                cheapest = seat
        bids += 1
        seats.price[cheapest] += first - second + step
        loser = seats.owner[cheapest]
        seats.owner[cheapest] = unit
        market.holds[unit] = best
        lowest = seats.price[cheapest]
        for seat in range(seats.start[best], seats.start[best + 1]):
            lowest = min(lowest, seats.price[seat])
        market.prices[best] = lowest
        if loser != FREE:
            market.holds[loser] = FREE
            waiting[top] = loser
            top += 1
    return bids


@compiled
def _release(market: Market, lists: Lists, seats: Seats, before: int, step: int) -> None:
    """Lower all prices by the step before, and free the units whose profit is not within a step of their best.

    Prices only rise in a phase, and what large steps made too dear would otherwise stay unsold.
    """
    room = room_for(market.column)
    for j in range(len(market.capacity)):
        least = -UNLIMITED if market.must_sell[j] else 0
        market.prices[j] = max(market.prices[j] - before, least)
        for seat in range(seats.start[j], seats.start[j + 1]):
            seats.price[seat] = max(seats.price[seat] - before, least)
    for row in range(len(market.values)):
        lists.bound[row] += before
    for j in range(len(market.capacity)):
        for seat in range(seats.start[j], seats.start[j + 1]):
            unit = seats.owner[seat]
            if unit == FREE:
                continue
            row = market.bidder_of[unit]
            _, first, _ = best_two(row, market.prices, lists)
            if first < lists.bound[row]:
                make(market.values, market.column, row, market.prices, lists, room)
                _, first, _ = best_two(row, market.prices, lists)
            profit = market.values[row, market.column[j]] - market.prices[j]
            if profit < max(first, market.out[row]) - step:
                seats.owner[seat] = FREE
                market.holds[unit] = FREE
    for unit in range(len(market.bidder_of)):
        if market.holds[unit] == OUT:
            market.holds[unit] = FREE


@compiled
def settle(market: Market, lists: Lists) -> int:
    """Set every profit exactly and free the units that hold less than their best; returns how many were freed.

    What remains keeps complementary slackness, so augmentation has only the free units left to do.
    """
    freed = 0
    room = room_for(market.column)
    market.holder[:] = FREE
    market.sold[:] = 0
    for row in range(len(market.profits)):
        _, first, _ = best_two(row, market.prices, lists)
        if first < lists.bound[row]:
            make(market.values, market.column, row, market.prices, lists, room)
            _, first, _ = best_two(row, market.prices, lists)
        market.profits[row] = max(first, market.out[row])
    for unit in range(len(market.bidder_of)):
        row = market.bidder_of[unit]
        j = market.holds[unit]
        profit = market.profits[row]
        if j >= 0:
            if market.values[row, market.column[j]] - market.prices[j] == profit:
                take(market, unit, j)
                continue
            market.holds[unit] = FREE
            freed += 1
        if market.holds[unit] == OUT and market.out[row] < profit:
            market.holds[unit] = FREE
        if market.holds[unit] == FREE and market.out[row] == profit and profit > MUST:
            market.holds[unit] = OUT
    return freed


@compiled
def take(market: Market, unit: int, j: int) -> None:
    """A unit takes one of an object."""
    market.holds[unit] = j
    market.next_holder[unit] = market.holder[j]
    market.holder[j] = unit
    market.sold[j] += 1


@compiled
def give_back(market: Market, unit: int) -> None:
    """A unit gives back what it holds."""
    j = market.holds[unit]
    market.holds[unit] = FREE
    market.sold[j] -= 1
    before = market.holder[j]
    if before == unit:
        market.holder[j] = market.next_holder[unit]
        return
    while market.next_holder[before] != unit:
        before = market.next_holder[before]
    market.next_holder[before] = market.next_holder[unit]


__all__ = ["Numbers", "auction", "give_back", "settle", "take"]
