"""The ports of one replica with faults before, after and instead of every call."""

import datetime as dt
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from shared.runtime.adapters.memory import MemoryDeliveries, MemoryStore
from shared.runtime.audit import Head
from shared.runtime.journal import Traced
from shared.runtime.ports import (
    BrokerUnavailable,
    Change,
    CommitUnknown,
    Conflict,
    Delivery,
    OutboxEntry,
    Outgoing,
    Piece,
    Pieces,
    Record,
    Refused,
    Snapshot,
    Unavailable,
)
from shared.runtime.table import Job
from shared.runtime.worker import done, load_work
from tests.simulation.scheduler import Crash, Scheduler, give_way, sleep

T = TypeVar("T")

CRASH = 0.004
AWAY = 0.01
UNKNOWN = 0.03
DELAY = 0.02
BLOCKED = 0.005
POISON = "book/refused"
"""The database never takes a change of this subject."""


@dataclass
class Faults:
    """What may go wrong, while `on`; `seen` counts what did."""

    rng: random.Random
    scheduler: Scheduler
    on: bool = True
    seen: Counter[str] = field(default_factory=Counter)

    def chance(self, share: float) -> bool:
        """Whether a fault of this share happens now."""
        return self.on and self.rng.random() < share

    async def call(self, name: str, do: Callable[[], Awaitable[T]]) -> T:
        """One call of a port: others go on before and after it, and the process may end before and after it."""
        for moment in ("before", "after"):
            await give_way()
            if self.chance(DELAY):
                self.seen["delay"] += 1
                await sleep(self.scheduler.now + dt.timedelta(seconds=self.rng.uniform(0.1, 3)))
            if self.chance(CRASH):
                self.seen[f"crash {moment} {name}"] += 1
                raise Crash
            if moment == "before":
                result = await do()
        return result


@dataclass
class FaultyStore:
    """The store in memory, behind a network."""

    inner: MemoryStore
    faults: Faults
    ended: list[Change] = field(default_factory=list)

    async def _call(self, name: str, do: Callable[[], Awaitable[T]]) -> T:
        if self.faults.chance(AWAY):
            self.faults.seen[f"{name} away"] += 1
            raise Unavailable("away")
        result = await self.faults.call(name, do)
        if name != "commit" and self.faults.chance(AWAY):
            self.faults.seen["done, and the answer was lost"] += 1
            raise Unavailable("away")
        return result

    async def read(self, keys: Collection[str], subjects: Collection[str]) -> Snapshot:
        return await self._call("read", lambda: self.inner.read(keys, subjects))

    async def commit(self, change: Change) -> None:
        await self._call("commit", lambda: self._commit(change))

    async def _commit(self, change: Change) -> None:
        if any(record.subject == POISON for record in change.writes):
            self.faults.seen["refused"] += 1
            raise Refused("too large")
        if not self.faults.chance(UNKNOWN):
            await self.inner.commit(change)
            return
        what = self.faults.rng.choice(("applied", "not applied", "applied later"))
        self.faults.seen[f"unknown commit {what}"] += 1
        if what == "applied":
            await self.inner.commit(change)
        elif what == "applied later":
            self.faults.scheduler.start(self._later(change))
        raise CommitUnknown

    async def _later(self, change: Change) -> None:
        for _ in range(self.faults.rng.randrange(1, 60)):
            await give_way()
        try:
            await self.inner.commit(change)
            self.faults.seen["applied later, and it counted"] += 1
        except Conflict:
            self.faults.seen["applied later, and it was refused"] += 1

    async def committed(self, token: str) -> bool:
        return await self._call("committed", lambda: self.inner.committed(token))

    async def settle(self, tokens: Sequence[str]) -> None:
        await self._call("settle", lambda: self.inner.settle(tokens))

    async def sweep(self, owner: str, now: str, until: str, mine: Collection[str]) -> list[OutboxEntry]:
        return await self._call("sweep", lambda: self.inner.sweep(owner, now, until, mine))

    async def renew(self, owner: str, tokens: Sequence[str], until: str) -> None:
        await self._call("renew", lambda: self.inner.renew(owner, tokens, until))

    async def waiting(self, subject: str, after: str, limit: int) -> list[Record]:
        return await self._call("waiting", lambda: self.inner.waiting(subject, after, limit))

    async def quarantined(self, after: str, limit: int) -> list[Record]:
        return await self._call("quarantined", lambda: self.inner.quarantined(after, limit))

    async def due(self, kinds: Collection[str], until: str, after: str, limit: int) -> list[Record]:
        return await self._call("due", lambda: self.inner.due(kinds, until, after, limit))

    async def find(self, kind: str, programme: str | None, after: str, limit: int) -> list[Record]:
        return await self._call("find", lambda: self.inner.find(kind, programme, after, limit))

    async def oldest(self, kind: str, limit: int) -> list[Record]:
        return await self._call("oldest", lambda: self.inner.oldest(kind, limit))

    async def trace(self, correlation: str, limit: int) -> list[Traced]:
        return await self._call("trace", lambda: self.inner.trace(correlation, limit))

    async def head(self, chain: str) -> Head | None:
        return await self._call("head", lambda: self.inner.head(chain))

    async def links(self, after: str, limit: int) -> list[dict[str, Any]]:
        return await self._call("links", lambda: self.inner.links(after, limit))

    async def forget_links(self, chain: str, number: int) -> None:
        await self._call("forget_links", lambda: self.inner.forget_links(chain, number))

    async def forget(self, ids: Collection[str], kinds: Collection[str]) -> None:
        await self._call("forget", lambda: self.inner.forget(ids, kinds))

    async def holds(self, ids: Collection[str]) -> bool:
        return await self._call("holds", lambda: self.inner.holds(ids))

    async def census(self, kinds: Collection[str]) -> list[tuple[str, str, str, int]]:
        return await self.inner.census(kinds)

    async def counts(self) -> dict[str, int]:
        return await self.inner.counts()

    async def healthy(self) -> str | None:
        return await self.inner.healthy()


