"""The engine: every message is decided once, whatever fails, and what was decided is said.

Four loops, each a method that does one round and returns whether there was anything to do: `intake` (the broker's
deliveries), `kept` (what waited or failed), `publish` (what was committed) and `sweep` (what a crash left in the
outbox); jobs have a file of their own. They await nothing but the ports, so that a simulation can run them under a
seed.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from shared.runtime.batch import CLAIM, Batch, Identity, NotRead, Retries
from shared.runtime.ids import derived_id
from shared.runtime.item import Desk, Item
from shared.runtime.ports import (
    BrokerUnavailable,
    Change,
    Clock,
    CommitUnknown,
    Conflict,
    Deliveries,
    Observer,
    OutboxEntry,
    Record,
    Refused,
    Snapshot,
    Store,
    Unavailable,
)

T = TypeVar("T")

SUSPICIOUS = 5
"""Deliveries after which a message may have killed its process; the broker's count is only a hint."""
MARKS = 3
"""Marked so often, a message is quarantined."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the loops: messages a batch, messages waiting to be published, seconds of a job's lease."""

    batch: int = 100
    backlog: int = 5_000
    lease: float = 15.0
    chunk: int = 500
    job_attempts: int = 8


class Stopped(Exception):
    """The engine cannot go on without losing something: the service must stop, red."""


