"""The store's port on MongoDB with PyMongo's async client.

Collections: `state` (aggregates), `kept` (waiting, retry, quarantine), `jobs` (jobs, their results, suspects), `inbox`
(a document each, forgotten after 30 days), `outbox` (a document an attempt, its id the attempt's token), `journal` (the
same, forgotten after `journal_days`), `replicas`.
"""

import asyncio
import contextlib
import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, TypeVar, cast

from bson.errors import BSONError
from pymongo import AsyncMongoClient, DeleteOne, InsertOne, ReplaceOne, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    ClientBulkWriteException,
    ConnectionFailure,
    DocumentTooLarge,
    InvalidOperation,
    OperationFailure,
    PyMongoError,
)
from pymongo.monitoring import CommandListener
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.runtime.batch import HEAVY, KEPT, LIGHT, RELEASE
from shared.runtime.journal import Traced, mark, packed, unpacked
from shared.runtime.ports import (
    Change,
    CommitUnknown,
    Conflict,
    OutboxEntry,
    Outgoing,
    Record,
    Refused,
    Snapshot,
    StoreError,
    Unavailable,
)

R = TypeVar("R")
Document = dict[str, Any]

INBOX_DAYS = 30
JOURNAL_DAYS = 14
OUTBOX_BYTES = 4 * 1024 * 1024
GONE = dt.timedelta(days=1)
"""A replica without a heartbeat for so long holds no session any more: the server gave it up long ago."""
STALE = dt.timedelta(seconds=8)
"""A replica whose heartbeat is older is taken for dead; ending the session of a living one costs it a retry."""
BLOCKED_SECONDS = 2.0
LONG = dt.timedelta(days=3)
"""Whoever waits longer for their cause is counted apart: somebody should look."""

CHANGED = {112, 11000, 251, 225, 244, 11601}
"""Write conflict, duplicate key, and a transaction that was ended from outside."""
AWAY = {6, 7, 13, 18, 24, 46, 50, 64, 89, 91, 189, 262, 9001, 10058, 10107, 11600, 11602, 13388, 13435, 13436, 14031}
"""Not this change's fault: network, shutdown, elections, rights, time limits, a full disk."""


