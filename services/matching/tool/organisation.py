"""A made-up administration: departments, divisions, units and teams, whose posts agree with their reporting lines."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

TOP = "post-top"
"""Above all heads of department."""
DIVISIONS, UNITS, TEAMS = 4, 5, 4
"""Of a department, a division and a unit."""
LEADERS = (0.02, 0.10, 0.28, 0.60)
"""Share of the heads of department, division, unit and team among the mentees."""
LOWEST_GRADE = (17, 15, 13, 11)
"""Of these heads; three grades upwards are in use."""
MENTOR_GRADES = (5, 6, 7, 8, 9, 10, 11)
MENTOR_GRADE_SHARES = (0.08, 0.14, 0.20, 0.22, 0.18, 0.11, 0.07)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody works."""

    department: int
    unit: tuple[str, ...]
    post: str | None
    """Of a head; others have none that anybody reports to."""
    superiors: tuple[str, ...]
    grade: int


def _posts(department: int, unit: tuple[str, ...]) -> tuple[str, ...]:
    """The heads of a unit and of all that is above it, nearest first."""
    return (*(f"post-{name}" for name in reversed(unit)), f"post-D{department + 1}", TOP)


def _unit(department: int, division: int, unit: int, team: int) -> tuple[str, ...]:
    names = [f"D{department + 1}-{division + 1}"]
    names += [f"{names[0]}.{unit + 1}", f"{names[0]}.{unit + 1}.{team + 1}"]
    return tuple(names)


def _drawn(random: np.random.Generator, count: int, departments: int) -> Sequence[tuple[int, int, int, int]]:
    """Teams, by department: the first has about four times as many people as the last."""
    share = 1 / (np.arange(departments) + 4)
    department = random.choice(departments, size=count, p=share / share.sum())
    rest = (random.integers(0, most, size=count) for most in (DIVISIONS, UNITS, TEAMS))
    return list(zip(department.tolist(), *(each.tolist() for each in rest), strict=True))


def mentors(random: np.random.Generator, count: int, departments: int) -> list[Place]:
    """Members of teams."""
    grades = random.choice(MENTOR_GRADES, size=count, p=MENTOR_GRADE_SHARES).tolist()
    found = []
    for grade, (department, *rest) in zip(grades, _drawn(random, count, departments), strict=True):
        unit = _unit(department, *rest)
        found.append(Place(department, unit, None, _posts(department, unit), grade))
    return found


def mentees(random: np.random.Generator, count: int, departments: int) -> list[Place]:
    """Heads of departments, divisions, units and teams; where there is one already, their deputies."""
    depths = random.choice(len(LEADERS), size=count, p=LEADERS).tolist()
    above = random.integers(0, 3, size=count).tolist()
    found = []
    taken: set[str] = set()
    for depth, more, (department, *rest) in zip(depths, above, _drawn(random, count, departments), strict=True):
        unit = _unit(department, *rest)[:depth]
        post, *superiors = _posts(department, unit)
        free = post not in taken
        taken.add(post)
        line = superiors if free else [post, *superiors]
        found.append(
            Place(department, unit, post if free else None, tuple(line), LOWEST_GRADE[depth] + more - (not free))
        )
    return found
