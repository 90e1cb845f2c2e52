"""Which state a message about somebody's pause concerns."""

from typing import NamedTuple

from services.registration.model import Participant, Programme
from shared.contracts import registration as r
from shared.runtime.attention import Attention
from shared.runtime.decision import DueReached, Get


class PauseOf(NamedTuple):
    """A participant with their programme, and what the office was told of their pause."""

    participant: Participant | None
    programme: Programme | None
    sign: Attention | None


def pause_of(message: r.PauseParticipation | r.ResumeParticipation, get: Get) -> PauseOf:
    """The participant who pauses or takes part again."""
    return _pause(message.participant_id, get)


def pause_due(message: DueReached, get: Get) -> PauseOf:
    """The participant whose day has come."""
    return _pause(message.subject.removeprefix("participant/"), get)


def pause_sign(participant: Participant, get: Get) -> Attention | None:
    """What the office was told of a pause without an end."""
    return get(Attention, participant.pause_sign) if participant.pause_sign is not None else None


def _pause(id: str, get: Get) -> PauseOf:
    participant = get(Participant, id)
    if participant is None or participant.programme is None:
        return PauseOf(None, None, None)
    return PauseOf(participant, get(Programme, participant.programme), pause_sign(participant, get))
