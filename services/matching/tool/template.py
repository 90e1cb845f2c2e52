"""An empty spreadsheet of people, with the columns in both languages and lists to choose from."""

from pathlib import Path

from services.matching.tool.columns import COLUMNS
from shared.runtime.wrong_use import WrongUseError

ROWS = 2000
"""Rows that have lists."""
LISTS = {
    "role": ("mentor", "mentee"),
    "profile.languages": ("de", "en", "de; en"),
    "profile.capacity": ("1", "2", "3"),
    "profile.working_times": ("Mo-Do 8:30-16:30; Fr 8:30-13:00", "Mo-Fr 7:00-15:00", "Mo-Mi 8:00-14:30"),
}
"""Of a column, what can be chosen; another value may be typed, except as a role."""
STRICT = ("role",)
WIDTH = 24


def write_template(path: Path) -> None:
    """Write the template to a new XLSX file; `tandem match` reads what is filled in. Raises WrongUseError."""
    if path.exists():
        raise WrongUseError(f"{path} is there already, and may be filled in; name another file")
    if path.suffix.lower() != ".xlsx":
        raise WrongUseError(f"--template {path}: the template is an XLSX file; name it so, {path.with_suffix('.xlsx')}")
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    people = book.active
    people.title = "Personen - people"
    notes = book.create_sheet("Hinweise - notes")
    notes.append(["Spalte", "Column", "Hinweis", "Note", "nötig / needed"])
    for at, column in enumerate(COLUMNS, 1):
        letter = get_column_letter(at)
        heading = column.name.de if column.name.de == column.name.en else f"{column.name.de} / {column.name.en}"
        cell = people.cell(1, at, heading)
        cell.font = Font(bold=True)
        people.column_dimensions[letter].width = WIDTH
        notes.append([column.name.de, column.name.en, column.hint.de, column.hint.en, "x" if column.needed else ""])
        prompt = f"{column.hint.de}\n{column.hint.en}"
        values = LISTS.get(column.field)
        if values is None:
            rule = DataValidation(showErrorMessage=False)
        else:
            strict = column.field in STRICT
            rule = DataValidation("list", formula1=f'"{",".join(values)}"', showErrorMessage=strict)
            rule.error, rule.errorTitle = prompt, heading
        rule.prompt, rule.promptTitle, rule.showInputMessage = prompt, heading, True
        people.add_data_validation(rule)
        rule.add(f"{letter}2:{letter}{ROWS}")
        # Texts stay texts: an id of digits, and times, are no numbers and no dates.
        people.column_dimensions[letter].number_format = "@"
    for letter in "ABCDE":
        notes.column_dimensions[letter].width = 2 * WIDTH if letter in "CD" else WIDTH
    people.freeze_panes = "A2"
    try:
        book.save(path)
    except OSError as error:
        raise WrongUseError(f"{path} cannot be written ({error.strerror}); check the path") from None
