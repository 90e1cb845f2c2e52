"""Which state each message concerns."""

from typing import NamedTuple

from services.scheduling.availability.loaders import away
from services.scheduling.availability.model import Absences, BusyTimes
from services.scheduling.availability.presence import Presence
from services.scheduling.availability.wall_time import Span, joined
from services.scheduling.gatherings.loaders import gathering_times
from services.scheduling.model import (
    Days,
    Delegate,
    Diary,
    Meeting,
    Pair,
    Participant,
    Programme,
    TandemSigns,
)
from services.scheduling.planning.jobs import ClearMeeting, GiveUp, PlanMeeting, Planned, SeveralTaken, TimeTaken
from services.scheduling.resting.jobs import ClearInRest
from shared.contracts import matching, registration
from shared.contracts import scheduling as s
from shared.runtime.attention import Attention
from shared.runtime.decision import DueReached, Get
from shared.runtime.ids import derived_id


class PairState(NamedTuple):
    """A tandem with its programme, the exceptions that the office was told of, and both people's other tandems.

    `delegate` is who may act for the one that a command speaks of, `invited` when one of the two is at a gathering,
    `there` when each of the two is there, in the order of the tandem's people.
    """

    pair: Pair | None
    programme: Programme | None
    signs: tuple[Attention, ...]
    others: tuple[Pair, ...] = ()
    delegate: Delegate | None = None
    invited: tuple[Span, ...] = ()
    there: tuple[Presence, ...] = ()


class FormingState(NamedTuple):
    """A tandem with its programme, the exceptions that the office was told of, both people and their diaries."""

    pair: Pair | None
    programme: Programme | None
    signs: tuple[Attention, ...]
    diaries: tuple[Diary | None, ...]
    people: tuple[Participant | None, ...]


class PlanState(NamedTuple):
    """A tandem whose plan is being written, the meeting that a piece speaks of, and both people's other tandems.

    `away` is when one of them is busy, absent or invited to a gathering, `people` say when they work.
    """

    pair: Pair | None
    programme: Programme | None
    signs: tuple[Attention, ...]
    meeting: Meeting | None
    others: tuple[Pair, ...]
    away: tuple[Span, ...] = ()
    people: tuple[Participant | None, ...] = ()


class MeetingState(NamedTuple):
    """A meeting with its tandem, its programme and the exceptions that the office was told of.

    `others` are both people's other tandems, `delegate` who may act for the one that a command speaks of, `invited`
    when one of the two is at a gathering, `there` when each of the two is there (absences alone, where nothing else
    matters), in the order of the tandem's people.
    """

    meeting: Meeting | None
    pair: Pair | None
    programme: Programme | None
    signs: tuple[Attention, ...]
    others: tuple[Pair, ...] = ()
    delegate: Delegate | None = None
    invited: tuple[Span, ...] = ()
    there: tuple[Presence, ...] = ()


class TakenState(NamedTuple):
    """A meeting whose time was found taken, with its tandem and programme.

    `away`: when one of the two is, by now; `people` say when they work.
    """

    meeting: Meeting | None
    pair: Pair | None
    programme: Programme | None
    away: tuple[Span, ...] = ()
    people: tuple[Participant | None, ...] = ()


class AcceptState(NamedTuple):
    """A tandem with its programme, the meetings that somebody accepts, in order, and who may act for that person."""

    pair: Pair | None
    programme: Programme | None
    meetings: tuple[Meeting | None, ...] = ()
    delegate: Delegate | None = None


class SettlingState(NamedTuple):
    """An exception, with the tandem that it is about."""

    sign: Attention | None
    pair: Pair | None = None


def days_of(message: s.StartDay, get: Get) -> Days | None:
    """The calendar."""
    return get(Days, "days")


def programme_of(message: registration.ProgrammeState | registration.ProgrammeArchived, get: Get) -> Programme | None:
    """The programme."""
    return get(Programme, message.programme_id)


def pair_of(message: matching.TandemState, get: Get) -> FormingState:
    """The tandem, its programme, its people and their diaries."""
    pair = get(Pair, message.tandem_id)
    both = (message.mentor, message.mentee)
    diaries, people = get.all(Diary, both), get.all(Participant, both)
    return FormingState(pair, get(Programme, message.programme_id), _signs(pair, get), diaries, people)


def pair_due(message: DueReached, get: Get) -> PairState:
    """The tandem that has been silent, and its programme."""
    return _pair(message.subject.removeprefix("tandem/"), get)


def planned_meeting_id(message: PlanMeeting) -> str:
    """The id of a planned meeting."""
    return derived_id("meeting", message.tandem_id, message.key)


def planning(message: PlanMeeting | Planned | SeveralTaken, get: Get) -> PlanState:
    """The tandem whose plan is being written."""
    pair, programme, signs, others, *_ = _meeting_elsewhere(_pair(message.tandem_id, get), get)
    if pair is None or not isinstance(message, PlanMeeting):
        return PlanState(pair, programme, signs, None, others)
    meeting = get(Meeting, planned_meeting_id(message))
    elsewhere = joined((*away(pair.people, get), *gathering_times(pair.programme or "", pair.people, get)))
    return PlanState(pair, programme, signs, meeting, others, elsewhere, get.all(Participant, pair.people))


def adding(message: s.AddMeeting, get: Get) -> PairState:
    """The tandem that adds a meeting, its programme, both people's other tandems, and who may act for the person."""
    delegate = get(Delegate, message.participant_id)
    found = _meeting_elsewhere(_pair(message.tandem_id, get), get)
    return found._replace(delegate=delegate, invited=_invited(found.pair, get), there=_there(found.pair, get))


