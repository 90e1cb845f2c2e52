"""Made-up people as a round's table, and the table in a folder, so that each measurement finds the same numbers."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment import as_problem
from services.matching.optimum.compiled import Numbers
from services.matching.optimum.problem import FURTHER_SEAT, NOBODY, NOT_WAITING, Problem
from services.matching.people import RoundInputs
from services.matching.table import score_table
from services.matching.tool.reading import Given, people_of
from services.matching.tool.sample import population, written

SEED = 7


class Made(NamedTuple):
    """A round and what it took."""

    problem: Problem
    reading: float
    """Seconds from JSON to people."""
    scoring: float
    """Seconds from people to the table."""


def made(family: str, mentors: int, mentees: int) -> Made:
    """The round of a made-up population, through the same code as `tandem match`."""
    content = "".join(written(population(mentors, mentees, SEED, family))).encode()
    begun = time.perf_counter()
    listed = people_of(Given("sample", content))
    read = time.perf_counter()
    inputs = RoundInputs(people=listed.people, places=len(listed.people), seed="1")
    table = score_table(inputs)
    scored = time.perf_counter()
    table.scores[table.closed] = -1
    return Made(as_problem(inputs, table, ()), read - begun, scored - read)


def keep(problem: Problem, folder: Path) -> None:
    """Put a round into a folder."""
    np.save(folder / "scores.npy", problem.scores)
    np.savez(
        folder / "rest.npz",
        places=problem.places,
        seats=problem.seats,
        mentor_class=problem.mentor_class,
        mentee_class=problem.mentee_class,
        bonus=np.stack(problem.bonus),
    )


def kept(folder: Path) -> Problem:
    """The round of a folder, as its population has it: seats, wishes, and who waits."""
    with np.load(folder / "rest.npz") as rest:
        first, second, third = rest["bonus"]
        return Problem(
            scores=np.load(folder / "scores.npy"),
            seats=rest["seats"],
            places=int(rest["places"]),
            mentor_class=rest["mentor_class"],
            mentee_class=rest["mentee_class"],
            bonus=(first, second, third),
        )


def plain(scores: NDArray[np.int16], *, lowest_first: bool) -> Problem:
    """The same table as other solvers see it: one seat each, nobody waits, no wishes."""
    mentees, mentors = scores.shape
    return Problem(
        scores=scores,
        seats=np.ones(mentors, np.int32),
        places=mentees + mentors,
        mentor_class=np.full(mentors, NOT_WAITING, np.int32),
        mentee_class=np.full(mentees, NOT_WAITING, np.int32),
        lowest_first=lowest_first,
    )


def gone(problem: Problem, *, mentor: int | None = None, mentee: int | None = None) -> Callable[[], None]:
    """Take one person out of a round; call what comes back to undo it."""
    at = (slice(None), mentor) if mentee is None else mentee
    before = problem.scores[at].copy()
    problem.scores[at] = -1
    side = problem.mentor_class if mentee is None else problem.mentee_class
    place = mentor if mentee is None else mentee
    assert place is not None
    class_ = side[place]
    side[place] = FURTHER_SEAT if mentee is None else NOT_WAITING

    def back() -> None:
        problem.scores[at] = before
        side[place] = class_

    return back


def changed(before: Numbers, after: Numbers) -> tuple[int, int]:
    """Pairs given up and new pairs, each array the mentor of each mentee; someone whose mentor changes is in both."""
    other = before != after
    return int((other & (before != NOBODY)).sum()), int((other & (after != NOBODY)).sum())
