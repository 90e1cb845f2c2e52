"""A spreadsheet of people as the entries of a match."""

from services.matching.tool.entry import Fault
from services.matching.tool.reading import Given
from shared.spreadsheets.people import PersonRow, read_people


def people_of_sheet(content: bytes, name: str) -> Given:
    """The entries of a CSV or XLSX file, each cell read; what no cell says is left to the entry's own check.

    Raises WrongUseError where the columns themselves cannot be understood.
    """
    sheet = read_people(content, name, "match")
    people = [row for row in sheet.rows if row.entry]
    # Rows that are nobody's come after those of people.
    rows = [*people, *(row for row in sheet.rows if not row.entry)]
    return Given(
        name=name,
        entries=[row.entry for row in people],
        where=lambda place: f"row {rows[place].number}",
        field_name=sheet.column,
        faults=_faults(rows),
        labels=sheet.labels,
    )


def _faults(rows: list[PersonRow]) -> list[Fault]:
    """What is wrong in the cells; of a column without a heading only the first that stands in it."""
    found: list[Fault] = []
    told: set[str] = set()
    in_order = sorted(enumerate(rows), key=lambda placed: placed[1].number)
    for place, row in in_order:
        for fault in row.faults:
            if fault.field.startswith("column "):
                if fault.field in told:
                    continue
                told.add(fault.field)
            found.append(Fault(place, fault.field, fault.text.en))
    return found
