"""Who may be paired with whom, a bit a pair, and the most pairs of it (Hopcroft, Karp 1973, on words of 64 bits)."""

from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from services.matching.optimum.compiled import Numbers, Values, compiled, compiled_in_threads
from services.matching.optimum.problem import NOBODY

Words = NDArray[np.uint64]

WORD = 64


class Graph(NamedTuple):
    """The allowed pairs, seen from both sides. A mentor has `seats`, a mentee one place."""

    by_mentor: Words
    """Shape (mentors, words of mentees)."""
    by_mentee: Words
    """Shape (mentees, words of mentors)."""
    seats: Numbers


class Pairs(NamedTuple):
    """A matching. Arrays of int32."""

    mentor_of: Numbers
    """Of each mentee, or NOBODY."""
    first_of: Numbers
    """A mentee of each mentor, or NOBODY; further ones by `next_of`."""
    next_of: Numbers
    filled: Numbers
    """Seats of each mentor that are taken."""


def graph(values: Values, lowest: int, seats: Numbers) -> Graph:
    """The pairs whose value, shape (mentees, mentors), is at least `lowest` (and not negative)."""
    by_mentee = packed(values, max(lowest, 0))
    return Graph(transposed(by_mentee, values.shape[1]), by_mentee, seats)


def no_pairs(graph: Graph) -> Pairs:
    """The empty matching."""
    mentors, mentees = len(graph.by_mentor), len(graph.by_mentee)
    return Pairs(
        np.full(mentees, NOBODY, np.int32),
        np.full(mentors, NOBODY, np.int32),
        np.full(mentees, NOBODY, np.int32),
        np.zeros(mentors, np.int32),
    )


