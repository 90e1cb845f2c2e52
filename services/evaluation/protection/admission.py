"""Of which groups of people something may be told, so that no small group is left between two of them. Pure.

Complementary suppression: what is hidden must not be found by subtracting what is shown. It looks at who answered,
never at what they answered, so that what is missing tells nothing either.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from services.evaluation.protection.rule import Rule

People = frozenset[str]
Withheld = Literal["too-few", "derivable"]


@dataclass(frozen=True)
class Base:
    """The people behind one figure; `key` names the figure."""

    key: Hashable
    people: People


@dataclass(frozen=True)
class Admission:
    """`admitted`: keys of which something may be told; `withheld`: of each other key why not."""

    admitted: tuple[Hashable, ...]
    withheld: dict[Hashable, Withheld]


def portions(bases: Iterable[People]) -> list[People]:
    """The smallest groups that all bases are made of: people who are in just the same bases; each is in one."""
    found: list[People] = []
    for base in bases:
        new = base.difference(*found)
        cut = [part for portion in found for part in (portion & base, portion - base)]
        found = [part for part in (*cut, new) if part]
    return found


def admit(bases: Sequence[Base], released: Sequence[Base], rule: Rule) -> Admission:
    """Which figures of one item may be told beside those that were told before, the first ones first.

    A base is admitted if every portion of all bases is large enough, and none that was told of before is cut in two.
    Whatever is added and subtracted, what comes out weighs all people of a portion alike; so no fewer than a portion
    can be singled out.
    """
    told = [base.people for base in released]
    fixed = portions(told)
    admitted: list[Hashable] = []
    withheld: dict[Hashable, Withheld] = {}
    for base in bases:
        if not rule.enough(len(base.people)):
            withheld[base.key] = "too-few"
        elif _cuts(base.people, fixed) or not all(rule.apart(len(p)) for p in portions([*told, base.people])):
            withheld[base.key] = "derivable"
        else:
            told.append(base.people)
            admitted.append(base.key)
    return Admission(tuple(admitted), withheld)


def _cuts(base: People, fixed: Iterable[People]) -> bool:
    return any(0 < len(portion & base) < len(portion) for portion in fixed)
