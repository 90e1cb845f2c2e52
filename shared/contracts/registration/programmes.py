"""Programmes: opening one, its places, its end."""

import datetime as dt
from typing import Literal

from pydantic import Field

from shared.contracts.base import Command, Event, Office, Part, Text
from shared.contracts.parts import Criteria, ProgrammeId, Rules, Term


class OpenProgramme(Command, name="registration.open-programme.v1", senders=("office",)):
    """Open a programme with its rules, dates, office and criteria (S9, P14)."""

    programme_id: ProgrammeId
    title: Text = Field(description="title for people")
    places: int = Field(ge=1, le=50_000, description="how many tandems the programme may have at a time")
    term: Term = Field(description="when the tandems work")
    registration_closes: dt.date = Field(description="last day of registration, before the term starts")
    office: Office = Field(description="the contact for questions (S19)")
    rules: Rules = Field(default_factory=Rules, description="rules of the programme")
    criteria: Criteria = Field(default_factory=Criteria, description="criteria of the later decision")
    privacy_notice: str = Field(min_length=1, max_length=40, description="version of the privacy notice to be read")


class ChangePlaces(Command, name="registration.change-places.v1", senders=("office",)):
    """Grant or take back places."""

    programme_id: ProgrammeId
    places: int = Field(ge=1, le=50_000, description="the new number of places")
    replaces: int = Field(ge=1, description="sequence of the programme's event that this replaces")


class CloseRegistration(Command, name="registration.close-registration.v1", senders=("office",)):
    """Close registration before its date."""

    programme_id: ProgrammeId


class ClosedSet(Part):
    """What a closing closed: the number of members and an order-free digest of their ids, in 256 buckets.

    A member falls into the bucket of the first byte of SHA-256 over its id; a bucket's digest is the XOR of its
    members' SHA-256, as hex; an empty bucket is an empty string.
    """

    count: int = Field(ge=0, description="members")
    buckets: tuple[str, ...] = Field(min_length=256, max_length=256, description="digest of each bucket")


class ProgrammeState(Event, about="programme/{programme_id}"):
    """The published state of a programme."""

    programme_id: ProgrammeId
    title: Text = Field(description="title for people")
    status: Literal["open", "closing", "closed", "running", "ended"] = Field(description="where the programme stands")
    places: int = Field(description="tandems at a time")
    term: Term = Field(description="when the tandems work")
    registration_closes: dt.date = Field(description="last day of registration")
    office: Office = Field(description="the contact for questions")
    rules: Rules = Field(description="rules of the programme")
    criteria: Criteria = Field(description="criteria of the later decision")
    criteria_seal: str = Field(description="SHA-256 of the criteria's canonical JSON, sealed when the programme opened")
    privacy_notice: str = Field(description="version of the privacy notice")
    closed_set: ClosedSet | None = Field(default=None, description="whom the registration closed; None while open")


class ProgrammeOpened(ProgrammeState, name="registration.programme-opened.v1"):
    """A programme was opened."""


class ProgrammeChanged(ProgrammeState, name="registration.programme-changed.v1"):
    """A programme changed: its places, or that it runs."""


class RegistrationClosed(ProgrammeState, name="registration.registration-closed.v1"):
    """Registration closed; `closed_set` says whom it closed."""


class ProgrammeEnded(ProgrammeState, name="registration.programme-ended.v1"):
    """The term is over."""
