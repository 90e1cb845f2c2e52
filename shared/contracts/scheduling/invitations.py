"""Invitations, as calendars read them."""

from typing import Literal

from pydantic import Field

from shared.contracts.base import Event, personal
from shared.contracts.parts import TANDEMS_KEPT, ParticipantId, ProgrammeId, Uuid

INVITATION = {
    "purpose": "meetings stand in people's calendars",
    "readers": "portal, office, mail service",
    "keep": TANDEMS_KEPT,
}


class InvitationWritten(Event, name="scheduling.invitation-written.v1", about="invitation/{invitation_id}"):
    """Somebody is invited to a meeting, the meeting has changed, or it will not be: one iCalendar message for its mail.

    To a tandem's meeting both get the same; to a gathering each has an invitation of their own. `shared/invitations.py`
    fills names and addresses in (docs/invitations.md).
    """

    invitation_id: Uuid = Field(description="the invitation; to a meeting of a tandem it has the meeting's id")
    programme_id: ProgrammeId
    people: tuple[ParticipantId, ...] = Field(min_length=1, max_length=2, description="who is invited")
    method: Literal["REQUEST", "CANCEL"] = Field(description="METHOD, as the mail's MIME part must name it too")
    sequence: int = Field(ge=0, description="SEQUENCE: grows with every change that has to be answered anew")
    icalendar: str = personal(
        "the message (RFC 5545, RFC 5546), in German and English; who is invited stands in it as "
        "urn:uuid:<participant_id>",
        max_length=65_536,
        **INVITATION,
    )
