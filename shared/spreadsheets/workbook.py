"""XLSX as rows of texts. What openpyxl understands of a file's looks matters only where it changes what is seen."""

import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from shared.runtime.wrong_use import WrongUseError
from shared.spreadsheets.cells import words
from shared.spreadsheets.rows import Table, Uncomputed, cleaned

FORMULA = (b"<f>", b"<f ", b"<f/")
MERGED = re.compile(rb"<(?:\w+:)?mergeCell ref=\"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})\"")
"""Cells that are shown as one."""
CHUNK = 1 << 20
LONGEST_MERGED = 64
"""Bytes of what says that cells are one."""
WHOLE = 10**15
"""Up to here a number of a workbook has all its digits."""


def workbook(content: bytes, name: str) -> list[Table]:
    """The sheets of a workbook, hidden ones too, in their order. Raises WrongUseError."""
    with _readable(name):
        shown = _sheets(content, computed=True)
        written: list[Any] = _sheets(content, computed=False) if _has_formulas(content) else [None] * len(shown)
        return [
            Table(sheet.title, partial(_lines, sheet, formulas, name))
            for sheet, formulas in zip(shown, written, strict=True)
        ]


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Without warnings of what is not understood; whatever goes wrong is a line for people."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Exception as error:  # noqa: BLE001 - what a damaged archive raises has no end: zlib, zip, XML, dates, …
        raise WrongUseError(words("unreadable-file", name=name, error=type(error).__name__)) from None


def _sheets(content: bytes, *, computed: bool) -> list[Any]:
    from openpyxl import load_workbook

    sheets: list[Any] = load_workbook(io.BytesIO(content), read_only=True, data_only=computed).worksheets
    if not sheets:
        raise LookupError
    for sheet in sheets:
        # What the file says of its size would pad each row to it.
        sheet.reset_dimensions()
    return sheets


def _has_formulas(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for part in archive.namelist():
            if not part.startswith("xl/worksheets/") or not part.endswith(".xml"):
                continue
            before = b""
            with archive.open(part) as file:
                while chunk := file.read(CHUNK):
                    if any(mark in before + chunk for mark in FORMULA):
                        return True
                    before = chunk[-2:]
    return False


def _lines(sheet: Any, formulas: Any, name: str) -> Iterator[tuple[int, Sequence[str]]]:
    """The rows, each as wide as its last cell, one at a time: a stray cell at the end of a sheet is no large sheet."""
    with _readable(name):
        written = None if formulas is None else formulas.iter_rows()
        merged = _merged(sheet)
        tops: dict[int, str] = {}
        for number, row in enumerate(sheet.iter_rows(), 1):
            cells = [_text(cell) for cell in row]
            if written is not None:
                cells = _with_formulas(cells, next(written, ()))
            yield number, _with_merged(cells, number, merged, tops) if merged else cells


def _merged(sheet: Any) -> dict[int, list[tuple[int, int]]]:
    """By column, the first and the last row of cells that are one below each other; the last of a file says so."""
    found: dict[int, list[tuple[int, int]]] = {}
    before = b""
    with sheet.parent._archive.open(sheet._worksheet_path) as file:  # noqa: SLF001 - as openpyxl itself reads it
        while chunk := file.read(CHUNK):
            for left, first, _, last in MERGED.findall(before + chunk):
                if first != last:
                    found.setdefault(_place(left), []).append((int(first), int(last)))
            before = chunk[-LONGEST_MERGED:]
    return found


def _place(letters: bytes) -> int:
    """A column's place, A being 0."""
    place = 0
    for letter in letters:
        place = place * 26 + letter - ord("A") + 1
    return place - 1


def _with_merged(
    cells: list[str], number: int, merged: dict[int, list[tuple[int, int]]], tops: dict[int, str]
) -> list[str]:
    """The cells with what is shown over several rows in each of them; a row that is empty but for that stays so.

    `tops` keeps what the topmost cells hold.
    """
    filled = any(cells)
    for at, stretches in merged.items():
        if any(first == number for first, _ in stretches):
            tops[at] = cells[at] if at < len(cells) else ""
        elif filled and any(first < number <= last for first, last in stretches) and tops.get(at):
            cells += [""] * (at + 1 - len(cells))
            cells[at] = cells[at] or tops[at]
    return cells


def _with_formulas(cells: list[str], row: Sequence[Any]) -> list[str]:
    """The cells with the formulas in the place of values that were never computed."""
    found = [*cells, *[""] * (len(row) - len(cells))]
    for at, cell in enumerate(row):
        if not found[at] and (formula := _formula(cell.value)):
            found[at] = Uncomputed(formula)
    return found


def _formula(value: object) -> str:
    """A formula's text; empty where a cell has none."""
    if value is None or (isinstance(value, str) and not value.startswith("=")):
        return ""
    # An array's formula is an object of its own.
    text = value if isinstance(value, str) else getattr(value, "text", "")
    return str(text)


def _text(cell: Any) -> str:
    """A cell as somebody reads it: whole numbers without a point, days as in a calendar."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return cleaned(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.datetime):
        day = value.date().isoformat()
        return f"{day} {value:%H:%M}" if value.time() != dt.time() else day
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    if isinstance(value, int | float):
        return _figure(value, cell.number_format or "")
    return cleaned(str(value))


def _figure(value: float, form: str) -> str:
    """A number: with the zeros before it and the percent that its cell shows."""
    if "%" in form:
        return f"{value * 100:g}%"
    if isinstance(value, float) and not value.is_integer():
        return str(value)
    if abs(value) >= WHOLE:
        return f"{value:e}"
    whole = str(int(value))
    return whole.zfill(len(form)) if re.fullmatch(r"0{2,}", form) else whole
