"""As many open proposals as can be kept: a market that begins with all of them, and changes what it must."""

import numpy as np

from services.matching.optimum.auction import take
from services.matching.optimum.augment import NOT_FEASIBLE, augment
from services.matching.optimum.compiled import Numbers, Values, compiled
from services.matching.optimum.face import Face
from services.matching.optimum.lists import Lists, empty
from services.matching.optimum.market import FREE, KEPT, MUST, OUT, Market, market


def solved_from(values: Values, face: Face, previous: Numbers, out: Numbers) -> Market:
    """Solve for the most open proposals kept; all prices begin at 0, where each is best for who holds it."""
    mentees, mentors = values.shape
    sale = market(values, face.mentor, capacity=face.capacity, out=out, must_sell=face.must, keeps=previous)
    sale.prices[:] = 0
    lists = empty(mentees, 2)
    start = np.searchsorted(face.mentor, np.arange(mentors + 1)).astype(np.int32)
    _begin(sale, lists, start)
    base = np.zeros(1, np.int32)
    if augment(sale, lists, base) == NOT_FEASIBLE:
        raise ArithmeticError("people who can be served were not")
    return sale._replace(prices=sale.prices + base[0], profits=sale.profits - base[0])


@compiled
def _begin(market: Market, lists: Lists, start: Numbers) -> None:
    """Give everybody what they held, if it is still for sale. `start`: the first object of each column, and the end."""
    lists.bound[:] = 0
    for row in range(len(market.values)):
        column = market.keeps[row]
        market.profits[row] = max(0, market.out[row])
        if column >= 0 and market.values[row, column] > 0 and market.out[row] <= KEPT:
            for j in range(start[column], start[column + 1]):
                lists.objects[row, lists.listed[row]] = j
                lists.values[row, lists.listed[row]] = KEPT
                lists.listed[row] += 1
                market.profits[row] = KEPT
                if market.holds[row] == FREE and market.sold[j] < market.capacity[j]:
                    take(market, row, j)
        if market.holds[row] == FREE and market.out[row] > MUST and market.profits[row] == market.out[row]:
            market.holds[row] = OUT


__all__ = ["solved_from"]
