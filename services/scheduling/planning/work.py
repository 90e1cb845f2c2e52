"""The jobs' work: loads the calendar, asks for the best plan and turns it into pieces.

Imported by the jobs' own process only.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from services.scheduling.availability import tandem as planner
from services.scheduling.availability.days_off import in_school_holidays, is_holiday
from services.scheduling.model import DAY, SATURDAY
from services.scheduling.optimum.optimum import best, one_more
from services.scheduling.optimum.stretch import Levels, Shared, Stretch, Time, levels_of
from services.scheduling.optimum.together import together
from services.scheduling.planning.jobs import NOTICE, GiveUp, PlanInputs, PlanMeeting, Planned
from shared.contracts.parts import SchedulingRules
from shared.contracts.scheduling import PlanLevels
from shared.runtime.table import Again


def make_plan(inputs: PlanInputs) -> tuple[PlanMeeting | Planned, ...] | Again:
    """Plan a tandem's meetings over its term, together with those that share a person with it and have no plan yet.

    Only its own are handed over. The job of each of the others reads the same and comes to the same plans; what one
    read and another did not is found when a meeting is written (`plans.plan_meeting`).
    """
    if not inputs.known:
        return Again()
    if not inputs.running:
        return ()
    if _begins(inputs) > inputs.last:
        # They rest to the end, and nothing is missing that anybody could plan; or the term is over.
        over = Planned(tandem_id=inputs.tandem_id, wanted=0, found=0, largest_gap_days=None, problem="term_over")
        return () if inputs.not_before > inputs.first else (over,)
    tandems = [inputs, *(other for other in inputs.beside if _begins(other) <= other.last)]
    # In the same order in the job of each, for each shall come to the same plans.
    tandems.sort(key=lambda tandem: tandem.tandem_id)
    first = min(map(_begins, tandems))
    shared = [_shared(tandem, first) for tandem in tandems]
    plans = together(shared)
    mine = tandems.index(inputs)
    of, times = shared[mine].stretch, plans.plans[mine]
    found = _found(first, of, times)
    done = _done(inputs, of.wanted, len(times), found)
    said = {
        "together": len(tandems),
        "proved": plans.proved,
        "levels": _published(plans.levels),
        "bound": _published(plans.bound) if plans.known == len(plans.bound) else None,
        "fewest_missing": plans.bound.missing,
    }
    return (*_pieces(inputs, found.new, "{}"), done.model_copy(update=said))


def _begins(inputs: PlanInputs) -> dt.date:
    """The first day of a plan over the whole term."""
    return max(inputs.first, inputs.not_before)


def _shared(inputs: PlanInputs, first: dt.date) -> Shared:
    """The whole term of a tandem, its days counted from one that may lie before its own first; what it added stays."""
    rules, begins = inputs.rules, _begins(inputs)
    before = (begins - first).days
    stays = [slot for slot in inputs.taken if begins <= slot.date <= inputs.last]
    kept = {(slot.date - first).days: slot.start // planner.SLOT for slot in stays}
    of = Stretch(
        [*([] for _ in range(before)), *_starts(inputs, begins)],
        planner.wanted(begins, inputs.last, rules.meetings_per_month),
        rules.min_gap_days,
        since=before,
        kept=kept,
        spared=_spared(inputs, first),
    )
    return Shared(of, -(-rules.minutes // planner.SLOT), frozenset(inputs.people))


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
        found = _found(begins, of, one_more(of))
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


def plan_missing(inputs: PlanInputs) -> tuple[PlanMeeting | Planned, ...] | Again:
    """Plan the meetings that the days to come lack; all others stay."""
    if not inputs.known:
        return Again()
    begins = _next(inputs)
    if not inputs.running or begins > inputs.last:
        return ()
    of = _rest(inputs, begins, inputs.rules.min_gap_days)
    lack = _missing(inputs, begins)
    found = _best(begins, replace(of, wanted=len(of.kept) + lack))
    new = found.new[:lack]
    done = _anew(inputs, found, lack, len(new))
    return (*(_capped(piece, done) for piece in _pieces(inputs, new, f"{inputs.key}.{{}}")), done)


def fill(inputs: PlanInputs) -> tuple[PlanMeeting | Planned, ...] | Again:
    """The same where nobody asked, since time became free: nothing is said unless a meeting is found."""
    found = plan_missing(inputs)
    if isinstance(found, Again) or any(isinstance(piece, PlanMeeting) for piece in found):
        return found
    return ()


def plan_whole(inputs: PlanInputs) -> tuple[GiveUp | PlanMeeting | Planned, ...] | Again:
    """Plan all that is to come anew; a meeting that stands at a time of the new plan stays.

    Where the new plan would have fewer meetings than stand, those stay, and only what is missing is planned.
    """
    if not inputs.known:
        return Again()
    begins = _next(inputs)
    if not inputs.running or begins > inputs.last:
        return ()
    old = [meeting for meeting in inputs.planned if meeting.date >= begins]
    gone = {meeting.date for meeting in old}
    empty = inputs.model_copy(update={"taken": tuple(slot for slot in inputs.taken if slot.date not in gone)})
    of = _rest(empty, begins, inputs.rules.min_gap_days)
    lack = _missing(empty, begins)
    found = _best(begins, replace(of, wanted=len(of.kept) + lack))
    if len(found.new) < min(lack, len(old)):
        return plan_missing(inputs)
    minutes = inputs.rules.minutes
    stays = {(m.date, m.start) for m in old if m.minutes == minutes and _At(m.date, m.start) in found.new}
    new = [p for p in _pieces(inputs, found.new, f"{inputs.key}.{{}}") if (p.date, p.start) not in stays]
    done = _anew(empty, found, lack, len(new))
    given_up = [meeting for meeting in old if (meeting.date, meeting.start) not in stays]
    return (*given_up, *(_capped(piece, done) for piece in new), done)


def _next(inputs: PlanInputs) -> dt.date:
    """The first day on which a meeting may be planned by now."""
    return max(inputs.first, inputs.not_before, inputs.after + NOTICE)


def _missing(inputs: PlanInputs, begins: dt.date) -> int:
    days = [slot.date for slot in inputs.taken]
    return planner.missing(inputs.first, begins, inputs.last, inputs.rules.meetings_per_month, days)


def _anew(inputs: PlanInputs, found: "_Found", lack: int, new: int) -> Planned:
    """How it came out, counted over the whole term."""
    stand = len(inputs.taken)
    return _done(inputs, stand + lack, stand + min(lack, len(found.new)), found).model_copy(update={"anew": new})


def _capped(piece: PlanMeeting, done: Planned) -> PlanMeeting:
    return piece.model_copy(update={"most": done.wanted})


def _closed(day: dt.date, rules: SchedulingRules) -> bool:
    return is_holiday(day, rules.state, rules.municipality)


class _At(NamedTuple):
    """When a meeting begins: day, and minutes after midnight."""

    date: dt.date
    start: int


class _Found(NamedTuple):
    """New meetings of a plan, what it is worth (None: no plan), and whether there are meetings, and any common time."""

    new: Sequence[_At]
    levels: Levels | None
    any: bool
    common: bool


NOTHING_LEFT = _Found((), None, any=False, common=False)


def _starts(inputs: PlanInputs, begins: dt.date) -> list[list[int]]:
    rules = inputs.rules
    common = planner.common(inputs.mentor, inputs.mentee, rules.minutes)
    if rules.core_time:
        common = planner.common(common, rules.core_time, rules.minutes)
    return planner.starts(begins, inputs.last, common, rules.minutes, lambda day: _closed(day, rules), inputs.busy)


def _rest(inputs: PlanInputs, begins: dt.date, gap: int) -> Stretch:
    """What is left of the term, with all its meetings kept."""
    kept = {(slot.date - begins).days: slot.start // planner.SLOT for slot in inputs.taken if slot.date >= begins}
    before = [slot.date for slot in inputs.taken if slot.date < begins]
    since = (max(before, default=min(inputs.first, begins)) - begins).days
    return Stretch(
        _starts(inputs, begins),
        len(kept),
        gap,
        since=since,
        met=bool(before),
        kept=kept,
        spared=_spared(inputs, begins),
    )


def _spared(inputs: PlanInputs, first: dt.date) -> frozenset[int]:
    """The days of school holidays until the tandem's last day, counted from the first."""
    if not inputs.rules.spare_school_holidays:
        return frozenset()
    days = range((inputs.last - first).days + 1)
    return frozenset(n for n in days if in_school_holidays(first + n * DAY, inputs.rules.state))


