"""The highest score that all pairs can have at least, by bisection with Hopcroft and Karp's search."""

import numpy as np

from services.matching.optimum.certificate import Dual
from services.matching.optimum.compiled import Flags, Values, compiled
from services.matching.optimum.face import FURTHER, Face
from services.matching.optimum.graph import WORD, Graph, Pairs, all_bits, fill, lowest_bit, no_pairs, pack, packed
from services.matching.optimum.problem import NOBODY


def highest_lowest(values: Values, face: Face) -> tuple[int, Dual]:
    """The score, and prices that say why it cannot be one more; values below 0 are closed."""
    best_of_mentee = values.max(axis=1, initial=0)
    bound = int(best_of_mentee[face.mentee_must].min(initial=int(best_of_mentee.max(initial=0))))
    # What is known to be possible, and the least that is known not to be, with why.
    low, shortage = 1, _shortage(values, face, bound)
    high = bound
    if shortage is None:
        low, high = bound, bound + 1
        shortage = _shortage(values, face, high)
    while high - low > 1:
        middle = (low + high) // 2
        found = _shortage(values, face, middle)
        if found is None:
            low = middle
        else:
            high, shortage = middle, found
    if shortage is None:
        raise ArithmeticError("every score is possible")
    return low, shortage


def _shortage(values: Values, face: Face, lowest: int) -> Dual | None:
    """Why not all who must can be served, with the right number of pairs, by pairs of at least this score.

    In a table with one more mentor for the mentees who stay out and one more mentee for each seat that stays free, that
    is whether everybody finds a partner; if not, some have too few to share (Hall 1935). None if they can.
    """
    mentees, objects = len(values), len(face.mentor)
    total = int(face.capacity.sum())
    staying_out, staying_free = mentees - face.count, total - face.count
    wide = np.zeros((mentees + staying_free, (objects + WORD) // WORD), np.uint64)
    pack(values, face.mentor, lowest, wide)
    word, place = objects // WORD, np.uint64(1) << np.uint64(objects % WORD)
    wide[:mentees, word] |= np.where(face.mentee_must, np.uint64(0), place)
    free = np.zeros((1, objects + 1), np.int16)
    free[0, :objects] = np.where(face.must, -1, 1)
    free[0, objects] = -1
    wide[mentees:] = packed(free, 1)
    seats = np.append(face.capacity, staying_out).astype(np.int32)
    padded = Graph(np.zeros((objects + 1, 1), np.uint64), wide, seats)
    pairs = no_pairs(padded)
    if fill(padded, pairs) == len(wide):
        return None
    rows, columns = _reached(padded, pairs)
    # The cover (König 1931): who was not reached, and whom the reached can take; then as prices.
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
