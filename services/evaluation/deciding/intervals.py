"""Intervals of shares and of changes, from told counts alone. Loaded by the report's own process only.

Sources: Clopper & Pearson 1934 (a share); Dixon & Mood 1946 (sign test); Korn & Graubard 1998 (where a tandem's two
are both among the people).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import betainc

from services.evaluation.deciding.bounds import lower, upper
from services.evaluation.deciding.told import Key, Told, datasets

CONFIDENCE = 0.95
"""Of a single interval; intervals beside each other are not corrected for being many, and decide nothing."""
LESS, SAME, MORE = "less", "same", "more"


@dataclass(frozen=True)
class Share:
    """A share from 0 to 1 of so many people; `share` is None where it is not told exactly."""

    people: int
    share: float | None
    low: float
    high: float


@dataclass(frozen=True)
class Change:
    """Of so many people, how many more than fewer moved up, as a share of those who moved, and how sure it is.

    `up`: the share who moved up, of all who moved; None: it is not told, or nobody moved. `low`, `high`: its interval.
    `chance`: how probable so one-sided a change is, or one more so, if up and down are alike (two-sided sign test).
    """

    people: int
    up: float | None
    low: float
    high: float
    chance: float


def share(portions: Sequence[Told], groups: Sequence[Key], of: Key, effect: float = 1.0) -> Share:
    """The share of one group of classes with its two-sided interval after Clopper and Pearson.

    `groups` names the group of each class. `effect`: the design effect, where both of a tandem are among the people.
    Where counts are not told, it holds the interval of every data set that is possible. Raises ValueError for nobody.
    """
    people = sum(told.people for told in portions)
    if not people:
        raise ValueError("nobody has no share")
    counts = [data[of] for data in datasets(portions, groups)]
    tail = (1 - CONFIDENCE) / 2
    least, most = min(counts), max(counts)
    return Share(
        people=people,
        share=least / people if least == most else None,
        low=lower(least / effect, people / effect, tail),
        high=upper(most / effect, people / effect, tail),
    )


def change(portions: Sequence[Told], effect: float = 1.0) -> Change:
    """A paired change, of people told as (less, the same, more): the sign test, exact for independent people.

    Who stayed the same says nothing of the direction. Where counts are not told, the widest interval and the least
    clear test of all data sets hold. Raises ValueError for nobody.
    """
    people = sum(told.people for told in portions)
    if not people:
        raise ValueError("nobody has no change")
    found = [(data[MORE], data[LESS] + data[MORE]) for data in datasets(portions, (LESS, SAME, MORE))]
    tail = (1 - CONFIDENCE) / 2
    exact = len(found) == 1 and found[0][1] > 0
    return Change(
        people=people,
        up=found[0][0] / found[0][1] if exact else None,
        low=min(lower(up / effect, moved / effect, tail) for up, moved in found),
        high=max(upper(up / effect, moved / effect, tail) for up, moved in found),
        chance=max(_two_sided(up / effect, moved / effect) for up, moved in found),
    )


def _two_sided(up: float, moved: float) -> float:
    """Twice the probability that of so many who moved the smaller side is so small or smaller, if both are alike."""
    fewer = min(up, moved - up)
    if fewer >= moved:
        return 1.0
    return min(1.0, 2 * float(betainc(moved - fewer, fewer + 1, 0.5)))
