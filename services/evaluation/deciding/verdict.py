"""Keep, change, or not enough data, for the questions together: from nothing but what was told (S13, P14).

Change when the lower bound of the share that wants one and the same change lies above the criterion's; keep when the
upper bound of the share that wants any change lies below it. Where some people's answers are not told, this must hold
of every data set that is possible. Loaded by the report's own process only.

The error of all questions together is at most `ERROR`, by Holm 1979: each of four questions may err by a quarter of
it; where one is clear, each of the three others may err by a third of it, and so on. What a question may err is split
between keeping and changing (`KEEP`, `CHANGE`): where both would be wrong, they stay within it together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from services.evaluation.deciding.bounds import USUAL, correlation, design_effect, lower, upper
from services.evaluation.deciding.told import Told, datasets
from services.evaluation.questionnaires import Question
from shared.contracts.parts import Criteria, Criterion

Verdict = Literal["keep", "change", "not_enough_data"]
Lean = Literal["keep", "change"]
Data = Mapping[str | None, int]
"""One data set that is possible: how many people want each change; under None who is content."""
Key = TypeVar("Key")

ERROR = 0.05
"""Error over all questions together: that any of them is kept or changed wrongly."""
KEEP, CHANGE = 0.6, 0.4
"""Parts of a question's error for keeping, and for a change in each direction. Where none would be right, keeping and
one direction are likely at most, or both directions: never more than 1 together."""
MOST = 10_000
"""So many people at most are looked for."""


@dataclass(frozen=True)
class Basis:
    """What an answer rests on.

    `told`: of each portion of people, as both sides, or all; empty: nothing may be told. `wants`: of each class of the
    whole scale, in order, the code of the change that it asks for; None: content. `pairs`: tandems of which both
    answered; None: not told. `agreeing`: of these, told of (agree, differ), by the groups of `wants`, not by finer
    classes. `silent`: who was asked and did not answer; None: not told. `key`: of the distribution that shows it.
    """

    key: str
    told: tuple[Told, ...]
    wants: tuple[str | None, ...]
    pairs: int | None = None
    agreeing: Told | None = None
    silent: int | None = None


@dataclass(frozen=True)
class Learnt:
    """What a basis says: the data sets that are possible, the correlation in a tandem, and the design effect.

    `least`: of each change, how many want it in any data set at least; `any_least`, `any_most`: the same of any change.
    """

    datasets: tuple[Data, ...]
    people: int
    least: Mapping[str, int]
    any_least: int
    any_most: int
    correlation: float
    effect: float


@dataclass(frozen=True)
class Rule:
    """A criterion as shares from 0 to 1: keep below `keep`, change above `change`."""

    keep: float
    change: float

    @classmethod
    def of(cls, criterion: Criterion) -> "Rule":
        """Of a criterion in percent."""
        return cls((100 - criterion.keep_at_least) / 100, criterion.change_at_least / 100)


@dataclass(frozen=True)
class Bounds:
    """Of all data sets that are possible the worst: each change's lower bound, and both of any change."""

    low: Mapping[str, float]
    any_low: float
    any_high: float


@dataclass(frozen=True)
class Decision:
    """What is sure at a question's error: a verdict, the changes that are sure, and the bounds."""

    verdict: Verdict
    sure: tuple[str, ...]
    bounds: Bounds


@dataclass(frozen=True)
class Judgement:
    """A verdict with all that it rests on; shares from 0 to 1, None where they are not told.

    `direction`: the change; None: keep, not enough data, or `divided`. `divided`: more people than the criterion asks
    for want a change, but not the same one. `level`: the question's error. `wants`: the change that more want than any
    other; None: there is none, or it is not told which. `share_low`, `share_high`: the share that wants the change
    wanted most, as far as it is told. `low`: lower bound of that share; `any_low`, `any_high`: bounds of the share that
    wants any change. `needed`: people who would have been enough, answering alike. `silent`: share of who did not
    answer that would have to want otherwise, for the answer to fall. `silent_people`: as in the basis.
    """

    verdict: Verdict
    direction: str | None
    divided: bool
    level: float
    people: int | None
    wants: str | None
    share_low: float | None
    share_high: float | None
    low: float | None
    any_low: float | None
    any_high: float | None
    correlation: float
    effect: float
    leans: Lean | None
    needed: int | None
    silent: float | None
    silent_people: int | None


def judge(bases: Mapping[Question, Basis], criteria: Criteria) -> dict[Question, Judgement]:
    """The verdicts on the questions, with how sure each is and what would make it fall."""
    rules = {question: Rule.of(getattr(criteria, question)) for question in bases}
    learnt = {question: learn(basis) for question, basis in bases.items()}
    settled = settle({question: _decider(learnt[question], rules[question]) for question in bases})
    found = {}
    for question, (decision, level) in settled.items():
        data = learnt[question]
        if decision is None or data is None:
            found[question] = _untold(level, bases[question].silent)
        else:
            found[question] = _judged(data, rules[question], decision, level, bases[question].silent)
    return found


def settle(
    deciders: Mapping[Key, Callable[[float], Decision | None]], error: float = ERROR
) -> dict[Key, tuple[Decision | None, float]]:
    """Each question's decision with the error at which it was taken, by Holm's steps.

    A decider says what is sure at an error; None: nothing is told, which is never sure.
    """
    found: dict[Key, tuple[Decision | None, float]] = {}
    left = dict(deciders)
    while left:
        level = error / len(left)
        step = {key: decide(level) for key, decide in left.items()}
        sure = {key for key, decision in step.items() if decision and decision.verdict != "not_enough_data"}
        # Where no more question is clear, the steps end, and all that are left are open.
        for key in sure or set(left):
            found[key] = step[key], level
            del left[key]
    return {key: found[key] for key in deciders}


