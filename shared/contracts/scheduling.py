"""Scheduling's language: days, the kick-off, meetings, agreements."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.contracts import base
from shared.contracts.base import Command, Event, Part, Text, personal
from shared.contracts.parts import PEOPLE_KEPT, RULES_VERSION, TANDEMS_KEPT, Id, ParticipantId, ProgrammeId, Uuid

AGREEMENT = {
    "purpose": "the tandem's own rules and goals (S11)",
    "readers": "the tandem",
    "keep": TANDEMS_KEPT,
}


DELEGATE = {
    "purpose": "somebody else may accept, add, move and cancel meetings on a leader's behalf",
    "readers": "scheduling alone",
    "keep": f"until another or nobody is named, or {PEOPLE_KEPT}",
}

ForWhom = Literal["everybody", "mentors", "mentees", "tandems"]
FOR_WHOM = "who is asked; tandems: both people of every running one"
BOUND = "how many no other choice of dates could exceed; the effort of the search is counted, not timed"
PROVED = "whether it is certain that no other dates reach more"


INVITATION = {
    "purpose": "meetings stand in people's calendars",
    "readers": "portal, office, mail service",
    "keep": TANDEMS_KEPT,
}


ABSENCE = {
    "purpose": "no meeting is planned while somebody is away (S10)",
    "readers": "scheduling, portal, office",
    "keep": f"until the days are over and said anew, or {PEOPLE_KEPT}",
}


class CommandRejected(base.CommandRejected, name="scheduling.command-rejected.v1"):
    """Scheduling refused a command."""


class PersonAddressed(base.PersonAddressed, name="scheduling.person-addressed.v1"):
    """Scheduling has words for a person."""


class OfficeAttentionNeeded(base.OfficeAttentionNeeded, name="scheduling.office-attention-needed.v1"):
    """Scheduling needs the office."""


class DayHandled(base.DayHandled, name="scheduling.day-handled.v1"):
    """Scheduling has handled a day."""


class AuditSealed(base.AuditSealed, name="scheduling.audit-sealed.v1"):
    """Scheduling has sealed its audit of a day."""


class ReplayQuarantined(base.ReplayQuarantined, name="scheduling.replay-quarantined.v1", senders=("ops",)):
    """Hand scheduling's quarantined messages back to it."""


class QuarantineReplayed(base.QuarantineReplayed, name="scheduling.quarantine-replayed.v1"):
    """Scheduling took quarantined messages back."""


class EditQuarantined(base.EditQuarantined, name="scheduling.edit-quarantined.v1", senders=("office",)):
    """Replace one of scheduling's quarantined messages by a corrected copy."""


class QuarantineEdited(base.QuarantineEdited, name="scheduling.quarantine-edited.v1"):
    """Scheduling took a corrected copy in the place of a quarantined message."""


class DiscardQuarantined(base.DiscardQuarantined, name="scheduling.discard-quarantined.v1", senders=("ops", "office")):
    """Give one of scheduling's quarantined messages up."""


class QuarantineDiscarded(base.QuarantineDiscarded, name="scheduling.quarantine-discarded.v1"):
    """Scheduling gave a quarantined message up."""


class QuarantineRead(base.QuarantineRead, name="scheduling.quarantine-read.v1"):
    """Somebody read one of scheduling's quarantined messages."""


class NoteUnrouted(base.NoteUnrouted, name="scheduling.note-unrouted.v1", senders=("office",)):
    """Have scheduling record what is done with a command that nobody takes."""


class UnroutedNoted(base.UnroutedNoted, name="scheduling.unrouted-noted.v1"):
    """Scheduling recorded what is done with a command that nobody takes."""


class SayStateAgain(base.SayStateAgain, name="scheduling.say-state-again.v1", senders=("ops", "service")):
    """Have scheduling say again what it published."""


class StateSaidAgain(base.StateSaidAgain, name="scheduling.state-said-again.v1"):
    """Scheduling has said again what it published."""


class ShowPerson(base.ShowPerson, name="scheduling.show-person.v1", senders=("service",), private=True):
    """Show all that scheduling holds on a person."""


class PersonShown(base.PersonShown, name="scheduling.person-shown.v1"):
    """Private answer: some of what scheduling holds on a person."""


