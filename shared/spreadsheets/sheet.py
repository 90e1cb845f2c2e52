"""Spreadsheets as rows of texts, CSV or XLSX; of several sheets, or ways to read one, that which has headings.

Knows no columns: who reads says how many headings a row of cells holds.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from shared.runtime.wrong_use import WrongUseError
from shared.spreadsheets.cells import words
from shared.spreadsheets.kinds import ZIP, other_kind
from shared.spreadsheets.rows import Lines, Row, Sheet, Table
from shared.spreadsheets.separated import is_no_text, separated
from shared.spreadsheets.workbook import workbook

NOTES_SHEET, LISTS_SHEET = "Hinweise - notes", "Listen - lists"
"""What the template has beside the people."""
LOOKED_AT = 50
"""Of so many first rows one may hold the headings."""
MOST_ROWS = 200_000
"""Filled rows of a sheet; beyond it the memory would be large, and no spreadsheet of people is."""
FEWEST = 2
"""Headings that make a sheet one of people."""


def read_sheet(content: bytes, name: str, headed: Callable[[Sequence[Row]], int]) -> Sheet:
    """The rows of the table that has headings; empty ones are left out.

    `headed`: how many headings the first rows hold. Raises WrongUseError.
    """
    if other := other_kind(content, name):
        raise WrongUseError(other)
    others: list[str] = []
    if content.startswith(ZIP):
        tables = workbook(content, name)
        table = _the_one(tables, name, headed)
        others = [each.title for each in tables if each is not table and _is_told(each)]
    elif is_no_text(content):
        raise WrongUseError(words("no-spreadsheet", name=name))
    else:
        table = max(separated(content, name), key=lambda each: headed(_beginning(each.lines)))
    rows: list[Row] = []
    for row in _filled(table.lines()):
        if len(rows) == MOST_ROWS:
            raise WrongUseError(words("too-many-rows", name=name, most=MOST_ROWS))
        rows.append(row)
    if not rows:
        raise WrongUseError(words("file-empty", name=name))
    return Sheet(table.title, rows, others, table.delimiter)


def _the_one(tables: Sequence[Table], name: str, headed: Callable[[Sequence[Row]], int]) -> Table:
    """The sheet with headings, else the first that holds something. Raises WrongUseError where there are several."""
    found = [table for table in tables if headed(_beginning(table.lines)) >= FEWEST]
    if len(found) > 1:
        titles = ", ".join(table.title for table in found)
        raise WrongUseError(words("several-sheets", name=name, sheets=titles))
    return found[0] if found else next((table for table in tables if _beginning(table.lines)), tables[0])


def _is_told(table: Table) -> bool:
    """Whether a sheet holds something, other than what the template has for who fills it in."""
    return table.title not in (NOTES_SHEET, LISTS_SHEET) and bool(_beginning(table.lines))


def _beginning(lines: Lines) -> list[Row]:
    """The first rows; where they cannot be read to the end, those before."""
    rows: list[Row] = []
    try:
        for row in islice(_filled(lines()), LOOKED_AT):
            rows.append(row)  # noqa: PERF402 - what was read before an error stays
    except WrongUseError:
        pass
    return rows


def _filled(lines: Iterable[tuple[int, Sequence[str]]]) -> Iterator[Row]:
    """The rows that say something."""
    for number, cells in lines:
        if found := {at: cell for at, cell in enumerate(cells) if cell}:
            yield Row(number, found)
