"""Other rules beside the report's: of all counts as they are, each question by itself."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, ndtri

from services.evaluation.deciding.bounds import FULL, USUAL, WEIGHT
from services.evaluation.protection import Rule
from tests.bench.decisions.programmes import CONTENT, LIMIT, Answers
from tests.bench.decisions.rules import KEEP, OPEN, Floats, Verdicts

LEVEL = 0.0125
"""Error at each bound of each question."""
LEAST = Rule().least


class _Wanted:
    """Of each programme and question how many people answered, and how many want a change; and what to do with it."""

    def __init__(self, answers: Answers) -> None:
        counts = answers.counts.sum(axis=2).astype(float)
        self.people: Floats = np.maximum(counts.sum(axis=-1), 1)
        self.changes: tuple[Floats, Floats] = (counts[..., 0], counts[..., 2])
        self.content: Floats = counts[..., CONTENT]
        self.any: Floats = self.people - self.content
        self._enough = counts.sum(axis=-1) >= LEAST

    def verdicts(self, change: Callable[[Floats], NDArray[np.bool_]], keep: NDArray[np.bool_]) -> Verdicts:
        """Change where it is sure of the larger wish, keep where that is sure, else open."""
        one, other = self.changes
        changed = np.where(one >= other, "0", "2")
        sure = change(np.maximum(one, other))
        return np.where(self._enough & (sure != keep), np.where(keep, KEEP, changed), OPEN)


def _improbable(count: Floats, people: Floats, extra: float, *, more: bool) -> NDArray[np.bool_]:
    """Whether so many or more (else fewer) are less probable at the limit than the level; `extra` 1: exact."""
    if not more:
        return _below(people - count, people, extra, 1 - LIMIT)
    return _below(count, people, extra, LIMIT)


def _below(count: Floats, people: Floats, extra: float, limit: float) -> NDArray[np.bool_]:
    first, second = np.maximum(count + 1 - extra, 1e-9), people - count + extra
    return np.asarray((count > 0) & (betainc(first, second, limit) < LEVEL))


def one_by_one(answers: Answers) -> Verdicts:
    """Clopper–Pearson at n / deff, each question and bound at .0125: the rule that issue 13 names."""
    wanted = _Wanted(answers)
    people, pairs = wanted.people, answers.pairs[:, None]
    chance = (wanted.changes[0] ** 2 + wanted.changes[1] ** 2 + wanted.content**2) / people**2
    with np.errstate(invalid="ignore", divide="ignore"):
        alike = np.nan_to_num((answers.agreeing / np.maximum(pairs, 1) - chance) / (1 - chance))
    learnt = np.clip((pairs * alike + WEIGHT * USUAL) / (pairs + WEIGHT), 0, 1)
    effect = 1 + 2 * pairs / people * np.where((people < FULL) | (chance >= 1), USUAL, learnt)
    return wanted.verdicts(
        lambda count: _improbable(count / effect, people / effect, 1, more=True),
        _improbable(wanted.any / effect, people / effect, 1, more=False),
    )


def jeffreys(answers: Answers) -> Verdicts:
    """Jeffreys' bounds at .0125, as if all people were independent."""
    wanted = _Wanted(answers)
    return wanted.verdicts(
        lambda count: _improbable(count, wanted.people, 0.5, more=True),
        _improbable(wanted.any, wanted.people, 0.5, more=False),
    )


def wilson(answers: Answers) -> Verdicts:
    """Wilson's bounds at .0125, as if all people were independent: the score test at the limit."""
    wanted = _Wanted(answers)
    reach = -float(ndtri(LEVEL)) * np.sqrt(LIMIT * (1 - LIMIT) / wanted.people)
    return wanted.verdicts(
        lambda count: count / wanted.people > LIMIT + reach, wanted.any / wanted.people < LIMIT - reach
    )


def point(answers: Answers) -> Verdicts:
    """The shares alone, as most reports have it."""
    wanted = _Wanted(answers)
    return wanted.verdicts(lambda count: count / wanted.people > LIMIT, wanted.any / wanted.people < LIMIT)
