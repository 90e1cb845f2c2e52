"""Waiting from one programme to the next: who found no partner and agreed is asked again (P5)."""

from typing import Literal

from pydantic import Field

from shared.contracts.base import Command
from shared.contracts.parts import Consents, ParticipantId, ProgrammeId
from shared.contracts.registration.release import releaser_mail


class JoinAgain(Command, name="registration.join-again.v1", senders=("person",)):
    """Say yes to a new programme: who waits is registered with their last profile and keeps their place in line."""

    participant_id: ParticipantId
    programme_id: ProgrammeId
    consents: Consents = Field(default_factory=Consents, description="extras in the new programme, none by default")
    voluntary: Literal[True] = Field(description="the person takes part voluntarily; must be true")
    privacy_notice: str = Field(min_length=1, max_length=40, description="version of the privacy notice that was read")
    releaser_mail: str | None = releaser_mail()