def accepting(message: s.AcceptMeetings, get: Get) -> AcceptState:
    """The tandem, the meetings that are accepted, and who may act for the person."""
    pair = get(Pair, message.tandem_id)
    if pair is None:
        return AcceptState(None, None)
    get.ahead((Programme, pair.programme or ""), (Delegate, message.participant_id))
    meetings = get.all(Meeting, tuple(time.meeting_id for time in message.times))
    return AcceptState(pair, get(Programme, pair.programme or ""), meetings, get(Delegate, message.participant_id))


def _pair(id: str, get: Get) -> PairState:
    pair = get(Pair, id)
    programme = get(Programme, pair.programme) if pair and pair.programme else None
    return PairState(pair, programme, _signs(pair, get))


def _meeting_elsewhere(state: PairState, get: Get) -> PairState:
    """With both people's other running tandems: as many as a mentor takes at a time, so a handful."""
    pair = state.pair
    if pair is None:
        return state
    diaries = get.all(Diary, pair.people)
    ids = dict.fromkeys(id for diary in diaries if diary is not None for id in diary.tandems if id != pair.id)
    others = get.all(Pair, tuple(ids)) if ids else ()
    return state._replace(others=tuple(other for other in others if other is not None))


def _signs(pair: Pair | None, get: Get) -> tuple[Attention, ...]:
    """What the office was told of; and what was said of the tandem's signs is read, since it may be written again."""
    if pair is not None and pair.signed:
        get.ahead((TandemSigns, pair.id), *((Attention, id) for id in pair.signs))
        get(TandemSigns, pair.id)
    found = get.all(Attention, pair.signs) if pair and pair.signs else ()
    return tuple(sign for sign in found if sign is not None)


def meeting_of(
    message: s.ReportMeeting | s.ReportNotHeld | s.RecordTopics | ClearMeeting | ClearInRest | GiveUp, get: Get
) -> MeetingState:
    """The meeting with its tandem."""
    return _meeting(message.meeting_id, get)


def taken_from(message: TimeTaken, get: Get) -> TakenState:
    """The meeting with its tandem, and when one of the two is busy or absent by now."""
    meeting, pair, programme, *_ = _meeting(message.meeting_id, get)
    if pair is None:
        return TakenState(meeting, None, programme)
    return TakenState(meeting, pair, programme, away(pair.people, get), get.all(Participant, pair.people))


def replanning(message: s.PlanAgain, get: Get) -> PairState:
    """The tandem that is to be planned again."""
    return _pair(message.tandem_id, get)


def changing(message: s.MoveMeeting | s.CancelMeeting, get: Get) -> MeetingState:
    """The meeting with its tandem, who may act for the person, and both people's other tandems."""
    meeting = get(Meeting, message.meeting_id)
    if meeting is None:
        return MeetingState(None, None, None, ())
    found = _meeting_elsewhere(_pair(meeting.tandem, get), get)
    delegate = get(Delegate, message.participant_id)
    invited, there = _invited(found.pair, get), _there(found.pair, get)
    return MeetingState(meeting, found.pair, found.programme, found.signs, found.others, delegate, invited, there)


def _there(pair: Pair | None, get: Get) -> tuple[Presence, ...]:
    """When each of the two is there."""
    if pair is None:
        return ()
    get.ahead(*((kind, who) for kind in (Participant, BusyTimes, Absences) for who in pair.people))
    known = get.all(Participant, pair.people), get.all(BusyTimes, pair.people), get.all(Absences, pair.people)
    return tuple(Presence(*each) for each in zip(*known, strict=True))


def _invited(pair: Pair | None, get: Get) -> tuple[Span, ...]:
    return gathering_times(pair.programme or "", pair.people, get) if pair is not None else ()


def meeting_due(message: DueReached, get: Get) -> MeetingState:
    """The meeting whose day has come, with its tandem."""
    return _meeting(message.subject.removeprefix("meeting/"), get)


def _meeting(id: str, get: Get) -> MeetingState:
    meeting = get(Meeting, id)
    if meeting is None:
        return MeetingState(None, None, None, ())
    found = _pair(meeting.tandem, get)
    waits = meeting.status == "planned" and meeting.acceptance == "open"
    there = tuple(Presence(absences=each) for each in get.all(Absences, meeting.people)) if waits else ()
    return MeetingState(meeting, found.pair, found.programme, found.signs, there=there)


class DelegateState(NamedTuple):
    """Somebody's delegate with their programme."""

    delegate: Delegate | None
    programme: Programme | None


def delegate_due(message: DueReached, get: Get) -> DelegateState:
    """The delegate whose last day is over."""
    delegate = get(Delegate, message.subject.removeprefix("delegate/"))
    programme = get(Programme, delegate.programme) if delegate and delegate.programme else None
    return DelegateState(delegate, programme)


def naming(message: s.NameDelegate, get: Get) -> Participant | None:
    """The participant who names a delegate."""
    return get(Participant, message.participant_id)


def attention_of(message: s.SettleAttention, get: Get) -> SettlingState:
    """The exception, and the tandem if it is one's."""
    sign = get(Attention, message.attention_id)
    kind, _, id = sign.whom[0].partition("/") if sign is not None and sign.whom else ("", "", "")
    pair = get(Pair, id) if kind == Pair.kind else None
    if pair is not None and pair.signed:
        get(TandemSigns, pair.id)
    return SettlingState(sign, pair)
