"""Handing quarantined messages back: a command of every service, for ops."""

from shared.contracts import base
from shared.runtime.decision import Context, Decision, Get, Internal, Start
from shared.runtime.table import Ask, Piece, Service

REPLAY_JOB = "_replay"


class Replayed(Internal):
    """So many messages were handed back."""

    id: str
    count: int


def _nothing(message: object, get: Get) -> None:
    return None


def start_replay(message: base.ReplayQuarantined, state: None, context: Context) -> Decision:
    """Start handing back; the job knows where quarantined messages are."""
    return Decision(jobs=(Start(REPLAY_JOB, message.id),))


def replay_rows(service: Service) -> tuple[Ask | Piece, ...]:
    """The rows that every service has for its quarantine."""
    says = service.common(base.QuarantineReplayed)

    def say_replayed(message: Replayed, state: None, context: Context) -> Decision:
        return Decision(messages=(says(id=message.id, count=message.count),))

    return (
        Ask(service.common(base.ReplayQuarantined), _nothing, start_replay, starts=(REPLAY_JOB,)),
        Piece(Replayed, _nothing, say_replayed, says=(says,)),
    )
