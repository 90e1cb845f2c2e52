"""The highest sum of the values that are left: of everybody, of groups of equal people, or from a saved state."""

from functools import partial
from typing import NamedTuple, Protocol

import numpy as np

from services.matching.optimum.auction import auction, settle
from services.matching.optimum.augment import wanting
from services.matching.optimum.compiled import Numbers, Values
from services.matching.optimum.face import Face
from services.matching.optimum.grouping import Groups, groups, of_groups, spread
from services.matching.optimum.lists import empty, make_all
from services.matching.optimum.market import Market, market
from services.matching.optimum.sale import Effort, Sale, cheaper, effort, final, finished, sold
from services.matching.optimum.saved import Saved, resume
from services.matching.optimum.tight import filled_up

LIST_LENGTH = 64
LONG_LIST_LENGTH = 128
LONG_FROM = 3000
"""Objects from which on lists are long."""
SINGLY = 1000
"""At most one free mentee in so many is left to a search of their own at once; of more an auction is rid sooner."""
FEW_DEAR = 2
"""So many seats that are too dear do not matter in a small round either."""
FEW_VALUES = 1
"""The first worth of staying out where there are hardly more values than nothing and one."""
WHOLE, HALF = 1, 2
"""Prices in points and in half points: at odd prices in half points no two solutions of even worth are equal."""


class SoldAt(Protocol):
    """A market that is finished where staying out is worth so much; `begun`: the same one where it is worth more."""

    def __call__(self, worth: int, begun: Sale | None) -> Sale: ...


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
        first = _dear(values, face) if saved is None else _odd(saved.sum.out * HALF / saved.sum.scale)
        return solve(partial(_sold, values, face, face.mentor, limit), face, first)
    if saved is not None and (sale := _resumed(values, face, saved, limit)) is not None:
        return _as_sold(sale, 0)
    found = groups(values, face)
    if found is None:
        return _as_sold(_sold(values, face, face.mentor, limit, 0), 0)
    return _of_groups(values, face, found, limit)


def highest_worth(values: Values, face: Face) -> Solved:
    """The same for few values; `values` is by object."""
    own = np.arange(len(face.mentor), dtype=np.int32)
    return solve(partial(_sold, values, face, own, effort()), face)


def solve(sold_at: SoldAt, face: Face, first: int = FEW_VALUES) -> Solved:
    """The highest sum where the places limit the pairs.

    Staying out is worth so much that just as many want to (Lagrange). All values are even, so that an odd worth leaves
    no doubt about the number, and at an even one pairs without slack come in until it is right. `first`: the odd worth
    that is tried first; with FEW_VALUES ties are likely, and looked for at once. A sale where staying out is worth more
    begins the next one, for which only the others bid.
    """
    if not face.limited:
        return _as_sold(sold_at(0, None), 0)
    # At the lower worth more are sold than there are places, at the higher one less.
    lower, higher = 0, 0
    more: Sale | None = None
    less: Sale | None = None
    at, step, halved = first, 2, True
    while True:
        found = sold_at(at, less)
        if not found.over or sold(found) == face.count:
            return _as_sold(found, at)
        width = higher - lower
        if sold(found) > face.count:
            lower, more = at, found
        else:
            higher, less = at, found
        if less is not None and (higher == lower + 2 if more is not None else first == FEW_VALUES):
            # What was best just above is best here too, with every other prices that are.
            tied = sold_at(higher - 1, less)
            held = filled_up(tied.market, less.market.holds, face.count)
            if not tied.over or int((held >= 0).sum()) == face.count:
                return Solved(held, final(tied), higher - 1, tied.over)
        if more is None or less is None:
            at, step = at + step if less is None else at - step, 4 * step
            continue
        # Where a line through the two ends does not halve the distance, the middle comes next.
        halved = not width or 2 * (higher - lower) <= width or not halved
        share = (sold(more) - face.count) / (sold(more) - sold(less)) if halved else 0.5
        at = min(max(_odd(lower + share * (higher - lower)), lower + 2), higher - 2)


def _as_sold(sale: Sale, worth: int) -> Solved:
    """What a market has come to where staying out is worth so much."""
    return Solved(sale.market.holds, final(sale), worth, sale.over)


def _dear(values: Values, face: Face) -> int:
    """An odd worth of staying out at which hardly more want to come in than there are places.

    Nobody comes in whose best value is no more than that.
    """
    may = np.flatnonzero((face.mentee_place == face.middle) & ~face.mentee_must)
    places = face.count - int(face.mentee_must.sum())
    best = -np.sort(-values.max(axis=1, initial=0)[may].astype(np.int64))
    return _odd(best[min(max(places, 0), len(best) - 1)]) if len(best) else 1


def _odd(worth: float) -> int:
    return int(worth) // 2 * 2 + 1


def _of_groups(values: Values, face: Face, found: Groups, limit: Effort) -> Solved:
    """The same by groups of equal people, where the places do not limit the pairs."""
    sale = _finished(of_groups(values, face, found), limit)
    solved = final(sale)
    held = spread(found, solved.bidder_of, solved.holds, face.capacity)
    prices = solved._replace(prices=solved.prices[found.objects], profits=solved.profits[found.rows])
    return Solved(held, prices, 0, sale.over)


def _resumed(values: Values, face: Face, saved: Saved, limit: Effort) -> Sale | None:
    """None if the saved prices are too far off to be of use."""
    trade = _market(values, face, face.mentor, 0)
    free = resume(trade, face, saved)
    # Each seat that is too dear to stay free, and that nobody is left for, needs a search of its own.
    sale = _sale(trade, limit)
    too_dear = wanting(trade, sale.ground[0]) - free
    if 2 * free > len(values) or SINGLY * too_dear > len(values) + SINGLY * FEW_DEAR:
        return None
    if SINGLY * free > len(values):
        return _finished(trade, limit)
    return finished(sale)


def _sold(values: Values, face: Face, column: Numbers, limit: Effort, worth: int, begun: Sale | None = None) -> Sale:
    """The market of everybody, finished where staying out is worth so much. `column`: of each object.

    `begun`: the same market where it is worth more, and fewer buy.
    """
    trade = _market(values, face, column, worth)
    if begun is not None:
        trade = cheaper(begun, trade)
    return _finished(trade, limit)


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


__all__ = ["HALF", "WHOLE", "Solved", "highest_sum", "highest_worth", "solve"]
