"""The store's port on MongoDB, with PyMongo's async client or with motor (`mongo_driver`).

Collections: `state` (aggregates), `kept` (waiting, retry, quarantine), `jobs` (jobs, their results, suspects),
`actions` (who gave first aid, and why), `inbox` (a document each, forgotten after 30 days), `outbox` (a document an
attempt, its id the attempt's token), `journal` (the same, forgotten after `journal_days`), `audit` (a link a batch, its
id its chain and number), `seals`, `replicas`.
"""

import asyncio
import contextlib
import datetime as dt
import re
from collections.abc import Collection, Sequence

from pymongo.errors import OperationFailure, PyMongoError
from pymongo.monitoring import CommandListener

from shared.runtime.adapters.inspection import Inspection, inspect
from shared.runtime.adapters.mongo_documents import Document, bulk_of, collection_of, record_of
from shared.runtime.adapters.mongo_driver import DriverName, connect
from shared.runtime.adapters.mongo_errors import away, reading
from shared.runtime.adapters.mongo_session import Transactions
from shared.runtime.audit import NUMBER, Head, shown
from shared.runtime.batch import HEAVY, LIGHT
from shared.runtime.journal import Traced, mark, unpacked, without
from shared.runtime.ports import Change, CommitUnknown, OutboxEntry, Outgoing, Record, Snapshot
from shared.runtime.tls import Tls

