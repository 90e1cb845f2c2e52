"""A programme's rules document that somebody gave a command as a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from shared.contracts.parts import Rules
from shared.runtime.given_file import name_of, no_json, read_bytes, without_mark
from shared.runtime.likely import likely
from shared.runtime.reasons import what_to_change
from shared.runtime.wrong_use import WrongUseError


def read_rules(path: Path) -> Rules:
    """The rules of a file; what the document leaves out is as by default.

    Raises WrongUseError with a line for each fault.
    """
    name = name_of(path)
    try:
        return Rules.model_validate_json(without_mark(read_bytes(path)), extra="forbid", strict=True)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        if found[0]["type"] == "json_invalid":
            raise no_json(name, found[0]) from None
        if alone := _part_alone({str(each["loc"][0]) for each in found if each["loc"]}):
            part, rule = alone
            raise WrongUseError(
                f'{name} holds the {part} part alone; put it into the programme\'s rules: {{"{part}": {{"{rule}": …}}}}'
            ) from None
        raise WrongUseError(
            *(f"{name}, {'.'.join(map(str, each['loc'])) or 'the whole'}: {_text(each)}" for each in found)
        ) from None


def _part_alone(written: set[str]) -> tuple[str, str] | None:
    """The part of the rules, and one rule of it, where its rules stand at the top of the document."""
    for part in Rules.model_fields:
        if rules := written & _rules_of(part).keys():
            return part, min(rules)
    return None


def _rules_of(part: str) -> Mapping[str, object]:
    of = Rules.model_fields[part].annotation
    return of.model_fields if isinstance(of, type) and issubclass(of, BaseModel) else {}


def _text(found: Mapping[str, Any]) -> str:
    if found["type"] != "extra_forbidden":
        return what_to_change(found["type"], found.get("ctx", {})).en
    *holders, _ = map(str, found["loc"])
    known = _rules_of(holders[0]) if holders else Rules.model_fields
    return f"There is no such rule; {likely(str(found['loc'][-1]), tuple(known))}"
