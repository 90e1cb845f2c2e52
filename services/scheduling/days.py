"""Decisions about days and what other services know."""

import datetime as dt

from services.scheduling.loaders import PairState
from services.scheduling.model import DAY, Days, Pair, Participant, Programme
from services.scheduling.say import attention, needs_office, settle, words
from shared.contracts import scheduling as s
from shared.contracts.matching import TandemState
from shared.contracts.registration import ParticipantState, ProgrammeState
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, Start, Wait, reason, refuse


def start_day(message: s.StartDay, days: Days | None, context: Context) -> Outcome:
    """Start a day: the one after which comes whoever is first."""
    if days is not None and message.date <= days.date:
        return refuse(reason("date", "not_after", words("not-after", date=days.date)))
    return Decision(state=(Days(id="days", date=message.date),), messages=(s.DayStarted(date=message.date),))


def know_programme(message: ProgrammeState, before: Programme | None, context: Context) -> Outcome:
    """Take over a programme; newest state wins."""
    if before is not None and not before.seen < context.seen:
        return NOTHING
    programme = Programme(
        id=message.programme_id,
        programme=message.programme_id,
        title=message.title,
        term=message.term,
        office=message.office,
        rules=message.rules.scheduling,
        office_days=message.rules.deadlines.office_days,
        seen=context.seen,
    )
    return Decision(state=(programme,))


def know_participant(message: ParticipantState, before: Participant | None, context: Context) -> Outcome:
    """Take over when a person works; newest state wins."""
    if before is not None and not before.seen < context.seen:
        return NOTHING
    participant = Participant(
        id=message.participant_id,
        programme=message.programme_id,
        status=message.status,
        working_times=message.profile.working_times,
        seen=context.seen,
    )
    return Decision(state=(participant,))


def know_tandem(message: TandemState, state: PairState, context: Context) -> Outcome:
    """Take over a tandem: plan its meetings when it begins, clear them when it ends. Newest state wins."""
    before, programme, signs = state
    if before is not None and not before.seen < context.seen:
        return NOTHING
    if programme is None:
        return Wait(f"programme/{message.programme_id}")
    fields = {
        "mentor": message.mentor,
        "mentee": message.mentee,
        "status": message.status,
        "formed_on": message.formed_on,
        "ends_on": message.ends_on,
        "seen": context.seen,
    }
    if before is None:
        pair = Pair(id=message.tandem_id, programme=message.programme_id, **fields)
    else:
        pair = before.but(**fields)
    running = pair.status == "running"
    if running:
        pair = pair.but(due=silent_on(pair, programme))
        return Decision(state=(pair,), jobs=(Start("plan", pair.id),) if before is None else ())
    settled, said = settle(signs)
    return Decision(
        state=(pair.but(due=None, signs=()), *settled), messages=tuple(said), jobs=(Start("clear", pair.id),)
    )


def silent_on(pair: Pair, programme: Programme) -> dt.date:
    """The day on which a tandem has been without a held meeting for too long (P8)."""
    since = max(pair.last_held, programme.term.starts)
    return since + (programme.rules.silent_after_days + programme.rules.held_after_days + 2) * DAY


def silence(message: DueReached, state: PairState, context: Context) -> Outcome:
    """Tell the office of a tandem without a meeting for too long; once for each silence."""
    pair, programme, _ = state
    if pair is None or programme is None or pair.status != "running" or pair.due is None:
        return NOTHING if pair is None else Decision(state=(pair.but(due=None),))
    silent = silent_on(pair, programme)
    objections_over = silent - (programme.rules.held_after_days + 2) * DAY
    if any(slot.status == "planned" and slot.date <= objections_over for slot in pair.slots):
        # It counts as held on this very day; which of the two is woken first must not matter.
        return Decision(state=(pair.but(due=pair.due + DAY),))
    sign = attention(programme, "tandem-silent", pair, silent, pair.last_held, ("matching.end-tandem.v1",))
    told = pair.but(due=None, signs=(*pair.signs, sign.id))
    return Decision(state=(told, sign), messages=(needs_office(sign),))
