"""A story with the people of a spreadsheet in the place of its own."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.cli.demo.story import Story
from shared.runtime.reasons import reasons_of, what_to_change
from shared.runtime.wrong_use import WrongUseError
from shared.spreadsheets.cells import topic_id
from shared.spreadsheets.people import TIMES, PeopleSheet, PersonRow, read_people

TOPICS = ("strengths", "concerns")
WISHES = {"wishes", "vetoes"}


def with_people_of(story: Story, path: Path) -> Story:
    """The story with a file's people, by role and number. Raises WrongUseError with a line for each fault.

    What happens to the story's own people is left out; there are as many places as there can be tandems.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WrongUseError(f"{path} cannot be read ({error.strerror}); check the path") from None
    return with_people(story, read_people(content, str(path), "demo"))


def with_people(story: Story, sheet: PeopleSheet) -> Story:
    """The story with the people of a sheet. Raises WrongUseError."""
    faults = [
        f"{sheet.name}, row {row.number}{', ' if fault.field else ''}{sheet.column(fault.field)}: {fault.text.en}"
        for row in sheet.rows
        for fault in row.faults
    ]
    faults += [
        f"{sheet.name}, row {row.number}, {sheet.column(TIMES)}: {what_to_change('missing', {}).en}"
        for row in sheet.rows
        if not row.faults and not row.entry["profile"].get("working_times")
    ]
    if faults:
        raise WrongUseError(*faults)
    keys = _keys(sheet)
    by_name = {row.entry[name]: key for row, key in keys for name in ("id", "personnel_key") if name in row.entry}
    known = {topic_id(word): topic.id for topic in story.topics for word in (topic.label.de, topic.label.en, topic.id)}
    named = {level["topic_id"] for row in sheet.rows for name in TOPICS for level in row.entry["profile"][name]}
    more = [{"id": id, "area": "software", "label": sheet.labels[id]} for id in sorted(named - known.keys())]
    roles = [row.entry.get("role") for row in sheet.rows]
    names = {key for _, key in keys}
    told = story.model_dump()
    told["programme"]["places"] = max(1, min(roles.count("mentor"), roles.count("mentee")))
    told["topics"] = (*told["topics"], *more)
    told["kick_off"] |= {"profiles": (), "absent": story.kick_off.absent & names}
    told |= {
        "people": [_person(row, key, by_name, known) for row, key in keys],
        "wishes": [_wishes(row, key, by_name) for row, key in keys if row.entry.keys() & WISHES],
        "silent": story.silent & names,
        "quiet": story.quiet & names,
        "declines": story.declines & names,
    }
    told |= {"faulty": (), "happenings": (), "meetings": ()}
    try:
        return Story.model_validate(told)
    except ValidationError as error:
        raise WrongUseError(*_lines(error, sheet)) from None


def _keys(sheet: PeopleSheet) -> list[tuple[PersonRow, str]]:
    """Each row with a key by role and number."""
    numbers: Counter[str] = Counter()
    found: list[tuple[PersonRow, str]] = []
    for row in sheet.rows:
        role = str(row.entry.get("role", "person"))
        numbers[role] += 1
        found.append((row, f"{role}-{numbers[role]:02}"))
    return found


def _person(row: PersonRow, key: str, by_name: Mapping[str, str], known: Mapping[str, str]) -> dict[str, Any]:
    profile = dict(row.entry["profile"])
    topics = {
        name: {known.get(level["topic_id"], level["topic_id"]): level["level"] for level in profile.pop(name)}
        for name in TOPICS
    }
    superiors = [by_name.get(superior, superior) for superior in row.entry.get("superiors", ())]
    role = {"role": row.entry["role"]} if "role" in row.entry else {}
    return {"key": key, "superiors": superiors, **role, **topics, **profile}


def _wishes(row: PersonRow, key: str, by_name: Mapping[str, str]) -> dict[str, Any]:
    """Whom somebody would like, or will not be matched with, by key; an id of nobody is a fault of the story."""
    return {
        "who": key,
        **{name: [by_name.get(id, id) for id in row.entry.get(name, ())] for name in WISHES},
    }


def _lines(error: ValidationError, sheet: PeopleSheet) -> Iterator[str]:
    """What does not fit, each with its row where it lies in one."""
    for reason, found in zip(reasons_of(error), error.errors(include_input=False), strict=False):
        parts = reason.field.split(".")
        if parts[0] != "people" or len(parts) == 1:
            yield f"{sheet.name}: {found['msg'].removeprefix('Value error, ')}"
            continue
        row, field = sheet.rows[int(parts[1])], ".".join(parts[2:])
        written = (sheet.column(path) for path in (f"profile.{field}", field))
        column = next((heading for heading in written if "." not in heading), field)
        yield f"{sheet.name}, row {row.number}, {column}: {reason.message.en}"
