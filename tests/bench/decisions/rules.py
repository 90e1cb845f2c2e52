"""The report's way from answers to verdicts: as it is, and the same by arrays, a hundred times as fast.

A verdict is `keep`, `0` or `2` (that change), `both` (a divided group that is to change), or `open`.
"""

from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from services.evaluation.deciding.bounds import FULL, USUAL, WEIGHT
from services.evaluation.deciding.verdict import CHANGE as PART_CHANGE
from services.evaluation.deciding.verdict import ERROR, Basis, Decision, Learnt, Rule, decide, learn, settle
from services.evaluation.deciding.verdict import KEEP as PART_KEEP
from services.evaluation.protection import Rule as Protection
from services.evaluation.protection import Told, tell
from services.evaluation.protection.agreement import STEPS, Tandems, agreeing
from services.evaluation.reporting.gathering import APART
from tests.bench.decisions.programmes import LIMIT, Answers, Numbers

Counts = tuple[int, ...]
Verdicts = NDArray[np.str_]
Floats = NDArray[np.float64]
WANTS = ("0", None, "2")
RULE = Rule(LIMIT, LIMIT)
PROTECTION = Protection()
OPEN, KEEP, BOTH = "open", "keep", "both"


@dataclass(frozen=True)
class Way:
    """How the answers are told. `sides`: of both sides, if both have so many people; else of all.

    `tandems`: whether it is told how many agree; else the usual correlation holds, and as many pairs as there may be.
    `exact`: just as protection tells of tandems, which takes 25 ms; else in its ten steps, none of them made wider.
    """

    sides: int = APART
    tandems: bool = True
    exact: bool = False


def path(answers: Answers, way: Way) -> Verdicts:
    """The way itself: what protection tells of the answers, then the verdicts on the questions together."""
    found = []
    for counts, both, alike in zip(
        answers.counts.tolist(), answers.pairs.tolist(), answers.agreeing.tolist(), strict=True
    ):
        deciders = {
            question: partial(_decided, _learnt(tuple(mentors), tuple(mentees), both, agreed, way))
            for question, ((mentors, mentees), agreed) in enumerate(zip(counts, alike, strict=True))
        }
        found.append([_named(decision) for decision, _ in settle(deciders).values()])
    return np.array(found)


def _decided(learnt: Learnt | None, level: float) -> Decision | None:
    return decide(learnt, RULE, level) if learnt else None


@lru_cache(maxsize=100_000)
def _learnt(mentors: Counts, mentees: Counts, both: int, alike: int, way: Way) -> Learnt | None:
    """What is known of a question: both sides, else all; and of tandems, as far as it is told."""
    sides = [told for side in (mentors, mentees) if sum(side) >= way.sides and (told := _told(side))]
    if len(sides) < 2:
        everybody = _told(tuple(map(sum, zip(mentors, mentees, strict=True))))
        sides = [everybody] if everybody else []
    if not way.tandems:
        return learn(Basis("", tuple(sides), WANTS))
    # It is told as roughly as the counts of both sides ask for, which must be told for that.
    known = (
        both > 0
        and len(sides) == 2
        and sum(mentors) + sum(mentees) >= FULL
        and all(told.at_least is None for told in sides)
    )
    told = _agreeing(Tandems(mentors, mentees, both), alike, way) if known else None
    return learn(Basis("", tuple(sides), WANTS, both, told))


