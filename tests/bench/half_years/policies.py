"""Ways to arrange a tandem's meetings: ours, and five that people and other tools have.

Each sees what is free for both as it is known on that day, and no more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.scheduling.optimum.optimum import best, one_more
from services.scheduling.optimum.stretch import Stretch, Time
from tests.bench.half_years.calendars import DAYS

WANTED = 18
"""Three a month."""
MIN_GAP = 5
RHYTHM = 10
"""Days between two of three meetings a month."""
NOTICE = 2
"""A meeting is arranged two days before it at the latest."""

Free = Callable[[int], Sequence[int]]
"""The quarter hours of a day at which a meeting can begin, as both calendars are now."""


class Policy(Protocol):
    """How meetings are arranged."""

    @property
    def name(self) -> str:
        """As in the table."""

    def plan(self, free: Free) -> list[Time]:
        """What is arranged before the first day."""

    def instead(self, free: Free, today: int, lost: Time, others: Sequence[Time]) -> Time | None:
        """Another time for a meeting whose time was taken; `others` are all other meetings."""

    def following(self, free: Free, today: int, met: int) -> Time | None:
        """The next meeting, after one was held and nothing is arranged; `met` is the day of the last one."""


def next_free(free: Free, first: int, others: Sequence[Time] = (), distance: int = 1) -> Time | None:
    """The first time from a day on, so far from all others."""
    for day in range(first, DAYS):
        if all(abs(day - other.day) >= distance for other in others) and (starts := free(day)):
            return Time(day, starts[0])
    return None


def anywhere(free: Free, today: int, lost: Time, others: Sequence[Time]) -> Time | None:
    """The next free slot in place of a lost one: after it, else sooner; and nearer to others, if there is none."""
    soon = today + NOTICE
    for distance in range(MIN_GAP, 0, -1):
        for first in (max(soon, lost.day), soon):
            if (time := next_free(free, first, others, distance)) is not None:
                return time
    return None


class InNextFree:
    """Another time is the next free slot."""

    def instead(self, free: Free, today: int, lost: Time, others: Sequence[Time]) -> Time | None:
        """The next free slot."""
        return anywhere(free, today, lost, others)


class AtOnce:
    """The whole term is arranged at once."""

    def following(self, free: Free, today: int, met: int) -> Time | None:
        """Nothing: all is arranged."""
        return None


@dataclass(frozen=True)
class Ours(AtOnce):
    """The whole term at once, by `best`; another time by `one_more`, as the service does."""

    name: str = "**ours: the term at once, repaired**"
    sooner: bool = True
    """Whether another time may be before the one that was lost: so where a calendar takes it (`plans.time_taken`)."""

    def plan(self, free: Free) -> list[Time]:
        """The best plan."""
        return list(best(Stretch([free(day) for day in range(DAYS)], WANTED, MIN_GAP)))

    def instead(self, free: Free, today: int, lost: Time, others: Sequence[Time]) -> Time | None:
        """The best of the rest of the term."""
        soon = today + NOTICE
        begins = soon if self.sooner else max(soon, lost.day + 1)
        if begins >= DAYS:
            return None
        before = [time.day for time in others if time.day < begins]
        kept = {time.day - begins: time.slot for time in others if time.day >= begins}
        of = Stretch(
            [free(day) for day in range(begins, DAYS)],
            len(kept) + 1,
            MIN_GAP,
            since=max(before, default=0) - begins,
            met=bool(before),
            kept=kept,
        )
        new = [time for time in one_more(of) if time.day not in kept]
        return Time(new[0].day + begins, new[0].slot) if new else None


@dataclass(frozen=True)
class Habit(InNextFree):
    """The next meeting is arranged when the last is over: the next free slot, so many days later."""

    gap: int = RHYTHM

    @property
    def name(self) -> str:
        """With the gap where it is not the rhythm."""
        return "the next one after the last" + (f", from {self.gap} days on" if self.gap != RHYTHM else "")

    def plan(self, free: Free) -> list[Time]:
        """The first meeting."""
        first = next_free(free, 0)
        return [first] if first else []

    def following(self, free: Free, today: int, met: int) -> Time | None:
        """The next free slot from some days after the last meeting on."""
        return next_free(free, max(met + self.gap, today + NOTICE))


@dataclass(frozen=True)
class NextFree(InNextFree, AtOnce):
    """The term at once: each meeting at the next free slot, so many days after the one before."""

    gap: int

    @property
    def name(self) -> str:
        """With the gap."""
        return f"the next free slot after {self.gap} days"

    def plan(self, free: Free) -> list[Time]:
        """One after the other."""
        found: list[Time] = []
        while len(found) < WANTED and (time := next_free(free, found[-1].day + self.gap if found else 0)):
            found.append(time)
        return found


@dataclass(frozen=True)
class DueDates(InNextFree, AtOnce):
    """The term at once: a due date every ten days, and the next free slot from each on."""

    name: str = "due dates every 10 days"

    def plan(self, free: Free) -> list[Time]:
        """One for each due date, none nearer to the one before than meetings may be."""
        found: list[Time] = []
        for due in range(0, WANTED * RHYTHM, RHYTHM):
            if (time := next_free(free, max(due, found[-1].day + MIN_GAP if found else 0))) is not None:
                found.append(time)
        return found


@dataclass(frozen=True)
class SameHour(AtOnce):
    """The term at once: every ten days at the same hour, where it is free; a weekend's date is the Monday after."""

    name: str = "the same hour every 10 days"

    def plan(self, free: Free) -> list[Time]:
        """The hour that is free on most of the dates, the earliest of equals."""
        dates = [due + (7 - due % 7) * (due % 7 >= 5) for due in range(0, WANTED * RHYTHM, RHYTHM)]
        starts = {day: free(day) for day in dates}
        hours = sorted({slot for slots in starts.values() for slot in slots})
        hour = max(hours, key=lambda slot: sum(slot in slots for slots in starts.values()), default=None)
        return [Time(day, hour) for day in dates if hour is not None and hour in starts[day]]

    def instead(self, free: Free, today: int, lost: Time, others: Sequence[Time]) -> Time | None:
        """The same hour on the next day on which it is free, before the next date."""
        taken = {time.day for time in others}
        following = min((day for day in taken if day > lost.day), default=DAYS)
        for day in range(max(lost.day, today + NOTICE), following):
            if day not in taken and lost.slot in free(day):
                return Time(day, lost.slot)
        return None


OURS = Ours()
POLICIES: tuple[Policy, ...] = (OURS, Habit(), NextFree(RHYTHM), NextFree(MIN_GAP), DueDates(), SameHour())
EXTRA: tuple[Policy, ...] = (Ours("ours, another time only after the lost one", sooner=False), Habit(MIN_GAP))
"""Beside the five: to see what hangs on how they are understood."""
