"""People from JSON: read at once, and every fault told with the person, the field and what to change."""

import datetime as dt
import gc
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from services.matching.people import Person
from services.matching.tool.given import likely, no_json, without_mark
from shared.contracts.base import Text
from shared.contracts.parts import Id, Profile, Side, TopicLevel, WorkingTime
from shared.contracts.registration import PersonnelKey
from shared.runtime.reasons import what_to_change
from shared.runtime.wrong_use import MOST_FAULTS, WrongUseError

MOST_WISHES, MOST_VETOES = 5, 50
"""As in the command that names them."""


class Entry(BaseModel):
    """One person of a file: what the register command says of them, and what matching knows besides."""

    model_config = ConfigDict(frozen=True)

    role: Side
    id: Id
    profile: Profile
    personnel_key: PersonnelKey | None = Field(default=None, description="the person's own post; without it, the id")
    superiors: tuple[PersonnelKey, ...] = Field(default=(), max_length=10, description="the direct one first")
    wishes: tuple[Id, ...] = Field(default=(), max_length=MOST_WISHES, description="ids, best first (P1)")
    vetoes: tuple[Id, ...] = Field(default=(), max_length=MOST_VETOES, description="ids (P1)")
    waiting_since: dt.date | None = Field(default=None, description="on the reserve list since (P5)")

    # The rest of the register command: taken, so that its data can be used as it is, and not looked at.
    programme_id: object = None
    display_name: object = None
    mail: object = None
    about_me: object = None
    consents: object = None
    voluntary: object = None
    privacy_notice: object = None

    def person(self) -> Person:
        """What a round knows of this person."""
        return Person.model_construct(
            id=self.id,
            role=self.role,
            profile=self.profile,
            position=self.post,
            reporting_line=self.superiors,
            capacity=self.profile.capacity,
            since=self.waiting_since,
            wishes=self.wishes,
            vetoes=self.vetoes,
            served=False,
        )

    @property
    def post(self) -> str:
        """The person's own place in reporting lines."""
        return self.id if self.personnel_key is None else self.personnel_key


_ENTRIES = TypeAdapter(list[Entry])
_FIELDS: dict[str, Sequence[str]] = {
    "": tuple(Entry.model_fields),
    "profile": tuple(Profile.model_fields),
    "working_times": tuple(WorkingTime.model_fields),
    "strengths": tuple(TopicLevel.model_fields),
    "concerns": tuple(TopicLevel.model_fields),
}
"""The fields that there are, by the name of what holds them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of one entry."""

    place: int
    """Of the entry, from 0."""
    field: str
    """Dotted path, as in the register command; empty for the whole entry."""
    text: str


@dataclass(frozen=True)
class Given:
    """Entries as somebody wrote them, before anything is known to fit."""

    name: str
    """Of the file, for people."""
    entries: bytes | Sequence[Mapping[str, object]]
    where: Callable[[int], str] = lambda place: f"entry {place + 1}"
    """The place of an entry in words: an entry of a list, a row of a table."""
    field_name: Callable[[str], str] = lambda path: path
    """What the file calls a field."""
    faults: Sequence[Fault] = ()
    """Found while reading the file itself; these fields of theirs are missing in `entries`."""
    labels: Mapping[str, Text] = field(default_factory=dict)
    """The words of the topics, where the file has any."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The people of a file."""

    people: tuple[Person, ...]
    labels: Mapping[str, Text]


def people_of(given: Given) -> Listed:
    """The people of a file. Raises WrongUseError with a line for each fault, all of them at once."""
    collects = gc.isenabled()
    # Hundreds of thousands of small objects that all stay: collecting among them finds nothing, and takes long.
    gc.disable()
    try:
        entries, wrong = _entries(given)
        faults = [*given.faults, *wrong, *(() if entries is None else _disagreements(entries))]
        if faults or entries is None:
            raise WrongUseError(*_lines(given, faults), untold=max(0, len(faults) - MOST_FAULTS))
        return Listed(tuple(entry.person() for entry in entries), given.labels)
    finally:
        if collects:
            gc.enable()


def _entries(given: Given) -> tuple[list[Entry] | None, list[Fault]]:
    try:
        if isinstance(given.entries, bytes):
            return _ENTRIES.validate_json(without_mark(given.entries), extra="forbid"), []
        return _ENTRIES.validate_python(given.entries, extra="forbid"), []
    except ValidationError as error:
        told = {(fault.place, fault.field) for fault in given.faults}
        found = [_fault(each, given.name) for each in error.errors(include_input=False, include_url=False)]
        return None, [fault for fault in found if (fault.place, fault.field) not in told]


