"""Spreadsheets as rows of texts: CSV (comma, semicolon or tab; UTF-8, UTF-16 or Windows-1252) and XLSX.

Knows no columns.
"""

import codecs
import csv
import datetime as dt
import io
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from shared.runtime.wrong_use import WrongUseError

ZIP = b"PK\x03\x04"
"""How an XLSX file begins."""
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
"""How a file of an old Excel begins, and one with a password."""
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""How what Excel calls Unicode text begins."""
PDF = b"%PDF-"
STEERING = re.compile(rb"[\x00-\x08\x0e-\x1f]")
"""Bytes that no text holds."""
LOOKED_AT, MOST_STEERING = 4096, 0.02
"""Of so many first bytes, the share of them that a text with a slip in it may have."""
DELIMITERS = (";", ",", "\t")
LARGEST_CELL = 1 << 20
"""Characters; a cell beyond it is a quotation mark that nobody closed."""
MOST_ROWS = 200_000
"""Filled rows of a sheet; beyond it the memory would be large, and no spreadsheet of people is."""


class Row(NamedTuple):
    """One row below the header; of the cells that are filled, the text, also beside the header."""

    number: int
    """As the program shows it, from 1."""
    cells: Mapping[int, str]


class Sheet(NamedTuple):
    """The first sheet of a file."""

    header: Sequence[str]
    rows: Sequence[Row]


def read_sheet(content: bytes, name: str) -> Sheet:
    """The rows of a spreadsheet; empty ones are left out. Raises WrongUseError."""
    if content.startswith(OLD_EXCEL):
        raise WrongUseError(
            f"{name} is an old Excel file or one with a password; save it as XLSX or CSV, without a password"
        )
    if not content.startswith(ZIP) and _is_no_text(content):
        raise WrongUseError(f"{name} is no spreadsheet; save the people as XLSX or CSV")
    lines = _workbook(content, name) if content.startswith(ZIP) else _separated(_decoded(content), name)
    first = next(_filled(lines), None)
    if first is None:
        raise WrongUseError(
            f"{name} holds nothing; put the names of the columns into the first row{only_the_first(content)}"
        )
    header = [first.cells.get(at, "") for at in range(max(first.cells) + 1)]
    rows: list[Row] = []
    for row in _filled(lines):
        if len(rows) == MOST_ROWS:
            raise WrongUseError(
                f"{name} has more than {MOST_ROWS} rows; delete what is no person, or write people.json"
            )
        rows.append(row)
    return Sheet(header, rows)


def only_the_first(content: bytes) -> str:
    """That only the first sheet is read, as the end of a sentence; empty where a file has no other."""
    if not content.startswith(ZIP):
        return ""
    from openpyxl import load_workbook

    first, *others = load_workbook(io.BytesIO(content), read_only=True).sheetnames
    return f" (only the first sheet is read, {first})" if others else ""


def _is_no_text(content: bytes) -> bool:
    """Whether a file is a picture, a document, or noise."""
    begin = content[:LOOKED_AT]
    if begin.startswith(UTF_16):
        return False
    steering = len(STEERING.findall(begin))
    return begin.startswith(PDF) or b"\0" in begin or steering > MOST_STEERING * len(begin)


def _filled(lines: Iterable[tuple[int, Iterable[str]]]) -> Iterator[Row]:
    """The rows that say something."""
    for number, cells in lines:
        if found := {at: cell for at, cell in enumerate(cells) if cell}:
            yield Row(number, found)


def _decoded(content: bytes) -> str:
    """UTF-16 where its mark says so, UTF-8, else what Excel writes on a German Windows."""
    if content.startswith(UTF_16):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _separated(text: str, name: str) -> Iterator[tuple[int, Sequence[str]]]:
    # A title above the headings has none.
    header = next((line for line in io.StringIO(text) if any(each in line.strip() for each in DELIMITERS)), "")
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


def _workbook(content: bytes, name: str) -> Iterator[tuple[int, Iterable[str]]]:
    """The rows, each as wide as its last cell, one at a time: a stray cell at the end of a sheet is no large sheet."""
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            # What it does not understand of a file's looks does not matter here.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheet = book.worksheets[0]
            # What the file says of its size would pad each row to it.
            sheet.reset_dimensions()
            for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
                yield number, map(_text, row)
    except Exception as error:  # noqa: BLE001 - what a damaged archive raises has no end: zlib, zip, XML, dates, …
        raise WrongUseError(
            f"{name} cannot be read ({type(error).__name__}); save it again as XLSX or CSV, without a password"
        ) from None


def _text(cell: object) -> str:
    """A cell as somebody reads it: whole numbers without a point, days as in a calendar."""
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