class PeopleErased(base.PeopleErased, name="scheduling.people-erased.v1"):
    """Scheduling holds nothing more of the people of an erasure."""


class RetentionCarriedOut(base.RetentionCarriedOut, name="scheduling.retention-carried-out.v1"):
    """Scheduling keeps nothing more of a programme for purposes whose time is over."""


# Days


class StartDay(Command, name="scheduling.start-day.v1", senders=("ops", "service")):
    """Start a day, where days come from commands and not from the calendar (a demo, a rehearsal)."""

    date: dt.date = Field(description="the day, after the last one")


class DayStarted(Event, name="scheduling.day-started.v1", about="calendar/days"):
    """A day has started: time passes as an event."""

    date: dt.date = Field(description="the day")


# What waits for the office


class SettleAttention(Command, name="scheduling.settle-attention.v1", senders=("office",)):
    """Say that an exception was seen and dealt with; it is reminded of no more (S19)."""

    attention_id: Uuid = Field(description="the exception")


# The kick-off


class PlanKickOff(Command, name="scheduling.plan-kick-off.v1", senders=("office",)):
    """Find the date of the kick-off at which most participants can come (S5)."""

    programme_id: ProgrammeId
    earliest: dt.date = Field(description="first candidate day")
    latest: dt.date = Field(description="last candidate day, not after registration closes: the match comes later (S5)")
    minutes: int = Field(default=180, ge=30, le=600, description="length in minutes")


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


# Other gatherings: each has an id of its own; the kick-off is a programme's only one, and said by the events above


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


# Meetings


class NameDelegate(Command, name="scheduling.name-delegate.v1", senders=("person",)):
    """Name who may accept, add, move and cancel one's meetings, or that nobody may; replaces who was named before."""

    participant_id: ParticipantId
    delegate: Id | None = personal(
        "opaque id of the delegate in the sender's own system, the actor of their commands; null: nobody", **DELEGATE
    )
    until: dt.date | None = personal(
        "last day on which the delegate may act; null: until another or nobody is named", default=None, **DELEGATE
    )


class DelegateNamed(Event, name="scheduling.delegate-named.v1", about="delegate/{participant_id}"):
    """It is known whether a person has a delegate; who that is stays here."""

    participant_id: ParticipantId
    programme_id: ProgrammeId
    named: bool = personal("whether somebody may act on the person's behalf", **DELEGATE)
    until: dt.date | None = personal("last day on which they may; null: without an end", default=None, **DELEGATE)


class Absence(Part):
    """Days on which somebody is away; never why."""

    first: dt.date = personal("first day", **ABSENCE)
    last: dt.date = personal("last day", **ABSENCE)


class RecordAbsences(Command, name="scheduling.record-absences.v1", senders=("person",)):
    """Say on which days one is away; no meeting is planned then. Replaces what was said before."""

    participant_id: ParticipantId
    absences: tuple[Absence, ...] = personal(
        "stretches of days, in any order; none: none any more", max_length=50, **ABSENCE
    )


class AbsencesRecorded(Event, name="scheduling.absences-recorded.v1", about="absences/{participant_id}"):
    """It is known on which days somebody is away."""

    participant_id: ParticipantId
    programme_id: ProgrammeId
    absences: tuple[Absence, ...] = personal("stretches of days that are not over, in order", **ABSENCE)


class BusyTimesRefused(
    Event, name="scheduling.busy-times-refused.v1", about="busy-times/{participant_id}", stateful=False
):
    """What a calendar said of somebody cannot be taken; what was known before stays. Nothing of it is told."""

    participant_id: ParticipantId
    programme_id: ProgrammeId
    code: str = Field(description="machine-readable reason, stable, e.g. too_many_events")
    field: str | None = Field(
        default=None, description="where, e.g. intervals.3.end (from 0); null: in a text, or in all of it"
    )
    message: Text = Field(description="what is wrong and what its publisher has to change")


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


class PlanAgain(Command, name="scheduling.plan-again.v1", senders=("office", "person")):
    """Plan a tandem's days to come again, by the office or one of the two; answered by `plan-made`."""

    tandem_id: Uuid = Field(description="the tandem")
    participant_id: ParticipantId | None = personal(
        "which of the two asks; null: the office",
        purpose="only the two of a tandem and the office plan its meetings again",
        readers="scheduling",
        keep="not kept",
        default=None,
    )
    whole: bool = Field(
        default=False,
        description="false: only what is missing is planned, all meetings stay; true: all that is to come, also what "
        "was accepted, but for meetings at times that the new plan has as well",
    )


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


