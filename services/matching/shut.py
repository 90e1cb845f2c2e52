"""How a veto stays secret: what solves, explains or compares rounds reads a closed pair as a pair of score 0 (P1)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from services.matching.table import ScoreTable


@contextmanager
def shut(table: ScoreTable, pinned: Sequence[int] = ()) -> Iterator[None]:
    """The table without the pairs that a veto or an earlier no closed, and without the mentees (rows) who are pinned.

    In place, as a city's table is large: when it is over, the scores are as before.
    """
    rows = list(pinned)
    closed = table.scores[table.closed]
    table.scores[table.closed] = -1
    of_pinned = table.scores[rows]
    table.scores[rows] = -1
    try:
        yield
    finally:
        table.scores[rows] = of_pinned
        table.scores[table.closed] = closed
