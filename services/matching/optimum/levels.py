"""The best pairs of a round, level by level: most pairs, who is served, the lowest score, the sum.

Each level keeps every optimum of the levels before it. Who may be paired after the first two levels is a matter of
blocks (priority.py); the third takes away the pairs below the highest lowest score; the fourth is an auction over what
is left.
"""

from dataclasses import dataclass, field

import numpy as np
from numba import prange

from services.matching.optimum.auction import auction, settle
from services.matching.optimum.augment import NOT_FEASIBLE, augment
from services.matching.optimum.compiled import Flags, Numbers, Values, compiled_in_threads
from services.matching.optimum.exchange import exchanged
from services.matching.optimum.graph import NOBODY, Graph, fill, graph, no_pairs, packed
from services.matching.optimum.lists import empty, make_all
from services.matching.optimum.market import MUST, Market, market
from services.matching.optimum.priority import FURTHER_SEAT, NOT_WAITING, OPEN, serve_mentees, serve_mentors

LIST_LENGTH = 64
LONG_LIST_LENGTH = 128
LONG_FROM = 3000
"""Objects from which on lists are long."""


@dataclass(frozen=True)
class Problem:
    """A round as numbers. `scores`: int16, shape (mentees, mentors), 1 to 1000, -1 where a pair is not allowed."""

    scores: Values
    seats: Numbers
    """Of each mentor."""
    places: int
    mentor_class: Numbers
    """0 for who waits longest, then 1, …; NOT_WAITING for who does not."""
    mentee_class: Numbers
    bonus: tuple[Numbers, Numbers, Numbers] = field(
        default_factory=lambda: (np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int32))
    )
    """(mentee, mentor, points): counts in the sum alone."""
    lowest_first: bool = True
    """Whether the lowest score comes before the sum."""


@dataclass(frozen=True)
class Best:
    """The best pairs, and what proves it."""

    mentor_of: Numbers
    """Of each mentee, or NOBODY."""
    mentee_block: Numbers
    mentor_block: Numbers
    lowest: int
    """The lowest score of a pair; pairs below it were taken away. 0 without pairs."""
    profits: Numbers
    """Dual prices in half points: for each pair left, profit + price >= 2 · value, equal for the chosen."""
    prices: Numbers
    out: int


@dataclass(frozen=True)
class _Face:
    """Who must be served and who may, after the first two levels."""

    mentee_block: Numbers
    mentor_block: Numbers
    count: int
    bound: bool
    """Whether the places are what limits the number of pairs."""
    undecided: bool
    """Whether more people wait than the places may reach; then nobody in the open block must be served yet."""
    mentee_must: Flags
    mentor: Numbers
    """The mentor of each object: a first seat, further seats, or all seats of a mentor."""
    capacity: Numbers
    must: Flags


def best(problem: Problem) -> Best:
    """Solve a round. `scores` is changed while it works and afterwards as before."""
    face = _face(problem)
    mentees, mentors = problem.scores.shape
    if face is None:
        nobody = np.full(mentees, NOBODY, np.int32)
        none = (np.zeros(n, np.int32) for n in (mentees, mentors, mentees, mentors))
        return Best(nobody, next(none), next(none), 0, next(none), next(none), 0)
    _close(problem.scores, face.mentee_block, face.mentor_block, 1)
    if face.undecided:
        face = _decided(problem, face)
    lowest = _highest_lowest(problem.scores, face) if problem.lowest_first else 1
    _close(problem.scores, face.mentee_block, face.mentor_block, lowest)
    kept = problem.scores[problem.bonus[0], problem.bonus[1]] > 0
    rows, columns, points = (part[kept] for part in problem.bonus)
    problem.scores[rows, columns] += points.astype(np.int16)
    _double(problem.scores)
    try:
        held, solved, out = _highest_sum(problem.scores, face)
    finally:
        _reopen(problem.scores)
        problem.scores[rows, columns] -= points.astype(np.int16)
    mentor_of = np.where(held >= 0, face.mentor[np.maximum(held, 0)], NOBODY).astype(np.int32)
    chosen = np.nonzero(mentor_of >= 0)[0]
    prices = np.zeros(mentors, np.int32)
    # Of a mentor with two objects the cheaper one is what a mentee compares.
    prices[face.mentor[::-1]] = solved.prices[::-1]
    np.minimum.at(prices, face.mentor, solved.prices)
    return Best(
        mentor_of,
        face.mentee_block,
        face.mentor_block,
        int(problem.scores[chosen, mentor_of[chosen]].min()) if len(chosen) else 0,
        solved.profits,
        prices,
        out,
    )


