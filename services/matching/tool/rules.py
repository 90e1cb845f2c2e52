"""The programme's rules document, of which the match needs its own part."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from services.matching.tool.given import no_json, without_mark
from shared.contracts.parts import MatchingRules, Rules
from shared.runtime.given_file import name_of, read_bytes
from shared.runtime.reasons import what_to_change
from shared.runtime.wrong_use import WrongUseError
from shared.spreadsheets.likely import likely


def read_rules(path: Path) -> MatchingRules:
    """The matching part of a programme's rules; what the document leaves out is as by default.

    Raises WrongUseError with a line for each fault.
    """
    name = name_of(path)
    try:
        rules = Rules.model_validate_json(without_mark(read_bytes(path)), extra="forbid", strict=True).matching
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        if found[0]["type"] == "json_invalid":
            raise no_json(name, found[0]) from None
        alone = {str(each["loc"][0]) for each in found if each["loc"]} & set(MatchingRules.model_fields)
        if alone:
            raise WrongUseError(
                f"{name} holds the matching part alone; put it into the programme's rules: "
                f'{{"matching": {{"{min(alone)}": …}}}}'
            ) from None
        raise WrongUseError(
            *(f"{name}, {'.'.join(map(str, each['loc'])) or 'the whole'}: {_text(each)}" for each in found)
        ) from None
    if rules.weight_mentee + rules.weight_mentor + rules.weight_site == 0:
        raise WrongUseError(f"{name}, matching: At least one weight must be above zero.")
    return rules


def _text(found: Mapping[str, Any]) -> str:
    if found["type"] != "extra_forbidden":
        return what_to_change(found["type"], found.get("ctx", {})).en
    *holders, field = map(str, found["loc"])
    part = Rules.model_fields[holders[0]].annotation if holders else Rules
    known = tuple(part.model_fields) if isinstance(part, type) and issubclass(part, BaseModel) else ()
    return f"There is no such rule; {likely(field, known)}"
