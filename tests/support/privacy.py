"""What may stand in no event that everybody reads: wishes, vetoes, who answered, and who anybody is."""

import re
from collections.abc import Collection, Iterator
from typing import Any

SECRET = ("veto", "wish", "accepted_by", "declined_by", "cancelled_by", "ended_by", "answered", "respond")
"""Parts of field names that would tell what nobody else may learn."""
PRIVATE = (
    "answers-taken",
    "wishes-named",
    "return-taken",
    "delegate-named",
    "agreement-shown",
    "introduction-noted",
    "story-noted",
    "story-shown",
    "certificate-ready",
    "my-extras-shown",
)
"""Answers to private commands: never on the exchange of events."""
PUBLIC = ("wish_by", "wish_days")
"""Until when wishes are taken: the same day for everybody."""
COMMAND = re.compile(r"[a-z]+\.[a-z-]+\.v[0-9]+")
"""What may stand in an exception's `answered_by`: the commands that answer it."""
CONTACTS = "registration.contact-recorded.v1"
"""The one type that may carry a name and an address."""
GROUPS = ("evaluation.report-published.v1", "contents.responses.answered")
"""How many people of a large enough group answered: a number, told once, which names nobody."""


def leaks(key: str, envelope: dict[str, Any], people: Collection[str]) -> list[str]:
    """What an event tells that it must not, in words; `people` are names and addresses of everybody."""
    found = [f"{key} is on the exchange of events" for private in PRIVATE if private in key]
    found += [f"{key} names who sent its cause" for name in ("actor", "sender") if name in envelope]
    for name, value in _fields(envelope["data"]):
        if name.startswith("answered_by") and all(COMMAND.fullmatch(text) for text in _texts(value)):
            continue
        if (key, name) == GROUPS:
            continue
        if name.rsplit(".", 1)[-1] in PUBLIC:
            continue
        found += [f"{key}.{name} tells {secret}" for secret in SECRET if secret in name.lower()]
        if key != CONTACTS:
            found += [f"{key}.{name} tells {person}" for person in people if isinstance(value, str) and person in value]
    return found


def _texts(value: Any) -> list[str]:
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]


def _fields(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every field with its path, at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{path}{name}", inner
            yield from _fields(inner, f"{path}{name}.")
    elif isinstance(value, list):
        for inner in value:
            yield path, inner
            yield from _fields(inner, path)
