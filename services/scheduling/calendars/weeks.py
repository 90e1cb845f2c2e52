"""What a profile with other working times does: meetings outside them lose their time as by a calendar.

As there (`calendars/decisions.py`) the person's tandems are written unchanged where time was taken that was free: a
meeting that is added, moved or planned at this moment must not pass unseen (write skew). A meeting at a time at which
the person did not work before stays: the two have put it there themselves.
"""

from services.scheduling.availability.presence import week_of, works
from services.scheduling.availability.wall_time import without
from services.scheduling.calendars.jobs import taken_ref
from services.scheduling.meetings.replanning import filling
from services.scheduling.model import Pair, Participant, Programme
from shared.runtime.decision import Context, Start


def has_other_week(before: Participant | None, after: Participant) -> bool:
    """Whether somebody who takes part works at other times than before; where makes no difference."""
    if before is None or before.status != "registered" or after.status != "registered":
        return False
    return week_of(before.working_times) != week_of(after.working_times)


def week_changed(
    before: Participant | None,
    after: Participant,
    pairs: tuple[Pair, ...],
    programme: Programme | None,
    context: Context,
) -> tuple[tuple[Pair, ...], tuple[Start, ...]]:
    """What is written unchanged, and the work on meetings outside a new week and on tandems that have more time."""
    if before is None or programme is None or not has_other_week(before, after):
        return (), ()
    old, new = week_of(before.working_times), week_of(after.working_times)
    lost = [
        slot
        for pair in pairs
        for slot in pair.slots
        if slot.status == "planned"
        and slot.date > context.today
        and works(before.working_times, slot.date, slot.start, slot.minutes)
        and not works(after.working_times, slot.date, slot.start, slot.minutes)
    ]
    taken = (Start("time-taken", taken_ref(lost, by_week=True)),) if lost else ()
    filled = filling(pairs, programme.on(context.today), context) if without(new, old) else ()
    return (pairs if without(old, new) else ()), (*taken, *filled)
