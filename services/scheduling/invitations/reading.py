"""Somebody's answer to an invitation as it was written: what is read of it, whichever calendar wrote it."""

import datetime as dt
from typing import Any

from icalendar import Calendar
from icalendar.timezone import tzp

from services.scheduling.invitations.replies import Nothing, Reply
from shared.contracts.content_lines import id_in, person_in


def read(text: str) -> Reply | Nothing:
    """An answer from its reduced text (`content_lines.reduced`); the first event in it that is ours, else the first."""
    # The library keeps zones by name for everybody that it reads: the next text's zone may have the same name.
    tzp.use_default()
    try:
        return _read(text)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError):
        # Also what stands twice where it may stand once.
        return Nothing("unreadable")


def _read(text: str) -> Reply | Nothing:
    # Its types are a union of everything that iCalendar knows.
    calendar: Any = Calendar.from_ical(text)
    events = [event for event in calendar.walk("VEVENT") if not event.errors]
    if not events:
        return Nothing("unreadable")
    event = next((e for e in events if id_in(str(e.get("uid", "")))), events[0])
    return Reply(
        method=str(calendar.get("method", "")).strip().upper(),
        invitation=id_in(str(event.get("uid", ""))),
        sequence=int(event["sequence"]) if "sequence" in event else None,
        attendees=tuple(_answer(each) for each in _listed(event.get("attendee"))),
        start=_moment(event.get("dtstart")),
        of_a_series="recurrence-id" in event,
    )


def _moment(start: Any) -> dt.datetime | dt.date | None:
    """What DTSTART says; None where it names a zone that nobody defines: by our clocks it would be another time."""
    if start is None:
        return None
    found: dt.datetime | dt.date = start.dt
    unknown = "TZID" in start.params and isinstance(found, dt.datetime) and found.tzinfo is None
    return None if unknown else found


def _listed(found: Any) -> list[Any]:
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def _answer(attendee: Any) -> tuple[str | None, str, str | None]:
    params = attendee.params
    sent_by = params.get("SENT-BY")
    return person_in(str(attendee)), str(params.get("PARTSTAT", "")).upper(), str(sent_by) if sent_by else None
