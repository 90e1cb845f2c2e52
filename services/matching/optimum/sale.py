"""A market with what its search needs: finished once, and again after staying out has become worth more."""

from typing import NamedTuple

import numpy as np

from services.matching.optimum.augment import ENDLESS, NOT_FEASIBLE, STOPPED, approach, augment, wanting
from services.matching.optimum.compiled import Keys, Numbers
from services.matching.optimum.lists import Lists
from services.matching.optimum.market import FREE, OUT, Market
from services.matching.optimum.tight import fill_tight

SHORT = 1
"""So often, on average, single searches may look at each pair before all search at once."""
FEW = 32
"""Free units that are left to single searches."""
LITTLE = 50
"""If no more than one in so many of the free finds something at a time, the rest is left to single searches too."""


class Effort(NamedTuple):
    """What all searches together may look at: counted and not timed, so that a round can be repeated."""

    looked: Keys
    """One number: pairs so far."""
    most: int

    @property
    def spent(self) -> bool:
        """Whether nothing is left."""
        return int(self.looked[0]) > self.most


def effort(most: int = ENDLESS) -> Effort:
    """So many pairs may be looked at."""
    return Effort(np.zeros(1, np.int64), most)


class Sale(NamedTuple):
    """A market, its lists, and minus the base price (search.py)."""

    market: Market
    lists: Lists
    ground: Numbers
    effort: Effort
    over: bool = False
    """Whether it is finished; if not although it was tried, the effort is spent."""


def finished(sale: Sale) -> Sale:
    """Sell everything that must be sold to everybody who must buy, at the highest sum of values."""
    market, lists, ground, effort, _ = sale
    looked, most = effort
    # Single searches are quickest where each is short; where they are not, all at once are.
    found = augment(market, lists, ground, looked, min(int(looked[0]) + SHORT * market.values.size, most))
    if found == STOPPED and not effort.spent:
        _fill_together(sale)
        found = augment(market, lists, ground, looked, most)
    if found == NOT_FEASIBLE:
        raise ArithmeticError("people who can be served were not")
    return sale._replace(over=found != STOPPED)


def _fill_together(sale: Sale) -> None:
    """While many are free and all of them needed: move prices for all at once, and fill what has no slack."""
    market, lists, ground, effort, _ = sale
    if len(market.bidder_of) != len(market.values):
        return
    fill_tight(market, int(ground[0]))
    free = _free(market)
    while not effort.spent and FEW <= free <= wanting(market, ground[0]):
        if approach(market, lists, ground, effort.looked) == NOT_FEASIBLE:
            return
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


def cheaper(sale: Sale, trade: Market) -> Market:
    """The market `trade`, where staying out is worth less, at the prices and with the buyers of a finished sale.

    Who stayed out may bid now. Prices only rise from here, and what is unsold has price 0.
    """
    prices, holds = final(sale).prices, sale.market.holds
    return trade._replace(prices=prices, holds=np.where(holds == OUT, FREE, holds).astype(np.int32))


__all__ = ["Effort", "Sale", "cheaper", "effort", "final", "finished", "sold"]
