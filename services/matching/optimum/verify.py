"""Checks that pairs are the best, from scores and certificate alone; shares no code with the solver.

Follows the levels. What is known of *every* solution that is as good so far is kept: how many pairs, which seats they
may use, who is served and which seats are filled for certain; and of each pair, whether it may still be in one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.matching.optimum.certificate import Certificate, Dual, mentee_cut, mentor_cut
from services.matching.optimum.every_pair import CLASS, KEPT, LOWEST, SUM, Level, broken_by_a_pair
from services.matching.optimum.problem import FURTHER_SEAT, NOBODY, NOT_WAITING, Problem
from services.matching.optimum.proven import Cover, Proven

Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]

CLOSED = 1 << 40
"""A price at which nobody buys."""
NAMES = {CLASS: "people served", KEPT: "changes", LOWEST: "lowest score", SUM: "sum"}


class RefusedError(Exception):
    """It is not proven; says which level, and why."""

    def __init__(self, level: str, why: str) -> None:
        super().__init__(level, why)
        self.level = level
        self.why = why

    def __str__(self) -> str:
        return f"{self.level}: {self.why}"


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


def verify(problem: Problem, mentor_of: NDArray[np.int32], certificate: Certificate) -> Proven:
    """Check that these pairs are the best in every level; returns the figures.

    Where the certificate says that the search for the highest sum was ended early, the figures say how far it may be.
    `mentor_of`: of each mentee, or NOBODY. Raises RefusedError.
    """
    _check_shapes(problem, mentor_of, certificate)
    rows = np.flatnonzero(mentor_of != NOBODY)
    columns = mentor_of[rows].astype(np.int64)
    scores = problem.scores[rows, columns].astype(np.int64)
    held = np.bincount(columns, minlength=len(problem.seats))
    if (scores < 1).any():
        raise RefusedError("pairs", "one of them is not allowed")
    if (held > problem.seats).any():
        raise RefusedError("pairs", "a mentor has more mentees than seats")
    if len(rows) > problem.places:
        raise RefusedError("pairs", "more than there are places")
    known, cuts = _served(problem, mentor_of, held, certificate)
    levels: list[Level] = []
    gap = 0
    for name, kind, dual, mentee_worth, first_worth, reached in _duals(problem, rows, columns, scores, certificate):
        bound = _bound(known, dual)
        if kind == LOWEST:
            # A higher lowest score would make every pair worth one.
            if bound >= len(rows) * dual.scale:
                raise RefusedError(name, "the prices do not say why it could not be higher")
        elif kind == SUM and certificate.ended_early and bound > reached * dual.scale:
            gap = bound // dual.scale - reached
        elif bound != reached * dual.scale:
            raise RefusedError(name, f"the prices allow {bound}, the pairs reach {reached * dual.scale}")
        _check_signs(name, known, dual)
        first = np.where(known.first > 0, dual.first - dual.scale * first_worth, CLOSED)
        further = np.where(known.further > 0, dual.further.astype(np.int64), CLOSED)
        cheaper = np.minimum(first, further)
        levels.append(Level(kind, dual.profits - dual.scale * mentee_worth, cheaper, dual.scale))
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
    broken = broken_by_a_pair(problem, blocks, levels, int(scores.min(initial=1001)))
    if broken.blocks:
        raise RefusedError("tandems and people served", "a pair goes from a later block to an earlier one")
    for level, is_broken in zip(levels, broken.prices, strict=True):
        if is_broken:
            raise RefusedError(NAMES[level.kind], "a pair is worth more than its prices say")
    return _figures(problem, rows, columns, certificate, gap)


def _figures(problem: Problem, rows: Longs, columns: Longs, certificate: Certificate, gap: int) -> Proven:
    """What pairs that have passed the check reach."""
    scores = problem.scores[rows, columns]
    mine = np.unique(columns)
    mentors = mine[problem.mentor_class[mine] < FURTHER_SEAT]
    of_classes = (problem.mentee_class[rows], problem.mentor_class[mentors])
    cut = mentor_cut(len(problem.waiting), len(problem.waiting) + 1)
    behind = certificate.mentor_place > cut
    by_cover = certificate.most or len(rows) < problem.places
    cover = Cover(int((certificate.mentee_place <= cut).sum()), int(problem.seats[behind].sum()))
    return Proven(
        tandems=len(rows),
        cover=cover if by_cover else None,
        people=len(rows) + len(mentors),
        waiting=tuple(sum(int((of == waits).sum()) for of in of_classes) for waits in problem.waiting),
        kept=None if problem.previous is None else int((problem.previous[rows] == columns).sum()),
        lowest=int(scores.min()) if problem.lowest_first and len(rows) else None,
        scores=int(scores.sum(dtype=np.int64)),
        wish_points=_wished(problem, rows, columns),
        gap=gap,
    )


def _wished(problem: Problem, rows: Longs, columns: Longs) -> int:
    points = {(e, m): p for e, m, p in zip(*(part.tolist() for part in problem.bonus), strict=True)}
    return sum(points.get(pair, 0) for pair in zip(rows.tolist(), columns.tolist(), strict=True))


def _check_shapes(problem: Problem, mentor_of: NDArray[np.int32], certificate: Certificate) -> None:
    mentees, mentors = problem.scores.shape
    duals = [*certificate.by_class, certificate.kept, certificate.lowest, certificate.sum]
    lengths = [(mentor_of, mentees), (certificate.mentee_place, mentees), (certificate.mentor_place, mentors)]
    for dual in duals:
        if dual is not None:
            lengths += [(dual.profits, mentees), (dual.first, mentors), (dual.further, mentors)]
            if dual.scale < 1:
                raise RefusedError("prices", "a scale below 1")
    if any(len(array) != length for array, length in lengths):
        raise RefusedError("shapes", "the certificate is of other people")
    if ((mentor_of < NOBODY) | (mentor_of >= mentors)).any():
        raise RefusedError("pairs", "there is no such mentor")


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
            raise RefusedError(level, f"the cover allows {bound}, the pairs reach {reached}")
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
            raise RefusedError("people served", "a class has no prices")
        for dual, (of_mentees, of_mentors) in zip(certificate.by_class, worths, strict=True):
            reached = int(of_mentees[rows].sum()) + int((of_mentors & mine).sum())
            worth = of_mentees.astype(np.int64), of_mentors.astype(np.int64)
            yield "people served", CLASS, dual, *worth, reached
    if problem.previous is not None:
        if certificate.kept is None:
            raise RefusedError("changes", "no prices")
        yield "changes", KEPT, certificate.kept, *nothing, int((problem.previous[rows] == columns).sum())
    if not len(rows):
        return
    if problem.lowest_first:
        if certificate.lowest is None:
            raise RefusedError("lowest score", "no prices")
        yield "lowest score", LOWEST, certificate.lowest, *nothing, int(scores.min())
    if certificate.sum is None:
        raise RefusedError("sum", "no prices")
    yield "sum", SUM, certificate.sum, *nothing, int(scores.sum()) + _wished(problem, rows, columns)


def _bound(known: _Known, dual: Dual) -> int:
    """What no solution of what is known can exceed, if the prices are right for each pair."""
    staying_out = len(known.served) - known.pairs
    seats = int((known.first * dual.first).sum() + (known.further * dual.further).sum())
    return int(dual.profits.sum(dtype=np.int64)) - staying_out * dual.out + seats


def _check_signs(name: str, known: _Known, dual: Dual) -> None:
    """Who may stay out has no profit below what that is worth; a seat that may stay free has no price below 0."""
    if (~known.served & (dual.profits < dual.out)).any():
        raise RefusedError(name, "a profit is below what staying out is worth")
    for seats, filled, price in (
        (known.first, known.first_filled, dual.first),
        (known.further, known.further_filled, dual.further),
    ):
        if ((seats > 0) & ~filled & (price < 0)).any():
            raise RefusedError(name, "a seat that may stay free has a price below 0")


__all__ = ["RefusedError", "verify"]
