"""What a round comes to in three figures, and how many more tandems further mentors would bring."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from services.matching.assignment import as_problem, pins_of
from services.matching.optimum.compiled import Flags, Numbers, Values
from services.matching.optimum.graph import WORD, Graph, Pairs, fill, no_pairs, packed
from services.matching.optimum.levels import Best
from services.matching.optimum.problem import NOBODY, Problem
from services.matching.pair import judge
from services.matching.people import RoundInputs
from services.matching.shut import shut
from services.matching.table import ScoreTable

MORE = 3
"""Further mentors of a topic that are looked at, from one on."""


class Outcome(NamedTuple):
    """A round in figures, compared in this order. Wish points are not in them."""

    tandems: int
    lowest_score: int | None
    sum_of_scores: int

    @property
    def worth(self) -> tuple[int, int, int]:
        """What is compared: no tandem is the lowest score of all."""
        return self.tandems, self.lowest_score or 0, self.sum_of_scores


class Fixed(NamedTuple):
    """The pairs that the office fixed."""

    tandems: int
    points: int
    mentees: list[int]
    """Their rows in the table."""


@contextmanager
def problem_of(inputs: RoundInputs, table: ScoreTable) -> Iterator[tuple[Problem, Fixed]]:
    """The round as numbers, without wishes; closed pairs look like pairs of score 0, fixed ones are taken out.

    Open proposals are not held to: this is about the rules. While it is open the table's scores are changed in place.
    """
    pins = pins_of(inputs, table)
    rows = [row for row, _ in pins]
    points = sum(judge(table.mentors[column], table.mentees[row], inputs.rules).score for row, column in pins)
    problem = as_problem(inputs.model_copy(update={"previous": ()}), table, pins)
    nothing = np.zeros(0, np.int32)
    with shut(table, rows):
        yield replace(problem, bonus=(nothing, nothing, nothing)), Fixed(len(pins), points, rows)


def outcome(problem: Problem, solved: Best, fixed: Fixed) -> Outcome:
    """The figures of a solved round."""
    chosen = np.nonzero(solved.mentor_of != NOBODY)[0]
    scores = problem.scores[chosen, solved.mentor_of[chosen]]
    lowest = int(scores.min()) if len(chosen) else None
    return Outcome(fixed.tandems + len(chosen), lowest, fixed.points + int(scores.sum(dtype=np.int64)))


class Filled(NamedTuple):
    """The most pairs of a table, with room for one mentor more."""

    graph: Graph
    pairs: Pairs
    most: int


def filled(scores: Values, lowest: int, seats: Numbers) -> Filled:
    """The most pairs of at least `lowest`; `scores` of shape (mentees, mentors)."""
    bits = packed(scores, max(lowest, 1))
    # The last word is for the further mentor; the bits before it are nobody's.
    wide = np.hstack([bits, np.zeros((len(bits), 1), np.uint64)])
    mentors = WORD * bits.shape[1] + 1
    wide_seats = np.zeros(mentors, np.int32)
    wide_seats[: len(seats)] = seats
    graph = Graph(np.zeros((mentors, 1), np.uint64), wide, wide_seats)
    pairs = no_pairs(graph)
    return Filled(graph, pairs, fill(graph, pairs))


def with_more(filled: Filled, open_to: Flags, seats: int) -> tuple[int, ...]:
    """How many more pairs one, two … MORE further mentors bring, each with `seats`, for the mentees they are open to.

    Exact: nobody loses a partner while pairs are added along augmenting paths. What each seat of equal mentors adds
    never grows (a maximum flow is concave in one capacity), so the first seat that adds nothing ends it.
    """
    graph, pairs, most = filled
    graph.by_mentee[:, -1] = open_to
    own = Pairs(*(part.copy() for part in pairs))
    found: list[int] = []
    for more in range(1, MORE + 1):
        if found and found[-1] < (more - 1) * seats:
            found.append(found[-1])
            continue
        graph.seats[-1] = more * seats
        found.append(fill(graph, own) - most)
    graph.seats[-1] = 0
    return tuple(found)
