"""One-sided bounds of a share whose people are pairs, and answer alike. Loaded by the report's own process only.

Sources: Clopper & Pearson 1934 (the bounds); Kish 1965 (design effect); Korn & Graubard 1998 (the bounds at an
effective number of people, which need not be whole); Scott 1955 (correlation from agreement).
"""

from collections.abc import Sequence

from scipy.special import betaincinv

from services.evaluation.deciding.told import Told

USUAL = 0.3
"""Correlation within a tandem that is reckoned with before there is data."""
WEIGHT = 10
"""So many tandems' worth of data the usual correlation counts."""
FULL = 20
"""From so many people on the correlation is learnt from the data."""
AGREE, DIFFER = 0, 1
"""Classes of tandems of which both answered."""


def lower(count: float, people: float, level: float) -> float:
    """The least share of which `count` or more of `people` are as likely as `level`; 0 if nobody is counted."""
    return 0.0 if count <= 0 else float(betaincinv(count, people - count + 1, level))


def upper(count: float, people: float, level: float) -> float:
    """The greatest share of which `count` or fewer of `people` are as likely as `level`; 1 if everybody is counted."""
    return 1.0 if count >= people else float(betaincinv(count + 1, people - count, 1 - level))


def design_effect(people: int, pairs: int | None, correlation: float) -> float:
    """By so much people of whom some are a tandem's two count less than as many who are independent (Kish).

    1 + (m - 1) * correlation, with m the sum of squares of the tandems' numbers of answers over their sum: the mean
    that unequal numbers need, how many answers the tandem of a person who answered gave. A tandem gives one or two, so
    m - 1 = 2 * pairs / people. `pairs`: tandems of which both answered; None: not told, hence as many as may be.
    """
    if people == 0:
        return 1.0
    both = people // 2 if pairs is None else min(pairs, people // 2)
    return 1 + 2 * both / people * correlation


def correlation(counts: Sequence[int], agreeing: Told | None) -> float:
    """The correlation of a tandem's two answers, from 0 to 1: of the data and the usual one, by their weights.

    `counts`: people by class; `agreeing`: tandems of which both answered, by (agree, differ). The usual one alone below
    `FULL` people, where nothing is told of tandems, or where all say the same. Two independent answers agree as often
    as the squares of the classes' shares add up to, so the data's is Scott's pi = (agreed - chance) / (1 - chance).
    """
    people = sum(counts)
    # Whole numbers first: the classes' order must not show in the last digit.
    chance = sum(count * count for count in counts) / people**2 if people else 1.0
    if people < FULL or agreeing is None or not agreeing.people or chance == 1:
        return USUAL
    # Where only a least number is told, as many agree as may: the higher correlation is the careful one.
    differing = 0 if agreeing.at_least == AGREE else agreeing.counts[DIFFER] or 0
    found = (1 - differing / agreeing.people - chance) / (1 - chance)
    return min(1.0, max(0.0, (agreeing.people * found + WEIGHT * USUAL) / (agreeing.people + WEIGHT)))
