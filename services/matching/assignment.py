"""The optimal assignment of a round, level by level (docs/matching-score.md).

Levels: most tandems up to the places; those who wait longest; the lowest score as high as possible; the highest sum;
the published seed. A level keeps *every* optimum of the levels before it: under optimal dual prices exactly the perfect
matchings on pairs without slack are optimal (complementary slackness; Burkard, Dell'Amico, Martello, "Assignment
Problems", 2009, ch. 4), so the next level is solved on those pairs alone.
"""

import hashlib
import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linear_sum_assignment
from scipy.sparse.csgraph import maximum_bipartite_matching

from services.matching.explanation import why_pair, why_unmatched
from services.matching.people import Pair, RoundInputs, Solution, Unmatched
from services.matching.scoring import Bools, Ints, Scores, score_all, waiting_days

__all__ = ["Pair", "Solution", "Unmatched", "solve"]

EXACT_BITS = 52
"""Integers that stay below 2⁵² are exact in the solver's float64, differences included."""

TIE_BITS = 40
"""So that the sums of up to 4,000 tie-breakers are exact."""


def solve(inputs: RoundInputs) -> Solution:
    """Find a round's best tandems.

    Equal inputs in any order of people give the same solution. Raises nothing for people without partners: they are
    `unmatched` with a reason. Dense: about 8·N² bytes a few times over, N up to the seats and mentees of the round.
    """
    scores = score_all(inputs)
    found = sorted(_best(scores, inputs.places, inputs.seed))
    pairs = tuple(
        Pair(
            mentor=scores.mentors[i].id,
            mentee=scores.mentees[j].id,
            score=int(scores.total[i, j]),
            parts=scores.parts(i, j),
            reasons=why_pair(scores.mentors[i], scores.mentees[j], inputs.labels),
        )
        for i, j in found
    )
    partners = {p.id: bool(scores.allowed[i].any()) for i, p in enumerate(scores.mentors)}
    partners |= {p.id: bool(scores.allowed[:, j].any()) for j, p in enumerate(scores.mentees)}
    matched = {id for pair in pairs for id in (pair.mentor, pair.mentee)}
    full = len(pairs) >= inputs.places
    return Solution(
        pairs=pairs,
        unmatched=tuple(
            Unmatched(id=id, reason=why_unmatched(partners=partners[id], full=full))
            for id in sorted(partners.keys() - matched)
        ),
        lowest_score=min((pair.score for pair in pairs), default=None),
        sum_of_scores=sum(pair.score for pair in pairs),
    )


def _best(scores: Scores, places: int, seed: str) -> Iterable[tuple[int, int]]:
    seats = np.array([i for i, p in enumerate(scores.mentors) for _ in range(p.capacity)], dtype=np.int64)
    open_pairs = (scores.allowed & ~scores.closed)[seats]
    count = min(places, _most(open_pairs))
    if not count:
        return []
    rows, columns = open_pairs.shape
    face = _padded(open_pairs, count)
    for values in (*_waiting(scores, seats, len(face)), None, (scores.total + scores.wishes)[seats]):
        if values is None:
            face = _raise_lowest(face, scores.total[seats])
        else:
            face = _tight(face, _fill(values, face.shape[0]))
    ties = _fill(_ties(scores, seed)[seats], face.shape[0])
    row, column = linear_sum_assignment(np.where(face, -ties, np.inf))
    real = (row < rows) & (column < columns)
    return zip(seats[row[real]].tolist(), column[real].tolist(), strict=True)


def _most(pairs: Bools) -> int:
    if not pairs.size:
        return 0
    return int((maximum_bipartite_matching(sparse.csr_matrix(pairs), perm_type="column") >= 0).sum())


def _padded(pairs: Bools, count: int) -> Bools:
    """A square whose perfect matchings are the matchings of exactly `count` pairs.

    The other mentees go to extra rows, the other seats to extra columns; no extra row meets an extra column.
    """
    rows, columns = pairs.shape
    face = np.zeros((rows + columns - count,) * 2, dtype=np.bool_)
    face[:rows, :columns] = pairs
    face[rows:, :columns] = True
    face[:rows, columns:] = True
    return face


def _fill(values: Ints, size: int) -> NDArray[np.float64]:
    filled = np.zeros((size, size), dtype=np.float64)
    filled[: values.shape[0], : values.shape[1]] = values
    return filled


def _waiting(scores: Scores, seats: Ints, size: int) -> Iterator[Ints]:
    """What each pair covers of the people who wait, by the day since which they wait, longest first.

    Only the first seat of a mentor counts: one tandem ends the waiting. A square of `size` rows covers at most 2·size
    people, so days are digits of one number to that base, as many at once as stay exact.
    """
    first = np.diff(seats, prepend=-1) > 0
    base = 2 * size + 1
    days = waiting_days((*scores.mentors, *scores.mentees))
    at_once = max(1, int(EXACT_BITS / math.log2(base)))
    for start in range(0, len(days), at_once):
        worth = {day: base**rank for rank, day in enumerate(reversed(days[start : start + at_once]))}
        mentor, mentee = (
            np.array([worth.get(p.since, 0) if p.since else 0 for p in side], dtype=np.int64)
            for side in (scores.mentors, scores.mentees)
        )
        yield (mentor[seats] * first)[:, None] + mentee[None, :]


def _raise_lowest(face: Bools, totals: Ints) -> Bools:
    """Drop the pairs below the highest lowest score that a perfect matching can have (by bisection)."""
    rows, columns = totals.shape
    candidates = np.unique(totals[face[:rows, :columns]])
    low, high = 0, len(candidates) - 1

    def above(least: int) -> Bools:
        kept = face.copy()
        kept[:rows, :columns] &= totals >= least
        return kept

    while low < high:
        middle = (low + high + 1) // 2
        if _most(above(candidates[middle])) == len(face):
            low = middle
        else:
            high = middle - 1
    return above(candidates[low])


def _tight(face: Bools, values: NDArray[np.float64]) -> Bools:
    """The pairs without slack for the highest sum of `values`: their perfect matchings are all of the optimal ones.

    The prices are shortest distances (Bellman–Ford) over the exchanges that an optimal matching leaves; it has no
    exchange that gains, so they settle within as many rounds as there are columns.
    """
    cost = np.where(face, -values, np.inf)
    _, column = linear_sum_assignment(cost)
    exchange = cost - cost[np.arange(len(cost)), column][:, None]
    prices = np.zeros(len(cost))
    for _ in range(len(cost) + 1):
        lower = (prices[column][:, None] + exchange).min(axis=0)
        if (lower == prices).all():
            return np.asarray(exchange + prices[column][:, None] == prices[None, :], dtype=np.bool_)
        prices = lower
    raise ArithmeticError("the assignment that the solver returned is not optimal")


def _ties(scores: Scores, seed: str) -> Ints:
    """A number of each pair from (seed, mentor id, mentee id) and nothing else, so no order of people can matter."""
    mentor, mentee = (
        np.array([_digest(seed, p.role, p.id) for p in side], dtype=np.uint64)
        for side in (scores.mentors, scores.mentees)
    )
    mixed = mentor[:, None] + mentee[None, :]
    # The finishing steps of SplitMix64 (Steele, Lea, Flood 2014): without them sums of ties would all be equal.
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(64 - TIE_BITS)).astype(np.int64)


def _digest(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:8], "big")
