"""The two ports in memory, with the same promises as the real ones: for unit tests and the simulation.

State outlives a replica: `MemoryBroker` and `MemoryDatabase` are the servers, `MemoryDeliveries` and `MemoryStore` a
replica's connections to them.
"""

import copy
from collections import Counter, deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from shared.runtime.adapters.intake import shares
from shared.runtime.audit import Head, Link
from shared.runtime.batch import HEAVY, KEPT, LIGHT, MAX_MESSAGE
from shared.runtime.journal import Traced
from shared.runtime.ports import (
    BrokerUnavailable,
    Change,
    Conflict,
    Delivery,
    Intake,
    OutboxEntry,
    Outgoing,
    Record,
    Refused,
    Snapshot,
)

MOST_BYTES = 16 * 1024 * 1024

# The broker


@dataclass(frozen=True, slots=True)
class Message:
    """A message in a queue."""

    number: int
    body: bytes
    key: str
    count: int = 0
    user: str | None = None
    reply_to: str | None = None


@dataclass
class MemoryBroker:
    """Two topic exchanges with exact bindings, and queues that keep what nobody has acknowledged."""

    bindings: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    queues: dict[str, deque[Message]] = field(default_factory=dict)
    unrouted: list[Outgoing] = field(default_factory=list)
    numbers: Callable[[], int] = field(default_factory=lambda: count(1).__next__)

    def declare(self, queue: str, exchange: str = "", keys: Collection[str] = ()) -> None:
        """Make a queue and bind it to these keys of an exchange."""
        self.queues.setdefault(queue, deque())
        for key in keys:
            self.bindings.setdefault((exchange, key), set()).add(queue)

    def publish(self, message: Outgoing, user: str | None = None, reply_to: str | None = None) -> bool:
        """Route one message; whether the broker took it (one over 1 MiB is refused)."""
        if len(message.body) > MAX_MESSAGE:
            return False
        if message.exchange == "":
            targets = {message.key} & set(self.queues)
        else:
            targets = self.bindings.get((message.exchange, message.key), set())
        if not targets and message.exchange == "tandem.commands":
            self.unrouted.append(message)
        for queue in sorted(targets):
            self.queues[queue].append(Message(self.numbers(), message.body, message.key, 0, user, reply_to))
        return True


