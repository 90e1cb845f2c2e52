"""Pausing and taking part again (P6): profile, tandem and place in line stay; deadlines and surveys stand still."""

import datetime as dt

from shared.contracts.base import Command, personal
from shared.contracts.parts import PROFILE, ParticipantId


class PauseParticipation(Command, name="registration.pause-participation.v1", senders=("person", "office")):
    """Pause from today on; while somebody pauses, move the end of it. No reason is asked or kept."""

    participant_id: ParticipantId
    until: dt.date | None = personal(
        "last day of the pause, today at the earliest; null: without an end",
        readers="all services, office",
        default=None,
        **PROFILE,
    )


class ResumeParticipation(Command, name="registration.resume-participation.v1", senders=("person", "office")):
    """Take part again from today on."""

    participant_id: ParticipantId
