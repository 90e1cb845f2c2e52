"""People of a spreadsheet: each row as a register command has it, and what is wrong with each cell."""

import difflib
import re
import shlex
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from shared.contracts.base import Text
from shared.runtime.wrong_use import WrongUseError
from shared.spreadsheets import cells
from shared.spreadsheets.cells import CellError, words
from shared.spreadsheets.columns import ALL, COLUMNS, CONSENTS, DAYS, FIRST_NAME, LAST_NAME, Column, Use
from shared.spreadsheets.headings import Headings, columns_of, count_headings, headings_of
from shared.spreadsheets.rows import Row, Sheet, Uncomputed
from shared.spreadsheets.sheet import FEWEST, LOOKED_AT, read_sheet

LISTS = ("unit", "strengths", "concerns")
"""The lists of a profile that an empty cell leaves empty."""
TIMES, NAME = "profile.working_times", "display_name"
ID, KEY = "id", "personnel_key"
"""What a match knows people by: the second where the first is empty, as in a list that was filled in for the import."""
LIKE = 0.6
"""How like a known heading an unknown one is, from 0 to 1, that may be meant for it."""
_IDS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What may be an id; a post that is none, such as KR 12/007, is no name for people either."""
_SUM = re.compile(r"(summe|gesamt\w*|insgesamt|anzahl|zwischensumme|total|subtotal|sum|count|σ)\b", re.IGNORECASE)
_FIGURE = re.compile(r"[\d.,% ]+")


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong with one cell: its field (`column A` without a heading), what to change, and what stands there."""

    field: str
    text: Text
    value: str = ""
    letter: str = ""
    """Of a column without a heading, as spreadsheets call it."""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One row: as a register command, without what is wrong in it (None stands in its place)."""

    number: int
    entry: Mapping[str, Any]
    """Empty where nothing stands in any column that is read."""
    faults: tuple[CellFault, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    """What stands in the cells, by field."""


@dataclass(frozen=True)
class PeopleSheet:
    """The rows of a file of people."""

    name: str
    rows: tuple[PersonRow, ...]
    headings: Mapping[str, str]
    """As written, by field."""
    labels: Mapping[str, Text]
    """The spelling of each topic, by the id that follows from it."""
    notes: tuple[Text, ...]
    """What is not read, and why."""

    @cached_property
    def said(self) -> frozenset[str]:
        """The fields that some row says something of."""
        return frozenset(name for row in self.rows for name, text in row.texts.items() if text)

    @property
    def fields(self) -> frozenset[str]:
        """The fields that have a column, or for the working times one for each day."""
        days = any(field.startswith("day.") for field in self.headings)
        return frozenset((*self.headings, *((TIMES,) if days else ())))

    def column(self, path: str) -> str:
        """The heading of the column that a field's path lies in: profile.strengths.0.level is of profile.strengths."""
        parts = path.split(".")
        field = ".".join(parts[: 2 if parts[0] in ("profile", "day") else 1])
        if field in self.headings:
            return self.headings[field]
        instead = {TIMES: "day.", NAME: LAST_NAME.field}.get(field, "\0")
        others = (heading for name, heading in self.headings.items() if name.startswith(instead))
        return next(others, next((column.name.de for column in COLUMNS if column.field == field), path))


def read_people(content: bytes, name: str, use: Use, skipped: Collection[str] = ()) -> PeopleSheet:
    """The rows of a CSV or XLSX file, each cell read for its use; `skipped` headings are not read.

    What no cell says is left to who uses it. Raises WrongUseError where the columns themselves cannot be understood.
    """
    sheet = read_sheet(content, name, count_headings)
    headings = headings_of(sheet.rows[:LOOKED_AT])
    if headings.known < FEWEST and not _is_narrow(headings, sheet.rows):
        raise WrongUseError(
            words("no-headings-on", name=name, sheet=sheet.title) if sheet.title else words("no-headings", name=name)
        )
    columns = _columns(headings, sheet.rows, name, use, skipped)
    reader = _Reader(columns, headings, use, sheet)
    rows = tuple(reader.rows(sheet.rows[headings.below :]))
    notes = _notes(sheet, headings, columns, use)
    written = {column.field: headings.written[at] for at, column in columns.items() if column.field}
    labels = {id: _most_used(each) for id, each in reader.spellings.items()}
    nothing = ", ".join(heading for field, heading in written.items() if field in reader.nothing)
    more = [words("nothing", columns=nothing)] if nothing else []
    if reader.grades:
        read = ", ".join(f"{text} → {grade}" for text, grade in sorted(reader.grades.items()))
        more.append(words("grades-read", grades=read))
    return PeopleSheet(name, rows, written, labels, (*notes, *more, *reader.notes))


