"""Checks that pairs are the best, from scores and certificate alone; shares no code with the solver.

Follows the levels. What is known of *every* solution that is as good so far is kept: how many pairs, which seats they
may use, who is served and which seats are filled for certain; and of each pair, whether it may still be in one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from services.matching.optimum.certificate import Certificate, Dual, mentee_cut, mentor_cut
from services.matching.optimum.compiled import compiled_in_threads
from services.matching.optimum.problem import FURTHER_SEAT, NOBODY, NOT_WAITING, Problem

Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]

CLOSED = 1 << 40
"""A price at which nobody buys."""
CLASS, KEPT, LOWEST, SUM = range(4)
CHUNK = 64
"""Rows that a thread looks at in one go."""


class RefusedError(Exception):
    """The certificate does not prove it; says which level, and why."""


@dataclass(frozen=True)
class _Known:
    """What holds in every solution that is as good up to a level."""

    pairs: int
    served: Flags
    """Mentees."""
    first: Longs
    """First seats of each mentor that may be used: 0 or 1."""
    further: Longs
    first_filled: Flags
    further_filled: Flags


class _Level(NamedTuple):
    """One test of each pair: `row` + `column` is at least what the pair is worth; equal, or it leaves the face."""

    kind: int
    row: Longs
    column: Longs
    scale: int


def verify(problem: Problem, mentor_of: NDArray[np.int32], certificate: Certificate) -> None:
    """Check that these pairs are the best in every level.

    `mentor_of`: of each mentee, or NOBODY. Raises RefusedError.
    """
    _check_shapes(problem, mentor_of, certificate)
    rows = np.flatnonzero(mentor_of != NOBODY)
    columns = mentor_of[rows].astype(np.int64)
    scores = problem.scores[rows, columns].astype(np.int64)
    held = np.bincount(columns, minlength=len(problem.seats))
    if (scores < 1).any():
        raise RefusedError("pairs: one of them is not allowed")
    if (held > problem.seats).any():
        raise RefusedError("pairs: a mentor has more mentees than seats")
    if len(rows) > problem.places:
        raise RefusedError("pairs: more than there are places")
    known, cuts = _served(problem, mentor_of, held, certificate)
    levels: list[_Level] = []
    for name, kind, dual, mentee_worth, first_worth, reached in _duals(problem, rows, columns, scores, certificate):
        bound = _bound(known, dual)
        if kind == LOWEST:
            # A higher lowest score would make every pair worth one.
            if bound >= len(rows) * dual.scale:
                raise RefusedError(f"{name}: the prices do not say why it could not be higher")
        elif bound != reached * dual.scale:
            raise RefusedError(f"{name}: the prices allow {bound}, the pairs reach {reached * dual.scale}")
        _check_signs(name, known, dual)
        first = np.where(known.first > 0, dual.first - dual.scale * first_worth, CLOSED)
        further = np.where(known.further > 0, dual.further.astype(np.int64), CLOSED)
        cheaper = np.minimum(first, further)
        levels.append(_Level(kind, dual.profits - dual.scale * mentee_worth, cheaper, dual.scale))
        if kind != LOWEST:
            known = replace(
                known,
                served=known.served | (dual.profits > dual.out),
                first=np.where(first > cheaper, 0, known.first),
                further=np.where(further > cheaper, 0, known.further),
                first_filled=known.first_filled | (dual.first > 0),
                further_filled=known.further_filled | (dual.further > 0),
            )
    # Only what a cut proves is a block.
    blocks = [
        np.searchsorted(cuts, place).astype(np.int64) for place in (certificate.mentee_place, certificate.mentor_place)
    ]
    _check_pairs(problem, blocks, levels, int(scores.min(initial=1001)))


def _check_shapes(problem: Problem, mentor_of: NDArray[np.int32], certificate: Certificate) -> None:
    mentees, mentors = problem.scores.shape
    duals = [*certificate.by_class, certificate.kept, certificate.lowest, certificate.sum]
    lengths = [(mentor_of, mentees), (certificate.mentee_place, mentees), (certificate.mentor_place, mentors)]
    for dual in duals:
        if dual is not None:
            lengths += [(dual.profits, mentees), (dual.first, mentors), (dual.further, mentors)]
            if dual.scale < 1:
                raise RefusedError("prices: a scale below 1")
    if any(len(array) != length for array, length in lengths):
        raise RefusedError("shapes: the certificate is of other people")
    if ((mentor_of < NOBODY) | (mentor_of >= mentors)).any():
        raise RefusedError("pairs: there is no such mentor")


def _served(
    problem: Problem, mentor_of: NDArray[np.int32], held: Longs, certificate: Certificate
) -> tuple[_Known, list[int]]:
    """What the first two levels leave, and the cuts that prove them: each the last place before it.

    Where places limit, a level may be proven by being all that they allow; where they limit who waits, prices follow.
    """
    waiting = problem.waiting
    classes = len(waiting)
    free = problem.mentor_class < FURTHER_SEAT
    seats = problem.seats.astype(np.int64)
    first = np.where(free, np.minimum(seats, 1), 0)
    further = seats - first
    served = mentor_of != NOBODY
    count, different = int(served.sum()), int((free & (held > 0)).sum())
    mentee_place, mentor_place = certificate.mentee_place, certificate.mentor_place
    ranked_mentors, ranked_mentees = _ranks(problem.mentor_class, waiting), _ranks(problem.mentee_class, waiting)
    mentee_served, first_filled, further_filled = (np.zeros(len(x), np.bool_) for x in (served, seats, seats))
    cuts: list[int] = []

    def proves(level: str, cut: int, reached: int, bound: int) -> None:
        if reached != bound:
            raise RefusedError(f"{level}: the cover allows {bound}, the pairs reach {reached}")
        cuts.append(cut)

    by_blocks, by_prices = certificate.most or count < problem.places, len(certificate.by_class) > 0
    if by_blocks:
        cut = mentor_cut(classes, classes + 1)
        before, behind = mentee_place <= cut, mentor_place > cut
        proves("tandems", cut, count, int(before.sum() + seats[behind].sum()))
        mentee_served |= before
        first_filled |= behind
        further_filled |= behind
    if different == count:
        # Every pair serves a mentor of its own; more is not possible.
        further = np.zeros_like(further)
        seats = first.copy()
    for rank in () if by_prices else range(classes + 1):
        cut = mentor_cut(classes, rank)
        mine = ranked_mentors <= rank
        before, behind = mentor_place <= cut, mine & (mentor_place > cut)
        bound = int((mentee_place <= cut).sum() + (behind & (seats > 0)).sum())
        if rank < classes or different < count or by_blocks:
            proves("people served", cut, int((mine & (held > 0)).sum()), bound)
            mentee_served |= mentee_place <= cut
            first_filled |= behind
            further = np.where(before, 0, further)
            first = np.where(before & ~mine, 0, first)
        cut = mentee_cut(classes, rank)
        mine = ranked_mentees <= rank
        before, behind = mine & (mentee_place < cut), mentor_place >= cut
        bound = int(before.sum() + seats[behind].sum())
        if rank < classes or by_blocks:
            proves("people served", cut - 1, int((mine & served).sum()), bound)
            mentee_served |= before
            first_filled |= behind
            further_filled |= behind
    return _Known(count, mentee_served, first, further, first_filled & (first > 0), further_filled), sorted(cuts)


def _ranks(classes: NDArray[np.int32], waiting: list[int]) -> Longs:
    """0, 1, … for who waits, their number for who does not, one more for who has a tandem already."""
    ranks = np.searchsorted(np.array(waiting, np.int64), classes)
    return np.where(classes >= FURTHER_SEAT, len(waiting) + 1, np.where(classes == NOT_WAITING, len(waiting), ranks))


_Claim = tuple[str, int, Dual, Longs, Longs, int]


def _duals(problem: Problem, rows: Longs, columns: Longs, scores: Longs, certificate: Certificate) -> Iterator[_Claim]:
    """Each level's prices, what a mentee and a first seat are worth in it by themselves, and what the pairs reach."""
    mentees, mentors = problem.scores.shape
    nothing = np.zeros(mentees, np.int64), np.zeros(mentors, np.int64)
    if certificate.by_class:
        free = problem.mentor_class < FURTHER_SEAT
        mine = np.isin(np.arange(mentors), columns)
        worths = [(problem.mentee_class == c, problem.mentor_class == c) for c in problem.waiting]
        if int((free & mine).sum()) < len(rows):
            worths.insert(0, (np.zeros(mentees, np.bool_), free))
        if len(worths) != len(certificate.by_class):
            raise RefusedError("people served: a class has no prices")
        for dual, (of_mentees, of_mentors) in zip(certificate.by_class, worths, strict=True):
            reached = int(of_mentees[rows].sum()) + int((of_mentors & mine).sum())
            worth = of_mentees.astype(np.int64), of_mentors.astype(np.int64)
            yield "people served", CLASS, dual, *worth, reached
    if problem.previous is not None:
        if certificate.kept is None:
            raise RefusedError("changes: no prices")
        yield "changes", KEPT, certificate.kept, *nothing, int((problem.previous[rows] == columns).sum())
    if not len(rows):
        return
    if problem.lowest_first:
        if certificate.lowest is None:
            raise RefusedError("lowest score: no prices")
        yield "lowest score", LOWEST, certificate.lowest, *nothing, int(scores.min())
    if certificate.sum is None:
        raise RefusedError("sum: no prices")
    points = {(e, m): p for e, m, p in zip(*(part.tolist() for part in problem.bonus), strict=True)}
    wished = sum(points.get(pair, 0) for pair in zip(rows.tolist(), columns.tolist(), strict=True))
    yield "sum", SUM, certificate.sum, *nothing, int(scores.sum()) + wished


