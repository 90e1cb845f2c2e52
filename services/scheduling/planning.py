"""The jobs' work: loads the calendar, and turns plans into pieces. Imported by the jobs' own process only."""

import datetime as dt
from itertools import pairwise

from services.scheduling import planner
from services.scheduling.calendar_days import is_holiday
from services.scheduling.jobs import NOTICE, Invite, KickOffFound, KickOffInputs, PlanInputs, PlanMeeting, Planned
from services.scheduling.kick_off_time import most_can_come
from services.scheduling.model import DAY
from shared.contracts.parts import SchedulingRules
from shared.runtime.table import Again


def make_plan(inputs: PlanInputs) -> tuple[PlanMeeting | Planned, ...] | Again:
    """Plan a tandem's meetings over its term."""
    if not inputs.known:
        return Again()
    if not inputs.running:
        return ()
    times = _candidates(inputs)
    rules = inputs.rules
    begins = max(inputs.first, inputs.not_before)
    if begins > inputs.last and inputs.not_before > inputs.first:
        # They rest to the end: nothing is missing that anybody could plan.
        return ()
    found = planner.plan(begins, inputs.last, times, rules.meetings_per_month, rules.min_gap_days)
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
        rules_version=inputs.rules_version,
    )
    return (*meetings, done)


def _candidates(inputs: PlanInputs) -> tuple[planner.Time, ...]:
    rules = inputs.rules
    stretches = planner.common(inputs.mentor, inputs.mentee, rules.minutes)
    first = max(inputs.first, inputs.not_before)
    return planner.candidates(first, inputs.last, stretches, rules.minutes, lambda day: _free(day, rules), inputs.busy)


def _free(day: dt.date, rules: SchedulingRules) -> bool:
    return is_holiday(day, rules.state, rules.municipality)


def find_instead(inputs: PlanInputs) -> tuple[PlanMeeting | Planned, ...] | Again:
    """Another time in place of a meeting that was cancelled or whose time was taken, if the term has one left."""
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
        rules_version=inputs.rules_version,
        again=True,
    )
    if time is None:
        return (done,)
    piece = PlanMeeting(
        tandem_id=inputs.tandem_id,
        key=inputs.key,
        date=time.date,
        start=time.start,
        minutes=inputs.rules.minutes,
        instead=True,
    )
    return (piece, done)


def plan_again(inputs: PlanInputs) -> tuple[PlanMeeting | Planned, ...] | Again:
    """Plan what is missing in the rest of the term once a rest is over; what is planned already stays (P6)."""
    if not inputs.known:
        return Again()
    rules = inputs.rules
    gap = rules.min_gap_days * DAY
    begins = max(inputs.first, inputs.not_before, inputs.after + NOTICE)
    if not inputs.running or begins > inputs.last:
        return ()
    ahead = sorted(day for day in inputs.taken if day >= begins)
    last = ahead[0] - gap if ahead else inputs.last
    times = [t for t in _candidates(inputs) if begins <= t.date <= last]
    times = [t for t in times if all(abs(t.date - day) >= gap for day in inputs.taken)]
    wanted = planner.wanted(begins, inputs.last, rules.meetings_per_month)
    found = planner.plan(begins, last, times, rules.meetings_per_month, rules.min_gap_days)
    new = found.times[: max(0, wanted - len(ahead))]
    days = sorted([*ahead, *(t.date for t in new)])
    meetings = [
        PlanMeeting(
            tandem_id=inputs.tandem_id, key=f"{inputs.key}.{n}", date=t.date, start=t.start, minutes=rules.minutes
        )
        for n, t in enumerate(new)
    ]
    done = Planned(
        tandem_id=inputs.tandem_id,
        wanted=wanted,
        found=len(days),
        largest_gap_days=max(((b - a).days for a, b in pairwise(days)), default=None),
        problem=None if len(days) >= wanted else found.problem or "too_few_days",
        since=inputs.after,
    )
    return (*meetings, done)


def choose_kick_off(inputs: KickOffInputs) -> tuple[KickOffFound | Invite, ...]:
    """The day and time at which most can come; everybody is invited all the same (S5)."""
    days = [inputs.earliest + n * DAY for n in range((inputs.latest - inputs.earliest).days + 1)]
    open_days = [day for day in days if not _free(day, inputs.rules)]
    best = most_can_come(open_days, list(inputs.people.values()), inputs.minutes)
    found = KickOffFound(
        programme_id=inputs.programme_id,
        date=best.date if best else None,
        start=best.start if best else None,
        minutes=inputs.minutes,
        invited=len(inputs.people),
        can_come=best.can_come if best else 0,
    )
    invited = sorted(inputs.people) if best else []
    return (found, *(Invite(programme_id=inputs.programme_id, participant_id=id) for id in invited))
