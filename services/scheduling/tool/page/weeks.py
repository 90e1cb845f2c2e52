"""The weeks of a plan: which there are, and what each day of them is for a tandem."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

from services.scheduling.model import DAY
from services.scheduling.optimum.stretch import USUAL
from services.scheduling.tool.asked import Asked
from services.scheduling.tool.planned import Meeting, Plan

WEEK = 7 * DAY


@dataclass(frozen=True, slots=True)
class Month:
    """Weeks that begin in the same month."""

    month: int
    year: int
    mondays: tuple[dt.date, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """A week of a tandem in the overview: the days of the month on which it meets, or whether it is in a long gap."""

    days: tuple[int, ...]
    gap: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a tandem's calendar."""

    date: dt.date
    kind: Literal["outside", "plain", "holiday"]
    meeting: Meeting | None
    names_month: bool
    """Whether it is the first of its month, or of the plan."""


def mondays(asked: Asked) -> list[dt.date]:
    """The first day of each week."""
    first = asked.first - asked.first.weekday() * DAY
    return [first + n * WEEK for n in range((asked.last - first).days // 7 + 1)]


def months(asked: Asked) -> list[Month]:
    """The weeks by the month in which they begin."""
    groups = groupby(mondays(asked), key=lambda day: (day.year, day.month))
    return [Month(month, year, tuple(days)) for (year, month), days in groups]


def weeks(plan: Plan, asked: Asked) -> list[Week]:
    """Each week of a tandem; a long gap is one of more days than are usual, and a week is in it as a whole."""
    dates = [meeting.date for meeting in plan.meetings]
    edges = [asked.first, *dates, asked.last]
    gaps = [(a, b) for a, b in pairwise(edges) if (b - a).days > USUAL[1]]
    met: Mapping[dt.date, Sequence[dt.date]] = {
        monday: list(days) for monday, days in groupby(dates, key=lambda day: day - day.weekday() * DAY)
    }
    return [
        Week(
            tuple(day.day for day in met.get(monday, ())),
            gap=monday not in met and any(a <= monday and monday + WEEK - DAY <= b for a, b in gaps),
        )
        for monday in mondays(asked)
    ]


def calendar(plan: Plan, asked: Asked) -> Iterable[tuple[int, list[Day]]]:
    """A tandem's calendar: each week with its number (ISO 8601) and its days, Monday first."""
    meetings = {meeting.date: meeting for meeting in plan.meetings}
    for monday in mondays(asked):
        days = [monday + n * DAY for n in range(7)]
        yield monday.isocalendar().week, [_day(day, asked, meetings.get(day)) for day in days]


def _day(date: dt.date, asked: Asked, meeting: Meeting | None) -> Day:
    inside = asked.first <= date <= asked.last
    names_month = inside and (date.day == 1 or date == asked.first)
    if not inside:
        return Day(date, "outside", None, names_month)
    if asked.is_holiday(date):
        return Day(date, "holiday", meeting, names_month)
    return Day(date, "plain", meeting, names_month)
