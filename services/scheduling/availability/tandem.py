"""A tandem's calendar as the planner asks for it: the days, and when both are there on each. Pure."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from services.scheduling.availability.wall_time import odd_minutes
from services.scheduling.optimum.stretch import SLOTS
from shared.contracts.parts import WorkingTime
from shared.runtime.days import DAY

MONTH = 30.4375
"""Days of a mean month."""
SLOT = 15
"""Minutes: meetings begin at a quarter hour."""


class Busy(NamedTuple):
    """A time that somebody has given away already: day, minutes after midnight, length in minutes."""

    date: dt.date
    start: int
    minutes: int


def joined(times: Sequence[WorkingTime]) -> tuple[WorkingTime, ...]:
    """Working times in order, those that touch or overlap as one: how they were entered makes no difference."""
    found: list[WorkingTime] = []
    for time in sorted(times, key=lambda t: (t.weekday, t.start, t.end)):
        before = found[-1] if found else None
        if before and before.weekday == time.weekday and time.start <= before.end:
            found[-1] = WorkingTime(weekday=time.weekday, start=before.start, end=max(before.end, time.end))
        else:
            found.append(time)
    return tuple(found)


def common(mine: Sequence[WorkingTime], yours: Sequence[WorkingTime], minutes: int) -> tuple[WorkingTime, ...]:
    """The stretches of a week, of so many minutes at least, in which both work."""
    found = []
    for a in joined(mine):
        for b in joined(yours):
            begin, end = max(a.start, b.start), min(a.end, b.end)
            if a.weekday == b.weekday and end - begin >= minutes:
                found.append(WorkingTime(weekday=a.weekday, start=begin, end=end))
    return tuple(found)


def starts(
    first: dt.date,
    last: dt.date,
    stretches: Sequence[WorkingTime],
    minutes: int,
    closed: Callable[[dt.date], bool],
    busy: Sequence[Busy] = (),
) -> list[list[int]]:
    """For each day, the quarter hours after midnight at which both are there and free for so many minutes.

    `stretches` are in common; on `closed` days nobody meets, nor at minutes that a day's clock skips or shows twice.
    """
    taken: dict[dt.date, list[Busy]] = defaultdict(list)
    for other in busy:
        taken[other.date].append(other)
    week = [
        sorted({slot for t in stretches if t.weekday == day for slot in _slots(t.start, t.end - minutes)})
        for day in range(7)
    ]
    days = [first + n * DAY for n in range((last - first).days + 1)]
    for day in days:
        for odd, till in odd_minutes(day):
            taken[day].append(Busy(day, odd, till - odd))
    return [[] if closed(day) else _free(week[day.weekday()], minutes, taken.get(day, ())) for day in days]


def _free(slots: Sequence[int], minutes: int, taken: Sequence[Busy]) -> list[int]:
    """The slots at which a meeting is over when another time begins, or begins when that is over."""
    gone: set[int] = set()
    for start, length in {(other.start, other.minutes) for other in taken}:
        gone.update(_slots(start - minutes + 1, start + length - 1))
    return [slot for slot in slots if slot not in gone]


def _slots(first: int, last: int) -> range:
    """The slots that begin within these minutes, both included."""
    return range(max(0, -(-first // SLOT)), min(SLOTS - 1, last // SLOT) + 1)


def wanted(first: dt.date, last: dt.date, per_month: int) -> int:
    """How many meetings a stretch should have, at least one."""
    return max(1, round(((last - first).days + 1) / MONTH * per_month))


def missing(first: dt.date, begins: dt.date, last: dt.date, meetings_per_month: int, days: Sequence[dt.date]) -> int:
    """How many meetings more a term from `first` to `last` should have from `begins` on, beside those on `days`.

    No more than are wanted from there on, and no more than bring the whole term to what it wants: so neither a rest nor
    rounding adds any.
    """
    if begins > last:
        return 0
    to_come = wanted(begins, last, meetings_per_month) - sum(day >= begins for day in days)
    return max(0, min(to_come, wanted(first, last, meetings_per_month) - len(days)))
