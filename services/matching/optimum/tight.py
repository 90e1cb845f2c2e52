"""Pairs without slack, as many at once as there can be, before single searches begin.

Where many pairs are worth the same, most of what an auction left is found among the pairs that are best already: there
Hopcroft and Karp's search on bits does in one go what single searches would do one by one.
"""

import numpy as np
from numba import prange

from services.matching.optimum.auction import give_back, take
from services.matching.optimum.compiled import Flags, Numbers, compiled, compiled_in_threads
from services.matching.optimum.graph import WORD, Graph, Pairs, Words, fill, fill_up_to, join
from services.matching.optimum.market import KEPT, OUT, Market
from services.matching.optimum.problem import NOBODY


def fill_tight(market: Market, ground: int) -> None:
    """Give free bidders of one unit each, and then who stays out, an object at which nobody's profit changes.

    `ground`: minus the base price (search.py).
    """
    found, pairs = _without_slack(market, market.holds)
    # Who stays out need not buy, and helps only after those who must.
    idle = market.holds == OUT
    of_idle = found.by_mentee[idle]
    found.by_mentee[idle] = 0
    fill(found, pairs)
    if idle.any() and _wanting(market, pairs, ground).any():
        found.by_mentee[idle] = of_idle
        fill(found, pairs)
    _take_over(market, pairs)


def filled_up(market: Market, holds: Numbers, most: int) -> Numbers:
    """What each bidder holds if as many more buy as can without slack, up to `most` in all; who has something stays in.

    `holds`: what they hold without slack, or OUT.
    """
    found, pairs = _without_slack(market, holds)
    fill_up_to(found, pairs, most)
    return np.where(pairs.mentor_of == NOBODY, OUT, pairs.mentor_of).astype(np.int32)


def _without_slack(market: Market, holds: Numbers) -> tuple[Graph, Pairs]:
    """The pairs without slack, and those of them that are held."""
    bidders, objects = len(market.values), len(market.column)
    bits = np.zeros((bidders, (objects + WORD - 1) // WORD), np.uint64)
    _tight(market, bits)
    nobody, nothing = np.full(bidders, NOBODY, np.int32), np.zeros(objects, np.int32)
    pairs = Pairs(nobody, nothing + NOBODY, nobody.copy(), nothing)
    _as_held(holds, pairs)
    return Graph(np.zeros((objects, 1), np.uint64), bits, market.capacity), pairs


def _wanting(market: Market, pairs: Pairs, ground: int) -> Flags:
    return (pairs.filled < market.capacity) & (market.must_sell | (market.prices + ground > 0))


@compiled_in_threads
def _tight(market: Market, bits: Words) -> None:
    objects = len(market.column)
    keeps = len(market.keeps) > 0
    for i in prange(len(market.values)):
        profit = market.profits[i]
        for word in range(bits.shape[1]):
            found = np.uint64(0)
            for bit in range(min(WORD, objects - word * WORD)):
                j = word * WORD + bit
                value = market.values[i, market.column[j]]
                worth = value
                if keeps:
                    worth = KEPT if market.keeps[i] == market.column[j] else 0
                found |= np.uint64(value >= 0 and worth - market.prices[j] == profit) << np.uint64(bit)
            bits[i, word] = found


@compiled
def _as_held(holds: Numbers, pairs: Pairs) -> None:
    for i in range(len(holds)):
        if holds[i] >= 0:
            join(pairs, holds[i], i)


@compiled
def _take_over(market: Market, pairs: Pairs) -> None:
    for i in range(len(market.holds)):
        if market.holds[i] >= 0 and market.holds[i] != pairs.mentor_of[i]:
            give_back(market, i)
    for i in range(len(market.holds)):
        if pairs.mentor_of[i] != NOBODY and market.holds[i] != pairs.mentor_of[i]:
            take(market, i, pairs.mentor_of[i])


__all__ = ["fill_tight", "filled_up"]
