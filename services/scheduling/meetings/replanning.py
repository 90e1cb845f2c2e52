"""Decisions about planning a tandem again: on request, and where it lacks meetings."""

import datetime as dt
from collections.abc import Iterable

from services.scheduling.availability.tandem import missing
from services.scheduling.loaders import PairState
from services.scheduling.meetings.delegates import not_yours
from services.scheduling.model import Pair, Programme
from services.scheduling.planning.jobs import NOTICE, Instead, begins_on, is_time_left
from services.scheduling.say import words
from shared.contracts import scheduling as s
from shared.contracts.base import Reason
from shared.runtime.decision import Context, Decision, Outcome, Start, reason, refuse


def lacks(pair: Pair, programme: Programme, today: dt.date) -> bool:
    """Whether the days to come have fewer meetings than the rules want, as the job counts it that plans them."""
    first = begins_on(pair, programme)
    days = [slot.date for slot in pair.slots if slot.status != "cancelled"]
    begins = max(first, today + NOTICE)
    return missing(first, begins, pair.ends_on, programme.rules.meetings_per_month, days) > 0


def filling(pairs: Iterable[Pair], programme: Programme, context: Context) -> tuple[Start, ...]:
    """The work on running tandems that lack meetings, where one of the two has time again."""
    return tuple(
        Start("fill", Instead(pair.id, context.today, context.derive("fill", pair.id)).text())
        for pair in pairs
        if pair.status == "running" and lacks(pair, programme, context.today)
    )


def plan_again(message: s.PlanAgain, state: PairState, context: Context) -> Outcome:
    """Plan a tandem again by a job, whose plan is the answer; asked for by the office or one of the two."""
    pair, programme, *_ = state
    if pair is None or programme is None:
        return refuse(reason("tandem_id", "unknown_tandem", words("unknown-tandem")))
    found = _asked_by(message, pair, context)
    if pair.status != "running":
        found.append(reason("tandem_id", "ended", words("ended")))
    elif pair.resting and pair.rests[-1].last is None:
        # What is missing then is planned as soon as they are back (`resting/decisions.py`).
        found.append(reason("tandem_id", "rests", words("rests-now")))
    elif pair.status == "running" and not is_time_left(pair, context.today):
        found.append(reason("tandem_id", "term_over", words("nothing-to-plan", date=pair.ends_on)))
    if found:
        return refuse(*found)
    again = Instead(pair.id, context.today, context.derive("plan", pair.id))
    job = "plan-whole" if message.whole else "plan-missing"
    return Decision(state=(pair,), jobs=(Start(job, again.text()),))


def _asked_by(message: s.PlanAgain, pair: Pair, context: Context) -> list[Reason]:
    if context.sender == "office":
        return []
    return not_yours(pair, message.participant_id or "", context)
