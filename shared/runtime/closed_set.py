"""Closing a set that many people join at once, and comparing it afterwards.

Whoever joins or leaves also writes the guard of its replica's lane; closing writes all sixteen. Without that a person
who was accepted while the set closed could be in no set (write skew). The guard only fences: who is in the set is
counted by a job after the close, when it stands still.
"""

import hashlib
from collections.abc import Iterable

from shared.contracts.registration import ClosedSet
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import Get

LANES = 16
BUCKETS = 256


class Guard(Aggregate, kind="guard"):
    """The fence of one lane of a set; put it into a decision's state whenever the set changes."""

    closed: bool = False


def guard_of(get: Get, programme_id: str) -> Guard:
    """The guard of this replica's lane."""
    return _guard(get(*guard_key(get, programme_id)), programme_id, get.lane)


def guard_key(get: Get, programme_id: str) -> tuple[type[Guard], str]:
    """Kind and id of the guard of this replica's lane."""
    return Guard, f"{programme_id}.{get.lane}"


def guards_of(get: Get, programme_id: str) -> tuple[Guard, ...]:
    """The guards of all lanes: what a closing writes."""
    found = get.all(Guard, [f"{programme_id}.{lane}" for lane in range(LANES)])
    return tuple(_guard(guard, programme_id, lane) for lane, guard in enumerate(found))


def _guard(found: Guard | None, programme_id: str, lane: int) -> Guard:
    return found or Guard(id=f"{programme_id}.{lane}", programme=programme_id)


def bucket_of(member_id: str) -> int:
    """The bucket of a member: the first byte of SHA-256 over its id."""
    return hashlib.sha256(member_id.encode()).digest()[0]


def closed_set(member_ids: Iterable[str]) -> ClosedSet:
    """Count and order-free digest of a set: in each bucket the XOR of its members' SHA-256."""
    buckets = [0] * BUCKETS
    count = 0
    for member_id in member_ids:
        hashed = hashlib.sha256(member_id.encode()).digest()
        buckets[hashed[0]] ^= int.from_bytes(hashed)
        count += 1
    return ClosedSet(count=count, buckets=tuple(f"{b:064x}" if b else "" for b in buckets))


def missing_buckets(closed: ClosedSet, member_ids: Iterable[str]) -> tuple[int, ...]:
    """The buckets in which the members known so far differ from the closed set; none when it is whole."""
    mine = closed_set(member_ids).buckets
    return tuple(i for i, (a, b) in enumerate(zip(closed.buckets, mine, strict=True)) if a != b)
