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


def common_starts(mine: Sequence[WorkingTime], yours: Sequence[WorkingTime], minutes: int) -> dict[int, int]:
    """For each weekday with so many common minutes in one piece, when they first begin."""
    starts: dict[int, int] = {}
    for a in joined(mine):
        for b in joined(yours):
            begin, end = max(a.start, b.start), min(a.end, b.end)
            if a.weekday == b.weekday and end - begin >= minutes:
                starts[a.weekday] = min(begin, starts.get(a.weekday, begin))
    return starts


def candidates(
    first: dt.date, last: dt.date, starts: dict[int, int], free: Callable[[dt.date], bool]
) -> tuple[Time, ...]:
    """Every day of a stretch on which both work and that is no holiday, with its time."""
    days = ((first + n * DAY) for n in range((last - first).days + 1))
    return tuple(Time(day, starts[day.weekday()]) for day in days if day.weekday() in starts and not free(day))


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
