"""Wall time of the deployment's zone as whole minutes, so that 10:00 stays 10:00 whatever the clocks do. Pure.

A minute is `days since the year 1 × 1440 + minutes after midnight`; a span is two of them, the second not included.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.scheduling.model import ZONE

MINUTES = 1440
"""Minutes of a day by the wall clock, also of one on which the clocks change."""

LONG_AGO = dt.date(1970, 1, 1)
"""No day before it is to come, also where no day has started yet; zones' rules of long ago are not written out."""


class Span(NamedTuple):
    """Minutes of wall time, the last not included."""

    begins: int
    ends: int


def minute_of(date: dt.date, minutes: int = 0) -> int:
    """The minute so long after a day's midnight."""
    return date.toordinal() * MINUTES + minutes


def date_of(minute: int) -> dt.date:
    """The day of a minute."""
    return dt.date.fromordinal(minute // MINUTES)


def is_to_come(date: dt.date, today: dt.date) -> bool:
    """Whether something can still be planned for a day."""
    return date > max(today, LONG_AGO)


def joined(spans: Iterable[Sequence[int]]) -> tuple[Span, ...]:
    """Spans in order, those that touch or overlap as one; empty ones are left out."""
    found: list[Span] = []
    for begins, ends in sorted((begins, ends) for begins, ends in spans):
        if ends <= begins:
            continue
        if found and begins <= found[-1].ends:
            found[-1] = Span(found[-1].begins, max(ends, found[-1].ends))
        else:
            found.append(Span(begins, ends))
    return tuple(found)


def without(spans: Sequence[Sequence[int]], others: Sequence[Sequence[int]]) -> tuple[Span, ...]:
    """What is left of some spans where others are taken out."""
    found: list[Span] = []
    away = joined(others)
    first = 0
    for begins, ends in joined(spans):
        while first < len(away) and away[first].ends <= begins:
            first += 1
        at, at_other = begins, first
        while at_other < len(away) and away[at_other].begins < ends:
            if at < away[at_other].begins:
                found.append(Span(at, away[at_other].begins))
            at = away[at_other].ends
            at_other += 1
        if at < ends:
            found.append(Span(at, ends))
    return tuple(found)


def within(spans: Sequence[Sequence[int]], others: Sequence[Sequence[int]]) -> tuple[Span, ...]:
    """What some spans have in common with others."""
    return without(spans, without(spans, others))


def by_day(span: Sequence[int]) -> Iterable[tuple[dt.date, int, int]]:
    """A span day by day: date, first minute after midnight, and the last, not included."""
    begins, ends = span
    while begins < ends:
        date = date_of(begins)
        midnight = minute_of(date)
        till = min(ends, midnight + MINUTES)
        yield date, begins - midnight, till - midnight
        begins = till


@lru_cache(maxsize=4096)
def odd_minutes(date: dt.date, zone: str = ZONE) -> tuple[tuple[int, int], ...]:
    """The minutes after midnight, first and end, that a day's wall clock skips or shows twice: nobody meets then."""
    tz = ZoneInfo(zone)
    midnight, last = (dt.datetime.combine(date, time) for time in (dt.time(), dt.time(23, 59)))
    # Not the next midnight: the last day of all years has none.
    if midnight.replace(tzinfo=tz).utcoffset() == last.replace(tzinfo=tz, fold=1).utcoffset():
        return ()
    odd = [minute for minute in range(MINUTES) if _is_odd(midnight + dt.timedelta(minutes=minute), tz)]
    return tuple((span.begins, span.ends) for span in joined((minute, minute + 1) for minute in odd))


def _is_odd(wall: dt.datetime, tz: ZoneInfo) -> bool:
    return wall.replace(tzinfo=tz).utcoffset() != wall.replace(tzinfo=tz, fold=1).utcoffset()


def span_of(start: dt.datetime | dt.date, end: dt.datetime | dt.date, zone: str = ZONE) -> Span:
    """What the wall clock shows between two moments, whole minutes; times without an offset are wall time, days whole.

    Where the clocks are put back in between, all of the hour that comes twice is in it.
    """
    tz = ZoneInfo(zone)
    first, last = _wall(start, tz), _wall(end, tz)
    span = Span(_minute(first), -_minute(last, -1))
    if first.tzinfo is None or last.tzinfo is None or not _set_back(first, last):
        return span
    for date in {first.date(), last.date()}:
        for begins, ends in odd_minutes(date, zone):
            span = Span(min(span.begins, minute_of(date, begins)), max(span.ends, minute_of(date, ends)))
    return span


def _set_back(first: dt.datetime, last: dt.datetime) -> bool:
    before, after = first.utcoffset(), last.utcoffset()
    return before is not None and after is not None and after < before


def _wall(moment: dt.datetime | dt.date, tz: ZoneInfo) -> dt.datetime:
    if not isinstance(moment, dt.datetime):
        return dt.datetime.combine(moment, dt.time())
    return moment.astimezone(tz) if moment.tzinfo is not None else moment


def _minute(wall: dt.datetime, sign: int = 1) -> int:
    """The minute in which a wall time lies; with -1, as a negative number, the one that it does not go beyond."""
    exact = wall.toordinal() * MINUTES + wall.hour * 60 + wall.minute
    return exact if sign > 0 else -(exact + bool(wall.second or wall.microsecond))
