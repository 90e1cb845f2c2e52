"""Reads the VEVENTs of a reduced text: all-day, recurring, moved by exception, cancelled, in any zone.

Loaded by the jobs' own process only: the libraries are heavy, and a rule may repeat often.
"""

import calendar
import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from services.scheduling.availability.wall_time import Span, date_of, span_of
from services.scheduling.calendars.effort import bounded
from services.scheduling.model import DAY, ZONE
from shared.contracts.calendar_text import NotKept, unfolded

MOST_REPEATS = 300_000
"""Steps of all recurrence rules together, from their first day to the window's end."""
_ZONE = re.compile(r";TZID=([^;:]*)")
_DEFINED = "zone-"


def busy_events(text: str, window: Span, zone: str = ZONE) -> tuple[Span, ...]:
    """The busy times of a text's events that lie in a window at least in part.

    Raises NotKept, also for a text that takes longer than `effort.MOST_SECONDS`: what would take long is counted and
    refused before, as far as we know it; who comes next must not wait for what we do not.
    """
    with bounded():
        return _busy_events(text, window, zone)


def _busy_events(text: str, window: Span, zone: str) -> tuple[Span, ...]:
    lines = _with_known_zones(unfolded(text))
    _check_effort(lines, date_of(window.ends))
    tz = ZoneInfo(zone)
    # A day more on both sides: an offset is less than that, and what does not reach into the window is cut off.
    first = dt.datetime.combine(date_of(window.begins) - DAY, dt.time(), tz)
    last = dt.datetime.combine(date_of(window.ends) + 2 * DAY, dt.time(), tz)
    spans: list[Span] = []
    calendars: list[Any] = icalendar.Calendar.from_ical("\r\n".join([*lines, ""]), multiple=True)
    for read in calendars:
        _check_ends(read.walk("VEVENT"))
        found: list[Any] = recurring_ical_events.of(read, components=("VEVENT",)).between(first, last)
        spans += (
            span_of(event["DTSTART"].dt, event["DTEND"].dt, zone)
            for event in found
            if event.get("STATUS") != "CANCELLED" and event.get("TRANSP") != "TRANSPARENT"
        )
    return tuple(span for span in spans if span.begins < window.ends and window.begins < span.ends)


def _with_known_zones(lines: list[str]) -> list[str]:
    """The lines with zones that the library knows: by name, or as the text itself defines them.

    The library keeps definitions by name for everybody that it reads: each has a name of its own, by its content.
    """
    definitions, rest = _apart(lines)
    names = {name: _known(name) or _own_name(definitions.get(name)) for name in _names(rest)}
    if None in names.values():
        raise NotKept("unknown_zone")
    kept = [
        line
        for name, block in definitions.items()
        if name in names and names[name] != _known(name)
        for line in ("BEGIN:VTIMEZONE", f"TZID:{names[name]}", *block, "END:VTIMEZONE")
    ]
    found: list[str] = []
    for line in rest:
        found.append(_ZONE.sub(lambda match: f";TZID={names[match[1]]}", line))
        if line == "PRODID:-":
            found += kept
    return found


