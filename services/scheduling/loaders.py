"""Which state each message concerns."""

from typing import NamedTuple

from services.scheduling.jobs import ClearMeeting, Invite, KickOffFound, PlanMeeting, Planned
from services.scheduling.model import (
    Agreement,
    Attendance,
    Days,
    KickOff,
    Meeting,
    Pair,
    Participant,
    Plan,
    Programme,
)
from shared.contracts import scheduling as s
from shared.contracts.matching import TandemState
from shared.contracts.registration import ParticipantState, ProgrammeState
from shared.runtime.attention import Attention
from shared.runtime.decision import DueReached, Get
from shared.runtime.ids import derived_id


class PairState(NamedTuple):
    """A tandem with its programme and the exceptions that the office was told of."""

    pair: Pair | None
    programme: Programme | None
    signs: tuple[Attention, ...]


class PlanState(NamedTuple):
    """A tandem with its programme, its plan, and the meeting that a piece speaks of."""

    pair: Pair | None
    programme: Programme | None
    plan: Plan | None
    meeting: Meeting | None


class MeetingState(NamedTuple):
    """A meeting with its tandem, its programme and the exceptions that the office was told of."""

    meeting: Meeting | None
    pair: Pair | None
    programme: Programme | None
    signs: tuple[Attention, ...]


class KickOffState(NamedTuple):
    """A kick-off with its programme and one participant."""

    kick_off: KickOff | None
    programme: Programme | None
    participant: Participant | None
    attendance: Attendance | None


class AgreementState(NamedTuple):
    """A tandem with its agreement."""

    pair: Pair | None
    agreement: Agreement | None


def days_of(message: s.StartDay, get: Get) -> Days | None:
    """The calendar."""
    return get(Days, "days")


def programme_of(message: ProgrammeState, get: Get) -> Programme | None:
    """The programme."""
    return get(Programme, message.programme_id)


def participant_of(message: ParticipantState, get: Get) -> Participant | None:
    """The participant."""
    return get(Participant, message.participant_id)


def pair_of(message: TandemState, get: Get) -> PairState:
    """The tandem and its programme."""
    pair = get(Pair, message.tandem_id)
    return PairState(pair, get(Programme, message.programme_id), _signs(pair, get))


def pair_due(message: DueReached, get: Get) -> PairState:
    """The tandem that has been silent, and its programme."""
    return _pair(message.subject.removeprefix("tandem/"), get)


def planned_meeting_id(message: PlanMeeting) -> str:
    """The id of a planned meeting."""
    return derived_id("meeting", message.tandem_id, message.key)


def planning(message: PlanMeeting | Planned, get: Get) -> PlanState:
    """The tandem whose plan is being written."""
    pair = get(Pair, message.tandem_id)
    programme = get(Programme, pair.programme) if pair and pair.programme else None
    meeting = get(Meeting, planned_meeting_id(message)) if isinstance(message, PlanMeeting) else None
    return PlanState(pair, programme, get(Plan, message.tandem_id), meeting)


def adding(message: s.AddMeeting, get: Get) -> PairState:
    """The tandem that adds a meeting, and its programme."""
    return _pair(message.tandem_id, get)


def _pair(id: str, get: Get) -> PairState:
    pair = get(Pair, id)
    programme = get(Programme, pair.programme) if pair and pair.programme else None
    return PairState(pair, programme, _signs(pair, get))


def _signs(pair: Pair | None, get: Get) -> tuple[Attention, ...]:
    found = get.all(Attention, pair.signs) if pair and pair.signs else ()
    return tuple(sign for sign in found if sign is not None)


def meeting_of(
    message: s.MoveMeeting | s.CancelMeeting | s.ReportNotHeld | s.RecordTopics | ClearMeeting, get: Get
) -> MeetingState:
    """The meeting with its tandem."""
    return _meeting(message.meeting_id, get)


def meeting_due(message: DueReached, get: Get) -> MeetingState:
    """The meeting whose day has come, with its tandem."""
    return _meeting(message.subject.removeprefix("meeting/"), get)


def _meeting(id: str, get: Get) -> MeetingState:
    meeting = get(Meeting, id)
    if meeting is None:
        return MeetingState(None, None, None, ())
    return MeetingState(meeting, *_pair(meeting.tandem, get))


def kick_off_of(message: s.PlanKickOff | KickOffFound, get: Get) -> KickOffState:
    """The kick-off and its programme."""
    return KickOffState(get(KickOff, message.programme_id), get(Programme, message.programme_id), None, None)


def attending(message: s.RecordAttendance | Invite, get: Get) -> KickOffState:
    """The kick-off, its programme, and one participant."""
    return KickOffState(
        get(KickOff, message.programme_id),
        get(Programme, message.programme_id),
        get(Participant, message.participant_id),
        get(Attendance, message.participant_id),
    )


def agreement_of(message: s.RecordAgreement, get: Get) -> AgreementState:
    """The tandem and its agreement."""
    return AgreementState(get(Pair, message.tandem_id), get(Agreement, message.tandem_id))
