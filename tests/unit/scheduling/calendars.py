"""What the tests of calendars share: texts, and facts about two people's busy times."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from services.scheduling.availability.model import BusyTimes
from services.scheduling.availability.wall_time import by_day, minute_of
from services.scheduling.model import Meeting
from shared.contracts import scheduling as s
from shared.contracts.calendar import BusyInterval, BusyTimesPublished
from tests.support.reference import By, Scenario
from tests.unit.scheduling.people import DAY, ENDS, MENTOR, STARTS, TODAY, meetings_in

UNTIL = ENDS + DAY


def text_of(*lines: str, kind: str = "VCALENDAR") -> str:
    inner = lines if kind == "VCALENDAR" else (f"BEGIN:{kind}", *lines, f"END:{kind}")
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//DE", *inner, "END:VCALENDAR", ""))


def event(*lines: str, uid: str = "1") -> tuple[str, ...]:
    return ("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT")


def free_busy(*periods: str, kind: str = "BUSY") -> str:
    return text_of(*(f"FREEBUSY;FBTYPE={kind}:{period}" for period in periods), kind="VFREEBUSY")


def wall(date: dt.date, start: int, end: int) -> tuple[dt.datetime, dt.datetime]:
    """Two times of a day with the offset that they have in Berlin."""
    midnight = dt.datetime.combine(date, dt.time())
    first, last = (midnight + dt.timedelta(minutes=minutes) for minutes in (start, end))
    return first.replace(tzinfo=ZoneInfo("Europe/Berlin")), last.replace(tzinfo=ZoneInfo("Europe/Berlin"))


def busy(
    times: Iterable[tuple[dt.date, int, int]] = (),
    who: str = MENTOR,
    first: dt.date = TODAY,
    until: dt.date = UNTIL,
) -> BusyTimesPublished:
    """A fact of these busy times: day, first minute after midnight, and the end."""
    intervals = []
    for date, start, end in times:
        begins, ends = wall(date, start, end)
        intervals.append(BusyInterval(start=begins, end=ends))
    return BusyTimesPublished(
        participant_id=who, programme_id="pilot", window_from=first, window_until=until, intervals=tuple(intervals)
    )


def calendar(text: str, who: str = MENTOR, **window: Any) -> BusyTimesPublished:
    return BusyTimesPublished.model_validate(
        {
            "participant_id": who,
            "programme_id": "pilot",
            "window_from": STARTS,
            "window_until": UNTIL,
            "icalendar": text,
        }
        | window
    )


def known(scenario: Scenario, who: str = MENTOR) -> list[tuple[dt.date, int, int]]:
    """When somebody is busy, as scheduling remembers it."""
    found = scenario.reference.state.get(f"busy-times/{who}")
    assert found is None or isinstance(found, BusyTimes)
    return [part for span in (found.busy if found else ()) for part in by_day(span)]


def at(date: dt.date, start: int, end: int) -> tuple[int, int]:
    return minute_of(date, start), minute_of(date, end)


def away(*days: tuple[dt.date, dt.date], who: str = MENTOR) -> s.RecordAbsences:
    return s.RecordAbsences(participant_id=who, absences=tuple(s.Absence(first=a, last=b) for a, b in days))


def by(command: s.RecordAbsences, actor: str = MENTOR) -> By:
    return By(command, actor=actor, sender="person")


def planned(scenario: Scenario) -> list[Meeting]:
    return [meeting for meeting in meetings_in(scenario) if meeting.status == "planned"]
