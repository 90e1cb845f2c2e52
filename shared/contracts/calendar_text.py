"""What of an iCalendar text (RFC 5545) says when somebody is busy, and nothing else of it. Pure, one pass.

Titles, places, people and the kind of an absence are dropped before anybody can keep them: only lines of a known name
whose value has the form of a time, a length or a rule stay; names that a sender chose (UID, TZID) become numbers.
Reducing what is reduced already changes nothing.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

Fault = Literal[
    "not_a_calendar",
    "not_understood",
    "too_large",
    "too_many_events",
    "too_many_periods",
    "too_many_repeats",
    "too_many_windows",
    "window_too_long",
    "too_far_ahead",
    "end_before_start",
    "unknown_zone",
]
"""Why busy times were refused."""

LONGEST = 1024 * 1024
"""Characters of a text: more a message cannot carry."""
MOST_EVENTS = 2_000
MOST_PERIODS = 10_000
MOST_ZONES = 100

LINE = re.compile(
    r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)', re.DOTALL
)
PARAMETER = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)')
OURS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}@tandem(\.[a-z0-9.-]+)?", re.IGNORECASE)
"""The UID of a meeting of ours: it is in the calendar because it is planned, and takes nobody's time away."""

DATE = r"\d{8}"
TIME = r"\d{8}T\d{6}Z?"
LENGTH = r"[+-]?P(?:\d{1,4}W|\d{1,5}D(?:T(?:\d{1,6}[HMS]){1,3})?|T(?:\d{1,6}[HMS]){1,3})"
PERIOD = rf"{TIME}/(?:{TIME}|{LENGTH})"
_NUMBERS = r"[+-]?\d{1,3}(?:,[+-]?\d{1,3}){0,60}"
_WEEKDAYS = r"[+-]?\d{0,2}(?:MO|TU|WE|TH|FR|SA|SU)"
_RULE = {
    "FREQ": r"HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY",
    "UNTIL": rf"{DATE}|{TIME}",
    "COUNT": r"\d{1,6}",
    "INTERVAL": r"[1-9]\d{0,3}",
    "WKST": r"MO|TU|WE|TH|FR|SA|SU",
    "BYDAY": rf"{_WEEKDAYS}(?:,{_WEEKDAYS}){{0,60}}",
    **dict.fromkeys(
        ("BYSECOND", "BYMINUTE", "BYHOUR", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS"), _NUMBERS
    ),
}
_RULES = {key: re.compile(value) for key, value in _RULE.items()}
_TIMES = re.compile(rf"(?:{PERIOD}|{TIME}|{DATE})(?:,(?:{PERIOD}|{TIME}|{DATE}))*")
_PERIODS = re.compile(rf"{PERIOD}(?:,{PERIOD})*")
_LENGTHS = re.compile(LENGTH)
_OFFSET = re.compile(r"[+-]\d{4}(?:\d{2})?")
_NUMBER = re.compile(r"\d{1,9}")
_MARKED = re.compile(r"(zone|event)-\d{1,6}")

KEPT = frozenset({"VCALENDAR", "VFREEBUSY", "VEVENT", "VTIMEZONE", "STANDARD", "DAYLIGHT"})
MOMENTS = frozenset({"DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"})
_NEEDED = re.compile(
    r"(?:BEGIN|END|UID|RRULE|DURATION|TZ|FREEBUSY|" + "|".join(sorted(MOMENTS)) + r")\b", re.IGNORECASE
)
FREE = frozenset({"FREE", "WORKINGELSEWHERE"})
"""What Outlook calls times at which somebody can be asked to meet; who works elsewhere meets by video."""


class NotKept(ValueError):
    """A text cannot be taken; `code` says why, without a value of it, and `field` where, if that is known."""

    def __init__(self, code: Fault, field: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.field = field


class Line(NamedTuple):
    """One content line: upper-case name, parameters by upper-case name, value."""

    name: str
    params: dict[str, str]
    value: str


def unfolded(text: str) -> list[str]:
    """The content lines of a text, folded ones put together; empty ones left out."""
    lines = re.sub(r"(?:\r\n|\n|\r)[ \t]", "", text.removeprefix("\ufeff")).replace("\r\n", "\n").replace("\r", "\n")
    return [line for line in lines.split("\n") if line.strip()]


def content_line(line: str) -> Line | None:
    """Name, parameters and value of a content line; None where it is none."""
    found = LINE.fullmatch(line)
    if found is None:
        return None
    name, params, value = found.groups()
    known = {key.upper(): said.strip('"') for key, said in PARAMETER.findall(params)} if params else {}
    return Line(name.upper(), known, value.strip())


def reduced(text: str) -> str:
    """The text with nothing in it but when somebody is busy. Raises NotKept."""
    if len(text) > LONGEST:
        raise NotKept("too_large")
    upper = text.upper()
    if upper.count("BEGIN:VEVENT") > MOST_EVENTS:
        raise NotKept("too_many_events")
    # Every period has one solidus, and so has little else.
    if upper.count("FREEBUSY") > 2 * MOST_PERIODS:
        raise NotKept("too_many_periods")
    return "\r\n".join([*_Reducer().lines(unfolded(text)), ""])


class _Reducer:
    """Walks through the components of a text."""

    def __init__(self) -> None:
        self.path: list[str] = []
        self.names: dict[str, dict[str, str]] = {"zone": {}, "event": {}}
        self.periods = 0
        self.zones: set[str] = set()
        self.event: list[str] = []
        self.free: dict[str, bool] = {}
        self.uid = ""

    def lines(self, lines: list[str]) -> Iterator[str]:
        skipped: list[str] = []
        closed = 0
        for text in lines:
            if skipped and text[:4].upper() not in ("BEGI", "END:"):
                continue
            line = content_line(text)
            if line is None:
                # Others write broken lines too; only one that would say a time is missed.
                if skipped or (self.path and not _NEEDED.match(text)):
                    continue
                raise NotKept("not_understood" if self.path else "not_a_calendar")
            inside = line.value.upper()
            if line.name == "BEGIN":
                if skipped or inside not in KEPT:
                    skipped.append(inside)
                    continue
                if (inside == "VCALENDAR") == bool(self.path):
                    raise NotKept("not_a_calendar")
                yield from self._begin(inside)
            elif line.name == "END":
                if skipped:
                    if skipped.pop() != inside:
                        raise NotKept("not_a_calendar")
                    continue
                if not self.path or self.path[-1] != inside:
                    raise NotKept("not_a_calendar")
                yield from self._end(inside)
                closed += not self.path
            elif not self.path:
                raise NotKept("not_a_calendar")
            elif self.path[-1] == "VEVENT":
                self.event += self._of_event(line)
            else:
                yield from self._other(line)
        if self.path or skipped or not closed:
            raise NotKept("not_a_calendar")

    def _begin(self, what: str) -> Iterator[str]:
        self.path.append(what)
        if what == "VEVENT":
            self.event, self.free, self.uid = [], {}, ""
            return
        yield f"BEGIN:{what}"
        if what == "VCALENDAR":
            yield "VERSION:2.0"
            yield "PRODID:-"

    def _end(self, what: str) -> Iterator[str]:
        self.path.pop()
        if what != "VEVENT":
            yield f"END:{what}"
        elif not OURS.fullmatch(self.uid):
            yield "BEGIN:VEVENT"
            # One without a name of its own belongs to no other.
            uid = self.uid or f"without, {len(self.names['event'])}"
            yield f"UID:{self._number('event', uid)}"
            yield from self.event
            # What Outlook says of it is more exact than TRANSP, which it derives.
            if self.free.get("outlook", self.free.get("transparent", False)):
                yield "TRANSP:TRANSPARENT"
            yield "END:VEVENT"

    def _of_event(self, line: Line) -> Iterator[str]:
        name, value = line.name, line.value
        if name == "UID":
            self.uid = value
        elif name == "TRANSP":
            self.free["transparent"] = value.upper() == "TRANSPARENT"
        elif name == "X-MICROSOFT-CDO-BUSYSTATUS":
            self.free["outlook"] = value.upper() in FREE
        elif name == "STATUS":
            if value.upper() == "CANCELLED":
                yield "STATUS:CANCELLED"
        elif name == "SEQUENCE":
            yield f"SEQUENCE:{_fitting(_NUMBER, value)}"
        elif name == "DURATION":
            yield f"DURATION:{_fitting(_LENGTHS, value.upper())}"
        elif name == "RRULE":
            yield f"RRULE:{_rule(value.upper())}"
        elif name in MOMENTS:
            yield self._moments(line)

    def _other(self, line: Line) -> Iterator[str]:
        where, name, value = self.path[-1], line.name, line.value
        if where == "VFREEBUSY" and name == "FREEBUSY":
            found = _fitting(_PERIODS, value.replace(" ", "").upper())
            self.periods += found.count("/")
            if self.periods > MOST_PERIODS:
                raise NotKept("too_many_periods")
            # BUSY-TENTATIVE, BUSY-UNAVAILABLE, and what nobody knows, which RFC 5545 (3.2.9) takes for busy.
            if line.params.get("FBTYPE", "BUSY").upper() != "FREE":
                yield f"FREEBUSY:{found}"
        elif where == "VTIMEZONE" and name == "TZID":
            yield f"TZID:{self._zone(value)}"
        elif where in ("STANDARD", "DAYLIGHT"):
            if name in ("TZOFFSETFROM", "TZOFFSETTO"):
                yield f"{name}:{_fitting(_OFFSET, value)}"
            elif name == "RRULE":
                yield f"RRULE:{_rule(value.upper())}"
            elif name in ("DTSTART", "RDATE"):
                yield self._moments(line)

    def _moments(self, line: Line) -> str:
        value = _fitting(_TIMES, line.value.replace(" ", "").upper())
        said = ""
        if "TZID" in line.params:
            said += f";TZID={self._zone(line.params['TZID'])}"
        kind = line.params.get("VALUE", "").upper()
        if kind in ("DATE", "DATE-TIME", "PERIOD"):
            said += f";VALUE={kind}"
        elif len(value.split(",")[0]) == len("20260101"):
            said += ";VALUE=DATE"
        if line.params.get("RANGE", "").upper() == "THISANDFUTURE":
            said += ";RANGE=THISANDFUTURE"
        return f"{line.name}{said}:{value}"

    def _zone(self, name: str) -> str:
        # Each is looked up among files: a text of twenty thousand zones would hold the service up for seconds.
        if name not in self.zones and len(self.zones) >= MOST_ZONES:
            raise NotKept("not_understood")
        self.zones.add(name)
        return zone_of(name) or self._number("zone", name)

    def _number(self, kind: str, name: str) -> str:
        known = self.names[kind]
        return known.setdefault(name, f"{kind}-{len(known) + 1}")


def _fitting(form: re.Pattern[str], value: str) -> str:
    if form.fullmatch(value) is None:
        raise NotKept("not_understood")
    return value


def _rule(value: str) -> str:
    for part in value.strip(";").split(";"):
        key, _, said = part.partition("=")
        if key == "FREQ" and said in ("SECONDLY", "MINUTELY"):
            raise NotKept("too_many_repeats")
        if key not in _RULES or _RULES[key].fullmatch(said) is None:
            raise NotKept("not_understood")
    return value.strip(";")


@lru_cache(maxsize=1024)
def zone_of(name: str) -> str | None:
    """A zone's name that says nothing but a zone: one of the tz database, also behind a prefix, or one of Windows."""
    parts = name.strip("/").split("/")
    for count in (1, 2, 3):
        known = "/".join(parts[-count:])
        if len(parts) >= count and _is_zone(known):
            return known
    return name if name in _of_windows() else None


@lru_cache(maxsize=1)
def _of_windows() -> frozenset[str]:
    """The names that Windows gives to zones (CLDR's table)."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # its library is in scheduling's image alone

    return frozenset(WINDOWS_TO_OLSON)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True
