"""What the first two levels leave: how many pairs, who is served for certain, and who may be paired with whom.

The pairs are a matter of blocks (priority.py), put into one order that certificate.py explains.
"""

from dataclasses import dataclass, replace

import numpy as np

from services.matching.optimum.certificate import Dual, mentee_cut, mentor_cut, middle, nowhere
from services.matching.optimum.compiled import Flags, Numbers
from services.matching.optimum.graph import Graph, fill, graph, no_pairs
from services.matching.optimum.market import MUST, Market
from services.matching.optimum.priority import OPEN, Blocks, serve_mentees, serve_mentors
from services.matching.optimum.problem import FURTHER_SEAT, NOBODY, NOT_WAITING, Problem

FIRST, FURTHER, ALL = range(3)
"""What an object is: a mentor's first seat, the other ones, or all of them."""


@dataclass(frozen=True)
class Face:
    """What is left to choose from. Objects are a mentor's first seat, further seats, or all seats."""

    mentee_place: Numbers
    mentor_place: Numbers
    middle: int
    count: int
    limited: bool
    """Whether the places are what limits the number of pairs."""
    undecided: bool
    """Whether more people wait than the places may reach; then nobody in the middle must be served yet."""
    mentee_must: Flags
    mentor: Numbers
    """The mentor of each object."""
    kind: Numbers
    capacity: Numbers
    must: Flags

    @property
    def second(self) -> Numbers:
        """The other object of each mentor who has two, else NOBODY."""
        mentors = len(self.mentor_place)
        found = np.full(mentors, NOBODY, np.int32)
        found[self.mentor[mentors:]] = np.arange(mentors, len(self.mentor), dtype=np.int32)
        return found

    def out(self, worth: int) -> Numbers:
        """What staying out is worth to each mentee, if it is `worth` to who may be left out for lack of places."""
        who = np.where(self.mentee_place == self.middle, worth, 0)
        return np.where(self.mentee_must, MUST, who).astype(np.int32)

    def dual(self, solved: Market, worth: int, scale: int) -> Dual:
        """A market's prices by person."""
        mentors = len(self.mentor_place)
        first, further = np.zeros(mentors, np.int32), np.zeros(mentors, np.int32)
        for price, kind in ((first, FIRST), (further, FURTHER)):
            mine = (self.kind == kind) | (self.kind == ALL)
            price[self.mentor[mine]] = solved.prices[mine]
        # Behind the middle the seats are filled for certain, so that prices may move against profits.
        profits = solved.profits + np.where(self.mentee_place > self.middle, worth, 0).astype(np.int32)
        first, further = (
            p - np.where(self.mentor_place > self.middle, worth, 0).astype(np.int32) for p in (first, further)
        )
        return Dual(profits, first, further, worth, scale)

    def narrowed(self, dual: Dual, first_worth: Flags) -> "Face":
        """What an optimal solution at these prices has for certain, and without the seats that none of them uses."""
        of_first = dual.first[self.mentor] - dual.scale * first_worth[self.mentor]
        of_further = dual.further[self.mentor]
        price = np.where(self.kind == FURTHER, of_further, dual.first[self.mentor])
        paired = np.isin(self.mentor, self.mentor[self.kind == FIRST]) & np.isin(
            self.mentor, self.mentor[self.kind == FURTHER]
        )
        used = ~(paired & (self.kind == FURTHER) & (of_further > of_first))
        return replace(
            self,
            mentee_must=self.mentee_must | (dual.profits > dual.out),
            mentor=self.mentor[used],
            kind=self.kind[used],
            capacity=self.capacity[used],
            must=(self.must | (price > 0))[used],
        )


