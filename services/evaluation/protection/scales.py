"""Classes in which answers are told: three for few people, the whole scale for many. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

FULL_FROM = 20
"""From so many people on the whole scale is told."""


@dataclass(frozen=True)
class Scale:
    """A scale's values in order, and of each the class, of three, that it falls into where few people answered."""

    values: tuple[int, ...]
    coarse: tuple[int, ...]

    def classes(self, *, full: bool) -> int:
        """How many classes there are: on the whole scale, or of those for few people."""
        return len(self.values) if full else self.coarse[-1] + 1

    def place(self, value: int, *, full: bool) -> int:
        """Index of the class that a value falls into. Raises ValueError if it is not on the scale."""
        index = self.values.index(value)
        return index if full else self.coarse[index]


def one_value(values: Sequence[int]) -> int:
    """One value for several that one person gave, as pulses: the median, of two in the middle the lower one.

    What is published rests on people, not on answers: who was asked more often would else count more, and five answers
    of one person would pass for five people. The median is one of the answers given, as a mean of stars would not be,
    and one odd day does not move it. The lower one, since stars are given too kindly (P13). Raises ValueError if there
    are none.
    """
    if not values:
        raise ValueError("somebody who gave no answer has no value")
    return sorted(values)[(len(values) - 1) // 2]