@dataclass
class MemoryDeliveries:
    """A replica's connection to the broker in memory."""

    broker: MemoryBroker
    service: str
    unacknowledged: dict[int, tuple[str, Message]] = field(default_factory=dict)
    connected: bool = True

    async def receive(self, limit: int) -> list[Delivery]:
        """Take what is there; an empty list when there is nothing."""
        if not self.connected:
            raise BrokerUnavailable("the connection is lost")
        taken: list[Delivery] = []
        queues = self.broker.queues
        intakes: tuple[Intake, ...] = ("commands", "events", "replies")
        commands, events, replies = (len(queues.get(f"{self.service}.{intake}", ())) for intake in intakes)
        for lane, share in shares(commands, events + replies, limit):
            for _ in range(share):
                intake = "replies" if lane == "events" and queues.get(f"{self.service}.replies") else lane
                queue = f"{self.service}.{intake}"
                message = queues[queue].popleft()
                self.unacknowledged[message.number] = (queue, message)
                taken.append(
                    Delivery(
                        tag=message.number,
                        intake=intake,
                        body=message.body,
                        key=message.key,
                        count=message.count,
                        user=message.user,
                        reply_to=message.reply_to,
                    )
                )
        return taken

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Forget these; after a lost connection they have gone back already."""
        for delivery in deliveries:
            self.unacknowledged.pop(delivery.tag, None)

    async def publish(self, messages: Sequence[Outgoing]) -> list[bool]:
        """Publish all."""
        if not self.connected:
            raise BrokerUnavailable("the connection is lost")
        return [self.broker.publish(message, user=self.service) for message in messages]

    async def clear_notices(self) -> None:
        """Empty the quarantine queue."""
        if not self.connected:
            raise BrokerUnavailable("the connection is lost")
        self.broker.queues[f"{self.service}.quarantine"] = deque()

    async def healthy(self) -> str | None:
        """None, or that the connection is lost."""
        return None if self.connected else "the connection is lost"

    def lose(self) -> None:
        """The connection is lost: everything unacknowledged goes back, in order, counted once more."""
        for queue, message in sorted(self.unacknowledged.values(), key=lambda m: -m[1].number):
            self.broker.queues[queue].appendleft(replace(message, count=message.count + 1))
        self.unacknowledged.clear()


# The database


@dataclass
class _OutboxDocument:
    messages: tuple[Outgoing, ...]
    owner: str
    at: str
    until: str


@dataclass
class MemoryDatabase:
    """What is stored, and every change in the order of its commit (for the checker)."""

    records: dict[str, Record] = field(default_factory=dict)
    inbox: set[str] = field(default_factory=set)
    pinned: set[str] = field(default_factory=set)
    outbox: dict[str, _OutboxDocument] = field(default_factory=dict)
    audit: dict[str, Link] = field(default_factory=dict)
    history: list[Change] = field(default_factory=list)

    def apply(self, change: Change) -> None:
        """Write a change, all or nothing. Raises Conflict."""
        self.check(change)
        for record in change.writes:
            self.records[record.subject] = record
        for subject, _ in change.deletes:
            del self.records[subject]
        for _, record in change.anew:
            del self.records[record.subject]
            self.records[record.subject] = record
        self.inbox.update(change.inbox, change.pins)
        self.pinned.update(change.pins)
        self.pinned.difference_update(change.unpins, change.forgets)
        self.inbox.difference_update(change.forgets)
        self.outbox[change.token] = _OutboxDocument(change.outbox, change.owner, change.at, change.until)
        if change.audit is not None:
            self.audit[change.audit.id] = change.audit
        self.history.append(change)

    def check(self, change: Change) -> None:
        """Whether the change fits what is stored: versions as guarded, inbox keys new, and nothing too large."""
        for record in change.writes:
            if _size(record.state) > MOST_BYTES:
                raise Refused("a record is too large")
        for record in change.writes:
            before = self.records.get(record.subject)
            if (before.version if before else 0) != record.version - 1:
                raise Conflict(f"{record.subject} has changed")
        for subject, version in (*change.deletes, *((record.subject, before) for before, record in change.anew)):
            before = self.records.get(subject)
            if before is None or before.version != version:
                raise Conflict(f"{subject} has changed")
        keys = (*change.inbox, *change.pins)
        if not self.inbox.isdisjoint(keys) or len(set(keys)) != len(keys):
            raise Conflict("a message is known already")
        if change.audit is not None and change.audit.id in self.audit:
            raise Conflict("a chain has gone on")

    def forget(self) -> None:
        """Thirty days have passed: the inbox knows only what is still kept."""
        self.inbox &= self.pinned


def _size(value: Any) -> int:
    """About how many bytes a state takes. Raises Refused for a number that no database of ours keeps."""
    if isinstance(value, dict):
        return sum(len(key) + _size(inner) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return sum(map(_size, value))
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise Refused("a number is too large")
    return len(value) if isinstance(value, str | bytes) else 8


def _names(text: str, ids: Collection[str]) -> bool:
    return any(id in text for id in ids)


@dataclass
class MemoryStore:
    """A replica's connection to the database in memory."""

    database: MemoryDatabase

    async def read(self, keys: Collection[str], subjects: Collection[str]) -> Snapshot:
        """Known keys and existing records; the caller's copy is its own."""
        records = self.database.records
        found = {subject: copy.copy(records[subject]) for subject in subjects if subject in records}
        return Snapshot(frozenset(key for key in keys if key in self.database.inbox), found)

    async def commit(self, change: Change) -> None:
        """Write a change."""
        self.database.apply(change)

    async def committed(self, token: str) -> bool:
        """Whether the attempt's outbox document is there."""
        return token in self.database.outbox

    async def settle(self, tokens: Sequence[str]) -> None:
        """Delete outbox documents."""
        for token in tokens:
            self.database.outbox.pop(token, None)

    async def sweep(self, owner: str, now: str, until: str, mine: Collection[str]) -> list[OutboxEntry]:
        """Claim what nobody else holds."""
        swept: list[OutboxEntry] = []
        for token, document in sorted(self.database.outbox.items(), key=lambda entry: entry[1].at):
            if token in mine or len(swept) >= 100 or (document.until >= now and document.owner != owner):
                continue
            document.owner, document.until = owner, until
            swept.append(OutboxEntry(token, document.messages))
        return swept

    async def renew(self, owner: str, tokens: Sequence[str], until: str) -> None:
        """Hold documents longer."""
        for token in tokens:
            document = self.database.outbox.get(token)
            if document is not None and document.owner == owner:
                document.until = until

    async def waiting(self, subject: str, after: str, limit: int) -> list[Record]:
        """Who awaits a subject."""
        found = [r for r in self.database.records.values() if r.awaits == subject and r.subject > after]
        return sorted(found, key=lambda r: r.subject)[:limit]

    async def quarantined(self, after: str, limit: int) -> list[Record]:
        """What a person must decide on, without its body."""
        found = [
            replace(r, state={k: v for k, v in (r.state or {}).items() if k != "stored"})
            for r in self.database.records.values()
            if r.kind in (KEPT, LIGHT, HEAVY) and (r.state or {}).get("status") == "quarantine" and r.subject > after
        ]
        return sorted(found, key=lambda r: r.subject)[:limit]

    async def due(self, kinds: Collection[str], until: str, after: str, limit: int) -> list[Record]:
        """Records that are due, by subject."""
        found = [
            r
            for r in self.database.records.values()
            if r.kind in kinds and r.due is not None and r.due <= until and r.subject > after
        ]
        return sorted(found, key=lambda r: r.subject)[:limit]

    async def find(self, kind: str, programme: str | None, after: str, limit: int) -> list[Record]:
        """Records with a state, by subject."""
        found = [
            r
            for r in self.database.records.values()
            if r.kind == kind
            and r.state is not None
            and (programme is None or r.programme == programme)
            and r.subject > after
        ]
        return sorted(found, key=lambda r: r.subject)[:limit]

    async def oldest(self, kind: str, limit: int) -> list[Record]:
        """Jobs of a kind that are not in quarantine, the oldest first."""
        found = [
            (r.state["since"], r.subject, r)
            for r in self.database.records.values()
            if r.kind == kind and r.state and "since" in r.state and r.state.get("status") != "quarantine"
        ]
        return [record for _, _, record in sorted(found, key=lambda each: each[:2])[:limit]]

    async def trace(self, correlation: str, limit: int) -> list[Traced]:
        """What the journal knows of a correlation id."""
        mine = [c for c in self.database.history if any(entry.correlation == correlation for entry in c.journal)]
        return [
            Traced(entry, change.owner, change.at, change.token not in self.database.outbox)
            for change in sorted(mine, key=lambda c: (c.at, c.token))[:limit]
            for entry in change.journal
            if entry.correlation == correlation
        ]

    async def head(self, chain: str) -> Head | None:
        """The last link's number and hash."""
        last = max((id for id, link in self.database.audit.items() if link.chain == chain), default=None)
        return self.database.audit[last].head if last else None

    async def links(self, after: str, limit: int) -> list[dict[str, Any]]:
        """Links by chain and number."""
        found = sorted(id for id in self.database.audit if id > after)[:limit]
        return [self.database.audit[id].document() for id in found]

    async def forget_links(self, chain: str, number: int) -> None:
        """Delete a chain's first links."""
        links = self.database.audit.values()
        for id in [link.id for link in links if link.chain == chain and link.number <= number]:
            del self.database.audit[id]

    async def counts(self) -> dict[str, int]:
        """Figures for metrics."""
        status = [(r.state or {}).get("status") for r in self.database.records.values() if r.kind == KEPT]
        return {
            "outbox": len(self.database.outbox),
            "waiting": status.count("waiting"),
            "retry": status.count("retry") + status.count("ready"),
            "quarantined": len(await self.quarantined("", len(self.database.records))),
            "jobs": sum(1 for r in self.database.records.values() if r.kind in (LIGHT, HEAVY)),
            "inbox": len(self.database.inbox),
        }

    async def census(self, kinds: Collection[str]) -> list[tuple[str, str, str, int]]:
        """How many by programme, kind and status."""
        found = Counter(
            (r.programme, r.kind, str((r.state or {}).get("status", "")))
            for r in self.database.records.values()
            if r.kind in kinds and r.programme is not None
        )
        return sorted((programme, kind, status, n) for (programme, kind, status), n in found.items())

    async def forget(self, ids: Collection[str], kinds: Collection[str]) -> None:
        """Forget keys of due dates, and entries of the journal."""
        starts = tuple(f"due|{kind}/{id}@" for kind in kinds for id in ids)
        gone = {key for key in self.database.inbox if key.startswith(starts)}
        self.database.inbox -= gone
        self.database.pinned -= gone
        self.database.history = [
            replace(change, journal=tuple(entry for entry in change.journal if not _names(entry.correlation, ids)))
            for change in self.database.history
        ]

    async def holds(self, ids: Collection[str]) -> bool:
        """Whether something in the outbox holds one of these ids."""
        letters = (letter for document in self.database.outbox.values() for letter in document.messages)
        return any(_names(letter.body.decode(errors="replace"), ids) for letter in letters)

    async def healthy(self) -> str | None:
        """Always well."""
        return None
