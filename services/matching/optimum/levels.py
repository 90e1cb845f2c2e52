"""The best pairs of a round, level by level, and the proof.

Most pairs, who is served (face.py); as many open proposals as can be kept; the lowest score; the sum. Each level keeps
every optimum of the levels before it: pairs that no such optimum has are taken away by complementary slackness.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from numba import prange

from services.matching.optimum.auction import auction, settle
from services.matching.optimum.augment import ENDLESS
from services.matching.optimum.certificate import Certificate, Dual
from services.matching.optimum.compiled import Flags, Numbers, Values, compiled_in_threads
from services.matching.optimum.early import completed
from services.matching.optimum.exchange import exchanged
from services.matching.optimum.face import FIRST, Face, first_face, places
from services.matching.optimum.grouping import Groups, groups, of_groups, spread
from services.matching.optimum.keeping import kept_by_all
from services.matching.optimum.lists import empty, make_all
from services.matching.optimum.lowest import highest_lowest
from services.matching.optimum.market import KEPT, Market, market
from services.matching.optimum.priority import OPEN, Blocks
from services.matching.optimum.problem import FURTHER_SEAT, NOBODY, Problem
from services.matching.optimum.sale import Effort, Sale, effort, final, finished, raised, sold
from services.matching.optimum.saved import Saved, resume

LIST_LENGTH = 64
LONG_LIST_LENGTH = 128
LONG_FROM = 3000
"""Objects from which on lists are long."""
SINGLY = 1000
"""At most one free mentee in so many is left to a search of their own at once; of more an auction is rid sooner."""
WHOLE, HALF = 1, 2
"""Prices in points and in half points: at odd prices in half points no two solutions of even worth are equal."""


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
        _close(problem.scores, face.mentee_place, face.mentor_place, 1)
        if face.undecided:
            face, by_class = _by_class(problem, face)
        if problem.previous is not None:
            face, kept = _kept(problem, face, problem.previous)
        if problem.lowest_first:
            least, lowest = highest_lowest(problem.scores, face, saved.lowest if saved else None)
            _close(problem.scores, face.mentee_place, face.mentor_place, least)
        held, total, over = _sum(problem, face, saved, effort(most))
    finally:
        _reopen(problem.scores)
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
        own = np.arange(len(face.mentor), dtype=np.int32)
        solved = _solve(partial(_sold, values, face, own, effort()), face)
        dual = face.dual(solved.market, solved.out, HALF)
        duals.append(dual)
        face = _narrow(problem.scores, face, dual, mentee_worth, mentor_worth, nobody)
    return face, tuple(duals)


def _kept(problem: Problem, face: Face, previous: Numbers) -> tuple[Face, Dual]:
    """Keep as many open proposals as possible."""
    solved = _solve(lambda worth: kept_by_all(problem.scores, face, previous, worth), face)
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
    _close_slack(scores, dual.profits - dual.scale * mentee_worth.astype(np.int32), column, previous, dual.scale)
    return narrowed


class _Solved(NamedTuple):
    held: Numbers
    """The object of each mentee, OUT, or, if it is not over, FREE."""
    market: Market
    """Its prices and profits are by object and mentee."""
    out: int
    """What staying out is worth."""
    over: bool


def _sum(problem: Problem, face: Face, saved: Saved | None, limit: Effort) -> tuple[Numbers, Dual, bool]:
    """The object of each mentee at the highest sum of scores and wish points, why, and whether the effort sufficed."""
    scores = problem.scores
    left = scores[problem.bonus[0], problem.bonus[1]] > 0
    rows, columns, points = (part[left] for part in problem.bonus)
    scores[rows, columns] += points.astype(np.int16)
    scale = HALF if face.limited else WHOLE
    if scale == HALF:
        _double(scores)
    try:
        solved = _highest_sum(scores, face, saved, limit)
        held = solved.held
        if not solved.over:
            held = completed(scores, face, held, solved.market, solved.out)
    finally:
        if scale == HALF:
            _halve(scores)
        scores[rows, columns] -= points.astype(np.int16)
    return held, face.dual(solved.market, solved.out, scale), solved.over


def _highest_sum(values: Values, face: Face, saved: Saved | None, limit: Effort) -> _Solved:
    if face.limited:
        return _solve(partial(_sold, values, face, face.mentor, limit), face)
    if saved is not None and (sale := _resumed(values, face, saved, limit)) is not None:
        return _Solved(sale.market.holds, final(sale), 0, sale.over)
    found = groups(values, face)
    if found is None:
        return _solve(partial(_sold, values, face, face.mentor, limit), face)
    return _solve_groups(values, face, found, limit)


def _solve(sold_at: Callable[[int], Sale], face: Face) -> _Solved:
    """The highest sum of the values.

    `sold_at` solves the market if staying out is worth so much. If the places limit the pairs, staying out is worth so
    much that just as many want to (Lagrange): since all values are even, an odd worth leaves no doubt about the number,
    and of two solutions on both sides of an even one, both best at that one, parts are exchanged until the number is
    right.
    """
    worth = 1 if face.limited else 0
    more = sold_at(worth)
    while more.over and face.limited and sold(more) < face.count:
        worth = 4 * worth - 1025
        more = sold_at(worth)
    less, above, before = None, 0, None
    while more.over and face.limited and sold(more) > face.count:
        over = sold(more) - face.count
        if less is not None and above == worth + 2:
            held = exchanged(less.market.holds, more.market.holds, face.capacity, face.count)
            proof = raised(more, face, worth + 1)
            return _Solved(held, final(proof), worth + 1, proof.over)
        if less is not None:
            share = over / (sold(more) - sold(less))
            at = min(max(_odd(worth + share * (above - worth)), worth + 2), above - 2)
        else:
            least = max(_worth_to_leave(more, face, over), worth + 2)
            at = least if before is None else min(max(least, _odd(worth + over * before)), _odd(4 * least - 3 * worth))
        # Of many an auction is rid sooner than a search for each.
        found = sold_at(at) if before is None and less is None else raised(more, face, at)
        if found.over and sold(found) < face.count:
            less, above = found, at
        else:
            # What is not over ends the search.
            before = (at - worth) / max(sold(more) - sold(found), 1)
            more, worth = found, at
    return _Solved(more.market.holds, final(more), worth, more.over)


def _odd(worth: float) -> int:
    return int(worth) // 2 * 2 + 1


def _solve_groups(values: Values, face: Face, found: Groups, limit: Effort) -> _Solved:
    """The same by groups of equal people, where the places do not limit the pairs."""
    sale = _finished(of_groups(values, face, found), limit)
    solved = final(sale)
    held = spread(found, solved.bidder_of, solved.holds, face.capacity)
    prices = solved._replace(prices=solved.prices[found.objects], profits=solved.profits[found.rows])
    return _Solved(held, prices, 0, sale.over)


def _worth_to_leave(sale: Sale, face: Face, count: int) -> int:
    """The least odd worth at which so many would rather stay out if prices stayed; fewer leave, as prices fall then."""
    held = (face.mentee_place == face.middle) & ~face.mentee_must & (sale.market.holds >= 0)
    profits = final(sale).profits[held]
    return _odd(float(np.partition(profits, count - 1)[count - 1]))


def _resumed(values: Values, face: Face, saved: Saved, limit: Effort) -> Sale | None:
    """None if the saved prices are too far off to be of use."""
    trade = _market(values, face, face.mentor, 0)
    free = resume(trade, face, saved, WHOLE)
    if free > len(values) // 2:
        return None
    if SINGLY * free > len(values):
        return _finished(trade, limit)
    return finished(_sale(trade, limit))


def _sold(values: Values, face: Face, column: Numbers, limit: Effort, worth: int) -> Sale:
    return _finished(_market(values, face, column, worth), limit)


def _market(values: Values, face: Face, column: Numbers, worth: int) -> Market:
    return market(values, column, capacity=face.capacity, out=face.out(worth), must_sell=face.must)


def _finished(trade: Market, limit: Effort) -> Sale:
    sale = _sale(trade, limit)
    make_all(trade.values, trade.column, trade.prices, sale.lists)
    auction(trade, sale.lists)
    settle(trade, sale.lists)
    return finished(sale)


def _sale(trade: Market, limit: Effort) -> Sale:
    objects = len(trade.column)
    length = min(LONG_LIST_LENGTH if objects >= LONG_FROM else LIST_LENGTH, objects)
    return Sale(trade, empty(len(trade.values), length), np.zeros(1, np.int32), limit)


# Closed pairs are negative numbers that remember their scores.


@compiled_in_threads
def _close(values: Values, row_place: Numbers, column_place: Numbers, lowest: int) -> None:
    """Close the pairs across blocks and below a score."""
    for i in prange(values.shape[0]):
        for j in range(values.shape[1]):
            value = values[i, j]
            if value >= 0 and (value < lowest or row_place[i] != column_place[j]):
                values[i, j] = ~value


@compiled_in_threads
def _close_slack(values: Values, row: Numbers, column: Numbers, previous: Numbers, scale: int) -> None:
    """Close the pairs whose prices exceed what they are worth: `scale` for an open proposal, else nothing."""
    for i in prange(values.shape[0]):
        for j in range(values.shape[1]):
            if values[i, j] >= 0 and row[i] + column[j] > (scale if previous[i] == j else 0):
                values[i, j] = ~values[i, j]


@compiled_in_threads
def _reopen(values: Values) -> None:
    for i in prange(values.shape[0]):
        for j in range(values.shape[1]):
            if values[i, j] < -1:
                values[i, j] = ~values[i, j]


@compiled_in_threads
def _double(values: Values) -> None:
    for i in prange(values.shape[0]):
        for j in range(values.shape[1]):
            if values[i, j] > 0:
                values[i, j] *= 2


@compiled_in_threads
def _halve(values: Values) -> None:
    for i in prange(values.shape[0]):
        for j in range(values.shape[1]):
            if values[i, j] > 0:
                values[i, j] //= 2


__all__ = ["ENDLESS", "Best", "best"]
