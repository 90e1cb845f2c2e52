"""As many open proposals as can be kept: a market that begins with all of them, and changes what it must."""

import numpy as np

from services.matching.optimum.auction import take
from services.matching.optimum.compiled import Numbers, Values, compiled
from services.matching.optimum.face import Face
from services.matching.optimum.lists import Lists, empty
from services.matching.optimum.market import FREE, KEPT, MUST, OUT, Market, market
from services.matching.optimum.problem import NOBODY
from services.matching.optimum.sale import Sale, effort, finished


def kept_by_all(values: Values, face: Face, previous: Numbers, worth: int) -> Sale:
    """Solve for the most open proposals kept, if staying out is worth so much."""
    trade = market(
        values, face.mentor, capacity=face.capacity, out=face.out(worth), must_sell=face.must, keeps=previous
    )
    # Prices begin at 0, where each open proposal is best for who holds it.
    trade.prices[:] = 0
    lists = empty(len(values), 2)
    _begin(trade, lists, face.second)
    return finished(Sale(trade, lists, np.zeros(1, np.int32), effort()))


@compiled
def _begin(market: Market, lists: Lists, second: Numbers) -> None:
    """Give everybody what they held, if it is still for sale. `second`: the other object of each column, or NOBODY."""
    lists.bound[:] = 0
    for row in range(len(market.values)):
        column = market.keeps[row]
        market.profits[row] = max(0, market.out[row])
        if column >= 0 and market.values[row, column] > 0:
            for j in (column, second[column]):
                if j == NOBODY:
                    break
                lists.objects[row, lists.listed[row]] = j
                lists.values[row, lists.listed[row]] = KEPT
                lists.listed[row] += 1
                market.profits[row] = max(KEPT, market.out[row])
                if market.out[row] <= KEPT and market.holds[row] == FREE and market.sold[j] < market.capacity[j]:
                    take(market, row, j)
        if market.holds[row] == FREE and market.out[row] > MUST and market.profits[row] == market.out[row]:
            market.holds[row] = OUT


__all__ = ["kept_by_all"]
