"""The auction: prices that are nearly right, quickly (Bertsekas, "Linear Network Optimization", 1991, ch. 4).

A free unit bids for its best object, just so much that its second best would be as good, plus a step. Prices start at 0
and only rise, so an object that nobody ever wanted keeps price 0, as an unsold one must. Objects with several units are
sold unit by unit; the object's price is its cheapest unit's (Bertsekas, Castañon, "The auction algorithm for the
transportation problem", 1989).
"""

import numpy as np

from services.matching.optimum.compiled import Numbers, compiled
from services.matching.optimum.lists import NOTHING, STEPS, Lists, best_two, make
from services.matching.optimum.market import FREE, MUST, OUT, Market

FIRST_STEP = 1
PATIENCE = 40
"""Bids a unit, on average, after which the step doubles: a price war ends sooner, and augmentation mends the rest."""
END = 400
"""Bids a unit, on average, after which the auction leaves the rest to augmentation."""


@compiled
def auction(market: Market, lists: Lists) -> int:
    """Let every free unit bid until all hold something; returns the number of bids.

    Afterwards the profit of a holder is within the last step of the best. `prices`, `holds` and `sold` are set; chains
    of holders and profits are not.
    """
    units = len(market.bidder_of)
    objects = len(market.capacity)
    slots = np.zeros(objects + 1, np.int64)
    for j in range(objects):
        slots[j + 1] = slots[j] + market.capacity[j]
    owner = np.full(slots[objects], FREE, np.int32)
    price = np.empty(slots[objects], np.int32)
    for j in range(objects):
        price[slots[j] : slots[j + 1]] = market.prices[j]
    steps = np.empty(STEPS, np.int32)
    waiting = np.empty(units, np.int32)
    top = 0
    for back in range(units):
        waiting[top] = units - 1 - back
        top += 1
    bids, step, allowance = 0, FIRST_STEP, PATIENCE * units
    while top > 0 and bids < END * units:
        top -= 1
        unit = waiting[top]
        row = market.bidder_of[unit]
        best, first, second = best_two(row, market.prices, lists)
        if second < lists.bound[row]:
            make(market.values, market.column, row, market.prices, lists, steps)
            best, first, second = best_two(row, market.prices, lists)
            second = max(second, lists.bound[row])
        out = market.out[row]
        if best == FREE or (out > MUST and first <= out):
            market.holds[unit] = OUT if out > MUST else FREE
            continue
        second = max(second, out)
        if second in (NOTHING, MUST):
            second = first
        cheapest = slots[best]
        for slot in range(slots[best] + 1, slots[best + 1]):
            if price[slot] < price[cheapest]:
                cheapest = slot
        bids += 1
        if bids > allowance:
            step *= 2
            allowance += PATIENCE * units
        price[cheapest] += first - second + step
        loser = owner[cheapest]
        owner[cheapest] = unit
        market.holds[unit] = best
        lowest = price[cheapest]
        for slot in range(slots[best], slots[best + 1]):
            lowest = min(lowest, price[slot])
        market.prices[best] = lowest
        if loser != FREE:
            market.holds[loser] = FREE
            waiting[top] = loser
            top += 1
    return bids


@compiled
def settle(market: Market, lists: Lists) -> int:
    """Set every profit exactly and free the units that hold less than their best; returns how many were freed.

    What remains keeps complementary slackness, so augmentation has only the free units left to do.
    """
    freed = 0
    steps = np.empty(STEPS, np.int32)
    market.holder[:] = FREE
    market.sold[:] = 0
    for row in range(len(market.profits)):
        _, first, _ = best_two(row, market.prices, lists)
        if first < lists.bound[row]:
            make(market.values, market.column, row, market.prices, lists, steps)
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