def _bound(known: _Known, dual: Dual) -> int:
    """What no solution of what is known can exceed, if the prices are right for each pair."""
    staying_out = len(known.served) - known.pairs
    seats = int((known.first * dual.first).sum() + (known.further * dual.further).sum())
    return int(dual.profits.sum(dtype=np.int64)) - staying_out * dual.out + seats


def _check_signs(name: str, known: _Known, dual: Dual) -> None:
    """Who may stay out has no profit below what that is worth; a seat that may stay free has no price below 0."""
    if (~known.served & (dual.profits < dual.out)).any():
        raise RefusedError(f"{name}: a profit is below what staying out is worth")
    for seats, filled, price in (
        (known.first, known.first_filled, dual.first),
        (known.further, known.further_filled, dual.further),
    ):
        if ((seats > 0) & ~filled & (price < 0)).any():
            raise RefusedError(f"{name}: a seat that may stay free has a price below 0")


def _check_pairs(problem: Problem, blocks: list[Longs], levels: list[_Level], lowest: int) -> None:
    """The one pass over all pairs."""
    mentees, mentors = problem.scores.shape
    previous = np.full(mentees, NOBODY, np.int32) if problem.previous is None else problem.previous
    order = np.argsort(problem.bonus[0], kind="stable")
    wishes = tuple(part[order].astype(np.int64) for part in problem.bonus)
    starts = np.searchsorted(wishes[0], np.arange(mentees + 1))
    mentee_place, mentor_place = blocks
    faults = _faults(
        problem.scores,
        mentee_place,
        mentor_place,
        np.array([level.kind for level in levels], np.int64),
        np.array([level.scale for level in levels], np.int64),
        np.array([level.row for level in levels], np.int64).reshape(len(levels), mentees),
        np.array([level.column for level in levels], np.int64).reshape(len(levels), mentors),
        previous.astype(np.int64),
        starts,
        wishes[1],
        wishes[2],
        lowest if problem.lowest_first else 0,
    ).max(axis=0, initial=0)
    if faults[0]:
        raise RefusedError("tandems and people served: a pair goes from a later block to an earlier one")
    names = {CLASS: "people served", KEPT: "changes", LOWEST: "lowest score", SUM: "sum"}
    for level, fault in zip(levels, faults[1:], strict=True):
        if fault:
            raise RefusedError(f"{names[level.kind]}: a pair is worth more than its prices say")


