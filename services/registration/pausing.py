"""Decisions about pauses (P6): beginning one, moving its end, taking part again; and that none is forgotten."""

import datetime as dt

from services.registration.checks import words
from services.registration.load_pausing import PauseOf
from services.registration.model import Participant, Programme
from services.registration.pause_signs import pauses_long
from services.registration.say import NOBODY, addressed, needs_office, not_yours, settle
from shared.contracts import registration as r
from shared.runtime.attention import Attention
from shared.runtime.days import DAY, far_ahead
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, reason, refuse

LONGEST = 2
"""Years for which a pause may name its end; who does not know it names none, and is asked."""


def pause(message: r.PauseParticipation, state: PauseOf, context: Context) -> Outcome:
    """Pause from today on, or move the end of a pause; no reason is asked.

    Who is asked whether a pause goes on answers by pausing again: then it is asked about so many days later again.
    """
    participant, programme, sign = state.participant, state.programme, state.sign
    if participant is None or programme is None:
        return refuse(NOBODY)
    found = not_yours(participant, context)
    if participant.status == "withdrawn":
        found.append(reason("participant_id", "withdrawn", words("withdrawn")))
    if message.until is not None and message.until < context.today:
        found.append(reason("until", "past", words("pause-past", date=context.today)))
    if message.until is not None and far_ahead(message.until, context.today, LONGEST):
        found.append(reason("until", "too_far", words("pause-too-far", years=LONGEST)))
    if found:
        return refuse(*found)
    pauses = participant.pauses(context.today)
    if pauses and participant.paused_until == message.until and not participant.pause_asked:
        return _again(participant)
    # A pause that was over yesterday, and whose end this day has not said yet, is one of its own.
    before = participant if pauses else participant.takes_part_again(context.today)
    paused = before.next(
        paused_since=before.paused_since or context.today,
        paused_until=message.until,
        pause_asks_on=_asks_on(programme, context.today) if message.until is None else None,
        pause_asked=False,
        pause_sign=None,
        rules_version=programme.on(context.today).rules_version,
    )
    if message.until is None:
        told = addressed(paused.id, programme, "paused")
    else:
        told = addressed(paused.id, programme, "paused-until", until=message.until)
    written, said = settle(sign)
    return Decision((paused, *written), (r.ParticipantChanged(**paused.published()), told, *said))


def resume(message: r.ResumeParticipation, state: PauseOf, context: Context) -> Outcome:
    """Take part again from today on; who does already is told so by their state."""
    participant, programme, sign = state.participant, state.programme, state.sign
    if participant is None or programme is None:
        return refuse(NOBODY)
    found = not_yours(participant, context)
    if participant.status == "withdrawn":
        found.append(reason("participant_id", "withdrawn", words("withdrawn")))
    if found:
        return refuse(*found)
    if participant.paused_since is None:
        return _again(participant)
    return _over(participant, programme, sign, context.today)


def _again(participant: Participant) -> Decision:
    """Answer a command whose effect is there already."""
    again = participant.next()
    return Decision((again,), (r.ParticipantChanged(**again.published()),))


def _over(participant: Participant, programme: Programme, sign: Attention | None, on: dt.date) -> Decision:
    back = participant.takes_part_again(on).next()
    written, said = settle(sign)
    told = addressed(back.id, programme, "resumed")
    return Decision((back, *written), (r.ParticipantChanged(**back.published()), told, *said))


def date_reached(message: DueReached, state: PauseOf, context: Context) -> Outcome:
    """A pause ends with its last day; of one without an end first the person is asked, then the office."""
    participant, programme, _ = state
    if participant is None or programme is None:
        return NOTHING
    if participant.paused_since is None or participant.due is None or message.date < participant.due:
        # A day handed out late: what was due has happened, and the next date is not reached.
        return Decision(state=(participant.waits(),))
    if participant.paused_until is not None:
        return _over(participant, programme, state.sign, message.date)
    if programme.is_over:
        return Decision(state=(participant.waits(pause_asks_on=None),))
    if not participant.pause_asked:
        days = programme.on(message.date).rules.deadlines.pause_answer_days
        asked = participant.waits(pause_asked=True, pause_asks_on=message.date + days * DAY)
        told = addressed(asked.id, programme, "pause-asked", since=participant.paused_since)
        return Decision(state=(asked,), messages=(told,))
    sign = pauses_long(participant, programme, message.date)
    told_office = participant.waits(pause_asks_on=None, pause_sign=sign.id)
    return Decision((told_office, sign), (needs_office(sign),))


def _asks_on(programme: Programme, today: dt.date) -> dt.date:
    return today + programme.on(today).rules.deadlines.pause_reminder_days * DAY
