"""When further mentors change nothing of a round, proven without solving it again.

A round with further mentors is at least as good as without them, as they may stay alone. It is no better if

- no augmenting path reaches them: then there are not more tandems, and no other sets of mentees can be served (those
  whom the unserved reach by exchanges share the same mentors as before; all others are served anyway);
- each tandem has a mentor of its own already: then not more different people can be served; and of the mentors who
  wait, those sets can be served that could before, since a set of them needs no newcomer;
- there are fewer pairs of a higher lowest score than tandems, the newcomers' included;
- at the prices that prove the sum, no mentee gains by a newcomer who costs nothing (weak duality).

Where places limit the tandems, the first two are clear only if nobody waits. What is not proven is solved.
"""

from typing import NamedTuple

import numpy as np

from services.matching.optimum.certificate import Dual
from services.matching.optimum.compiled import Keys, Values
from services.matching.optimum.levels import Best
from services.matching.optimum.problem import FURTHER_SEAT, NOBODY, NOT_WAITING, Problem
from services.matching.outcomes import MORE, Filled, filled, with_more

CHUNK = 512
"""Mentees whose prices are checked at a time."""


class Proof(NamedTuple):
    """What a solved round is proven by against all matchings of its table."""

    any_score: Filled
    higher: Filled | None
    """Of the pairs above the lowest score; None where the programme does not ask for it."""
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
    count = len(chosen)
    if not count or len(np.unique(mentors)) < count or (problem.mentor_class[mentors] == FURTHER_SEAT).any():
        return None
    any_score = filled(problem.scores, 1, problem.seats)
    limited = count < any_score.most
    if limited and (np.append(problem.mentor_class, problem.mentee_class) < NOT_WAITING).any():
        return None
    lowest = int(problem.scores[chosen, mentors].min()) if problem.lowest_first else 1
    dual = solved.certificate.sum
    if dual is None or not _sum_is_proven(problem, solved, dual, lowest):
        return None
    higher = filled(problem.scores, lowest + 1, problem.seats) if problem.lowest_first else None
    return Proof(any_score, higher, count, limited, lowest, dual.profits.astype(np.int64), dual.scale)


def _sum_is_proven(problem: Problem, solved: Best, dual: Dual, lowest: int) -> bool:
    """Whether no matching of as many pairs from `lowest` on has a higher sum, by the dual prices alone.

    Any such matching, a tandem a mentor, is worth at most the profits of its mentees and the prices of the mentors.
    """
    profits, prices = (part.astype(np.int64) for part in (dual.profits, dual.first))
    if (prices < 0).any():
        return False
    for start in range(0, len(profits), CHUNK):
        values = problem.scores[start : start + CHUNK].astype(np.int64)
        most = profits[start : start + CHUNK, None] + prices[None, :]
        if (dual.scale * values > most)[values >= lowest].any():
            return False
    chosen = np.nonzero(solved.mentor_of != NOBODY)[0]
    reached = dual.scale * int(problem.scores[chosen, solved.mentor_of[chosen]].sum(dtype=np.int64))
    if len(chosen) == len(profits):
        of_mentees = int(profits.sum())
    else:
        of_mentees = len(chosen) * dual.out + int(np.maximum(profits - dual.out, 0).sum())
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
