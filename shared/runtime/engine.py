"""The engine: every message is decided once, whatever fails, and what was decided is said.

Loops, each a method that does one round and returns whether there was anything to do: `intake` here (the broker's
deliveries); what was committed (`outbox.py`), what waited or failed (`kept.py`) and jobs (`jobs.py`) have files of
their own. They await nothing but the ports, so that a simulation can run them under a seed.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from shared.runtime.audit import chain_of, entries_of
from shared.runtime.batch import CLAIM, Batch, Identity, NotRead, Retries
from shared.runtime.chain import Chain
from shared.runtime.ids import derived_id
from shared.runtime.item import Desk, Item
from shared.runtime.outbox import Outbox
from shared.runtime.ports import (
    Change,
    Clock,
    CommitUnknown,
    Conflict,
    Decided,
    Deliveries,
    Erasures,
    Observer,
    Record,
    Refused,
    Snapshot,
    Store,
    Unavailable,
)
from shared.runtime.programme_keys import KeyAway
from shared.runtime.tombstones import Tombs, tombs_of

T = TypeVar("T")

SUSPICIOUS = 5
"""Delivered again so often, a message may have killed its process; the broker's count is only a hint."""
MARKS = 3
"""Marked so often, a message is quarantined."""


PRIVATE = "private"
"""The label of all private messages together: what went wrong with them is counted. A count of the others would move by
one whenever somebody answered a survey, or wished for somebody, and everybody may read it. So would a count of batches,
of duplicates or of what was published, if these were in it."""
GONE_WRONG = frozenset({"retry", "quarantined"})


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the loops: messages a batch, messages waiting to be published, seconds of a job's lease.

    Of a job's result, a document holds at most `chunk` pieces and about `chunk_bytes` of JSON; small numbers take four
    times as much in the database. A job that fails is quarantined after `job_attempts`; one whose process ends has
    those of a deadly message more. Each is counted apart.

    `settling` are the seconds between a tombstone and the search for what names its person: longer than a transaction
    can stay open that began before it (60 s where a process was killed).
    """

    batch: int = 100
    backlog: int = 5_000
    lease: float = 15.0
    chunk: int = 500
    chunk_bytes: int = 2 * 1024 * 1024
    job_attempts: int = 8
    settling: float = 90.0


class Stopped(Exception):
    """The engine cannot go on without losing something: the service must stop, red."""


@dataclass
class Engine:
    """The loops of one replica of one service. `owner` is the replica's name, `token` gives a new attempt's token.

    The audit is kept for `audit_years` full years.
    """

    who: Identity
    desk: Desk
    store: Store
    broker: Deliveries
    clock: Clock
    owner: str
    token: Callable[[], str]
    jitter: Callable[[], float]
    limits: Limits = field(default_factory=Limits)
    retries: Retries = field(default_factory=Retries)
    observer: Observer = field(default_factory=Observer)
    kick: Callable[[str], None] = field(default=lambda what: None)
    audit_years: int = 3
    erasures: Erasures | None = None
    outbox: Outbox = field(init=False)
    chain: Chain = field(init=False)
    tombs: Tombs = field(init=False)
    _together: int = field(default=0, init=False)
    _alone: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.chain = Chain(self.who.service.name)
        self.tombs = Tombs(self.who.key)
        self.outbox = Outbox(
            store=self.store,
            broker=self.broker,
            clock=self.clock,
            owner=self.owner,
            observer=self.observer,
            at_once=2 * self.limits.batch,
            kick=self._kick,
        )

    def _kick(self, what: str) -> None:
        self.kick(what)  # asked each time: whoever runs the loops may put it in later

    # The broker's deliveries

    async def intake(self) -> bool:
        """Take a batch of deliveries, decide it, acknowledge it."""
        if self.full:
            await self.clock.pause(0.05)
            return False
        deliveries = await self.broker.receive(self.limits.batch)
        now = self.clock.now()
        items: list[Item] = []
        for delivery in deliveries:
            item = self.desk.from_delivery(delivery)
            item.received = now
            if delivery.count >= SUSPICIOUS:
                await self.handle_marked(item)
            else:
                items.append(item)
        self.observer.received(items)
        await self.handle(items)
        await self.broker.acknowledge(deliveries)
        return bool(deliveries)

    @property
    def full(self) -> bool:
        """Whether too much is committed and not yet published: a broker that is away must not fill the memory."""
        return self.outbox.backlog >= self.limits.backlog

    async def room(self) -> None:
        """Wait while too much is committed and not yet published."""
        while self.full:
            await self.clock.pause(0.05)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """While this lasts no other loop decides anything: if the process ends, it was this message and no other."""
        while self._alone or self._together:
            await self.clock.pause(0.01)
        self._alone = True
        try:
            yield
        finally:
            self._alone = False

    async def handle_marked(self, item: Item) -> None:
        """Handle a message that may have killed its process: mark it first, alone; three marks quarantine it."""
        async with self.alone():
            await self._handle_marked(item)

    async def _handle_marked(self, item: Item) -> None:
        subject = f"_suspect/{derived_id(item.key)}"
        while True:
            snapshot = await self._patiently(lambda: self.read((item.key,), (subject,)))
            before = snapshot.records.get(subject, Record(subject=subject, kind="_suspect"))
            if item.kept is None and item.key in snapshot.known:
                await self._forget(before)
                return
            marks = (before.state or {}).get("marks", 0) + 1
            mark = Record(subject=subject, kind="_suspect", version=before.version + 1, state={"marks": marks})
            try:
                await self._patiently(partial(self._mark, mark))
                break
            except Conflict:
                await self.clock.pause(self.jitter())
        if marks > MARKS:
            item.fault = f"killed_its_process: its process ended {MARKS} times while it was being handled"
        await self.handle_alone([item])
        await self._forget(mark)

    async def _forget(self, mark: Record) -> None:
        if not mark.version:
            return
        try:
            await self._patiently(lambda: self.commit(self.bookkeeping(deletes=((mark.subject, mark.version),))))
        except Conflict:
            return

    async def _mark(self, mark: Record) -> None:
        await self.commit(self.bookkeeping(writes=(mark,)))

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Wait for an absent database: nothing is acknowledged, nothing is counted meanwhile."""
        while True:
            try:
                return await ask()
            except Unavailable:
                await self.clock.pause(0.5)

    # Deciding

    async def handle(self, items: Sequence[Item]) -> None:
        """Decide these messages and store the outcome; returns when each is handled or kept.

        Conflicts decide again, an absent database is waited for, what the database refuses is narrowed down by halving.
        Raises Stopped if even the notice of a quarantined message is refused.
        """
        if not items:
            return
        while self._alone:
            await self.clock.pause(0.01)
        self._together += 1
        try:
            await self.handle_alone(items)
        finally:
            self._together -= 1

    async def handle_alone(self, items: Sequence[Item]) -> None:
        """The same for who has taken care that nobody else decides meanwhile (`alone`)."""
        if not items:
            return
        while True:
            try:
                await self._attempt(items)
                return
            except Conflict:
                self.observer.seen("conflict", "again", 1)
                await self.clock.pause(self.jitter())
            except Unavailable:
                await self.clock.pause(0.5)
            except Refused as error:
                if len(items) == 1:
                    await self._refused(items[0], error)
                    return
                half = len(items) // 2
                await self.handle_alone(items[:half])
                await self.handle_alone(items[half:])
                return

    async def _refused(self, item: Item, error: Refused) -> None:
        if item.fault is not None:
            raise Stopped(f"even the notice of a quarantined {item.type} is refused: {error}")
        item.fault = f"refused_by_database: {error}"
        await self.handle_alone([item])

    async def _attempt(self, items: Sequence[Item]) -> None:
        batch = Batch(self.who, self.clock.now(), self.retries)
        todo = await self._load(batch, items)
        await self._decide(batch, todo)
        read = self.clock.now()
        change = batch.change(self.token(), self.owner)
        public = sum(not item.private for item in todo)
        duplicates = sum(not item.private for item in items) - public
        if change is not None:
            await self._commit_deeds(change, batch)
        for done in batch.results:
            item = done.item
            if not item.private:
                self.observer.seen(item.label, done.result, 1)
            elif done.result in GONE_WRONG:
                self.observer.seen(PRIVATE, done.result, 1)
            if item.erased:
                self.observer.log(done.result, type=item.label)
                continue
            said = {"reason": done.reason} if done.reason else {}
            if item.unlinkable:
                self.observer.log(done.result, type=item.label, **said)  # beside a time, no id of it
                continue
            self.observer.log(done.result, type=item.label, id=item.shown, correlation=item.shown_correlation, **said)
        ended = self.clock.now()
        self.observer.timed(len(todo), (ended - batch.now).total_seconds(), public)
        if self.observer.decided is not None and change is not None:
            worked = tuple(filter(None, (done.worked(batch.now) for done in batch.results)))
            self.observer.decided(Decided(change.token, batch.now, read, ended, worked))
        if duplicates:
            self.observer.seen("any", "duplicate", duplicates)
        if batch.jobs:
            self.kick("jobs")
        if batch.releases:
            self.kick("kept")

    async def _load(self, batch: Batch, items: Sequence[Item]) -> list[Item]:
        """Find which messages are new, and read what their loaders ask for at first."""
        new = [item for item in items if item.kept is None]
        kept = [item.kept.subject for item in items if item.kept is not None]
        asked = batch.missing(items)
        snapshot = await self.read([item.key for item in new], [*asked, *kept])
        batch.add(asked, snapshot.records)
        known = snapshot.known | await self.sealed_known(batch, [item for item in items if item.unlinkable])
        todo: list[Item] = []
        taken: set[str] = set()
        for item in items:
            if item.kept is not None:
                current = snapshot.records.get(item.kept.subject)
                if current is None or current.version != item.kept.version:
                    continue  # somebody else has handled it meanwhile
            elif item.key in known or item.noted in known or item.key in taken:
                continue
            taken.add(item.key)
            todo.append(item)
        await self._drop_erased(batch, todo)
        return todo

    async def sealed_known(self, batch: Batch, items: Sequence[Item]) -> frozenset[str]:
        """Which of these unlinkable messages the inbox knows under their programmes' keys; each is sealed by this."""
        for item in items:
            while True:
                try:
                    batch.seal(item)
                    break
                except NotRead as more:
                    batch.add(more.subjects, (await self.read((), more.subjects)).records)
                except KeyAway:
                    break  # it is kept until the key is back
        sealed = [item.sealed for item in items if item.sealed]
        return (await self.read(sealed, ())).known if sealed else frozenset()

    async def _drop_erased(self, batch: Batch, items: Sequence[Item]) -> None:
        """Mark what names somebody who was erased, so that nothing of it is decided or kept.

        A batch that read the counter before a tombstone was written may still be committed after it. The search for
        what names that person begins only when every such batch has ended (`Limits.settling`), and finds what it wrote.
        """
        if batch.tombstones != self.tombs.version:
            self.tombs = await tombs_of(self.store, self.who.key, batch.tombstones)
        batch.gone = self.tombs.gone
        if not self.tombs.hashes:
            return
        for item in items:
            # Most name nobody who was erased: only the others are read for what exactly they say.
            suspected = "\\u" in (raw := item.raw) or self.tombs.named_in(raw)
            if suspected and not item.spared and self.tombs.named_in(item.text):
                self.desk.drop(item)

    async def _decide(self, batch: Batch, items: Sequence[Item]) -> None:
        """Decide in order; where a loader hops on, read for all that are still to come what they ask for."""
        for number, item in enumerate(items):
            while True:
                try:
                    batch.decide(item)
                    break
                except NotRead as more:
                    asked = more.subjects | batch.missing(items[number:])
                    batch.add(asked, (await self.read((), asked)).records)

    async def read(self, keys: Sequence[str], subjects: Sequence[str] | set[str] | frozenset[str]) -> Snapshot:
        """What the inbox knows of these keys, and these records."""
        return await self.store.read(keys, subjects)

    def bookkeeping(
        self,
        writes: tuple[Record, ...] = (),
        deletes: tuple[tuple[str, int], ...] = (),
        anew: tuple[tuple[int, Record], ...] = (),
    ) -> Change:
        """A change of the engine's own records, or of where others lie; says nothing."""
        now = self.clock.now()
        return Change(
            token=self.token(),
            owner=self.owner,
            at=now.isoformat(),
            until=(now + CLAIM).isoformat(),
            writes=writes,
            deletes=deletes,
            anew=anew,
        )

    async def _commit_deeds(self, change: Change, batch: Batch) -> None:
        """Commit a batch; with the next link of this replica's chain, if it holds what somebody had done."""
        if not batch.deeds:
            await self.commit(change)
            return
        entries = entries_of(batch.deeds, self.who.key, chain_of(self.owner), change.at)
        # What became of a commit is known when this ends: only then may another loop's link follow.
        async with self.chain.link(self.store, self.clock, self.owner, change.at, entries) as link:
            await self.commit(replace(change, audit=link))

    async def commit(self, change: Change) -> None:
        """Commit, and find out what became of it where the outcome is unknown: only its own token tells.

        Raises Conflict, Refused or Unavailable; then nothing of this attempt counts.
        """
        self.outbox.begin(change.token)
        try:
            await self.store.commit(change)
        except CommitUnknown:
            self.observer.seen("commit", "unknown", 1)
            if not await self._patiently(lambda: self.store.committed(change.token)):
                self.outbox.drop(change.token)
                raise Conflict("the commit did not happen") from None
        except (Conflict, Refused, Unavailable):
            self.outbox.drop(change.token)
            raise
        self.outbox.add(change.token, change.outbox)
