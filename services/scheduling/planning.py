"""The jobs' work: loads the calendar, asks for the best plan and turns it into pieces.

Imported by the jobs' own process only.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from services.scheduling import planner
from services.scheduling.calendar_days import is_holiday
from services.scheduling.jobs import NOTICE, Invite, KickOffFound, KickOffInputs, PlanInputs, PlanMeeting, Planned
from services.scheduling.kick_off_time import most_can_come
from services.scheduling.model import DAY, SATURDAY
from services.scheduling.optimum.optimum import best
from services.scheduling.optimum.stretch import Stretch, Time, levels_of
from shared.contracts.parts import SchedulingRules
from shared.runtime.table import Again


def make_plan(inputs: PlanInputs) -> tuple[PlanMeeting | Planned, ...] | Again:
    """Plan a tandem's meetings over its term."""
    if not inputs.known:
        return Again()
    if not inputs.running:
        return ()
    rules = inputs.rules
    begins = max(inputs.first, inputs.not_before)
    if begins > inputs.last:
        # They rest to the end, and nothing is missing that anybody could plan; or the term is over.
        over = Planned(tandem_id=inputs.tandem_id, wanted=0, found=0, largest_gap_days=None, problem="term_over")
        return () if inputs.not_before > inputs.first else (over,)
    wanted = planner.wanted(begins, inputs.last, rules.meetings_per_month)
    found = _best(begins, Stretch(_starts(inputs, begins), wanted, rules.min_gap_days))
    return (*_pieces(inputs, found.new, "{}"), _done(inputs, wanted, len(found.new), found))


def find_instead(inputs: PlanInputs) -> tuple[PlanMeeting | Planned, ...] | Again:
    """Another time in place of a meeting that was cancelled or whose time was taken, if the term has one left.

    All other meetings stay. Where none keeps its distance from them, one that is nearer is better than none.
    """
    if not inputs.known:
        return Again()
    if not inputs.running:
        return ()
    begins = max(inputs.first, inputs.not_before, inputs.after + DAY)
    found = NOTHING_LEFT
    if begins <= inputs.last:
        of = _rest(inputs, begins, inputs.rules.min_gap_days)
        for gap in range(of.min_gap, 0, -1):
            found = _best(begins, replace(of, wanted=len(of.kept) + 1, min_gap=gap))
            if found.new:
                break
    wanted = planner.wanted(inputs.first, inputs.last, inputs.rules.meetings_per_month)
    done = _done(inputs, wanted, len(inputs.taken) + len(found.new), found)
    said = {"problem": None if found.new else "no_time_left", "again": True}
    pieces = (piece.model_copy(update={"instead": True}) for piece in _pieces(inputs, found.new, inputs.key))
    return (*pieces, done.model_copy(update=said))


def plan_again(inputs: PlanInputs) -> tuple[PlanMeeting | Planned, ...] | Again:
    """Plan what is missing in the rest of the term once a rest is over; what is planned already stays (P6)."""
    if not inputs.known:
        return Again()
    rules = inputs.rules
    begins = max(inputs.first, inputs.not_before, inputs.after + NOTICE)
    if not inputs.running or begins > inputs.last:
        return ()
    wanted = planner.wanted(begins, inputs.last, rules.meetings_per_month)
    of = replace(_rest(inputs, begins, rules.min_gap_days), wanted=wanted)
    found = _best(begins, of)
    done = _done(inputs, wanted, len(of.kept) + len(found.new), found).model_copy(update={"since": inputs.after})
    return (*_pieces(inputs, found.new, f"{inputs.key}.{{}}"), done)


def _closed(day: dt.date, rules: SchedulingRules) -> bool:
    return is_holiday(day, rules.state, rules.municipality)


class _At(NamedTuple):
    """When a meeting begins: day, and minutes after midnight."""

    date: dt.date
    start: int


class _Found(NamedTuple):
    """New meetings of a plan, its largest gap (None: no meeting at all), and whether there was any time in common."""

    new: Sequence[_At]
    largest_gap: int | None
    common: bool


NOTHING_LEFT = _Found((), None, common=False)


def _starts(inputs: PlanInputs, begins: dt.date) -> list[list[int]]:
    rules = inputs.rules
    common = planner.common(inputs.mentor, inputs.mentee, rules.minutes)
    return planner.starts(begins, inputs.last, common, rules.minutes, lambda day: _closed(day, rules), inputs.busy)


def _rest(inputs: PlanInputs, begins: dt.date, gap: int) -> Stretch:
    """What is left of the term, with all its meetings kept."""
    kept = {(slot.date - begins).days: slot.start // planner.SLOT for slot in inputs.taken if slot.date >= begins}
    before = [slot.date for slot in inputs.taken if slot.date < begins]
    since = (max(before, default=min(inputs.first, begins)) - begins).days
    return Stretch(_starts(inputs, begins), len(kept), gap, since=since, met=bool(before), kept=kept)


def _best(begins: dt.date, of: Stretch) -> _Found:
    times = best(of)
    new = [_at(begins, time) for time in times if time.day not in of.kept]
    gap = levels_of(of, times).largest_gap if times else None
    return _Found(new, gap, common=any(of.starts))


def _at(begins: dt.date, time: Time) -> _At:
    return _At(begins + time.day * DAY, time.slot * planner.SLOT)


def _pieces(inputs: PlanInputs, new: Sequence[_At], key: str) -> list[PlanMeeting]:
    """The pieces of new meetings; `key` with the number of each filled in."""
    return [
        PlanMeeting(
            tandem_id=inputs.tandem_id,
            key=key.format(number),
            date=time.date,
            start=time.start,
            minutes=inputs.rules.minutes,
            closed=_holidays(inputs),
        )
        for number, time in enumerate(new)
    ]


def _done(inputs: PlanInputs, wanted: int, count: int, found: _Found) -> Planned:
    problem = "too_few_days" if found.common else "no_common_time"
    return Planned(
        tandem_id=inputs.tandem_id,
        wanted=wanted,
        found=count,
        largest_gap_days=found.largest_gap,
        problem=problem if count < wanted else None,
        rules_version=inputs.rules_version,
        closed=_holidays(inputs),
    )


def _holidays(inputs: PlanInputs) -> tuple[dt.date, ...]:
    """The holidays on weekdays until the tandem's last day."""
    days = (inputs.first + n * DAY for n in range((inputs.last - inputs.first).days + 1))
    return tuple(day for day in days if day.weekday() < SATURDAY and _closed(day, inputs.rules))


def choose_kick_off(inputs: KickOffInputs) -> tuple[KickOffFound | Invite, ...]:
    """The day and time at which most can come; everybody is invited all the same (S5)."""
    days = [inputs.earliest + n * DAY for n in range((inputs.latest - inputs.earliest).days + 1)]
    open_days = [day for day in days if not _closed(day, inputs.rules)]
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
