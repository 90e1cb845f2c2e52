"""The calendar systems' language: facts about when people are busy, and what they answer. They command nothing.

Of a calendar only start, end and busy or free are kept. What else stands in a text goes when it is read, before anybody
can keep it (`calendar_text.py`); the events are `reduced`.
"""

import datetime as dt
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from shared.contracts import content_lines
from shared.contracts.base import Event, Part, personal
from shared.contracts.calendar_text import MOST_PERIODS, Fault, NotKept, reduced
from shared.contracts.parts import PEOPLE_KEPT, ParticipantId, ProgrammeId

BUSY = {
    "purpose": "meetings are planned when both people are free (S10)",
    "readers": "scheduling alone",
    "keep": f"until the calendar says otherwise or the day is over, at most {PEOPLE_KEPT}",
}

Moment = Annotated[AwareDatetime | dt.date, Field(union_mode="left_to_right")]
"""A time with its offset, or a day: its beginning in the deployment's zone."""


class BusyInterval(Part):
    """A time in somebody's calendar."""

    start: Moment = personal("beginning: a time with its offset, or a day (whole days)", **BUSY)
    end: Moment = personal("end, not included: a time with its offset, or the day after the last", **BUSY)
    busy: bool = personal("false: free, as if it did not stand here", default=True, **BUSY)


class BusyTimesPublished(
    Event,
    name="calendar.busy-times-published.v1",
    about="calendar/{participant_id}",
    stateful=True,
    reduced=True,
):
    """When somebody is busy within a window: all of it, in place of what was known of these days before.

    Either an iCalendar text (VFREEBUSY, or VCALENDAR with VEVENTs) or intervals. What is kept are start, end and busy
    or free; all else of a text is dropped unread. Of what overlaps the highest sequence stands.
    """

    participant_id: ParticipantId
    programme_id: ProgrammeId
    window_from: Moment = personal("beginning of the window", **BUSY)
    window_until: Moment = personal("end of the window, not included; at most 400 days after its beginning", **BUSY)
    icalendar: str | None = personal(
        "iCalendar text (RFC 5545), at most 2,000 events or 10,000 periods; null: see intervals", default=None, **BUSY
    )
    intervals: tuple[BusyInterval, ...] | None = personal(
        "busy intervals, in any order; they may overlap; at most 10,000; null: see icalendar", default=None, **BUSY
    )
    fault: Fault | None = Field(
        default=None,
        description="set in place of a content that cannot be taken, by whoever takes it in; publishers leave it out",
    )

    @model_validator(mode="before")
    @classmethod
    def _only_what_may_be_kept(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        text, intervals = data.get("icalendar"), data.get("intervals")
        fault: Fault | None = None
        if isinstance(text, str):
            try:
                return {**data, "icalendar": reduced(text)}
            except NotKept as error:
                fault = error.code
        elif isinstance(intervals, list | tuple) and len(intervals) > MOST_PERIODS:
            fault = "too_many_periods"
        return data if fault is None else {**data, "icalendar": None, "intervals": None, "fault": fault}

    @model_validator(mode="after")
    def _one_of_them(self) -> "BusyTimesPublished":
        said: tuple[object, ...] = (self.icalendar, self.intervals, self.fault)
        if sum(one is not None for one in said) != 1:
            raise PydanticCustomError("one_of_two", "give either icalendar or intervals")
        return self


# What people answer to invitations

LONGEST_REPLY = 65_536
"""Characters of an answer's text."""


class ReplyReceived(
    Event, name="calendar.reply-received.v1", about="reply/{participant_id}", stateful=False, reduced=True
):
    """Somebody answered an invitation of ours from their calendar (METHOD:REPLY or COUNTER).

    Said once for each answer that came. Take names, addresses and words out of it first (`shared.invitations.opaque`):
    whatever of them is left is dropped on arrival, and kept nowhere.
    """

    participant_id: ParticipantId
    icalendar: str = personal(
        "the answer (RFC 5546), without names, addresses and words",
        max_length=LONGEST_REPLY,
        purpose="people accept, decline and move meetings from their calendars",
        readers="scheduling",
        keep="until it is handled",
    )

    @model_validator(mode="before")
    @classmethod
    def _without_words(cls, data: Any) -> Any:
        """Only what is needed, before anything else reads it. What is too long is refused as it stands."""
        text = data.get("icalendar") if isinstance(data, dict) else None
        if not isinstance(text, str) or len(text) > LONGEST_REPLY:
            return data
        return {**data, "icalendar": content_lines.reduced(text)}
