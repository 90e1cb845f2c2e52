"""The kick-off, which is a programme's only one, and other gatherings, each with an id of its own."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.contracts.base import Command, Event, Part
from shared.contracts.parts import LINE, ParticipantId, ProgrammeId, Uuid

ForWhom = Literal["everybody", "mentors", "mentees", "tandems"]
FOR_WHOM = "who is asked; tandems: both people of every running one"
BOUND = "how many no other choice of dates could exceed; the effort of the search is counted, not timed"
PROVED = "whether it is certain that no other dates reach more"
PLACE = "where it is, in one line as people are told it: address, floor, room; null: nothing is said of it"

Place = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=LINE)]


class PlanKickOff(Command, name="scheduling.plan-kick-off.v1", senders=("office",)):
    """Find the date of the kick-off at which most participants can come (S5)."""

    programme_id: ProgrammeId
    earliest: dt.date = Field(description="first candidate day")
    latest: dt.date = Field(description="last candidate day, not after registration closes: the match comes later (S5)")
    minutes: int = Field(default=180, ge=30, le=600, description="length in minutes")
    place: Place | None = Field(default=None, description=PLACE)


class RecordAttendance(Command, name="scheduling.record-attendance.v1", senders=("office",)):
    """Record that a participant came to the kick-off, or to another gathering."""

    programme_id: ProgrammeId
    participant_id: ParticipantId
    gathering_id: Uuid | None = Field(default=None, description="the gathering; null: the kick-off")


class GatheringDate(Part):
    """One of the dates of a gathering; everybody is invited to one."""

    date: dt.date = Field(description="the day")
    start: int = Field(description="minutes after midnight, local wall time")
    invited: int = Field(description="how many were invited to this one when the dates were set")


class KickOffFields(Event, about="kick-off/{programme_id}"):
    """What every event about a programme's kick-off says, whatever its status."""

    programme_id: ProgrammeId
    date: dt.date | None = Field(description="the day")
    start: int | None = Field(description="minutes after midnight, local wall time")
    minutes: int = Field(description="length in minutes")
    zone: str = Field(description="time zone of the wall time")
    invited: int = Field(description="how many were asked when the day was set; who registers later is asked then")
    can_come: int = Field(description="how many of them can come, on this day or another one, and have a seat")
    more_dates: tuple[GatheringDate, ...] = Field(
        default=(), description="a second and a third date, for who cannot come on the first"
    )
    bound: int | None = Field(default=None, description=BOUND)
    proved: bool = Field(default=True, description=PROVED)
    place: str | None = Field(default=None, description=PLACE)


class KickOffState(KickOffFields):
    """The published state of a programme's kick-off."""

    status: Literal["scheduled", "held", "impossible"] = Field(description="impossible: no candidate day suits anybody")


class KickOffScheduled(KickOffState, name="scheduling.kick-off-scheduled.v1"):
    """The kick-off has a date."""


class KickOffHeld(KickOffState, name="scheduling.kick-off-held.v1"):
    """The kick-off was held."""


class KickOffImpossible(KickOffState, name="scheduling.kick-off-impossible.v1"):
    """No candidate day suits anybody."""


class KickOffCancelled(KickOffFields, name="scheduling.kick-off-cancelled.v1"):
    """The office cancelled the kick-off; it may be planned again."""

    status: Literal["cancelled"] = Field(default="cancelled", description="no other event about it has this status")


class AttendanceRecorded(Event, name="scheduling.attendance-recorded.v1", about="attendance/{participant_id}"):
    """A participant came to the kick-off."""

    programme_id: ProgrammeId
    participant_id: ParticipantId
    date: dt.date = Field(description="day of the kick-off")


class PlanGathering(Command, name="scheduling.plan-gathering.v1", senders=("office",)):
    """Find the date of a gathering at which most can come, and a second and third one for who cannot (S5)."""

    programme_id: ProgrammeId
    kind: Literal["kick-off", "exchange-of-mentors", "mid-term", "closing", "barcamp"] = Field(
        description="what it is; the kick-off comes before the round, the others at any time of the term"
    )
    gathering_id: Uuid | None = Field(
        default=None, description="one that was cancelled or impossible and is planned again; null: a new one"
    )
    earliest: dt.date = Field(description="first candidate day")
    latest: dt.date = Field(description="last candidate day, at most 60 days later")
    minutes: int = Field(default=180, ge=30, le=600, description="length in minutes")
    dates: int = Field(
        default=3, ge=1, le=3, description="dates at most; another one only where enough people would be left out"
    )
    rooms: tuple[Annotated[int, Field(ge=1, le=10_000)], ...] = Field(
        default=(), max_length=10, description="people that each room takes; used side by side; empty: no limit"
    )
    for_whom: ForWhom = Field(default="everybody", description=FOR_WHOM)
    place: Place | None = Field(default=None, description=PLACE)


class CancelGathering(Command, name="scheduling.cancel-gathering.v1", senders=("office",)):
    """Cancel a gathering, or stop looking for its date; everybody who was invited is told."""

    programme_id: ProgrammeId
    gathering_id: Uuid | None = Field(default=None, description="the gathering; null: the kick-off")


class GatheringState(Event, about="gathering/{gathering_id}"):
    """The published state of a gathering other than the kick-off. It names nobody."""

    gathering_id: Uuid = Field(description="the gathering")
    programme_id: ProgrammeId
    kind: Literal["exchange-of-mentors", "mid-term", "closing", "barcamp"] = Field(description="what it is")
    for_whom: ForWhom = Field(description=FOR_WHOM)
    status: Literal["scheduled", "held", "impossible", "cancelled"] = Field(
        description="impossible: no candidate day suits anybody; held: its last date is over"
    )
    dates: tuple[GatheringDate, ...] = Field(max_length=3, description="its dates in order; each person has one")
    minutes: int = Field(description="length in minutes")
    zone: str = Field(description="time zone of the wall times")
    invited: int = Field(description="how many were asked when the dates were set; who comes later is asked then")
    reached: int = Field(description="how many of them can come to one of the dates and have a seat there")
    bound: int = Field(description=BOUND)
    proved: bool = Field(description=PROVED)
    place: str | None = Field(default=None, description=PLACE)


class GatheringScheduled(GatheringState, name="scheduling.gathering-scheduled.v1"):
    """A gathering has its dates."""


class GatheringHeld(GatheringState, name="scheduling.gathering-held.v1"):
    """The last date of a gathering is over."""


class GatheringImpossible(GatheringState, name="scheduling.gathering-impossible.v1"):
    """No candidate day of a gathering suits anybody."""


class GatheringCancelled(GatheringState, name="scheduling.gathering-cancelled.v1"):
    """The office cancelled a gathering; it may be planned again."""


class GatheringAttended(Event, name="scheduling.gathering-attended.v1", about="guest/{guest_id}"):
    """A participant came to a gathering other than the kick-off."""

    guest_id: Uuid = Field(description="somebody's part in this gathering")
    gathering_id: Uuid = Field(description="the gathering")
    programme_id: ProgrammeId
    participant_id: ParticipantId
    date: dt.date = Field(description="the day on which they came")
