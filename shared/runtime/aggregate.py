"""What a service remembers: aggregates, each read and written as a whole."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field


class Aggregate(BaseModel):
    """A frozen piece of state with an id of its own; change it with `but`.

    `kind` is given as a class argument; `programme` groups aggregates for views; `due` is the date on which the day's
    cursor hands the aggregate to its `Due` row (None: never).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[str] = ""
    hidden: ClassVar[frozenset[str]] = frozenset()
    """Fields that would lead from somebody's own data to where no name leads."""

    id: str
    programme: str | None = None
    due: dt.date | None = None

    def __init_subclass__(cls, kind: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.kind = kind or cls.kind

    @classmethod
    def from_stored(cls, subject: str, state: Mapping[str, Any]) -> Self:
        """The aggregate from what is stored; a later release's fields are passed over, and kept (`to_store`)."""
        return cls.model_validate({name: value for name, value in state.items() if name in cls.model_fields})

    def to_store(self, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What is to be stored in place of `before`: with the fields that only a later release knows.

        While two releases run side by side, the earlier one must not take away what it does not understand.
        """
        later = {name: value for name, value in (before or {}).items() if name not in type(self).model_fields}
        state = {**self.model_dump(mode="json"), **later}
        return taken_back(before, state) if before and "seen" in type(self).model_fields else state

    @property
    def subject(self) -> str:
        """`kind/id`: the aggregate's name everywhere."""
        return f"{self.kind}/{self.id}"

    def but(self, **changes: Any) -> Self:
        """The same aggregate with some fields changed (validated)."""
        return type(self).model_validate({**dict(self), **changes})


class Seen(BaseModel):
    """How far a reader has followed another service's subject: the highest (epoch, sequence) taken over."""

    model_config = ConfigDict(frozen=True)

    epoch: int = Field(default=0, description="raised by a restore")
    sequence: int = Field(default=0, description="per subject, from 1")

    def __lt__(self, other: "Seen") -> bool:
        return (self.epoch, self.sequence) < (other.epoch, other.sequence)


TAKEN_BACK = "taken_back"
"""Beside a copy's fields: how far it had followed before its owner, restored to an older state, took its word back."""


def taken_back(before: Mapping[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """A copy's state with a note where its owner took back what it had said: until it says something newer of it."""
    old, new = Seen.model_validate(before.get("seen", {})), Seen.model_validate(after["seen"])
    if old.epoch < new.epoch and new.sequence < old.sequence:
        return {**after, TAKEN_BACK: [old.epoch, old.sequence]}
    if old < new and old.epoch == new.epoch:
        return {name: value for name, value in after.items() if name != TAKEN_BACK}
    return after
