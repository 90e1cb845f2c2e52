"""A round as numbers: what the solver works on and what a certificate is checked against."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

NOBODY = -1
FURTHER_SEAT = 1 << 30
"""The class of a mentor's second and further seats, and of every seat of a mentor who has a tandem already."""
NOT_WAITING = FURTHER_SEAT - 1
"""The class of people who do not wait; those who do have 0, 1, …, the longest waiting 0."""


def _none() -> NDArray[np.int32]:
    return np.zeros(0, np.int32)


@dataclass(frozen=True)
class Problem:
    """What decides a round. Arrays of int32 unless said otherwise; mentees are rows, mentors columns."""

    scores: NDArray[np.int16]
    """Shape (mentees, mentors), int16: 1 to 1000, -1 where a pair is not allowed."""
    seats: NDArray[np.int32]
    """Free seats of each mentor."""
    places: int
    """The most pairs that there may be."""
    mentor_class: NDArray[np.int32]
    """By how long they wait: 0, 1, …, NOT_WAITING; FURTHER_SEAT for who has a tandem already."""
    mentee_class: NDArray[np.int32]
    bonus: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]] = field(
        default_factory=lambda: (_none(), _none(), _none())
    )
    """(mentee, mentor, points), no pair twice: counts in the sum alone."""
    previous: NDArray[np.int32] | None = None
    """In a re-match, the mentor of each mentee's open proposal, or NOBODY."""
    lowest_first: bool = True
    """Whether the lowest score comes before the sum."""

    @property
    def waiting(self) -> list[int]:
        """The classes of people who wait, the longest waiting first."""
        classes = np.unique(np.concatenate([self.mentor_class, self.mentee_class]))
        return [int(c) for c in classes[classes < NOT_WAITING]]