INBOX_DAYS = 30
JOURNAL_DAYS = 14
LONG = dt.timedelta(days=3)
"""Whoever waits longer for their cause is counted apart: somebody should look."""
ANY_TEXT = {"$gte": ""}
"""What partial indexes hold. A bound and not `$exists`: SecantusDB 0.7 uses only those whose filter is one."""
EARLIER = {
    "state": frozenset({"programme", "due"}),
    "kept": frozenset({"due", "awaits"}),
    "jobs": frozenset({"due"}),
    "actions": frozenset({"due"}),
}
"""Indexes of earlier releases, by collection: they go, since each costs every write."""


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
        driver: DriverName = "pymongo",
        listeners: Sequence[CommandListener] = (),
        tls: Tls | None = None,
        journal_days: int = JOURNAL_DAYS,
    ) -> None:
        self._driver = connect(url, driver, listeners=listeners, tls=tls)
        self._database = self._driver.database(database)
        self._transactions = Transactions(self._driver, self._database, owner)
        self._journal = dt.timedelta(days=journal_days)
        self._parts: dict[str, int] = {}

    # Life

    async def open(self) -> None:
        """Make the indexes, end what an earlier life left open, and say that this one lives. Raises Unavailable."""
        await reading(self._open)

    async def _open(self) -> None:
        db = self._database
        # Each index costs a write a sixth of its speed: only what is looked for is in one.
        await db["state"].create_index(
            [("programme", 1), ("kind", 1), ("_id", 1)],
            partialFilterExpression={"programme": ANY_TEXT},
            name="of_programme",
        )
        for name in ("state", "kept", "jobs", "actions"):
            await db[name].create_index(
                [("due", 1), ("kind", 1)], partialFilterExpression={"due": ANY_TEXT}, name="by_due"
            )
        await db["jobs"].create_index(
            [("kind", 1), ("state.since", 1), ("_id", 1)],
            partialFilterExpression={"state.since": {"$exists": True}},
            name="since",
        )
        await db["kept"].create_index("awaits", partialFilterExpression={"awaits": ANY_TEXT}, name="by_awaits")
        await db["inbox"].create_index("at", expireAfterSeconds=INBOX_DAYS * 24 * 3600)
        await db["outbox"].create_index("at")
        await db["journal"].create_index("marks")
        await db["journal"].create_index("until", expireAfterSeconds=0)
        for collection, names in EARLIER.items():
            for name in names & (await db[collection].index_information()).keys():
                with contextlib.suppress(OperationFailure):  # another replica was faster
                    await db[collection].drop_index(name)
        await self._transactions.open()

    async def beat(self, status: Document | None = None) -> None:
        """Say that this replica lives, which session it holds, and what it tells of itself."""
        await self._transactions.beat(status)

    async def close(self) -> None:
        """Forget the session and leave."""
        await self._transactions.leave()
        await self._driver.close()

    # Reading

    async def read(self, keys: Collection[str], subjects: Collection[str]) -> Snapshot:
        """Known inbox keys and records, all collections at once."""
        return await reading(lambda: self._read(keys, subjects))

    async def _read(self, keys: Collection[str], subjects: Collection[str]) -> Snapshot:
        groups: dict[str, list[str]] = {}
        for subject in subjects:
            groups.setdefault(collection_of(subject), []).append(subject)
        known = self._ids("inbox", list(keys)) if keys else None
        found = [self._documents(name, {"_id": {"$in": group}}) for name, group in groups.items()]
        results = await asyncio.gather(*([known] if known else []), *found)
        documents: list[Document] = [d for group in (results[1:] if known else results) for d in group]
        return Snapshot(
            known=frozenset(d["_id"] for d in results[0]) if known else frozenset(),
            records={d["_id"]: record_of(d) for d in documents},
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
        found = await reading(lambda: self._exists(token))
        if not found:
            self._parts.pop(token, None)  # should it come late, it is swept part by part
        return found

    async def _exists(self, token: str) -> bool:
        return await self._database["outbox"].find_one({"_id": token}, {"_id": 1}) is not None

    async def due(self, kinds: Collection[str], until: str, after: str, limit: int) -> list[Record]:
        """Records that are due, by subject."""
        names = {collection_of(f"{kind}/") for kind in kinds}
        found: list[Record] = []
        for name in sorted(names):
            mine = [kind for kind in kinds if collection_of(f"{kind}/") == name]
            query = {"kind": {"$in": mine}, "due": {**ANY_TEXT, "$lte": until}, "_id": {"$gt": after}}
            found += [record_of(d) for d in await reading(lambda n=name, q=query: self._documents(n, q, None, limit))]  # type: ignore[misc]
        return sorted(found, key=lambda record: record.subject)[:limit]

    async def find(self, kind: str, programme: str | None, after: str, limit: int) -> list[Record]:
        """Records with a state, by subject."""
        name = collection_of(f"{kind}/")
        while True:
            # With an end: without a programme the subjects are read along, and those of later kinds may be a city's.
            query: Document = {"kind": kind, "_id": {"$gt": after, "$lt": f"{kind}0"}}
            if programme is not None:
                query["programme"] = programme
            documents = await reading(lambda q=query: self._documents(name, q, None, limit))  # type: ignore[misc]
            # Whether there is a state stands in no index: asked for, it would keep a small server from using any.
            found = [record_of(document) for document in documents if "state" in document]
            if found or len(documents) < limit:
                return found
            after = documents[-1]["_id"]

    async def oldest(self, kind: str, limit: int) -> list[Record]:
        """Jobs of a kind that are not in quarantine, the oldest first."""
        query = {"kind": kind, "state.since": {"$exists": True}, "state.status": {"$ne": "quarantine"}}
        found = await reading(
            lambda: self._database["jobs"].find(query).sort([("state.since", 1), ("_id", 1)]).limit(limit).to_list()
        )
        return [record_of(document) for document in found]

    async def waiting(self, subject: str, after: str, limit: int) -> list[Record]:
        """Who awaits a subject."""
        query = {"awaits": subject, "_id": {"$gt": after}}
        return [record_of(d) for d in await reading(lambda: self._documents("kept", query, None, limit))]

    async def quarantined(self, after: str, limit: int) -> list[Record]:
        """What a person must decide on, without its body."""
        query = {"state.status": "quarantine", "_id": {"$gt": after}}
        only = {"state.stored": 0}
        found: list[Record] = []
        for name in ("kept", "jobs"):
            found += [record_of(d) for d in await reading(lambda n=name: self._documents(n, query, only, limit))]  # type: ignore[misc]
        return sorted(found, key=lambda record: record.subject)[:limit]

    async def trace(self, correlation: str, limit: int) -> list[Traced]:
        """What the journal knows of a correlation id."""
        found, open_ = await reading(lambda: self._traces(correlation, limit))
        return [
            Traced(entry, document["owner"], document["at"], document["_id"] not in open_)
            for document in found
            for entry in unpacked(document, correlation)
        ]

    async def _traces(self, correlation: str, limit: int) -> tuple[list[Document], set[str]]:
        found = await self._database["journal"].find({"marks": mark(correlation)}).sort("at", 1).limit(limit).to_list()
        # Noting each confirmation in the journal cost a sixth of the speed; what is unconfirmed stands in the outbox.
        return found, {document["_id"] for document in await self._ids("outbox", [d["_id"] for d in found])}

    async def head(self, chain: str) -> Head | None:
        """The last link's number and hash."""
        numbers = {"$gt": f"{chain}/", "$lt": f"{chain}/:", "$regex": f"^{re.escape(chain)}/[0-9]{{{NUMBER}}}$"}
        found = await reading(
            lambda: self._database["audit"].find({"_id": numbers}, {"hash": 1}).sort("_id", -1).limit(1).to_list()
        )
        # What somebody wrote there by hand is found by whoever checks, and keeps nobody from working.
        heads = [shown(document["_id"], {"hash": str(document.get("hash"))}) for document in found]
        return next((Head.model_validate(head) for head in heads), None)

    async def links(self, after: str, limit: int) -> list[Document]:
        """Links by chain and number."""
        found = await reading(lambda: self._documents("audit", {"_id": {"$gt": after}}, None, limit))
        return [shown(document.pop("_id"), document) for document in found]

    async def forget_links(self, chain: str, number: int) -> None:
        """Delete a chain's first links."""
        first = {"$gt": f"{chain}/", "$lte": f"{chain}/{number:0{NUMBER}}"}
        await reading(lambda: self._database["audit"].delete_many({"_id": first}))

    async def counts(self) -> dict[str, int]:
        """Figures for metrics; the outbox's age in seconds."""
        return await reading(self._counts)

    async def _counts(self) -> dict[str, int]:
        db = self._database
        kept, jobs = db["kept"].count_documents, db["jobs"].count_documents
        long_ago = (dt.datetime.now(dt.UTC) - LONG).isoformat()
        running = {"kind": {"$in": [LIGHT, HEAVY]}, "due": ANY_TEXT}
        # Side by side: a busy database may take a second for each question.
        first, numbers = await asyncio.gather(
            asyncio.gather(
                db["outbox"].find({}, {"at": 1}).sort("at", 1).limit(1).to_list(),
                db["jobs"].find(running, {"state.since": 1}).sort("state.since", 1).limit(1).to_list(),
            ),
            asyncio.gather(
                db["outbox"].count_documents({}),
                kept({"state.status": "waiting"}),
                kept({"state.status": "waiting", "state.since": {"$lt": long_ago}}),
                kept({"state.status": {"$in": ["retry", "ready"]}}),
                kept({"state.status": "quarantine"}),
                jobs({"state.status": "quarantine"}),
                jobs({"kind": {"$in": [LIGHT, HEAVY]}}),
                db["inbox"].estimated_document_count(),
            ),
        )
        oldest, job = first
        outbox, waiting, waiting_long, retry, messages, stopped, all_jobs, inbox = numbers
        return {
            "outbox": outbox,
            "outbox_age": _age(oldest[0]["at"] if oldest else None),
            "waiting": waiting,
            "waiting_long": waiting_long,
            "retry": retry,
            "quarantined": messages + stopped,
            "jobs": all_jobs,
            "jobs_age": _age(job[0]["state"].get("since") if job else None),
            "inbox": inbox,
        }

    async def inspect(self) -> Inspection:
        """What whoever watches is told. Raises Unavailable."""
        return await reading(lambda: inspect(self._database))

    async def census(self, kinds: Collection[str]) -> list[tuple[str, str, str, int]]:
        """How many by programme, kind and status."""
        group = {"_id": {"p": "$programme", "k": "$kind", "s": "$state.status"}, "n": {"$sum": 1}}
        match = {"programme": ANY_TEXT, "kind": {"$in": list(kinds)}}
        found = await reading(
            lambda: self._driver.aggregate(self._database, "state", [{"$match": match}, {"$group": group}])
        )
        return sorted((d["_id"]["p"], d["_id"]["k"], d["_id"].get("s") or "", d["n"]) for d in found)

    async def healthy(self) -> str | None:
        """Ask the server whether it can write."""
        try:
            async with asyncio.timeout(3):
                hello = await self._database.command("hello")
        except (PyMongoError, TimeoutError) as error:
            return away(error)
        return None if hello.get("isWritablePrimary") else "the database is no primary"

    # Writing

    async def commit(self, change: Change) -> None:
        """Write a change in one transaction of two round trips: the writes, and the commit."""
        bulk = bulk_of(change, self._database.name, self._journal)
        if bulk.parts > 1:
            self._parts[change.token] = bulk.parts
        try:
            await self._transactions.commit(bulk)
        except CommitUnknown:
            raise  # it may have been written with all its parts
        except Exception:
            self._parts.pop(change.token, None)
            raise

    async def forget(self, ids: Collection[str], kinds: Collection[str]) -> None:
        """Forget keys of due dates, and entries of the journal."""
        await reading(lambda: self._forget(ids, kinds))

    async def _forget(self, ids: Collection[str], kinds: Collection[str]) -> None:
        for start in (f"due|{kind}/{id}@" for kind in kinds for id in ids):
            # From the key that begins so to the first that does not.
            await self._database["inbox"].delete_many({"_id": {"$gte": start, "$lt": start[:-1] + "A"}})
        if not ids:
            return
        journal = self._database["journal"]
        # A date's id is the correlation id of all that follows from it, and no other id names anybody.
        async for document in journal.find({"of": {"$regex": "|".join(map(re.escape, ids))}}):
            kept = without(document, ids)
            changed = {name: kept[name] for name in ("marks", "of", "rows")}
            await journal.update_one({"_id": document["_id"]}, {"$set": changed})

    async def holds(self, ids: Collection[str]) -> bool:
        """Whether something in the outbox holds one of these ids."""
        return await reading(lambda: self._holds([id.encode() for id in ids]))

    async def _holds(self, ids: Sequence[bytes]) -> bool:
        async for document in self._database["outbox"].find({}, {"letters": 1}):
            if any(id in bytes(body) for _, _, body, _ in document["letters"] for id in ids):
                return True
        return False

    async def settle(self, tokens: Sequence[str]) -> None:
        """Delete outbox documents with all their parts."""
        ids = [*tokens, *self._rest(tokens)]
        await reading(lambda: self._database["outbox"].delete_many({"_id": {"$in": ids}}))
        for token in tokens:
            self._parts.pop(token, None)

    def _rest(self, tokens: Collection[str]) -> list[str]:
        return [f"{token}.{n}" for token in tokens for n in range(1, self._parts.get(token, 1))]

    async def renew(self, owner: str, tokens: Sequence[str], until: str) -> None:
        """Hold outbox documents longer."""
        query = {"_id": {"$in": [*tokens, *self._rest(tokens)]}, "owner": owner}
        await reading(lambda: self._database["outbox"].update_many(query, {"$set": {"until": until}}))

    async def sweep(self, owner: str, now: str, until: str, mine: Collection[str]) -> list[OutboxEntry]:
        """Claim outbox documents that nobody alive holds, oldest first."""
        return await reading(lambda: self._sweep(owner, now, until, mine))

    async def _sweep(self, owner: str, now: str, until: str, mine: Collection[str]) -> list[OutboxEntry]:
        outbox = self._database["outbox"]
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
