"""Time as the engine keeps it for a service: its day, and which days it has handled."""

import datetime as dt

from shared.contracts import base
from shared.contracts.scheduling import DayStarted
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, Get, Internal, Start
from shared.runtime.table import Fact, Piece, Service

DAY = dt.timedelta(days=1)
DAY_JOB = "_day"
BEFORE_TIME = dt.date.min
"""The service's day before any day has started."""
NO_TODAY_YET = dt.date(9900, 1, 1)
"""Where no day has started, only what is later is far ahead: it would leave a calendar no room for deadlines."""


def far_ahead(date: dt.date, today: dt.date, years: int) -> bool:
    """Whether a date that somebody named is more than so many years ahead, so that no deadline is counted from it."""
    return date > (today + years * dt.timedelta(days=366) if today > BEFORE_TIME else NO_TODAY_YET)


class Today(Aggregate, kind="_today"):
    """The day that a service has; the highest that it has heard of."""

    date: dt.date


class HandledDay(Aggregate, kind="day"):
    """What the service last said of its days."""

    date: dt.date
    due_handled: int = 0


class DayDone(Internal):
    """Everything that was due on a day has been handed over."""

    date: dt.date
    due_handled: int


def rows_of(service: Service) -> tuple[Fact | Piece, ...]:
    """The rows that every service has for its days."""

    def today(message: DayStarted, get: Get) -> Today | None:
        return get(Today, "today")

    def handled(message: DayDone, get: Get) -> HandledDay | None:
        return get(HandledDay, service.name)

    def say_handled(message: DayDone, last: HandledDay | None, context: Context) -> Decision:
        handled = HandledDay(id=service.name, date=message.date, due_handled=message.due_handled)
        latest = last if last is not None and last.date > handled.date else handled
        return Decision(state=(latest,), messages=(day_handled(service, handled),))

    return (
        Fact(DayStarted, today, start_day, starts=(DAY_JOB,)),
        Piece(DayDone, handled, say_handled, says=(service.common(base.DayHandled),)),
    )


def day_handled(service: Service, day: HandledDay) -> base.DayHandled:
    """The event that says a handled day."""
    return service.common(base.DayHandled)(service=day.id, date=day.date.isoformat(), due_handled=day.due_handled)


def start_day(message: DayStarted, today: Today | None, context: Context) -> Decision:
    """Take over a new day and hand out what is due on it."""
    if today is not None and message.date <= today.date:
        return NOTHING
    return Decision(state=(Today(id="today", date=message.date),), jobs=(Start(DAY_JOB, message.date.isoformat()),))
