"""The line manager releases the time of who registers, where a programme's rules ask for it (S1, S15)."""

import datetime as dt
from typing import Any, Literal

from pydantic import Field

from shared.contracts.base import Command, Event, Office, Text, personal
from shared.contracts.parts import RULES_VERSION, ParticipantId, PersonnelKey, ProgrammeId

RELEASER_MAIL = {
    "purpose": "asking the line manager to release the time",
    "readers": "registration, mail service",
    "keep": "until it is decided",
}
MAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"


def releaser_mail() -> Any:
    """The field of a registration that names who releases the time."""
    return personal(
        "mail address of the line manager, where they must release the time; kept until it is decided",
        default=None,
        max_length=200,
        pattern=MAIL,
        **RELEASER_MAIL,
    )


class _Decide(Command):
    participant_id: ParticipantId
    superior: PersonnelKey | None = personal(
        "personnel key of the line manager who decides, as the portal knows them: somebody of the person's reporting "
        "line. Not needed from the office",
        purpose="a superior decides, and nobody else",
        readers="registration",
        keep="not kept",
        default=None,
    )


class GrantRelease(_Decide, name="registration.grant-release.v1", senders=("office", "person")):
    """The line manager releases the time, by the portal, or the office for them. Nothing keeps who did."""


class RefuseRelease(_Decide, name="registration.refuse-release.v1", senders=("office", "person")):
    """The line manager does not release the time; the person does not take part. No reason is asked."""


class ReleaseState(Event, about="release/{participant_id}"):
    """That a release is asked for, or no longer; how it was decided is in no event of its own."""

    participant_id: ParticipantId
    programme_id: ProgrammeId
    status: Literal["asked", "settled"] = Field(description="settled: decided, or the person has left")
    answer_by: dt.date = Field(description="last day for an answer; silence goes to the office and is no refusal")
    releaser_mail: str | None = personal("mail address of the line manager, if the person named it", **RELEASER_MAIL)
    subject_line: Text = Field(description="subject for the line manager")
    text: Text = Field(
        description="words for the line manager; the person's name is written as urn:uuid:<participant_id>"
    )
    office: Office = Field(description="the contact for questions")
    rules_version: int = Field(default=1, ge=1, description=RULES_VERSION)


class ReleaseAsked(ReleaseState, name="registration.release-asked.v1"):
    """A line manager is asked to release somebody's time. Only who writes to people binds this type."""


class ReleaseSettled(ReleaseState, name="registration.release-settled.v1"):
    """Nobody needs to release the time any more; the address is gone from here."""
