"""Criteria that somebody gave as a file: as in the programme's document, or that document itself."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from shared.contracts.parts import Criteria, Criterion
from shared.runtime.given_file import name_of, read_bytes, without_mark
from shared.runtime.likely import likely
from shared.runtime.reasons import what_to_change
from shared.runtime.wrong_use import WrongUseError

NEVER = 100
"""Percent of people that surely no answers show: it must be surely more who want a change, or surely less than none."""


def read_criteria(path: Path) -> Criteria:
    """The criteria of a file; a question that it leaves out has the software's.

    Raises WrongUseError with a line for each fault.
    """
    name = name_of(path)
    try:
        document: Any = from_json(without_mark(read_bytes(path)))
    except ValueError as error:
        raise WrongUseError(f"{name} is no JSON: {error}; correct it there") from None
    if isinstance(document, dict) and "criteria" in document:
        document = document["criteria"]
    try:
        criteria = Criteria.model_validate(document, extra="forbid", strict=True)
    except ValidationError as error:
        raise WrongUseError(
            *(
                f"{name}, {'.'.join(map(str, each['loc'])) or 'the whole'}: {_text(each)}"
                for each in error.errors(include_input=False, include_url=False)
            )
        ) from None
    overlapping = [
        f"{name}, {question}: the same answers could mean keep and change at once; where {each.keep_at_least} % who "
        f"are content mean keep, a change needs at least {100 - each.keep_at_least} %"
        for question, each in _by_question(criteria)
        if each.change_at_least < 100 - each.keep_at_least
    ]
    never = [
        f"{name}, {question}.{field}: 100 % is never surely reached, even if everybody answers alike; write 99 at most"
        for question, each in _by_question(criteria)
        for field in ("keep_at_least", "change_at_least")
        if getattr(each, field) == NEVER
    ]
    if never or overlapping:
        raise WrongUseError(*never, *overlapping)
    return criteria


def _by_question(criteria: Criteria) -> list[tuple[str, Criterion]]:
    return list(criteria)


def _text(found: Any) -> str:
    if found["type"] != "extra_forbidden":
        return what_to_change(found["type"], found.get("ctx", {})).en
    known = Criteria.model_fields if len(found["loc"]) == 1 else Criterion.model_fields
    return f"There is no such field; {likely(str(found['loc'][-1]), tuple(known))}"
