"""When further mentors change nothing of a round, proven without solving it again.

A round with further mentors is at least as good as without them, as they may stay alone. It is no better if

- no augmenting path reaches them: then there are not more tandems, and no other sets of mentees can be served (those
  whom the unserved reach by exchanges share the same mentors as before; all others are served anyway);
- each tandem has a mentor of its own already: then not more different people can be served; and of the mentors who
  wait, those sets can be served that could before, since a set of them needs no newcomer;
- there are fewer pairs of a higher lowest score than tandems, the newcomers' included; or too few for the mentors who
  are served for certain, whom no newcomer helps;
- at the prices that prove the sum, no mentee gains by a newcomer who costs nothing (weak duality). Only who is served
  for certain may have a price below 0, or a profit below what staying out is worth: people who wait, if their class is
  served as a whole.

Where places limit the tandems, the first two are clear only if all who wait are served. What is not proven is solved.
"""

from typing import NamedTuple

import numpy as np

from services.matching.optimum.certificate import Dual
from services.matching.optimum.compiled import Flags, Keys, Numbers, Values
from services.matching.optimum.levels import Best
from services.matching.optimum.problem import FURTHER_SEAT, NOBODY, NOT_WAITING, Problem
from services.matching.outcomes import MORE, Filled, filled, with_more

CHUNK = 512
"""Mentees whose prices are checked at a time."""


class Proof(NamedTuple):
    """What a solved round is proven by against all matchings of its table."""

    any_score: Filled
    higher: Filled | None
    """Of the pairs above the lowest score; None where no newcomer can raise it, or the programme does not ask."""
    tandems: int
    limited: bool
    """Whether the places limit the tandems."""
    lowest: int
    profits: Keys
    """Dual prices of the sum, times `scale`."""
    scale: int


def proof_of(problem: Problem, solved: Best) -> Proof | None:
    """The proof, or None where the round is not of the plain kind whose sum the prices alone prove."""
    chosen = np.nonzero(solved.mentor_of != NOBODY)[0]
    mentors = solved.mentor_of[chosen]
    tandems = len(chosen)
    if not tandems or len(np.unique(mentors)) < tandems or (problem.mentor_class[mentors] == FURTHER_SEAT).any():
        return None
    any_score = filled(problem.scores, 1, problem.seats)
    limited = tandems < any_score.most
    served = _served(problem, solved)
    if limited and not all(
        part[class_ < NOT_WAITING].all() for part, class_ in zip(served, _classes(problem), strict=True)
    ):
        return None
    lowest = int(problem.scores[chosen, mentors].min()) if problem.lowest_first else 1
    dual = solved.certificate.sum
    if dual is None or not _sum_is_proven(problem, solved, dual, lowest):
        return None
    higher = None
    if problem.lowest_first and not _kept_down(problem, solved, lowest):
        higher = filled(problem.scores, lowest + 1, problem.seats)
    return Proof(any_score, higher, tandems, limited, lowest, dual.profits.astype(np.int64), dual.scale)


def _classes(problem: Problem) -> tuple[Numbers, Numbers]:
    return problem.mentee_class, problem.mentor_class


def _served(problem: Problem, solved: Best) -> tuple[Flags, Flags]:
    """Mentees and mentors who are served, or could not be without newcomers: a mentor whom the rules leave nobody."""
    mentees = solved.mentor_of != NOBODY
    mentors = (problem.scores.max(axis=0, initial=-1) <= 0) | (problem.seats == 0)
    mentors[solved.mentor_of[mentees]] = True
    return mentees, mentors


def _for_certain(problem: Problem, solved: Best) -> tuple[Flags, Flags]:
    """Who is served in every solution that is as good, of mentees and mentors."""
    served = _served(problem, solved)
    mentees, mentors = (np.zeros(len(part), np.bool_) for part in served)
    for class_ in problem.waiting:
        of_mentees, of_mentors = (classes == class_ for classes in _classes(problem))
        if served[0][of_mentees].all() and served[1][of_mentors].all():
            mentees |= of_mentees
            mentors |= of_mentors
    return mentees | served[0].all(), mentors


def _kept_down(problem: Problem, solved: Best, lowest: int) -> bool:
    """Whether the mentors who are served for certain cannot all have a higher score; no newcomer changes that."""
    certain = _for_certain(problem, solved)[1] & (problem.scores.max(axis=0, initial=-1) > 0) & (problem.seats > 0)
    return filled(problem.scores, lowest + 1, certain.astype(np.int32)).most < int(certain.sum())


def _sum_is_proven(problem: Problem, solved: Best, dual: Dual, lowest: int) -> bool:
    """Whether no solution from `lowest` on has a higher sum, by the prices alone and for every pair.

    Any such solution, a tandem a mentor, is worth at most the profits of its mentees and the prices of the mentors.
    """
    profits, prices = (part.astype(np.int64) for part in (dual.profits, dual.first))
    mentees, mentors = _for_certain(problem, solved)
    if (prices < 0)[~mentors & (problem.seats > 0)].any():
        return False
    for start in range(0, len(profits), CHUNK):
        values = problem.scores[start : start + CHUNK].astype(np.int64)
        most = profits[start : start + CHUNK, None] + prices[None, :]
        if (dual.scale * values > most)[values >= lowest].any():
            return False
    chosen = np.nonzero(solved.mentor_of != NOBODY)[0]
    reached = dual.scale * int(problem.scores[chosen, solved.mentor_of[chosen]].sum(dtype=np.int64))
    gains = profits - dual.out
    of_mentees = len(chosen) * dual.out + int(np.where(mentees, gains, np.maximum(gains, 0)).sum())
    return reached == of_mentees + int(prices[problem.seats > 0].sum())


def nothing_changes(proof: Proof | None, column: Values, seats: int) -> tuple[bool, ...]:
    """Whether one, two … MORE mentors more, each with `seats` and the scores `column`, leave the figures alone."""
    if proof is None or (proof.scale * column.astype(np.int64) > proof.profits)[column >= proof.lowest].any():
        return (False,) * MORE
    more = (0,) * MORE if proof.limited else with_more(proof.any_score, column > 0, seats)
    if proof.higher is None:
        return tuple(gained == 0 for gained in more)
    higher = with_more(proof.higher, column > proof.lowest, seats)
    return tuple(
        gained == 0 and proof.higher.most + lifted < proof.tandems for gained, lifted in zip(more, higher, strict=True)
    )
