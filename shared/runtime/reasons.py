"""What does not fit a contract, as reasons for people and programs: path, code, what to change; never a value."""

import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from shared.contracts.base import Reason, Text
from shared.contracts.parts import LINE, LINK
from shared.runtime.words import Words

words = Words("shared.runtime")
MOST_REASONS = 20
"""So many findings are told at once; whoever sends thousands of wrong fields needs no more."""
FIELD = re.compile(r"[0-9]+|[a-z][a-z0-9_-]{0,63}")

FORMS = {
    r"^[A-Za-z0-9][A-Za-z0-9._-]*$": "form-id",
    r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$": "form-uuid",
    r"^[a-z]{2}$": "form-language",
    r"^[^@\s]+@[^@\s]+$": "form-mail",
    r"^[^@\s]+@[^@\s]+\.[^@\s]+$": "form-mail",
    r"\S": "form-filled",
    LINE: "form-line",
    LINK: "form-link",
}
"""Patterns of the contracts, in words."""

GONE = Reason(field="", code="gone", message=words("gone"))
"""What a command hears that would bring back what a programme keeps no more."""


def reasons_of(error: ValidationError) -> tuple[Reason, ...]:
    """Pydantic's findings as reasons: path, code, and what to change; never a value, never Pydantic's own English."""
    return tuple(
        Reason(
            field=_path(found["loc"]),
            code=found["type"],
            message=what_to_change(found["type"], found.get("ctx", {})),
        )
        for found in error.errors(include_input=False, include_url=False)[:MOST_REASONS]
    )


def fields_of(error: ValidationError) -> tuple[str, ...]:
    """The paths of the fields that do not fit, each once."""
    return tuple(dict.fromkeys(_path(found["loc"]) for found in error.errors(include_input=False)[:MOST_REASONS]))


def faults_of(error: ValidationError) -> str:
    """Pydantic's findings in one line: paths and codes, never a value."""
    return "; ".join(
        f"{_path(e['loc'])}: {e['type']}" for e in error.errors(include_input=False, include_url=False)[:MOST_REASONS]
    )


def _path(place: Sequence[int | str]) -> str:
    """A field's path; a name that no contract would have is the sender's own and may say anything."""
    return ".".join(str(part) if FIELD.fullmatch(str(part)) else "?" for part in place)


def what_to_change(code: str, context: dict[str, Any]) -> Text:
    """The words of a code, or of its family: `date` for date_type, date_parsing, …; else of any value that is wrong."""
    exact = code.replace("_", "-")
    family = exact.split("-")[0]
    key = next(k for k in (f"invalid-{exact}", f"invalid-{family}", "invalid") if k in words)
    if "pattern" in context:
        return words(key, form=words(FORMS.get(context["pattern"], "form-other")))
    # Pydantic joins what is allowed in English.
    return words(key, **{k: str(v).replace(" or ", ", ") for k, v in context.items()})
