"""The highest score that all pairs can have at least, by bisection with Hopcroft and Karp's search."""

from typing import NamedTuple

import numpy as np

from services.matching.optimum.certificate import Dual
from services.matching.optimum.compiled import Flags, Numbers, Values, compiled
from services.matching.optimum.face import FURTHER, Face
from services.matching.optimum.graph import (
    WORD,
    Graph,
    Pairs,
    all_bits,
    fill,
    fill_up_to,
    join,
    lowest_bit,
    no_pairs,
    pack,
    part,
)
from services.matching.optimum.padded import padded
from services.matching.optimum.problem import NOBODY


def highest_lowest(values: Values, face: Face, guess: int | None = None) -> tuple[int, Dual]:
    """The score, and prices that say why it cannot be one more; values below 0 are closed.

    `guess`: what is looked at first.
    """
    best_of_mentee = values.max(axis=1, initial=0)
    bound = int(best_of_mentee[face.mentee_must].min(initial=int(best_of_mentee.max(initial=0))))
    table = padded(face, len(values))
    # What is known to be possible, and the least that is known not to be, with why; what was possible is begun with.
    pairs, shortage, low, high = no_pairs(table), None, 0, bound + 1
    # The bound is often reached, and 1 always.
    for lowest in (1, bound) if guess is None else (guess, guess + 1):
        if not low < lowest < high:
            continue
        found = _filled(values, face, table, pairs, lowest)
        if found.short is None:
            pairs, low = found.pairs, lowest
        else:
            shortage, high = found.short, lowest
    while high - low > 1 or shortage is None:
        middle = (low + high) // 2 if high - low > 1 else high
        found = _filled(values, face, table, pairs, middle)
        if found.short is None:
            pairs, low = found.pairs, middle
        else:
            shortage, high = found.short, middle
    return low, _as_dual(face, values, *shortage)


class _Found(NamedTuple):
    pairs: Pairs
    short: tuple[Flags, Flags] | None
    """Rows and columns that those without a partner reach; None if everybody has one."""


def _filled(values: Values, face: Face, table: Graph, before: Pairs, lowest: int) -> _Found:
    """As many pairs as there can be of at least this score, beginning with those of before that have it."""
    mentees, objects = len(values), len(face.mentor)
    pack(values, face.mentor, lowest, table.by_mentee)
    pairs = Pairs(*(part.copy() for part in before))
    _drop(values, face.mentor, lowest, pairs)
    rows = len(table.by_mentee)
    real = np.arange(rows) < mentees
    may_stay_out = real.copy()
    may_stay_out[:mentees] = ~face.mentee_must
    # Who must be served first, then as many as there are to be: then what stays out and stays free finds room at once.
    _park(pairs, objects, may_stay_out | ~real, rows)
    fill(table, pairs)
    _empty(pairs, objects)
    _park(pairs, objects, ~real, rows)
    fill_up_to(table, pairs, rows - mentees + face.count)
    _empty(pairs, objects)
    _park(pairs, objects, may_stay_out, int(table.seats[objects]))
    word, place = objects // WORD, np.uint64(1) << np.uint64(objects % WORD)
    table.by_mentee[:mentees, word] |= np.where(face.mentee_must, np.uint64(0), place)
    if fill(table, pairs) == len(table.by_mentee):
        return _Found(pairs, None)
    return _Found(pairs, _reached(table, pairs))


def _as_dual(face: Face, values: Values, rows: Flags, columns: Flags) -> Dual:
    """That some have too few to share (Hall 1935), as prices: who was not reached, and whom the reached can take."""
    mentees, objects = len(values), len(face.mentor)
    spare = 0 if rows[mentees:].any() else 1
    out = int(columns[objects])
    profits = np.where(rows[:mentees], 1 - spare, 2 - spare).astype(np.int32)
    prices = np.where(columns[:objects], spare, spare - 1).astype(np.int32)
    first, further = np.zeros(values.shape[1], np.int32), np.zeros(values.shape[1], np.int32)
    for price, other in ((first, FURTHER), (further, 0)):
        mine = face.kind != other
        price[face.mentor[mine]] = prices[mine]
    return Dual(profits, first, further, 2 - out - spare)


@compiled
def _drop(values: Values, mentor: Numbers, lowest: int, pairs: Pairs) -> None:
    """Undo the pairs below a score, and those of nobody real."""
    for row in range(len(pairs.mentor_of)):
        j = pairs.mentor_of[row]
        if j != NOBODY and (row >= len(values) or j == len(mentor) or values[row, mentor[j]] < lowest):
            part(pairs, row)


@compiled
def _park(pairs: Pairs, column: int, rows: Flags, most: int) -> None:
    """Put rows without a partner into a column, up to so many."""
    for row in range(len(rows)):
        if rows[row] and pairs.mentor_of[row] == NOBODY and pairs.filled[column] < most:
            join(pairs, column, row)


@compiled
def _empty(pairs: Pairs, column: int) -> None:
    while pairs.first_of[column] != NOBODY:
        part(pairs, pairs.first_of[column])


@compiled
def _reached(graph: Graph, pairs: Pairs) -> tuple[Flags, Flags]:
    """Rows and columns that a row without a partner reaches by ways of exchange."""
    rows = np.zeros(len(graph.by_mentee), np.bool_)
    columns = np.zeros(len(graph.seats), np.bool_)
    queue = np.empty(len(rows), np.int32)
    size = 0
    for row in range(len(rows)):
        if pairs.mentor_of[row] == NOBODY:
            rows[row] = True
            queue[size] = row
            size += 1
    fresh = all_bits(len(columns))
    start = 0
    while start < size:
        row = queue[start]
        start += 1
        for word in range(len(fresh)):
            found = graph.by_mentee[row, word] & fresh[word]
            fresh[word] &= ~found
            while found:
                column = word * WORD + lowest_bit(found)
                found &= found - np.uint64(1)
                columns[column] = True
                holder = pairs.first_of[column]
                while holder != NOBODY:
                    if not rows[holder]:
                        rows[holder] = True
                        queue[size] = holder
                        size += 1
                    holder = pairs.next_of[holder]
    return rows, columns


__all__ = ["highest_lowest"]
