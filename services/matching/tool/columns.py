"""The columns of a spreadsheet of people, by their German and English names; docs/match-a-file.md lists them."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.matching.tool import cells
from services.matching.tool.cells import CellError
from services.matching.tool.entry import Fault
from services.matching.tool.given import likely
from services.matching.tool.reading import Given
from services.matching.tool.spreadsheet import Row, Sheet, only_the_first, read_sheet
from shared.contracts.base import Text
from shared.runtime.wrong_use import WrongUseError


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    field: str
    """Of an entry, dotted; empty: the column is not looked at."""
    name: Text
    hint: Text
    read: Callable[[str], object] = str
    needed: bool = False
    also: tuple[str, ...] = ()
    """Other names that are taken."""


COLUMNS = (
    Column("role", Text(de="Rolle", en="Role"), Text(de="Mentor oder Mentee", en="mentor or mentee"), cells.role, True),
    Column(
        "id",
        Text(de="Kennung", en="Id"),
        Text(de="eindeutig, kein Name; Buchstaben, Ziffern . _ -", en="unique, no name; letters, digits . _ -"),
        needed=True,
    ),
    Column(
        "profile.department", Text(de="Referat", en="Department"), Text(de="oberste Einheit", en="top unit"), str, True
    ),
    Column(
        "profile.unit",
        Text(de="Organisationseinheit", en="Unit"),
        Text(de="von außen nach innen: KR-1 > KR-12", en="outermost first: KR-1 > KR-12"),
        cells.path,
        also=("Einheit",),
    ),
    Column(
        "profile.grade",
        Text(de="Stufe", en="Grade"),
        Text(de="Stufe der Stelle, 1 bis 30", en="grade of the post, 1 to 30"),
        cells.number,
        True,
    ),
    # Needed, because two empty ones would be the same site.
    Column("profile.site", Text(de="Standort", en="Site"), Text(de="Mitte", en="Mitte"), needed=True),
    Column(
        "profile.languages",
        Text(de="Sprachen", en="Languages"),
        Text(de="de; en", en="de; en"),
        cells.languages,
        True,
    ),
    Column(
        "profile.working_times",
        Text(de="Arbeitszeiten", en="Working times"),
        Text(de="Mo-Do 8:30-16:30; Fr 8:30-13:00", en="Mon-Thu 8:30-16:30; Fri 8:30-13:00"),
        cells.working_times,
        True,
    ),
    Column(
        "profile.strengths",
        Text(de="Stärken", en="Strengths"),
        Text(de="Scrum:4; Excel:2 (1 wenig bis 5 viel)", en="Scrum:4; Excel:2 (1 little to 5 much)"),
        cells.topics,
    ),
    Column(
        "profile.concerns",
        Text(de="Anliegen", en="Concerns"),
        Text(de="Scrum:4; Excel:2 (1 wenig bis 5 viel)", en="Scrum:4; Excel:2 (1 little to 5 much)"),
        cells.topics,
    ),
    Column(
        "profile.capacity",
        Text(de="Kapazität", en="Capacity"),
        Text(de="Mentees auf einmal, 1 bis 3", en="mentees at a time, 1 to 3"),
        cells.number,
    ),
    Column(
        "personnel_key",
        Text(de="Stelle", en="Personnel key"),
        Text(de="eigene Stelle, wenn andere an sie berichten", en="own post, where others report to it"),
        also=("Post", "Position"),
    ),
    Column(
        "superiors",
        Text(de="Vorgesetzte", en="Superiors"),
        Text(de="deren Stellen, die direkte zuerst", en="their posts, the direct one first"),
        cells.listed,
    ),
    Column(
        "wishes",
        Text(de="Wünsche", en="Wishes"),
        Text(de="Kennungen, beste zuerst", en="ids, best first"),
        cells.listed,
    ),
    Column("vetoes", Text(de="Ausschlüsse", en="Vetoes"), Text(de="Kennungen", en="ids"), cells.listed),
    Column(
        "waiting_since",
        Text(de="Wartet seit", en="Waiting since"),
        Text(de="01.03.2026", en="2026-03-01"),
        cells.day,
    ),
    Column(
        "",
        Text(de="Name", en="Name"),
        Text(de="wird nicht gelesen", en="is not looked at"),
        also=(
            "Vorname",
            "Nachname",
            "E-Mail",
            "Mail",
            "Telefon",
            "Phone",
            "Bemerkung",
            "Remark",
            "display_name",
            "about_me",
        ),
    ),
)
_LISTS = ("unit", "strengths", "concerns")
"""The lists of a profile that an empty cell leaves empty."""


def _plain(name: str) -> str:
    return re.sub(r"[^a-zäöüß0-9]", "", name.casefold())


_NAMED = {
    _plain(name): column
    for column in COLUMNS
    for name in (column.name.de, column.name.en, column.field.rpartition(".")[2], *column.also)
    if name
}


def people_of_sheet(content: bytes, name: str) -> Given:
    """The entries of a CSV or XLSX file, each cell read; what no cell says is left to the entry's own check.

    Raises WrongUseError where the columns themselves cannot be understood.
    """
    sheet = read_sheet(content, name)
    _check_first_row(sheet, content, name)
    columns = _columns(sheet.header, name)
    entries: list[Mapping[str, object]] = []
    faults: list[Fault] = []
    spellings: dict[str, Counter[str]] = {}
    rows = [row for row in sheet.rows if not columns.keys().isdisjoint(row.cells)]
    for place, row in enumerate(rows):
        entry: dict[str, Any] = {"profile": {name: [] for name in _LISTS}}
        for at, column in columns.items():
            if not (text := row.cells.get(at, "")) or not column.field:
                continue
            try:
                value: Any = column.read(cells.no_error(text))
            except CellError as error:
                faults.append(Fault(place, column.field, str(error)))
                # The place of the field must not look empty as well.
                _put(entry, column.field, None)
                continue
            if column.read is cells.topics:
                value, words = value
                for id, spelling in words.items():
                    spellings.setdefault(id, Counter())[spelling] += 1
            _put(entry, column.field, value)
        entries.append(entry)
    written = {column.field: sheet.header[at] for at, column in columns.items()}
    strays = _strays(sheet.rows, columns)
    # Rows that are nobody's come after those of people.
    numbers = [row.number for row in rows]
    for cell, row in strays.items():
        if row.number not in numbers:
            numbers.append(row.number)
        text = "It has no heading in the first row, and would be lost. Give it one, or empty it."
        faults.append(Fault(numbers.index(row.number), f"column {_letter(cell)}", text))
    return Given(
        name=name,
        entries=entries,
        where=lambda place: f"row {numbers[place]}",
        field_name=lambda path: written.get(_column_field(path), path),
        faults=faults,
        labels={id: _most_used(each) for id, each in spellings.items()},
    )


def _strays(rows: Sequence[Row], columns: Mapping[int, Column]) -> dict[int, Row]:
    """The first row that has something in each column without a heading."""
    found: dict[int, Row] = {}
    for row in rows:
        for at in row.cells.keys() - columns.keys():
            found.setdefault(at, row)
    return dict(sorted(found.items()))


def _letter(at: int) -> str:
    """A column as spreadsheets call it: A, …, Z, AA, …"""
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _most_used(spellings: Counter[str]) -> Text:
    """The most frequent spelling, of equally frequent ones the first by the alphabet: whatever the order of rows."""
    label = min(spellings, key=lambda spelling: (-spellings[spelling], spelling))
    return Text(de=label, en=label)


def _put(entry: dict[str, Any], field: str, value: object) -> None:
    holder, _, name = field.rpartition(".")
    (entry[holder] if holder else entry)[name] = value


def _column_field(path: str) -> str:
    """The field of the column that a path lies in: profile.strengths.0.level is of profile.strengths."""
    parts = path.split(".")
    return ".".join(parts[: 2 if parts[0] == "profile" else 1])


def _check_first_row(sheet: Sheet, content: bytes, name: str) -> None:
    """Refuse a sheet whose first row holds no heading at all. Raises WrongUseError."""
    if any(map(_named, sheet.header)):
        return
    below = next(
        (row.number for row in sheet.rows if sum(_named(cell) is not None for cell in row.cells.values()) > 2), 0
    )
    found = f"here they are in row {below}; delete the rows above" if below else "such as Rolle, Kennung, Referat"
    raise WrongUseError(f"{name}: The headings must be in the first row, {found}{only_the_first(content)}.")


def _named(heading: str) -> Column | None:
    """The column of a heading, which may give both names, `Rolle / Role`."""
    return next((c for part in (heading, *heading.split(" / ")) if (c := _NAMED.get(_plain(part)))), None)


def _columns(header: Sequence[str], name: str) -> dict[int, Column]:
    """The column at each place."""
    found: dict[int, Column] = {}
    faults: list[str] = []
    for at, heading in enumerate(header):
        if not heading:
            continue
        column = _named(heading)
        if column is None:
            known = [c.name.de for c in COLUMNS] + [c.name.en for c in COLUMNS]
            faults.append(f"{name}: There is no column {heading}; {likely(heading, known)}")
        elif column.field and column in found.values():
            faults.append(f"{name}: There are two columns {heading}. Leave one out.")
        else:
            found[at] = column
    faults += [
        f"{name}: The column {column.name.de} ({column.name.en}) is missing. Add it."
        for column in COLUMNS
        if column.needed and column not in found.values()
    ]
    if faults:
        raise WrongUseError(*faults)
    return found
