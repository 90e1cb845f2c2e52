"""The pairs where the search for the highest sum was ended before it was over: as nearly best as its prices know.

Its prices bound every sum (weak duality). What a solution is worth less than they allow is the slack of its pairs, so
pairs with little slack are taken first. Levels before the sum are kept as they are.
"""

import numpy as np
from numba import prange

from services.matching.optimum.compiled import Numbers, Values, compiled_in_threads
from services.matching.optimum.face import Face
from services.matching.optimum.graph import WORD, Words, fill, join, no_pairs
from services.matching.optimum.market import FREE, OUT, Market
from services.matching.optimum.padded import padded

NEVER = 1 << 30
"""More slack than any pair has."""


def completed(values: Values, face: Face, held: Numbers, prices: Market, worth: int) -> Numbers:
    """What each mentee holds, or OUT, with as little slack as is found by doubling it until everybody has a place.

    `held`: what they hold already, OUT or FREE; `prices`: of the objects, and the mentees' profits; `worth`: of
    staying out.
    """
    mentees, objects = len(values), len(face.mentor)
    table = padded(face, mentees)
    may_stay_free = table.by_mentee[mentees:].copy()
    pairs = no_pairs(table)
    for mentee in np.flatnonzero(held != FREE).tolist():
        at = objects if held[mentee] == OUT else int(held[mentee])
        if pairs.filled[at] < table.seats[at]:
            join(pairs, at, mentee)
    out = np.where(face.mentee_must, NEVER, prices.profits - face.out(worth))
    slack = 0
    while slack < NEVER:
        _within(values, face.mentor, prices.prices, prices.profits, out, slack, table.by_mentee)
        table.by_mentee[mentees:] = may_stay_free & _bits(prices.prices <= slack)
        if fill(table, pairs) == len(table.by_mentee):
            return np.where(pairs.mentor_of == objects, OUT, pairs.mentor_of)[:mentees]
        slack = max(1, 2 * slack)
    raise ArithmeticError("people who can be served were not")


def _bits(flags: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Words:
    """The flags of the objects, and one more that is not set, as a row of words."""
    words = (len(flags) + WORD) // WORD
    wide = np.zeros(words * WORD, np.bool_)
    wide[: len(flags)] = flags
    return np.packbits(wide, bitorder="little").view(np.uint64)


@compiled_in_threads
def _within(
    values: Values, mentor: Numbers, prices: Numbers, profits: Numbers, out: Numbers, slack: int, bits: Words
) -> None:
    """Set the bits of the pairs with no more slack, and of staying out as the last."""
    objects = len(mentor)
    for i in prange(values.shape[0]):
        for word in range(bits.shape[1]):
            found = np.uint64(0)
            for bit in range(min(WORD, objects - word * WORD)):
                j = word * WORD + bit
                value = values[i, mentor[j]]
                found |= np.uint64(value >= 0 and profits[i] + prices[j] - value <= slack) << np.uint64(bit)
            bits[i, word] = found
        if out[i] <= slack:
            bits[i, objects // WORD] |= np.uint64(1) << np.uint64(objects % WORD)


__all__ = ["completed"]
