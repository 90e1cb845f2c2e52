"""The calendar's days."""

import datetime as dt

from pydantic import Field

from shared.contracts.base import Command, Event


class StartDay(Command, name="scheduling.start-day.v1", senders=("ops", "service")):
    """Start a day, where days come from commands and not from the calendar (a demo, a rehearsal)."""

    date: dt.date = Field(description="the day, after the last one")


class DayStarted(Event, name="scheduling.day-started.v1", about="calendar/days"):
    """A day has started: time passes as an event."""

    date: dt.date = Field(description="the day")