def first_face(problem: Problem) -> Face | None:
    """Find the most pairs and the people to serve; None if there can be no pair."""
    allowed = graph(problem.scores, 1, problem.seats)
    pairs = no_pairs(allowed)
    most = fill(allowed, pairs)
    count = min(problem.places, most)
    if count == 0:
        return None
    everybody = count == most
    further = True
    if not everybody:
        own = np.where(problem.mentor_class < FURTHER_SEAT, np.minimum(problem.seats, 1), 0).astype(np.int32)
        single = Graph(allowed.by_mentor, allowed.by_mentee, own)
        first = no_pairs(single)
        if count <= fill(single, first):
            allowed, pairs, further = single, first, False
    last_mentor = FURTHER_SEAT if everybody else NOT_WAITING if further else NOT_WAITING - 1
    last_mentee = NOT_WAITING if everybody else NOT_WAITING - 1
    by_mentor = serve_mentors(allowed, pairs, problem.mentor_class, last_mentor)
    by_mentee = serve_mentees(allowed, pairs, problem.mentee_class, last_mentee)
    served = pairs.mentor_of != NOBODY
    waiting = served & (problem.mentee_class <= last_mentee)
    first_waiting = (pairs.filled > 0) & (problem.mentor_class <= min(last_mentor, NOT_WAITING))
    undecided = not everybody and int(waiting.sum()) + int(first_waiting.sum()) > count
    if undecided:
        waiting[:] = first_waiting[:] = False
        for blocks in (*by_mentor, *by_mentee):
            blocks[:] = OPEN
    mentee_must = np.where(
        by_mentor.mentees != OPEN,
        True,
        np.where(
            by_mentee.mentees != OPEN,
            problem.mentee_class < by_mentee.mentees,
            served if everybody else waiting,
        ),
    )
    mentor_block = np.where(by_mentor.mentors != OPEN, by_mentor.mentors, -2 - by_mentee.mentors)
    # Object j is mentor j's; the further seats of those who have two objects come after all of them.
    objects: list[tuple[int, int, int, bool]] = []
    more: list[tuple[int, int, int, bool]] = []
    for mentor, (block, seats) in enumerate(zip(mentor_block.tolist(), allowed.seats.tolist(), strict=True)):
        with_tandem = problem.mentor_class[mentor] == FURTHER_SEAT
        if not seats:
            objects.append((mentor, FIRST, 0, False))
        elif block < OPEN or (block == OPEN and everybody):
            objects.append((mentor, ALL, seats, bool(pairs.filled[mentor])))
        elif with_tandem:
            objects.append((mentor, FURTHER, seats, False))
        elif block in (OPEN, FURTHER_SEAT):
            objects.append((mentor, FIRST, 1, bool(first_waiting[mentor])))
            if seats > 1:
                more.append((mentor, FURTHER, seats - 1, False))
        else:
            objects.append((mentor, FIRST, 1, bool(problem.mentor_class[mentor] < block)))
    of_object, kind, capacity, must = (np.array(part) for part in zip(*objects, *more, strict=True))
    mentee_place, mentor_place = places(problem, by_mentor, by_mentee, allowed.seats)
    return Face(
        mentee_place,
        mentor_place,
        middle(len(problem.waiting)),
        count,
        not everybody,
        undecided,
        mentee_must.astype(np.bool_),
        of_object.astype(np.int32),
        kind.astype(np.int32),
        capacity.astype(np.int32),
        must.astype(np.bool_),
    )


def places(problem: Problem, by_mentor: Blocks, by_mentee: Blocks, seats: Numbers) -> tuple[Numbers, Numbers]:
    """The place of each mentee and mentor in the order that the certificate speaks of, from their blocks.

    The mentors' blocks come first, the mentees' last.
    """
    waiting = problem.waiting
    ranks = {class_: rank for rank, class_ in enumerate([*waiting, NOT_WAITING, FURTHER_SEAT])}
    side = []
    for of_mentors, of_mentees in zip(reversed(by_mentor), reversed(by_mentee), strict=True):
        place = np.full(len(of_mentors), middle(len(waiting)), np.int32)
        for class_, rank in ranks.items():
            place[of_mentees == class_] = mentee_cut(len(waiting), rank)
            place[of_mentors == class_] = mentor_cut(len(waiting), rank)
        side.append(place)
    mentees, mentors = side
    # Who has no seat costs a cover nothing, and meets nobody.
    mentors[seats == 0] = nowhere(len(waiting))
    return mentees, mentors
