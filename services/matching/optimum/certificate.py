"""What proves that pairs are the best, in a form that is checked without any solver (verify.py)."""

from dataclasses import dataclass, field

import numpy as np

from services.matching.optimum.compiled import Flags, Numbers


@dataclass(frozen=True)
class Shortage:
    """Why no pairs of a higher lowest score exist: more people than have room near (Hall 1935).

    All `mentees`, and one more for each seat that stays free if `spare`, would have to share the seats that any of them
    can take: those of `mentors`, the seats that may stay free if `spare`, and the room of those who stay out if one of
    the mentees may.
    """

    mentees: Flags
    mentors: Flags
    spare: bool


@dataclass(frozen=True)
class Certificate:
    """A proof level by level. Arrays by person, in the order of the table of scores."""

    mentee_block: Numbers
    mentor_block: Numbers
    """Blocks follow each other in one order (`place_of`): no allowed pair has its mentor's block before its mentee's."""
    mentee_must: Flags
    """Who is served in every matching that is as good in the first two levels."""
    seats: Numbers
    """Seats of each mentor that such a matching may fill, and how many it fills at least."""
    must: Numbers
    lowest: int
    shortage: Shortage | None
    """Why it cannot be `lowest` + 1; None where the programme does not ask."""
    profits: Numbers
    """Dual prices in half points: profit + price >= 2 · value for each pair that is left, equal for the chosen."""
    prices: Numbers
    further: Numbers
    """The price of a mentor's seats that may stay free, where the first one must be filled."""
    out: int
    """What staying out is worth where places limit; half points."""
    statements: tuple[str, ...] = field(default=())
    """Levels that are stated and not proven."""


def nothing(mentees: int, mentors: int) -> Certificate:
    """That there are no pairs."""
    people = [np.zeros(n, np.int32) for n in (mentees, mentors)]
    return Certificate(
        people[0],
        people[1],
        np.zeros(mentees, np.bool_),
        people[1],
        people[1],
        0,
        None,
        people[0],
        people[1],
        people[1],
        0,
    )
