"""A market with what its search needs: finished once, and again after staying out has become worth more."""

from dataclasses import dataclass

from services.matching.optimum.auction import give_back
from services.matching.optimum.augment import NOT_FEASIBLE, augment
from services.matching.optimum.compiled import Numbers, compiled
from services.matching.optimum.face import Face
from services.matching.optimum.lists import Lists
from services.matching.optimum.market import OUT, Market


@dataclass(frozen=True)
class Sale:
    """A market, its lists, and minus the base price (augment.py)."""

    market: Market
    lists: Lists
    ground: Numbers


def finished(sale: Sale) -> Sale:
    """Sell everything that must be sold to everybody who must buy, at the highest sum of values."""
    if augment(sale.market, sale.lists, sale.ground) == NOT_FEASIBLE:
        raise ArithmeticError("people who can be served were not")
    return sale


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
    _leave(market, raised.ground[0])
    return finished(raised)


@compiled
def _leave(market: Market, ground: int) -> None:
    """Let everybody go who would rather stay out."""
    for row in range(len(market.values)):
        profit = market.out[row] + ground
        if market.profits[row] < profit:
            market.profits[row] = profit
            if market.holds[row] >= 0:
                give_back(market, row)
            market.holds[row] = OUT


__all__ = ["Sale", "final", "finished", "raised", "sold"]
