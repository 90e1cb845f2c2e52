"""The one pass over all pairs of a round that a proof needs: none may break an order of blocks, or a level's prices."""

from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from services.matching.optimum.compiled import compiled_in_threads
from services.matching.optimum.problem import NOBODY, Problem

Longs = NDArray[np.int64]

CLASS, KEPT, LOWEST, SUM = range(4)
"""What a pair is worth in a level: nothing by itself, one if it was an open proposal, one above a score, its points."""
CHUNK = 64
"""Rows that a thread looks at in one go."""


class Level(NamedTuple):
    """One test of each pair: `row` + `column` is at least what the pair is worth; equal, or it leaves the face."""

    kind: int
    row: Longs
    column: Longs
    scale: int


class Broken(NamedTuple):
    """What some pair breaks."""

    blocks: bool
    prices: tuple[bool, ...]
    """Of each level."""


def broken_by_a_pair(problem: Problem, blocks: list[Longs], levels: list[Level], lowest: int) -> Broken:
    """Look at every pair. `blocks`: of mentees and of mentors; `lowest`: the lowest score of the pairs to prove."""
    mentees, mentors = problem.scores.shape
    previous = np.full(mentees, NOBODY, np.int32) if problem.previous is None else problem.previous
    order = np.argsort(problem.bonus[0], kind="stable")
    wishes = tuple(part[order].astype(np.int64) for part in problem.bonus)
    starts = np.searchsorted(wishes[0], np.arange(mentees + 1))
    mentee_place, mentor_place = blocks
    blocks_broken, *prices_broken = _faults(
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
    return Broken(bool(blocks_broken), tuple(map(bool, prices_broken)))


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


__all__ = ["CLASS", "KEPT", "LOWEST", "SUM", "Broken", "Level", "broken_by_a_pair"]
