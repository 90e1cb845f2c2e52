"""Decisions about who finds room in a programme with a limit: held back at the close, moving up after it."""

from typing import NamedTuple

from services.registration.line import Admit, HeldBack
from services.registration.model import Participant, Programme
from services.registration.say import addressed
from shared.contracts import registration as r
from shared.contracts.base import Contract
from shared.runtime.decision import NOTHING, Context, Decision, Get, Outcome


class InLine(NamedTuple):
    """A participant with their programme."""

    programme: Programme | None
    participant: Participant | None


def in_line(message: HeldBack | Admit, get: Get) -> InLine:
    """The participant and their programme."""
    return InLine(get(Programme, message.programme_id), get(Participant, message.participant_id))


def hold_back(message: HeldBack, state: InLine, context: Context) -> Outcome:
    """Somebody finds no room and is told their place in line; who left meanwhile is only noted.

    That they were held back is said of everybody whom the count held back: readers compare the set with its digest.
    """
    programme, participant = state
    if programme is None or participant is None or participant.line is not None:
        return NOTHING
    under = programme.on(context.today).rules_version
    held = participant.next(admitted=False, line=message.line, rules_version=under)
    if held.status == "withdrawn":
        return Decision(state=(held,), messages=(r.ParticipantWithdrew(**held.published()),))
    told = addressed(held.id, programme, "held-back", line=message.line)
    return Decision(state=(held,), messages=(r.ParticipantChanged(**held.published()), told))


def admit(message: Admit, state: InLine, context: Context) -> Outcome:
    """Somebody moves up, unless they left or the term is over meanwhile. The programme is only read: a day too late."""
    programme, participant = state
    if programme is None or participant is None or participant.admitted or participant.status == "withdrawn":
        return NOTHING
    if programme.status not in ("closed", "running"):
        return NOTHING
    admitted = participant.next(admitted=True, rules_version=programme.on(context.today).rules_version)
    said: tuple[Contract, ...] = (
        r.ParticipantChanged(**admitted.published()),
        addressed(admitted.id, programme, "moved-up"),
    )
    return Decision(state=(admitted,), messages=said)
