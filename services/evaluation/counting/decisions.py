"""Taking over what is counted; newest state wins."""

import datetime as dt
from typing import NamedTuple

from services.evaluation.counting.model import Counted, Exceptional, Goals, KickOff, Signs
from services.evaluation.model import DAY, Programme
from shared.contracts.base import OfficeAttentionNeeded
from shared.contracts.scheduling import (
    AgreementState,
    KickOffHeld,
    MeetingState,
    MeetingUnknown,
    TandemNeedsAttention,
)
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, Get, Outcome, Wait

AnyMeeting = MeetingState | MeetingUnknown


class Known(NamedTuple):
    """What was known before, and the programme, whose end may have come."""

    before: Aggregate | None
    programme: Programme | None


def meeting_of(message: AnyMeeting, get: Get) -> Known:
    """The meeting as it was counted."""
    return Known(get(Counted, message.meeting_id), get(Programme, message.programme_id))


def goals_of(message: AgreementState, get: Get) -> Known:
    """The tandem's goals."""
    return Known(get(Goals, message.tandem_id), get(Programme, message.programme_id))


def signs_of(message: TandemNeedsAttention, get: Get) -> Known:
    """The tandem's signs."""
    return Known(get(Signs, message.tandem_id), get(Programme, message.programme_id))


def exception_of(message: OfficeAttentionNeeded, get: Get) -> Known:
    """The exception."""
    return Known(get(Exceptional, message.attention_id), get(Programme, message.programme_id))


def kick_off_of(message: KickOffHeld, get: Get) -> Known:
    """The programme's kick-off."""
    return Known(get(KickOff, message.programme_id), get(Programme, message.programme_id))


def count_meeting(message: AnyMeeting, state: Known, context: Context) -> Outcome:
    """Count a meeting in the week of its newest time."""
    counted = Counted(
        id=message.meeting_id,
        programme=message.programme_id,
        tandem=message.tandem_id,
        monday=monday_of(message.date),
        status=message.status,
        known=message.known,
        topics=message.topics,
        seen=context.seen,
    )
    return _newest(counted, state)


def count_goals(message: AgreementState, state: Known, context: Context) -> Outcome:
    """Take over how many of a tandem's goals are open, reached and dropped."""
    before = state.before if isinstance(state.before, Goals) else None
    goals = Goals(
        id=message.tandem_id,
        programme=message.programme_id,
        # Who has agreed once still has while both think about a change.
        agreed=message.confirmed or (before is not None and before.agreed),
        open=message.goals_open,
        reached=message.goals_reached,
        dropped=message.goals_dropped,
        seen=context.seen,
    )
    if before is not None and not before.seen < context.seen:
        return NOTHING if before.agreed == goals.agreed else _kept(before.but(agreed=goals.agreed), state.programme)
    return _kept(goals, state.programme)


def count_signs(message: TandemNeedsAttention, state: Known, context: Context) -> Outcome:
    """Add a tandem's signs to those that were seen of it."""
    before = (
        state.before if isinstance(state.before, Signs) else Signs(id=message.tandem_id, programme=message.programme_id)
    )
    rules = tuple(sorted({*before.rules, *(sign.rule for sign in message.signs)}))
    if rules == before.rules:
        return NOTHING
    return _kept(before.but(rules=rules), state.programme)


def count_exception(message: OfficeAttentionNeeded, state: Known, context: Context) -> Outcome:
    """Count that something waited for the office; once, whatever became of it.

    It does not wait for its programme: of a draft that is discarded there never is one.
    """
    if state.before is not None or (state.programme is not None and "tandems" in state.programme.gone):
        return NOTHING
    exceptional = Exceptional(
        id=message.attention_id, programme=message.programme_id, what=message.what, seen=context.seen
    )
    return Decision(state=(exceptional,))


def count_kick_off(message: KickOffHeld, state: Known, context: Context) -> Outcome:
    """Take over how many of those who were asked could come to the kick-off."""
    others = [date.invited for date in message.more_dates]
    kick_off = KickOff(
        id=message.programme_id,
        programme=message.programme_id,
        invited=message.invited,
        can_come=message.can_come,
        dates=1 + len(message.more_dates),
        largest=max(message.can_come - sum(others), *others, 0),
        seen=context.seen,
    )
    return _newest(kick_off, state)


def monday_of(date: dt.date) -> dt.date:
    """The first day of a day's week (ISO 8601)."""
    return date - date.weekday() * DAY


def _newest(now: Counted | KickOff, state: Known) -> Outcome:
    before = state.before
    if isinstance(before, Counted | KickOff) and not before.seen < now.seen:
        return NOTHING
    return _kept(now, state.programme)


def _kept(now: Aggregate, programme: Programme | None) -> Outcome:
    """Keep it, unless the time for which the programme's are kept is over."""
    if programme is None:
        return Wait(f"programme/{now.programme}")
    return NOTHING if "tandems" in programme.gone else Decision(state=(now,))
