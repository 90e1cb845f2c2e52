"""The two seams: all that the engine knows of a broker and of a database.

Each has a real adapter and one in memory; one conformance suite (`tests/conformance`) holds them to the promises that
are written here.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from pydantic import BaseModel

from shared.runtime.audit import Head, Link
from shared.runtime.journal import Entry, Traced

# Errors, sorted by what the engine does about them


class StoreError(Exception):
    """A store could not do what it was asked."""


class Conflict(StoreError):
    """Something that the change rests on has changed meanwhile: decide again from fresh state. Nothing was written."""


class Refused(StoreError):
    """The database will never take this change (too large, invalid). Nothing was written."""


class Unavailable(StoreError):
    """The database is away or asks to try again. Nothing was written."""


class CommitUnknown(StoreError):
    """The change may have been written, may not, or may still be: ask `committed(token)`."""


class BrokerUnavailable(Exception):
    """The broker is away, blocked, or did not confirm in time; what was published may arrive all the same."""


# The broker

Intake = Literal["commands", "events", "replies"]
"""`replies`: what other services answer to a service's private commands; only where its table reads such answers."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as the broker hands it over; `tag` is the adapter's own.

    `key` is the routing key, for which the broker checked the sender's right. `count` is its hint how often it was
    handed over before (0: first time). It validated `user`.
    """

    tag: Any
    intake: Intake
    body: bytes
    key: str = ""
    count: int = 0
    user: str | None = None
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to publish. An empty exchange is the broker's default: `key` is then the name of a queue."""

    exchange: str
    key: str
    body: bytes
    id: str


class Deliveries(Protocol):
    """Receive with delivery count, acknowledge, publish with confirms."""

    async def receive(self, limit: int) -> list[Delivery]:
        """Wait for deliveries and return up to `limit`, commands before events, each intake in the broker's order.

        While more commands wait than fit, every fourth place is still for events. Returns none when the replica is told
        to stop. Raises BrokerUnavailable. What was received and is never acknowledged comes again, to this replica or
        another.
        """

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Acknowledge these, which are finished, in as few words as possible. A lost connection is ignored."""

    async def publish(self, messages: Sequence[Outgoing]) -> list[bool]:
        """Publish all, pipelined, and return which were confirmed. A returned message (nobody bound) counts as
        confirmed when it is an event or a reply. Raises BrokerUnavailable when nothing can be said.
        """

    async def clear_notices(self) -> None:
        """Empty the service's quarantine queue. Raises BrokerUnavailable."""

    async def healthy(self) -> str | None:
        """None, or why this replica cannot work with the broker (asked, not remembered)."""


# The database


@dataclass(frozen=True, slots=True)
class Record:
    """One document of the store. `state` None: only a mark that somebody awaits it.

    `kind` and `due` (ISO date, or ISO timestamp for the engine's own kinds) are indexed; `version` guards each write.
    """

    subject: str
    kind: str
    version: int = 0
    sequence: int = 0
    state: dict[str, Any] | None = None
    programme: str | None = None
    due: str | None = None
    awaited: bool = False
    awaits: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One transaction. All or nothing; raises Conflict if a guarded version or an inbox key is no longer as expected.

    `writes` are new records; each replaces the one with `version - 1` (or none, for version 1). `deletes` are guarded
    by the version given. Keys in `inbox` are forgotten after 30 days; those in `pins` only 30 days after a later
    change has them in `unpins`, or at once after one that has them in `forgets`. The outbox document `token` is always
    written, empty or not; `owner` holds it until `until`. The `journal` is forgotten after some days. Times are ISO
    timestamps. Where the number of the link `audit` is taken in its chain, nothing is written.

    `anew` are records that lie already, each with the version that guards it: taken out, and put in once more as given,
    so that they lie behind all others and in this order.
    """

    token: str
    owner: str
    at: str
    until: str
    writes: tuple[Record, ...] = ()
    deletes: tuple[tuple[str, int], ...] = ()
    inbox: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    unpins: tuple[str, ...] = ()
    forgets: tuple[str, ...] = ()
    outbox: tuple[Outgoing, ...] = ()
    journal: tuple[Entry, ...] = ()
    audit: Link | None = None
    anew: tuple[tuple[int, Record], ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What `read` found: the keys that the inbox knows, and the records by subject."""

    known: frozenset[str]
    records: dict[str, Record]


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """What one transaction wanted to be published."""

    token: str
    messages: tuple[Outgoing, ...]