def _apart(lines: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    """The definitions of zones by name, without it, and all other lines."""
    definitions: dict[str, list[str]] = {}
    rest: list[str] = []
    block: list[str] | None = None
    name = ""
    for line in lines:
        if line == "BEGIN:VTIMEZONE":
            block, name = [], ""
        elif line == "END:VTIMEZONE" and block is not None:
            definitions[name], block = block, None
        elif block is None:
            rest.append(line)
        elif line.startswith("TZID:"):
            name = line.removeprefix("TZID:")
        else:
            block.append(line)
    return definitions, rest


def _names(lines: list[str]) -> set[str]:
    return {name for line in lines for name in _ZONE.findall(line)}


def _known(name: str) -> str | None:
    if name.startswith(_DEFINED):
        return None
    known = WINDOWS_TO_OLSON.get(name, name)
    try:
        return ZoneInfo(known).key
    except (ValueError, OSError, LookupError):
        return None


def _own_name(block: list[str] | None) -> str | None:
    if not block:
        return None
    return _DEFINED + hashlib.sha256("\n".join(block).encode()).hexdigest()[:32]


def _check_ends(events: Iterable[Any]) -> None:
    for event in events:
        if "DTSTART" not in event:
            raise NotKept("not_understood")
        start: dt.date = event["DTSTART"].dt
        if "DURATION" in event and event["DURATION"].dt < dt.timedelta():
            raise NotKept("end_before_start")
        if "DTEND" not in event:
            continue
        end: dt.date = event["DTEND"].dt
        if _kind(start) != _kind(end):
            raise NotKept("not_understood")
        if end < start:
            raise NotKept("end_before_start")


def _kind(moment: dt.date) -> tuple[bool, bool]:
    """Whether it is a time, and whether one with a zone: only what is alike has an order."""
    return isinstance(moment, dt.datetime), isinstance(moment, dt.datetime) and moment.tzinfo is not None


def _check_effort(lines: list[str], last: dt.date) -> None:
    """Refuse rules that repeat so often, or so never, that reading them would take minutes."""
    # Each time in a zone of a text's own looks through that zone's rules.
    effort = 15 * sum(line in _OBSERVANCES for line in lines) * lines.count("BEGIN:VEVENT")
    effort += sum(_steps(rule, max(0, (last - start).days) + 1) for start, rule in _rules(lines))
    if effort > MOST_REPEATS:
        raise NotKept("too_many_repeats")


def _rules(lines: list[str]) -> Iterator[tuple[dt.date, dict[str, str]]]:
    start, rules = dt.date.min, list[str]()
    inside = False
    for line in lines:
        if line == "BEGIN:VEVENT":
            start, rules, inside = dt.date.min, [], True
        elif line == "END:VEVENT":
            yield from ((start, dict(part.split("=", 1) for part in rule.split(";"))) for rule in rules)
            inside = False
        elif inside and line.startswith("DTSTART"):
            start = _date(line.rpartition(":")[2])
        elif inside and line.startswith("RRULE:"):
            rules.append(line.removeprefix("RRULE:"))


def _date(value: str) -> dt.date:
    try:
        return dt.date.fromisoformat(value[:8])
    except ValueError:
        raise NotKept("not_understood") from None


_OBSERVANCES = frozenset({"BEGIN:STANDARD", "BEGIN:DAYLIGHT"})
_DAYS_OF = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 28, "YEARLY": 365}
_LARGE = ("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS")


def _steps(rule: dict[str, str], days: int) -> int:
    def count(key: str) -> int:
        return len(rule[key].split(",")) if key in rule else 1

    frequency = rule.get("FREQ", "")
    if frequency == "HOURLY":
        if any(key in rule for key in _LARGE):
            raise NotKept("too_many_repeats")
        return 24 * days * count("BYMINUTE") * count("BYSECOND")
    if frequency not in _DAYS_OF or _never(rule) or _outside_its_set(rule):
        raise NotKept("not_understood")
    within = count("BYHOUR") * count("BYMINUTE") * count("BYSECOND")
    if frequency == "YEARLY" and any(key.startswith("BY") for key in rule):
        return days * within
    return (days // _DAYS_OF[frequency] + 1) * count("BYDAY") * count("BYMONTHDAY") * within


def _outside_its_set(rule: dict[str, str]) -> bool:
    """Whether every position lies outside the set of days it counts in, or may: nobody's calendar asks for such."""
    named = [len(rule[key].split(",")) for key in ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO") if key in rule]
    weekly = "BYDAY" in rule and rule["FREQ"] in ("MONTHLY", "YEARLY") and not re.search(r"\d", rule["BYDAY"])
    most = (4 if weekly else 1) * max(named, default=1)
    return "BYSETPOS" in rule and all(not 1 <= abs(int(position)) <= most for position in rule["BYSETPOS"].split(","))


def _never(rule: dict[str, str]) -> bool:
    """Whether a rule names only days that no month has: it would be followed to the end of time."""
    months = [int(month) for month in rule.get("BYMONTH", "1").split(",")]
    if not all(1 <= month <= 12 for month in months):
        return True
    longest = max(calendar.monthrange(2024, month)[1] for month in months)
    return "BYMONTHDAY" in rule and all(not 1 <= abs(int(day)) <= longest for day in rule["BYMONTHDAY"].split(","))
