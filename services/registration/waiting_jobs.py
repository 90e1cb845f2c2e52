"""Work on all who wait: keeping their places when a programme ends, asking them when one opens."""

from pydantic import BaseModel

from services.registration.model import ALL_WAITING, Participant, Waiting
from shared.runtime.decision import Internal
from shared.runtime.table import Reader


class KeepWaiting(Internal):
    """Somebody whose programme has ended."""

    participant_id: str


class AskAgain(Internal):
    """Somebody who waits, and a programme that has opened."""

    waiting_id: str
    programme_id: str


class TookPart(BaseModel):
    """Who took part in a programme that has ended."""

    people: tuple[str, ...]


class InLine(BaseModel):
    """Who waits for a programme."""

    programme_id: str
    waiting: tuple[str, ...]


async def took_part(ref: str, read: Reader) -> TookPart:
    """Everybody who takes part, whether or not they seem to wait: each piece looks again (`waiting.keep_waiting`)."""
    return TookPart(people=tuple(p.id for p in await read.find(Participant, ref) if p.status == "registered"))


def keep_all(inputs: TookPart) -> tuple[KeepWaiting, ...]:
    """One piece a person."""
    return tuple(KeepWaiting(participant_id=id) for id in inputs.people)


async def in_line(ref: str, read: Reader) -> InLine:
    """Everybody who waits; the reference is the new programme."""
    return InLine(programme_id=ref, waiting=tuple(waiting.id for waiting in await read.find(Waiting, ALL_WAITING)))


def ask_all(inputs: InLine) -> tuple[AskAgain, ...]:
    """One piece for each who waits."""
    return tuple(AskAgain(waiting_id=id, programme_id=inputs.programme_id) for id in inputs.waiting)
