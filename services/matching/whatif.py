"""Would another rule be better? Each rule relaxed by a step, each topic's mentors more by one to three, solved anew."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from services.matching.gaps import demand_of, most_wanted
from services.matching.newcomers import newcomers, scores_of
from services.matching.optimum.compiled import Numbers, Values
from services.matching.optimum.levels import Best, best
from services.matching.optimum.problem import NOT_WAITING, Problem
from services.matching.optimum.verify import verify
from services.matching.outcomes import MORE, Fixed, Outcome, outcome, problem_of
from services.matching.people import RoundInputs
from services.matching.table import ScoreTable, score_table
from services.matching.unchanged import Proof, nothing_changes, proof_of
from shared.contracts.parts import MatchingRules

MINUTES_STEP = 30
SCORE_STEP = 50
LEAST_SCORE = 1
"""A pair of score 0 is none, whatever the rules: so no veto can show."""

Progress = Callable[[int, int], None]
"""Told how many rows are done, out of how many."""


class Row(BaseModel):
    """One change and what the round would come to with it; the first row changes nothing."""

    model_config = ConfigDict(frozen=True)

    change: str = Field(description="`none`, a rule's name, or `topic`")
    topic_id: str | None = Field(default=None, description="the topic with more mentors")
    before: int | None = Field(default=None, description="the rule as it is; of a switch, 1: on, 0: off")
    after: int | None = Field(default=None, description="the rule one step further, or how many mentors more")
    tandems: int
    lowest_score: int | None
    sum_of_scores: int

    @property
    def worth(self) -> tuple[int, int, int]:
        """What rows are compared by."""
        return Outcome(self.tandems, self.lowest_score, self.sum_of_scores).worth


class WhatIf(NamedTuple):
    """What each change would bring."""

    rows: tuple[Row, ...]
    """The round as it is, then the best first, by tandems, then lowest score, then sum."""
    topics_left_out: int
    """Topics that are solved for no further mentor, as fewer mentees have them."""


def what_if(inputs: RoundInputs, progress: Progress = lambda done, of: None) -> WhatIf:
    """The round as it is, then with every rule relaxed, then with more mentors for each topic that most mentees have.

    Every row is the best of its round by the levels of docs/matching-score.md, without wish points and without holding
    to open proposals; each is certified, or proven to be no other than the first (unchanged.py). Vetoes hold in every
    row. Raises RefusedError if a certificate does not hold.
    """
    table = score_table(inputs)
    rules = relaxed(inputs.rules)
    demand = demand_of(inputs, table)
    topics = most_wanted(demand)
    total = 1 + len(rules) + MORE * len(topics)
    with problem_of(inputs, table) as (problem, fixed):
        solved = solve(problem)
        base = outcome(problem, solved, fixed)
        rows = [_row("none", base)]
        for row in _topics(inputs, topics, problem, fixed, proof_of(problem, solved), base):
            rows.append(row)
            progress(len(rows), total)
    for name, changed in rules:
        changed_inputs = inputs.model_copy(update={"rules": changed})
        found = _with_rules(changed_inputs, table, base)
        rows.append(_row(name, found, before=int(getattr(inputs.rules, name)), after=int(getattr(changed, name))))
        progress(len(rows), total)
    first, *others = rows
    # A stable order: rules by their place on the page, topics by id and number.
    others.sort(key=lambda row: (row.change == "topic", row.topic_id or "", row.after or 0))
    others.sort(key=lambda row: row.worth, reverse=True)
    return WhatIf((first, *others), len(demand) - len(topics))


def relaxed(rules: MatchingRules) -> tuple[tuple[str, MatchingRules], ...]:
    """Each hard rule that holds, by name, and the rules with it relaxed by one step."""
    steps = {
        "different_department": False,
        "reporting_levels": max(0, rules.reporting_levels - 1),
        "shared_language": False,
        "common_minutes": max(0, rules.common_minutes - MINUTES_STEP),
        "seniority_distance": max(0, rules.seniority_distance - 1),
        "minimum_score": max(LEAST_SCORE, rules.minimum_score - SCORE_STEP),
    }
    return tuple(
        (name, rules.model_copy(update={name: step})) for name, step in steps.items() if getattr(rules, name) != step
    )


def solve(problem: Problem) -> Best:
    """Solve one row and check its certificate."""
    solved = best(problem)
    verify(problem, solved.mentor_of, solved.certificate)
    return solved


def _with_rules(inputs: RoundInputs, before: ScoreTable, base: Outcome) -> Outcome:
    table = score_table(inputs)
    # The same allowed pairs with the same scores are the same round.
    if np.array_equal(table.scores, before.scores):
        return base
    with problem_of(inputs, table) as (problem, fixed):
        return outcome(problem, solve(problem), fixed)


def _topics(
    inputs: RoundInputs, topics: list[str], problem: Problem, fixed: Fixed, proof: Proof | None, base: Outcome
) -> Iterator[Row]:
    new = newcomers(inputs, topics)
    scores = scores_of(inputs, new)
    scores[fixed.mentees] = -1
    mentees, mentors = problem.scores.shape
    wide = _Wide(problem, np.full((mentees, mentors + MORE), -1, np.int16))
    wide.scores[:, :mentors] = problem.scores
    for column, (topic, mentor) in enumerate(zip(topics, new, strict=False)):
        still = nothing_changes(proof, scores[:, column], mentor.capacity)
        for more in range(1, MORE + 1):
            found = base
            if not still[more - 1]:
                changed = wide.with_more(scores[:, column], mentor.capacity, more)
                found = outcome(changed, solve(changed), fixed)
            yield _row("topic", found, topic_id=topic, after=more)


@dataclass(frozen=True)
class _Wide:
    """A round whose table has room for further mentors."""

    problem: Problem
    scores: Values

    def with_more(self, column: Values, seats: int, more: int) -> Problem:
        mentors = len(self.problem.seats)
        self.scores[:, mentors:] = -1
        self.scores[:, mentors : mentors + more] = column[:, None]
        further: Numbers = np.where(np.arange(MORE) < more, seats, 0).astype(np.int32)
        return replace(
            self.problem,
            scores=self.scores,
            seats=np.append(self.problem.seats, further),
            mentor_class=np.append(self.problem.mentor_class, np.full(MORE, NOT_WAITING, np.int32)),
        )


def _row(
    change: str, found: Outcome, *, topic_id: str | None = None, before: int | None = None, after: int | None = None
) -> Row:
    return Row(
        change=change,
        topic_id=topic_id,
        before=before,
        after=after,
        tandems=found.tandems,
        lowest_score=found.lowest_score,
        sum_of_scores=found.sum_of_scores,
    )