def _fault(found: Mapping[str, Any], name: str) -> Fault:
    """A finding of Pydantic. Raises WrongUseError for one of the whole file."""
    place = found["loc"]
    if not place:
        raise _no_list(found, name)
    return Fault(int(place[0]), ".".join(map(str, place[1:])), _text(found, place[1:]))


def _no_list(found: Mapping[str, Any], name: str) -> WrongUseError:
    if found["type"] == "json_invalid":
        return no_json(name, found)
    return WrongUseError(f"{name} must be a list of people, [{{…}}, {{…}}]")


def _text(found: Mapping[str, Any], place: Sequence[int | str]) -> str:
    """What to change; of a field that there is none of, which may be meant."""
    if found["type"] != "extra_forbidden":
        return what_to_change(found["type"], found.get("ctx", {})).en
    field = str(place[-1])
    holder = next((str(part) for part in reversed(place[:-1]) if isinstance(part, str)), "")
    if holder == "" and field in Profile.model_fields:
        return "There is no such field here. Write it inside profile."
    if holder == "profile" and field in Entry.model_fields:
        return "There is no such field here. Write it beside profile."
    return f"There is no such field; {likely(field, _FIELDS.get(holder, ()))}"


def _lines(given: Given, faults: Sequence[Fault]) -> Iterable[str]:
    """The first faults, each with the person; the file is parsed once more for their ids."""
    written: Sequence[Any] = (
        from_json(without_mark(given.entries)) if isinstance(given.entries, bytes) else given.entries
    )
    for fault in sorted(faults, key=lambda fault: fault.place)[:MOST_FAULTS]:
        entry = written[fault.place] if fault.place < len(written) else None
        id = entry.get("id") if isinstance(entry, Mapping) else None
        who = f" ({id})" if isinstance(id, str) and id else ""
        what = f", {given.field_name(fault.field)}" if fault.field else ""
        yield f"{given.name}, {given.where(fault.place)}{who}{what}: {fault.text}"


def _disagreements(entries: Sequence[Entry]) -> Iterable[Fault]:
    """What no single field shows: the rules of registration, and what two entries say of each other."""
    first: dict[str, int] = {}
    posts: dict[tuple[str, str], int] = {}
    sides: dict[str, str] = {}
    for place, entry in enumerate(entries):
        if (other := first.setdefault(entry.id, place)) != place:
            yield Fault(
                place, "id", f"Entry {other + 1} of the list has this id too. Give each person one of their own."
            )
        if (other := posts.setdefault((entry.role, entry.post), place)) != place and first[entry.id] == place:
            yield Fault(place, "personnel_key", f"It is that of {entries[other].id} too. List each person once a role.")
        sides[entry.id] = entry.role
        yield from _own(place, entry)
    for place, entry in enumerate(entries):
        for name, ids in (("wishes", entry.wishes), ("vetoes", entry.vetoes)):
            for number, id in enumerate(ids):
                if sides.get(id, entry.role) == entry.role:
                    text = f"There is no {_other(entry.role)} {id} in the list. Correct it, or leave it out."
                    yield Fault(place, f"{name}.{number}", text)
        if both := set(entry.wishes) & set(entry.vetoes):
            yield Fault(place, "vetoes", f"{min(both)} is wished for as well. Keep one of the two.")


def _other(role: Side) -> Side:
    return "mentee" if role == "mentor" else "mentor"


def _own(place: int, entry: Entry) -> Iterable[Fault]:
    profile = entry.profile
    if entry.role == "mentor" and not profile.strengths:
        yield Fault(place, "profile.strengths", "A mentor names at least one strength. Add it.")
    if entry.role == "mentee":
        if not profile.concerns:
            yield Fault(place, "profile.concerns", "A mentee names at least one concern. Add it.")
        if profile.capacity != 1:
            yield Fault(place, "profile.capacity", "A mentee has exactly one tandem. Write 1, or leave it out.")
    for name, topics in (("strengths", profile.strengths), ("concerns", profile.concerns)):
        ids = [topic.topic_id for topic in topics]
        if len(set(ids)) < len(ids):
            twice = next(id for id in ids if ids.count(id) > 1)
            yield Fault(place, f"profile.{name}", f"The topic {twice} is named twice. Leave one out.")
    if entry.post in entry.superiors:
        yield Fault(place, "superiors", "Nobody is their own superior. Leave the person's own post out.")
