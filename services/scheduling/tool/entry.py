"""One tandem of a file: two people, when they work, and when each of them is busy."""

import datetime as dt
import re
from typing import Annotated, Any

from annotated_types import Len
from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError, PydanticKnownError

from shared.contracts.parts import Id, WorkingTime
from shared.spreadsheets.cells import CellError, working_times

MOST_BUSY = 10_000
"""Busy times of one person in a tandem's own file; more stand in a calendar of their own."""
WALL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")
LONGEST_TEXT = 1_000
"""Characters of working times written as a text."""
AS_LIST, AS_TEXT = "as_list", "as_text"
"""How working times are written; what is wrong with them is found under this name."""


def _wall_time(value: Any) -> dt.datetime:
    """A local wall time; Pydantic alone would take a number, and an offset that nobody asked for."""
    if isinstance(value, str) and WALL.fullmatch(value):
        try:
            return dt.datetime.fromisoformat(value)
        except ValueError:
            pass
    said = "Write a local time without an offset, like 2026-01-12T09:00."
    raise PydanticCustomError("said", "{said}", {"said": said})


def _week(text: str) -> tuple[WorkingTime, ...]:
    """A working week as people write it, `Mo-Do 8:30-16:30; Fr 8:30-13:00`."""
    if len(text) > LONGEST_TEXT:
        raise PydanticKnownError("string_too_long", {"max_length": LONGEST_TEXT})
    try:
        found = working_times(text)
    except CellError as error:
        raise PydanticCustomError("said", "{said}", {"said": error.text.en}) from None
    return tuple(WorkingTime.model_validate(stretch) for stretch in found)


def _written(value: object) -> str:
    return AS_TEXT if isinstance(value, str) else AS_LIST


WallTime = Annotated[dt.datetime, BeforeValidator(_wall_time)]
Week = Annotated[
    Annotated[tuple[WorkingTime, ...], Tag(AS_LIST)]
    | Annotated[tuple[WorkingTime, ...], BeforeValidator(_week), Tag(AS_TEXT)],
    Discriminator(_written),
]
"""Working times as a list, or as a text."""


class BusyTime(BaseModel):
    """A time that somebody has given away already, from start until before end."""

    model_config = ConfigDict(frozen=True)

    start: WallTime
    end: WallTime

    @model_validator(mode="after")
    def _end_after_start(self) -> "BusyTime":
        if self.end <= self.start:
            raise PydanticCustomError("end_before_start", "end must be after start")
        return self


class Member(BaseModel):
    """One of the two."""

    model_config = ConfigDict(frozen=True)

    id: Id
    working_times: Annotated[Week, Len(1, 21)]
    busy: tuple[BusyTime, ...] = Field(default=(), max_length=MOST_BUSY)


class TandemEntry(BaseModel):
    """A tandem."""

    model_config = ConfigDict(frozen=True)

    mentor: Member
    mentee: Member
