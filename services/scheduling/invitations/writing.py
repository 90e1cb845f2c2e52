"""An invitation, its changes and its end as an iCalendar message (RFC 5545, RFC 5546): one of its own for each meeting.

A series with exceptions would break in many calendars; a single invitation survives there. What the others do
differently stands in docs/invitations.md.
"""

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard
from icalendar.prop import vCalAddress, vRecur, vText, vUri

from services.scheduling.invitations.model import Invitation
from services.scheduling.invitations.zones import Observance, observances
from shared.contracts.base import Text
from shared.contracts.content_lines import PERSON, uid_of

PRODUCT = "-//Tandem//Reverse Mentoring//DE"
ALARM = dt.timedelta(minutes=-15)
"""Before the beginning."""


def written(invitation: Invitation) -> str:
    """The message, with lines folded and ended as the standard asks. The same invitation gives the same bytes."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", invitation.method)
    calendar.add_component(time_zone(invitation.zone, invitation.date.year))
    calendar.add_component(_event(invitation))
    text: bytes = calendar.to_ical()
    return text.decode()


def begins(date: dt.date, start: int, zone: str) -> dt.datetime:
    """A wall time with its zone."""
    return dt.datetime.combine(date, dt.time(start // 60, start % 60), ZoneInfo(zone))


def _event(invitation: Invitation) -> Event:
    event = Event()
    event.add("uid", uid_of(invitation.id))
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", invitation.stamp)
    start = begins(invitation.date, invitation.start, invitation.zone)
    event.add("dtstart", start)
    # So many minutes later by a watch, not by the wall: the clocks may change in between.
    end = start.astimezone(dt.UTC) + dt.timedelta(minutes=invitation.minutes)
    event.add("dtend", end.astimezone(start.tzinfo))
    event.add("summary", _both(invitation.title, " / "))
    event.add("description", _both(invitation.description, "\n\n"))
    # Whoever may look into somebody's calendar need not see that they take part.
    event.add("class", "PRIVATE")
    event.add("transp", "OPAQUE")
    event.add("status", "CANCELLED" if invitation.method == "CANCEL" else "CONFIRMED")
    room, link = (place.room, place.link) if (place := invitation.place) is not None else (None, None)
    if where := room or link:
        event.add("location", where)
    if link:
        event.add("url", vUri(link))
    event["organizer"] = _address(f"mailto:{invitation.office.mail}", cn=invitation.office.name.replace('"', "'"))
    for person in invitation.invited:
        event.add("attendee", _attendee(person, invitation), encode=False)
    if invitation.method == "REQUEST":
        event.add_component(_alarm(invitation))
    return event


def _both(text: Text, between: str) -> str:
    return text.de if text.de == text.en else f"{text.de}{between}{text.en}"


def _attendee(person: str, invitation: Invitation) -> vCalAddress:
    common = {"cutype": "INDIVIDUAL", "role": "REQ-PARTICIPANT"}
    if invitation.method == "REQUEST":
        common |= {"partstat": "NEEDS-ACTION", "rsvp": "TRUE" if invitation.asks else "FALSE"}
    return _address(f"{PERSON}{person}", **common)


def _address(address: str, **params: str) -> vCalAddress:
    found = vCalAddress(address)
    for name, value in params.items():
        found.params[name.upper()] = vText(value)
    return found


def _alarm(invitation: Invitation) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", ALARM)
    alarm.add("description", _both(invitation.title, " / "))
    return alarm


@cache
def time_zone(zone: str, year: int) -> Timezone:
    """How the clocks of a zone stand in a year. Raises ZoneInfoNotFoundError."""
    found = Timezone()
    found.add("tzid", zone)
    for observance in observances(zone, year):
        found.add_component(_observance(observance))
    return found


def _observance(observance: Observance) -> TimezoneStandard | TimezoneDaylight:
    change, rule = observance
    told = TimezoneDaylight() if change.summer else TimezoneStandard()
    told.add("dtstart", change.at)
    told.add("tzoffsetfrom", change.before)
    told.add("tzoffsetto", change.after)
    told.add("tzname", change.name)
    if rule:
        told.add("rrule", vRecur.from_ical(rule))
    return told
