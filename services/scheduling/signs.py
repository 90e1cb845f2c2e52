"""Decisions about signs that a tandem needs help (P8): they name the tandem and the rule, never a side."""

import datetime as dt
from collections.abc import Iterable

from services.scheduling.loaders import PairState
from services.scheduling.model import DAY, Meeting, Pair, Programme
from services.scheduling.say import attention, needs_office, words
from shared.contracts import scheduling as s
from shared.contracts.base import Contract
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, reason, refuse


def held_on(pair: Pair, date: dt.date, programme: Programme) -> dt.date | None:
    """The day on which a meeting counts as held: the days for objecting end when the next but one starts.

    None while the tandem rests without an end.
    """
    return pair.later(date, programme.rules.held_after_days + 2)


def silent_on(pair: Pair, programme: Programme) -> dt.date | None:
    """The day on which a tandem has been without a held meeting for too long (P8), days of rest not counted.

    None while the tandem rests without an end.
    """
    since = max(pair.last_held, programme.term.starts)
    return pair.later(since, programme.rules.silent_after_days + programme.rules.held_after_days + 2)


def silence(message: DueReached, state: PairState, context: Context) -> Outcome:
    """Tell the office of a tandem without a meeting for too long; once for each silence."""
    pair, programme, *_ = state
    if pair is None or programme is None or pair.status != "running" or pair.due is None:
        return NOTHING if pair is None else Decision(state=(pair.but(due=None),))
    programme = programme.on(context.today)
    silent = silent_on(pair, programme)
    if silent is None or message.date < silent:
        # It rests, has rested since its day was set, or other rules give it longer.
        return Decision(state=(pair.but(due=silent),))
    counts = [held_on(pair, slot.date, programme) for slot in pair.slots if slot.status == "planned"]
    if any(day is not None and day <= silent for day in counts):
        # It counts as held on this very day; which of the two is woken first must not matter.
        return Decision(state=(pair.but(due=pair.due + DAY),))
    sign = attention(programme, "tandem-silent", pair, silent, pair.last_held)
    told = pair.but(due=None, signs=(*pair.signs, sign.id))
    return Decision(state=(told, sign), messages=(needs_office(sign),))


def failed(
    pair: Pair, meeting: Meeting, programme: Programme, signs: Iterable[Attention]
) -> tuple[list[Aggregate], list[Contract]]:
    """The tandem with one more failed meeting; at the rule's number in a row the office is told, once at a time."""
    kept = pair.with_slot(meeting)
    told = any(sign.what == "meetings-failed" and sign.status != "settled" for sign in signs)
    # Nobody could help a tandem that has ended, and its end settled every sign.
    if told or kept.status != "running" or kept.failed_with(meeting.id) < programme.rules.cancellations:
        return [kept], []
    sign = attention(programme, "meetings-failed", pair, meeting.date, meeting.id)
    return [kept.but(signs=(*kept.signs, sign.id)), sign], [needs_office(sign)]


def settle_attention(message: s.SettleAttention, sign: Attention | None, context: Context) -> Outcome:
    """The office has dealt with an exception."""
    if sign is None:
        return refuse(reason("attention_id", "unknown_attention", words("unknown-attention")))
    settled = sign.settled()
    return Decision(state=(settled,), messages=(needs_office(settled),))
