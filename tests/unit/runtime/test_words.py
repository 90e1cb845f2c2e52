"""What people read: dates as they write them, and refusals of a wrong value in their own language alone."""

import datetime as dt
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from shared.contracts.base import Command
from shared.contracts.parts import WorkingTime
from shared.local.system import ROOT
from shared.runtime import asyncapi, discovery
from shared.runtime.reasons import reasons_of, words
from shared.runtime.words import Words, written

COMMANDS = {n: c for n, c in asyncapi.contracts(discovery.load_all()).items() if issubclass(c, Command)}
FALLBACK = words("invalid")
WRONG: tuple[Any, ...] = (
    None,
    True,
    "",
    "?" * 9000,
    "2027-13-45",
    -(10**9),
    10**9,
    10**30,
    3.5,
    [],
    ["?"] * 9000,
    {},
    {"?": "?"},
    {str(n): n for n in range(99)},
    {"weekday": 1, "start": 600, "end": 540},
)


def test_a_date_is_written_as_people_write_it() -> None:
    assert (written(dt.date(2027, 5, 3)).de, written(dt.date(2027, 5, 3)).en) == ("3. Mai 2027", "3 May 2027")


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_has_a_name_in_both_languages(month: int) -> None:
    text = written(dt.date(2027, month, 1))
    assert text.en == f"{dt.date(2027, month, 1):1 %B %Y}"
    assert text.de.startswith("1. ")


def test_a_catalogue_fills_dates_in_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "some_words"
    package.mkdir()
    (package / "words.toml").write_text('[by]\nde = "bis {day}"\nen = "by {day}"\n', encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    text = Words("some_words")("by", day=dt.date(2027, 3, 1))
    assert (text.de, text.en) == ("bis 1. März 2027", "by 1 March 2027")


def fields(model: type[BaseModel]) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    """Every field with its path; `*` is an entry of a list."""
    for name, field in model.model_fields.items():
        yield (name,), field
        for step, inner in parts(field.annotation, ()):
            for path, found in fields(inner):
                yield (name, *step, *path), found


def parts(annotation: Any, step: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], type[BaseModel]]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield step, annotation
    for inner in typing.get_args(annotation):
        yield from parts(inner, (*step, "*") if typing.get_origin(annotation) is tuple else step)


def placed(path: tuple[str, ...], value: Any) -> Any:
    """Data with a value at one path."""
    for step in reversed(path):
        value = [value] if step == "*" else {step: value}
    return value


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_whatever_is_wrong_with_a_command_is_said_in_words_of_its_own(name: str) -> None:
    command = COMMANDS[name]
    cases = [placed((*path, *more), wrong) for path, _ in fields(command) for more in ((), ("*",)) for wrong in WRONG]
    for data in (*cases, {}, {"?": 1}):
        with pytest.raises(ValidationError) as caught:
            command.model_validate({"?": 1, **data})
        for reason in reasons_of(caught.value):
            assert reason.message != FALLBACK, (reason.field, reason.code)
            assert reason.message.de != reason.message.en


def test_no_contract_refuses_in_words_without_a_code() -> None:
    """Pydantic would quote them, in English alone; a PydanticCustomError has a code with words in the catalogue."""
    for path in (ROOT / "shared" / "contracts").glob("*.py"):
        assert "raise ValueError" not in path.read_text(encoding="utf-8"), path.name
    with pytest.raises(ValidationError) as caught:
        WorkingTime(weekday=0, start=600, end=540)
    [reason] = reasons_of(caught.value)
    assert (reason.code, reason.message.de) == ("end_before_start", "Das Ende muss nach dem Beginn liegen.")


def test_what_is_allowed_is_listed_without_english_between() -> None:
    topic = COMMANDS["registration.add-topic.v1"]
    with pytest.raises(ValidationError) as caught:
        topic.model_validate({"topic_id": "x", "area": "weather", "label": {"de": "x", "en": "x"}})
    [reason] = reasons_of(caught.value)
    assert reason.message.de == "Erlaubt ist nur: 'hardware', 'software', 'culture'."


def test_a_code_that_nobody_foresaw_quotes_nothing() -> None:
    class Small(BaseModel):
        value: bytes

    with pytest.raises(ValidationError) as caught:
        Small.model_validate({"value": 1})
    assert reasons_of(caught.value)[0].message == FALLBACK
