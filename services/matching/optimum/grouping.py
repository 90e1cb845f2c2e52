"""Equal people are solved as one: mentees with one row of scores buy together, mentors with one column sell so."""

from typing import NamedTuple

import numpy as np
from numba import prange

from services.matching.optimum.compiled import Flags, Keys, Numbers, Values, compiled_in_threads
from services.matching.optimum.face import Face
from services.matching.optimum.market import MUST, Market, market

WORTHWHILE = 0.7
"""Groups are made if they leave at most this share of the pairs."""
CHUNKS = 16


class Groups(NamedTuple):
    """Who is equal. Arrays of int32."""

    rows: Numbers
    """The group of each mentee, and the first mentee of each group."""
    first_row: Numbers
    objects: Numbers
    """The group of each object, and the first object of each group."""
    first_object: Numbers


def groups(values: Values, face: Face) -> Groups | None:
    """Groups of equal mentees and objects; None if there are too few to be of use."""
    mentees, mentors = values.shape
    by_row, by_column = _digests(values, _odd(mentors), _odd(mentees))
    rows, first_row = _numbered(by_row, face.mentee_must)
    kind = np.stack([face.kind, face.must.astype(np.int32), (face.capacity > 0).astype(np.int32)])
    objects, first_object = _numbered(by_column[face.mentor], *kind)
    if len(first_row) * len(first_object) > WORTHWHILE * mentees * len(face.mentor):
        return None
    columns = face.mentor[first_object]
    same = _same(values, first_row[rows], columns[objects], face.mentor)
    return Groups(rows, first_row, objects, first_object) if same.all() else None


def of_groups(values: Values, face: Face, found: Groups) -> Market:
    """The market where groups trade; nobody is limited by places."""
    first = found.first_object
    return market(
        np.ascontiguousarray(values[np.ix_(found.first_row, face.mentor[first])]),
        supply=np.bincount(found.rows).astype(np.int32),
        capacity=np.bincount(found.objects, weights=face.capacity).astype(np.int32),
        out=np.where(face.mentee_must[found.first_row], MUST, 0).astype(np.int32),
        must_sell=face.must[first] & (face.capacity[first] > 0),
    )


def spread(found: Groups, bidder_of: Numbers, holds: Numbers, capacity: Numbers) -> Numbers:
    """The object that each mentee holds, or nothing as its unit (market.py), from what the units of the groups hold."""
    members = np.argsort(found.rows, kind="stable")
    held = np.empty(len(found.rows), np.int32)
    order = np.argsort(found.objects, kind="stable")
    seats = np.repeat(order, capacity[order])
    start = np.searchsorted(found.objects[seats], np.arange(len(found.first_object)))
    taken = start.tolist()
    # The units of a group follow each other as its members do.
    for mentee, group in zip(members.tolist(), holds[np.argsort(bidder_of, kind="stable")].tolist(), strict=True):
        held[mentee] = group
        if group >= 0:
            held[mentee] = seats[taken[group]]
            taken[group] += 1
    return held


def _odd(count: int) -> Keys:
    """Odd numbers without a pattern: Weyl steps, mixed as in SplitMix64 (Steele, Lea, Flood 2014)."""
    x = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (x | np.uint64(1)).view(np.int64)


@compiled_in_threads
def _digests(values: Values, of_columns: Keys, of_rows: Keys) -> tuple[Keys, Keys]:
    """A number for each row and each column that equal ones share."""
    rows, columns = values.shape
    by_row = np.zeros(rows, np.int64)
    partial = np.zeros((CHUNKS, columns), np.int64)
    for chunk in prange(CHUNKS):
        for i in range(chunk, rows, CHUNKS):
            total = np.int64(0)
            for j in range(columns):
                value = np.int64(max(values[i, j], -1))
                total += value * of_columns[j]
                partial[chunk, j] += value * of_rows[i]
            by_row[i] = total
    return by_row, partial.sum(axis=0)


def _numbered(*keys: Keys | Numbers | Flags) -> tuple[Numbers, Numbers]:
    """Equal columns of keys get one number, in the order of their first; and where each is first."""
    stacked = np.stack([key.astype(np.int64) for key in keys], axis=1)
    _, first, group = np.unique(stacked, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank[group.reshape(-1)], first[order].astype(np.int32)


@compiled_in_threads
def _same(values: Values, row_of: Numbers, column_of: Numbers, columns: Numbers) -> Flags:
    """Whether each row is what its group's first one is, and each column: a digest alone proves nothing."""
    same = np.ones(len(row_of), np.bool_)
    for i in prange(len(row_of)):
        for j in range(len(columns)):
            if max(values[i, columns[j]], -1) != max(values[row_of[i], column_of[j]], -1):
                same[i] = False
                break
    return same


__all__ = ["Groups", "groups", "of_groups", "spread"]
