"""When people can meet, and who may act for them: delegates, absences, calendars that could not be read."""

import datetime as dt

from pydantic import Field

from shared.contracts.base import Command, Event, Part, Text, personal
from shared.contracts.parts import PEOPLE_KEPT, Id, ParticipantId, ProgrammeId

DELEGATE = {
    "purpose": "somebody else may accept, add, move and cancel meetings on a leader's behalf",
    "readers": "scheduling, portal",
    "keep": f"until another or nobody is named, or {PEOPLE_KEPT}",
}

ABSENCE = {
    "purpose": "no meeting is planned while somebody is away (S10)",
    "readers": "scheduling, portal",
    "keep": f"until the days are over and said anew, or {PEOPLE_KEPT}",
}


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
