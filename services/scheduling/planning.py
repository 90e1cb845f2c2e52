"""The jobs' work: loads the calendar, and turns plans into pieces. Imported by the jobs' own process only."""

import datetime as dt
from itertools import pairwise

from services.scheduling import planner
from services.scheduling.calendar_days import is_holiday
from services.scheduling.jobs import Invite, KickOffFound, KickOffInputs, PlanInputs, PlanMeeting, Planned
from shared.contracts.parts import SchedulingRules, WorkingTime
from shared.runtime.table import Again

STEP = 30
"""Minutes between two beginnings that are tried for a kick-off."""


def make_plan(inputs: PlanInputs) -> tuple[PlanMeeting | Planned, ...] | Again:
    """Plan a tandem's meetings over its term."""
    if not inputs.known:
        return Again()
    if not inputs.running:
        return ()
    times = _candidates(inputs)
    rules = inputs.rules
    found = planner.plan(inputs.first, inputs.last, times, rules.meetings_per_month, rules.min_gap_days)
    meetings = [
        PlanMeeting(tandem_id=inputs.tandem_id, key=str(n), date=t.date, start=t.start, minutes=rules.minutes)
        for n, t in enumerate(found.times)
    ]
    done = Planned(
        tandem_id=inputs.tandem_id,
        wanted=found.wanted,
        found=len(found.times),
        largest_gap_days=found.largest_gap,
        problem=found.problem,
    )
    return (*meetings, done)


def _candidates(inputs: PlanInputs) -> tuple[planner.Time, ...]:
    rules = inputs.rules
    starts = planner.common_starts(inputs.mentor, inputs.mentee, rules.minutes)
    return planner.candidates(inputs.first, inputs.last, starts, lambda day: _free(day, rules))


def _free(day: dt.date, rules: SchedulingRules) -> bool:
    return is_holiday(day, rules.state, rules.municipality)


def find_instead(inputs: PlanInputs) -> tuple[PlanMeeting | Planned, ...] | Again:
    """Another time in place of a cancelled meeting, if the term has one left."""
    if not inputs.known:
        return Again()
    if not inputs.running:
        return ()
    time = planner.instead(_candidates(inputs), inputs.taken, inputs.after, inputs.rules.min_gap_days)
    days = sorted([*inputs.taken, *([time.date] if time else [])])
    gaps = [(b - a).days for a, b in pairwise(days)]
    done = Planned(
        tandem_id=inputs.tandem_id,
        wanted=planner.wanted(inputs.first, inputs.last, inputs.rules.meetings_per_month),
        found=len(days),
        largest_gap_days=max(gaps, default=None),
        problem=None if time else "no_time_left",
        again=True,
    )
    if time is None:
        return (done,)
    piece = PlanMeeting(
        tandem_id=inputs.tandem_id,
        key=f"instead of {inputs.instead_of}",
        date=time.date,
        start=time.start,
        minutes=inputs.rules.minutes,
    )
    return (piece, done)


def choose_kick_off(inputs: KickOffInputs) -> tuple[KickOffFound | Invite, ...]:
    """The day and time at which most can come, the earliest of equals; everybody is invited all the same (S5)."""
    best: tuple[int, dt.date, int] | None = None
    day = inputs.earliest
    while day <= inputs.latest:
        if not _free(day, inputs.rules):
            for start in range(0, 24 * 60 - inputs.minutes + 1, STEP):
                count = sum(
                    1 for times in inputs.people.values() if _works(times, day.weekday(), start, inputs.minutes)
                )
                if count and (best is None or count > best[0]):
                    best = (count, day, start)
        day += dt.timedelta(days=1)
    found = KickOffFound(
        programme_id=inputs.programme_id,
        date=best[1] if best else None,
        start=best[2] if best else None,
        minutes=inputs.minutes,
        invited=len(inputs.people),
        can_come=best[0] if best else 0,
    )
    invited = sorted(inputs.people) if best else []
    return (found, *(Invite(programme_id=inputs.programme_id, participant_id=id) for id in invited))


def _works(times: tuple[WorkingTime, ...], weekday: int, start: int, minutes: int) -> bool:
    return any(t.weekday == weekday and t.start <= start and start + minutes <= t.end for t in times)