@compiled_in_threads
def _faults(
    scores: NDArray[np.int16],
    mentee_place: Longs,
    mentor_place: Longs,
    kinds: Longs,
    scales: Longs,
    rows: Longs,
    columns: Longs,
    previous: Longs,
    starts: Longs,
    wished: Longs,
    points: Longs,
    lowest: int,
) -> Longs:
    """Whether any pair breaks the order of blocks (first column), or a level's prices (one column each), by chunk."""
    mentees, mentors = scores.shape
    chunks = (mentees + CHUNK - 1) // CHUNK
    faults = np.zeros((chunks, len(kinds) + 1), np.int64)
    for chunk in prange(chunks):
        bonus = np.zeros(mentors, np.int64)
        for i in range(chunk * CHUNK, min(mentees, (chunk + 1) * CHUNK)):
            for at in range(starts[i], starts[i + 1]):
                bonus[wished[at]] = points[at]
            for j in range(mentors):
                score = scores[i, j]
                if score < 1:
                    continue
                if mentor_place[j] != mentee_place[i]:
                    if mentor_place[j] < mentee_place[i]:
                        faults[chunk, 0] = 1
                    continue
                for level in range(len(kinds)):
                    worth = 0
                    if kinds[level] == KEPT:
                        worth = 1 if previous[i] == j else 0
                    elif kinds[level] == LOWEST:
                        worth = 1 if score > lowest else 0
                    elif kinds[level] == SUM:
                        worth = score + bonus[j]
                    slack = rows[level, i] + columns[level, j] - scales[level] * worth
                    if slack < 0:
                        faults[chunk, level + 1] = 1
                    if kinds[level] == LOWEST:
                        if score < lowest:
                            break
                    elif slack > 0:
                        break
            for at in range(starts[i], starts[i + 1]):
                bonus[wished[at]] = 0
    return faults


__all__ = ["RefusedError", "verify"]
