"""Every allowed pair's score as CSV, written a mentor at a time.

A pair that is vetoed or forbidden is left out, as one of score 0 is: no line tells the two apart (P1).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.matching.table import ScoreTable
from shared.runtime.wrong_use import WrongUseError

HEADER = b"mentor,mentee,score\n"
PADDING = b"\0"
HIGHEST = 1000


def write_scores(path: Path, table: ScoreTable) -> int:
    """Write `mentor,mentee,score` lines in the order of the ids; how many. Raises WrongUseError."""
    count = 0
    try:
        with path.open("wb", buffering=1 << 20) as file:
            file.write(HEADER)
            for lines, pairs in _blocks(table):
                file.write(lines)
                count += pairs
    except OSError as error:
        raise WrongUseError(f"{path} cannot be written ({error.strerror}); check the path") from None
    return count


def _blocks(table: ScoreTable) -> Iterator[tuple[bytes, int]]:
    """The lines of each mentor, built as one block of bytes of equal width from which the padding is then dropped."""
    row_order = _by_id([person.id for person in table.mentees])
    mentees = _padded([f"{table.mentees[row].id}," for row in row_order.tolist()])
    scores = _padded([f"{score}\n" for score in range(HIGHEST + 1)])
    closed: dict[int, list[int]] = {}
    for row, column in zip(*(each.tolist() for each in table.closed), strict=True):
        closed.setdefault(column, []).append(row)
    for column in _by_id([person.id for person in table.mentors]).tolist():
        values = table.scores[:, column].copy()
        values[closed.get(column, [])] = -1
        values = values[row_order]
        [allowed] = np.nonzero(values > 0)
        mentor = _padded([f"{table.mentors[column].id},"])
        cells = (np.broadcast_to(mentor, (len(allowed), mentor.shape[1])), mentees[allowed], scores[values[allowed]])
        yield np.hstack(cells).tobytes().translate(None, PADDING), len(allowed)


def _by_id(ids: Sequence[str]) -> NDArray[np.int64]:
    return np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)


def _padded(texts: Sequence[str]) -> NDArray[np.uint8]:
    """Texts as rows of bytes of equal width."""
    encoded = [text.encode() for text in texts]
    width = max(map(len, encoded), default=0)
    return np.frombuffer(b"".join(text.ljust(width, PADDING) for text in encoded), np.uint8).reshape(-1, width or 1)
