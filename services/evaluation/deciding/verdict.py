"""Keep, change, or not enough data: by a criterion fixed before, from nothing but what was told (S13, P14).

Change when the lower bound of the share that wants one and the same change lies above the criterion's; keep when the
upper bound of the share that wants any change lies below it. Where some people's answers are not told, this must hold
of every data set that is possible. Loaded by the report's own process only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from services.evaluation.deciding.bounds import LEVEL, USUAL, correlation, design_effect, lower, upper
from services.evaluation.deciding.told import Told, together
from shared.contracts.parts import Criterion

Verdict = Literal["keep", "change", "not_enough_data"]
Lean = Literal["keep", "change"]
Data = Mapping[str | None, int]
"""One data set that is possible: how many people want each change; under None who is content."""
MOST = 10_000
"""So many people at most are looked for."""


@dataclass(frozen=True)
class Basis:
    """What an answer rests on.

    `told`: of both sides, or of all; empty: nothing may be told. `wants`: of each class, in order, the code of the
    change that it asks for; None: content. `pairs`: tandems of which both answered; None: not told. `agreeing`: of
    these, told of (agree, differ), by the groups of `wants`, not by finer classes. `silent`: who was asked and did not
    answer; None: not told. `key`: of the distribution that shows it.
    """

    key: str
    told: tuple[Told, ...]
    wants: tuple[str | None, ...]
    pairs: int | None = None
    agreeing: Told | None = None
    silent: int | None = None


@dataclass(frozen=True)
class Judgement:
    """A verdict with all that it rests on; shares from 0 to 1, None where they are not told.

    `direction`: the change; None: keep, not enough data, or `divided`. `divided`: more people than the criterion asks
    for want a change, but not the same one. `wants`: the change that more want than any other; None: there is none, or
    it is not told which. `share_low`, `share_high`: the share that wants the change wanted most, as far as it is told.
    `low`: lower bound of that share; `any_low`, `any_high`: bounds of the share that wants any change. `needed`,
    `silent`: as `people_needed` and `silent_needed` of shared.contracts.evaluation.Evidence, from 0 to 1.
    """

    verdict: Verdict
    direction: str | None
    divided: bool
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


@dataclass(frozen=True)
class Bounds:
    """Of all data sets that are possible the worst: each change's lower bound, and both of any change."""

    low: Mapping[str, float]
    any_low: float
    any_high: float


@dataclass(frozen=True)
class Rule:
    """A criterion as shares from 0 to 1, and the error at each bound: keep below `keep`, change above `change`."""

    keep: float
    change: float
    level: float = LEVEL

    @classmethod
    def of(cls, criterion: Criterion, level: float = LEVEL) -> "Rule":
        """Of a criterion in percent."""
        return cls((100 - criterion.keep_at_least) / 100, criterion.change_at_least / 100, level)

    def decide(self, bounds: Bounds) -> tuple[Verdict, tuple[str, ...]]:
        """Keep, change with the changes of which it is sure, or not enough data; also where both would hold."""
        sure = tuple(code for code, low in bounds.low.items() if low > self.change)
        keep = bounds.any_high < self.keep
        if bool(sure) == keep:
            return "not_enough_data", ()
        return ("keep" if keep else "change"), sure


def bounds_of(datasets: Sequence[Data], effect: float, level: float, people: float | None = None) -> Bounds:
    """The bounds of the shares at the effective number of people; `people`: if so many had answered alike."""
    low = dict.fromkeys(_changes(datasets[0]), 1.0)
    any_low, any_high = 1.0, 0.0
    for data in datasets:
        of = sum(data.values())
        scale = (of if people is None else people) / of / effect
        changes = _changes(data)
        for code, count in changes.items():
            low[code] = min(low[code], lower(count * scale, of * scale, level))
        wanted = sum(changes.values())
        any_low = min(any_low, lower(wanted * scale, of * scale, level))
        any_high = max(any_high, upper(wanted * scale, of * scale, level))
    return Bounds(low, any_low, any_high)