def learn(basis: Basis) -> Learnt | None:
    """What a basis says; None: nothing is told, or of nobody. Of the data sets' correlations the highest is taken."""
    people = sum(told.people for told in basis.told)
    if not people:
        return None
    found = tuple(datasets(basis.told, basis.wants))
    changes = [_changes(data) for data in found]
    wanted = [sum(each.values()) for each in changes]
    highest = max(correlation(list(data.values()), basis.agreeing) for data in found)
    return Learnt(
        datasets=found,
        people=people,
        least={code: min(each[code] for each in changes) for code in changes[0]},
        any_least=min(wanted),
        any_most=max(wanted),
        correlation=highest,
        effect=design_effect(people, basis.pairs, highest),
    )


def decide(learnt: Learnt, rule: Rule, level: float, people: float | None = None) -> Decision:
    """What is sure at a question's error; with `people`: if so many had answered alike.

    Where keep and change would both hold, as contradictory criteria allow, nothing is sure.
    """
    bounds = _bounds(learnt, level, learnt.people if people is None else people)
    sure = tuple(code for code, low in bounds.low.items() if low > rule.change)
    keep = bounds.any_high < rule.keep
    if bool(sure) == keep:
        return Decision("not_enough_data", (), bounds)
    return Decision("keep" if keep else "change", sure, bounds)


def _decider(learnt: Learnt | None, rule: Rule) -> Callable[[float], Decision | None]:
    return lambda level: decide(learnt, rule, level) if learnt else None


def _bounds(learnt: Learnt, level: float, people: float) -> Bounds:
    """At the effective number of people. A bound grows with its count, so the extreme data sets give the worst."""
    effective = people / learnt.effect
    scale = effective / learnt.people
    return Bounds(
        low={code: lower(least * scale, effective, CHANGE * level) for code, least in learnt.least.items()},
        any_low=lower(learnt.any_least * scale, effective, CHANGE * level),
        any_high=upper(learnt.any_most * scale, effective, KEEP * level),
    )


def _judged(learnt: Learnt, rule: Rule, decision: Decision, level: float, silent: int | None) -> Judgement:
    shares = [max(_changes(data).values()) / learnt.people for data in learnt.datasets]
    leans = _leans(learnt, rule)
    bounds, sure = decision.bounds, decision.sure
    return Judgement(
        verdict=decision.verdict,
        direction=sure[0] if len(sure) == 1 else None,
        divided=len(sure) > 1 or (not sure and bounds.any_low > rule.change),
        level=level,
        people=learnt.people,
        wants=_wanted(learnt.datasets),
        share_low=min(shares),
        share_high=max(shares),
        low=max(bounds.low.values()),
        any_low=bounds.any_low,
        any_high=bounds.any_high,
        correlation=learnt.correlation,
        effect=learnt.effect,
        leans=leans,
        needed=_needed(learnt, rule, level, leans),
        silent=_silent(silent, learnt.people, rule, decision),
        silent_people=silent,
    )


def _untold(level: float, silent: int | None) -> Judgement:
    return Judgement(
        verdict="not_enough_data",
        direction=None,
        divided=False,
        level=level,
        people=None,
        wants=None,
        share_low=None,
        share_high=None,
        low=None,
        any_low=None,
        any_high=None,
        correlation=USUAL,
        effect=1 + USUAL,
        leans=None,
        needed=None,
        silent=None,
        silent_people=silent,
    )


def _changes(data: Data) -> dict[str, int]:
    return {code: count for code, count in data.items() if code is not None}


def _wanted(possible: Sequence[Data]) -> str | None:
    """The change that more want than any other, whichever data set is true; None: there is no such one."""
    first = _changes(possible[0])
    most = max(first, key=lambda code: first[code])
    for data in possible:
        changes = _changes(data)
        if changes.pop(most) <= max(changes.values(), default=0):
            return None
    return most


def _leans(learnt: Learnt, rule: Rule) -> Lean | None:
    """Which way every data set points by its shares alone, however unsure."""
    found: set[Lean | None] = set()
    for data in learnt.datasets:
        changes = _changes(data).values()
        keep, change = sum(changes) / learnt.people < rule.keep, max(changes) / learnt.people > rule.change
        found.add(None if keep == change else "keep" if keep else "change")
    return found.pop() if len(found) == 1 else None


def _needed(learnt: Learnt, rule: Rule, level: float, leans: Lean | None) -> int | None:
    """The fewest people who would have been enough, answering alike; None: more than `MOST`, or it leans nowhere.

    By halving: with the shares as they are, more people only ever bring a bound nearer to its share.
    """
    if leans is None:
        return None
    below, enough = 0, MOST + 1
    while enough - below > 1:
        middle = (below + enough) // 2
        if decide(learnt, rule, level, middle).verdict == leans:
            enough = middle
        else:
            below = middle
    return enough if enough <= MOST else None


def _silent(silent: int | None, people: int, rule: Rule, decision: Decision) -> float | None:
    """The share of the silent that would have to want otherwise for the answer to fall; None: no share is enough.

    A bound of the worst case (Manski 1989): of those who answered the share stands at its bound; of the silent, so many
    want otherwise, and all others what the answer says. It falls when the share of everybody reaches the criterion's.
    """
    if not silent or decision.verdict == "not_enough_data":
        return None
    answered = people / (people + silent)
    if decision.verdict == "keep":
        share = (rule.keep - answered * decision.bounds.any_high) / (1 - answered)
    else:
        low = min(decision.bounds.low[code] for code in decision.sure)
        share = 1 - (rule.change - answered * low) / (1 - answered)
    return share if share <= 1 else None
