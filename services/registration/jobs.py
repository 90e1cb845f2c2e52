"""Work on a whole set of participants: counting whom the registration closed, saying a bucket again."""

from pydantic import BaseModel

from services.registration.model import Participant
from shared.contracts.registration import ClosedSet
from shared.runtime.closed_set import bucket_of, closed_set
from shared.runtime.decision import Internal
from shared.runtime.table import Reader


class Counted(Internal):
    """Whom the registration closed."""

    programme_id: str
    members: ClosedSet


class Member(Internal):
    """A member to be said again."""

    participant_id: str


class BucketSaid(Internal):
    """Every member of a bucket was handed over."""

    programme_id: str
    bucket: int


class Members(BaseModel):
    """A programme's members, and of which bucket (None: all)."""

    programme_id: str
    members: tuple[str, ...]
    bucket: int | None = None


async def members_of(ref: str, read: Reader) -> Members:
    """Everybody who ever registered: also who withdrew, so that a reader can tell that it knows all."""
    return Members(programme_id=ref, members=tuple(p.id for p in await read.find(Participant, ref)))


def count(inputs: Members) -> tuple[Counted, ...]:
    """Count and digest the members."""
    return (Counted(programme_id=inputs.programme_id, members=closed_set(inputs.members)),)


async def bucket_members(ref: str, read: Reader) -> Members:
    """The members of one bucket; the reference is `programme|bucket`."""
    programme, _, bucket = ref.rpartition("|")
    mine = tuple(p.id for p in await read.find(Participant, programme) if bucket_of(p.id) == int(bucket))
    return Members(programme_id=programme, members=mine, bucket=int(bucket))


def say_bucket(inputs: Members) -> tuple[Member | BucketSaid, ...]:
    """Each member, then that all were said."""
    members = tuple(Member(participant_id=id) for id in inputs.members)
    return (*members, BucketSaid(programme_id=inputs.programme_id, bucket=inputs.bucket or 0))
