"""Plans a tandem's meetings over its term: in working times that both share, evenly, never on a holiday. Pure.

Nothing rewards a sparse calendar (P7): the days are those nearest to an even rhythm among all that suit both, and each
begins when both are there; who enters less only has fewer days to choose from.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from shared.contracts.parts import WorkingTime

DAY = dt.timedelta(days=1)
MONTH = 30.4375
"""Days of a mean month."""


class Time(NamedTuple):
    """A planned time: day and minutes after midnight."""

    date: dt.date
    start: int


class Busy(NamedTuple):
    """A time that somebody has given away already: day, minutes after midnight, length in minutes."""

    date: dt.date
    start: int
    minutes: int


class Planned(NamedTuple):
    """A plan: how many were wanted, the times found, and why there are fewer."""

    wanted: int
    times: tuple[Time, ...]
    problem: str | None

    @property
    def largest_gap(self) -> int | None:
        """Most days between two meetings; None with fewer than two."""
        gaps = [(b.date - a.date).days for a, b in pairwise(self.times)]
        return max(gaps, default=None)


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


def candidates(
    first: dt.date,
    last: dt.date,
    stretches: Sequence[WorkingTime],
    minutes: int,
    free: Callable[[dt.date], bool],
    busy: Sequence[Busy] = (),
) -> tuple[Time, ...]:
    """Every day that is no holiday and has room for a meeting, with the first time at which both are there and free."""
    days = ((first + n * DAY) for n in range((last - first).days + 1))
    starts = ((day, _start(day, stretches, minutes, busy)) for day in days if not free(day))
    return tuple(Time(day, start) for day, start in starts if start is not None)


def _start(day: dt.date, stretches: Sequence[WorkingTime], minutes: int, busy: Sequence[Busy]) -> int | None:
    there = [time for time in stretches if time.weekday == day.weekday()]
    taken = [other for other in busy if other.date == day]
    for begin in sorted({time.start for time in there} | {other.start + other.minutes for other in taken}):
        end = begin + minutes
        fits = any(time.start <= begin and end <= time.end for time in there)
        if fits and not any(other.start < end and begin < other.start + other.minutes for other in taken):
            return begin
    return None


def wanted(first: dt.date, last: dt.date, per_month: int) -> int:
    """How many meetings a stretch should have, at least one."""
    return max(1, round(((last - first).days + 1) / MONTH * per_month))


def plan(first: dt.date, last: dt.date, times: Sequence[Time], per_month: int, gap: int) -> Planned:
    """The times nearest to an even rhythm, at least `gap` days apart; as many of the wanted ones as there is room for.

    Dynamic programming over days and meetings: least sum of squared distances from the even rhythm.
    """
    if last < first:
        return Planned(0, (), "term_over")
    goal = wanted(first, last, per_month)
    if not times:
        return Planned(goal, (), "no_common_time")
    for count in range(min(goal, len(times)), 0, -1):
        chosen = _even(first, last, times, count, gap)
        if chosen is not None:
            return Planned(goal, chosen, None if count == goal else "too_few_days")
    return Planned(goal, (), "too_few_days")


def _even(first: dt.date, last: dt.date, times: Sequence[Time], count: int, gap: int) -> tuple[Time, ...] | None:
    days = [(time.date - first).days for time in times]
    span = (last - first).days + 1
    endless = float("inf")
    best: list[list[float]] = []
    back: list[list[int]] = []
    for number in range(count):
        target = (number + 0.5) * span / count
        costs: list[float] = []
        origins: list[int] = []
        lowest, origin, reach = (0.0, -1, 0) if number == 0 else (endless, -1, 0)
        for index, day in enumerate(days):
            while number and reach < index and days[reach] <= day - gap:
                if best[-1][reach] < lowest:
                    lowest, origin = best[-1][reach], reach
                reach += 1
            costs.append(lowest + (day - target) ** 2)
            origins.append(origin)
        best.append(costs)
        back.append(origins)
    end = min(range(len(days)), key=lambda index: best[-1][index])
    if best[-1][end] == endless:
        return None
    chosen = [end]
    for origins in reversed(back[1:]):
        chosen.append(origins[chosen[-1]])
    return tuple(times[index] for index in reversed(chosen))


def instead(times: Sequence[Time], taken: Sequence[dt.date], after: dt.date, gap: int) -> Time | None:
    """A time in place of a cancelled meeting: the first after it that keeps its distance, shorter if need be."""
    for distance in range(gap, 0, -1):
        for time in times:
            if time.date > after and all(abs((time.date - day).days) >= distance for day in taken):
                return time
    return None
