"""Decisions about signs that a tandem needs help (P8): they name the tandem and the rule, never a side."""

import datetime as dt
import math
from collections.abc import Iterable
from typing import Literal

from services.scheduling.availability.tandem import MONTH
from services.scheduling.loaders import PairState, SettlingState
from services.scheduling.meetings.acceptance import held_on
from services.scheduling.model import DAY, Meeting, Pair, Programme, TandemSigns
from services.scheduling.say import attention, needs_office, settle, words
from shared.contracts import scheduling as s
from shared.contracts.base import Contract
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, reason, refuse

Rule = Literal["behind-cadence", "meetings-failed", "tandem-silent"]
SILENT: Rule = "tandem-silent"
BEHIND: Rule = "behind-cadence"
FAILED: Rule = "meetings-failed"


def silent_on(pair: Pair, programme: Programme) -> dt.date | None:
    """The day on which a tandem has been without a held meeting for too long (P8), days of rest not counted.

    None while the tandem rests without an end.
    """
    since = max(pair.last_held, programme.term.starts)
    return pair.later(since, programme.rules.silent_after_days + programme.rules.held_after_days + 2)


def behind_on(pair: Pair, programme: Programme) -> dt.date | None:
    """The day on which a tandem is behind its cadence by too much, unless one more meeting is held before.

    The wanted share of a day is the cadence times the months since the beginning, rounded down; days of rest are not
    counted, and of the last days nobody can know yet. None while the tandem rests without an end.
    """
    rules = programme.rules
    share = pair.held() + rules.behind_meetings + 1
    days = math.ceil(share * MONTH / rules.meetings_per_month)
    return pair.later(max(pair.formed_on, programme.term.starts), days + rules.held_after_days + 2)


def looked_at_on(pair: Pair, programme: Programme) -> dt.date | None:
    """The day on which a tandem's signs are looked at next; None: a meeting or the end of a rest must come first."""
    days = [day for rule, day in _days(pair, programme) if rule not in pair.told and day is not None]
    return min(days, default=None)


def _days(pair: Pair, programme: Programme) -> tuple[tuple[Rule, dt.date | None], ...]:
    return (SILENT, silent_on(pair, programme)), (BEHIND, behind_on(pair, programme))


def day_reached(message: DueReached, state: PairState, context: Context) -> Outcome:
    """Tell of a tandem without a meeting for too long, or behind its cadence; once until that is over."""
    pair, programme, *_ = state
    if pair is None or programme is None or pair.status != "running" or pair.due is None:
        return NOTHING if pair is None else Decision(state=(pair.but(due=None),))
    programme = programme.on(context.today)
    reached = [
        (rule, day)
        for rule, day in _days(pair, programme)
        if day is not None and day <= message.date and rule not in pair.told
    ]
    if not reached:
        # It rests, has rested since its day was set, or other rules give it longer.
        return Decision(state=(pair.but(due=looked_at_on(pair, programme)),))
    counts = [held_on(pair, slot.date, programme) for slot in pair.slots if slot.will_be_held]
    if any(day is not None and day <= message.date for day in counts):
        # It counts as held on this very day; which of the two is woken first must not matter.
        return Decision(state=(pair.but(due=message.date + DAY),))
    signs: list[Attention] = []
    for rule, day in reached:
        sign = attention(programme, rule, pair, day, pair.last_held if rule == SILENT else day)
        signs.append(sign)
        pair = _with(pair, rule, day, sign).but(told=(*pair.told, rule))
    pair = pair.but(due=looked_at_on(pair, programme))
    written, said = _said(pair)
    return Decision(state=(pair, *signs, written), messages=(*(needs_office(sign) for sign in signs), said))


def _with(pair: Pair, rule: Rule, since: dt.date, sign: Attention) -> Pair:
    needs = (*(need for need in pair.needs if need.rule != rule), s.TandemSign(rule=rule, since=since))
    return pair.but(signs=(*pair.signs, sign.id), needs=needs, signed=True)


def _said(pair: Pair) -> tuple[TandemSigns, s.TandemNeedsAttention]:
    """What is written and said of a tandem's open signs; its loader has read what was there, if it is signed."""
    signs = TandemSigns(id=pair.id, programme=pair.programme, needs=pair.needs)
    return signs, needs_attention(signs)


def failed(
    pair: Pair, meeting: Meeting, programme: Programme, signs: Iterable[Attention], today: dt.date
) -> tuple[list[Aggregate], list[Contract]]:
    """The tandem with one more failed meeting; at the rule's number in a row its sign is told, once at a time.

    What was to be in months may fail today: then the sign is of today, and so are the office's days.
    """
    kept = pair.with_slot(meeting)
    told = any(sign.what == FAILED and sign.status != "settled" for sign in signs)
    # Nobody could help a tandem that has ended, and its end settled every sign.
    if told or kept.status != "running" or kept.failed_with(meeting.id) < programme.rules.cancellations:
        return [kept], []
    since = min(meeting.date, today)
    sign = attention(programme, FAILED, pair, since, meeting.id)
    kept = _with(kept, FAILED, since, sign)
    written, said = _said(kept)
    return [kept, sign, written], [needs_office(sign), said]


def held(
    pair: Pair, meeting: Meeting, programme: Programme, signs: Iterable[Attention], today: dt.date
) -> tuple[list[Aggregate], list[Contract]]:
    """The tandem with one more held meeting: the signs that are over by it are settled."""
    kept = pair.with_slot(meeting)
    over: set[str] = {rule for rule, day in _days(kept, programme) if day is None or day > today}
    if kept.failed_in_a_row < programme.rules.cancellations:
        over.add(FAILED)
    kept = kept.but(told=tuple(rule for rule in kept.told if rule not in over))
    due = looked_at_on(kept, programme) if kept.status == "running" else None
    return _settled(kept.but(due=due), signs, over)


def none_left(pair: Pair, signs: Iterable[Attention]) -> tuple[list[Aggregate], list[Contract]]:
    """A tandem that ended: every sign of it is settled, and none is looked for any more."""
    return _settled(pair.but(due=None, told=()), signs, {sign.what for sign in signs})


def _settled(pair: Pair, signs: Iterable[Attention], over: set[str]) -> tuple[list[Aggregate], list[Contract]]:
    settled, said = settle(sign for sign in signs if sign.what in over)
    left = tuple(need for need in pair.needs if need.rule not in over)
    kept = pair.but(signs=tuple(sign.id for sign in signs if sign.what not in over), needs=left)
    if left == pair.needs:
        return [kept, *settled], said
    written, event = _said(kept)
    return [kept, *settled, written], [*said, event]


def needs_attention(signs: TandemSigns) -> s.TandemNeedsAttention:
    """The event that says which signs of a tandem are open."""
    return s.TandemNeedsAttention.model_validate(signs.published())


def settle_attention(message: s.SettleAttention, state: SettlingState, context: Context) -> Outcome:
    """The office has dealt with an exception; if it was a tandem's sign, that is open no more."""
    sign, pair = state
    if sign is None:
        return refuse(reason("attention_id", "unknown_attention", words("unknown-attention")))
    settled = sign.settled()
    kept = pair.but(needs=tuple(need for need in pair.needs if need.rule != sign.what)) if pair is not None else None
    if pair is None or kept is None or kept.needs == pair.needs:
        return Decision(state=(settled,), messages=(needs_office(settled),))
    written, said = _said(kept)
    return Decision(state=(settled, kept, written), messages=(needs_office(settled), said))
