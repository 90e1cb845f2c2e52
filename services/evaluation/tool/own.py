"""Questionnaires of the office's own, as files: what `evaluation.add-questionnaire` takes, checked in the same way."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from services.evaluation.own_questionnaires import item_of, unfit
from services.evaluation.tool.faults import one_line
from services.evaluation.tool.known import Key, Own
from shared.contracts.base import Text
from shared.contracts.evaluation import AddQuestionnaire
from shared.runtime.given_file import name_of, read_bytes, without_mark
from shared.runtime.reasons import what_to_change
from shared.runtime.wrong_use import WrongUseError


def read_questionnaires(paths: Sequence[Path]) -> tuple[Own, ...]:
    """The questionnaires of these files. Raises WrongUseError with a line for each fault."""
    given = [(name_of(path), _read(path)) for path in paths]
    # In the order of their versions, since a later one keeps what an item's name stands for.
    given.sort(key=lambda each: (each[1].questionnaire, each[1].version))
    faults: list[str | Text] = []
    found: dict[Key, Own] = {}
    for name, message in given:
        key = Key(message.questionnaire, message.version)
        if key in found:
            faults.append(f"{name}: {message.questionnaire} in version {message.version} is given twice; leave one out")
            continue
        earlier = [own.items for own in found.values() if own.key.questionnaire == key.questionnaire]
        faults += _unfit(name, message, earlier)
        if not faults:
            found[key] = Own(key, message.title, tuple(map(item_of, message.items)), message.asked_of)
    if faults:
        raise WrongUseError(*faults)
    return tuple(found.values())


def _unfit(name: str, message: AddQuestionnaire, earlier: Sequence[Any]) -> Iterator[Text]:
    for each in unfit(message, [item for items in earlier for item in items]):
        where = f"{name}, {each.field}: "
        yield Text(de=one_line(where + each.message.de), en=one_line(where + each.message.en))


def _read(path: Path) -> AddQuestionnaire:
    name = name_of(path)
    try:
        document: Any = from_json(without_mark(read_bytes(path)))
    except ValueError as error:
        raise WrongUseError(f"{name} is no JSON: {error}; correct it there") from None
    try:
        return AddQuestionnaire.from_data(document)
    except ValidationError as error:
        raise WrongUseError(
            *(
                one_line(f"{name}, {'.'.join(map(str, each['loc'])) or 'the whole'}: {_text(each)}")
                for each in error.errors(include_input=False, include_url=False)
            )
        ) from None


def _text(found: Any) -> str:
    return what_to_change(found["type"], found.get("ctx", {})).en
