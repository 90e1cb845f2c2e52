"""An empty spreadsheet of people, with the columns in both languages and lists to choose from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.runtime.wrong_use import WrongUseError
from shared.spreadsheets.columns import COLUMNS, Column, Use
from shared.spreadsheets.sheet import LISTS_SHEET, NOTES_SHEET

ROWS = 2000
"""Rows that have lists."""
LISTS = {
    "role": ("mentor", "mentee"),
    "profile.languages": ("de", "en", "de; en"),
    "profile.capacity": ("1", "2", "3"),
    "profile.working_times": (
        "Mo-Do 8:30-16:30; Fr 8:30-13:00",
        "Mo-Fr 7:00-15:00",
        "Mo-Mi 8:00-14:30; Do-Fr 8:00-14:30 zu Hause",
    ),
    "voluntary": ("ja",),
}
"""Of a column, what can be chosen; another value may be typed, except as a role."""
STRICT = ("role",)
TOPICS = ("profile.strengths", "profile.concerns")
"""The columns that offer the topics of a catalogue."""
USUAL_LEVEL = 3
WIDTH = 24
LONGEST_TITLE = 32
"""Characters of a note's title that Excel takes."""


def write_template(path: Path, topics: Sequence[str] = (), use: Use = "import") -> None:
    """Write the template to a new XLSX file, with the columns that its use reads and no other.

    What was filled in for the import, `tandem match` and `demo` read too. `topics` are labels to choose from. Raises
    WrongUseError.
    """
    if path.exists():
        raise WrongUseError(f"{path} is there already, and may be filled in; name another file")
    if path.suffix.lower() != ".xlsx":
        raise WrongUseError(f"--template {path}: the template is an XLSX file; name it so, {path.with_suffix('.xlsx')}")
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    people = book.active
    people.title = "Personen - people"
    notes = book.create_sheet(NOTES_SHEET)
    notes.append(["Spalte", "Column", "Hinweis", "Note", f"tandem {use}"])
    offered = _offered(book, topics)
    for at, column in enumerate((each for each in COLUMNS if use in each.uses), 1):
        letter = get_column_letter(at)
        people.cell(1, at, _heading(column)).font = Font(bold=True)
        people.column_dimensions[letter].width = WIDTH
        # Texts stay texts: a number that begins with a zero, and times, are no numbers and no dates.
        people.column_dimensions[letter].number_format = "@"
        needed = "nötig / needed" if use in column.needed else "möglich / possible"
        notes.append([column.name.de, column.name.en, column.hint.de, column.hint.en, needed])
        rule = _rule(column, offered)
        people.add_data_validation(rule)
        rule.add(f"{letter}2:{letter}{ROWS}")
    for letter in "ABCDE":
        notes.column_dimensions[letter].width = 2 * WIDTH if letter in "CD" else WIDTH
    people.freeze_panes = "A2"
    try:
        book.save(path)
    except OSError as error:
        raise WrongUseError(f"{path} cannot be written ({error.strerror}); check the path") from None


def _heading(column: Column) -> str:
    return column.name.de if column.name.de == column.name.en else f"{column.name.de} / {column.name.en}"


def _offered(book: Any, topics: Sequence[str]) -> str:
    """Write the topics to a sheet of their own, each with a level; where they stand, as a formula, or nothing."""
    if not topics:
        return ""
    sheet = book.create_sheet(LISTS_SHEET)
    for number, topic in enumerate(topics, 1):
        cell = sheet.cell(number, 1, f"{topic}:{USUAL_LEVEL}")
        # A topic that looks like a formula is a text.
        cell.data_type = "s"
    return f"'{sheet.title}'!$A$1:$A${len(topics)}"


def _rule(column: Column, offered: str) -> Any:
    """What a column's cells offer, and the note that stands beside them."""
    from openpyxl.worksheet.datavalidation import DataValidation

    prompt = f"{column.hint.de}\n{column.hint.en}"
    title = _heading(column) if len(_heading(column)) <= LONGEST_TITLE else column.name.de
    if column.field in LISTS:
        rule = DataValidation("list", formula1=f'"{",".join(LISTS[column.field])}"')
        rule.showErrorMessage = column.field in STRICT
        rule.error, rule.errorTitle = prompt, title
    elif column.field in TOPICS and offered:
        rule = DataValidation("list", formula1=offered, showErrorMessage=False)
    else:
        rule = DataValidation(showErrorMessage=False)
    rule.prompt, rule.promptTitle, rule.showInputMessage = prompt, title, True
    return rule