@dataclass
class Engine:
    """The loops of one replica of one service. `owner` is the replica's name, `token` gives a new attempt's token."""

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
    unpublished: deque[OutboxEntry] = field(default_factory=deque)
    settled: list[str] = field(default_factory=list)
    publishing: set[str] = field(default_factory=set)
    away: str | None = None

    # The broker's deliveries

    async def intake(self) -> bool:
        """Take a batch of deliveries, decide it, acknowledge it."""
        if self.backlog >= self.limits.backlog:
            await self.clock.pause(0.05)
            return False
        deliveries = await self.broker.receive(self.limits.batch)
        suspicious = [d for d in deliveries if d.count > SUSPICIOUS]
        for delivery in suspicious:
            await self.handle_marked(self.desk.from_delivery(delivery))
        items = [self.desk.from_delivery(d) for d in deliveries if d.count <= SUSPICIOUS]
        await self.handle(items)
        await self.broker.acknowledge(deliveries)
        return bool(deliveries)

    @property
    def backlog(self) -> int:
        """Messages committed and not yet confirmed by the broker."""
        return sum(len(entry.messages) for entry in self.unpublished)

    async def handle_marked(self, item: Item) -> None:
        """Handle a message that may have killed its process: mark it first, alone; three marks quarantine it."""
        subject = f"_suspect/{derived_id(item.key)}"
        while True:
            snapshot = await self._patiently(lambda: self.read((item.key,), (subject,)))
            if item.kept is None and item.key in snapshot.known:
                return
            before = snapshot.records.get(subject, Record(subject=subject, kind="_suspect"))
            marks = (before.state or {}).get("marks", 0) + 1
            mark = Record(subject=subject, kind="_suspect", version=before.version + 1, state={"marks": marks})
            try:
                await self._patiently(partial(self._mark, mark))
                break
            except Conflict:
                await self.clock.pause(self.jitter())
        if marks > MARKS:
            item.fault = f"killed_its_process: its process ended {MARKS} times while it was being handled"
        await self.handle([item])
        try:
            await self._patiently(lambda: self.commit(self.bookkeeping(deletes=((subject, mark.version),))))
        except Conflict:
            return

    async def _mark(self, mark: Record) -> None:
        await self.commit(self.bookkeeping(writes=(mark,)))

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Wait for an absent database: nothing is acknowledged, nothing is counted meanwhile."""
        while True:
            try:
                return await ask()
            except Unavailable as error:
                self.away = str(error) or "the database is away"
                await self.clock.pause(0.5)

    # What was kept

    async def kept(self) -> bool:
        """Decide again what waited for a subject that came, and what failed and is due."""
        now = self.clock.now().isoformat()
        records = await self.store.due(("_kept",), now, "", self.limits.batch)
        if not records:
            return False
        begun = [_begun(record) for record in records]
        try:
            await self.commit(self.bookkeeping(writes=tuple(begun)))
        except Conflict:
            await self.clock.pause(self.jitter())
            return True
        together: list[Item] = []
        for record in begun:
            item = self.desk.from_kept(record)
            if (record.state or {})["begun"] > MARKS:
                item.fault = f"killed_its_process: its process ended {MARKS} times while it was being handled"
            if (record.state or {})["begun"] > 1:
                await self.handle([item])
            else:
                together.append(item)
        await self.handle(together)
        return True

    # Deciding

    async def handle(self, items: Sequence[Item]) -> None:
        """Decide these messages and store the outcome; returns when each is handled or kept.

        Conflicts decide again, an absent database is waited for, what the database refuses is narrowed down by halving.
        Raises Stopped if even the notice of a quarantined message is refused.
        """
        if not items:
            return
        while True:
            try:
                await self._attempt(items)
                self.away = None
                return
            except Conflict:
                self.observer.seen("conflict", "again", 1)
                await self.clock.pause(self.jitter())
            except Unavailable as error:
                self.away = str(error) or "the database is away"
                await self.clock.pause(0.5)
            except Refused as error:
                if len(items) == 1:
                    await self._refused(items[0], error)
                    return
                half = len(items) // 2
                await self.handle(items[:half])
                await self.handle(items[half:])
                return

    async def _refused(self, item: Item, error: Refused) -> None:
        if item.fault is not None:
            raise Stopped(f"even the notice of a quarantined {item.type} is refused: {error}")
        item.fault = f"refused_by_database: {error}"
        await self.handle([item])

    async def _attempt(self, items: Sequence[Item]) -> None:
        batch = Batch(self.who, self.clock.now(), self.retries)
        todo = await self._load(batch, items)
        for item in todo:
            await self._decide(batch, item)
        change = batch.change(self.token(), self.owner)
        duplicates = len(items) - len(todo)
        if change is not None:
            await self.commit(change)
        for item, result in batch.results:
            self.observer.seen(item.type, result, 1)
            self.observer.log(
                result, type=item.type, id=item.key if item.private else item.id, correlation=item.correlation
            )
        self.observer.timed(len(todo), (self.clock.now() - batch.now).total_seconds())
        if duplicates:
            self.observer.seen("any", "duplicate", duplicates)
        if batch.jobs:
            self.kick("jobs")
        if batch.releases:
            self.kick("kept")

    async def _load(self, batch: Batch, items: Sequence[Item]) -> list[Item]:
        """Find which messages are new, and read what their loaders ask for, hop by hop."""
        new = [item for item in items if item.kept is None]
        kept = [item.kept.subject for item in items if item.kept is not None]
        asked = batch.missing(items)
        snapshot = await self.read([item.key for item in new], [*asked, *kept])
        batch.add(asked, snapshot.records)
        todo: list[Item] = []
        taken: set[str] = set()
        for item in items:
            if item.kept is not None:
                current = snapshot.records.get(item.kept.subject)
                if current is None or current.version != item.kept.version:
                    continue  # somebody else has handled it meanwhile
            elif item.key in snapshot.known or item.key in taken:
                continue
            taken.add(item.key)
            todo.append(item)
        while asked := batch.missing(todo):
            batch.add(asked, (await self.read((), asked)).records)
        return todo

    async def _decide(self, batch: Batch, item: Item) -> None:
        while True:
            try:
                batch.decide(item)
                return
            except NotRead as more:
                batch.add(more.subjects, (await self.read((), more.subjects)).records)

    async def read(self, keys: Sequence[str], subjects: Sequence[str] | set[str] | frozenset[str]) -> Snapshot:
        """What the inbox knows of these keys, and these records."""
        return await self.store.read(keys, subjects)

    def bookkeeping(self, writes: tuple[Record, ...] = (), deletes: tuple[tuple[str, int], ...] = ()) -> Change:
        """A change of the engine's own records; says nothing."""
        now = self.clock.now()
        return Change(
            token=self.token(),
            owner=self.owner,
            at=now.isoformat(),
            until=(now + CLAIM).isoformat(),
            writes=writes,
            deletes=deletes,
        )

    async def commit(self, change: Change) -> None:
        """Commit, and find out what became of it where the outcome is unknown: only its own token tells.

        Raises Conflict, Refused or Unavailable; then nothing of this attempt counts.
        """
        self.publishing.add(change.token)
        try:
            await self.store.commit(change)
        except CommitUnknown:
            self.observer.seen("commit", "unknown", 1)
            if not await self._really(change.token):
                self.publishing.discard(change.token)
                raise Conflict("the commit did not happen") from None
        except (Conflict, Refused, Unavailable):
            self.publishing.discard(change.token)
            raise
        if change.outbox:
            self.unpublished.append(OutboxEntry(change.token, change.outbox))
            self.kick("publish")
        else:
            self.settled.append(change.token)

    async def _really(self, token: str) -> bool:
        return await self._patiently(lambda: self.store.committed(token))

    # Publishing

    async def publish(self) -> bool:
        """Publish what was committed, and delete the outbox documents of which everything was confirmed."""
        entries: list[OutboxEntry] = []
        count = 0
        while self.unpublished and count < 2 * self.limits.batch:
            entries.append(self.unpublished.popleft())
            count += len(entries[-1].messages)
        if not entries:
            return await self._settle()
        letters = [letter for entry in entries for letter in entry.messages]
        try:
            confirmed = await self.broker.publish(letters)
        except BrokerUnavailable:
            confirmed = [False] * len(letters)
        results = iter(confirmed)
        open_entries: list[OutboxEntry] = []
        for entry in entries:
            left = tuple(letter for letter in entry.messages if not next(results))
            if left:
                open_entries.append(OutboxEntry(entry.token, left))
            else:
                self.settled.append(entry.token)
        self.observer.seen("any", "published", sum(confirmed))
        self.unpublished.extend(open_entries)
        if open_entries:
            await self.clock.pause(0.2)
        await self._settle()
        return True

    async def _settle(self) -> bool:
        tokens, self.settled = self.settled, []
        if not tokens:
            return False
        try:
            await self.store.settle(tokens)
        except Unavailable:
            self.settled += tokens
            await self.clock.pause(0.2)
            return True
        self.publishing.difference_update(tokens)
        return True

    async def sweep(self) -> bool:
        """Take over what a crash left in the outbox."""
        now = self.clock.now()
        until = (now + CLAIM).isoformat()
        entries = await self.store.sweep(self.owner, now.isoformat(), until, frozenset(self.publishing))
        for entry in entries:
            self.publishing.add(entry.token)
            if entry.messages:
                self.unpublished.append(entry)
            else:
                self.settled.append(entry.token)
        if entries:
            self.kick("publish")
        return bool(entries)


def _begun(record: Record) -> Record:
    """A kept message that is about to be decided: counted, so that one that kills its process is known."""
    state = dict(record.state or {})
    state["begun"] = state.get("begun", 0) + 1
    return replace(record, version=record.version + 1, state=state)
