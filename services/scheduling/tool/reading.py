"""Tandems from JSON: one, or a list; every fault told at once, with the tandem, the field and what to change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import from_json

from services.scheduling.availability.tandem import joined
from services.scheduling.tool.entry import AS_LIST, AS_TEXT, BusyTime, Member, TandemEntry
from shared.contracts.parts import WorkingTime, overlapping
from shared.runtime.given_file import no_json, without_mark
from shared.runtime.likely import likely
from shared.runtime.reasons import what_to_change
from shared.runtime.wrong_use import MOST_FAULTS, WrongUseError

_ONE = TypeAdapter(TandemEntry)
_LIST = TypeAdapter(list[TandemEntry])
_FIELDS: Mapping[str, type[BaseModel]] = {
    "": TandemEntry,
    "mentor": Member,
    "mentee": Member,
    "working_times": WorkingTime,
    "busy": BusyTime,
}
"""What may stand where, by the name of what holds it."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the file, with all that its tandems say of them."""

    id: str
    working_times: tuple[WorkingTime, ...]
    busy: tuple[BusyTime, ...] = ()


@dataclass(frozen=True, slots=True)
class Tandem:
    """Two people of the file."""

    mentor: Person
    mentee: Person

    @property
    def people(self) -> tuple[Person, Person]:
        """Both."""
        return self.mentor, self.mentee

    @property
    def ids(self) -> tuple[str, str]:
        """Of both."""
        return self.mentor.id, self.mentee.id

    def shares_somebody_with(self, other: "Tandem") -> bool:
        """Whether one of the two is in another tandem as well."""
        return not set(self.ids).isdisjoint(other.ids)


def holds_tandems(content: bytes) -> bool:
    """Whether a file holds tandems, one or a list; what else it may be is for others to say."""
    begin = without_mark(content).lstrip()
    if begin.startswith(b"{"):
        return True
    if not begin.startswith(b"["):
        return False
    try:
        entries = from_json(begin)
    except ValueError:
        return False
    return any(isinstance(entry, dict) and entry.keys() & TandemEntry.model_fields.keys() for entry in entries)


def tandems_of(content: bytes, name: str) -> tuple[Tandem, ...]:
    """The tandems of a file of this name. Raises WrongUseError with a line for each fault."""
    content = without_mark(content)
    alone = content.lstrip().startswith(b"{")
    try:
        entries = [_ONE.validate_json(content, extra="forbid", strict=True)] if alone else _listed(content)
    except ValidationError as error:
        found: list[dict[str, Any]] = [
            {**each, "loc": tuple(part for part in each["loc"] if part not in (AS_LIST, AS_TEXT))}
            for each in error.errors(include_input=False, include_url=False)
        ]
        if found[0]["type"] == "json_invalid":
            raise no_json(name, found[0]) from None
        lines = (f"{_place(name, each['loc'], alone=alone)}{_text(each)}" for each in found[:MOST_FAULTS])
        raise WrongUseError(*map(_one_line, lines), untold=max(0, len(found) - MOST_FAULTS)) from None
    if faults := [_one_line(f"{name}, {fault}") for fault in _disagreements(entries)]:
        raise WrongUseError(*faults)
    people = _people(entries)
    return tuple(Tandem(people[entry.mentor.id], people[entry.mentee.id]) for entry in entries)


def _listed(content: bytes) -> list[TandemEntry]:
    return _LIST.validate_json(content, extra="forbid", strict=True)


def _members(entries: Sequence[TandemEntry]) -> Iterable[tuple[int, str, Member]]:
    for number, entry in enumerate(entries, 1):
        yield number, "mentor", entry.mentor
        yield number, "mentee", entry.mentee


def _disagreements(entries: Sequence[TandemEntry]) -> Iterable[str]:
    """What two fields that are right by themselves say of each other."""
    pairs: dict[tuple[str, str], int] = {}
    for number, entry in enumerate(entries, 1):
        pair = entry.mentor.id, entry.mentee.id
        if pair[0] == pair[1]:
            yield f"tandem {number}, mentee.id: It is the mentor's too. A tandem is two people; correct one of the ids."
        if (first := pairs.setdefault(pair, number)) != number:
            yield f"tandem {number}: It is the same as tandem {first}. Leave one out."
    weeks: dict[str, tuple[int, tuple[WorkingTime, ...]]] = {}
    for number, role, member in _members(entries):
        if (weekday := overlapping(member.working_times)) is not None:
            yield (
                f"tandem {number} ({member.id}), {role}.working_times: Two of them overlap on weekday {weekday} (0 is "
                "Monday). Write them as one, or shorten one of them."
            )
        week = joined(member.working_times)
        first, before = weeks.setdefault(member.id, (number, week))
        if before != week:
            yield (
                f"tandem {number} ({member.id}), {role}.working_times: They differ from those in tandem {first}. "
                "Write the same in both."
            )


def _people(entries: Sequence[TandemEntry]) -> dict[str, Person]:
    """Each person once: somebody in several tandems is busy whenever one of them says so."""
    found: dict[str, Person] = {}
    for _, _, member in _members(entries):
        before = found[member.id].busy if member.id in found else ()
        busy = tuple(dict.fromkeys((*before, *member.busy)))
        found[member.id] = Person(member.id, member.working_times, busy)
    return found


def _place(name: str, place: Sequence[int | str], *, alone: bool) -> str:
    if not place:
        return f"{name}: "
    number, *fields = (0, *place) if alone else place
    field = f", {'.'.join(map(str, fields))}" if fields else ""
    return f"{name}{'' if alone else f', tandem {int(number) + 1}'}{field}: "


def _text(found: Mapping[str, Any]) -> str:
    """What to change; of a field that there is none of, which may be meant."""
    if found["type"] == "said":
        return str(found["ctx"]["said"])
    if found["type"] != "extra_forbidden":
        return what_to_change(found["type"], found.get("ctx", {})).en
    holder = next((str(part) for part in reversed(found["loc"][:-1]) if isinstance(part, str)), "")
    known = _FIELDS[holder].model_fields if holder in _FIELDS else ()
    return f"There is no such field; {likely(str(found['loc'][-1]), tuple(known))}"


def _one_line(text: str) -> str:
    """One line, and nothing that steers a terminal, whatever stands in a name or a field."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
