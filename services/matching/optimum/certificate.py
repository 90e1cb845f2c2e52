"""What proves that pairs are the best: an order of blocks, and prices for each later level.

It is checked in one pass over the scores, without any solver (verify.py).

**Blocks** prove the first two levels. Everybody has a place in one order; no allowed pair has its mentor's place before
its mentee's. So every cut of that order is a cover: each pair has its mentee before the cut or its mentor behind it
(König 1931). `mentor_cut` and `mentee_cut` say which cut counts for a class. If the people on a cover are just as many
as were served, no more can be; then every pair of an optimal solution stays within its block, and who is on a cover is
always served.

**Prices** prove the later levels by weak duality, each for what the levels before it left: for each pair left,
profit + price >= scale · worth.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Dual:
    """Prices of one level. Arrays of int32."""

    profits: NDArray[np.int32]
    """Of each mentee."""
    first: NDArray[np.int32]
    """The price of each mentor's first seat; void where a mentor has a tandem already."""
    further: NDArray[np.int32]
    """The price of each of a mentor's other seats."""
    out: int
    """What staying out is worth to a mentee: a profit is never below it, except where the mentee must be served."""
    scale: int = 1
    """Prices are in points by `scale`."""


@dataclass(frozen=True)
class Certificate:
    """The proof of a round."""

    mentee_place: NDArray[np.int32]
    mentor_place: NDArray[np.int32]
    most: bool
    """Whether the blocks prove that there can be no more pairs; else the places do."""
    by_class: tuple[Dual, ...] = ()
    """Where places limit more people who wait than there is room for: first seats, then class by class."""
    kept: Dual | None = None
    """In a re-match: why no more open proposals could be kept."""
    lowest: Dual | None = None
    """Why not every pair can have a score above the lowest."""
    sum: Dual | None = None
    ended_early: bool = False
    """Whether the search for the highest sum was: then its prices only say how much higher it might be."""


def mentor_cut(waiting: int, rank: int) -> int:
    """The last place before the cut for the mentors up to a class.

    `waiting`: how many classes wait; `rank`: the class among them, `waiting` for everybody, `waiting` + 1 for every
    seat.
    """
    return rank


def middle(waiting: int) -> int:
    """The place of who stands before no cut for mentors and behind none for mentees."""
    return waiting + 2


def mentee_cut(waiting: int, rank: int) -> int:
    """The first place behind the cut for the mentees up to a class; `waiting` for everybody."""
    return 2 * waiting + 3 - rank


def nowhere(waiting: int) -> int:
    """The place of a mentor without a seat: behind every cut."""
    return 2 * waiting + 4