def _is_narrow(headings: Headings, rows: Sequence[Row]) -> bool:
    """Whether the one heading is all that the first row holds."""
    return headings.known == 1 and headings.first == 0 and len(rows[0].cells) == 1


def _columns(
    headings: Headings, rows: Sequence[Row], name: str, use: Use, skipped: Collection[str]
) -> dict[int, Column]:
    """The column at each place. Raises WrongUseError with a line for each that cannot be."""
    found, unknown = columns_of(headings, skipped)
    filled = {at for row in rows[headings.below :] for at in row.cells}
    lost = [heading for at, heading in headings.written.items() if heading in unknown and at in filled]
    faults = [_no_column(name, heading, use) for heading in dict.fromkeys(lost)]
    seen: set[str] = set()
    for at, column in found.items():
        if column.field and column.field in seen:
            faults.append(words("column-twice", name=name, column=headings.written[at]))
        seen.add(column.field)
    if use == "import" and CONSENTS.field in seen:
        faults.append(words("no-consents", name=name))
    if any(field.startswith("day.") for field in seen):
        seen.add(TIMES)
    if {FIRST_NAME.field, LAST_NAME.field} <= seen:
        seen.add(NAME)
    if use == "match" and KEY in seen:
        seen.add(ID)
    faults += [
        words("column-missing", name=name, de=column.name.de, en=column.name.en)
        for column in COLUMNS
        if use in column.needed and column.field not in seen
    ]
    if faults:
        raise WrongUseError(*faults)
    return found


def _no_column(name: str, heading: str, use: Use) -> Text:
    """Which of the columns that are read may be meant by an unknown heading, and the ways out."""
    known = [word for column in ALL if use in column.uses for word in (column.name.de, column.name.en)]
    near = difflib.get_close_matches(heading, known, n=1, cutoff=LIKE)
    key = ("column-unknown-near" if near else "column-unknown") + ("-skip" if use == "import" else "")
    return words(key, name=name, column=heading, near=near[0] if near else "", option=shlex.quote(heading))


def _notes(sheet: Sheet, headings: Headings, columns: Mapping[int, Column], use: Use) -> Iterator[Text]:
    rows = sheet.rows
    if sheet.others:
        yield words("sheets-left-out", sheets=", ".join(sheet.others))
    if headings.first:
        yield words("above-headings", row=rows[headings.first].number)
    filled = {at for row in rows[headings.below :] for at in row.cells}
    left_out = [
        heading
        for at, heading in headings.written.items()
        if at in filled and (at not in columns or use not in columns[at].uses)
    ]
    if left_out:
        yield words("columns-left-out", columns=", ".join(left_out))
    superiors = {at for at, column in columns.items() if column.field == "superiors"}
    if use == "import" and not superiors & filled:
        yield words("superiors-empty" if superiors else "no-superiors")


