"""Meetings: suggested, accepted, moved, cancelled, held."""

import datetime as dt
from typing import Literal

from pydantic import Field

from shared.contracts.base import Command, Event, Part
from shared.contracts.parts import RULES_VERSION, Id, ParticipantId, ProgrammeId, Uuid


class AddMeeting(Command, name="scheduling.add-meeting.v1", senders=("person", "delegate")):
    """Suggest one more meeting, by one of the two or the delegate of one, who so accept it; the other answers."""

    tandem_id: Uuid = Field(description="the tandem")
    participant_id: ParticipantId
    date: dt.date = Field(description="the day")
    start: int = Field(ge=0, le=1439, description="minutes after midnight, local wall time")
    minutes: int = Field(default=90, ge=15, le=480, description="length in minutes")


class MoveMeeting(Command, name="scheduling.move-meeting.v1", senders=("person", "delegate")):
    """Suggest another time for a planned meeting, by one of the two or the delegate of one; the other answers."""

    meeting_id: Uuid = Field(description="the meeting")
    participant_id: ParticipantId
    date: dt.date = Field(description="the new day")
    start: int = Field(ge=0, le=1439, description="minutes after midnight, local wall time")
    replaces: int = Field(ge=1, description="sequence of the event with the time that this replaces, or of a later one")


class CancelMeeting(Command, name="scheduling.cancel-meeting.v1", senders=("person", "delegate")):
    """Cancel a planned meeting, by one of the two or the delegate of one; a new time is suggested at once (P8)."""

    meeting_id: Uuid = Field(description="the meeting")
    participant_id: ParticipantId


class MeetingTime(Part):
    """A meeting at the time at which somebody saw it."""

    meeting_id: Uuid = Field(description="the meeting")
    date: dt.date = Field(description="the day")
    start: int = Field(ge=0, le=1439, description="minutes after midnight, local wall time")


class AcceptMeetings(Command, name="scheduling.accept-meetings.v1", senders=("person", "delegate")):
    """Accept suggested meetings, one or a whole plan, by one of the two or the delegate of one; all of them or none."""

    tandem_id: Uuid = Field(description="the tandem")
    participant_id: ParticipantId
    times: tuple[MeetingTime, ...] = Field(
        min_length=1, max_length=60, description="the meetings; one that has another time by now is not accepted"
    )


class ReportMeeting(Command, name="scheduling.report-meeting.v1", senders=("person",)):
    """Say whether a meeting took place, how long it was and what it was about; replaces what oneself said before."""

    meeting_id: Uuid = Field(description="the meeting")
    participant_id: ParticipantId
    took_place: bool = Field(description="whether it took place (P11)")
    minutes: int | None = Field(default=None, ge=5, le=480, description="its length in minutes; null: as planned")
    topics: tuple[Id, ...] = Field(default=(), max_length=10, description="topic ids of the catalogue (S12)")


class ReportNotHeld(Command, name="scheduling.report-not-held.v1", senders=("person",)):
    """Say that a planned meeting did not take place (P11)."""

    meeting_id: Uuid = Field(description="the meeting")
    participant_id: ParticipantId


class RecordTopics(Command, name="scheduling.record-topics.v1", senders=("person",)):
    """Record what a meeting was about (S12), and so that it took place."""

    meeting_id: Uuid = Field(description="the meeting")
    participant_id: ParticipantId
    topics: tuple[Id, ...] = Field(min_length=1, max_length=10, description="topic ids of the catalogue")


class MeetingPlace(Part):
    """Where a meeting is: in a room, or by video."""

    room: str | None = Field(default=None, description="name of the room; null: none was free")
    link: str | None = Field(default=None, description="address of the video meeting, where no room was free")


class MeetingFields(Event, about="meeting/{meeting_id}"):
    """What every event about a meeting says. It never says which side accepted, moved, cancelled or reported."""

    meeting_id: Uuid = Field(description="the meeting")
    tandem_id: Uuid = Field(description="the tandem")
    programme_id: ProgrammeId
    mentor: ParticipantId
    mentee: ParticipantId
    date: dt.date = Field(description="the day")
    start: int = Field(description="minutes after midnight, local wall time")
    minutes: int = Field(description="length in minutes")
    zone: str = Field(description="time zone of the wall time")
    number: int | None = Field(description="the tandem's first, second, … held meeting; None until it counts as held")
    topics: tuple[Id, ...] = Field(description="what it was about")
    acceptance: Literal["open", "given", "assumed"] | None = Field(
        default=None,
        description="open: a suggestion that waits for an answer; given: both accepted, or their delegates; assumed: "
        "silence accepted for one or both; null: said by a release that did not ask",
    )
    known: Literal["confirmed", "assumed"] | None = Field(
        default=None,
        description="of a held meeting, how that is known. confirmed: somebody said so or named topics; assumed: "
        "nobody said otherwise, and somebody had accepted it; null: not held, or assumed by an earlier release",
    )
    place: MeetingPlace | None = Field(
        default=None,
        description="where it is, given three days before; null: not given yet, or the programme gives none",
    )
    rules_version: int | None = Field(
        default=None, ge=1, description=f"{RULES_VERSION}, at last; null: by a release that did not say it"
    )


class MeetingState(MeetingFields, about="meeting/{meeting_id}"):
    """The published state of a meeting of which somebody knows what became of it, or that is still to come."""

    status: Literal["planned", "cancelled", "held", "missed"] = Field(description="what has become of it")


class MeetingScheduled(MeetingState, name="scheduling.meeting-scheduled.v1"):
    """A meeting was planned."""


class MeetingMoved(MeetingState, name="scheduling.meeting-moved.v1"):
    """A meeting has another time."""


class MeetingPlaced(MeetingState, name="scheduling.meeting-placed.v1"):
    """A meeting has a room, or an address by video, or another one than before."""


class MeetingCancelled(MeetingState, name="scheduling.meeting-cancelled.v1"):
    """A meeting was cancelled."""


class MeetingHeld(MeetingState, name="scheduling.meeting-held.v1"):
    """A meeting counts as held."""


class MeetingMissed(MeetingState, name="scheduling.meeting-missed.v1"):
    """A planned meeting did not take place."""


class TopicsRecorded(MeetingState, name="scheduling.topics-recorded.v1"):
    """It is known what a meeting was about."""


class MeetingAccepted(MeetingState, name="scheduling.meeting-accepted.v1"):
    """A suggestion was accepted, by somebody or by silence: `acceptance` says how it stands now."""


class MeetingReported(MeetingState, name="scheduling.meeting-reported.v1"):
    """Somebody said that a meeting took place, and perhaps how long it was; it counts when nobody objects."""


class MeetingUnknown(MeetingFields, name="scheduling.meeting-unknown.v1"):
    """Nobody knows whether a meeting took place: nobody had accepted it and nobody said so, or two said otherwise."""

    status: Literal["unknown"] = Field(description="it counts for nothing")