class Store(Protocol):
    """One transaction that is all or nothing with snapshot isolation (first committer wins), and reads beside it.

    Write skew is possible: two changes that read each other's subjects and write different ones both commit.
    """

    async def read(self, keys: Collection[str], subjects: Collection[str]) -> Snapshot:
        """Which inbox keys are known, and the records that exist. Raises Unavailable."""

    async def commit(self, change: Change) -> None:
        """Write a change with majority. Raises Conflict, Refused, Unavailable or CommitUnknown."""

    async def committed(self, token: str) -> bool:
        """Whether the outbox document of this attempt exists. Raises Unavailable."""

    async def settle(self, tokens: Sequence[str]) -> None:
        """Delete outbox documents: everything in them was confirmed. Raises Unavailable."""

    async def sweep(self, owner: str, now: str, until: str, mine: Collection[str]) -> list[OutboxEntry]:
        """Claim outbox documents whose claim has run out, or that an earlier life of `owner` left (not `mine`).

        Oldest first, a bounded number; the claim holds until `until`. Raises Unavailable.
        """

    async def renew(self, owner: str, tokens: Sequence[str], until: str) -> None:
        """Hold outbox documents that `owner` holds until a later time. Raises Unavailable."""

    async def due(self, kinds: Collection[str], until: str, after: str, limit: int) -> list[Record]:
        """Records of these kinds that are due by `until`, by subject, from after `after`. Raises Unavailable."""

    async def find(self, kind: str, programme: str | None, after: str, limit: int) -> list[Record]:
        """Records of a kind that have a state (in a programme, if given), by subject, from after `after`."""

    async def oldest(self, kind: str, limit: int) -> list[Record]:
        """Jobs of a kind that no person must decide on, those first that began first (`since`). Raises Unavailable."""

    async def waiting(self, subject: str, after: str, limit: int) -> list[Record]:
        """Records that await a subject, by their own subject, from after `after`, at most `limit`."""

    async def quarantined(self, after: str, limit: int) -> list[Record]:
        """Kept messages and jobs that a person must decide on, by subject, without what they hold (`stored`)."""

    async def trace(self, correlation: str, limit: int) -> list[Traced]:
        """What the journal knows of a correlation id, oldest first, of `limit` changes at most. Raises Unavailable."""

    async def head(self, chain: str) -> Head | None:
        """How far a chain of the audit has come; None if it has no link. Raises Unavailable."""

    async def links(self, after: str, limit: int) -> list[dict[str, Any]]:
        """Links of the audit as they are stored (`Link.document`), by chain and number, from after an id."""

    async def forget_links(self, chain: str, number: int) -> None:
        """Delete a chain's links up to and with a number. Raises Unavailable."""

    async def counts(self) -> dict[str, int]:
        """Figures for metrics: outbox, waiting, retry, quarantined, jobs, inbox. Raises Unavailable."""

    async def census(self, kinds: Collection[str]) -> list[tuple[str, str, str, int]]:
        """How many of these kinds each programme has, by their state's `status`, in order. Raises Unavailable."""

    async def forget(self, ids: Collection[str], kinds: Collection[str]) -> None:
        """Forget what inbox and journal know under these ids: keys of the due dates of `kinds`, entries that name one.

        Raises Unavailable.
        """

    async def holds(self, ids: Collection[str]) -> bool:
        """Whether something that waits to be published holds one of these ids. Raises Unavailable."""

    async def healthy(self) -> str | None:
        """None, or why this replica cannot work with the database (asked, not remembered)."""


class Erasures(Protocol):
    """The list of erasures: kept apart from database and backups, so that a restore can carry them out again.

    A line holds a keyed hash and a date, nothing else. Several services may write to one list.
    """

    async def add(self, hashes: Collection[str], on: dt.date) -> None:
        """Write down those that are not in it yet; they are on disk when this returns. Raises OSError."""

    async def read(self) -> frozenset[str]:
        """All hashes in it. Raises OSError, or ValueError for a line that is none of its own."""


# What else the engine is given


class Clock(Protocol):
    """Time for leases and delays; no decision ever sees it."""

    def now(self) -> dt.datetime:
        """The current time in UTC."""

    async def pause(self, seconds: float) -> None:
        """Wait."""


class LeaseLost(Exception):
    """Somebody else has taken the job over."""


class WorkFailed(Exception):
    """A job's work ended with an exception or its process died; the text names the reason without personal data."""


Piece = tuple[str, dict[str, Any]]
"""A piece of a job by class name and JSON-able data."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """A job's result; `again` if the job must be tried again later."""

    pieces: tuple[Piece, ...]
    again: bool = False


class Worker(Protocol):
    """Runs a job's pure work, in a process of its own where the job is heavy."""

    async def run(
        self, job: Any, inputs: BaseModel, beat: Callable[[], Awaitable[None]], tell: Callable[[Piece], None]
    ) -> Pieces:
        """Work, calling `beat` now and then to keep the lease, and `tell` with what the work yields on the way.

        Raises WorkFailed, and what `beat` or `tell` raises.
        """


@dataclass(frozen=True, slots=True)
class Worked:
    """A message, or job, that was worked on, with its W3C trace; `intake` is empty if it came by no broker."""

    entry: Entry
    traceparent: str | None
    intake: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A batch: when it began, when everything was read and decided, when it was committed. Nothing private is in it."""

    token: str
    began: dt.datetime
    read: dt.datetime
    ended: dt.datetime
    messages: tuple[Worked, ...]


@dataclass
class Observer:
    """What the engine tells whoever watches: counts by type and result, how long so many messages took, what came in.

    `timed` is told how many messages a batch had, its seconds, and how many of its messages were not private.

    `decided` and `published` (letters that the broker confirmed, from when to when) are for who makes spans. The
    default forgets. No field that is logged holds personal data: ids, types and results only.
    """

    seen: Callable[[str, str, int], None] = field(default=lambda type, result, count: None)
    timed: Callable[[int, float, int], None] = field(default=lambda messages, seconds, public: None)
    log: Callable[..., None] = field(default=lambda event, **fields: None)
    received: Callable[[Sequence[Any]], None] = field(default=lambda items: None)
    decided: Callable[[Decided], None] | None = None
    published: Callable[[Sequence[Outgoing], dt.datetime, dt.datetime], None] | None = None
