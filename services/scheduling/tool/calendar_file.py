"""The meetings of a plan as one iCalendar file, to look at in a calendar program (RFC 5545, RFC 5546).

It invites nobody: what is published here has no attendees, and so no buttons to accept. Importing a later plan changes
the entries of an earlier one, as each meeting of a tandem is known by its number, and each file's SEQUENCE is higher
than an earlier one's: some programs pass over a change without that for ever. No entry goes by an import.
"""

import datetime as dt

from icalendar import Calendar, Event
from icalendar.prop import vCalAddress, vText

from services.scheduling.invitations.writing import PRODUCT, begins, time_zone
from services.scheduling.model import ZONE
from services.scheduling.tool.planned import Meeting, Plan
from services.scheduling.tool.result import Planned
from shared.runtime.ids import derived_id

NO_MAIL = "invalid:nomail"
"""What calendars take for an organiser to whom nobody can write; METHOD:PUBLISH must name one."""

COUNTED_FROM = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
"""SEQUENCE counts seconds from here: 32 bits last until 2088."""


def calendar_file(planned: Planned, stamp: dt.datetime) -> str:
    """All meetings; `stamp`: when they are written, in UTC. The same plan and time give the same bytes."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    # One definition for all years: the rules of its first year go on, with no end.
    calendar.add_component(time_zone(ZONE, planned.asked.first.year))
    for plan in planned.plans:
        for number, meeting in enumerate(plan.meetings, 1):
            calendar.add_component(_event(plan, number, meeting, stamp))
    written: bytes = calendar.to_ical()
    return written.decode()


def _event(plan: Plan, number: int, meeting: Meeting, stamp: dt.datetime) -> Event:
    mentor, mentee = (person.id for person in plan.tandem.people)
    event = Event()
    event.add("uid", f"{derived_id('plan', mentor, mentee, number)}@tandem.plan")
    event.add("dtstamp", stamp)
    event.add("sequence", max(0, int((stamp - COUNTED_FROM).total_seconds())))
    start = begins(meeting.date, meeting.start, ZONE)
    event.add("dtstart", start)
    event.add("dtend", start + dt.timedelta(minutes=meeting.minutes))
    event.add("summary", f"Tandem: {mentor}, {mentee}")
    organizer = vCalAddress(NO_MAIL)
    organizer.params["CN"] = vText("Tandem")
    event["organizer"] = organizer
    event.add("status", "CONFIRMED")
    event.add("transp", "OPAQUE")
    return event
