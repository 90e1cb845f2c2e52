"""The heat map of a round: every mentee with every mentor, by department, and the chosen pairs in it.

A pair that is vetoed or forbidden looks as one of score 0 does: not allowed (P1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from services.matching.people import Pair, Person
from services.matching.shut import shut
from services.matching.table import ScoreTable
from services.matching.tool.page.picture import Colour, data_uri, png

Places = NDArray[np.int64]
Pixels = NDArray[np.uint8]

SIDE = 512
"""Pixels of the picture's longer side."""
LEVELS = 6
SMALL = 12
"""People of a side up to whom the scores are written as numbers."""
MARK = LEVELS + 1
MANY = 4000
"""Chosen pairs from which on the smallest dots are used."""
PALETTE: tuple[Colour, ...] = (
    (128, 128, 128, 72),
    *((37, 99, 235, opaque) for opaque in (30, 72, 115, 160, 207, 255)),
    (224, 82, 6, 255),
)
"""Not allowed, the levels, a chosen pair: see-through, so that light and dark pages show the same picture."""


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbours of one department on an axis."""

    name: str
    first: float
    """Where it begins, as a share of the axis."""
    share: float


@dataclass(frozen=True, slots=True)
class Cell:
    """A pair of a small map."""

    score: int
    """0 where the pair is not allowed."""
    level: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Heat:
    """A heat map, and what it shows in figures. Rows are mentees, columns mentors."""

    pairs: int
    allowed: int
    lowest: int
    """Of the allowed scores; 0 where there is none."""
    highest: int
    step: int
    """Points of a level: the first is 1 to step."""
    best: int
    """Mentees who meet the mentor with whom they have their highest score."""
    mentees: tuple[Person, ...]
    mentors: tuple[Person, ...]
    cells: tuple[tuple[Cell, ...], ...]
    """Of a small map; else there is a picture."""
    picture: str
    """As a data URI."""
    block: int
    """Pairs that a point of the picture stands for, at most; it shows the mean of those that are allowed."""
    rows: tuple[Group, ...]
    columns: tuple[Group, ...]


def heat(table: ScoreTable, pairs: Sequence[Pair]) -> Heat:
    """The map of a round's table, people in the order of department, grade and id. Leaves the table as it was."""
    rows, columns = _order(table.mentees), _order(table.mentors)
    mentees, mentors = ([side[at] for at in order] for side, order in ((table.mentees, rows), (table.mentors, columns)))
    with shut(table):
        allowed, lowest, highest = _range(table)
        step = max(1, -(-highest // LEVELS))
        # Round steps read better, where the scores are wide enough for them.
        step = -(-step // 10) * 10 if step > 10 else step
        chosen = _chosen(mentees, mentors, pairs)
        top = dict(zip((p.id for p in table.mentees), table.scores.max(axis=1, initial=-1).tolist(), strict=True))
        cells: tuple[tuple[Cell, ...], ...] = ()
        picture, block = "", 1
        if max(len(mentees), len(mentors)) <= SMALL:
            cells = _cells(table.scores[np.ix_(rows, columns)], chosen, step)
        elif table.scores.size:
            levels, block = _blocks(table, rows, columns, step)
            picture = data_uri(png(_drawn(levels, chosen, table.scores.shape), PALETTE))
    return Heat(
        pairs=table.scores.size,
        allowed=allowed,
        lowest=lowest,
        highest=highest,
        step=step,
        best=sum(not pair.pinned and pair.score >= top[pair.mentee] for pair in pairs),
        mentees=tuple(mentees),
        mentors=tuple(mentors),
        cells=cells,
        picture=picture,
        block=block,
        rows=_groups(mentees),
        columns=_groups(mentors),
    )


def level_of(score: int, step: int) -> int:
    """The level of an allowed score, 1 to LEVELS; 0 of a pair that is not allowed."""
    return min(LEVELS, -(-max(score, 0) // step))


def _order(people: Sequence[Person]) -> Places:
    def key(at: int) -> tuple[str, int, str]:
        return people[at].profile.department, people[at].profile.grade, people[at].id

    return np.array(sorted(range(len(people)), key=key), np.int64)


def _range(table: ScoreTable) -> tuple[int, int, int]:
    """How many pairs are allowed, their lowest and their highest score; a row at a time, as tables are large."""
    count, lowest, highest = 0, 0, 0
    for row in table.scores:
        fine = row[row > 0]
        if fine.size:
            count += fine.size
            lowest = min(lowest or int(fine.min()), int(fine.min()))
            highest = max(highest, int(fine.max()))
    return count, lowest, highest


def _chosen(mentees: Iterable[Person], mentors: Iterable[Person], pairs: Iterable[Pair]) -> list[tuple[int, int]]:
    row, column = ({p.id: at for at, p in enumerate(side)} for side in (mentees, mentors))
    return [(row[pair.mentee], column[pair.mentor]) for pair in pairs]


def _cells(scores: NDArray[np.int16], chosen: Iterable[tuple[int, int]], step: int) -> tuple[tuple[Cell, ...], ...]:
    found = set(chosen)
    return tuple(
        tuple(Cell(max(score, 0), level_of(score, step), (row, column) in found) for column, score in enumerate(values))
        for row, values in enumerate(scores.tolist())
    )


def _blocks(table: ScoreTable, rows: Places, columns: Places, step: int) -> tuple[Pixels, int]:
    """The level of each block of neighbours, and how many pairs a block has."""
    height, width = -(-len(rows) // SIDE), -(-len(columns) // SIDE)
    starts = np.arange(0, len(columns), width)
    found = np.zeros((-(-len(rows) // height), len(starts)), np.uint8)
    for at, first in enumerate(range(0, len(rows), height)):
        scores = table.scores[rows[first : first + height]][:, columns]
        fine = scores > 0
        count = np.add.reduceat(fine.sum(axis=0), starts)
        points = np.add.reduceat(np.where(fine, scores, 0).sum(axis=0, dtype=np.int64), starts)
        level = -(-points // np.maximum(count * step, 1))
        found[at] = np.where(count > 0, np.clip(level, 1, LEVELS), 0)
    return found, height * width


def _drawn(levels: Pixels, chosen: Sequence[tuple[int, int]], shape: tuple[int, ...]) -> Pixels:
    """The pixels: each block a rectangle, each chosen pair a dot in the middle of where it lies."""
    cell = [max(1, SIDE // count) for count in levels.shape]
    pixels = levels.repeat(cell[0], axis=0).repeat(cell[1], axis=1)
    # Small enough to leave most of the scores in view, large enough to be seen.
    least = 2 if len(chosen) <= MANY else 1
    size = [max(least, each * 3 // 4) for each in cell]
    for pair in chosen:
        middle = ((at + 0.5) * most / count for at, most, count in zip(pair, pixels.shape, shape, strict=True))
        down, across = (max(0, round(at - each / 2)) for at, each in zip(middle, size, strict=True))
        pixels[down : down + size[0], across : across + size[1]] = MARK
    return pixels


def _groups(people: Sequence[Person]) -> tuple[Group, ...]:
    found = []
    first = 0
    for name, members in groupby(people, key=lambda person: person.profile.department):
        count = len(list(members))
        found.append(Group(name, first / len(people), count / len(people)))
        first += count
    return tuple(found)
