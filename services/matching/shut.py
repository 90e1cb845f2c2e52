"""How a veto stays secret: what explains or compares rounds reads a closed pair as a pair of score 0 (P1)."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.matching.optimum.compiled import Values
from services.matching.table import ScoreTable


@contextmanager
def shut(table: ScoreTable) -> Iterator[Values]:
    """The table's scores without the pairs that a veto or an earlier no closed.

    In place, as a city's table is large: when it is over, the scores are as before.
    """
    kept = table.scores[table.closed]
    table.scores[table.closed] = -1
    try:
        yield table.scores
    finally:
        table.scores[table.closed] = kept
