"""The rows of a file as register commands, or what is wrong with them. Pure."""

import copy
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from shared.contracts import registration as r
from shared.contracts.base import Reason, Text
from shared.contracts.parts import TopicLevel
from shared.contracts.registration.asked import CatalogueAnswer
from shared.runtime.forwarding import as_one
from shared.runtime.reasons import reasons_of
from shared.runtime.words import Words
from shared.spreadsheets import cells
from shared.spreadsheets.cells import topic_id
from shared.spreadsheets.columns import FIRST_NAME, LAST_NAME
from shared.spreadsheets.near import near_topics
from shared.spreadsheets.people import NAME, TIMES, PeopleSheet, PersonRow

words = Words("shared.cli.people_import")

TOPICS = ("strengths", "concerns")
TOGETHER = {FIRST_NAME.field: NAME, LAST_NAME.field: NAME, "day.": TIMES}
"""What begins the fields of columns that make one field together, and that field."""
SHOWN = 5
"""So many of a person's other rows are named."""
FOR_ALL = ("voluntary", "privacy_notice")
"""What may be said for all rows at once."""
Register = r.RegisterMentor | r.RegisterMentee
Whom = tuple[str, str | None]
"""A personnel key, and a role where one person may have both."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong in a row: the column as the file calls it, what to change, and what stands there."""

    column: str
    text: Text
    value: str = ""
    everywhere: bool = False
    """It is wrong in the whole file, which says nothing of it: said once, above the rows."""
    letter: str = ""
    """Of a column without a heading, as spreadsheets call it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row as a register command, where nothing is wrong with it; `like` is an earlier row that says the same."""

    row: int
    command: Register | None = None
    faults: tuple[RowFault, ...] = ()
    like: int | None = None


@dataclass(frozen=True, slots=True)
class ForAll:
    """What holds for all rows of a file, and stands in none of its columns."""

    programme: str
    privacy_notice: str | None = None
    voluntary: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The topics that lists may name, by id and by either label, whatever the capitals and blanks.

    `ids` says where each leads; `labels` are of those that can be named newly.
    """

    labels: Mapping[str, Text]
    ids: Mapping[str, str]

    @classmethod
    def of(cls, answer: CatalogueAnswer) -> "Catalogue":
        """The catalogue as registration tells it; of several that a word fits, what is offered, and an id, go first."""
        ids: dict[str, str] = {}
        for offered in (True, False):
            topics = [topic for topic in answer.topics if topic.offered is offered]
            spelt = [(topic.topic_id, topic) for topic in topics]
            spelt += [(label, topic) for topic in topics for label in (topic.label.de, topic.label.en)]
            for word, topic in spelt:
                ids.setdefault(topic_id(word), topic.leads_to)
        return cls({topic.topic_id: topic.label for topic in answer.topics if topic.offered}, ids)


def candidates(sheet: PeopleSheet, for_all: ForAll, known: CatalogueAnswer) -> list[Candidate]:
    """The rows of a file, in order."""
    catalogue = Catalogue.of(known)
    reader = _Candidates(sheet, for_all, known, catalogue, _unknown(sheet, catalogue), _twice(sheet, known))
    return [reader.of(row) for row in sheet.rows]


@dataclass(frozen=True, slots=True)
class _Same:
    """The rows of one person who stands in several; `alike`: all say the same."""

    rows: Sequence[PersonRow]
    alike: bool

    def others(self, row: PersonRow) -> str:
        """The numbers of the other rows, of many the first ones."""
        numbers = [str(other.number) for other in self.rows[: SHOWN + 1] if other is not row][:SHOWN]
        more = len(self.rows) - 1 - len(numbers)
        return ", ".join(numbers) + (f" (+{more})" if more else "")


def _twice(sheet: PeopleSheet, known: CatalogueAnswer) -> dict[Whom, _Same]:
    """The rows of people who stand in several; where they may have both roles, in several of one role."""
    rows: dict[Whom, list[PersonRow]] = defaultdict(list)
    for row in sheet.rows:
        if whom := _whom(row, known):
            rows[whom].append(row)
    return {
        key: _Same(found, all(row.texts == found[0].texts for row in found))
        for key, found in rows.items()
        if len(found) > 1
    }


def _whom(row: PersonRow, known: CatalogueAnswer) -> Whom | None:
    """Whom a row is about, by personnel key, and in which role where one person may have both."""
    key = row.texts.get("personnel_key")
    return (key, row.entry.get("role") if known.both_roles else None) if key else None


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Makes the candidates of a file."""

    sheet: PeopleSheet
    for_all: ForAll
    known: CatalogueAnswer
    catalogue: Catalogue
    unknown: Mapping[str, Text]
    twice: Mapping[Whom, _Same]

    def of(self, row: PersonRow) -> Candidate:
        """The candidate of a row."""
        whom = _whom(row, self.known)
        same = self.twice.get(whom) if whom else None
        if same and same.alike and row is not same.rows[0]:
            return Candidate(row.number, like=same.rows[0].number)
        found = [(f.field, RowFault(self.sheet.column(f.field), f.text, f.value, letter=f.letter)) for f in row.faults]
        if not row.entry:
            return Candidate(row.number, faults=tuple(fault for _, fault in found))
        entry: dict[str, Any] = copy.deepcopy(dict(row.entry))
        said = [*_known_topics(entry, self.catalogue, self.unknown), *_for_all(entry, self.for_all, self.known)]
        if same and not same.alike:
            said.append(("personnel_key", words("person-twice", rows=same.others(row))))
        found += [(path, fault_at(self.sheet, row, path, text)) for path, text in said]
        told = {path for path, _ in found}
        # What is put together of several columns is missing as a whole where one of them is wrong.
        told |= {whole for part, whole in TOGETHER.items() if any(path.startswith(part) for path in told)}
        command, reasons = _command(entry)
        found += [
            (each.field, fault_at(self.sheet, row, each.field, each.message))
            for each in reasons
            if not _is_told(each.field, told)
        ]
        faults = tuple(fault for _, fault in found)
        return Candidate(row.number, None if faults else command, faults)


