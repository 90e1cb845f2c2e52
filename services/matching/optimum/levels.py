"""The best pairs of a round, level by level, and the proof.

Most pairs, who is served (face.py); as many open proposals as can be kept; the lowest score; the sum. Each level keeps
every optimum of the levels before it: pairs that no such optimum has are taken away by complementary slackness.
"""

from dataclasses import dataclass

import numpy as np

from services.matching.optimum.augment import ENDLESS
from services.matching.optimum.certificate import Certificate, Dual
from services.matching.optimum.closing import close, close_slack, double, halve, reopen
from services.matching.optimum.compiled import Flags, Numbers, Values
from services.matching.optimum.early import completed
from services.matching.optimum.face import FIRST, Face, first_face, places
from services.matching.optimum.highest_sum import HALF, WHOLE, highest_sum, highest_worth, solve
from services.matching.optimum.keeping import kept_by_all
from services.matching.optimum.lowest import highest_lowest
from services.matching.optimum.market import KEPT
from services.matching.optimum.priority import OPEN, Blocks
from services.matching.optimum.problem import FURTHER_SEAT, NOBODY, Problem
from services.matching.optimum.sale import Effort, effort
from services.matching.optimum.saved import Saved


@dataclass(frozen=True)
class Best:
    """The best pairs, and what proves it."""

    mentor_of: Numbers
    """Of each mentee, or NOBODY."""
    certificate: Certificate


def best(problem: Problem, saved: Saved | None = None, most: int = ENDLESS) -> Best:
    """Solve a round. `scores` is changed while it works and afterwards as before.

    `saved`: a solution of before to begin with, if there is one; the sooner it ends, the less has changed since.
    `most`: how many pairs the search for the highest sum may look at; if they do not suffice, the certificate says so
    and bounds the sum. All other levels are always exact.
    """
    face = first_face(problem)
    if face is None:
        return _nobody(problem)
    by_class: tuple[Dual, ...] = ()
    kept, lowest = None, None
    try:
        close(problem.scores, face.mentee_place, face.mentor_place, 1)
        if face.undecided:
            face, by_class = _by_class(problem, face)
        if problem.previous is not None:
            face, kept = _kept(problem, face, problem.previous)
        if problem.lowest_first:
            least, lowest = highest_lowest(problem.scores, face, saved.lowest if saved else None)
            close(problem.scores, face.mentee_place, face.mentor_place, least)
        held, total, over = _sum(problem, face, saved, effort(most))
    finally:
        reopen(problem.scores)
    mentor_of = np.where(held >= 0, face.mentor[np.maximum(held, 0)], NOBODY).astype(np.int32)
    return Best(
        mentor_of,
        Certificate(face.mentee_place, face.mentor_place, not face.limited, by_class, kept, lowest, total, not over),
    )


def _nobody(problem: Problem) -> Best:
    """There is no place, or no allowed pair."""
    mentees, mentors = problem.scores.shape
    no_place = problem.places == 0
    # Without an allowed pair everybody is a block of their own class.
    none = Blocks(np.full(mentors, OPEN, np.int32), np.full(mentees, OPEN, np.int32))
    by_mentor = none if no_place else none._replace(mentors=problem.mentor_class)
    by_mentee = none if no_place else none._replace(mentees=problem.mentee_class)
    mentee_place, mentor_place = places(problem, by_mentor, by_mentee, problem.seats)
    nobody = Dual(np.full(mentees, 2, np.int32), np.zeros(mentors, np.int32), np.zeros(mentors, np.int32), 2)
    return Best(
        np.full(mentees, NOBODY, np.int32),
        Certificate(
            mentee_place,
            mentor_place,
            not no_place,
            (nobody,) * len(problem.waiting) if no_place else (),
            nobody if problem.previous is not None else None,
        ),
    )


def _by_class(problem: Problem, face: Face) -> tuple[Face, tuple[Dual, ...]]:
    """Serve as many mentors as possible, then as many as possible of each class that waits, one after the other.

    With places that limit, what both sides cover is no matroid, so each class is a round of its own whose values are
    the people of that class in a pair.
    """
    free = problem.mentor_class < FURTHER_SEAT
    worths = [(problem.mentee_class == c, problem.mentor_class == c) for c in problem.waiting]
    if (face.kind != FIRST).any():
        worths.insert(0, (np.zeros(len(face.mentee_must), np.bool_), free))
    duals = []
    nobody = np.full(len(face.mentee_must), NOBODY, np.int32)
    for mentee_worth, mentor_worth in worths:
        first = mentor_worth[face.mentor] & (face.kind == FIRST)
        worth = HALF * (mentee_worth[:, None] + first[None, :].astype(np.int16))
        values = np.where(problem.scores[:, face.mentor] > 0, worth, -1).astype(np.int16)
        solved = highest_worth(values, face)
        dual = face.dual(solved.market, solved.out, HALF)
        duals.append(dual)
        face = _narrow(problem.scores, face, dual, mentee_worth, mentor_worth, nobody)
    return face, tuple(duals)


def _kept(problem: Problem, face: Face, previous: Numbers) -> tuple[Face, Dual]:
    """Keep as many open proposals as possible."""
    solved = solve(lambda worth, _: kept_by_all(problem.scores, face, previous, worth), face)
    dual = face.dual(solved.market, solved.out, KEPT)
    mentees, mentors = problem.scores.shape
    nothing = np.zeros(mentees, np.bool_), np.zeros(mentors, np.bool_)
    return _narrow(problem.scores, face, dual, *nothing, previous), dual


def _narrow(
    scores: Values, face: Face, dual: Dual, mentee_worth: Flags, mentor_worth: Flags, previous: Numbers
) -> Face:
    """Take away the pairs, and the seats, that no optimal solution at these prices has."""
    narrowed = face.narrowed(dual, mentor_worth)
    column = np.full(scores.shape[1], np.iinfo(np.int32).max // 2, np.int32)
    at = narrowed.mentor
    price = np.where(narrowed.kind == FIRST, dual.first[at] - dual.scale * mentor_worth[at], dual.further[at])
    np.minimum.at(column, at, price.astype(np.int32))
    close_slack(scores, dual.profits - dual.scale * mentee_worth.astype(np.int32), column, previous, dual.scale)
    return narrowed


def _sum(problem: Problem, face: Face, saved: Saved | None, limit: Effort) -> tuple[Numbers, Dual, bool]:
    """The object of each mentee at the highest sum of scores and wish points, why, and whether the effort sufficed."""
    scores = problem.scores
    left = scores[problem.bonus[0], problem.bonus[1]] > 0
    rows, columns, points = (part[left] for part in problem.bonus)
    scores[rows, columns] += points.astype(np.int16)
    scale = HALF if face.limited else WHOLE
    if scale == HALF:
        double(scores)
    try:
        solved = highest_sum(scores, face, saved, limit)
        held = solved.held
        if not solved.over:
            held = completed(scores, face, held, solved.market, solved.out)
    finally:
        if scale == HALF:
            halve(scores)
        scores[rows, columns] -= points.astype(np.int16)
    return held, face.dual(solved.market, solved.out, scale), solved.over


__all__ = ["ENDLESS", "Best", "best"]
