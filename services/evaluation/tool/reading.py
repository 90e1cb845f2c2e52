"""A file of answers, JSON or a spreadsheet, as rows: what stands there, not yet looked at."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from services.evaluation.tool.columns import NAMES, Columns
from services.evaluation.tool.faults import Faults, one_line
from services.evaluation.tool.known import SOFTWARE, Known
from shared.contracts.base import Text
from shared.contracts.parts import Side, Term
from shared.runtime.given_file import STANDARD_INPUT, name_of, read_bytes, without_mark
from shared.runtime.likely import likely
from shared.runtime.reasons import what_to_change
from shared.runtime.wrong_use import WrongUseError
from shared.spreadsheets.sheet import read_sheet

LARGEST = 64 << 20
"""Bytes of a file; 100,000 answers of twenty items take half of it as JSON."""
MOST_ANSWERS = 200_000


class Row(NamedTuple):
    """One answer as it stands in the file; `known`: person, tandem, side, …; `answers`: by item."""

    number: int
    known: Mapping[str, object]
    answers: Mapping[str, object]


class Programme(BaseModel):
    """What a file may say of the programme whose people answered."""

    model_config = ConfigDict(frozen=True)

    title: Text | None = None
    term: Term | None = None


class About(BaseModel):
    """What a file may say beside its answers; `asked`: by questionnaire how many of each side were asked."""

    model_config = ConfigDict(frozen=True)

    programme: Programme = Programme()
    asked: dict[str, dict[Side, Annotated[int, Field(ge=0)]]] = Field(default={})


@dataclass(frozen=True, slots=True)
class Answered:
    """A file of answers: its name for people, where its rows and fields stand in words, and what it says beside.

    `known`: the questionnaires that it may have answers to.
    """

    name: str
    rows: Iterator[Row]
    place: Callable[[int], str]
    column: Callable[[str], str]
    about: About = field(default_factory=About)
    known: Known = SOFTWARE

    def faults(self) -> Faults:
        """What is found to be wrong with it."""
        return Faults(self.name, self.place, self.column)


def content_of(path: Path) -> bytes:
    """A file's content, if it is not too large. Raises WrongUseError."""
    if str(path) == STANDARD_INPUT:
        content = sys.stdin.buffer.read(LARGEST + 1)
    else:
        content = b" " * (LARGEST + 1) if _too_large(path) else read_bytes(path)
    if len(content) > LARGEST:
        raise WrongUseError(f"{name_of(path)} is larger than {LARGEST >> 20} MiB; leave out what is no answer")
    return content


def _too_large(path: Path) -> bool:
    try:
        return path.is_file() and path.stat().st_size > LARGEST
    except OSError:
        return False


def read_answers(content: bytes, name: str, known: Known = SOFTWARE) -> Answered:
    """The answers of a file of this name. Raises WrongUseError where it cannot be understood as a whole."""
    content = without_mark(content)
    found = _json(content, name) if content.lstrip()[:1] in (b"[", b"{") else _sheet(content, name, Columns(known))
    return replace(found, known=known)


def _sheet(content: bytes, name: str, columns: Columns) -> Answered:
    sheet = read_sheet(content, name, columns.count)
    place, fields, headings = columns.of(sheet.rows, name)
    below = sheet.rows[place + 1 :]
    outside = [row for row in below if row.cells.keys() - fields.keys()]
    if outside:
        more = "; the row may have a delimiter too many" if sheet.delimiter else ""
        raise WrongUseError(*(f"{name}, row {row.number}: a cell stands below no heading{more}" for row in outside))

    def rows() -> Iterator[Row]:
        for row in below:
            known: dict[str, object] = {}
            answers: dict[str, object] = {}
            for at, cell in row.cells.items():
                (answers if fields[at] in columns.items else known)[fields[at]] = cell
            yield Row(row.number, known, answers)

    return Answered(name, rows(), lambda number: f"row {number}", lambda found: headings.get(found, found))


def _json(content: bytes, name: str) -> Answered:
    try:
        document: Any = from_json(content, cache_strings="keys")
    except ValueError as error:
        raise WrongUseError(f"{name} is no JSON: {error}; correct it there") from None
    about = About()
    if isinstance(document, dict):
        entries = document.pop("answers", None)
        if not isinstance(entries, list):
            raise WrongUseError(f'{name}: answers is missing, or no list; write {{"answers": [{{…}}, …]}}')
        about = _about(document, name)
    else:
        entries = document
    if len(entries) > MOST_ANSWERS:
        raise WrongUseError(f"{name} holds more than {MOST_ANSWERS:,} answers; make a report for each programme")

    def rows() -> Iterator[Row]:
        faults = Faults(name, _entry, str)
        for number, entry in enumerate(entries, 1):
            if not isinstance(entry, dict):
                faults.add(number, "", 'It is no object. Write {"person": …, "tandem": …, "side": …, "answers": {…}}.')
                continue
            answers = entry.get("answers")
            if not isinstance(answers, dict):
                faults.add(number, "answers", 'It is missing, or no object. Write {"cadence": 1, …}.')
                continue
            for unknown in entry.keys() - NAMES.keys() - {"answers"}:
                faults.add(number, "", f"A field is unknown; {likely(unknown, (*NAMES, 'answers'))}")
            yield Row(number, entry, answers)
        faults.end()

    return Answered(name, rows(), _entry, str, about)


def _entry(number: int) -> str:
    return f"answer {number}"


def _about(document: dict[str, Any], name: str) -> About:
    programme = document.get("programme")
    if isinstance(programme, dict) and isinstance(title := programme.get("title"), str):
        document["programme"] = {**programme, "title": {"de": title, "en": title}}
    try:
        return About.model_validate(document, extra="forbid")
    except ValidationError as error:
        raise WrongUseError(
            *(
                one_line(f"{name}, {'.'.join(map(str, each['loc']))}: {_text(each)}")
                for each in error.errors(include_input=False, include_url=False)
            )
        ) from None


def _text(found: Mapping[str, Any]) -> str:
    return what_to_change(found["type"], found.get("ctx", {})).en
