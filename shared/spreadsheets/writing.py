"""Rows written to a spreadsheet again: every cell a text, whatever it looks like."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from shared.runtime.wrong_use import WrongUseError

WIDTH = 24
TEXT = "@"
"""The format of cells that no program takes for numbers, dates or formulas, also when they are edited."""


def check_workbook(path: Path) -> None:
    """Refuse a file that cannot be one. Raises WrongUseError."""
    if path.suffix.lower() != ".xlsx":
        raise WrongUseError(f"{path} is to be an XLSX file; name it so, {path.with_suffix('.xlsx')}")
    if not path.parent.is_dir():
        raise WrongUseError(f"there is no folder {path.parent}; make it first")


def write_texts(path: Path, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write headings and rows to an XLSX file, over what was there. Raises WrongUseError.

    A text that begins like a formula stays a text (`=HYPERLINK(…)`, +, -, @), and 007 keeps its zeros. Characters that
    no workbook can hold are left out.
    """
    check_workbook(path)
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    for number, texts in enumerate((headings, *rows), 1):
        for at, text in enumerate(texts, 1):
            cell = sheet.cell(number, at, ILLEGAL_CHARACTERS_RE.sub("", text))
            cell.data_type, cell.number_format, cell.quotePrefix = "s", TEXT, True
    for at in range(1, len(headings) + 1):
        sheet.column_dimensions[get_column_letter(at)].width = WIDTH
        sheet.column_dimensions[get_column_letter(at)].number_format = TEXT
    sheet.freeze_panes = "A2"
    try:
        book.save(path)
    except OSError as error:
        raise WrongUseError(f"{path} cannot be written ({error.strerror}); check the path") from None
