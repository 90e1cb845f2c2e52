"""A round's tandems: people become numbers, the solver finds the best pairs, and a check proves them.

The levels, and why their order is that, stand in docs/matching-score.md; the solver is `optimum/`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.explanation import why_pair
from services.matching.left_out import left_out
from services.matching.optimum.certificate import Certificate
from services.matching.optimum.levels import ENDLESS, Best, best
from services.matching.optimum.problem import FURTHER_SEAT, NOBODY, NOT_WAITING, Problem
from services.matching.optimum.proven import Proven
from services.matching.optimum.saved import Saved
from services.matching.optimum.verify import RefusedError, verify
from services.matching.pair import judge
from services.matching.people import Pair, Person, RoundInputs, Solution, Unmatched
from services.matching.shut import shut
from services.matching.table import ScoreTable, score_table

__all__ = ["Assignment", "Pair", "Solution", "Unmatched", "assign", "explain", "solve"]

Numbers = NDArray[np.int32]

MILLION = 1_000_000


@dataclass(frozen=True)
class Assignment:
    """The best pairs of a table, proven. Arrays of int32."""

    mentor_of: Numbers
    """The mentor's column of each mentee's row, or NOBODY; pins included."""
    pinned: tuple[tuple[int, int], ...]
    """(row, column) of the office's pins that hold."""
    certificate: Certificate
    """Proves the pairs that are not pinned."""
    proven: Proven
    """What it proves of them."""
    begun: bool = False
    """Whether the solver began at a saved state."""


def solve(inputs: RoundInputs, table: ScoreTable | None = None) -> Solution:
    """Find a round's best tandems.

    Equal inputs in any order of people give the same solution. Raises nothing for people without partners: they are
    `unmatched` with a reason. `table`: the round's scores, if they are known. Takes two bytes for each mentor and
    mentee, and little beside.
    """
    table = score_table(inputs) if table is None else table
    return explain(inputs, table, assign(inputs, table))


def assign(inputs: RoundInputs, table: ScoreTable, saved: Saved | None = None) -> Assignment:
    """Find the best pairs and check their proof. Raises RefusedError if the solver has a fault.

    `saved`: a solution of before to begin with. The table is changed meanwhile, and afterwards as before.
    """
    pins = pins_of(inputs, table)
    most = ENDLESS if inputs.rules.effort is None else MILLION * inputs.rules.effort
    with shut(table, [row for row, _ in pins]):
        problem = as_problem(inputs, table, pins)
        try:
            found, proven = _proven(problem, saved, most)
        except (ArithmeticError, RefusedError):
            # A state that leads astray is no reason to have no round.
            if saved is None:
                raise
            saved = None
            found, proven = _proven(problem, None, most)
    mentor_of = found.mentor_of.copy()
    for row, column in pins:
        mentor_of[row] = column
    return Assignment(mentor_of, pins, found.certificate, proven, begun=saved is not None)


def _proven(problem: Problem, saved: Saved | None, most: int) -> tuple[Best, Proven]:
    found = best(problem, saved, most)
    return found, verify(problem, found.mentor_of, found.certificate)


def as_problem(inputs: RoundInputs, table: ScoreTable, pins: tuple[tuple[int, int], ...]) -> Problem:
    """What the solver sees of a round once pins are set apart."""
    days = sorted({p.since for p in (*table.mentors, *table.mentees) if p.since})
    rank = {day: at for at, day in enumerate(days)}
    seats = np.array([p.capacity for p in table.mentors], np.int32)
    mentor_class, mentee_class = (
        np.array([rank[p.since] if p.since else NOT_WAITING for p in side], np.int32)
        for side in (table.mentors, table.mentees)
    )
    mentor_class[[p.served for p in table.mentors]] = FURTHER_SEAT
    for row, column in pins:
        seats[column] -= 1
        mentor_class[column] = FURTHER_SEAT
        mentee_class[row] = NOT_WAITING
    return Problem(
        scores=table.scores,
        seats=seats,
        places=max(0, inputs.places - len(pins)),
        mentor_class=mentor_class,
        mentee_class=mentee_class,
        bonus=table.wishes,
        previous=_previous(inputs, table),
        lowest_first=inputs.rules.lowest_first,
    )


def pins_of(inputs: RoundInputs, table: ScoreTable) -> tuple[tuple[int, int], ...]:
    """The pins that hold: both take part, nobody has closed the pair since, and there is a seat and a score."""
    row, column = _places(table.mentees), _places(table.mentors)
    closed = set(zip(*(side.tolist() for side in table.closed), strict=True))
    seats = [p.capacity for p in table.mentors]
    taken: set[int] = set()
    pins: list[tuple[int, int]] = []
    for mentor, mentee in sorted(set(inputs.pins)):
        if mentor not in column or mentee not in row or len(pins) == inputs.places:
            continue
        pin = row[mentee], column[mentor]
        judged = judge(table.mentors[pin[1]], table.mentees[pin[0]], inputs.rules)
        never = "same_person" in judged.broken or judged.score < inputs.rules.minimum_score
        if pin in closed or pin[0] in taken or not seats[pin[1]] or never:
            continue
        taken.add(pin[0])
        seats[pin[1]] -= 1
        pins.append(pin)
    return tuple(pins)


def _previous(inputs: RoundInputs, table: ScoreTable) -> Numbers | None:
    """None unless an open proposal of before is of two who take part."""
    row, column = _places(table.mentees), _places(table.mentors)
    previous = np.full(len(table.mentees), NOBODY, np.int32)
    for mentor, mentee in inputs.previous:
        if mentor in column and mentee in row:
            previous[row[mentee]] = column[mentor]
    return previous if (previous != NOBODY).any() else None


def _places(side: tuple[Person, ...]) -> dict[str, int]:
    return {p.id: at for at, p in enumerate(side)}


def explain(inputs: RoundInputs, table: ScoreTable, found: Assignment) -> Solution:
    """Say in words who meets whom and why, and why somebody meets nobody; from the published scores alone."""
    rows = np.flatnonzero(found.mentor_of != NOBODY).tolist()
    pairs = [_pair(inputs, table, row, int(found.mentor_of[row]), found.pinned) for row in rows]
    pairs.sort(key=lambda pair: (pair.mentor, pair.mentee))
    free = [pair.score for pair in pairs if not pair.pinned]
    return Solution(
        pairs=tuple(pairs),
        unmatched=left_out(inputs, table, [(pair.mentor, pair.mentee) for pair in pairs]),
        lowest_score=min(free, default=None),
        sum_of_scores=sum(pair.score for pair in pairs),
        gap=found.proven.gap_of_scores,
    )


def _pair(inputs: RoundInputs, table: ScoreTable, row: int, column: int, pins: tuple[tuple[int, int], ...]) -> Pair:
    mentor, mentee = table.mentors[column], table.mentees[row]
    judged = judge(mentor, mentee, inputs.rules)
    return Pair(
        mentor=mentor.id,
        mentee=mentee.id,
        score=judged.score,
        parts=judged.parts,
        reasons=why_pair(mentor, mentee, inputs.labels),
        pinned=(row, column) in pins,
    )