def _is_told(path: str, told: set[str]) -> bool:
    """Whether something is said already of a field, or of one in which it lies."""
    return any(path == field or path.startswith(f"{field}.") for field in told)


def fault_at(sheet: PeopleSheet, row: PersonRow, path: str, text: Text) -> RowFault:
    """A fault in the column that a field's path lies in."""
    column = sheet.column(path)
    field = next((name for name, heading in sheet.headings.items() if heading == column), "")
    everywhere = path in FOR_ALL and path not in sheet.said
    return RowFault(column, text, row.texts.get(field, ""), everywhere)


def _known_topics(
    entry: dict[str, Any], catalogue: Catalogue, unknown: Mapping[str, Text]
) -> Iterator[tuple[str, Text]]:
    """Give topics the catalogue's ids. Yields what is said of those that are not in it.

    Two topics that are one by now are named once, with the higher level; one that is named twice stays so.
    """
    for name in TOPICS:
        levels = [TopicLevel.model_validate(level) for level in entry["profile"].get(name) or ()]
        named = [level.topic_id for level in levels]
        yield from ((f"profile.{name}", unknown[id]) for id in named if id not in catalogue.ids)
        each = [levels] if len(set(named)) == len(named) else [[level] for level in levels]
        if levels:
            entry["profile"][name] = [level for some in each for level in as_one(some, catalogue.ids)]


def _unknown(sheet: PeopleSheet, catalogue: Catalogue) -> dict[str, Text]:
    """What is said of each topic that is not in the catalogue: which one may be meant."""
    found: dict[str, Text] = {}
    for id, label in sheet.labels.items():
        if id in catalogue.ids:
            continue
        if near := near_topics(label.de, catalogue.labels):
            meant = Text(de=", ".join(f"„{text.de}“" for text in near), en=", ".join(f"“{text.en}”" for text in near))
            found[id] = words("near-topic", topic=label.de, near=meant)
        else:
            found[id] = words("unknown-topic", topic=label.de)
    return found


def _for_all(entry: dict[str, Any], for_all: ForAll, known: CatalogueAnswer) -> Iterator[tuple[str, Text]]:
    """Add what the row does not say and holds for all. Yields what is missing, and what must not be so."""
    entry["programme_id"] = for_all.programme
    entry.setdefault("superiors", ())
    if "voluntary" not in entry and for_all.voluntary:
        entry["voluntary"] = True
    if "voluntary" not in entry:
        yield "voluntary", words("voluntary-missing")
    elif entry["voluntary"] is False:
        yield "voluntary", words("not-voluntary")
    notice = entry.setdefault("privacy_notice", for_all.privacy_notice)
    if not notice:
        yield "privacy_notice", words("notice-missing", version=known.privacy_notice)
    elif notice != known.privacy_notice:
        # Excel makes a day of 2026-12, and keeps nothing of what was typed.
        key = (
            "notice-a-day" if cells.is_day(notice) and not cells.is_day(known.privacy_notice or "") else "other-notice"
        )
        yield "privacy_notice", words(key, version=known.privacy_notice)


def _command(entry: dict[str, Any]) -> tuple[Register | None, tuple[Reason, ...]]:
    """The register command, or why there is none."""
    role = entry.pop("role", None)
    if role not in ("mentor", "mentee"):
        text = words("no-role") if role is None else words("other-role")
        reasons = [Reason(field="role", code="role", message=text)]
    else:
        reasons = []
    kind = r.RegisterMentee if role == "mentee" else r.RegisterMentor
    try:
        command = kind.model_validate(entry)
    except ValidationError as error:
        return None, (*reasons, *reasons_of(error))
    return (None if reasons else command), tuple(reasons)
