"""Classes in which answers are told: three for few people, the whole scale for many. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

COARSE = 3
"""Classes for few people."""
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


SCALES: Mapping[str, Scale] = {
    # Less than was right, right, more; a choice has no more than these.
    "choice": Scale((-1, 0, 1), (0, 1, 2)),
    "five": Scale((-2, -1, 0, 1, 2), (0, 0, 1, 2, 2)),
    "agree": Scale((-2, -1, 0, 1, 2), (0, 0, 1, 2, 2)),
    "stars": Scale((0, 1, 2, 3, 4, 5), (0, 0, 1, 1, 2, 2)),
    # Detractors, passives and promoters (Reichheld 2003): the usual three of this scale.
    "recommend": Scale(tuple(range(11)), (0,) * 7 + (1,) * 2 + (2,) * 2),
}


def options(values: Sequence[int]) -> Scale:
    """The scale of an item that offers numbers in order; for few people a lower, a middle and an upper part of it."""
    count = len(values)
    return Scale(tuple(values), tuple(COARSE * place // count for place in range(count)))


def collapse(value: int, scale: Scale) -> int:
    """Index of the class, of three, that an answer falls into. Raises ValueError if it is not on the scale."""
    return scale.place(value, full=False)


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