class MongoStore:
    """One replica's connection to its service's database; `owner` is the replica's name.

    `listeners` hear of each database command (to count them).
    """

    def __init__(
        self,
        url: str,
        database: str,
        owner: str,
        *,
        listeners: Sequence[CommandListener] = (),
        journal_days: int = JOURNAL_DAYS,
    ) -> None:
        self._client: AsyncMongoClient[Document] = AsyncMongoClient(
            url,
            serverSelectionTimeoutMS=2_000,
            connectTimeoutMS=2_000,
            socketTimeoutMS=30_000,
            retryWrites=True,
            w="majority",
            journal=True,
            maxPoolSize=10,
            event_listeners=list(listeners),
        )
        self._database: AsyncDatabase[Document] = self._client.get_database(
            database, read_concern=ReadConcern("majority"), write_concern=WriteConcern("majority", j=True)
        )
        self._owner = owner
        self._journal = dt.timedelta(days=journal_days)
        self._session: AsyncClientSession | None = None
        self._one_at_a_time = asyncio.Lock()
        self._parts: dict[str, int] = {}
        self._blocked: tuple[float, float] | None = None

    # Life

    async def open(self) -> None:
        """Make the indexes, end what an earlier life left open, and say that this one lives. Raises Unavailable."""
        await _reading(self._open)

    async def _open(self) -> None:
        db = self._database
        # Each index costs a write a sixth of its speed: only what is looked for is in one.
        await db["state"].create_index(
            [("programme", 1), ("kind", 1), ("_id", 1)],
            partialFilterExpression={"programme": {"$exists": True}},
            name="programme",
        )
        for name in ("state", "kept", "jobs"):
            await db[name].create_index(
                [("kind", 1), ("due", 1)], partialFilterExpression={"due": {"$exists": True}}, name="due"
            )
        await db["kept"].create_index("awaits", partialFilterExpression={"awaits": {"$exists": True}}, name="awaits")
        await db["inbox"].create_index("at", expireAfterSeconds=INBOX_DAYS * 24 * 3600)
        await db["outbox"].create_index("at")
        await db["journal"].create_index("marks")
        await db["journal"].create_index("until", expireAfterSeconds=0)
        await self._end_session_of({"_id": self._owner})
        await db["replicas"].delete_many({"at": {"$lt": dt.datetime.now(dt.UTC) - GONE}})
        await self._new_session()

    async def _new_session(self) -> AsyncClientSession:
        # Causal consistency would put a readConcern into a transaction's first bulkWrite, which is refused (40415).
        self._session = self._client.start_session(causal_consistency=False)
        await self.beat()
        return self._session

    async def beat(self) -> None:
        """Say that this replica lives, and which session it holds."""
        if self._session is None:
            return
        lsid = self._session.session_id["id"]
        now = dt.datetime.now(dt.UTC)
        await self._database["replicas"].update_one(
            {"_id": self._owner}, {"$set": {"session": lsid, "at": now}}, upsert=True
        )

    async def _end_session_of(self, replicas: Document) -> None:
        """End the sessions of replicas that are gone: their open transactions block what they wrote for a minute."""
        async for replica in self._database["replicas"].find(replicas):
            await self._database.command("killSessions", [{"id": replica["session"]}])
            await self._database["replicas"].delete_one({"_id": replica["_id"], "session": replica["session"]})

    async def close(self) -> None:
        """Forget the session and leave."""
        with contextlib.suppress(PyMongoError):  # whoever starts under this name ends the session
            await self._database["replicas"].delete_one({"_id": self._owner})
        await self._client.close()

    # Reading

    async def read(self, keys: Collection[str], subjects: Collection[str]) -> Snapshot:
        """Known inbox keys and records, all collections at once."""
        return await _reading(lambda: self._read(keys, subjects))

    async def _read(self, keys: Collection[str], subjects: Collection[str]) -> Snapshot:
        groups: dict[str, list[str]] = {}
        for subject in subjects:
            groups.setdefault(_collection(subject), []).append(subject)
        known = self._ids("inbox", list(keys)) if keys else None
        found = [self._documents(name, {"_id": {"$in": group}}) for name, group in groups.items()]
        results = await asyncio.gather(*([known] if known else []), *found)
        documents: list[Document] = [d for group in (results[1:] if known else results) for d in group]
        return Snapshot(
            known=frozenset(d["_id"] for d in results[0]) if known else frozenset(),
            records={d["_id"]: _record(d) for d in documents},
        )

    async def _ids(self, name: str, ids: list[str]) -> list[Document]:
        return await self._documents(name, {"_id": {"$in": ids}}, {"_id": 1})

    async def _documents(
        self, name: str, query: Document, only: Document | None = None, limit: int = 0
    ) -> list[Document]:
        # Without batch_size a result of more than 101 documents costs another trip.
        cursor = self._database[name].find(query, only, batch_size=10_000, limit=limit)
        return await cursor.to_list() if not limit else await cursor.sort("_id", 1).to_list()

    async def committed(self, token: str) -> bool:
        """Whether this attempt's outbox document is there."""
        found = await _reading(lambda: self._exists(token))
        if not found:
            self._parts.pop(token, None)  # should it come late, it is swept part by part
        return found

    async def _exists(self, token: str) -> bool:
        return await self._database["outbox"].find_one({"_id": token}, {"_id": 1}) is not None

    async def due(self, kinds: Collection[str], until: str, after: str, limit: int) -> list[Record]:
        """Records that are due, by subject."""
        names = {_collection(f"{kind}/") for kind in kinds}
        found: list[Record] = []
        for name in sorted(names):
            mine = [kind for kind in kinds if _collection(f"{kind}/") == name]
            query = {"kind": {"$in": mine}, "due": {"$exists": True, "$lte": until}, "_id": {"$gt": after}}
            found += [_record(d) for d in await _reading(lambda n=name, q=query: self._documents(n, q, None, limit))]  # type: ignore[misc]
        return sorted(found, key=lambda record: record.subject)[:limit]

    async def find(self, kind: str, programme: str | None, after: str, limit: int) -> list[Record]:
        """Records with a state, by subject."""
        query: Document = {"kind": kind, "_id": {"$gt": after}, "state": {"$exists": True}}
        if programme is not None:
            query["programme"] = programme
        name = _collection(f"{kind}/")
        return [_record(d) for d in await _reading(lambda: self._documents(name, query, None, limit))]

    async def waiting(self, subject: str, after: str, limit: int) -> list[Record]:
        """Who awaits a subject."""
        query = {"awaits": subject, "_id": {"$gt": after}}
        return [_record(d) for d in await _reading(lambda: self._documents("kept", query, None, limit))]

    async def quarantined(self, after: str, limit: int) -> list[Record]:
        """What a person must decide on, without its body."""
        query = {"state.status": "quarantine", "_id": {"$gt": after}}
        only = {"state.stored": 0}
        found: list[Record] = []
        for name in ("kept", "jobs"):
            found += [_record(d) for d in await _reading(lambda n=name: self._documents(n, query, only, limit))]  # type: ignore[misc]
        return sorted(found, key=lambda record: record.subject)[:limit]

    async def trace(self, correlation: str, limit: int) -> list[Traced]:
        """What the journal knows of a correlation id."""
        found, open_ = await _reading(lambda: self._traces(correlation, limit))
        return [
            Traced(entry, document["owner"], document["at"], document["_id"] not in open_)
            for document in found
            for entry in unpacked(document, correlation)
        ]

    async def _traces(self, correlation: str, limit: int) -> tuple[list[Document], set[str]]:
        found = await self._database["journal"].find({"marks": mark(correlation)}).sort("at", 1).limit(limit).to_list()
        # Noting each confirmation in the journal cost a sixth of the speed; what is unconfirmed stands in the outbox.
        return found, {document["_id"] for document in await self._ids("outbox", [d["_id"] for d in found])}

    async def counts(self) -> dict[str, int]:
        """Figures for metrics; the outbox's age in seconds."""
        return await _reading(self._counts)

    async def _counts(self) -> dict[str, int]:
        db = self._database
        kept = db["kept"].count_documents
        long_ago = (dt.datetime.now(dt.UTC) - LONG).isoformat()
        oldest = await db["outbox"].find({}, {"at": 1}).sort("at", 1).limit(1).to_list()
        running = {"kind": {"$in": [LIGHT, HEAVY]}, "due": {"$exists": True}}
        job = await db["jobs"].find(running, {"state.since": 1}).sort("state.since", 1).limit(1).to_list()
        return {
            "outbox": await db["outbox"].count_documents({}),
            "outbox_age": _age(oldest[0]["at"] if oldest else None),
            "waiting": await kept({"state.status": "waiting"}),
            "waiting_long": await kept({"state.status": "waiting", "state.since": {"$lt": long_ago}}),
            "retry": await kept({"state.status": {"$in": ["retry", "ready"]}}),
            "quarantined": await kept({"state.status": "quarantine"})
            + await db["jobs"].count_documents({"state.status": "quarantine"}),
            "jobs": await db["jobs"].count_documents({"kind": {"$in": [LIGHT, HEAVY]}}),
            "jobs_age": _age(job[0]["state"].get("since") if job else None),
            "inbox": await db["inbox"].estimated_document_count(),
        }

    async def census(self, kinds: Collection[str]) -> list[tuple[str, str, str, int]]:
        """How many by programme, kind and status."""
        group = {"_id": {"p": "$programme", "k": "$kind", "s": "$state.status"}, "n": {"$sum": 1}}
        match = {"programme": {"$exists": True}, "kind": {"$in": list(kinds)}}
        found = await _reading(lambda: self._aggregate([{"$match": match}, {"$group": group}]))
        return sorted((d["_id"]["p"], d["_id"]["k"], d["_id"].get("s") or "", d["n"]) for d in found)

    async def _aggregate(self, steps: list[Document]) -> list[Document]:
        return await (await self._database["state"].aggregate(steps)).to_list()

    async def healthy(self) -> str | None:
        """Ask the server whether it can write."""
        try:
            async with asyncio.timeout(3):
                hello = await self._database.command("hello")
        except (PyMongoError, TimeoutError) as error:
            return f"the database is away ({type(error).__name__})"
        return None if hello.get("isWritablePrimary") else "the database is no primary"

    # Writing

    async def commit(self, change: Change) -> None:
        """Write a change in one transaction of two round trips: the writes, and the commit."""
        operations, expected = self._operations(change)
        async with self._one_at_a_time:
            session = await self._own_session()
            try:
                await session.start_transaction(write_concern=WriteConcern("majority", j=True))
                await self._write(session, operations, expected)
            except BaseException as error:
                self._parts.pop(change.token, None)
                await self._abandon(session, error)
                await self._unblock(error)
                if isinstance(error, PyMongoError | BSONError | OverflowError):
                    raise _sorted(error) from error
                raise
            await self._commit(session, change.token)

    async def _own_session(self) -> AsyncClientSession:
        return self._session if self._session is not None else await _reading(self._new_session)

    async def _write(self, session: AsyncClientSession, operations: list[Any], expected: tuple[int, int, int]) -> None:
        done = await self._client.bulk_write(operations, session=session, ordered=True)
        if (done.inserted_count, done.matched_count + done.upserted_count, done.deleted_count) != expected:
            raise Conflict("a record has changed")

    async def _commit(self, session: AsyncClientSession, token: str) -> None:
        try:
            # PyMongo retries a commit with an unknown outcome once by itself.
            await session.commit_transaction()
        except PyMongoError as error:
            if isinstance(error, OperationFailure) and not error.has_error_label("UnknownTransactionCommitResult"):
                self._parts.pop(token, None)
                raise _sorted(error) from error
            self._session = None
            raise CommitUnknown(type(error).__name__) from error
        except BaseException:
            self._session = None  # cancelled in the middle: the session may hold a transaction
            raise

    async def _abandon(self, session: AsyncClientSession, error: BaseException) -> None:
        try:
            if isinstance(error, asyncio.CancelledError):
                self._session = None
            elif session.in_transaction:
                await session.abort_transaction()
        except (PyMongoError, InvalidOperation):
            self._session = None
        if isinstance(error, ConnectionFailure):
            self._session = None
        if self._session is None:
            await self._end_own(session)

    async def _end_own(self, session: AsyncClientSession) -> None:
        try:
            await self._database.command("killSessions", [session.session_id])
        except PyMongoError:
            return  # the server is away: it gives the transaction up, or whoever starts next ends it

    async def _unblock(self, error: BaseException) -> None:
        """After two seconds of write conflicts, end the sessions of replicas that show no life."""
        if 112 not in _codes(error):
            return
        now = asyncio.get_running_loop().time()
        first, last = self._blocked or (now, now)
        # Commits of others that succeed in between say nothing about the blocked one, which is tried all the time.
        self._blocked = (first, now) if now - last < BLOCKED_SECONDS else (now, now)
        if now - self._blocked[0] >= BLOCKED_SECONDS:
            self._blocked = None
            stale = dt.datetime.now(dt.UTC) - STALE
            try:
                await self._end_session_of({"_id": {"$ne": self._owner}, "at": {"$lt": stale}})
            except PyMongoError:
                return

    def _operations(self, change: Change) -> tuple[list[Any], tuple[int, int, int]]:
        """The change as one bulk, and how many it must insert, match and delete."""
        name = f"{self._database.name}."
        operations: list[Any] = []
        inserted = matched = 0
        for record in change.writes:
            namespace = name + _collection(record.subject)
            document = _document(record)
            if record.version == 1:
                operations.append(InsertOne(document, namespace=namespace))
                inserted += 1
            else:
                guard = {"_id": record.subject, "version": record.version - 1}
                operations.append(ReplaceOne(guard, document, namespace=namespace))
                matched += 1
        for subject, version in change.deletes:
            guard = {"_id": subject, "version": version}
            operations.append(DeleteOne(guard, namespace=name + _collection(subject)))
        at = dt.datetime.fromisoformat(change.at)
        inbox = name + "inbox"
        operations += [InsertOne({"_id": key, "at": at}, namespace=inbox) for key in change.inbox]
        # Without a date the index that forgets passes them by.
        operations += [InsertOne({"_id": key}, namespace=inbox) for key in change.pins]
        operations += [
            UpdateOne({"_id": key}, {"$set": {"at": at}}, upsert=True, namespace=inbox) for key in change.unpins
        ]
        parts = _parts(change.outbox)
        for number, part in enumerate(parts):
            document = {
                "_id": change.token if number == 0 else f"{change.token}.{number}",
                "owner": change.owner,
                "at": change.at,
                "until": change.until,
                "letters": [[m.exchange, m.key, m.body, m.id] for m in part],
            }
            operations.append(InsertOne(document, namespace=name + "outbox"))
        if len(parts) > 1:
            self._parts[change.token] = len(parts)
        if change.journal and self._journal:
            kept = {"_id": change.token, "owner": change.owner, "at": change.at, "until": at + self._journal}
            operations.append(InsertOne(kept | packed(change.journal), namespace=name + "journal"))
            inserted += 1
        inserted += len(change.inbox) + len(change.pins) + len(parts)
        return operations, (inserted, matched + len(change.unpins), len(change.deletes))

    async def settle(self, tokens: Sequence[str]) -> None:
        """Delete outbox documents with all their parts."""
        ids = [*tokens, *self._rest(tokens)]
        await _reading(lambda: self._database["outbox"].delete_many({"_id": {"$in": ids}}))
        for token in tokens:
            self._parts.pop(token, None)

    def _rest(self, tokens: Collection[str]) -> list[str]:
        return [f"{token}.{n}" for token in tokens for n in range(1, self._parts.get(token, 1))]

    async def renew(self, owner: str, tokens: Sequence[str], until: str) -> None:
        """Hold outbox documents longer."""
        query = {"_id": {"$in": [*tokens, *self._rest(tokens)]}, "owner": owner}
        await _reading(lambda: self._database["outbox"].update_many(query, {"$set": {"until": until}}))

    async def sweep(self, owner: str, now: str, until: str, mine: Collection[str]) -> list[OutboxEntry]:
        """Claim outbox documents that nobody alive holds, oldest first."""
        return await _reading(lambda: self._sweep(owner, now, until, mine))

    async def _sweep(self, owner: str, now: str, until: str, mine: Collection[str]) -> list[OutboxEntry]:
        outbox: AsyncCollection[Document] = self._database["outbox"]
        held = [*mine, *self._rest(mine)]
        free: Document = {"$or": [{"until": {"$lt": now}}, {"owner": owner}], "_id": {"$nin": held}}
        swept: list[OutboxEntry] = []
        async for document in outbox.find(free).sort("at", 1).limit(100):
            seen = {"_id": document["_id"], "until": document["until"], "owner": document["owner"]}
            claimed = await outbox.update_one(seen, {"$set": {"owner": owner, "until": until}})
            if claimed.matched_count:
                letters = tuple(
                    Outgoing(exchange, key, bytes(body), id) for exchange, key, body, id in document["letters"]
                )
                swept.append(OutboxEntry(document["_id"], letters))
        return swept


