"""Pairs without slack, as many at once as there can be, before single searches begin.

Where many pairs are worth the same, most of what an auction left is found among the pairs that are best already: there
Hopcroft and Karp's search on bits does in one go what single searches would do one by one.
"""

import numpy as np
from numba import prange

from services.matching.optimum.auction import give_back, take
from services.matching.optimum.compiled import Flags, compiled, compiled_in_threads
from services.matching.optimum.graph import WORD, Graph, Pairs, Words, fill, join
from services.matching.optimum.market import KEPT, OUT, Market
from services.matching.optimum.problem import NOBODY


def fill_tight(market: Market, ground: int) -> None:
    """Give free bidders of one unit each, and then who stays out, an object at which nobody's profit changes.

    `ground`: minus the base price (augment.py).
    """
    bidders, objects = len(market.values), len(market.column)
    bits = np.zeros((bidders, (objects + WORD - 1) // WORD), np.uint64)
    _tight(market, bits)
    nobody, nothing = np.full(bidders, NOBODY, np.int32), np.zeros(objects, np.int32)
    pairs = Pairs(nobody, nothing + NOBODY, nobody.copy(), nothing)
    _as_held(market, pairs)
    # Who stays out need not buy, and helps only after those who must.
    idle = market.holds == OUT
    of_idle = bits[idle]
    bits[idle] = 0
    found = Graph(np.zeros((objects, 1), np.uint64), bits, market.capacity)
    fill(found, pairs)
    if idle.any() and _wanting(market, pairs, ground).any():
        bits[idle] = of_idle
        fill(found, pairs)
    _take_over(market, pairs)


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
def _as_held(market: Market, pairs: Pairs) -> None:
    for i in range(len(market.holds)):
        if market.holds[i] >= 0:
            join(pairs, market.holds[i], i)


@compiled
def _take_over(market: Market, pairs: Pairs) -> None:
    for i in range(len(market.holds)):
        if market.holds[i] >= 0 and market.holds[i] != pairs.mentor_of[i]:
            give_back(market, i)
    for i in range(len(market.holds)):
        if pairs.mentor_of[i] != NOBODY and market.holds[i] != pairs.mentor_of[i]:
            take(market, i, pairs.mentor_of[i])


__all__ = ["fill_tight"]
