"""The job that chooses a gathering's dates: loads the calendar, asks for the best ones and hands out the seats.

Imported by the jobs' own process only.
"""

import datetime as dt

from services.scheduling.availability.days_off import in_school_holidays, is_holiday
from services.scheduling.availability.tandem import SLOT, common, joined
from services.scheduling.availability.wall_time import odd_minutes
from services.scheduling.gatherings.jobs import Asked, DatesInputs, GatheringFound, InviteGuest
from services.scheduling.gatherings.model import When
from services.scheduling.gatherings.seating import seated
from services.scheduling.model import DAY
from services.scheduling.optimum.gathering import Dates, Option, best_dates
from shared.contracts.parts import SchedulingRules, WorkingTime

QUARTERS = range(0, 24 * 60, SLOT)


def choose_dates(inputs: DatesInputs) -> tuple[GatheringFound | InviteGuest, ...]:
    """The dates that reach most people, no more of them than the rules give reason for; and a date for each (S5)."""
    if not inputs.planned:
        return ()
    times, options = options_of(inputs)
    best = enough_dates(options, inputs.dates, len(inputs.people), inputs.rules)
    chosen = sorted(times[number] for number in best.options)
    can_come = [
        frozenset(n for n, (date, start) in enumerate(chosen) if asked.comes(date, start, inputs.minutes))
        for asked in inputs.people
    ]
    seats = seated(can_come, [inputs.seats] * len(chosen))
    found = GatheringFound(
        gathering=inputs.gathering,
        planned=inputs.planned,
        dates=tuple(When(date=d, start=s, invited=seats.count(n)) for n, (d, s) in enumerate(chosen)),
        invited=len(inputs.people),
        can_come=best.reached,
        bound=best.bound,
        proved=best.proved,
    )
    if not chosen:
        return (found,)
    planning = {"gathering": inputs.gathering, "planned": inputs.planned}
    invited = zip(inputs.people, seats, strict=True)
    return (found, *(InviteGuest(**planning, participant_id=asked.id, number=number) for asked, number in invited))


def options_of(inputs: DatesInputs) -> tuple[list[tuple[dt.date, int]], list[Option]]:
    """Every quarter hour of the open days at which anybody can come, with who can (a bit each).

    Of equal dates the first is taken. So those in school holidays come last, then those at which more of who can come
    would work at home, for a gathering is where people come together; else the order is that of time.
    """
    at_home: dict[tuple[int, int], int] = {}
    week: dict[tuple[int, int], int] = {}
    taken: dict[tuple[dt.date, int], int] = {}
    for number, asked in enumerate(inputs.people):
        bit = 1 << number
        for time in _times(asked, inputs):
            for start in QUARTERS:
                if time.start <= start <= time.end - inputs.minutes:
                    week[time.weekday, start] = week.get((time.weekday, start), 0) | bit
        for time in asked.times:
            for start in QUARTERS:
                if time.at_home and time.start < start + inputs.minutes and start < time.end:
                    at_home[time.weekday, start] = at_home.get((time.weekday, start), 0) | bit
        for busy in asked.busy:
            for start in QUARTERS:
                if start < busy.start + busy.minutes and busy.start < start + inputs.minutes:
                    taken[busy.date, start] = taken.get((busy.date, start), 0) | bit
    days = [inputs.earliest + n * DAY for n in range((inputs.latest - inputs.earliest).days + 1)]
    found: list[tuple[bool, int, dt.date, int, int]] = []
    for day in days:
        if is_holiday(day, inputs.rules.state, inputs.rules.municipality):
            continue
        odd = odd_minutes(day)
        for start in QUARTERS:
            if any(start < ends and begins < start + inputs.minutes for begins, ends in odd):
                continue
            free = week.get((day.weekday(), start), 0) & ~taken.get((day, start), 0)
            if free:
                home = (free & at_home.get((day.weekday(), start), 0)).bit_count()
                found.append((_spared(day, inputs.rules), home, day, start, free))
    found.sort()
    return [(day, start) for _, _, day, start, _ in found], [Option(free, inputs.seats) for *_, free in found]


def _spared(day: dt.date, rules: SchedulingRules) -> bool:
    return rules.spare_school_holidays and in_school_holidays(day, rules.state)


def _times(asked: Asked, inputs: DatesInputs) -> tuple[WorkingTime, ...]:
    """When somebody works, within the core time; what is longer than that on every day is not bound to it."""
    core = common(inputs.rules.core_time, inputs.rules.core_time, inputs.minutes)
    return common(asked.times, core, inputs.minutes) if core else joined(asked.times)


def enough_dates(options: list[Option], at_most: int, asked: int, rules: SchedulingRules) -> Dates:
    """The best dates, another one as long as enough people are left out and it reaches more of them."""
    best = best_dates(options, 1)
    for dates in range(2, at_most + 1):
        left_out = asked - best.reached
        if left_out < rules.left_out_people and left_out * 100 < rules.left_out_percent * asked:
            break
        more = best_dates(options, dates)
        if more.reached <= best.reached:
            break
        best = more
    return best
