"""The meetings of a plan as one iCalendar file, to look at in a calendar program (RFC 5545, RFC 5546).

It invites nobody: what is published here has no attendees, and so no buttons to accept. Importing a later plan changes
the entries of an earlier one, as each meeting of a tandem is known by its number.
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


def calendar_file(planned: Planned, stamp: dt.date) -> str:
    """All meetings; `stamp`: the day on which they are written. The same plan and day give the same bytes."""
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


def _event(plan: Plan, number: int, meeting: Meeting, stamp: dt.date) -> Event:
    mentor, mentee = (person.id for person in plan.tandem.people)
    event = Event()
    event.add("uid", f"{derived_id('plan', mentor, mentee, number)}@tandem.plan")
    event.add("dtstamp", dt.datetime.combine(stamp, dt.time(), dt.UTC))
    start = begins(meeting.date, meeting.start, ZONE)
    event.add("dtstart", start)
    event.add("dtend", start + dt.timedelta(minutes=meeting.minutes))
    event.add("summary", f"Tandem: {mentor}, {mentee} ({number}/{len(plan.meetings)})")
    organizer = vCalAddress(NO_MAIL)
    organizer.params["CN"] = vText("Tandem")
    event["organizer"] = organizer
    event.add("status", "CONFIRMED")
    event.add("transp", "OPAQUE")
    return event
