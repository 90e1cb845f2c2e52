"""When two people of a file can meet: working times of both, without holidays and what either has given away."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from services.scheduling.availability import tandem as planner
from services.scheduling.model import DAY
from services.scheduling.tool.asked import Asked
from services.scheduling.tool.entry import BusyTime
from services.scheduling.tool.reading import Person, Tandem
from shared.contracts.parts import WorkingTime

Calendars = Mapping[str, Sequence[planner.Busy]]
"""What calendars say of people, by id."""
MIDNIGHT = 24 * 60


def busy_of(person: Person, calendars: Calendars, asked: Asked) -> tuple[planner.Busy, ...]:
    """When somebody is busy in the days of a plan, by the file and by their calendar."""
    own = (each for busy in person.busy for each in _days(busy, asked))
    return (*own, *calendars.get(person.id, ()))


def _days(busy: BusyTime, asked: Asked) -> Iterable[planner.Busy]:
    """A busy time day by day, as far as it is in the days of the plan; parts of a minute count as all of it."""
    day, last = max(busy.start.date(), asked.first), min(busy.end.date(), asked.last)
    while day <= last:
        start = _minutes(busy.start) if busy.start.date() == day else 0
        end = -(-_seconds(busy.end) // 60) if busy.end.date() == day else MIDNIGHT
        if end > start:
            yield planner.Busy(day, start, end - start)
        day += DAY


def _minutes(time: dt.datetime) -> int:
    return _seconds(time) // 60


def _seconds(time: dt.datetime) -> int:
    return (time.hour * 60 + time.minute) * 60 + time.second


def starts_of(tandem: Tandem, asked: Asked, minutes: int, busy: Sequence[planner.Busy]) -> list[list[int]]:
    """For each day of the plan, the quarter hours at which a meeting of so many minutes can begin."""
    return planner.starts(asked.first, asked.last, week_of(tandem, asked, minutes), minutes, asked.is_holiday, busy)


def week_of(tandem: Tandem, asked: Asked, minutes: int) -> tuple[WorkingTime, ...]:
    """When both work in a usual week for so many minutes, within the core time where the rules have one."""
    common = planner.common(tandem.mentor.working_times, tandem.mentee.working_times, minutes)
    return planner.common(common, asked.rules.core_time, minutes) if asked.rules.core_time else common


def most(starts: Sequence[Sequence[int]], min_gap: int) -> int:
    """How many days with a start there are at most that keep this distance: each the earliest that does."""
    count, free_from = 0, 0
    for day, slots in enumerate(starts):
        if slots and day >= free_from:
            count, free_from = count + 1, day + min_gap
    return count
