"""Tandems planned: those of one mentor together, exactly as the service plans them, but from a file."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.scheduling import planner
from services.scheduling.model import DAY
from services.scheduling.optimum.optimum import best
from services.scheduling.optimum.stretch import Levels, Stretch, Time, levels_of
from services.scheduling.optimum.together import Shared, together
from services.scheduling.tool.asked import Asked
from services.scheduling.tool.free import Calendars, busy_of, starts_of
from services.scheduling.tool.reading import Person, Tandem
from services.scheduling.tool.short import Short, why_short

EFFORT = 40
"""Single plans that the tandems of one mentor may take beside their own, so that a file is planned in seconds."""


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

    `proved`: no plan is better, nor plans of all tandems of this mentor. `gap_at_end`: days after the last meeting.
    """

    tandem: Tandem
    wanted: int
    meetings: tuple[Meeting, ...]
    levels: Levels
    gap_at_end: int
    proved: bool
    short: Short | None

    @property
    def missing(self) -> int:
        """Wanted meetings that have no day."""
        return self.wanted - len(self.meetings)


def plans_of(tandems: Sequence[Tandem], asked: Asked, calendars: Calendars) -> tuple[Plan, ...]:
    """The plans, in the order of the tandems.

    The tandems of a mentor are planned together, mentor after mentor in the order of the file. Somebody who is in
    tandems of several mentors keeps what was planned first; such plans are proved only for what was left.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for number, tandem in enumerate(tandems):
        groups[tandem.mentor.id].append(number)
    met: dict[str, list[planner.Busy]] = defaultdict(list)
    found: dict[int, Plan] = {}
    for numbers in groups.values():
        plans = _group([tandems[number] for number in numbers], asked, calendars, met)
        for number, plan in zip(numbers, plans, strict=True):
            found[number] = plan
            for person in tandems[number].people:
                met[person.id] += [meeting.busy for meeting in plan.meetings]
    return tuple(found[number] for number in range(len(tandems)))


def _group(
    group: Sequence[Tandem], asked: Asked, calendars: Calendars, met: Mapping[str, Sequence[planner.Busy]]
) -> list[Plan]:
    """The plans of one mentor's tandems, around what these people have `met` for already."""
    busy = [_of_both(tandem, lambda person: busy_of(person, calendars, asked)) for tandem in group]
    before = [_of_both(tandem, lambda person: met.get(person.id, ())) for tandem in group]
    stretches = [
        Stretch(
            starts_of(tandem, asked, asked.rules.minutes, (*busy[number], *before[number])),
            asked.wanted,
            asked.rules.min_gap_days,
        )
        for number, tandem in enumerate(group)
    ]
    times, proved = _best(stretches, asked)
    planned = [tuple(_meetings(each, asked)) for each in times]
    plans = []
    for number, tandem in enumerate(group):
        meetings, levels = planned[number], levels_of(stretches[number], times[number])
        others = [each.busy for other, theirs in enumerate(planned) if other != number for each in theirs]
        others += before[number]
        short = why_short(tandem, asked, busy[number], others, len(meetings)) if levels.missing else None
        end = (asked.last - (meetings[-1].date if meetings else asked.first)).days
        plans.append(Plan(tandem, asked.wanted, meetings, levels, end, proved and not any(before), short))
    return plans


def _of_both(tandem: Tandem, times: Callable[[Person], Iterable[planner.Busy]]) -> tuple[planner.Busy, ...]:
    return tuple(each for person in tandem.people for each in times(person))


def _best(stretches: Sequence[Stretch], asked: Asked) -> tuple[Sequence[Sequence[Time]], bool]:
    """The best times of each, and whether no others are better."""
    if len(stretches) == 1:
        return [best(stretches[0])], True
    slots = -(-asked.rules.minutes // planner.SLOT)
    found = together([Shared(stretch, slots) for stretch in stretches], EFFORT)
    return found.plans, found.proved


def _meetings(times: Sequence[Time], asked: Asked) -> Iterable[Meeting]:
    before = 0
    for time in times:
        yield Meeting(asked.first + time.day * DAY, time.slot * planner.SLOT, asked.rules.minutes, time.day - before)
        before = time.day
