"""What is let go of when a programme ends, when somebody is full, and when somebody leaves."""

from pydantic import BaseModel

from services.matching.forgetting import Forget, of_ended
from services.matching.ids import tandem_id
from services.matching.model import Proposal, Seat
from shared.runtime.decision import Internal
from shared.runtime.table import Reader


class EndWithProgramme(Internal):
    """An open proposal of a programme that has ended."""

    proposal_id: str


class Relieve(Internal):
    """An open proposal of somebody who may be full."""

    proposal_id: str


class LetGoProposal(Internal):
    """An open proposal of somebody who left."""

    proposal_id: str


class LetGoTandem(Internal):
    """A running tandem of somebody who left."""

    tandem_id: str


class Ending(BaseModel):
    """The proposals of a programme that has ended which are still open, and what no round needs any more."""

    proposals: tuple[str, ...]
    needless: tuple[Forget, ...] = ()


class Leaving(BaseModel):
    """What somebody's seats hold."""

    proposals: tuple[str, ...]
    tandems: tuple[str, ...]


async def ending(ref: str, read: Reader) -> Ending:
    """What is open in a programme that has ended."""
    open_ = tuple(p.id for p in await read.find(Proposal, ref) if p.is_open)
    return Ending(proposals=open_, needless=await of_ended(ref, read))


def end(inputs: Ending) -> tuple[EndWithProgramme | Forget, ...]:
    """One piece a proposal, and one for what is needed no more."""
    return (*(EndWithProgramme(proposal_id=id) for id in inputs.proposals), *inputs.needless)


async def leaving(ref: str, read: Reader) -> Leaving:
    """What a person's seats hold."""
    seat = await read.get(Seat, ref)
    return Leaving(proposals=seat.proposals if seat else (), tandems=seat.tandems if seat else ())


def relieve(inputs: Leaving) -> tuple[Relieve, ...]:
    """One piece for each proposal that somebody who may be full still holds."""
    return tuple(Relieve(proposal_id=id) for id in inputs.proposals)


def let_go(inputs: Leaving) -> tuple[LetGoProposal | LetGoTandem, ...]:
    """One piece for each; a proposal may have become a tandem since its seat was read."""
    proposals = tuple(LetGoProposal(proposal_id=id) for id in inputs.proposals)
    tandems = (*map(tandem_id, inputs.proposals), *inputs.tandems)
    return (*proposals, *(LetGoTandem(tandem_id=id) for id in tandems))
