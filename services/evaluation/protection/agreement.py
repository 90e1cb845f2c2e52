"""In how many tandems both gave the same answer, told so roughly that nobody finds out the answer of their partner.

The rule for one group is not enough here: whoever forms a tandem with somebody knows one of two answers, and the counts
of both sides are told as well. If 17 of 20 mentors and 17 of 20 mentees are content and 14 tandems agree, who is not
content knows that the partner is. So only an upper bound is told, in steps that leave everybody two answers; how wide
they are depends on nothing but the counts that are told beside it. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement, product

from services.evaluation.protection.rule import Told

Counts = tuple[int, ...]
STEPS = 10
"""So many steps at most: the correlation of tandems needs no more."""


@dataclass(frozen=True)
class Tandems:
    """All that is known of two sides: how many of each stand in which class, and how many tandems there are among them.

    `agreed`: tandems whose both answers are known, and the same.
    """

    mentors: Counts
    mentees: Counts
    pairs: int
    agreed: int = 0

    def without(self, mentor: int | None, mentee: int | None) -> "Tandems | None":
        """After a tandem (or somebody without one) is taken away whose answers are known; None: there is none such."""
        both = mentor is not None and mentee is not None
        mentors, mentees = _less(self.mentors, mentor), _less(self.mentees, mentee)
        pairs = self.pairs - both
        if mentors is None or mentees is None or pairs < 0 or min(sum(mentors), sum(mentees)) < pairs:
            return None
        return Tandems(mentors, mentees, pairs, self.agreed + (both and mentor == mentee))

    def span(self) -> tuple[int, int]:
        """How many tandems agree at least and at most."""
        alone = sum(self.mentors) - self.pairs, sum(self.mentees) - self.pairs
        forced = max(
            max(0, mentors - alone[0]) + max(0, mentees - alone[1]) - self.pairs
            for mentors, mentees in zip(self.mentors, self.mentees, strict=True)
        )
        most = min(self.pairs, sum(map(min, self.mentors, self.mentees)))
        return self.agreed + max(0, forced), self.agreed + most

    def may_agree(self, low: int, high: int, *, surely: bool) -> bool:
        """Whether from `low` to `high` tandems may agree; `surely` as in `_reaches`."""
        return _reaches(self.span(), low, high, surely=surely)


def agreeing(told: Tandems, agree: int, insiders: int) -> Told | None:
    """How many of the tandems agree at most, as told of (agree, differ); None: nothing may be told of it.

    `told`: the counts of both sides, which are told anyway, in three classes.
    """
    top = next((high for low, high in steps(told, insiders) if low <= agree <= high), None)
    return None if top is None else Told(told.pairs, (None, told.pairs - top), 1)


def steps(told: Tandems, insiders: int) -> list[tuple[int, int]]:
    """The steps in which it is told, each with its least and greatest number; none: only one would be safe."""
    least, most = told.span()
    width = max(1, -(-(most - least + 1) // STEPS))
    found = [(low, min(low + width - 1, most)) for low in range(least, most + 1, width)]
    at = 0
    while at < len(found) and len(found) > 1:
        if _safe(told, *found[at], insiders):
            at += 1
            continue
        first = min(at, len(found) - 2)
        found[first : first + 2] = [(found[first][0], found[first + 1][1])]
        at = first
    return found if len(found) > 1 else []


Known = tuple[int | None, int | None, bool]
"""What is known of somebody's tandem: the mentor's class, the mentee's; and whether they are a tandem."""


def _safe(told: Tandems, low: int, high: int, insiders: int) -> bool:
    return all(_open(told, known, low, high) for known in _coalitions(len(told.mentors), insiders))


def _coalitions(classes: int, insiders: int) -> Iterator[Sequence[Known]]:
    """Everything that may be known of so many people: of each alone, and of the two of a tandem."""
    ones: list[Known] = [
        known
        for value in range(classes)
        for paired in (True, False)
        for known in ((value, None, paired), (None, value, paired))
    ]
    for tandems in range(insiders // 2 + 1):
        for both in combinations_with_replacement(product(range(classes), repeat=2), tandems):
            for alone in combinations_with_replacement(ones, insiders - 2 * tandems):
                yield [*((mentor, mentee, True) for mentor, mentee in both), *alone]


def _open(told: Tandems, known: Sequence[Known], low: int, high: int) -> bool:
    """Whether for whoever knows that everybody else is left with two answers, as far as there may be anybody."""
    classes = range(len(told.mentors))
    others: list[list[Sequence[Known]]] = [
        [[*known, one] for one in ones]
        for ones in (
            [(value, None, True) for value in classes],
            [(None, value, True) for value in classes],
            [(value, None, False) for value in classes],
            [(None, value, False) for value in classes],
        )
    ]
    for place, (mentor, mentee, paired) in enumerate(known):
        if paired and None in (mentor, mentee):
            both = [(value if mentor is None else mentor, value if mentee is None else mentee) for value in classes]
            others.append([[*known[:place], (*one, True), *known[place + 1 :]] for one in both])
    return all(
        sum(_possible(told, one, low, high, surely=True) for one in ones) > 1
        or not any(_possible(told, one, low, high, surely=False) for one in ones)
        for ones in others
    )


def _possible(told: Tandems, known: Sequence[Known], low: int, high: int, *, surely: bool) -> bool:
    """Whether all that may be so, with so many tandems that agree; `surely` as in `_reaches`."""
    return any(_reaches(span, low, high, surely=surely) for span in _spans(told, tuple(known)))


def _reaches(span: tuple[int, int], low: int, high: int, *, surely: bool) -> bool:
    """Whether from `low` to `high` tandems may agree: never false if they may, or, `surely`, never true if not.

    Of two numbers in a row in the span one is possible for sure: where only two classes are taken, they go in twos.
    """
    least, most = span
    first, last = max(low, least), min(high, most)
    if surely and first == last:
        return first in (least, most)
    return first <= last


# What is known is the same for each step of an item: reckoned once.
@lru_cache(maxsize=4096)
def _spans(told: Tandems, known: tuple[Known, ...]) -> frozenset[tuple[int, int]]:
    """How many tandems may agree at least and at most, for each way in which all that may be so."""
    classes = range(len(told.mentors))
    ways = [
        [(mentor, mentee)]
        if not paired
        else [(m, e) for m in classes for e in classes if mentor in (None, m) and mentee in (None, e)]
        for mentor, mentee, paired in known
    ]
    found = set()
    for way in product(*ways):
        left: Tandems | None = told
        for mentor, mentee in way:
            left = left and left.without(mentor, mentee)
        if left is not None:
            found.add(left.span())
    return frozenset(found)


def _less(counts: Counts, index: int | None) -> Counts | None:
    if index is None:
        return counts
    if not counts[index]:
        return None
    return tuple(count - (place == index) for place, count in enumerate(counts))