class TandemSign(Part):
    """Why a tandem needs attention. It names the rule, never a side."""

    rule: Literal["behind-cadence", "meetings-failed", "tandem-silent"] = Field(
        description="fewer held meetings than the cadence wants; several in a row cancelled, missed or unknown; no "
        "held meeting for too long"
    )
    since: dt.date = Field(description="the day since which it is so")


class TandemNeedsAttention(Event, name="scheduling.tandem-needs-attention.v1", about="tandem-signs/{tandem_id}"):
    """A tandem needs attention by some rule, or does so no more (P8, S16)."""

    tandem_id: Uuid = Field(description="the tandem")
    programme_id: ProgrammeId
    status: Literal["open", "settled"] = Field(description="settled: no sign is left")
    signs: tuple[TandemSign, ...] = Field(description="all signs that are open, one a rule")


class PlanLevels(Part):
    """What plans are worth, the smaller the better, the first level first; summed over tandems planned together."""

    late: int = Field(description="days that first meetings are later than fourteen days after the beginning")
    missing: int = Field(description="meetings that were wanted and have no day")
    largest_gap: int = Field(description="most days without a meeting")
    off_rhythm: int = Field(description="sum of the squares of the days by which gaps are outside seven to fourteen")
    weekday_changes: int = Field(description="neighbours on different weekdays")
    shift: int = Field(description="quarter hours between the starts of neighbours, summed")
    when: int = Field(description="beginnings, in quarter hours from the first day planned, summed")


class PlanMade(Event, name="scheduling.plan-made.v1", about="plan/{tandem_id}"):
    """A tandem's meetings were planned over the term, or one was planned anew."""

    tandem_id: Uuid = Field(description="the tandem")
    programme_id: ProgrammeId
    wanted: int = Field(description="meetings wanted over the term")
    planned: int = Field(description="meetings planned, held ones included")
    largest_gap_days: int | None = Field(
        description="most days without a meeting, from the beginning to the end of what was planned; null without any"
    )
    problem: str | None = Field(description="why there are fewer than wanted, as a stable code")
    rules_version: int = Field(default=1, ge=1, description=RULES_VERSION)
    late_days: int = Field(
        default=0, ge=0, description="days that the first meeting is later than fourteen days after the beginning"
    )
    together: int = Field(
        default=1, ge=1, description="tandems planned together with this one, since they share a person, it included"
    )
    proved: bool | None = Field(
        default=None, description="whether no plans are better; null: made by a release that did not say it"
    )
    levels: PlanLevels | None = Field(default=None, description="what the plans are worth; null: there is none")
    bound: PlanLevels | None = Field(
        default=None, description="what no plans can be better than: the same as levels where that is proved"
    )


# Invitations, as calendars read them


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


# Agreements


class RecordAgreement(Command, name="scheduling.record-agreement.v1", senders=("person",)):
    """Record the rules and goals on which a tandem agreed (S11), in place of whatever it had.

    They hold once the other has said the same, or confirmed them.
    """

    tandem_id: Uuid = Field(description="the tandem")
    participant_id: ParticipantId
    rules: tuple[str, ...] = personal("rules agreed on, free text", min_length=1, max_length=20, **AGREEMENT)
    goals: tuple[str, ...] = personal("goals agreed on, free text", min_length=1, max_length=20, **AGREEMENT)


AgreedLine = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"\S")]
GoalStatus = Literal["open", "reached", "dropped"]


class EditAgreement(Command, name="scheduling.edit-agreement.v1", senders=("person",)):
    """Change a tandem's draft or agreement; the new version holds once both have confirmed it, the old one until then.

    A goal whose words stay keeps its id and state. Saying the newest version's words again confirms it.
    """

    tandem_id: Uuid = Field(description="the tandem")
    participant_id: ParticipantId
    rules: tuple[AgreedLine, ...] = personal("rules, free text", min_length=1, max_length=20, **AGREEMENT)
    goals: tuple[AgreedLine, ...] = personal("goals, free text", min_length=1, max_length=20, **AGREEMENT)
    replaces: int = Field(ge=0, description="the version that this one replaces; 0: there is none yet")


