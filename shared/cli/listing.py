"""Rows as a table that fits its width; what does not fit in a row stands whole in the lines below it. Pure."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from rich.cells import cell_len

GAP = "  "
INDENT = "    "

Cells = Mapping[str, str]
"""The texts of a row, by column."""


def table(rows: Sequence[Cells], width: int) -> Iterator[str]:
    """The heading, then each row; columns in which nothing stands are left out.

    Ids are never cut: commands need them whole.
    """
    columns = {column: None for row in rows for column, text in row.items() if text}
    widths = {column: max(cell_len(column), *(cell_len(row.get(column, "")) for row in rows)) for column in columns}
    beside = dict(widths)
    while len(beside) > 1 and sum(beside.values()) + len(GAP) * (len(beside) - 1) > width:
        # Of equally wide ones the last: what a row is about stands at its beginning.
        del beside[max(reversed(beside), key=beside.__getitem__)]
    below = [column for column in widths if column not in beside]
    yield from _row({column: column for column in beside}, beside, width)
    for row in rows:
        yield from _row(row, beside, width)
        yield from wrapped((f"{column}: {row[column]}" for column in below if row.get(column)), width, INDENT)


def wrapped(texts: Iterator[str] | Sequence[str], width: int, indent: str = "") -> Iterator[str]:
    """Each text in lines that fit, the further ones indented; a word stays whole where a line can hold it."""
    for text in texts:
        yield from textwrap.wrap(
            text, width, initial_indent=indent, subsequent_indent=indent + INDENT, break_on_hyphens=False
        )


def _row(row: Cells, beside: Mapping[str, int], width: int) -> Iterator[str]:
    cells = [_padded(row.get(column, ""), size) for column, size in beside.items()]
    line = GAP.join(cells).rstrip()
    if cell_len(line) <= width:
        yield line
    else:
        yield from wrapped([line], width)


def _padded(text: str, size: int) -> str:
    return text + " " * (size - cell_len(text))
