"""Made-up calendars of a half year: what is booked, when it was booked, and whether it makes way for a meeting.

The parameters and why they are as they are stand in docs/bench-planning.md.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

DAYS = 182
"""26 weeks."""
BEGIN, END = 32, 72
"""Quarter hours after midnight: calendars are kept from 8:00 to 18:00."""
CORE = (36, 68)
"""From 9:00 to 17:00 both work, and tandems meet."""
WHOLE = (BEGIN, END)
BREAKS = 0.3
"""Of the bookings that collide with a meeting so many break it; the others go elsewhere."""
MEDIAN_LEAD = 8.0
SPREAD = 1.25
"""A single booking is made so many days ahead: the median, and the spread of a lognormal distribution."""
LENGTHS = ((2, 30), (4, 40), (6, 18), (8, 8), (16, 4))
"""A booking's length in quarter hours, and of a hundred how many are so long."""
WEEKS_AWAY = 2
"""Leave in a half year, in one piece, known at the beginning."""
KNOWN = -1
"""The day on which a booking was made that is there before the tandem begins."""


class Kind(NamedTuple):
    """How full somebody's core hours are in the end, between two shares; and which share of that is weekly series."""

    least: float
    most: float
    series: float


LEADER = Kind(0.70, 0.85, 0.40)
MENTOR = Kind(0.35, 0.60, 0.40)


class Booking(NamedTuple):
    """A time that somebody gives away: when that is done, for which day and quarter hours."""

    made: int
    day: int
    start: int
    slots: int
    breaks: bool
    series: bool = False


def bits(start: int, slots: int) -> int:
    """The quarter hours of a time."""
    return ((1 << slots) - 1) << start


def workday(day: int) -> bool:
    """Monday to Friday."""
    return day % 7 < 5


def bookings(kind: Kind, seed: str) -> list[Booking]:
    """All bookings of somebody's half year, in the order in which they are made. They do not overlap."""
    rng = random.Random(seed)
    share = rng.uniform(kind.least, kind.most)
    away = rng.randrange(0, DAYS // 7 - 1) * 7
    days = [day for day in range(DAYS) if workday(day) and not away <= day < away + WEEKS_AWAY * 7]
    found = [
        Booking(KNOWN, day, BEGIN, END - BEGIN, breaks=True)
        for day in range(away, away + WEEKS_AWAY * 7)
        if workday(day)
    ]
    series = list(_series(rng, share * kind.series))
    for day in days:
        taken = 0
        for booking in (b for b in series if b.day == day % 7):
            taken |= bits(booking.start, booking.slots)
            found.append(booking._replace(day=day))
        found += _singles(rng, day, taken, share)
    return sorted(found, key=lambda booking: booking.made)


def _series(rng: random.Random, share: float) -> Iterator[Booking]:
    """The weekly ones, known at the beginning; `day` is the weekday."""
    for weekday in range(5):
        taken = 0
        while _filled(taken) < share:
            slots = _length(rng)
            start = _free_start(rng, taken, slots)
            if start is None or slots > 8:
                # A half day is no weekly date.
                continue
            taken |= bits(start, slots)
            yield Booking(KNOWN, weekday, start, slots, rng.random() < BREAKS, series=True)


def _singles(rng: random.Random, day: int, taken: int, share: float) -> Iterator[Booking]:
    """The single ones of a day, until it is as full as it will be; an hour at its edge is taken half as often."""
    goal, missed = min(0.97, max(0.0, rng.gauss(share, 0.08))), 0
    times = [(edge, 4) for edge in (BEGIN, CORE[1]) if rng.random() < goal / 2]
    while _filled(taken) < goal and missed < 12:
        slots = _length(rng)
        start = _free_start(rng, taken, slots)
        if start is None:
            missed += 1
            continue
        taken |= bits(start, slots)
        times.append((start, slots))
    for start, slots in times:
        lead = int(rng.lognormvariate(0, SPREAD) * MEDIAN_LEAD)
        yield Booking(max(KNOWN, day - lead), day, start, slots, rng.random() < BREAKS)


def _filled(taken: int) -> float:
    begin, end = CORE
    return taken.bit_count() / (end - begin)


def _length(rng: random.Random) -> int:
    return rng.choices([slots for slots, _ in LENGTHS], [weight for _, weight in LENGTHS])[0]


def _free_start(rng: random.Random, taken: int, slots: int) -> int | None:
    """A half hour within the core at which a booking can begin."""
    begin, end = CORE
    free = [at for at in range(begin, end - slots + 1, 2) if not taken & bits(at, slots)]
    return rng.choice(free) if free else None


@dataclass
class Calendar:
    """What is booked in somebody's calendar so far: a set of quarter hours a day."""

    busy: list[int]

    @classmethod
    def empty(cls) -> "Calendar":
        """With nothing in it."""
        return cls([0] * DAYS)

    def book(self, booking: Booking, taken: int = 0) -> bool:
        """Take a booking; where its time or what is `taken` is not free, at the nearest free time of its day.

        False: the day has none left, and it is gone.
        """
        busy = self.busy[booking.day] | taken
        if busy & bits(booking.start, booking.slots):
            free = [at for at in range(BEGIN, END - booking.slots + 1) if not busy & bits(at, booking.slots)]
            if not free:
                return False
            start = min(free, key=lambda at: (abs(at - booking.start), at))
        else:
            start = booking.start
        self.busy[booking.day] |= bits(start, booking.slots)
        return True
