"""Reads the FREEBUSY lines of a reduced text: by hand, many times faster than the library.

The text has the form that `shared/contracts/calendar_text.py` leaves: a line a property, periods of times or lengths.
"""

import datetime as dt
import re
from collections.abc import Iterator
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.scheduling.availability.wall_time import Span, span_of
from services.scheduling.model import DAY, ZONE
from shared.contracts.calendar_text import NotKept, unfolded

MINUTE = dt.timedelta(minutes=1)
_LINE = "FREEBUSY:"
_LENGTH = re.compile(r"([+-]?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def busy_periods(text: str, zone: str = ZONE) -> tuple[Span, ...]:
    """The busy periods of a text, as they stand. Raises NotKept for one that ends before it starts."""
    return tuple(
        _span(period, zone)
        for line in unfolded(text)
        if line.startswith(_LINE)
        for period in line[len(_LINE) :].split(",")
    )


def _span(period: str, zone: str) -> Span:
    first, _, last = period.partition("/")
    begins = _quickly(first, zone)
    ends = _quickly(last, zone) if "P" not in last else _later(begins, length_of(last))
    if begins is not None and ends is not None and begins <= ends:
        return Span(begins, ends)
    start = _moment(first)
    end = start + length_of(last) if "P" in last else _moment(last)
    if (start.tzinfo is None) != (end.tzinfo is None):
        raise NotKept("not_understood")
    if end < start:
        raise NotKept("end_before_start")
    return span_of(start, end, zone)


def _quickly(value: str, zone: str) -> int | None:
    """The wall time of a whole minute in UTC; None where it takes more than a sum, as near a change of the clocks."""
    if len(value) != len("20270301T080000Z") or value[13:] != "00Z":
        return None
    midnight = _midnight(value[:8], zone)
    hour, minute = int(value[9:11]), int(value[11:13])
    return None if midnight is None or hour > 23 or minute > 59 else midnight + 60 * hour + minute


def _later(begins: int | None, length: dt.timedelta) -> int | None:
    if begins is None or not dt.timedelta() <= length <= DAY:
        return None
    minutes, rest = divmod(length, MINUTE)
    return None if rest else begins + minutes


@lru_cache(maxsize=4096)
def _midnight(day: str, zone: str) -> int | None:
    """The wall time of a day's midnight in UTC, where the clocks do not change on that day or beside it."""
    start = _moment(f"{day}T000000Z")
    before, after = (start + days * DAY for days in (-1, 2))
    tz = ZoneInfo(zone)
    if before.astimezone(tz).utcoffset() != after.astimezone(tz).utcoffset():
        return None
    return span_of(start, start, zone).begins


def _moment(value: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(value)
    except ValueError:
        raise NotKept("not_understood") from None


@lru_cache(maxsize=1024)
def length_of(value: str) -> dt.timedelta:
    """A length as RFC 5545 (3.3.6) writes it. Raises NotKept."""
    found = _LENGTH.fullmatch(value)
    if found is None:
        raise NotKept("not_understood")
    sign, *numbers = found.groups()
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in numbers)
    length = dt.timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if sign == "-" else length


def has_events(text: str) -> bool:
    """Whether a reduced text needs a reader of events."""
    return "BEGIN:VEVENT" in text


def periods_of(text: str, window: Span, zone: str = ZONE) -> Iterator[Span]:
    """The busy periods that lie in a window at least in part."""
    return (span for span in busy_periods(text, zone) if span.begins < window.ends and window.begins < span.ends)