@dataclass
class FaultyDeliveries:
    """The broker in memory, behind a network that loses connections and confirms."""

    inner: MemoryDeliveries
    faults: Faults
    blocked_until: dt.datetime | None = None

    async def receive(self, limit: int) -> list[Delivery]:
        if self.faults.chance(AWAY):
            self.faults.seen["connection lost"] += 1
            self.inner.lose()
            raise BrokerUnavailable("lost")
        most = min(limit, self.faults.rng.choice((1, 3, 8)))
        return await self.faults.call("receive", lambda: self.inner.receive(most))

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        await self.faults.call("acknowledge", lambda: self.inner.acknowledge(deliveries))

    async def publish(self, messages: Sequence[Outgoing]) -> list[bool]:
        now = self.faults.scheduler.now
        if self.faults.chance(BLOCKED):
            self.faults.seen["blocked for longer than a claim"] += 1
            self.blocked_until = now + dt.timedelta(seconds=self.faults.rng.uniform(12, 30))
        if self.faults.on and self.blocked_until is not None and now < self.blocked_until:
            raise BrokerUnavailable("blocked")
        confirmed = await self.faults.call("publish", lambda: self.inner.publish(messages))
        if self.faults.chance(UNKNOWN):
            self.faults.seen["unconfirmed, and it arrived"] += 1
            return [self.faults.rng.random() < 0.5 for _ in confirmed]
        if self.faults.chance(AWAY):
            self.faults.seen["connection lost while publishing"] += 1
            self.inner.lose()
            raise BrokerUnavailable("lost")
        return confirmed

    async def clear_notices(self) -> None:
        await self.faults.call("clear_notices", self.inner.clear_notices)

    async def healthy(self) -> str | None:
        return await self.inner.healthy()


@dataclass
class VirtualClock:
    """The scheduler's time."""

    scheduler: Scheduler

    def now(self) -> dt.datetime:
        return self.scheduler.now

    async def pause(self, seconds: float) -> None:
        await sleep(self.scheduler.now + dt.timedelta(seconds=seconds))


@dataclass
class FaultyWorker:
    """Works while others go on; now and then so long that the lease expires meanwhile."""

    faults: Faults

    async def run(
        self, job: Job, inputs: BaseModel, beat: Callable[[], Awaitable[None]], tell: Callable[[Piece], None]
    ) -> Pieces:
        for _ in range(self.faults.rng.randrange(3)):
            await give_way()
            await beat()
        if self.faults.chance(0.1):
            self.faults.seen["a lease expired while its worker went on"] += 1
            await sleep(self.faults.scheduler.now + dt.timedelta(seconds=40))
        work: Any = load_work(job.work)[0] if isinstance(job.work, str) else job.work
        told: list[Piece] = []
        result = await self.faults.call("work", lambda: _done(done(work, inputs, told.append)))
        for piece in told:
            tell(piece)
            if self.faults.chance(0.7):
                await give_way()
                await beat()
        return result


async def _done(value: T) -> T:
    return value
