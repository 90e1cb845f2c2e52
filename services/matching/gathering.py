"""Before a round is solved: waiting until the closed set is whole, and inviting everybody to name wishes."""

from pydantic import BaseModel

from services.matching.model import Candidate, Programme, Round
from shared.contracts.registration import ClosedSet
from shared.runtime.closed_set import missing_buckets
from shared.runtime.decision import Internal
from shared.runtime.table import Again, Reader

ASKED_AT_ONCE = 16
"""Buckets that are asked for again at a time."""


class Incomplete(Internal):
    """Some of the closed set has not come yet."""

    round_id: str
    buckets: tuple[int, ...]


class Whole(Internal):
    """The closed set is whole, or the office goes on without the rest."""

    round_id: str


class Invite(Internal):
    """Somebody who may name wishes and vetoes for a round."""

    round_id: str
    participant_id: str


class Gathering(BaseModel):
    """What gathering compares; `without`: nobody waits for the rest any more.

    Of who found no room the set is compared too: else somebody might be matched whose being held back has not come yet.
    """

    round_id: str
    closed: ClosedSet | None
    held_back: ClosedSet | None = None
    known: tuple[str, ...]
    in_line: tuple[str, ...] = ()
    without: bool


class Inviting(BaseModel):
    """Who may name wishes and vetoes for a round."""

    round_id: str
    people: tuple[str, ...]


async def gathering(ref: str, read: Reader) -> Gathering:
    """The closed set and who is known of it."""
    round_ = await read.get(Round, ref)
    programme = await read.get(Programme, round_.programme or "") if round_ else None
    known = await read.find(Candidate, round_.programme or "") if round_ else []
    return Gathering(
        round_id=ref,
        closed=programme.closed_set if programme else None,
        held_back=programme.held_back if programme else None,
        # Who was admitted after the close is in no closed set.
        known=tuple(candidate.id for candidate in known if not candidate.late),
        in_line=tuple(candidate.id for candidate in known if candidate.line is not None),
        without=round_ is None or round_.without is not None or round_.status != "gathering",
    )


def gather(inputs: Gathering) -> tuple[Whole, ...] | Again:
    """Whole, or try again later and say what is missing."""
    if inputs.without:
        return (Whole(round_id=inputs.round_id),)
    missing = missing_buckets(inputs.closed, inputs.known) if inputs.closed else ()
    if inputs.held_back is not None:
        missing = tuple(sorted({*missing, *missing_buckets(inputs.held_back, inputs.in_line)}))
    if inputs.closed is None or missing:
        return Again((Incomplete(round_id=inputs.round_id, buckets=missing[:ASKED_AT_ONCE]),))
    return (Whole(round_id=inputs.round_id),)


async def inviting(ref: str, read: Reader) -> Inviting:
    """Everybody who may be matched now."""
    round_ = await read.get(Round, ref)
    found = await read.find(Candidate, round_.programme or "") if round_ else []
    return Inviting(round_id=ref, people=tuple(c.id for c in found if c.takes_part(read.today)))


def invite(inputs: Inviting) -> tuple[Invite, ...]:
    """One piece a person."""
    return tuple(Invite(round_id=inputs.round_id, participant_id=id) for id in inputs.people)