def _face(problem: Problem) -> _Face | None:
    allowed = graph(problem.scores, 1, problem.seats)
    pairs = no_pairs(allowed)
    most = fill(allowed, pairs)
    count = min(problem.places, most)
    if count == 0:
        return None
    everybody = count == most
    further = True
    if not everybody:
        single = Graph(allowed.by_mentor, allowed.by_mentee, np.minimum(problem.seats, 1))
        first = no_pairs(single)
        if count <= fill(single, first):
            allowed, pairs, further = single, first, False
    last_mentor = FURTHER_SEAT if everybody else NOT_WAITING if further else NOT_WAITING - 1
    last_mentee = NOT_WAITING if everybody else NOT_WAITING - 1
    by_mentor = serve_mentors(allowed, pairs, problem.mentor_class, last_mentor)
    by_mentee = serve_mentees(allowed, pairs, problem.mentee_class, last_mentee)
    served = pairs.mentor_of != NOBODY
    waiting = served & (problem.mentee_class <= last_mentee)
    first_waiting = (pairs.filled > 0) & (problem.mentor_class <= last_mentor)
    undecided = not everybody and int(waiting.sum()) + int(first_waiting.sum()) > count
    if undecided:
        waiting[:] = first_waiting[:] = False
        for blocks in (*by_mentor, *by_mentee):
            blocks[:] = OPEN
    mentor_block = np.where(by_mentor.mentors != OPEN, by_mentor.mentors, _other(by_mentee.mentors))
    mentee_block = np.where(by_mentor.mentees != OPEN, by_mentor.mentees, _other(by_mentee.mentees))
    mentee_must = np.where(
        by_mentor.mentees != OPEN,
        True,
        np.where(
            by_mentee.mentees != OPEN,
            problem.mentee_class < by_mentee.mentees,
            served if everybody else waiting,
        ),
    )
    objects: list[tuple[int, int, bool]] = []
    for mentor, (block, seats) in enumerate(zip(mentor_block.tolist(), allowed.seats.tolist(), strict=True)):
        if not seats:
            continue
        if block < OPEN or (block == OPEN and everybody):
            objects.append((mentor, seats, bool(pairs.filled[mentor])))
        elif block not in (OPEN, FURTHER_SEAT):
            objects.append((mentor, 1, bool(problem.mentor_class[mentor] < block)))
        else:
            objects.append((mentor, 1, bool(first_waiting[mentor])))
            if seats > 1:
                objects.append((mentor, seats - 1, False))
    of_object, capacity, must = (np.array(part) for part in zip(*objects, strict=True))
    return _Face(
        mentee_block.astype(np.int32),
        mentor_block.astype(np.int32),
        count,
        not everybody,
        undecided,
        mentee_must.astype(np.bool_),
        of_object.astype(np.int32),
        capacity.astype(np.int32),
        must.astype(np.bool_),
    )


def _other(blocks: Numbers) -> Numbers:
    """The mentees' blocks, told apart from the mentors'."""
    return np.where(blocks == OPEN, OPEN, -2 - blocks)


def _decided(problem: Problem, face: _Face) -> _Face:
    """Serve as many as possible of each class that waits, one after the other, by the places that there are.

    With places that limit, what both sides cover is no matroid, so each class is a round of its own whose values are
    the people of that class in a pair; pairs and people are kept as complementary slackness says.
    """
    classes = np.unique(np.concatenate([problem.mentor_class, problem.mentee_class]))
    waiting = classes[classes < NOT_WAITING].tolist()
    mentor_class = problem.mentor_class[face.mentor]
    # A first seat is what ends the waiting.
    mentor_class = np.where(np.diff(face.mentor, prepend=-1) == 0, FURTHER_SEAT, mentor_class)
    first_seats = (np.zeros(len(face.mentee_must), np.bool_), mentor_class != FURTHER_SEAT)
    of_classes = [(problem.mentee_class == class_, mentor_class == class_) for class_ in waiting]
    for mentees, mentors in [first_seats, *of_classes] if FURTHER_SEAT in mentor_class else of_classes:
        worth = 2 * (mentees[:, None] + mentors[None, :].astype(np.int16))
        open_ = problem.scores[:, face.mentor] > 0
        values = np.where(open_, worth, -1).astype(np.int16)
        own = _Face(**{**vars(face), "mentor": np.arange(len(face.mentor), dtype=np.int32)})
        _, solved, out = _highest_sum(values, own)
        slack = solved.profits[:, None] + solved.prices[None, :] > values
        shut = np.zeros_like(open_)
        shut[:] = open_ & slack
        # ... a pair is shut when each of its seats is.
        closed = np.ones(problem.scores.shape, np.bool_)
        for at, mentor in enumerate(face.mentor.tolist()):
            closed[:, mentor] &= shut[:, at] | ~open_[:, at]
        problem.scores[closed & (problem.scores > 0)] = ~problem.scores[closed & (problem.scores > 0)]
        base = np.where(face.mentee_block == OPEN, out, 0)
        face = _Face(
            **{
                **vars(face),
                "mentee_must": face.mentee_must | (solved.profits > base),
                "must": face.must | (solved.prices > 0),
            }
        )
    return face


