"""The day and time at which most people can come to the kick-off (S5). Pure."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from services.scheduling.planner import joined
from shared.contracts.parts import WorkingTime


class Best(NamedTuple):
    """A day, minutes after midnight, and for how many it is working time."""

    date: dt.date
    start: int
    can_come: int


def most_can_come(days: Sequence[dt.date], people: Sequence[tuple[WorkingTime, ...]], minutes: int) -> Best | None:
    """The best of the days, the earliest of equals; None if on none of them anybody works so long in one piece.

    Exact: an earliest best time begins when somebody's working time begins, so only these beginnings are tried.
    """
    weeks = Counter(people)
    by_weekday = {weekday: _best_start(weeks, weekday, minutes) for weekday in {day.weekday() for day in days}}
    best: Best | None = None
    for day in sorted(days):
        count, start = by_weekday[day.weekday()]
        if count > (best.can_come if best else 0):
            best = Best(day, start, count)
    return best


def _best_start(weeks: Counter[tuple[WorkingTime, ...]], weekday: int, minutes: int) -> tuple[int, int]:
    stretches = [
        (time.start, time.end - minutes, count)
        for week, count in weeks.items()
        for time in joined(week)
        if time.weekday == weekday and time.end - time.start >= minutes
    ]
    begins = sorted({begin for begin, _, _ in stretches})
    counts = [(sum(count for first, last, count in stretches if first <= begin <= last), begin) for begin in begins]
    return max(counts, key=lambda found: found[0], default=(0, 0))
