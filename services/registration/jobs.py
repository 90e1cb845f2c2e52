"""Work on a whole set of participants: counting whom the registration closed, saying a bucket again."""

from pydantic import BaseModel

from services.registration.line import HeldBack, Room, held_back
from services.registration.model import Participant
from shared.contracts.registration import ClosedSet
from shared.runtime.closed_set import bucket_of, closed_set
from shared.runtime.decision import Internal
from shared.runtime.table import Reader


class Counted(Internal):
    """Whom the registration closed, and whom of them it held back (None: nobody)."""

    programme_id: str
    members: ClosedSet
    held_back: ClosedSet | None = None


class Member(Internal):
    """A member to be said again."""

    participant_id: str


class BucketSaid(Internal):
    """Every member of a bucket was handed over."""

    programme_id: str
    bucket: int


class Members(BaseModel):
    """The members of a bucket of a programme."""

    programme_id: str
    members: tuple[str, ...]
    bucket: int


def count(inputs: Room) -> tuple[HeldBack | Counted, ...]:
    """Hold back whom there is no room for, then count and digest: also who withdrew, so that readers know all."""
    back = held_back(inputs)
    counted = Counted(
        programme_id=inputs.programme_id,
        members=closed_set(person.participant_id for person in inputs.people),
        held_back=closed_set(piece.participant_id for piece in back) if back else None,
    )
    return (*back, counted)


async def bucket_members(ref: str, read: Reader) -> Members:
    """The members of one bucket; the reference is `programme|bucket`."""
    programme, _, bucket = ref.rpartition("|")
    mine = tuple(p.id for p in await read.find(Participant, programme) if bucket_of(p.id) == int(bucket))
    return Members(programme_id=programme, members=mine, bucket=int(bucket))


def say_bucket(inputs: Members) -> tuple[Member | BucketSaid, ...]:
    """Each member, then that all were said."""
    members = tuple(Member(participant_id=id) for id in inputs.members)
    return (*members, BucketSaid(programme_id=inputs.programme_id, bucket=inputs.bucket))
