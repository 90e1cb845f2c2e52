"""Rows of a file as answers of people without a name: each value on its item's scale, or a fault."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from services.evaluation.questionnaires import classes, possible, words
from services.evaluation.reporting.inputs import Given
from services.evaluation.tool.faults import Faults
from services.evaluation.tool.known import Key, Known
from services.evaluation.tool.reading import Answered, Row
from shared.contracts.evaluation import Item
from shared.contracts.parts import Side
from shared.runtime.likely import likely
from shared.spreadsheets.cells import NOTHING, CellError, readable, role

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
WHOLE = re.compile(r"[+-]?\d{1,9}(?:[.,]0+)?")
MINUS = str.maketrans({"\u2212": "-", "\u2013": "-"})
"""What a word processor makes of a minus."""
FINAL = "final"
"""The questionnaire of a file that names none."""
ONCE = ("baseline", "mid-term", FINAL)
"""What a person answers once."""


class _Somebody(NamedTuple):
    """A person by a number of ours, and where the file speaks of them first."""

    row: int
    number: str
    side: Side


@dataclass(slots=True)
class People:
    """The answers by questionnaire, of people and tandems that are known by a number of ours alone.

    `versions`: which of each questionnaire were answered; `comments`: how many were left out.
    """

    given: dict[str, list[Given]] = field(default_factory=dict)
    versions: dict[str, set[int]] = field(default_factory=dict)
    comments: int = 0


def people_of(found: Answered) -> People:
    """Everybody's answers. Raises WrongUseError with a line for each fault."""
    faults, known = found.faults(), found.known
    people, seen, items = People(), _Seen(faults), _Items(known, faults)
    for row in found.rows:
        person, tandem, side = (_id(row, "person", faults), _id(row, "tandem", faults), _side(row, faults))
        key = _key(row, known, faults)
        people.comments += not _empty(row.known.get("comment"))
        if key is None:
            continue
        before = faults.count
        answers = dict(items.read(row, key))
        if not answers and _empty(row.known.get("comment")) and faults.count == before:
            faults.add(row.number, "", "Nothing is answered in it. Delete it.")
        if person is None or tandem is None or side is None:
            continue
        if side not in known.sides(key):
            faults.add(row.number, "side", f"{key.questionnaire} is asked of {known.sides(key)[0]}s alone. Correct it.")
        who = seen.who(row.number, person, side)
        seen.answers(row.number, who, key, once=key.questionnaire in (*ONCE, *known.own))
        given = Given(person=who, cluster=seen.tandem(row.number, tandem, who, side), side=side, answers=answers)
        people.given.setdefault(key.questionnaire, []).append(given)
        people.versions.setdefault(key.questionnaire, set()).add(key.version)
    faults.end()
    return people


def _empty(cell: object) -> bool:
    return cell is None or cell == ""


def _id(row: Row, name: str, faults: Faults) -> str | None:
    cell = row.known.get(name)
    if isinstance(cell, int) and not isinstance(cell, bool):
        cell = str(cell)
    if isinstance(cell, str) and ID.fullmatch(cell):
        return cell
    told = "A number, or an id of letters, digits, '.', '_' and '-' that means nothing; no name and no address."
    faults.add(row.number, name, f"It is missing. {told}" if _empty(cell) else told)
    return None


def _side(row: Row, faults: Faults) -> Side | None:
    cell = row.known.get("side")
    named = role(cell) if isinstance(cell, str) else ""
    if named == "mentor":
        return "mentor"
    if named == "mentee":
        return "mentee"
    faults.add(row.number, "side", "Write mentor or mentee.")
    return None


def _key(row: Row, known: Known, faults: Faults) -> Key | None:
    """Which questionnaire was answered, in which version: the newest where none is named."""
    cell = row.known.get("questionnaire")
    name = FINAL if _empty(cell) else known.named(cell) if isinstance(cell, str) else None
    if name is None:
        names = tuple(known.newest)
        meant = likely(cell.casefold(), names) if isinstance(cell, str) else f"there are: {', '.join(names)}."
        faults.add(row.number, "questionnaire", f"There is no such questionnaire; {meant}")
        return None
    version = row.known.get("version")
    if _empty(version):
        return Key(name, known.newest[name])
    number = _number(version)
    if number is None or (name, number) not in known.items:
        numbers = ", ".join(str(other) for of, other in sorted(known.items) if of == name)
        faults.add(row.number, "version", f"There is no such version of {name}; there are: {numbers}.")
        return None
    return Key(name, number)


