"""The state that auction and augmentation share: who holds what, at which prices."""

from typing import NamedTuple

import numpy as np

from services.matching.optimum.compiled import Flags, Numbers, Values

FREE = -1
OUT = -2
"""Holds nothing and is content: its profit from staying out is the best."""
KEPT = 2
"""What an open proposal is worth where all that counts is how many are kept; even, as `levels` wants it."""
MUST = -(1 << 28)
"""The worth of staying out to a bidder that must not."""


class Market(NamedTuple):
    """Bidders (rows of `values`) buy objects. Arrays of int32 unless said otherwise.

    A bidder has one or more units, each buys one object; an object has `capacity` units to sell.
    """

    values: Values
    """Shape (bidders, columns), int16; negative: not allowed."""
    column: Numbers
    """The column of each object; several objects may share one."""
    keeps: Numbers
    """If not empty, all that counts is who keeps what: the column of each bidder that is worth `KEPT`, else nothing."""
    bidder_of: Numbers
    """The bidder of each unit."""
    out: Numbers
    """What staying out is worth to each bidder; `MUST` where it is not allowed."""
    capacity: Numbers
    must_sell: Flags
    """Objects that must be sold out: their price may fall below 0."""
    prices: Numbers
    """Of each object, in points."""
    profits: Numbers
    """Of each bidder: the best of value minus price, and of staying out."""
    holds: Numbers
    """The object that each unit holds; FREE or OUT."""
    holder: Numbers
    """The first unit that holds an object, or FREE; further ones by `next_holder`."""
    next_holder: Numbers
    sold: Numbers
    """Units of each object that are held."""


def market(
    values: Values,
    column: Numbers | None = None,
    supply: Numbers | None = None,
    capacity: Numbers | None = None,
    out: Numbers | None = None,
    must_sell: Flags | None = None,
    keeps: Numbers | None = None,
) -> Market:
    """A market where nobody holds anything, at its first prices."""
    bidders = len(values)
    column = np.arange(values.shape[1], dtype=np.int32) if column is None else column
    objects = len(column)
    must = np.zeros(objects, np.bool_) if must_sell is None else must_sell
    counts = np.ones(bidders, np.int32) if supply is None else supply
    bidder_of = np.repeat(np.arange(bidders, dtype=np.int32), counts)
    return Market(
        values,
        column,
        np.zeros(0, np.int32) if keeps is None else keeps,
        bidder_of,
        np.full(bidders, MUST, np.int32) if out is None else out,
        np.ones(objects, np.int32) if capacity is None else capacity,
        must,
        # What must be sold begins cheaper than anything is worth, so that it is wanted first.
        np.where(must, -values.max(initial=0), 0).astype(np.int32),
        np.zeros(bidders, np.int32),
        np.full(len(bidder_of), FREE, np.int32),
        np.full(objects, FREE, np.int32),
        np.full(len(bidder_of), FREE, np.int32),
        np.zeros(objects, np.int32),
    )
