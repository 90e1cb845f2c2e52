"""The rule for one group of people: from how many on something is told of it, and what. Pure.

Primary suppression, as the Handbook on Statistical Disclosure Control calls it (Hundepool et al.): a group must be
large enough, and where one class holds nearly all of it less is told.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Protocol, Self


class Protecting(Protocol):
    """What says by which rule answers are protected: a programme, or what a report is made of."""

    @property
    def floor(self) -> int:
        """People at least."""

    @property
    def insiders(self) -> int:
        """Of so many people somebody may know the answers."""


@dataclass(frozen=True)
class Rule:
    """`floor`: people at least (5, 7 or 10). `insiders`: somebody may know the answers of so many people (1 or 2)."""

    floor: int = 5
    insiders: int = 1

    @classmethod
    def of(cls, protecting: Protecting) -> Self:
        """The rule of a programme."""
        return cls(protecting.floor, protecting.insiders)

    @property
    def least(self) -> int:
        """Nothing is told of fewer people.

        Twice as many as are known, and two more: else two classes could each hold all but whom insiders may be.
        """
        return max(self.floor, 2 * self.insiders + 2)

    def enough(self, people: int) -> bool:
        """Whether something may be told of so many people."""
        return people >= self.least

    def apart(self, people: int) -> bool:
        """Whether so many people may be what is left when one published group is taken from another."""
        return people == 0 or self.enough(people)

    def dominant(self, counts: Sequence[int]) -> int | None:
        """Index of the one class that holds all people but `insiders` + 1 at most; None: there is none, or two.

        There are two only if each holds half of the fewest people that there may be. Nobody stands out then.
        """
        nearly_all = sum(counts) - self.insiders - 1
        found = [index for index, count in enumerate(counts) if count >= nearly_all]
        return found[0] if len(found) == 1 else None

    def of_change(self) -> "Rule":
        """The rule for changes between two surveys.

        When two people swap their answers, two changes are others, not one: so one more is left open.
        """
        return replace(self, insiders=self.insiders + 1)


@dataclass(frozen=True)
class Told:
    """What is told of a group: how many of its people stand in each class, in order.

    If `at_least` names a class, only that one has a count, and it means: at least so many. Else all have.
    """

    people: int
    counts: tuple[int | None, ...]
    at_least: int | None = None

    @property
    def exact(self) -> bool:
        """Whether all counts are told."""
        return self.at_least is None

    def least(self, index: int) -> int:
        """At least so many people stand in a class, as far as it is told."""
        return self.counts[index] or 0

    def coarser(self, coarse: Sequence[int]) -> "Told":
        """The same in fewer classes: `coarse` says of each class which one it falls into."""
        if not self.exact or len(self.counts) != len(coarse):
            return self
        counts = [0] * (max(coarse) + 1)
        for index, place in enumerate(coarse):
            counts[place] += self.least(index)
        return Told(self.people, tuple(counts))

    def median(self) -> int | None:
        """Index of the class that holds the median person, the lower one of two in the middle; None: it is not told."""
        half = (self.people + 1) // 2
        if self.at_least is not None:
            # Whoever is not told of may stand all below that class, or all above it.
            most = self.least(self.at_least)
            return self.at_least if self.people - most < half <= most else None
        below = list(accumulate(self.least(index) for index in range(len(self.counts))))
        return next(index for index, reached in enumerate(below) if reached >= half)


def tell(values: Mapping[str, int], classes: int, rule: Rule, coarse: Sequence[int] | None = None) -> Told | None:
    """What may be told of a group; None: it is too small.

    `values`: by pseudonym the index of that person's class. `coarse`: of each class the one of three that it falls
    into; whether nearly all people share one is looked for among these, and then told of these. Who knows that somebody
    gave four or five stars knows enough, however well the two are told apart.
    """
    people = len(values)
    if not rule.enough(people):
        return None
    counts = rough = _counts(values.values(), classes)
    if coarse is not None:
        rough = _counts((coarse[value] for value in values.values()), max(coarse) + 1)
    nearly_all = rule.dominant(rough)
    if nearly_all is None:
        return Told(people, counts)
    return _only(people, len(rough), nearly_all, people - rule.insiders - 1)


def together(told: Sequence[Told]) -> Told:
    """What follows from what was told of several groups that share nobody, for all of them together.

    It is made of nothing else, and so tells no more. Raises ValueError if there is none, or if their classes differ.
    """
    if len({len(one.counts) for one in told}) != 1:
        raise ValueError("groups in the same classes are put together")
    people = sum(one.people for one in told)
    least = [sum(one.least(index) for one in told) for index in range(len(told[0].counts))]
    if all(one.exact for one in told):
        return Told(people, tuple(least))
    named = {one.at_least for one in told}
    most = max(range(len(least)), key=lambda index: (least[index], index in named))
    return _only(people, len(least), most, least[most])


def _counts(values: Iterable[int], classes: int) -> tuple[int, ...]:
    found = Counter(values)
    return tuple(found[index] for index in range(classes))


def _only(people: int, classes: int, index: int, least: int) -> Told:
    return Told(people, tuple(least if place == index else None for place in range(classes)), index)