def _best(begins: dt.date, of: Stretch) -> _Found:
    return _found(begins, of, best(of))


def _found(first: dt.date, of: Stretch, times: Sequence[Time]) -> _Found:
    new = [_at(first, time) for time in times if time.day not in of.kept]
    return _Found(new, levels_of(of, times), any=bool(times), common=any(of.starts))


def _published(levels: Levels) -> PlanLevels:
    return PlanLevels(**levels._asdict())


def _at(begins: dt.date, time: Time) -> _At:
    return _At(begins + time.day * DAY, time.slot * planner.SLOT)


def _pieces(inputs: PlanInputs, new: Sequence[_At], key: str) -> list[PlanMeeting]:
    """The pieces of new meetings; `key` with the number of each filled in."""
    closed = _holidays(inputs)
    return [
        PlanMeeting(
            tandem_id=inputs.tandem_id,
            key=key.format(number),
            date=time.date,
            start=time.start,
            minutes=inputs.rules.minutes,
            closed=closed,
        )
        for number, time in enumerate(new)
    ]


def _done(inputs: PlanInputs, wanted: int, count: int, found: _Found) -> Planned:
    """How a plan came out that was made for one tandem by itself."""
    problem = "too_few_days" if found.common else "no_common_time"
    # Of the whole term, also where only a part of it was planned.
    levels = found.levels._replace(missing=max(0, wanted - count)) if found.levels else None
    return Planned(
        tandem_id=inputs.tandem_id,
        wanted=wanted,
        found=count,
        largest_gap_days=levels.largest_gap if levels and found.any else None,
        problem=problem if count < wanted else None,
        rules_version=inputs.rules_version,
        closed=_holidays(inputs),
        late_days=levels.late if levels and found.any else 0,
        proved=True,
        levels=_published(levels) if levels else None,
        bound=_published(levels) if levels else None,
        fewest_missing=levels.missing if levels else None,
    )


def _holidays(inputs: PlanInputs) -> tuple[dt.date, ...]:
    """The holidays on weekdays until the tandem's last day."""
    days = (inputs.first + n * DAY for n in range((inputs.last - inputs.first).days + 1))
    return tuple(day for day in days if day.weekday() < SATURDAY and _closed(day, inputs.rules))
