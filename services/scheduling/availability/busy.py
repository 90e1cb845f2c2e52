"""When a person is busy or absent, day by day, as planners take it."""

import datetime as dt
from collections.abc import Sequence

from services.scheduling.availability.model import Absences, BusyTimes
from services.scheduling.availability.tandem import Busy
from services.scheduling.availability.wall_time import Span, by_day, joined, minute_of, within
from services.scheduling.model import DAY
from shared.runtime.table import Reader


async def busy_of(read: Reader, people: Sequence[str], first: dt.date, last: dt.date) -> tuple[tuple[Busy, ...], ...]:
    """What calendar and absences of each take of the days from the first to the last; whole days are 1440 minutes."""
    calendars = await read.all(BusyTimes, people)
    absences = await read.all(Absences, people)
    return tuple(
        busy_in((*(times.busy if times else ()), *(away.busy if away else ())), first, last)
        for times, away in zip(calendars, absences, strict=True)
    )


def busy_in(spans: Sequence[Span], first: dt.date, last: dt.date) -> tuple[Busy, ...]:
    """What spans of wall time take of the days from the first to the last."""
    found = within(joined(spans), [(minute_of(first), minute_of(last + DAY))])
    return tuple(Busy(date, begins, ends - begins) for span in found for date, begins, ends in by_day(span))
