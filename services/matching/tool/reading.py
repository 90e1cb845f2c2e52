"""People from JSON: read at once, and every fault told with the person, the field and what to change."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from services.matching.people import Person
from services.matching.tool.agreement import disagreements
from services.matching.tool.entry import Entry, Fault
from shared.contracts.base import Text
from shared.contracts.parts import Profile, Side, TopicLevel, WorkingTime
from shared.runtime.given_file import no_json, without_mark
from shared.runtime.likely import likely
from shared.runtime.reasons import what_to_change
from shared.runtime.wrong_use import MOST_FAULTS, WrongUseError

_ENTRIES = TypeAdapter(list[Entry])
_FIELDS: dict[str, Sequence[str]] = {
    "": tuple(Entry.model_fields),
    "profile": tuple(Profile.model_fields),
    "working_times": tuple(WorkingTime.model_fields),
    "strengths": tuple(TopicLevel.model_fields),
    "concerns": tuple(TopicLevel.model_fields),
}
"""The fields that there are, by the name of what holds them."""


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
    today: dt.date = dt.date.max
    """The last day since which somebody can have waited."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The people of a file."""

    people: tuple[Person, ...]
    labels: Mapping[str, Text]


def people_of(given: Given) -> Listed:
    """The people of a file. Raises WrongUseError with a line for each fault, all of them at once."""
    try:
        if isinstance(given.entries, bytes):
            entries = _ENTRIES.validate_json(without_mark(given.entries), extra="forbid", strict=True)
        else:
            entries = _ENTRIES.validate_python(given.entries, extra="forbid")
    except ValidationError as error:
        wrong = _told_once(error.errors(include_input=False, include_url=False), given)
        faults = [*given.faults, *wrong]
        raise _refused(given, [*faults, *_also(given, {fault.place for fault in faults})]) from None
    sides = {entry.id: entry.role for entry in entries}
    if faults := [*given.faults, *disagreements(enumerate(entries), sides, given.where, given.today)]:
        raise _refused(given, faults)
    return Listed(tuple(entry.person() for entry in entries), given.labels)


def _also(given: Given, wrong: Collection[int]) -> Iterable[Fault]:
    """What the other entries say that cannot be, where some are wrong: so that it need not be told another time."""
    written = _written(given)
    sides = {
        entry["id"]: entry["role"]
        for entry in written
        if isinstance(entry, Mapping) and isinstance(entry.get("id"), str) and entry.get("role") in get_args(Side)
    }
    whole = ((at, Entry.model_validate_json(to_json(entry))) for at, entry in enumerate(written) if at not in wrong)
    return disagreements(whole, sides, given.where, given.today)


def _written(given: Given) -> Sequence[Any]:
    """The entries as they stand in the file."""
    if isinstance(given.entries, bytes):
        found: Sequence[Any] = from_json(without_mark(given.entries))
        return found
    return given.entries


def _refused(given: Given, faults: Sequence[Fault]) -> WrongUseError:
    return WrongUseError(*_lines(given, faults), untold=max(0, len(faults) - MOST_FAULTS))


def _told_once(errors: Iterable[Mapping[str, Any]], given: Given) -> list[Fault]:
    """Pydantic's findings, without what follows from others: it counts a list's wrong entries as missing ones."""
    told = {(fault.place, fault.field) for fault in given.faults}
    found: list[Fault] = []
    wrong: set[tuple[int, str]] = set()
    for each in errors:
        fault = _fault(each, given.name)
        if each["type"] == "too_short" and (fault.place, fault.field) in wrong:
            continue
        holders = fault.field.split(".")
        wrong |= {(fault.place, ".".join(holders[:end])) for end in range(1, len(holders))}
        if (fault.place, fault.field) not in told:
            found.append(fault)
    return found


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
    """The first faults, each with the person."""
    written = _written(given)
    for fault in sorted(faults, key=lambda fault: fault.place)[:MOST_FAULTS]:
        entry = written[fault.place] if fault.place < len(written) else None
        id = entry.get("id") if isinstance(entry, Mapping) else None
        who = f" ({id})" if isinstance(id, str) and id else ""
        what = f", {given.field_name(fault.field)}" if fault.field else ""
        # One line, whatever stands in a name.
        yield " ".join(f"{given.name}, {given.where(fault.place)}{who}{what}: {fault.text}".split())
