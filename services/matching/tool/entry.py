"""One person of a file, and what can be wrong with it."""

import datetime as dt
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from services.matching.people import Person
from shared.contracts.parts import Id, Profile, Side
from shared.contracts.registration import PersonnelKey

MOST_WISHES, MOST_VETOES = 5, 50
"""As in the command that names them."""


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
