"""The scores of a whole round as one table: what pair.py says of one pair, said of every pair (S4, S7).

table_people.py makes numbers of the people, table_rows.py the rows of the numbers.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from services.matching.optimum.compiled import Numbers, Values
from services.matching.pair import site_points, wishes_of
from services.matching.people import Person, RoundInputs
from services.matching.table_people import as_numbers
from services.matching.table_rows import Limits, fill

ANY_DISTANCE = -1000
"""Below every distance between two grades."""


@dataclass(frozen=True)
class ScoreTable:
    """Every pair of a round. Rows are mentees, columns mentors, both in the order of the round's seed."""

    mentors: tuple[Person, ...]
    mentees: tuple[Person, ...]
    scores: Values
    """Shape (mentees, mentors): the published score, 1 to 1000, where the hard rules allow the pair, else -1."""
    closed: tuple[Numbers, Numbers]
    """(rows, columns), sorted, of the pairs that a veto or an earlier no closes, allowed or not; secret."""
    wishes: tuple[Numbers, Numbers, Numbers]
    """(rows, columns, points), sorted, of the pairs with wish points, allowed or not; secret."""


def score_table(inputs: RoundInputs) -> ScoreTable:
    """Score every mentee with every mentor of a round; the same to the byte with any number of threads.

    Beside the table it takes two bytes for each person and topic, and else what is linear in the people.
    """
    mentees, mentors, rules = inputs.side("mentee"), inputs.side("mentor"), inputs.rules
    scores = np.empty((len(mentees), len(mentors)), np.int16)
    if scores.size:
        rows, columns, kinds, apart = as_numbers(mentees, mentors, rules)
        limits = Limits(
            rules.minimum_score,
            rules.seniority_distance or ANY_DISTANCE,
            rules.shared_language,
            rules.common_minutes,
            site_points(rules),
        )
        order = np.argsort(rows.kind, kind="stable")
        fill(scores, order, rows, columns, kinds, apart, limits)
    row, column = ({p.id: place for place, p in enumerate(side)} for side in (mentees, mentors))
    closed = _closed(inputs, row, column)
    wishes = _wishes(inputs, row, column)
    return ScoreTable(
        mentors,
        mentees,
        scores,
        _pairs(closed, len(mentors)),
        (*_pairs(wishes, len(mentors)), np.array([wishes[key] for key in sorted(wishes)], np.int32)),
    )


def _closed(inputs: RoundInputs, row: dict[str, int], column: dict[str, int]) -> set[int]:
    pairs = [(p.id, v) if p.role == "mentor" else (v, p.id) for p in inputs.people for v in p.vetoes]
    return {
        row[mentee] * len(column) + column[mentor]
        for mentor, mentee in (*inputs.barred, *pairs)
        if mentor in column and mentee in row
    }


def _wishes(inputs: RoundInputs, row: dict[str, int], column: dict[str, int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for person in inputs.people:
        for other, points in wishes_of(person).items():
            mentor, mentee = (person.id, other) if person.role == "mentor" else (other, person.id)
            if mentor in column and mentee in row:
                key = row[mentee] * len(column) + column[mentor]
                found[key] = found.get(key, 0) + points
    return found


def _pairs(keys: Iterable[int], mentors: int) -> tuple[Numbers, Numbers]:
    """Rows and columns of row · mentors + column, sorted."""
    rows, columns = np.divmod(np.array(sorted(keys), np.int64), max(mentors, 1))
    return rows.astype(np.int32), columns.astype(np.int32)
