"""The highest sum of the values that are left: of everybody, of groups of equal people, or from a saved state."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from services.matching.optimum.auction import auction, settle
from services.matching.optimum.augment import wanting
from services.matching.optimum.compiled import Numbers, Values
from services.matching.optimum.exchange import exchanged
from services.matching.optimum.face import Face
from services.matching.optimum.grouping import Groups, groups, of_groups, spread
from services.matching.optimum.lists import empty, make_all
from services.matching.optimum.market import Market, market
from services.matching.optimum.sale import Effort, Sale, final, finished, raised, sold
from services.matching.optimum.saved import Saved, resume

LIST_LENGTH = 64
LONG_LIST_LENGTH = 128
LONG_FROM = 3000
"""Objects from which on lists are long."""
SINGLY = 1000
"""At most one free mentee in so many is left to a search of their own at once; of more an auction is rid sooner."""
FEW_DEAR = 2
"""So many seats that are too dear do not matter in a small round either."""
WHOLE, HALF = 1, 2
"""Prices in points and in half points: at odd prices in half points no two solutions of even worth are equal."""


class Solved(NamedTuple):
    """What was found, and prices that prove it, or, if it is not over, bound it."""

    held: Numbers
    """The object of each mentee, OUT, or, if it is not over, FREE."""
    market: Market
    """Its prices and profits are by object and mentee."""
    out: int
    """What staying out is worth."""
    over: bool


def highest_sum(values: Values, face: Face, saved: Saved | None, limit: Effort) -> Solved:
    """Find it, beginning at a saved state if that is near enough, and within this effort."""
    if face.limited:
        return solve(partial(sold_at_worth, values, face, face.mentor, limit), face)
    if saved is not None and (sale := _resumed(values, face, saved, limit)) is not None:
        return Solved(sale.market.holds, final(sale), 0, sale.over)
    found = groups(values, face)
    if found is None:
        return solve(partial(sold_at_worth, values, face, face.mentor, limit), face)
    return _of_groups(values, face, found, limit)


def solve(sold_at: Callable[[int], Sale], face: Face) -> Solved:
    """The highest sum of the values.

    `sold_at` solves the market if staying out is worth so much. If the places limit the pairs, staying out is worth so
    much that just as many want to (Lagrange): since all values are even, an odd worth leaves no doubt about the number,
    and of two solutions on both sides of an even one, both best at that one, parts are exchanged until the number is
    right.
    """
    worth = 1 if face.limited else 0
    more = sold_at(worth)
    while more.over and face.limited and sold(more) < face.count:
        worth = 4 * worth - 1025
        more = sold_at(worth)
    less, above, before = None, 0, None
    while more.over and face.limited and sold(more) > face.count:
        over = sold(more) - face.count
        if less is not None and above == worth + 2:
            held = exchanged(less.market.holds, more.market.holds, face.capacity, face.count)
            proof = raised(more, face, worth + 1)
            return Solved(held, final(proof), worth + 1, proof.over)
        if less is not None:
            share = over / (sold(more) - sold(less))
            at = min(max(_odd(worth + share * (above - worth)), worth + 2), above - 2)
        else:
            least = max(_worth_to_leave(more, face, over), worth + 2)
            at = least if before is None else min(max(least, _odd(worth + over * before)), _odd(4 * least - 3 * worth))
        # Of many an auction is rid sooner than a search for each.
        found = sold_at(at) if before is None and less is None else raised(more, face, at)
        if found.over and sold(found) < face.count:
            less, above = found, at
        else:
            # What is not over ends the search.
            before = (at - worth) / max(sold(more) - sold(found), 1)
            more, worth = found, at
    return Solved(more.market.holds, final(more), worth, more.over)


def _odd(worth: float) -> int:
    return int(worth) // 2 * 2 + 1


def _of_groups(values: Values, face: Face, found: Groups, limit: Effort) -> Solved:
    """The same by groups of equal people, where the places do not limit the pairs."""
    sale = _finished(of_groups(values, face, found), limit)
    solved = final(sale)
    held = spread(found, solved.bidder_of, solved.holds, face.capacity)
    prices = solved._replace(prices=solved.prices[found.objects], profits=solved.profits[found.rows])
    return Solved(held, prices, 0, sale.over)


def _worth_to_leave(sale: Sale, face: Face, count: int) -> int:
    """The least odd worth at which so many would rather stay out if prices stayed; fewer leave, as prices fall then."""
    held = (face.mentee_place == face.middle) & ~face.mentee_must & (sale.market.holds >= 0)
    profits = final(sale).profits[held]
    return _odd(float(np.partition(profits, count - 1)[count - 1]))


def _resumed(values: Values, face: Face, saved: Saved, limit: Effort) -> Sale | None:
    """None if the saved prices are too far off to be of use."""
    trade = _market(values, face, face.mentor, 0)
    free = resume(trade, face, saved, WHOLE)
    # Each seat that is too dear to stay free, and that nobody is left for, needs a search of its own.
    sale = _sale(trade, limit)
    too_dear = wanting(trade, sale.ground[0]) - free
    if 2 * free > len(values) or SINGLY * too_dear > len(values) + SINGLY * FEW_DEAR:
        return None
    if SINGLY * free > len(values):
        return _finished(trade, limit)
    return finished(sale)


def sold_at_worth(values: Values, face: Face, column: Numbers, limit: Effort, worth: int) -> Sale:
    """The market of everybody, finished where staying out is worth so much. `column`: of each object."""
    return _finished(_market(values, face, column, worth), limit)


def _market(values: Values, face: Face, column: Numbers, worth: int) -> Market:
    return market(values, column, capacity=face.capacity, out=face.out(worth), must_sell=face.must)


def _finished(trade: Market, limit: Effort) -> Sale:
    sale = _sale(trade, limit)
    make_all(trade.values, trade.column, trade.prices, sale.lists)
    auction(trade, sale.lists)
    settle(trade, sale.lists)
    return finished(sale)


def _sale(trade: Market, limit: Effort) -> Sale:
    objects = len(trade.column)
    length = min(LONG_LIST_LENGTH if objects >= LONG_FROM else LIST_LENGTH, objects)
    return Sale(trade, empty(len(trade.values), length), np.zeros(1, np.int32), limit)


__all__ = ["HALF", "WHOLE", "Solved", "highest_sum", "sold_at_worth", "solve"]
