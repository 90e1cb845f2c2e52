"""The questionnaires, read and checked once from `questionnaires.toml`; their items in both languages."""

import tomllib
from importlib.resources import files
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.contracts.base import Reason, Text
from shared.runtime.decision import reason
from shared.runtime.words import Words

words = Words("services.evaluation")
BOUNDS = {"choice": (-1, 1), "stars": (0, 5)}
"""Least and most value of each scale."""

Question = Literal["duration", "frequency", "rules", "rollout"]


class Choice(BaseModel):
    """One of an item's three choices; `wants` is the stable code of the change that it asks for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    wants: str | None = None
    de: str
    en: str

    @property
    def text(self) -> Text:
        """The wording."""
        return Text(de=self.de, en=self.en)


class Item(BaseModel):
    """One item; `question` names which of the four questions it serves; `source` says where it comes from (P15)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scale: Literal["choice", "stars"]
    question: Question | None = None
    choices: tuple[Choice, ...] = ()
    de: str
    en: str
    source: str = "own item"

    @property
    def text(self) -> Text:
        """The wording."""
        return Text(de=self.de, en=self.en)

    def choice(self, value: int) -> Choice:
        """The choice that a value (-1, 0, 1) stands for."""
        return self.choices[value + 1]

    @model_validator(mode="after")
    def _coded(self) -> Self:
        wants = [choice.wants is not None for choice in self.choices]
        if wants != ([True, False, True] if self.scale == "choice" else []):
            raise ValueError("a choice has three choices, the middle one content; stars have none")
        if self.source != "own item" and "adapted, unvalidated" not in self.source:
            raise ValueError("a borrowed item is marked 'adapted, unvalidated', with its source")
        return self


class Questionnaire(BaseModel):
    """A questionnaire with its version; a change of wording is a new version."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = Field(ge=1)
    items: dict[str, Item] = Field(min_length=1)

    def reasons(self, answers: dict[str, int | None]) -> list[Reason]:
        """What is wrong with answers to it: every item that is unknown or out of its scale."""
        found = []
        for name, value in answers.items():
            item = self.items.get(name)
            if item is None:
                known = ", ".join(self.items)
                found.append(reason(f"answers.{name}", "unknown_item", words("unknown-item", items=known)))
            elif value is not None and not BOUNDS[item.scale][0] <= value <= BOUNDS[item.scale][1]:
                low, high = BOUNDS[item.scale]
                found.append(reason(f"answers.{name}", "out_of_scale", words("out-of-scale", low=low, high=high)))
        return found


def _read() -> dict[str, Questionnaire]:
    text = files("services.evaluation").joinpath("questionnaires.toml").read_text(encoding="utf-8")
    return {name: Questionnaire.model_validate(value) for name, value in tomllib.loads(text).items()}


QUESTIONNAIRES = _read()
