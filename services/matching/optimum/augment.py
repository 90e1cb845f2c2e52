"""Exactly right: every free unit takes the shortest way to an object, and pushes the others along it (search.py).

The primal-dual method (Edmonds, Karp 1972; Jonker, Volgenant 1987), begun where an auction ended.
"""

import numpy as np

from services.matching.optimum.compiled import Keys, Numbers, compiled
from services.matching.optimum.lists import Lists
from services.matching.optimum.market import FREE, Market
from services.matching.optimum.search import EVERYBODY, NOT_FEASIBLE, find, new_search, wants

STOPPED = -2
ENDLESS = 1 << 62


@compiled
def approach(market: Market, lists: Lists, ground: Numbers, looked: Keys) -> int:
    """One search from all free units at once: prices move until one of them could have what wants to be sold.

    Nothing is exchanged. For many free units of whom all are needed, where many pairs are worth the same. Returns
    NOT_FEASIBLE if there is no way.
    """
    heap = np.empty(1 << 12, np.int64)
    nobody: int = np.int64(FREE)  # type: ignore[assignment]
    everybody: int = np.int64(EVERYBODY)  # type: ignore[assignment]
    needed = len(market.column) > 0
    search = new_search(market, lists, ground, looked)
    _, done = find(market, lists, ground, search, heap, everybody, nobody, needed)
    return done


@compiled
def augment(market: Market, lists: Lists, ground: Numbers, looked: Keys, most: int) -> int:
    """Give every free unit an object (or let it stay out), and sell what must be sold, at the highest sum of values.

    Expects what `settle` leaves. `ground[0]` is minus the base price: afterwards, prices minus base and profits plus
    base are a dual solution without slack on what is held. Adds to `looked[0]` the pairs that it looks at. Returns the
    number of searches, NOT_FEASIBLE, or STOPPED once that is more than `most`; then it can go on from there.
    """
    bidders = len(market.values)
    search = new_search(market, lists, ground, looked)
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
        heap, done = find(market, lists, ground, search, heap, start, unit, needed)
        if done < 0:
            return NOT_FEASIBLE
        wanted -= done
        if ground[0] != base:
            # What was dear by as much as the base has risen may stay unsold now.
            wanted, base = wanting(market, ground[0]), ground[0]
        searches += 1
    # A literal, like a narrower integer above, is a type of its own: `find` would be compiled once more.
    nobody: int = np.int64(FREE)  # type: ignore[assignment]
    while wanted > 0:
        if search.looked[0] > most:
            return STOPPED
        heap, done = find(market, lists, ground, search, heap, bidders, nobody, wanted > 0)
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
        if wants(market, j, ground):
            units += market.capacity[j] - market.sold[j]
    return units


__all__ = ["ENDLESS", "NOT_FEASIBLE", "STOPPED", "approach", "augment", "wanting"]