@compiled_in_threads
def _close(values: Values, row_block: Numbers, column_block: Numbers, lowest: int) -> None:
    """Turn the pairs across blocks and below a score into negative numbers that remember them."""
    for i in prange(values.shape[0]):
        for j in range(values.shape[1]):
            value = values[i, j]
            if value >= 0 and (value < lowest or row_block[i] != column_block[j]):
                values[i, j] = ~value


@compiled_in_threads
def _double(values: Values) -> None:
    for i in prange(values.shape[0]):
        for j in range(values.shape[1]):
            if values[i, j] > 0:
                values[i, j] *= 2


@compiled_in_threads
def _reopen(values: Values) -> None:
    """Undo `_double` and `_close`."""
    for i in prange(values.shape[0]):
        for j in range(values.shape[1]):
            if values[i, j] > 0:
                values[i, j] //= 2
            elif values[i, j] < -1:
                values[i, j] = ~values[i, j]


def _highest_lowest(values: Values, face: _Face) -> int:
    """The highest score that all pairs can have at least."""
    best_of_mentee = values[face.mentee_must].max(axis=1, initial=0)
    bound = int(best_of_mentee.min(initial=int(values.max(initial=0))))
    if _possible(values, face, bound):
        return bound
    low, high = 1, bound
    while high - low > 1:
        middle = (low + high) // 2
        if _possible(values, face, middle):
            low = middle
        else:
            high = middle
    return low


def _possible(values: Values, face: _Face, lowest: int) -> bool:
    """Whether all who must can be served, with the right number of pairs, by pairs of at least this score.

    In a table with one more mentor for the mentees who stay out and one more mentee for each seat that stays free, that
    is whether everybody finds a partner.
    """
    mentees, objects = len(values), len(face.mentor)
    total = int(face.capacity.sum())
    staying_out, staying_free = mentees - face.count, total - face.count
    bits = packed(np.ascontiguousarray(values) if len(face.mentor) == values.shape[1] else values, lowest)
    wide = np.zeros((mentees + staying_free, (objects + 64) // 64), np.uint64)
    if np.array_equal(face.mentor, np.arange(values.shape[1])):
        wide[:mentees, : bits.shape[1]] = bits
    else:
        wide[:mentees] = packed(_columns(values, face.mentor), lowest)[:, : wide.shape[1]]
    word, place = objects // 64, np.uint64(1) << np.uint64(objects % 64)
    wide[:mentees, word] |= np.where(face.mentee_must, np.uint64(0), place)
    free = np.zeros((1, objects + 1), np.int16)
    free[0, :objects] = np.where(face.must, -1, 1)
    free[0, objects] = -1
    wide[mentees:] = packed(free, 1)
    seats = np.append(face.capacity, staying_out).astype(np.int32)
    padded = Graph(np.zeros((objects + 1, 1), np.uint64), wide, seats)
    return fill(padded, no_pairs(padded)) == len(wide)


def _columns(values: Values, mentor: Numbers) -> Values:
    wider = np.full((len(values), len(mentor) + 1), -1, np.int16)
    wider[:, :-1] = values[:, mentor]
    return wider


def _highest_sum(values: Values, face: _Face) -> tuple[Numbers, Market, int]:
    """What each mentee holds at the highest sum of the (doubled) values, the prices, and what staying out is worth.

    If the places limit the pairs, staying out is worth so much that just as many want to (Lagrange): since all values
    are even, an odd worth leaves no doubt about the number, and of two solutions on both sides of an even one, both
    best at that one, parts are exchanged until the number is right.
    """
    if not face.bound:
        solved = _solved(values, face, 0)
        return solved.holds, solved, 0
    worth, step = 1, 1 << 10
    more, fewer = None, None
    while more is None or fewer is None or fewer[0] - more[0] > 2:
        solved = _solved(values, face, worth)
        pairs = int((solved.holds >= 0).sum())
        if pairs == face.count:
            return solved.holds, solved, worth
        if pairs > face.count:
            more = (worth, solved.holds)
        else:
            fewer = (worth, solved.holds)
        if more is None or fewer is None:
            worth += step if fewer is None else -step
            step *= 2
        else:
            worth = (more[0] + fewer[0]) // 4 * 2 + 1
    worth = more[0] + 1
    return exchanged(fewer[1], more[1], face.capacity, face.count), _solved(values, face, worth), worth


def _solved(values: Values, face: _Face, out: int) -> Market:
    worth = np.where(face.mentee_must, MUST, np.where(face.mentee_block == OPEN, out, 0)).astype(np.int32)
    sale = market(values, face.mentor, capacity=face.capacity, out=worth, must_sell=face.must)
    lists = empty(
        len(values), min(LONG_LIST_LENGTH if len(face.mentor) >= LONG_FROM else LIST_LENGTH, len(face.mentor))
    )
    make_all(values, sale.column, sale.prices, lists)
    auction(sale, lists)
    settle(sale, lists)
    base = np.zeros(1, np.int32)
    if augment(sale, lists, base) == NOT_FEASIBLE:
        raise ArithmeticError("people who can be served were not")
    return sale._replace(prices=sale.prices + base[0], profits=sale.profits - base[0])
