"""Reads any calendar: the work of the job, and what the command line asks. Heavy: for processes of their own."""

from services.scheduling.availability.wall_time import Span
from services.scheduling.calendars.events import busy_events
from services.scheduling.calendars.free_busy import periods_of
from services.scheduling.calendars.jobs import CalendarRead, ToRead
from shared.contracts.calendar_text import MOST_PERIODS, NotKept, reduced


def busy_in(text: str, window: Span) -> tuple[Span, ...]:
    """When somebody is busy within a window by any iCalendar text, as it stands there. Raises NotKept."""
    known = reduced(text)
    # Periods first: of one that ends before it starts the library says only that it cannot be read.
    return (*periods_of(known, window), *busy_events(known, window))


def read_calendar(inputs: ToRead) -> tuple[CalendarRead, ...]:
    """When somebody is busy by a calendar, or why it cannot be taken; nothing where a newer one has come."""
    if inputs.text is None:
        return ()
    window = Span(*inputs.window)
    try:
        spans = busy_in(inputs.text, window)
    except NotKept as error:
        return (CalendarRead(calendar_id=inputs.calendar_id, fault=error.code),)
    except Exception:  # noqa: BLE001 - whatever a library makes of a text, its publisher is told, and it is tried no more
        return (CalendarRead(calendar_id=inputs.calendar_id, fault="not_understood"),)
    if len(spans) > MOST_PERIODS:
        return (CalendarRead(calendar_id=inputs.calendar_id, fault="too_many_periods"),)
    return (CalendarRead(calendar_id=inputs.calendar_id, busy=spans),)
