"""The rights of the people concerned: being erased in every service (Art. 17 GDPR)."""

import datetime as dt
from typing import Literal

from pydantic import Field

from shared.contracts.base import Command, Event, Participation, personal
from shared.contracts.parts import ParticipantId, Uuid

ERASING = ("evaluation", "matching", "registration", "scheduling")
"""The services that must say `PeopleErased` before an erasure is done."""


class ErasePerson(Command, name="registration.erase-person.v1", senders=("person", "office")):
    """Erase a person in every service, and in every programme that they take part in; they leave all at once."""

    participant_id: ParticipantId


class ErasureState(Event, about="erasure/{erasure_id}"):
    """The published state of an erasure: no personal data, nothing that leads to the person."""

    erasure_id: Uuid = Field(description="id of the erasure; it leads to nobody")
    status: Literal["requested", "erased"] = Field(description="erased: every service has confirmed")
    requested_on: dt.date = Field(description="the day on which it was asked for")
    erased_on: dt.date | None = Field(default=None, description="the day on which the last service confirmed")


class ErasureRequested(ErasureState, name="registration.erasure-requested.v1"):
    """A person is to be erased; the services are told on the next day, when they have taken in that the person left."""


class PersonErased(ErasureState, name="registration.person-erased.v1"):
    """Every service has erased a person: the proof, without personal data."""


class ErasureOrdered(Event, name="registration.erasure-ordered.v1", about="erasure/{erasure_id}", stateful=False):
    """Everybody who keeps something of these people erases it and says so; told again each day until all have."""

    erasure_id: Uuid = Field(description="id of the erasure, for the answer")
    people: tuple[Participation, ...] = Field(min_length=1, max_length=500, description="whom to erase")
    addresses: tuple[Uuid, ...] = personal(
        "keyed digests of their mail addresses, by which registration finds whom others named as their line manager; "
        "meaningless to anybody else",
        purpose="erasing people",
        readers="all services",
        keep="until they are erased",
        default=(),
        max_length=500,
    )
