"""Compiles all that is compiled, by tiny rounds of each kind: `python -m services.matching.optimum.warm`.

For images and for set-up, so that nobody waits for the compiler later.
"""

from dataclasses import replace

import numpy as np

from services.matching.optimum.auction import settle
from services.matching.optimum.augment import approach, wanting
from services.matching.optimum.levels import best
from services.matching.optimum.lists import empty, make_all
from services.matching.optimum.market import market
from services.matching.optimum.problem import FURTHER_SEAT, NOBODY, NOT_WAITING, Problem
from services.matching.optimum.saved import Saved
from services.matching.optimum.verify import verify
from services.matching.people import Person, RoundInputs
from services.matching.table import score_table
from shared.contracts.parts import Profile, Side, TopicLevel, WorkingTime

PEOPLE = 8
"""On either side."""


def warm() -> None:
    """Score a round, solve and check rounds that use every level and every way to be limited."""
    sides: tuple[Side, ...] = ("mentor", "mentee")
    score_table(RoundInputs(people=tuple(_person(side, i) for side in sides for i in range(3)), places=3, seed=""))
    for places in (PEOPLE, 2):
        for previous in (None, np.where(np.arange(PEOPLE) == 1, 0, NOBODY).astype(np.int32)):
            problem = _problem(places, previous)
            solved = best(problem)
            verify(problem, solved.mentor_of, solved.certificate)
            best(problem, most=-1)
            if solved.certificate.sum is not None:
                best(problem, Saved(solved.mentor_of, 1, solved.certificate.sum))
    best(replace(_problem(PEOPLE, None), scores=np.full((PEOPLE, PEOPLE), 5, np.int16)))
    _search(_problem(PEOPLE, None))


def _search(problem: Problem) -> None:
    """What only large rounds reach: a search for all who are free at once."""
    trade = market(problem.scores)
    lists, ground = empty(PEOPLE, PEOPLE), np.zeros(1, np.int32)
    make_all(trade.values, trade.column, trade.prices, lists)
    settle(trade, lists)
    wanting(trade, ground[0])
    approach(trade, lists, ground, np.zeros(1, np.int64))


def _problem(places: int, previous: np.ndarray[tuple[int], np.dtype[np.int32]] | None) -> Problem:
    mentee, mentor = np.arange(PEOPLE)[:, None], np.arange(PEOPLE)[None, :]
    scores = 1 + (mentee * 37 + mentor * 11 + mentee * mentor * 5) % 100
    waiting = [0, 1, 0, 1, *[NOT_WAITING] * (PEOPLE - 5), FURTHER_SEAT]
    return Problem(
        # The last mentees find partners among few, so that not all do.
        scores=np.where((mentor < 2) | (mentee + mentor < PEOPLE), scores, -1).astype(np.int16),
        seats=np.array([1, 2] * (PEOPLE // 2), np.int32),
        places=places,
        mentor_class=np.array(waiting, np.int32),
        mentee_class=np.array([NOT_WAITING, *waiting[:-1]], np.int32),
        bonus=(np.array([0], np.int32), np.array([1], np.int32), np.array([5], np.int32)),
        previous=previous,
    )


def _person(side: Side, number: int) -> Person:
    return Person(
        id=f"{side}-{number}",
        role=side,
        profile=Profile(
            department=f"{side}-{number % 2}",
            unit=(),
            site="",
            grade=9 if side == "mentor" else 15,
            languages=("de",),
            working_times=(WorkingTime(weekday=number, start=540, end=960), WorkingTime(weekday=4, start=540, end=960)),
            strengths=(TopicLevel(topic_id="a", level=3),),
            concerns=(TopicLevel(topic_id="a", level=number + 1),),
        ),
        position=f"post-{side}-{number}",
    )


if __name__ == "__main__":
    warm()
