"""Which state invitations and the answers to them concern."""

from typing import NamedTuple

from services.scheduling.invitations.model import AnswersTold, Invitation
from services.scheduling.invitations.replies import Nothing, Reply
from services.scheduling.loaders import MeetingState, changing
from services.scheduling.model import Participant, Programme
from shared.contracts import calendar
from shared.contracts import scheduling as s
from shared.runtime.decision import Get


class InvitingState(NamedTuple):
    """A meeting's invitation with its programme."""

    invitation: Invitation | None
    programme: Programme | None


class AnswerState(NamedTuple):
    """Who answers, in which programme, to which invitation, and its meeting as who changes it needs it.

    `told`: of which answers without effect they know.
    """

    reply: Reply | Nothing
    participant: Participant | None
    programme: Programme | None
    invitation: Invitation | None
    meeting: MeetingState
    told: AnswersTold | None = None


def inviting(message: s.MeetingState, get: Get) -> InvitingState:
    """The invitation to a meeting, and the programme."""
    return InvitingState(get(Invitation, message.meeting_id), get(Programme, message.programme_id))


def answering(message: calendar.ReplyReceived, get: Get) -> AnswerState:
    """The invitation that an answer names, its meeting, and who answers."""
    from services.scheduling.invitations.reading import read  # its library is in scheduling's image alone

    reply = read(message.icalendar)
    get.ahead((Participant, message.participant_id), (AnswersTold, message.participant_id))
    participant, told = get(Participant, message.participant_id), get(AnswersTold, message.participant_id)
    programme = get(Programme, participant.programme) if participant and participant.programme else None
    named = reply.invitation if isinstance(reply, Reply) else None
    invitation = get(Invitation, named) if named is not None else None
    if invitation is None:
        return AnswerState(reply, participant, programme, None, MeetingState(None, None, None, ()), told)
    command = s.CancelMeeting(meeting_id=invitation.id, participant_id=message.participant_id)
    return AnswerState(reply, participant, programme, invitation, changing(command, get), told)