def _agreeing(told: Tandems, alike: int, way: Way) -> Told | None:
    if way.exact:
        return agreeing(told, alike, PROTECTION.insiders)
    least, most = told.span()
    width = max(1, -(-(most - least + 1) // STEPS))
    top = min(least + (alike - least) // width * width + width - 1, most)
    return Told(told.pairs, (None, told.pairs - top), 1)


@lru_cache(maxsize=100_000)
def _told(counts: Counts) -> Told | None:
    values = [index for index, count in enumerate(counts) for _ in range(count)]
    return tell({str(person): value for person, value in enumerate(values)}, len(counts), PROTECTION)


def _named(decision: Decision | None) -> str:
    if decision is None or decision.verdict == "not_enough_data":
        return OPEN
    if decision.verdict == "keep":
        return KEEP
    return decision.sure[0] if len(decision.sure) == 1 else BOTH


# The same by arrays


def by_arrays(answers: Answers, way: Way) -> Verdicts:
    """What `path` says, of all programmes at once."""
    of_sides = answers.counts.sum(axis=-1)
    apart = (of_sides >= max(way.sides, PROTECTION.least)).all(axis=2)[..., None, None]
    portions = np.where(
        apart, answers.counts, np.stack([answers.counts.sum(axis=2), np.zeros_like(answers.counts[:, :, 0])], axis=2)
    )
    least, rest = _least(portions)
    people = of_sides.sum(axis=-1)
    exact = (rest == 0) & (people >= FULL) & way.tandems & apart[..., 0, 0]
    learnt = np.where(exact, _correlation(answers, people), USUAL)
    pairs = answers.pairs[:, None] if way.tandems else people // 2
    effect = 1 + 2 * pairs / np.maximum(people, 1) * learnt
    effective = people / effect
    change = np.stack([_improbable(least[..., code] / effect, effective, LIMIT) for code in (0, 2)], axis=-1)
    content = people - least[..., 0] - least[..., 2] - rest
    keep = _improbable(content / effect, effective, 1 - LIMIT)
    told = people >= PROTECTION.least
    return _steps(np.where(told, keep, 1.0), np.where(told[..., None], change, 1.0))


def _least(portions: Numbers) -> tuple[Numbers, Numbers]:
    """Of the classes the least counts that are told, and of how many people it is not told where they stand."""
    people = portions.sum(axis=-1, keepdims=True)
    nearly_all = portions >= people - PROTECTION.insiders - 1
    only = (nearly_all.sum(axis=-1, keepdims=True) == 1) & (people > 0)
    told = np.where(only, np.where(nearly_all, people - PROTECTION.insiders - 1, 0), portions)
    return told.sum(axis=2), (people[..., 0] - told.sum(axis=-1)).sum(axis=2)


def _correlation(answers: Answers, people: Numbers) -> Floats:
    mentors, mentees = answers.counts[:, :, 0], answers.counts[:, :, 1]
    pairs = answers.pairs[:, None]
    alone = [side.sum(axis=-1, keepdims=True) - pairs[..., None] for side in (mentors, mentees)]
    forced = (np.maximum(mentors - alone[0], 0) + np.maximum(mentees - alone[1], 0)).max(axis=-1) - pairs
    least = np.maximum(forced, 0)
    most = np.minimum(pairs, np.minimum(mentors, mentees).sum(axis=-1))
    width = np.maximum(1, -(-(most - least + 1) // STEPS))
    top = np.minimum(least + (answers.agreeing - least) // width * width + width - 1, most)
    chance = (answers.counts.sum(axis=2) ** 2).sum(axis=-1) / np.maximum(people, 1) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (1 - (pairs - top) / pairs - chance) / (1 - chance)
        learnt = np.clip((pairs * found + WEIGHT * USUAL) / (pairs + WEIGHT), 0, 1)
    return np.where((pairs == 0) | (chance == 1), USUAL, learnt)


def _improbable(count: Floats, people: Floats, limit: float) -> Floats:
    """How probable so many or more of so many people are, where their share is at the limit."""
    return np.where(count > 0, betainc(np.maximum(count, 1e-9), people - count + 1, limit), 1.0)


def _steps(keep: Floats, change: Floats) -> Verdicts:
    """Holm's steps, of all programmes at once."""
    found = np.full(keep.shape, OPEN)
    for _ in range(keep.shape[1]):
        level = ERROR / np.maximum((found == OPEN).sum(axis=1, keepdims=True), 1)
        kept, changed = keep < PART_KEEP * level, change < PART_CHANGE * level[..., None]
        named = np.where(changed.all(axis=-1), BOTH, np.where(changed[..., 0], "0", "2"))
        now = np.where(kept == changed.any(axis=-1), OPEN, np.where(kept, KEEP, named))
        found = np.where(found == OPEN, now, found)
    return found
