"""The content lines of iCalendar (RFC 5545, 3.1), and what of an answer to an invitation may reach Tandem.

Needs the standard library alone: whoever sends mail takes addresses out of answers with it before they publish them
(`shared.invitations`), and whoever reads them does it again before anything is stored.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import count, islice
from typing import NamedTuple

from shared.contracts.calendar_text import unfolded, zone_of

NOBODY = "00000000-0000-0000-0000-000000000000"
"""Who stands in an answer and is nobody that is known (as `shared.contracts.parts.NOBODY`)."""
DELEGATE = "urn:x-tandem:delegate:"
"""Before the opaque id of a delegate, where an answer has their address in SENT-BY."""
NO_DELEGATE = "urn:x-tandem:nobody"
"""In SENT-BY, for somebody who is no delegate that is known."""
PERSON = "urn:uuid:"
"""Before the participant_id of a person, where a mail has their address."""
UID_ENDS = "@tandem"
UNKNOWN_UID = "unknown"

LONGEST_LINE = 75
"""Octets of a line without its end (RFC 5545, 3.1)."""

_NAME = re.compile(r"[A-Za-z0-9-]+")
_PARAM = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)')
_VALUE = re.compile(r'"[^"]*"|[^",]+')
_NEEDS_QUOTES = re.compile(r"[;:,]")
_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OUR_UID = re.compile(rf"({_ID}){re.escape(UID_ENDS)}", re.IGNORECASE)
_A_PERSON = re.compile(rf"{re.escape(PERSON)}({_ID})", re.IGNORECASE)
_A_DELEGATE = re.compile(rf"{re.escape(DELEGATE)}[A-Za-z0-9][A-Za-z0-9._-]{{0,63}}")
_BEGINS = re.compile(r"^([ \t]*)BEGIN:VCALENDAR", re.IGNORECASE | re.MULTILINE)
_ENDS = re.compile(r"^END:VCALENDAR", re.IGNORECASE | re.MULTILINE)
_QUOTED = re.compile(r"^(?:>[ \t]?)+", re.MULTILINE)

Params = tuple[tuple[str, tuple[str, ...]], ...]


class Line(NamedTuple):
    """One content line, unfolded: names in upper case, values of parameters without quotes, the value as it stands."""

    name: str
    params: Params
    value: str

    def param(self, name: str) -> str | None:
        """The first value of a parameter."""
        return next((values[0] for found, values in self.params if found == name and values), None)

    @property
    def text(self) -> str:
        """The line as it is written, not folded."""
        params = "".join(f";{name}={','.join(map(_in_quotes, values))}" for name, values in self.params)
        return f"{self.name}{params}:{self.value}"


def _in_quotes(value: str) -> str:
    return f'"{value}"' if _NEEDS_QUOTES.search(value) else value


def folded(lines: list[str]) -> str:
    """Lines as they travel: at most 75 octets each, no character torn apart, ended by CRLF."""
    return "".join(f"{piece}\r\n" for line in lines for piece in _pieces(line))


def _pieces(line: str) -> Iterator[str]:
    piece, used = "", 0
    for char in line:
        size = len(char.encode())
        if used + size > LONGEST_LINE:
            yield piece
            piece, used = " ", 1
        piece, used = piece + char, used + size
    yield piece


def parsed(line: str) -> Line | None:
    """A line taken apart; None if it is none."""
    name = _NAME.match(line)
    if name is None:
        return None
    at, params = name.end(), []
    while found := _PARAM.match(line, at):
        values = tuple(value.strip('"') for value in _VALUE.findall(found[2]))
        params.append((found[1].upper(), values))
        at = found.end()
    if line[at : at + 1] != ":":
        return None
    return Line(name[0].upper(), tuple(params), line[at + 1 :])


def uid_of(id: str) -> str:
    """The UID of what we invite to: for ever the same."""
    return f"{id}{UID_ENDS}"


def id_in(uid: str) -> str | None:
    """What of ours a UID means, or None."""
    found = _OUR_UID.fullmatch(uid.strip())
    return found[1].lower() if found else None


def person_in(address: str) -> str | None:
    """The participant_id in a calendar address, or None."""
    found = _A_PERSON.fullmatch(address.strip())
    return found[1].lower() if found else None


# What may be kept of an answer

# A zone's rules are counted from their first year to the event's: neither may be far away.
_DATES = re.compile(r"20[0-9]{6}(T[0-9]{6}Z?)?")
_FIRST_DATES = re.compile(r"(1[6-9]|20)[0-9]{6}(T[0-9]{6}Z?)?")
_OFFSET = re.compile(r"[+-][0-9]{4}([0-9]{2})?")
_DAY_OF_WEEK = "(MO|TU|WE|TH|FR|SA|SU)"
_PART = (
    rf"(FREQ=YEARLY|INTERVAL=1|WKST={_DAY_OF_WEEK}|BYMONTH=(0?[1-9]|1[0-2])|BYDAY=[+-]?[1-5]{_DAY_OF_WEEK}"
    r"|BYMONTHDAY=(0?[1-9]|1[0-9]|2[0-8])|UNTIL=[0-9TZ]{8,16})"
)
_SHORT = r"(?=.{1,150}$)"
_NO_PART_TWICE = r"(?!.*\b([A-Z]+)=.*\b\1=)"
_NOT_BOTH_KINDS_OF_DAYS = r"(?!(?=.*BYDAY=).*BYMONTHDAY=)"
_A_MONTH_WITH_ITS_DAY = r"(?!(?!.*(BYDAY|BYMONTHDAY)=).*BYMONTH=)"
# Once a year and no oftener, and on a day that there is: one that never comes is looked for to the end of time.
_RULE = re.compile(rf"{_SHORT}{_NO_PART_TWICE}{_NOT_BOTH_KINDS_OF_DAYS}{_A_MONTH_WITH_ITS_DAY}{_PART}(;{_PART}){{0,6}}")
_EVENT = {
    "SEQUENCE": re.compile(r"[0-9]{1,9}"),
    "DTSTAMP": _DATES,
    "DTSTART": _DATES,
    "DTEND": _DATES,
    "DURATION": re.compile(r"[+-]?P[0-9WDTHMS]{1,20}"),
    "RECURRENCE-ID": _DATES,
}
_OBSERVANCE = {
    "DTSTART": _FIRST_DATES,
    "TZOFFSETFROM": _OFFSET,
    "TZOFFSETTO": _OFFSET,
    "RRULE": _RULE,
    "RDATE": re.compile(r"[0-9TZ,]{1,500}"),
}
KEPT: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "VCALENDAR": {"METHOD": re.compile(r"[A-Za-z]{1,20}"), "VERSION": re.compile(r"[0-9.]{1,5}")},
    "VEVENT": _EVENT,
    "VTIMEZONE": {},
    "STANDARD": _OBSERVANCE,
    "DAYLIGHT": _OBSERVANCE,
}
"""Components and properties that are kept, and what their values must look like: nothing else can be hidden there."""
_VALUE_TYPE = re.compile(r"DATE(-TIME)?", re.IGNORECASE)
MOST_ZONES = 20
"""Zones of an answer that are looked at: each is looked up among files."""
MOST_OBSERVANCES = 4
"""Rules of a zone that is kept; two tell a zone of today."""
_PARTSTAT = re.compile(r"[A-Za-z-]{1,20}")
_NUMBERED = re.compile(r"zone-[0-9]{1,3}")
_WITHIN: Mapping[str, frozenset[str | None]] = {
    "VCALENDAR": frozenset({None}),
    "VEVENT": frozenset({"VCALENDAR"}),
    "VTIMEZONE": frozenset({"VCALENDAR"}),
    "STANDARD": frozenset({"VTIMEZONE"}),
    "DAYLIGHT": frozenset({"VTIMEZONE"}),
}


def nobody_by(mail: str) -> str | None:
    """Whose a mail address is, where no addresses are known."""
    return None


def reduced(
    text: str,
    person_by: Callable[[str], str | None] = nobody_by,
    delegate_by: Callable[[str], str | None] = nobody_by,
) -> str:
    """An answer with what Tandem needs of it, and nothing else: no name, address, title, text or place.

    `person_by` is the participant_id to a mail address (in lower case), `delegate_by` the opaque id of a delegate.
    Whoever is unknown becomes nobody. What is no iCalendar leaves an empty text. To reduce it again changes nothing.
    """
    lines = [found for found in map(parsed, unfolded(_unquoted(text))) if found is not None]
    zones = _zones(lines)
    kept: list[str] = []
    open_: list[str | None] = [None]
    passed_over = 0
    for line in lines:
        value = line.value.strip().upper()
        if line.name == "BEGIN":
            if passed_over or value not in KEPT or open_[-1] not in _WITHIN[value]:
                passed_over += 1
            else:
                open_.append(value)
                kept.append(f"BEGIN:{value}")
        elif line.name == "END":
            if passed_over:
                passed_over -= 1
            elif value == open_[-1]:
                open_.pop()
                _end(value, kept)
        elif not passed_over and (component := open_[-1]) is not None:
            found = _kept(component, line, zones, person_by, delegate_by)
            kept += [found.text] if found is not None else []
    for left in reversed(open_[1:]):
        _end(left or "", kept)
    return folded(kept)


def _end(component: str, kept: list[str]) -> None:
    """End a component; a zone without a name, or with more rules than one needs, is taken back."""
    kept.append(f"END:{component}")
    if component != "VTIMEZONE":
        return
    begins = len(kept) - 1 - kept[::-1].index("BEGIN:VTIMEZONE")
    zone = kept[begins:]
    observances = sum(line in ("BEGIN:STANDARD", "BEGIN:DAYLIGHT") for line in zone)
    rules = sum(line.startswith(("RRULE", "RDATE")) for line in zone)
    if max(observances, rules) > MOST_OBSERVANCES or not any(line.startswith("TZID") for line in zone):
        del kept[begins:]


def _unquoted(text: str) -> str:
    """The calendar in a text that quotes or indents it, as a mail program does when somebody answers or forwards.

    A line that is folded begins with a blank of its own: no more is taken away than stands before the first line.
    """
    inner = _QUOTED.sub("", re.sub(r"\r\n?", "\n", text))
    begins = _BEGINS.search(inner)
    if begins is None:
        return ""
    inner = inner[begins.start() :]
    if indent := begins[1]:
        inner = re.sub(rf"^{re.escape(indent)}", "", inner, flags=re.MULTILINE)
    ends = _ENDS.search(inner)
    return inner[: ends.end()] if ends is not None else inner


def _zones(lines: list[Line]) -> dict[str, str]:
    """Names of zones that may be kept, and what becomes of each: one that a text defines itself gets a number."""
    named: dict[str, str] = {}
    defined = [line.value for line in lines if line.name == "TZID"]
    used = (zone for line in lines if (zone := line.param("TZID")))
    for name in islice(dict.fromkeys((*defined, *used)), MOST_ZONES):
        if known := zone_of(name):
            named[name] = known
        elif name in defined:
            free = (f"zone-{number}" for number in count(1))
            taken = {*defined, *named.values()}
            named[name] = name if _NUMBERED.fullmatch(name) else next(zone for zone in free if zone not in taken)
    return named


def _kept(
    component: str,
    line: Line,
    zones: Mapping[str, str],
    person_by: Callable[[str], str | None],
    delegate_by: Callable[[str], str | None],
) -> Line | None:
    if component == "VTIMEZONE" and line.name == "TZID":
        return Line("TZID", (), zones[line.value]) if line.value in zones else None
    if component == "VEVENT" and line.name == "UID":
        ours = id_in(line.value)
        return Line("UID", (), uid_of(ours) if ours else UNKNOWN_UID)
    if component == "VEVENT" and line.name == "ATTENDEE":
        return _attendee(line, person_by, delegate_by)
    fits = KEPT[component].get(line.name)
    if fits is None or not fits.fullmatch(line.value.strip()):
        return None
    params: list[tuple[str, tuple[str, ...]]] = []
    if zone := line.param("TZID"):
        if zone not in zones:
            # By our clocks it would be another time.
            return None
        params.append(("TZID", (zones[zone],)))
    if (kind := line.param("VALUE")) and _VALUE_TYPE.fullmatch(kind):
        params.append(("VALUE", (kind.upper(),)))
    return Line(line.name, tuple(params), line.value.strip())


def _attendee(line: Line, person_by: Callable[[str], str | None], delegate_by: Callable[[str], str | None]) -> Line:
    person = person_in(line.value) or person_by(mail_in(line.value)) or NOBODY
    params: list[tuple[str, tuple[str, ...]]] = []
    if (answer := line.param("PARTSTAT")) and _PARTSTAT.fullmatch(answer):
        params.append(("PARTSTAT", (answer.upper(),)))
    sent_by = line.param("SENT-BY")
    if sent_by and person_by(mail_in(sent_by)) != person:
        params.append(("SENT-BY", (_delegate(sent_by, delegate_by),)))
    return Line("ATTENDEE", tuple(params), f"{PERSON}{person}")


def _delegate(sent_by: str, delegate_by: Callable[[str], str | None]) -> str:
    if _A_DELEGATE.fullmatch(sent_by):
        return sent_by
    known = delegate_by(mail_in(sent_by))
    return f"{DELEGATE}{known}" if known else NO_DELEGATE


def mail_in(address: str) -> str:
    """The mail address in a calendar address, in lower case."""
    return re.sub(r"^mailto:", "", address.strip(), flags=re.IGNORECASE).strip().lower()
