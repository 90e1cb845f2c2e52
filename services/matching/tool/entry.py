"""One person of a file, and what can be wrong with it."""

import datetime as dt
import re
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticKnownError

from services.matching.people import Person
from shared.contracts.parts import Id, PersonnelKey, Profile, Side

MOST_WISHES, MOST_VETOES = 5, 50
"""As in the command that names them."""
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Entry(BaseModel):
    """One person of a file: what the register command says of them, and what matching knows besides."""

    model_config = ConfigDict(frozen=True)

    role: Side
    id: Id
    profile: Profile
    personnel_key: PersonnelKey | None = Field(default=None, description="the person's own post; without it, the id")
    superiors: tuple[PersonnelKey, ...] = Field(default=(), max_length=10, description="the direct one first")
    wishes: tuple[Id, ...] = Field(default=(), max_length=MOST_WISHES, description="ids, best first (P1)")
    vetoes: tuple[Id, ...] = Field(default=(), max_length=MOST_VETOES, description="ids (P1)")
    waiting_since: dt.date | None = Field(default=None, description="on the reserve list since (P5)")

    # The rest of the register command: taken, so that its data can be used as it is, and not looked at.
    programme_id: object = None
    display_name: object = None
    mail: object = None
    about_me: object = None
    consents: object = None
    voluntary: object = None
    privacy_notice: object = None

    @field_validator("waiting_since", mode="before")
    @classmethod
    def _written_as_a_day(cls, value: object) -> object:
        """Pydantic takes a number, also one in quotation marks, for the seconds since 1970."""
        if value is None or isinstance(value, dt.date):
            return value
        if not isinstance(value, str) or not DAY.fullmatch(value):
            raise PydanticKnownError("date_type")
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise PydanticKnownError("date_type") from None

    def person(self) -> Person:
        """What a round knows of this person."""
        return Person.model_construct(
            id=self.id,
            role=self.role,
            profile=self.profile,
            position=self.post,
            reporting_line=self.superiors,
            capacity=self.profile.capacity,
            since=self.waiting_since,
            wishes=self.wishes,
            vetoes=self.vetoes,
            served=False,
        )

    @property
    def post(self) -> str:
        """The person's own place in reporting lines."""
        return self.id if self.personnel_key is None else self.personnel_key


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of one entry."""

    place: int
    """Of the entry, from 0."""
    field: str
    """Dotted path, as in the register command; empty for the whole entry."""
    text: str
