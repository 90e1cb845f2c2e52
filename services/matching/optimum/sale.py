"""A market with what its search needs: finished once, and again after staying out has become worth more."""

from typing import NamedTuple

from services.matching.optimum.auction import give_back
from services.matching.optimum.augment import ENDLESS, NOT_FEASIBLE, STOPPED, approach, augment, wanting
from services.matching.optimum.compiled import Numbers, compiled
from services.matching.optimum.face import Face
from services.matching.optimum.lists import Lists
from services.matching.optimum.market import FREE, OUT, Market
from services.matching.optimum.tight import fill_tight

SHORT = 1
"""So often, on average, single searches may look at each pair before all search at once."""
FEW = 32
"""Free units that are left to single searches."""
LITTLE = 50
"""If no more than this part of the free finds something at a time, the rest is left to single searches too."""


class Sale(NamedTuple):
    """A market, its lists, and minus the base price (augment.py)."""

    market: Market
    lists: Lists
    ground: Numbers


def finished(sale: Sale) -> Sale:
    """Sell everything that must be sold to everybody who must buy, at the highest sum of values."""
    market, lists, ground = sale
    # Single searches are quickest where each is short; where they are not, all at once are.
    found = augment(market, lists, ground, SHORT * market.values.size)
    if found == STOPPED:
        _fill_together(sale)
        found = augment(market, lists, ground, ENDLESS)
    if found == NOT_FEASIBLE:
        raise ArithmeticError("people who can be served were not")
    return sale


def _fill_together(sale: Sale) -> None:
    """While many are free and all of them needed: move prices for all at once, and fill what has no slack."""
    market, lists, ground = sale
    if len(market.bidder_of) != len(market.values):
        return
    fill_tight(market, int(ground[0]))
    free = _free(market)
    while FEW <= free <= wanting(market, ground[0]) and approach(market, lists, ground) != NOT_FEASIBLE:
        fill_tight(market, int(ground[0]))
        before, free = free, _free(market)
        if before - free < max(1, before // LITTLE):
            return


def _free(market: Market) -> int:
    return int((market.holds == FREE).sum())


def final(sale: Sale) -> Market:
    """The market with prices and profits that prove its sum."""
    base = sale.ground[0]
    return sale.market._replace(prices=sale.market.prices + base, profits=sale.market.profits - base)


def sold(sale: Sale) -> int:
    """How many hold something."""
    return int((sale.market.holds >= 0).sum())


def raised(sale: Sale, face: Face, worth: int) -> Sale:
    """The same market, finished again, where staying out is worth more than it was."""
    before = sale.market
    names = ("prices", "profits", "holds", "holder", "next_holder", "sold")
    market = before._replace(out=face.out(worth), **{name: getattr(before, name).copy() for name in names})
    raised = Sale(market, sale.lists, sale.ground.copy())
    leave(market, raised.ground[0])
    return finished(raised)


@compiled
def leave(market: Market, ground: int) -> None:
    """Let everybody go who would rather stay out."""
    for row in range(len(market.values)):
        profit = market.out[row] + ground
        if market.profits[row] < profit:
            market.profits[row] = profit
            if market.holds[row] >= 0:
                give_back(market, row)
            market.holds[row] = OUT


__all__ = ["Sale", "final", "finished", "leave", "raised", "sold"]
