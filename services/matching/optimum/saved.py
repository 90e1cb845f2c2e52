"""What an earlier round of nearly the same people leaves: prices and pairs at which the next one begins.

It never changes how good a solution is, since every level is solved to its end and proven anew; which of several
equally good ones is found hangs on it. From the same saved state every replica finds the same.
"""

from dataclasses import dataclass

import numpy as np
from numba import prange

from services.matching.optimum.auction import take
from services.matching.optimum.certificate import Dual
from services.matching.optimum.compiled import Numbers, Values, compiled, compiled_in_threads
from services.matching.optimum.face import FURTHER, Face
from services.matching.optimum.lists import NOTHING
from services.matching.optimum.market import FREE, MUST, OUT, Market
from services.matching.optimum.problem import NOBODY

MANY = 16
"""If more than one in so many mentees is without what they held, prices are off by more than what has changed."""


@dataclass(frozen=True)
class Saved:
    """A solution of before, in the rows and columns of the round that begins; its prices at 0 for who is new."""

    mentor_of: Numbers
    """Of each mentee, or NOBODY."""
    lowest: int | None
    """The lowest score of these pairs now, as a guess; None if they have none."""
    sum: Dual


def resume(trade: Market, face: Face, saved: Saved) -> int:
    """Begin at saved prices, everybody with what they held if it is among their best; returns how many are free."""
    price = np.where(face.kind == FURTHER, saved.sum.further[face.mentor], saved.sum.first[face.mentor])
    price = price // saved.sum.scale
    may_stay = ~face.must & (face.capacity > 0)
    # What may stay unsold now had any price where all had to be sold: then only the differences are of use.
    lowest = int(price[may_stay].min(initial=0))
    free = _begin(trade, np.where(face.must, price, np.maximum(price, 0)), saved.mentor_of, face.second)
    if lowest < 0 and MANY * free > len(trade.holds):
        free = _begin(trade, price - lowest, saved.mentor_of, face.second)
    return free


def _begin(trade: Market, prices: Numbers, mentor_of: Numbers, second: Numbers) -> int:
    trade.prices[:] = prices
    trade.holds[:] = trade.holder[:] = trade.next_holder[:] = FREE
    trade.sold[:] = 0
    _best_profits(trade.values, trade.column, trade.prices, trade.out, trade.profits)
    _take_again(trade, mentor_of, second)
    return int((trade.holds == FREE).sum())


@compiled_in_threads
def _best_profits(values: Values, column: Numbers, prices: Numbers, out: Numbers, profits: Numbers) -> None:
    # Arrays, no tuple of them: numba takes for dead what is written in parallel to an array of a tuple.
    for row in prange(values.shape[0]):
        best = NOTHING
        for j in range(len(column)):
            value = values[row, column[j]]
            best = max(best, value - prices[j] if value >= 0 else NOTHING)
        profits[row] = max(best, out[row])


@compiled
def _take_again(market: Market, mentor_of: Numbers, second: Numbers) -> None:
    """`second`: the other object of each column, or NOBODY."""
    for row in range(len(market.values)):
        column = mentor_of[row]
        if column != NOBODY and market.values[row, column] >= 0:
            for j in (column, second[column]):
                if j == NOBODY or market.holds[row] != FREE:
                    break
                profit = market.values[row, column] - market.prices[j]
                if profit == market.profits[row] and market.sold[j] < market.capacity[j]:
                    take(market, row, j)
        if market.holds[row] == FREE and market.out[row] > MUST and market.profits[row] == market.out[row]:
            market.holds[row] = OUT


__all__ = ["Saved", "resume"]
