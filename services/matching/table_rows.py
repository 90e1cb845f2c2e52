"""The rows of the score table, compiled: one mentee with every mentor, in integers only.

A row belongs to one thread and hangs on nothing but its mentee and the mentors, so threads change nothing.
"""

from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from services.matching.optimum.compiled import Flags, Keys, Numbers, Values, compiled, compiled_in_threads

DAY = 1440
SHIFT = 40
"""⌊n · x / d⌋ = n · ⌈x · 2⁴⁰ / d⌉ >> 40 as long as n · d < 2⁴⁰ and the product < 2⁶³ (Granlund, Montgomery 1994).

By the contract of a profile n is at most 500 (20 concerns · 5 · 5), d at most 300 · 500, the quotient at most 1000.
"""
CHUNKS = 64
"""Pieces of work for the threads."""


class People(NamedTuple):
    """One side of a round as numbers. Arrays of int32 by person unless said otherwise."""

    grade: Numbers
    site: Numbers
    kind: Numbers
    """Row of `Kinds`."""
    silent: Flags
    """Who names no concern."""
    scale: Keys
    """int64, shape (2, people): points of one reached point, times 2**SHIFT; [1] where the other side is silent."""
    strengths: NDArray[np.int8]
    """Levels of the topics that concern the other side; shape of mentees (people, topics), of mentors turned."""
    concerns: NDArray[np.int8]
    """Importance of the topics in which the other side is strong; the same shapes."""


class Kinds(NamedTuple):
    """What languages and working weeks there are among all: few, so that they are compared once and not by pair."""

    languages: NDArray[np.uint64]
    """A bit a language, shape (kinds, words)."""
    first: Numbers
    """The first span of each kind, and the end."""
    start: Numbers
    """Of each span, in minutes of the week; spans of a kind are in order, apart and within one day."""
    end: Numbers


class Apart(NamedTuple):
    """Keys (a department, a post above …) that keep a mentee and a mentor apart if both have one in common."""

    first: Numbers
    """The first key of each mentee, and the end."""
    key: Numbers
    first_mentor: Numbers
    """The first mentor of each key, and the end."""
    mentor: Numbers


class Limits(NamedTuple):
    """The rules that are numbers."""

    minimum_score: int
    seniority_distance: int
    shared_language: bool
    common_minutes: int
    site_points: int


@compiled_in_threads
def fill(
    scores: Values, order: Keys, mentees: People, mentors: People, kinds: Kinds, apart: Apart, limits: Limits
) -> None:
    """Write `scores`, shape (mentees, mentors), in this order of rows: rows of one kind should follow each other."""
    rows, columns = scores.shape
    size = (rows + CHUNKS - 1) // CHUNKS
    for chunk in prange(CHUNKS):
        meets = np.empty(columns, np.bool_)
        reached = np.empty(columns, np.int16)
        learned = np.empty(columns, np.int16)
        kind = -1
        for at in range(chunk * size, min(rows, chunk * size + size)):
            i = order[at]
            if mentees.kind[i] != kind:
                kind = mentees.kind[i]
                _who_meets(kind, mentors.kind, kinds, limits, meets)
            _reach(mentees.concerns[i], mentors.strengths, reached)
            _reach(mentees.strengths[i], mentors.concerns, learned)
            _row(scores[i], i, mentees, mentors, reached, learned, meets, limits)
            for key in apart.key[apart.first[i] : apart.first[i + 1]]:
                for j in apart.mentor[apart.first_mentor[key] : apart.first_mentor[key + 1]]:
                    scores[i, j] = -1


@compiled
def _row(
    scores: Values,
    i: int,
    mentees: People,
    mentors: People,
    reached: Values,
    learned: Values,
    meets: Flags,
    limits: Limits,
) -> None:
    scale, scale_silent = mentees.scale[0, i], mentees.scale[1, i]
    learning = mentors.scale[int(mentees.silent[i])]
    site, highest = mentees.site[i], mentees.grade[i] - limits.seniority_distance
    for j in range(len(scores)):
        score = (reached[j] * (scale_silent if mentors.silent[j] else scale)) >> SHIFT
        score += (learned[j] * learning[j]) >> SHIFT
        score += limits.site_points if mentors.site[j] == site else 0
        allowed = meets[j] & (mentors.grade[j] <= highest) & (score >= limits.minimum_score)
        scores[j] = score if allowed else -1


@compiled
def _reach(wanted: NDArray[np.int8], offered: NDArray[np.int8], reached: Values) -> None:
    """Σ over the topics: wanted · offered, of shape (topics, people)."""
    reached[:] = 0
    for topic in range(len(wanted)):
        if wanted[topic]:
            weight = np.int16(wanted[topic])
            for j in range(len(reached)):
                reached[j] += weight * offered[topic, j]


@compiled
def _who_meets(kind: int, others: Numbers, kinds: Kinds, limits: Limits, meets: Flags) -> None:
    """Which people, by their kinds, share a language and enough time with a kind."""
    count = len(kinds.languages)
    with_kind = np.empty(count, np.bool_)
    for other in range(count):
        talks = not limits.shared_language
        for word in range(kinds.languages.shape[1]):
            talks |= (kinds.languages[kind, word] & kinds.languages[other, word]) != 0
        with_kind[other] = talks and _common_time(kind, other, kinds, limits.common_minutes)
    for j in range(len(others)):
        meets[j] = with_kind[others[j]]


@compiled
def _common_time(one: int, other: int, kinds: Kinds, minutes: int) -> bool:
    """Whether two kinds work at the same time for so long on one day, by going through both weeks at once."""
    a, b = kinds.first[one], kinds.first[other]
    common, day = 0, -1
    while common < minutes:
        if a == kinds.first[one + 1] or b == kinds.first[other + 1]:
            return False
        start, end = max(kinds.start[a], kinds.start[b]), min(kinds.end[a], kinds.end[b])
        if start < end:
            if start // DAY != day:
                common, day = 0, start // DAY
            common += end - start
        if kinds.end[a] == end:
            a += 1
        else:
            b += 1
    return True