def _number(cell: object) -> int | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int):
        return cell
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, str) and WHOLE.fullmatch(written := cell.translate(MINUS)):
        return int(re.split("[.,]", written)[0])
    return None


class _Items:
    """The items of each questionnaire, and what may be written as an answer to each: its number, code or words."""

    def __init__(self, known: Known, faults: Faults) -> None:
        self._items, self._faults = known.items, faults
        self._known: dict[Key, Mapping[str, _Scale]] = {}

    def read(self, row: Row, key: Key) -> Iterator[tuple[str, int]]:
        """The values that were given; what is empty, or says that there is nothing to say, was not answered."""
        if key not in self._known:
            self._known[key] = {item.id: _Scale(item) for item in self._items[key]}
        known = self._known[key]
        for name, cell in row.answers.items():
            if _empty(cell):
                continue
            if name not in known:
                text = f"{key.questionnaire} has no such item in version {key.version}; {likely(name, tuple(known))}"
                self._faults.add(row.number, name, text)
                continue
            try:
                value = known[name].value(cell)
            except CellError as error:
                self._faults.add(row.number, name, error.text.en)
                continue
            if value is not None:
                yield name, value


class _Scale:
    """An item's scale as people write it."""

    def __init__(self, item: Item) -> None:
        self._values = frozenset(possible(item))
        self._texts = {
            text.casefold(): each.values[0]
            for each in classes(item, three=False)
            for text in (each.code, each.text.de, each.text.en, str(each.values[0]))
        }

    def value(self, cell: object) -> int | None:
        """The value that a cell stands for; None: none. Raises CellError."""
        if isinstance(cell, str):
            if (found := self._texts.get(cell)) is not None:
                return found
            if NOTHING.fullmatch(readable(cell, lines=True)):
                return None
            if (found := self._texts.get(" ".join(cell.casefold().split()))) is not None:
                return found
        number = _number(cell)
        if number is None or number not in self._values:
            raise CellError(words("none-of-these", values=", ".join(map(str, sorted(self._values)))))
        return number


class _Seen:
    """Who was met in the file so far. Their ids are forgotten with it; what goes on are numbers."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._people: dict[str, _Somebody] = {}
        self._tandems: dict[str, str] = {}
        self._in: dict[tuple[str, Side], _Somebody] = {}
        self._answered: dict[tuple[str, str | Key], int] = {}

    def who(self, row: int, person: str, side: Side) -> str:
        """A person by a number of ours; that they were on the other side before is a fault."""
        found = self._people.setdefault(person, _Somebody(row, str(len(self._people)), side))
        if found.side != side:
            self._faults.add(row, "side", f"The same person is a {found.side} in {self._place(found.row)}. Correct it.")
        return found.number

    def tandem(self, row: int, tandem: str, number: str, side: Side) -> str:
        """A tandem by a number of ours; that it has a third person is a fault."""
        found = self._in.setdefault((tandem, side), _Somebody(row, number, side))
        if found.number != number:
            text = f"It has another {side} in {self._place(found.row)}. A tandem is two people; correct it."
            self._faults.add(row, "tandem", text)
        return self._tandems.setdefault(tandem, str(len(self._tandems)))

    def answers(self, row: int, number: str, key: Key, *, once: bool) -> None:
        """That somebody answers once what is asked once: of the office's own each version by itself."""
        asked = key.questionnaire if key.questionnaire in ONCE else key
        first = self._answered.setdefault((number, asked), row)
        if once and first != row:
            text = f"The same person has answered {key.questionnaire} in {self._place(first)}. Leave one out."
            self._faults.add(row, "person", text)

    def _place(self, row: int) -> str:
        return self._faults.place(row)
