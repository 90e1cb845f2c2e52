"""Work on everybody whom a reorganisation concerns."""

from pydantic import BaseModel

from services.registration.model import Participant, Programme, Reorganisation
from shared.runtime.decision import Internal
from shared.runtime.table import Reader


class MoveMember(Internal):
    """Somebody who may work in a unit that moved."""

    reorganisation_id: str
    participant_id: str


class UnitMembers(BaseModel):
    """Who works in a unit that moved, over all programmes."""

    reorganisation_id: str
    members: tuple[str, ...]


async def members_of_unit(ref: str, read: Reader) -> UnitMembers:
    """Everybody whose path begins as the unit's did, in programmes that are not over.

    Who registers, or is moved into the unit by a fact of their own, after this has been read is not among them. They
    were said to work where the unit was, after HR had moved it: what is old of it the next nightly file mends.
    """
    move = await read.get(Reorganisation, ref)
    found: list[str] = []
    if move is not None:
        for programme in await read.find(Programme, None):
            if not programme.is_over:
                people = await read.find(Participant, programme.id)
                found += [p.id for p in people if move.place(p.profile.department, p.profile.unit) is not None]
    return UnitMembers(reorganisation_id=ref, members=tuple(found))


def move_members(inputs: UnitMembers) -> tuple[MoveMember, ...]:
    """One piece a person."""
    return tuple(MoveMember(reorganisation_id=inputs.reorganisation_id, participant_id=id) for id in inputs.members)
