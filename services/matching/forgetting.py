"""What is forgotten as soon as nobody needs it: what offers would have changed, and proofs of rounds before the last.

Only the newest proof is read, by the round after it; when the programme has ended there is none.
"""

from typing import NamedTuple

from pydantic import BaseModel

from services.matching.model import Change, KeptPart, KeptProof, Round
from shared.runtime.decision import NOTHING, Context, Decision, Get, Internal, Outcome
from shared.runtime.table import Reader

KINDS: dict[str, type[Change] | type[KeptPart] | type[KeptProof]] = {
    kind.kind: kind for kind in (Change, KeptPart, KeptProof)
}


class Forget(Internal):
    """Something of a round that nobody needs any more: kind and id. By then it may have become another round's."""

    kind: str
    id: str
    round_id: str


class NeedlessOf(BaseModel):
    """What nobody needs any more."""

    needless: tuple[Forget, ...]


class Kept(NamedTuple):
    """What may be forgotten."""

    kept: Change | KeptPart | KeptProof | None


def forget(kept: Change | KeptPart | KeptProof) -> Forget:
    """The piece that forgets it."""
    return Forget(kind=kept.kind, id=kept.id, round_id=kept.round)


async def replaced(ref: str, read: Reader) -> NeedlessOf:
    """The proofs, or what is left of them, of rounds before this one."""
    newest = await read.get(Round, ref)
    if newest is None or newest.programme is None:
        return NeedlessOf(needless=())
    before = {r.id for r in await read.find(Round, newest.programme) if r.number < newest.number}
    found: list[KeptProof | KeptPart] = []
    found += await read.find(KeptProof, newest.programme)
    found += await read.find(KeptPart, newest.programme)
    return NeedlessOf(needless=tuple(forget(kept) for kept in found if kept.round in before))


async def of_ended(ref: str, read: Reader) -> tuple[Forget, ...]:
    """All of it, in a programme that has ended."""
    found: list[Forget] = []
    for kind in KINDS.values():
        found += [forget(kept) for kept in await read.find(kind, ref)]
    return tuple(found)


def forget_all(inputs: NeedlessOf) -> tuple[Forget, ...]:
    """One piece each."""
    return inputs.needless


def needless(message: Forget, get: Get) -> Kept:
    """What is to be forgotten."""
    return Kept(get(KINDS[message.kind], message.id))


def forgotten(message: Forget, state: Kept, context: Context) -> Outcome:
    """Forget it, unless a later round has taken its place."""
    kept = state.kept
    return Decision(deletes=(kept,)) if kept is not None and kept.round == message.round_id else NOTHING