def packed(values: Values, lowest: int) -> Words:
    """Bits of the entries of at least `lowest`, a row a row."""
    rows, columns = values.shape
    bits = np.zeros((rows, (columns + WORD - 1) // WORD), np.uint64)
    pack(values, np.arange(columns, dtype=np.int32), lowest, bits)
    return bits


@compiled_in_threads
def pack(values: Values, columns: Numbers, lowest: int, bits: Words) -> None:
    """Set the bits of the entries of at least `lowest`; bit j is that of the j-th of `columns`."""
    plain = 0
    while plain < len(columns) and columns[plain] == plain:
        plain += 1
    for i in prange(values.shape[0]):
        for word in range((len(columns) + WORD - 1) // WORD):
            found = np.uint64(0)
            start = word * WORD
            if start + WORD <= plain:
                for bit in range(WORD):
                    found |= np.uint64(values[i, start + bit] >= lowest) << np.uint64(bit)
            else:
                for bit in range(min(WORD, len(columns) - start)):
                    found |= np.uint64(values[i, columns[start + bit]] >= lowest) << np.uint64(bit)
            bits[i, word] = found


@compiled_in_threads
def transposed(bits: Words, columns: int) -> Words:
    """The same bits, a row a column."""
    rows, words = bits.shape
    turned = np.zeros((columns, (rows + WORD - 1) // WORD), np.uint64)
    for word in prange(words):
        for i in range(rows):
            found = bits[i, word]
            place = np.uint64(1) << np.uint64(i % WORD)
            while found:
                turned[word * WORD + lowest_bit(found), i // WORD] |= place
                found &= found - np.uint64(1)
    return turned


@compiled
def lowest_bit(word: np.uint64) -> int:
    """The place of the lowest bit of a word that has one."""
    one = word & (~word + np.uint64(1))
    place = 0
    if one & np.uint64(0xFFFFFFFF00000000):
        place += 32
    if one & np.uint64(0xFFFF0000FFFF0000):
        place += 16
    if one & np.uint64(0xFF00FF00FF00FF00):
        place += 8
    if one & np.uint64(0xF0F0F0F0F0F0F0F0):
        place += 4
    if one & np.uint64(0xCCCCCCCCCCCCCCCC):
        place += 2
    if one & np.uint64(0xAAAAAAAAAAAAAAAA):
        place += 1
    return place


@compiled
def all_bits(count: int) -> Words:
    """Bits for `count` people."""
    bits = np.zeros((count + WORD - 1) // WORD, np.uint64)
    for i in range(count):
        bits[i // WORD] |= np.uint64(1) << np.uint64(i % WORD)
    return bits


@compiled
def clear(bits: Words, i: int) -> None:
    """Take one person out."""
    bits[i // WORD] &= ~(np.uint64(1) << np.uint64(i % WORD))


@compiled
def join(pairs: Pairs, mentor: int, mentee: int) -> None:
    """Make a pair of a mentee without one and a mentor with a free seat."""
    pairs.mentor_of[mentee] = mentor
    pairs.next_of[mentee] = pairs.first_of[mentor]
    pairs.first_of[mentor] = mentee
    pairs.filled[mentor] += 1


@compiled
def part(pairs: Pairs, mentee: int) -> None:
    """Undo a mentee's pair."""
    mentor = pairs.mentor_of[mentee]
    pairs.mentor_of[mentee] = NOBODY
    pairs.filled[mentor] -= 1
    before = pairs.first_of[mentor]
    if before == mentee:
        pairs.first_of[mentor] = pairs.next_of[mentee]
        return
    while pairs.next_of[before] != mentee:
        before = pairs.next_of[before]
    pairs.next_of[before] = pairs.next_of[mentee]


def fill(graph: Graph, pairs: Pairs) -> int:
    """Add pairs until there is no more room for one; nobody who has a partner loses it. Returns their number."""
    return fill_up_to(graph, pairs, len(graph.by_mentee))


@compiled
def fill_up_to(graph: Graph, pairs: Pairs, most: int) -> int:
    """The same, but only until there are so many."""
    total = _greedily(graph, pairs, most)
    while total < most:
        gained = _phase(graph, pairs, most - total)
        if gained == 0:
            break
        total += gained
    return total


@compiled
def _greedily(graph: Graph, pairs: Pairs, most: int) -> int:
    total = 0
    for mentee in range(len(graph.by_mentee)):
        total += pairs.mentor_of[mentee] != NOBODY
    spare = all_bits(len(graph.by_mentor))
    for mentor in range(len(graph.by_mentor)):
        if pairs.filled[mentor] >= graph.seats[mentor]:
            clear(spare, mentor)
    for mentee in range(len(graph.by_mentee)):
        if pairs.mentor_of[mentee] != NOBODY or total >= most:
            continue
        for word in range(len(spare)):
            found = graph.by_mentee[mentee, word] & spare[word]
            if found:
                mentor = word * WORD + lowest_bit(found)
                join(pairs, mentor, mentee)
                if pairs.filled[mentor] >= graph.seats[mentor]:
                    clear(spare, mentor)
                total += 1
                break
    return total


@compiled
def _phase(graph: Graph, pairs: Pairs, most: int) -> int:
    """All mentees without a partner look at once: mentors by layers, then disjoint shortest ways through them."""
    mentors, mentees = len(graph.by_mentor), len(graph.by_mentee)
    words = graph.by_mentee.shape[1]
    fresh = all_bits(mentors)
    for mentor in range(mentors):
        if graph.seats[mentor] == 0:
            clear(fresh, mentor)
    queue = np.empty(mentees, np.int32)
    layers = [np.zeros(words, np.uint64)]
    size, reached = 0, False
    for mentee in range(mentees):
        if pairs.mentor_of[mentee] == NOBODY:
            queue[size] = mentee
            size += 1
    start, free = 0, size
    while start < size and not reached:
        layer = np.zeros(words, np.uint64)
        end = size
        for at in range(start, end):
            mentee = queue[at]
            for word in range(words):
                found = graph.by_mentee[mentee, word] & fresh[word]
                if found:
                    layer[word] |= found
                    fresh[word] &= ~found
                    while found:
                        mentor = word * WORD + lowest_bit(found)
                        found &= found - np.uint64(1)
                        if pairs.filled[mentor] < graph.seats[mentor]:
                            reached = True
                        holder = pairs.first_of[mentor]
                        while holder != NOBODY:
                            queue[size] = holder
                            size += 1
                            holder = pairs.next_of[holder]
        layers.append(layer)
        start = end
    if not reached:
        return 0
    gained = 0
    path = np.empty(len(layers) + 1, np.int32)
    seen = np.empty(len(layers) + 1, np.int64)
    for at in range(free):
        if gained < most and _descend(graph, pairs, layers, queue[at], path, seen):
            gained += 1
    return gained


@compiled
def _descend(
    graph: Graph, pairs: Pairs, layers: list[Words], mentee: int, path: Numbers, seen: NDArray[np.int64]
) -> bool:
    """Look for a way from one mentee down the layers; what is looked at is taken out of them."""
    depth = 0
    path[0] = mentee
    seen[0] = 0
    last = len(layers) - 1
    while depth >= 0:
        below = depth + 1
        at = path[depth]
        mentor = NOBODY
        if below <= last:
            layer = layers[below]
            for word in range(seen[depth], len(layer)):
                found = graph.by_mentee[at, word] & layer[word]
                if found:
                    mentor = word * WORD + lowest_bit(found)
                    seen[depth] = word
                    break
        if mentor == NOBODY:
            # Another mentee of the same mentor may know a way.
            path[depth] = pairs.next_of[at] if depth > 0 else NOBODY
            seen[depth] = 0
            if path[depth] == NOBODY:
                depth -= 1
            continue
        clear(layers[below], mentor)
        if pairs.filled[mentor] < graph.seats[mentor]:
            # Everybody on the way moves on to the mentor of the next.
            for step in range(depth, -1, -1):
                mover = path[step]
                before = pairs.mentor_of[mover]
                if before != NOBODY:
                    part(pairs, mover)
                join(pairs, mentor, mover)
                mentor = before
            return True
        path[below] = pairs.first_of[mentor]
        seen[below] = 0
        depth = below
    return False
