"""When a person is busy or absent, day by day, as planners take it."""

import datetime as dt

from services.scheduling.model import DAY
from services.scheduling.model_calendars import Absences, BusyTimes
from services.scheduling.planner import Busy
from services.scheduling.wall_time import by_day, joined, minute_of, within
from shared.runtime.table import Reader


async def busy_of(read: Reader, participant_id: str, first: dt.date, last: dt.date) -> tuple[Busy, ...]:
    """What calendar and absences take of the days from the first to the last, in order; whole days are 1440 minutes."""
    times = await read.get(BusyTimes, participant_id)
    absences = await read.get(Absences, participant_id)
    spans = (*(times.busy if times else ()), *(absences.busy if absences else ()))
    found = within(joined(spans), [(minute_of(first), minute_of(last + DAY))])
    return tuple(Busy(date, begins, ends - begins) for span in found for date, begins, ends in by_day(span))
