"""Decisions about answers that people give from their calendars: the same as if they had sent the command."""

from collections.abc import Sequence
from dataclasses import replace

from services.scheduling.invitations.loaders import AnswerState
from services.scheduling.invitations.model import AnswersTold, Invitation
from services.scheduling.invitations.replies import (
    Accept,
    AnotherTime,
    Decline,
    Known,
    Meaning,
    Nothing,
    Reply,
    Why,
    meaning,
)
from services.scheduling.loaders import AcceptState
from services.scheduling.meetings import acceptance
from services.scheduling.meetings import decisions as meetings
from services.scheduling.model import Meeting
from services.scheduling.say import addressed, words
from shared.contracts import calendar
from shared.contracts import scheduling as s
from shared.contracts.base import Reason, Text
from shared.runtime.decision import NOTHING, Context, Decision, Outcome, Wait


def answer(message: calendar.ReplyReceived, state: AnswerState, context: Context) -> Outcome:
    """Accept, cancel or move a meeting as somebody's calendar says, or tell them why their answer has no effect.

    The calendar's own user vouches for who answers, as a portal does for who sends a command.
    """
    reply, participant, programme, invitation, found, _ = state
    if participant is None or programme is None:
        # Of nobody who takes part; there is nobody to tell it, and no invitation went there.
        return NOTHING
    meant = reply if isinstance(reply, Nothing) else meaning(reply, message.participant_id, _known(state, message))
    if invitation is not None and invitation.tandem is None and message.participant_id in invitation.people:
        # To a gathering: whoever comes has come, and a program that says yes by itself needs no letter.
        return NOTHING if isinstance(meant, Accept) else _told(message, state, context, "gathering")
    if isinstance(meant, Nothing):
        return _told(message, state, context, meant.why)
    meeting = found.meeting
    if meeting is None or invitation is None or _behind(invitation, meeting):
        return _told(message, state, context, "stale")
    if _is_so_already(meant, meeting, message.participant_id):
        # Written unchanged: who cancels it at this moment comes first or after, and then the answer has no effect.
        return Decision(state=(meeting,))
    outcome = _decided(meant, message.participant_id, state, meeting, _acting(meant, message, context))
    if isinstance(outcome, Wait) or not outcome.refusals:
        return outcome
    return _told(message, state, context, "refused", outcome.refusals)


def _known(state: AnswerState, message: calendar.ReplyReceived) -> Known | None:
    """The invitation as the one who answers got it; another's is as unknown as none at all.

    Who has answered to its time has answered: where they meet may have changed since.
    """
    invitation = state.invitation
    if invitation is None or message.participant_id not in invitation.people:
        return None
    sequence = invitation.sequence if invitation.timed is None else invitation.timed
    if invitation.method == "CANCEL":
        # Who declines what is cancelled has what they want, however old the state is that they saw.
        sequence = 0
    return Known(sequence, invitation.date, invitation.start, invitation.zone)


def _behind(invitation: Invitation, meeting: Meeting) -> bool:
    """Whether the meeting has moved and its invitation is only being written: nobody can have answered to that."""
    return meeting.status == "planned" and (meeting.date, meeting.start) != (invitation.date, invitation.start)


def _is_so_already(meant: Meaning, meeting: Meeting, participant: str) -> bool:
    if isinstance(meant, Accept):
        return meeting.status == "planned" and participant in meeting.accepted_by
    return isinstance(meant, Decline) and meeting.status == "cancelled"


def _acting(meant: Accept | Decline | AnotherTime, message: calendar.ReplyReceived, context: Context) -> Context:
    if meant.delegate is not None:
        return replace(context, sender="delegate", actor=meant.delegate)
    return replace(context, sender="person", actor=message.participant_id)


def _decided(
    meant: Accept | Decline | AnotherTime, participant: str, state: AnswerState, meeting: Meeting, context: Context
) -> Outcome:
    match meant:
        case Decline():
            cancelling = s.CancelMeeting(meeting_id=meeting.id, participant_id=participant)
            return meetings.cancel(cancelling, state.meeting, context)
        case AnotherTime(date, start):
            moving = s.MoveMeeting(
                meeting_id=meeting.id, participant_id=participant, date=date, start=start, replaces=meeting.said
            )
            return meetings.move(moving, state.meeting, context)
        case Accept():
            pair, programme, delegate = state.meeting.pair, state.meeting.programme, state.meeting.delegate
            time = s.MeetingTime(meeting_id=meeting.id, date=meeting.date, start=meeting.start)
            accepting = s.AcceptMeetings(tandem_id=meeting.tandem, participant_id=participant, times=(time,))
            return acceptance.accept(accepting, AcceptState(pair, programme, (meeting,), delegate), context)


def _told(
    message: calendar.ReplyReceived,
    state: AnswerState,
    context: Context,
    why: Why | str,
    reasons: Sequence[Reason] = (),
) -> Decision:
    """Tell who answered that it had no effect, once: they see their calendar's yes or no, and would rely on it."""
    participant, programme = state.participant, state.programme
    if participant is None or programme is None:
        return NOTHING
    known = state.told or AnswersTold(id=participant.id, programme=participant.programme)
    codes = ",".join(reason.code for reason in reasons)
    answer = context.keyed("answer", participant.id, why, codes, _content(message, state.reply))
    if answer in known.answers:
        return Decision(state=(known,))
    listed = [reason.message for reason in reasons] or [words(f"reply-{why}")]
    text = Text(de=" ".join(each.de for each in listed), en=" ".join(each.en for each in listed))
    told = addressed(programme, participant.id, "reply-without-effect", why=text)
    return Decision(state=(known.having(answer),), messages=(told,))


def _content(message: calendar.ReplyReceived, reply: Reply | Nothing) -> str:
    """What somebody answers to what, whenever and however often their calendar says so."""
    if isinstance(reply, Nothing) or reply.invitation is None:
        return message.icalendar
    moment = reply.start.isoformat() if reply.start is not None else ""
    return f"{reply.method} {reply.invitation} {reply.sequence} {reply.attendees} {moment} {reply.of_a_series}"
