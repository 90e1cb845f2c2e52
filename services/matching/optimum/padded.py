"""A round as a table in which everybody finds a partner, if all levels so far can be kept."""

import numpy as np

from services.matching.optimum.face import Face
from services.matching.optimum.graph import WORD, Graph, packed


def padded(face: Face, mentees: int) -> Graph:
    """A table with one more mentor for the mentees who stay out and one more mentee for each seat that stays free.

    All who must can be served, with the right number of pairs, if everybody finds a partner in it. Pairs, and who may
    stay out, are to be filled in; only `by_mentee` is of use.
    """
    objects = len(face.mentor)
    staying_out, staying_free = mentees - face.count, int(face.capacity.sum()) - face.count
    wide = np.zeros((mentees + staying_free, (objects + WORD) // WORD), np.uint64)
    free = np.zeros((1, objects + 1), np.int16)
    free[0, :objects] = np.where(face.must, -1, 1)
    free[0, objects] = -1
    wide[mentees:] = packed(free, 1)
    seats = np.append(face.capacity, staying_out).astype(np.int32)
    return Graph(np.zeros((objects + 1, 1), np.uint64), wide, seats)


__all__ = ["padded"]
