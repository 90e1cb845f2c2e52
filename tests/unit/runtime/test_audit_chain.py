"""A replica's chain goes on whatever fails, in the order of commits, without a gap or a fork."""

import asyncio
import datetime as dt
from collections import deque
from dataclasses import dataclass, field

import pytest

from shared.runtime.adapters.memory import MemoryStore
from shared.runtime.audit_check import BrokenError
from shared.runtime.ports import Change, CommitUnknown, Conflict, Unavailable
from tests.support.shop import LIBRARY, Join, Lend
from tests.unit.runtime.audited import DAY, heir_of, holds, joined, links
from tests.unit.runtime.engine_in_memory import Replica


async def test_a_batch_has_one_link_and_the_next_follows_it_also_after_a_restart() -> None:
    replica = Replica(LIBRARY)
    for member in "ab":
        replica.send(Join(club="c", member=member))
    await replica.settle()
    await joined(replica, "d")
    heir = heir_of(replica)
    await joined(heir, "e")
    assert [(link["number"], len(link["entries"])) for link in links(heir)] == [(1, 2), (2, 1), (3, 1)]
    assert holds(heir).entries == 4


async def test_each_replica_has_a_chain_of_its_own_and_a_name_no_path() -> None:
    replica = Replica(LIBRARY)
    other = replica.beside()
    other.engine.owner = "library/2"
    await joined(replica, "a")
    await joined(other, "b")
    assert [(link["chain"], link["number"]) for link in links(replica)] == [("library-1", 1), ("library-2", 1)]
    assert holds(replica).links == 2


@dataclass
class Faulty(MemoryStore):
    """Commits with a link go wrong as told, one after the other."""

    faults: deque[str] = field(default_factory=deque)
    late: list[Change] = field(default_factory=list)

    async def commit(self, change: Change) -> None:
        for late in [*self.late]:
            self.late.remove(late)
            await asyncio.gather(MemoryStore.commit(self, late), return_exceptions=True)
        fault = self.faults.popleft() if change.audit is not None and self.faults else "well"
        if fault == "conflict":
            raise Conflict("somebody was faster")
        if fault == "away":
            raise Unavailable("away")
        if fault in ("well", "unknown, applied"):
            await MemoryStore.commit(self, change)
        if fault == "unknown, late":
            self.late.append(change)
        if fault.startswith("unknown"):
            raise CommitUnknown


FAULTS = ("conflict", "away", "unknown, applied", "unknown, lost", "unknown, late")


@pytest.mark.parametrize("first", FAULTS)
@pytest.mark.parametrize("second", FAULTS)
async def test_a_lost_or_unknown_commit_leaves_neither_a_gap_nor_a_fork(first: str, second: str) -> None:
    replica = Replica(LIBRARY)
    store = Faulty(replica.database, deque(["well", first, second, "well", first]))
    replica.engine.store = store
    await joined(replica, *"abcdef")
    assert not store.faults
    assert [link["number"] for link in links(replica)] == [1, 2, 3, 4, 5, 6]
    assert sum(key.startswith("member/") for key in replica.database.records) == 6
    assert holds(replica).entries == 6


class Slow(MemoryStore):
    """Commits while others go on."""

    async def commit(self, change: Change) -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        await super().commit(change)


class _Waiting:
    """A clock whose pauses let others go on."""

    def __init__(self, now: dt.datetime) -> None:
        self._now = now
        self.paused = 0

    def now(self) -> dt.datetime:
        return self._now

    async def pause(self, seconds: float) -> None:
        self.paused += 1
        await asyncio.sleep(0)


async def test_loops_of_one_replica_that_commit_side_by_side_make_one_chain_without_a_conflict() -> None:
    replica = Replica(LIBRARY)
    engine = replica.engine
    clock = _Waiting(replica.clock.now())
    engine.store, engine.clock = Slow(replica.database), clock
    for number in range(12):
        replica.send(Join(club="c", member=f"m{number}"))
    await replica.settle()
    paused = clock.paused
    for number in range(12):
        replica.send(Lend(book=f"b{number}", member=f"m{number}", back_by=DAY))
    bodies = await engine.broker.receive(99)
    async with asyncio.timeout(5):
        await asyncio.gather(*(engine.handle([engine.desk.from_delivery(body)]) for body in bodies))
    assert clock.paused > paused, "they met"
    assert holds(replica).links == 13
    assert replica.seen["conflict", "again"] == 0


async def test_a_commit_that_is_cancelled_keeps_nobody_from_going_on() -> None:
    replica = Replica(LIBRARY)
    engine = replica.engine
    engine.store = Slow(replica.database)
    replica.send(Join(club="c", member="a"))
    [body] = await engine.broker.receive(9)
    handling = asyncio.create_task(engine.handle([engine.desk.from_delivery(body)]))
    await asyncio.sleep(0)
    handling.cancel()
    await asyncio.gather(handling, return_exceptions=True)
    await joined(replica, *"bc")
    assert holds(replica).links >= 2


async def test_of_two_processes_under_one_name_each_decides_again_from_the_other_s_link() -> None:
    replica = Replica(LIBRARY)
    twin = replica.beside()
    twin.engine.owner = replica.engine.owner
    for member in "abcd":
        await joined(replica, member)
        await joined(twin, member.upper())
    assert [link["number"] for link in links(replica)] == list(range(1, 9))
    assert twin.seen["conflict", "again"] > 0
    assert holds(replica).entries == 8


async def test_a_link_that_is_gone_is_missed_and_named() -> None:
    replica = Replica(LIBRARY)
    await joined(replica, *"abc")
    del replica.database.audit["library-1/000000000002"]
    with pytest.raises(BrokenError, match="chain library-1, link 3"):
        holds(replica)
