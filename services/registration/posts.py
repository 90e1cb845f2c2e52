"""What HR knows of a post, beside what a participant's profile says: what differs, and what is taken over. Pure."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from services.registration.checks import words
from services.registration.model import Employment, Participant
from services.registration.model.hr import Post
from shared.contracts import hr
from shared.contracts.base import Text
from shared.contracts.parts import other_week
from shared.runtime.days import far_ahead

Facts = hr.EmploymentChanged | hr.EmploymentRow | Post

FIELDS = ("department", "unit", "grade", "site", "working_times")
"""Of a profile, what HR knows better than the person."""

OPEN_END = 50
"""Years: personnel systems write an end that is later, e.g. 9999-12-31, of an employment that goes on."""


def known_end(last_day: dt.date | None, today: dt.date) -> dt.date | None:
    """The last day that HR means; None where the employment goes on."""
    return None if last_day is None or far_ahead(last_day, today, OPEN_END) else last_day


def line_of(
    facts: hr.EmploymentChanged | hr.EmploymentRow, person_id: str, keyed: Callable[..., str]
) -> tuple[str, ...] | None:
    """The reporting line as it is kept: keyed digests, the person's own left out; None where HR does not know it."""
    if facts.superiors is None:
        return None
    digests = (keyed("position", superior) for superior in facts.superiors)
    return tuple(digest for digest in digests if digest != person_id)


def changes(participant: Participant, facts: Facts, line: tuple[str, ...] | None) -> dict[str, object]:
    """What of a participant is other than HR knows it, by field; `superiors` stands for the reporting line."""
    known = {name: getattr(facts, name) for name in FIELDS}
    found: dict[str, object] = {
        name: value
        for name, value in known.items()
        if value is not None and _differs(name, value, getattr(participant.profile, name))
    }
    return found if line is None or line == participant.reporting_line else {**found, "superiors": line}


def _differs(name: str, by_hr: Any, known: Any) -> bool:
    return other_week(by_hr, known) if name == "working_times" else bool(by_hr != known)


def changed_by(participant: Participant, found: dict[str, object]) -> Participant:
    """The participant with what HR knows otherwise (`changes`)."""
    profile = participant.profile.model_copy(update={name: value for name, value in found.items() if name in FIELDS})
    return participant.but(profile=profile, reporting_line=found.get("superiors", participant.reporting_line))


def heard(post: Post, facts: hr.EmploymentChanged, line: tuple[str, ...] | None) -> Post:
    """A post with what is said of it now; what is left out stays."""
    said = {name: value for name in FIELDS if (value := getattr(facts, name)) is not None}
    return post.model_copy(update=said if line is None else {**said, "reporting_line": line})


def otherwise(employment: Employment, row: hr.EmploymentRow, line: tuple[str, ...] | None) -> set[str]:
    """What a row says otherwise than HR said before, by field; what it says for the first time is nothing other."""
    post = employment.post
    pairs = {name: (getattr(post, name), getattr(row, name)) for name in FIELDS}
    pairs["superiors"] = (post.reporting_line, line)
    return {name for name, (before, now) in pairs.items() if before is not None and now is not None and before != now}


def named(fields: Iterable[str]) -> Text:
    """Fields in words, one after the other."""
    each = [words(f"field-{field.replace('_', '-')}") for field in fields]
    return Text(de=", ".join(name.de for name in each), en=", ".join(name.en for name in each))
