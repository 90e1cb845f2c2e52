"""Topics of made-up people: a realistic population, and the families that are hard for a solver.

A family is four tables of levels, 0 to 5, one row a person and one column a topic: what mentors are strong in and wish
to learn, what mentees are concerned with and experienced in. As far as profiles can express it: a score is a sum of
products of levels, so a shape such as "the nearer on a line, the better" is drawn with overlapping levels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.uint8]
Random = np.random.Generator


class Topics(NamedTuple):
    """Levels of all people: arrays of shape (people, topics)."""

    mentor_strengths: Levels
    mentor_concerns: Levels
    mentee_concerns: Levels
    mentee_strengths: Levels


@dataclass(frozen=True, slots=True)
class Family:
    """How a population is drawn."""

    topics: Callable[[Random, int, int], Topics]
    """(random, mentors, mentees)."""
    apart: bool = False
    """Whether mentors and mentees work at different sites, so that only topics make a score."""
    plain: bool = False
    """Whether nobody has wishes, vetoes, further seats or a place on the reserve list."""
    profiles: int | None = None
    """How many different profiles there are; None: as many as people."""


DIGITAL, EXPERIENCE = 50, 24
"""Topics of the catalogue."""
RARE = 300
LINE, REACH = 20, 9.5
"""Topics on the line, and how far from its place a person knows or wants any."""


def drawn(random: Random, people: int, topics: int, fewest: int, most: int, skew: float) -> Levels:
    """Some topics for each, levels 1 to 5: the k-th topic is wanted as 1 / (k + 3)^skew.

    Weighted sampling without replacement by Gumbel keys (Efraimidis, Spirakis 2006).
    """
    weight = -skew * np.log(np.arange(topics) + 3.0)
    keys = weight + random.gumbel(size=(people, topics))
    order = np.argsort(-keys, axis=1)
    count = random.integers(fewest, most + 1, size=(people, 1))
    levels = random.choice(np.arange(1, 6, dtype=np.uint8), size=(people, topics), p=(0.05, 0.15, 0.3, 0.3, 0.2))
    table = np.zeros((people, topics), dtype=np.uint8)
    chosen = np.arange(topics)[None, :] < count
    np.put_along_axis(table, order, np.where(chosen, np.take_along_axis(levels, order, axis=1), 0), axis=1)
    return table


def _none(people: int, topics: int) -> Levels:
    return np.zeros((people, topics), dtype=np.uint8)


def _one(people: int, topics: int, topic: NDArray[np.int64] | int, level: NDArray[np.uint8] | int) -> Levels:
    table = _none(people, topics)
    table[np.arange(people), topic] = level
    return table


def realistic(random: Random, mentors: int, mentees: int) -> Topics:
    """A few topics that many name and many that few name; both directions."""
    return Topics(
        drawn(random, mentors, DIGITAL, 3, 5, 0.8),
        drawn(random, mentors, EXPERIENCE, 1, 2, 0.6),
        drawn(random, mentees, DIGITAL, 2, 4, 0.8),
        drawn(random, mentees, EXPERIENCE, 1, 3, 0.6),
    )


def tight(random: Random, mentors: int, mentees: int) -> Topics:
    """About 3 % of the pairs allowed: special topics only."""
    return Topics(
        drawn(random, mentors, RARE, 3, 4, 0),
        _none(mentors, RARE),
        drawn(random, mentees, RARE, 3, 4, 0),
        _none(mentees, RARE),
    )


def coarse(random: Random, mentors: int, mentees: int) -> Topics:
    """Few distinct scores: one topic a person, two levels."""
    levels = np.array([2, 4], dtype=np.uint8)
    return Topics(
        _one(mentors, 4, random.integers(0, 4, mentors), random.choice(levels, mentors)),
        _none(mentors, 4),
        _one(mentees, 4, random.integers(0, 4, mentees), 5),
        _none(mentees, 4),
    )


def dominant(random: Random, mentors: int, mentees: int) -> Topics:
    """One topic that nearly all have, beside the usual ones."""
    found = realistic(random, mentors, mentees)
    for table in (found.mentor_strengths, found.mentee_concerns):
        has = random.random(len(table)) < 0.95
        table[:, 0] = np.where(has, random.integers(4, 6, len(table)), 0)
    # Who has nothing else keeps a topic.
    for table in (found.mentor_strengths, found.mentee_concerns):
        table[table.sum(axis=1) == 0, 0] = 5
    return found


def deficient(random: Random, mentors: int, mentees: int) -> Topics:
    """No full matching: a third of the mentees want what only every tenth mentor can help with."""
    scarce = random.random(mentors) < 0.1
    wanting = random.random(mentees) < 0.35
    strengths = drawn(random, mentors, DIGITAL, 2, 5, 0.8)
    concerns = drawn(random, mentees, DIGITAL, 2, 4, 0.8)
    strengths[:, 0] = np.where(scarce, 3, 0)
    strengths[strengths.sum(axis=1) == 0, 1] = 3
    concerns[wanting] = 0
    concerns[:, 0] = np.where(wanting, 5, 0)
    concerns[concerns.sum(axis=1) == 0, 1] = 3
    return Topics(strengths, _none(mentors, DIGITAL), concerns, _none(mentees, DIGITAL))


def low(random: Random, mentors: int, mentees: int) -> Topics:
    """Many at the same lowest score: two in five mentees want one topic, which everybody knows a little of."""
    wanting = random.random(mentees) < 0.4
    strengths = drawn(random, mentors, DIGITAL, 2, 5, 0.8)
    concerns = drawn(random, mentees, DIGITAL, 2, 4, 0.8)
    strengths[:, 0] = 1
    concerns[wanting] = 0
    concerns[:, 0] = np.where(wanting, 5, 1)
    return Topics(strengths, _none(mentors, DIGITAL), concerns, _none(mentees, DIGITAL))


def _on_line(at: NDArray[np.float64]) -> Levels:
    """Levels that fall from 5 at the person's place on the line of topics."""
    distance = np.abs(np.arange(LINE)[None, :] - at[:, None])
    return np.asarray(np.rint(5 * np.maximum(0, 1 - distance / REACH)), dtype=np.uint8)


def line(random: Random, mentors: int, mentees: int) -> Topics:
    """One-dimensional: the nearer two people are on a line, the higher their score."""
    return _line(random, mentors, mentees, 0.0)


def shifted(random: Random, mentors: int, mentees: int) -> Topics:
    """One-dimensional, the mentees further along the line than the mentors: all want those at its end."""
    return _line(random, mentors, mentees, 0.3)


def _line(random: Random, mentors: int, mentees: int, shift: float) -> Topics:
    last, room = LINE - 1, 1 - shift
    return Topics(
        _on_line(last * room * random.random(mentors)),
        _none(mentors, LINE),
        _on_line(last * (shift + room * random.random(mentees))),
        _none(mentees, LINE),
    )


FAMILIES = {
    "realistic": Family(realistic),
    "tight": Family(tight, apart=True),
    "coarse": Family(coarse, apart=True, plain=True),
    "dominant": Family(dominant),
    "lopsided": Family(realistic),
    "identical": Family(realistic, plain=True, profiles=200),
    "deficient": Family(deficient, apart=True),
    "low": Family(low, apart=True),
    "line": Family(line, apart=True, plain=True),
    "shifted": Family(shifted, apart=True, plain=True),
}
"""By name; what each is for stands at its function. `lopsided` is realistic with other sizes by default."""
