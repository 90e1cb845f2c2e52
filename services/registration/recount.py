"""Counting a closed set again when somebody in it was erased, so that a reader's comparison comes out right.

The set only ever shrinks after its close. Each count begins in the transaction that takes somebody out of it, so of two
at a time the later one sees both gone; a count that is no smaller is an older one, and let go.
"""

from pydantic import BaseModel

from services.registration.model import Participant, Programme
from services.registration.published import programme as said
from shared.contracts.registration import ClosedSet
from shared.runtime.closed_set import closed_set
from shared.runtime.decision import NOTHING, Context, Decision, Get, Internal, Outcome
from shared.runtime.table import Again, Reader


class Recounted(Internal):
    """Whom a closed registration has now, and whom of them it held back."""

    programme_id: str
    members: ClosedSet
    held_back: ClosedSet


class Recounting(BaseModel):
    """A programme's members; `closed`: whether its registration is; None while that is being counted."""

    programme_id: str
    closed: bool | None
    members: tuple[str, ...] = ()
    held_back: tuple[str, ...] = ()


async def recounting(ref: str, read: Reader) -> Recounting:
    """Who is in the set, as it stands after somebody was erased."""
    programme = await read.get(Programme, ref)
    if programme is None or (programme.closed_set is None and programme.status != "closing"):
        return Recounting(programme_id=ref, closed=False)
    people = await read.find(Participant, ref)
    return Recounting(
        programme_id=ref,
        closed=True if programme.closed_set is not None else None,
        # Who was admitted after the close is in no closed set.
        members=tuple(p.id for p in people if not p.late),
        held_back=tuple(p.id for p in people if p.line is not None),
    )


def recount(inputs: Recounting) -> tuple[Recounted, ...] | Again:
    """The new count; later, while the closing is still being counted: that may have begun before the erasure."""
    if inputs.closed is None:
        return Again()
    if not inputs.closed:
        return ()
    members, held_back = closed_set(inputs.members), closed_set(inputs.held_back)
    return (Recounted(programme_id=inputs.programme_id, members=members, held_back=held_back),)


def recounted(message: Recounted, get: Get) -> Programme | None:
    """The programme."""
    return get(Programme, message.programme_id)


def say_recounted(message: Recounted, programme: Programme | None, context: Context) -> Outcome:
    """Say the smaller set."""
    if programme is None or programme.closed_set is None or message.members.count >= programme.closed_set.count:
        return NOTHING
    held_back = message.held_back if programme.held_back is not None else None
    smaller = programme.next(closed_set=message.members, held_back=held_back)
    return Decision(state=(smaller,), messages=(said(smaller),))
