"""Spreadsheets as rows of texts: CSV (comma, semicolon or tab; UTF-8 or Windows-1252) and XLSX. Knows no columns."""

import csv
import datetime as dt
import io
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from shared.runtime.wrong_use import WrongUseError

ZIP = b"PK\x03\x04"
"""How an XLSX file begins."""
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
DELIMITERS = (";", ",", "\t")
LARGEST_CELL = 1 << 20
"""Characters; a cell beyond it is a quotation mark that nobody closed."""


class Row(NamedTuple):
    """One row below the header; of the columns that are filled, the text."""

    number: int
    """As the program shows it, from 1."""
    cells: Mapping[int, str]


class Sheet(NamedTuple):
    """The first sheet that holds anything."""

    header: Sequence[str]
    rows: Sequence[Row]


def read_sheet(content: bytes, name: str) -> Sheet:
    """The rows of a spreadsheet; empty ones are left out. Raises WrongUseError."""
    if content.startswith(OLD_EXCEL):
        raise WrongUseError(f"{name} is of an old Excel; save it as XLSX or CSV")
    lines = _workbook(content, name) if content.startswith(ZIP) else _separated(_decoded(content), name)
    filled = (Row(number, {at: cell for at, cell in enumerate(cells) if cell}) for number, cells in lines)
    rows = [row for row in filled if row.cells]
    if not rows:
        raise WrongUseError(f"{name} holds nothing; put the names of the columns into the first row")
    first, *rest = rows
    return Sheet([first.cells.get(at, "") for at in range(max(first.cells) + 1)], rest)


def _decoded(content: bytes) -> str:
    """UTF-8, else what Excel writes on a German Windows."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _separated(text: str, name: str) -> Iterator[tuple[int, Sequence[str]]]:
    header = text.lstrip().partition("\n")[0]
    delimiter = max(DELIMITERS, key=header.count)
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 1
    try:
        for cells in reader:
            yield number, [cell.strip() for cell in cells]
            # A cell may hold several lines.
            number = reader.line_num + 1
    except csv.Error as error:
        raise WrongUseError(
            f"{name}, line {number}: it is no CSV from here on ({error}); check quotation marks"
        ) from None


def _workbook(content: bytes, name: str) -> Iterator[tuple[int, Sequence[str]]]:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            # What it does not understand of a file's looks does not matter here.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            rows = book.worksheets[0].iter_rows(values_only=True)
            found = [(number, [_text(cell) for cell in row]) for number, row in enumerate(rows, 1)]
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError, SyntaxError) as error:
        raise WrongUseError(f"{name} is no XLSX that can be read ({type(error).__name__}); save it anew") from None
    return iter(found)


def _text(cell: object) -> str:
    """A cell as somebody reads it: whole numbers without a point, days as in a calendar."""
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
