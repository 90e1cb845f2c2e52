"""Tandems planned: those that share somebody together, exactly as the service plans them, but from a file."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.scheduling.availability import tandem as planner
from services.scheduling.model import DAY
from services.scheduling.optimum.hanging import HangingTogether
from services.scheduling.optimum.optimum import best
from services.scheduling.optimum.stretch import Levels, Shared, Stretch, Time, levels_of
from services.scheduling.optimum.together import Together, together
from services.scheduling.tool.asked import Asked
from services.scheduling.tool.free import Calendars, busy_of, starts_of
from services.scheduling.tool.reading import Tandem
from services.scheduling.tool.short import Short, why_short


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting; `gap` is the days since the one before, or since the first day."""

    date: dt.date
    start: int
    minutes: int
    gap: int

    @property
    def end(self) -> int:
        """Minutes after midnight."""
        return self.start + self.minutes

    @property
    def busy(self) -> planner.Busy:
        """The time that it takes."""
        return planner.Busy(self.date, self.start, self.minutes)


@dataclass(frozen=True, slots=True)
class Plan:
    """The meetings of a tandem, what they are worth, and why there are not more where some are missing.

    `together`: the plans that were made with it, itself included, and what none can be better than. `gap_at_end`: days
    after the last meeting.
    """

    tandem: Tandem
    wanted: int
    meetings: tuple[Meeting, ...]
    levels: Levels
    gap_at_end: int
    together: Together
    short: Short | None

    @property
    def proved(self) -> bool:
        """Whether no plan is better, and of tandems planned together, no plans."""
        return self.together.proved

    @property
    def found_together(self) -> int:
        """Meetings of all tandems that were planned together."""
        return sum(map(len, self.together.plans))

    @property
    def most_together(self) -> int:
        """More meetings than these no plans of these tandems have."""
        return self.wanted * len(self.together.plans) - self.together.bound.missing

    @property
    def missing(self) -> int:
        """Wanted meetings that have no day."""
        return self.wanted - len(self.meetings)


def plans_of(tandems: Sequence[Tandem], asked: Asked, calendars: Calendars) -> tuple[Plan, ...]:
    """The plans, in the order of the tandems; those that share somebody, or hang together by others, are one search."""
    found: dict[int, Plan] = {}
    for numbers in _groups(tandems):
        plans = _planned([tandems[number] for number in numbers], asked, calendars)
        found.update(zip(numbers, plans, strict=True))
    return tuple(found[number] for number in range(len(tandems)))


def _groups(tandems: Sequence[Tandem]) -> Iterable[list[int]]:
    """The numbers of tandems that hang together by their people."""
    of: dict[str, list[int]] = {}
    for number, tandem in enumerate(tandems):
        for who in tandem.ids:
            of.setdefault(who, []).append(number)
    done: set[int] = set()
    for number, tandem in enumerate(tandems):
        if number in done:
            continue
        group = HangingTogether(number, tandem.ids)
        while (somebody := group.ask()) is not None:
            for other in of[somebody]:
                group.add(other, tandems[other].ids)
        done |= group.found
        yield sorted(group.found)


def _planned(group: Sequence[Tandem], asked: Asked, calendars: Calendars) -> Iterable[Plan]:
    busy = [(busy_of(tandem.mentor, calendars, asked), busy_of(tandem.mentee, calendars, asked)) for tandem in group]
    stretches = [
        Stretch(
            starts_of(tandem, asked, asked.rules.minutes, (*mentors, *mentees)),
            asked.wanted,
            asked.rules.min_gap_days,
            spared=asked.spared,
        )
        for tandem, (mentors, mentees) in zip(group, busy, strict=True)
    ]
    found = _best(group, stretches, asked)
    times = found.plans
    planned = [tuple(_meetings(each, asked)) for each in times]
    for number, tandem in enumerate(group):
        meetings, levels = planned[number], levels_of(stretches[number], times[number])
        others = [
            meeting.busy
            for other, theirs in zip(group, planned, strict=True)
            if other is not tandem and tandem.shares_somebody_with(other)
            for meeting in theirs
        ]
        short = why_short(tandem, asked, busy[number], others, len(meetings)) if levels.missing else None
        end = (asked.last - (meetings[-1].date if meetings else asked.first)).days
        yield Plan(tandem, asked.wanted, meetings, levels, end, found, short)


def _best(group: Sequence[Tandem], stretches: Sequence[Stretch], asked: Asked) -> Together:
    """The best times of each, and what none can be better than."""
    if len(stretches) == 1:
        times = best(stretches[0])
        levels = levels_of(stretches[0], times)
        return Together((times,), levels, levels)
    slots = -(-asked.rules.minutes // planner.SLOT)
    shared = [Shared(stretch, slots, frozenset(tandem.ids)) for tandem, stretch in zip(group, stretches, strict=True)]
    return together(shared)


def _meetings(times: Sequence[Time], asked: Asked) -> Iterable[Meeting]:
    before = 0
    for time in times:
        yield Meeting(asked.first + time.day * DAY, time.slot * planner.SLOT, asked.rules.minutes, time.day - before)
        before = time.day