def _age(since: str | None) -> int:
    """Whole seconds since a timestamp; 0 without one."""
    return max(0, int((dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(since)).total_seconds())) if since else 0


def _collection(subject: str) -> str:
    kind = subject.split("/", 1)[0]
    if kind in (KEPT, RELEASE):
        return "kept"
    return "jobs" if kind in (LIGHT, HEAVY, "_result", "_suspect") else "state"


def _document(record: Record) -> Document:
    document: Document = {
        "_id": record.subject,
        "kind": record.kind,
        "version": record.version,
        "sequence": record.sequence,
        "awaited": record.awaited,
    }
    optional = {"state": record.state, "programme": record.programme, "due": record.due, "awaits": record.awaits}
    return document | {key: value for key, value in optional.items() if value is not None}


def _record(document: Document) -> Record:
    return Record(
        subject=document["_id"],
        kind=document["kind"],
        version=document["version"],
        sequence=document["sequence"],
        state=document.get("state"),
        programme=document.get("programme"),
        due=document.get("due"),
        awaited=document["awaited"],
        awaits=document.get("awaits"),
    )


def _parts(letters: Sequence[Outgoing]) -> list[list[Outgoing]]:
    """The letters in parts of at most 4 MB, at least one part."""
    parts: list[list[Outgoing]] = [[]]
    size = 0
    for letter in letters:
        if parts[-1] and size + len(letter.body) > OUTBOX_BYTES:
            parts.append([])
            size = 0
        parts[-1].append(letter)
        size += len(letter.body)
    return parts


