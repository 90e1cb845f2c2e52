"""Who may act for whom: the two of a tandem for themselves, and the delegate that one of them named."""

from services.scheduling.model import Delegate, Pair, Participant
from services.scheduling.say import words
from shared.contracts import scheduling as s
from shared.contracts.base import Reason
from shared.runtime.decision import Context, Decision, Outcome, reason, refuse


def not_yours(pair: Pair, participant: str, context: Context, delegate: Delegate | None = None) -> list[Reason]:
    """Refuse all but the two of a tandem and, where a row loads it, the delegate that one of them named."""
    if context.sender == "delegate":
        acts = delegate is not None and delegate.delegate is not None and context.actor == delegate.delegate
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
    named = Delegate(id=participant.id, programme=participant.programme, delegate=message.delegate)
    event = s.DelegateNamed(
        participant_id=participant.id,
        programme_id=participant.programme or "",
        named=message.delegate is not None,
    )
    return Decision(state=(named,), messages=(event,))
