"""Saying again whom a registration closed, for a reader that missed somebody."""

from pydantic import Field

from shared.contracts.base import Command, Event
from shared.contracts.parts import ProgrammeId


class SayAgain(Command, name="registration.say-again.v1", senders=("service", "ops")):
    """Say the state of the members of one bucket of a closed set again."""

    programme_id: ProgrammeId
    bucket: int = Field(ge=0, le=255, description="first byte of SHA-256 over the participant_id")


class SaidAgain(Event, name="registration.said-again.v1", about="programme/{programme_id}", stateful=False):
    """The members of a bucket are being said again."""

    programme_id: ProgrammeId
    bucket: int = Field(description="the bucket")
