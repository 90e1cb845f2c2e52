"""Once the office has approved a round: of a re-match, make room and propose; then ask both people of each pair."""

from collections.abc import Iterable

from pydantic import BaseModel

from services.matching.forgetting import Forget, forget
from services.matching.ids import tandem_id
from services.matching.model import Candidate, Change, Programme, Proposal, Round, Seat, Tandem
from services.matching.people import Pair
from services.matching.say import reasoned
from services.matching.solution import LeaveOut, Propose
from shared.contracts.parts import NOBODY
from shared.runtime.decision import Internal
from shared.runtime.table import Reader


class MakeRoom(Internal):
    """An open proposal that the approved offer ends."""

    proposal_id: str


class RoomMade(Internal):
    """Everything that the approved offer ends was handed over."""

    round_id: str


class Refilled(Internal):
    """Everything that the approved offer brings, and that is still possible, was handed over."""

    round_id: str
    complete: bool


class ApprovePair(Internal):
    """A proposal of a round that the office approved."""

    proposal_id: str


class Ended(BaseModel):
    """The open proposals that the approved offer ends."""

    round_id: str
    proposals: tuple[str, ...]


class Refilling(BaseModel):
    """The pairs that the approved offer brings, the places and the seats that are free for them."""

    round_id: str
    pairs: tuple[Propose, ...]
    places: int
    seats: dict[str, int]


class Untold(BaseModel):
    """Who found somebody only in an offer that the office did not approve, and has heard nothing of the round yet."""

    round_id: str
    people: tuple[str, ...]
    no_longer_free: tuple[str, ...] = ()
    """They stand in the approved offer; who was proposed after all holds something by now."""
    changes: tuple[Forget, ...] = ()
    """What the offers would have changed: this is the last that is told by it."""


class Approving(BaseModel):
    """The proposals of a round that are still proposed."""

    proposals: tuple[str, ...]


async def _approved(ref: str, read: Reader, change: str) -> list[Change]:
    round_ = await read.get(Round, ref)
    found = await read.find(Change, round_.programme or "") if round_ else []
    return [c for c in found if round_ and c.round == ref and c.offer == round_.offer and c.change == change]


async def ended(ref: str, read: Reader) -> Ended:
    """What the approved offer ends."""
    found = await _approved(ref, read, "ended")
    return Ended(round_id=ref, proposals=tuple(c.proposal for c in found if c.proposal is not None))


def make_room(inputs: Ended) -> tuple[MakeRoom | RoomMade, ...]:
    """One piece a proposal."""
    return (*(MakeRoom(proposal_id=id) for id in inputs.proposals), RoomMade(round_id=inputs.round_id))


async def refilling(ref: str, read: Reader) -> Refilling:
    """What the approved offer brings, as places and seats are now that room was made.

    Somebody may have said yes meanwhile to what the offer would end: that stays, and takes a place and two seats. No
    other round is open, so nothing takes a place after this; proposals are read before tandems (see `solving`).
    """
    round_ = await read.get(Round, ref)
    programme = await read.get(Programme, round_.programme or "") if round_ else None
    if round_ is None or programme is None:
        raise LookupError(ref)
    seats = {seat.id: seat for seat in await read.find(Seat, programme.id)}
    people = await read.find(Candidate, programme.id)
    taken = {tandem_id(p.id) for p in await read.find(Proposal, programme.id) if p.is_open}
    taken |= {t.id for t in await read.find(Tandem, programme.id) if t.status == "running"}
    found = await _approved(ref, read, "new")
    taken_over = {*Pair.model_fields, "rules_version"}
    return Refilling(
        round_id=ref,
        pairs=tuple(Propose(round_id=ref, **c.model_dump(include=taken_over)) for c in found),
        places=max(0, programme.places - len(taken)),
        seats={p.id: seats.get(p.id, Seat(id=p.id)).free(p, read.today) for p in people},
    )


def refill(inputs: Refilling) -> tuple[Propose | Refilled, ...]:
    """The pairs that still fit, the office's own first, then by score."""
    free = dict(inputs.seats)
    fit: list[Propose] = []
    for pair in sorted(inputs.pairs, key=lambda p: (not p.pinned, -p.score, p.mentor, p.mentee)):
        both = (pair.mentor, pair.mentee)
        if len(fit) < inputs.places and all(free.get(id, 0) for id in both):
            fit.append(pair)
            for id in both:
                free[id] -= 1
    return (*fit, Refilled(round_id=inputs.round_id, complete=len(fit) == len(inputs.pairs)))


async def untold(ref: str, read: Reader) -> Untold:
    """Who is left without a partner by what the office decided on a re-match.

    Whom an offer would have parted is not among them: they keep their proposal, or have heard of its end. Who is in the
    approved offer is: its pairs may not have fitted any more, and who holds one by now is told nothing.
    """
    round_ = await read.get(Round, ref)
    changes = [c for c in await read.find(Change, round_.programme or "") if c.round == ref] if round_ else []
    approved = round_.offer if round_ else None
    ended = _people(c for c in changes if c.change == "ended")
    chosen = _people(c for c in changes if c.offer == approved) - ended
    other = _people(c for c in changes if c.offer != approved) - ended - chosen
    return Untold(
        round_id=ref,
        people=tuple(sorted(other)),
        no_longer_free=tuple(sorted(chosen)),
        changes=tuple(forget(change) for change in changes),
    )


def _people(changes: Iterable[Change]) -> set[str]:
    return {id for change in changes for id in (change.mentor, change.mentee)} - {NOBODY}


def tell(inputs: Untold) -> tuple[LeaveOut | Forget, ...]:
    """One piece a person; nobody who holds a proposal by now is told. Then the offers' changes are forgotten."""
    told = (("decided_otherwise", inputs.people), ("no_longer_free", inputs.no_longer_free))
    people = (
        LeaveOut(round_id=inputs.round_id, participant_id=id, reason=reasoned(why)) for why, ids in told for id in ids
    )
    return (*people, *inputs.changes)


async def approving(ref: str, read: Reader) -> Approving:
    """The round's proposals."""
    round_ = await read.get(Round, ref)
    found = await read.find(Proposal, round_.programme or "") if round_ else []
    return Approving(proposals=tuple(p.id for p in found if p.round == ref and p.status == "proposed"))


def approve(inputs: Approving) -> tuple[ApprovePair, ...]:
    """One piece a proposal."""
    return tuple(ApprovePair(proposal_id=id) for id in inputs.proposals)
