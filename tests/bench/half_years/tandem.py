"""A tandem's half year under one policy: bookings come, some break a meeting, which is arranged anew."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from services.scheduling.optimum.stretch import Time
from tests.bench.half_years.calendars import CORE, DAYS, KNOWN, Booking, Calendar, bits, workday
from tests.bench.half_years.policies import WANTED, Policy


class Setting(NamedTuple):
    """How long meetings take, in quarter hours, the hours in which they may be, and whether bookings make way."""

    slots: int = 6
    hours: tuple[int, int] = CORE
    priority: bool = False
    """Whether single bookings that would make way for a meeting do so when the term is planned, too."""


@dataclass(frozen=True)
class HalfYear:
    """How it went."""

    placed: int
    """Meetings before the first day."""
    planned_gap: int
    """The largest gap of these, from the first day and to the last."""
    held: tuple[Time, ...]
    moves: int
    """Meetings that were given another time."""
    lost: int
    """Meetings for which there was none."""

    @property
    def held_gap(self) -> int:
        """The largest gap as it came to be."""
        return largest_gap([time.day for time in self.held])


def largest_gap(days: Sequence[int]) -> int:
    """Most days without a meeting."""
    return max(later - earlier for earlier, later in pairwise((0, *sorted(days), DAYS - 1)))


@dataclass
class _Tandem:
    calendars: tuple[Calendar, Calendar]
    setting: Setting
    meetings: dict[int, int] = field(default_factory=dict)
    """By day, the quarter hour at which one begins."""

    def free(self, day: int) -> list[int]:
        """Where a meeting can begin."""
        if not workday(day) or day in self.meetings:
            return []
        mine, yours = self.calendars
        begin, end = self.setting.hours
        free = ~(mine.busy[day] | yours.busy[day]) & bits(begin, end - begin)
        for _ in range(self.setting.slots - 1):
            free &= free >> 1
        return [at for at in range(begin, end) if free >> at & 1]

    def book(self, who: int, booking: Booking) -> Time | None:
        """Take a booking into a calendar; the meeting that it breaks, if it does."""
        start = self.meetings.get(booking.day)
        if start is None:
            self.calendars[who].book(booking)
            return None
        meeting = bits(start, self.setting.slots)
        if not booking.breaks or not meeting & bits(booking.start, booking.slots):
            self.calendars[who].book(booking, taken=meeting)
            return None
        del self.meetings[booking.day]
        self.calendars[who].book(booking)
        return Time(booking.day, start)


def half_year(both: tuple[Sequence[Booking], Sequence[Booking]], policy: Policy, setting: Setting) -> HalfYear:
    """Let a half year pass. The bookings of each are in the order in which they are made."""
    tandem = _Tandem((Calendar.empty(), Calendar.empty()), setting)
    coming: list[list[tuple[int, Booking]]] = [[] for _ in range(DAYS)]
    later: list[tuple[int, Booking]] = []
    for who, made in enumerate(both):
        for booking in made:
            if booking.made > KNOWN:
                coming[booking.made].append((who, booking))
            elif setting.priority and not (booking.breaks or booking.series):
                later.append((who, booking))
            else:
                tandem.calendars[who].book(booking)
    plan = policy.plan(tandem.free)
    tandem.meetings = dict(plan)
    for who, booking in later:
        tandem.book(who, booking)
    gap, moves, lost = largest_gap([time.day for time in plan]), 0, 0
    held: list[Time] = []
    for today in range(DAYS):
        broken = [time for who, booking in coming[today] if (time := tandem.book(who, booking)) is not None]
        for time in broken:
            others = [*held, *(Time(day, slot) for day, slot in tandem.meetings.items())]
            new = policy.instead(tandem.free, today, time, others)
            if new is None:
                lost += 1
                continue
            assert new.slot in tandem.free(new.day), "a meeting on a busy time"
            assert new.day > today
            moves += 1
            tandem.meetings[new.day] = new.slot
        if today in tandem.meetings:
            held.append(Time(today, tandem.meetings[today]))
            for calendar in tandem.calendars:
                # What is over stays where it was.
                calendar.busy[today] |= bits(tandem.meetings[today], setting.slots)
            del tandem.meetings[today]
        if not tandem.meetings and len(held) < WANTED:
            following = policy.following(tandem.free, today, held[-1].day if held else 0)
            if following is not None:
                tandem.meetings[following.day] = following.slot
    return HalfYear(len(plan), gap, tuple(held), moves, lost)