def learn(basis: Basis) -> tuple[list[Data], float, float]:
    """The data sets that are possible, the correlation to reckon with, and the design effect; for at least one person.

    Of the data sets' correlations it is the highest, which is sure of least.
    """
    datasets: list[Data] = list(together(basis.told, basis.wants))
    learnt = max(correlation(list(data.values()), basis.agreeing) for data in datasets)
    return datasets, learnt, design_effect(sum(told.people for told in basis.told), basis.pairs, learnt)


def judge(basis: Basis, criterion: Criterion, level: float = LEVEL) -> Judgement:
    """The verdict on a question, with how sure it is and what would make it fall."""
    people = sum(told.people for told in basis.told)
    if not people:
        return NOTHING_TOLD
    rule = Rule.of(criterion, level)
    datasets, learnt, effect = learn(basis)
    bounds = bounds_of(datasets, effect, level)
    verdict, sure = rule.decide(bounds)
    shares = [max(_changes(data).values()) / people for data in datasets]
    leans = _leans(datasets, rule)
    return Judgement(
        verdict=verdict,
        direction=sure[0] if len(sure) == 1 else None,
        divided=len(sure) > 1 or (not sure and bounds.any_low > rule.change),
        people=people,
        wants=_wanted(datasets),
        share_low=min(shares),
        share_high=max(shares),
        low=max(bounds.low.values()),
        any_low=bounds.any_low,
        any_high=bounds.any_high,
        correlation=learnt,
        effect=effect,
        leans=leans,
        needed=_needed(datasets, effect, rule, leans),
        silent=_silent(basis.silent, people, rule, verdict, bounds, sure),
        silent_people=basis.silent,
    )


def _changes(data: Data) -> dict[str, int]:
    return {code: count for code, count in data.items() if code is not None}


def _wanted(datasets: Sequence[Data]) -> str | None:
    """The change that more want than any other, whichever data set is true; None: there is no such one."""
    first = _changes(datasets[0])
    most = max(first, key=lambda code: first[code])
    for data in datasets:
        changes = _changes(data)
        if changes.pop(most) <= max(changes.values(), default=0):
            return None
    return most


def _leans(datasets: Sequence[Data], rule: Rule) -> Lean | None:
    """Which way every data set points by its shares alone, however unsure."""
    found: set[Lean | None] = set()
    for data in datasets:
        of = sum(data.values())
        changes = _changes(data).values()
        keep, change = sum(changes) / of < rule.keep, max(changes) / of > rule.change
        found.add(None if keep == change else "keep" if keep else "change")
    return found.pop() if len(found) == 1 else None


def _needed(datasets: Sequence[Data], effect: float, rule: Rule, leans: Lean | None) -> int | None:
    """The fewest people who would have been enough, answering alike; None: more than `MOST`, or it leans nowhere.

    By halving: with the shares as they are, more people only ever bring a bound nearer to its share.
    """
    if leans is None:
        return None
    below, enough = 0, MOST + 1
    while enough - below > 1:
        middle = (below + enough) // 2
        if rule.decide(bounds_of(datasets, effect, rule.level, middle))[0] == leans:
            enough = middle
        else:
            below = middle
    return enough if enough <= MOST else None


def _silent(
    silent: int | None, people: int, rule: Rule, verdict: Verdict, bounds: Bounds, sure: Sequence[str]
) -> float | None:
    """The share of the silent that would have to want otherwise for the answer to fall; None: no share is enough.

    A bound of the worst case (Manski 1989): of those who answered the share stands at its bound; of the silent, so many
    want otherwise, and all others what the answer says. It falls when the share of everybody reaches the criterion's.
    """
    if not silent or verdict == "not_enough_data":
        return None
    answered = people / (people + silent)
    if verdict == "keep":
        share = (rule.keep - answered * bounds.any_high) / (1 - answered)
    else:
        low = min(bounds.low[code] for code in sure)
        share = 1 - (rule.change - answered * low) / (1 - answered)
    return share if share <= 1 else None


NOTHING_TOLD = Judgement(
    verdict="not_enough_data",
    direction=None,
    divided=False,
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
    silent_people=None,
)
"""Where nothing may be told."""
