"""Who is served when not all can be: by classes, the lowest first, at no cost in pairs.

The sets of people of one side that matchings can cover are the independent sets of a matroid, so exchanges in the order
of the classes serve as many as possible of the first class, then of the second and so on, and no order within a class
can matter (Edmonds, Fulkerson 1965). What one side covers does not limit the other (Mendelsohn, Dulmage 1958).

A search that finds nobody to change places with closes a block: everybody whom it reached meets only within it in every
matching that is as good. The blocks refine the decomposition of Dulmage and Mendelsohn (1958) by classes.
"""

from typing import NamedTuple

import numpy as np

from services.matching.optimum.compiled import Numbers, compiled
from services.matching.optimum.graph import WORD, Graph, Pairs, all_bits, join, lowest_bit, part
from services.matching.optimum.problem import FURTHER_SEAT, NOBODY

OPEN = -1
"""In no block."""


class Blocks(NamedTuple):
    """The block of each person on either side: a class, or OPEN."""

    mentors: Numbers
    mentees: Numbers


@compiled
def serve_mentees(graph: Graph, pairs: Pairs, classes: Numbers, last: int) -> Blocks:
    """Exchange mentees with a partner for mentees of an earlier class without; expects a largest matching.

    `last`: the last class that counts; who comes after it closes no block.
    """
    mentors, mentees = len(graph.by_mentor), len(graph.by_mentee)
    blocks = Blocks(np.full(mentors, OPEN, np.int32), np.full(mentees, OPEN, np.int32))
    fresh = all_bits(mentors)
    reached_from = np.empty(mentors, np.int32)
    reached = np.empty(mentors, np.int32)
    queue = np.empty(mentees + 1, np.int32)
    class_ = _next(classes, -1)
    while class_ <= last:
        for free in range(mentees):
            if classes[free] != class_ or pairs.mentor_of[free] != NOBODY:
                continue
            size, count, loser = 1, 0, NOBODY
            queue[0] = free
            start = 0
            while start < size and loser == NOBODY:
                mentee = queue[start]
                start += 1
                for word in range(len(fresh)):
                    found = graph.by_mentee[mentee, word] & fresh[word]
                    fresh[word] &= ~found
                    while found and loser == NOBODY:
                        mentor = word * WORD + lowest_bit(found)
                        found &= found - np.uint64(1)
                        reached_from[mentor] = mentee
                        reached[count] = mentor
                        count += 1
                        holder = pairs.first_of[mentor]
                        while holder != NOBODY:
                            if classes[holder] > class_:
                                loser = holder
                                break
                            queue[size] = holder
                            size += 1
                            holder = pairs.next_of[holder]
                    if loser != NOBODY:
                        # What this word still had was not looked at.
                        fresh[word] |= found
                        break
            if loser == NOBODY:
                blocks.mentees[free] = class_
                for at in range(count):
                    blocks.mentors[reached[at]] = class_
                    holder = pairs.first_of[reached[at]]
                    while holder != NOBODY:
                        blocks.mentees[holder] = class_
                        holder = pairs.next_of[holder]
                continue
            for at in range(count):
                fresh[reached[at] // WORD] |= np.uint64(1) << np.uint64(reached[at] % WORD)
            mentor = pairs.mentor_of[loser]
            part(pairs, loser)
            while True:
                mover = reached_from[mentor]
                before = pairs.mentor_of[mover]
                if before != NOBODY:
                    part(pairs, mover)
                join(pairs, mentor, mover)
                if mover == free:
                    break
                mentor = before
        class_ = _next(classes, class_)
    return blocks


@compiled
def serve_mentors(graph: Graph, pairs: Pairs, classes: Numbers, last: int) -> Blocks:
    """The same for mentors: a first mentee comes before anybody's second one.

    With `last` at FURTHER_SEAT, mentors with seats to spare close a block of that class too.
    """
    mentors, mentees = len(graph.by_mentor), len(graph.by_mentee)
    blocks = Blocks(np.full(mentors, OPEN, np.int32), np.full(mentees, OPEN, np.int32))
    fresh = all_bits(mentees)
    reached_from = np.empty(mentees, np.int32)
    reached = np.empty(mentees, np.int32)
    queue = np.empty(mentors + 1, np.int32)
    queued = np.zeros(mentors, np.bool_)
    queued_for = np.empty(mentors, np.int32)
    class_ = _next(classes, -1)
    while class_ <= last:
        for free in range(mentors):
            if class_ == FURTHER_SEAT:
                spare = pairs.filled[free] < graph.seats[free]
                if not spare or queued[free] or (pairs.filled[free] == 0 and classes[free] != FURTHER_SEAT):
                    continue
            elif classes[free] != class_ or pairs.filled[free] > 0 or graph.seats[free] == 0:
                continue
            size, count, last_mentee = 1, 0, NOBODY
            queue[0] = free
            queued[free] = True
            start = 0
            while start < size and last_mentee == NOBODY:
                mentor = queue[start]
                start += 1
                for word in range(len(fresh)):
                    found = graph.by_mentor[mentor, word] & fresh[word]
                    fresh[word] &= ~found
                    while found and last_mentee == NOBODY:
                        mentee = word * WORD + lowest_bit(found)
                        found &= found - np.uint64(1)
                        reached_from[mentee] = mentor
                        reached[count] = mentee
                        count += 1
                        other = pairs.mentor_of[mentee]
                        if class_ != FURTHER_SEAT and (pairs.filled[other] > 1 or classes[other] > class_):
                            last_mentee = mentee
                        elif not queued[other]:
                            queued[other] = True
                            queued_for[other] = mentee
                            queue[size] = other
                            size += 1
                    if last_mentee != NOBODY:
                        fresh[word] |= found
                        break
            if last_mentee == NOBODY:
                for at in range(size):
                    blocks.mentors[queue[at]] = class_
                for at in range(count):
                    blocks.mentees[reached[at]] = class_
                continue
            for at in range(count):
                fresh[reached[at] // WORD] |= np.uint64(1) << np.uint64(reached[at] % WORD)
            for at in range(size):
                queued[queue[at]] = False
            mentee = last_mentee
            while True:
                mentor = reached_from[mentee]
                part(pairs, mentee)
                join(pairs, mentor, mentee)
                if mentor == free:
                    break
                mentee = queued_for[mentor]
        class_ = _next(classes, class_)
    return blocks


@compiled
def _next(classes: Numbers, after: int) -> int:
    """The lowest class above one; FURTHER_SEAT is there even if nobody is of it, and ends it."""
    found = FURTHER_SEAT if after < FURTHER_SEAT else FURTHER_SEAT + 1
    for class_ in classes:
        if after < class_ < found:
            found = class_
    return found


__all__ = ["OPEN", "Blocks", "serve_mentees", "serve_mentors"]