async def _reading(ask: Callable[[], Awaitable[R]]) -> R:
    """What reads, and what needs no guard: whatever goes wrong, the database is away for now."""
    try:
        return await ask()
    except PyMongoError as error:
        raise Unavailable(f"the database is away ({type(error).__name__})") from error


def _codes(error: BaseException) -> set[int]:
    """Every error code that a failure carries."""
    found: set[int] = set()
    if isinstance(error, ClientBulkWriteException):
        found |= {one["code"] for one in cast("list[Document]", error.write_errors or []) if "code" in one}
        if error.error is not None:
            found |= _codes(error.error)
    code = getattr(error, "code", None)
    return found | ({code} if isinstance(code, int) else set())


def _sorted(error: PyMongoError | BSONError | OverflowError) -> StoreError:
    """A failure before the commit, as one of the port's: changed meanwhile, away, or never to be taken."""
    codes = _codes(error)
    if codes & CHANGED:
        return Conflict("a record has changed, or a message is known already")
    inner = error.error or error if isinstance(error, ClientBulkWriteException) else error
    if isinstance(inner, ConnectionFailure) or codes & AWAY:
        return Unavailable(f"the database is away ({type(inner).__name__})")
    if isinstance(error, PyMongoError) and error.has_error_label("TransientTransactionError"):
        return Unavailable("the database asks to try again")
    if codes or isinstance(inner, DocumentTooLarge | BSONError | OverflowError | OperationFailure | InvalidOperation):
        detail = f" {sorted(codes)}" if codes else ""
        return Refused(f"{type(inner).__name__}{detail}")
    return Unavailable(f"the database is away ({type(inner).__name__})")
