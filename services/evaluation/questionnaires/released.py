"""The questionnaires of the software, each version in a file of its own: `pulse.2.toml`. Read and checked once."""

import re
import tomllib
from importlib.resources import files
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.evaluation.questionnaires.scales import AGREE, BOUNDS, package_file
from shared.contracts import evaluation as e
from shared.contracts.base import Text

Question = Literal["duration", "frequency", "rules", "rollout"]
CHOICES = {"choice": 3, "five": 5}
"""How many choices an item of a scale names in its file; the middle one is content."""


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    de: str
    en: str

    @property
    def text(self) -> Text:
        return Text(de=self.de, en=self.en)


class _Choice(_Words):
    code: str = ""
    value: int | None = None
    wants: str | None = None


class _Item(_Words):
    scale: e.Scale
    question: Question | None = None
    choices: tuple[_Choice, ...] = ()
    source: str = "own item"

    @model_validator(mode="after")
    def _whole(self) -> Self:
        named = [choice.wants for choice in self.choices]
        middle = len(named) // 2
        if len(named) != CHOICES.get(self.scale, len(named) if self.scale == "options" else 0):
            raise ValueError(f"{self.scale} has {CHOICES.get(self.scale, 0)} choices")
        if self.scale in CHOICES and not (
            None not in (*named[:middle], *named[middle + 1 :])
            and named[middle] is None
            and len({*named[:middle]}) == len({*named[middle + 1 :]}) == 1
        ):
            raise ValueError("the middle choice is content; those on one side of it want the same change")
        if not marked(self.source):
            raise ValueError("a borrowed item is marked 'adapted, unvalidated', with its source")
        return self

    def item(self, id: str) -> e.Item:
        low, high = BOUNDS.get(self.scale, (0, 0))
        numbers = range(low, high + 1) if self.scale in CHOICES else [choice.value for choice in self.choices]
        choices = (
            AGREE
            if self.scale == "agree"
            else tuple(
                e.Choice(value=value, code=choice.code or str(value), wants=choice.wants, text=choice.text)
                for value, choice in zip(numbers, self.choices, strict=True)
                if value is not None
            )
        )
        if self.scale == "options":
            low, high = choices[0].value, choices[-1].value
        return e.Item(
            id=id,
            scale=self.scale,
            low=low,
            high=high,
            choices=choices,
            question=self.question,
            text=self.text,
            source=self.source,
        )


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    comment: _Words
    items: dict[str, _Item] = Field(min_length=1)


class Questionnaire(BaseModel):
    """A version of a questionnaire: its items in order, and what is asked for in the one free text."""

    model_config = ConfigDict(frozen=True)

    name: str
    version: int
    items: tuple[e.Item, ...]
    comment: Text


def marked(source: str) -> bool:
    """Whether an item is the software's or the office's own, or says that it is adapted and unvalidated (P15)."""
    return source == "own item" or "adapted, unvalidated" in source


def _read() -> dict[tuple[str, int], Questionnaire]:
    found = {}
    for path in files("services.evaluation.questionnaires").iterdir():
        named = re.fullmatch(r"([a-z-]+)\.(\d+)\.toml", path.name)
        if named is None:
            continue
        name, version = named[1], int(named[2])
        data = tomllib.loads(package_file(path.name))
        file = _File.model_validate({"comment": data.pop("comment"), "items": data})
        items = tuple(item.item(id) for id, item in file.items.items())
        found[name, version] = Questionnaire(name=name, version=version, items=items, comment=file.comment.text)
    return found


RELEASED = _read()
NEWEST = {name: max(v for other, v in RELEASED if other == name) for name in sorted({name for name, _ in RELEASED})}
"""The newest version of each questionnaire: what a programme asks that opens now, to its end."""


def newest(name: str) -> Questionnaire:
    """The newest version of a questionnaire of the software."""
    return RELEASED[name, NEWEST[name]]
