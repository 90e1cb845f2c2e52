"""Who may act for whom: the two of a tandem for themselves, and the delegate that one of them named."""

from services.scheduling.loaders import DelegateState
from services.scheduling.model import DAY, Delegate, Pair, Participant
from services.scheduling.say import addressed, words
from shared.contracts import scheduling as s
from shared.contracts.base import Reason
from shared.runtime.days import far_ahead
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, reason, refuse

LONGEST = 10
"""Years for which a delegate may be named until a day; who means for ever names no day."""


def not_yours(pair: Pair, participant: str, context: Context, delegate: Delegate | None = None) -> list[Reason]:
    """Refuse all but the two of a tandem and, where a row loads it, the delegate that one of them named."""
    if context.sender == "delegate":
        # A right ends with its last day. Who needs it longer is named again: no deadline waits for it.
        acts = delegate is not None and delegate.acts(context.actor, context.today)
    else:
        acts = context.actor == participant
    if acts and participant in pair.people:
        return []
    return [reason("participant_id", "not_yours", words("not-yours"))]


def name_delegate(message: s.NameDelegate, participant: Participant | None, context: Context) -> Outcome:
    """Take down who may move and cancel somebody's meetings; only that person says so."""
    if context.actor != message.participant_id:
        # Alone: whether somebody takes part is nobody else's business.
        return refuse(reason("participant_id", "not_yours", words("only-yourself")))
    if participant is None:
        return refuse(reason("participant_id", "unknown_participant", words("unknown-participant")))
    until = message.until if message.delegate is not None else None
    if until is not None and until < context.today:
        return refuse(reason("until", "past", words("delegate-past", date=context.today)))
    if until is not None and far_ahead(until, context.today, LONGEST):
        return refuse(reason("until", "too_far", words("delegate-too-far", years=LONGEST)))
    named = Delegate(
        id=participant.id,
        programme=participant.programme,
        delegate=message.delegate,
        until=until,
        due=until + DAY if until is not None else None,
    )
    return Decision(state=(named,), messages=(s.DelegateNamed(**named.published()),))


def last_day_over(message: DueReached, state: DelegateState, context: Context) -> Outcome:
    """Forget a delegate whose last day is over, and tell who named them."""
    delegate, programme = state
    if delegate is None:
        return NOTHING
    if delegate.due is None or message.date < delegate.due:
        return Decision(state=(delegate,))
    nobody = delegate.but(delegate=None, until=None, due=None)
    told = (addressed(programme, delegate.id, "delegate-over"),) if programme is not None else ()
    return Decision(state=(nobody,), messages=(s.DelegateNamed(**nobody.published()), *told))