class ConfirmAgreement(Command, name="scheduling.confirm-agreement.v1", senders=("person",)):
    """Agree on a version of the tandem's rules and goals; it holds once both have."""

    tandem_id: Uuid = Field(description="the tandem")
    participant_id: ParticipantId
    version: int = Field(ge=1, description="the version, which must be the newest")


class FollowedGoal(Part):
    """How it stands with a goal."""

    goal_id: Uuid = Field(description="the goal, as `show-agreement` names it")
    state: GoalStatus = Field(description="how it stands")


class FollowUpGoals(Command, name="scheduling.follow-up-goals.v1", senders=("person",)):
    """Say how it stands with goals, perhaps at a meeting."""

    tandem_id: Uuid = Field(description="the tandem")
    participant_id: ParticipantId
    goals: tuple[FollowedGoal, ...] = Field(min_length=1, max_length=20, description="the goals that were looked at")
    meeting_id: Uuid | None = Field(default=None, description="the meeting at which they were; null: between meetings")


class ShowAgreement(Command, name="scheduling.show-agreement.v1", senders=("person",), private=True):
    """Read the own tandem's draft or agreement, or an earlier version of it."""

    tandem_id: Uuid = Field(description="the tandem")
    participant_id: ParticipantId
    version: int | None = Field(default=None, ge=1, description="an earlier version; null: the newest")


class FollowedUp(Part):
    """That a goal was looked at."""

    date: dt.date = Field(description="the day")
    state: GoalStatus = Field(description="how it stood")
    meeting_id: Uuid | None = Field(description="the meeting at which it was; null: between meetings")


class GoalShown(Part):
    """A goal as the two read it."""

    goal_id: Uuid = Field(description="the goal")
    text: Text = personal("its words; what people wrote themselves stands in both languages alike", **AGREEMENT)
    state: GoalStatus = Field(description="how it stands")
    followed: tuple[FollowedUp, ...] = Field(description="when it was looked at, the last 20 times")


class VersionShown(Part):
    """An earlier version that can be read."""

    version: int = Field(description="its number")
    date: dt.date = Field(description="the day from which it was so")
    agreed: bool = Field(description="whether both had confirmed it")


class AgreementShown(
    Event, name="scheduling.agreement-shown.v1", about="agreement/{tandem_id}", stateful=False, private=True
):
    """Private answer to one of the two: a version of their draft or agreement."""

    tandem_id: Uuid = Field(description="the tandem")
    version: int = Field(description="the version that is shown")
    date: dt.date = Field(description="the day from which it is so")
    agreed: bool = Field(description="whether both have confirmed it")
    confirmed_by_you: bool = Field(description="whether you have")
    rules: tuple[Text, ...] = personal("the rules", **AGREEMENT)
    goals: tuple[GoalShown, ...] = Field(description="the goals")
    versions: tuple[VersionShown, ...] = Field(description="all that can be read, the newest first; at most 50")


class AgreementState(Event, about="agreement/{tandem_id}"):
    """The published state of a tandem's agreement: figures alone. Who edited or confirmed is not said."""

    tandem_id: Uuid = Field(description="the tandem")
    programme_id: ProgrammeId
    rules: int = Field(description="how many rules")
    goals: int = Field(description="how many goals")
    date: dt.date = Field(description="day of the agreement")
    version: int = Field(default=1, ge=1, description="number of the version, from 1")
    confirmed: bool = Field(default=True, description="whether both have confirmed this version")
    goals_open: int | None = Field(default=None, description="goals that are open; null: not told")
    goals_reached: int | None = Field(default=None, description="goals that were reached; null: not told")
    goals_dropped: int | None = Field(default=None, description="goals that were given up; null: not told")


class AgreementRecorded(AgreementState, name="scheduling.agreement-recorded.v1"):
    """A tandem has agreed on rules and goals; the words stay with the tandem."""


class AgreementProposed(AgreementState, name="scheduling.agreement-proposed.v1"):
    """A version waits for both to confirm it (its date is that of its words); what they agreed on before holds on.

    An event of its own, so that who knows `agreement-recorded` alone takes no draft for an agreement.
    """