class _Reader:
    """Reads the rows below the headings."""

    def __init__(self, columns: Mapping[int, Column], headings: Headings, use: Use, sheet: Sheet) -> None:
        self._headings = headings
        self._headed_in = sheet.rows[headings.below - 1].number
        self._width = max(headings.written) + 1
        self._delimiter = sheet.delimiter
        self._use = use
        self._columns = {at: column for at, column in columns.items() if use in column.uses}
        self._named = headings.written.keys()
        self.spellings: dict[str, Counter[str]] = {}
        self.notes: list[Text] = []
        self.nothing: set[str] = set()
        self.grades: dict[str, int] = {}
        """What was read as a number and is written with letters."""

    def rows(self, rows: Sequence[Row]) -> Iterator[PersonRow]:
        """The people, without sums and repeated headings."""
        for row in rows:
            if len(row.cells) > 1 and all(self._is_heading(at, text) for at, text in row.cells.items()):
                self.notes.append(words("headings-again", row=row.number))
            elif _is_sum(row):
                self.notes.append(words("sum-left-out", row=row.number))
            else:
                yield self._person(row)

    def _is_heading(self, at: int, text: str) -> bool:
        """Whether a cell repeats the heading above it, as it stands there or in the other language."""
        if text == self._headings.written.get(at):
            return True
        column = self._columns.get(at)
        return column is not None and text in (column.name.de, column.name.en)

    def _person(self, row: Row) -> PersonRow:
        width = max(row.cells) + 1
        # What stands right of a comma in some cell has moved by one place: nothing else in the row means what it says.
        if self._delimiter and width > self._width and all(at in row.cells for at in range(self._width, width)):
            return self._too_wide(row, width)
        entry: dict[str, Any] = {"profile": {name: [] for name in LISTS}}
        faults: list[CellFault] = []
        values: dict[str, Any] = {}
        texts: dict[str, str] = {}
        for at, column in self._columns.items():
            if not (text := row.cells.get(at, "")):
                continue
            if _says_nothing(column, text):
                self.nothing.add(column.field)
                continue
            texts[column.field] = text
            try:
                values[column.field] = self._read(column, text)
            except CellError as error:
                faults.append(CellFault(column.field, error.text, text))
                # The place of the field must not look empty as well.
                values[column.field] = None
        faults += _together(values, texts)
        for path, value in values.items():
            holder, _, name = path.rpartition(".")
            (entry[holder] if holder else entry)[name] = value
        if self._use == "match" and KEY in entry:
            fits = entry[KEY] is not None and _IDS.fullmatch(entry[KEY])
            entry.setdefault(ID, entry[KEY] if fits else f"row-{row.number}")
        faults += [
            CellFault(f"column {_letter(at)}", words("stray", row=self._headed_in), text, _letter(at))
            for at, text in sorted(row.cells.items())
            if at not in self._named
        ]
        anybody = any(at in self._named for at in row.cells)
        return PersonRow(row.number, entry if anybody else {}, tuple(faults), texts)

    def _too_wide(self, row: Row, width: int) -> PersonRow:
        """A row that has more cells than there are headings; as a whole it says nothing."""
        mark = words("tab") if self._delimiter == "\t" else Text(de=self._delimiter, en=self._delimiter)
        said = words("too-wide", cells=width, headings=self._width, mark=mark)
        texts = {column.field: row.cells[at] for at, column in self._columns.items() if at in row.cells}
        return PersonRow(row.number, {}, (CellFault("", said),), texts)

    def _read(self, column: Column, text: str) -> object:
        cells.readable(text, lines=column.lines)
        if column.weekday is not None:
            return cells.times_of_day(column.weekday, text)
        if column.read is cells.grade and text[0].isalpha():
            self.grades[text] = cells.grade(text)
        if column.read is not cells.topics:
            return column.read(text)
        levels, spelt = cells.topics(text)
        for id, spelling in spelt.items():
            self.spellings.setdefault(id, Counter())[spelling] += 1
        return levels


def _together(values: dict[str, Any], texts: Mapping[str, str]) -> Iterator[CellFault]:
    """Put together what may stand in several columns: working times by day, a name of two parts."""
    days = [values.pop(column.field) for column in DAYS if column.field in values]
    if days and TIMES in texts:
        yield CellFault(TIMES, words("times-twice"), texts[TIMES])
    elif days:
        values[TIMES] = None if None in days else [stretch for day in days for stretch in day]
    parts = [values.pop(column.field) for column in (FIRST_NAME, LAST_NAME) if column.field in values]
    if parts and NAME in texts:
        yield CellFault(NAME, words("name-twice"), texts[NAME])
    elif parts:
        values[NAME] = None if None in parts else " ".join(parts)


def _says_nothing(column: Column, text: str) -> bool:
    """Whether a cell is as good as empty; a dash says no to a question, and that a day is free."""
    return column.weekday is None and column.read is not cells.yes and bool(cells.NOTHING.fullmatch(text))


def _is_sum(row: Row) -> bool:
    """Whether a row sums up others: it begins so, and holds nothing else but figures."""
    first, *others = row.cells.values()
    if isinstance(first, Uncomputed) or not _SUM.match(first):
        return False
    return all(isinstance(each, Uncomputed) or _FIGURE.fullmatch(each) or _SUM.match(each) for each in others)


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
