"""A replica's one database session: its transactions, and how the session of a killed replica is ended.

A killed process leaves its transaction open, and what it wrote blocked for a minute. So each replica notes its session
under its name in `replicas`; whoever starts under that name, or stays blocked by one that shows no life, ends it.
"""

import asyncio
import contextlib
import datetime as dt

from bson.errors import BSONError
from pymongo.errors import ConnectionFailure, InvalidOperation, OperationFailure, PyMongoError

from shared.runtime.adapters.mongo_documents import Bulk, Document
from shared.runtime.adapters.mongo_driver import Database, Driver, Session
from shared.runtime.adapters.mongo_errors import CONFLICT, codes_of, reading, sorted_out
from shared.runtime.ports import CommitUnknown, Conflict

GONE = dt.timedelta(days=1)
"""A replica without a heartbeat for so long holds no session any more: the server gave it up long ago."""
FORGET_EVERY = dt.timedelta(hours=1)
"""So often a living replica looks for those that are gone for good."""
STALE = dt.timedelta(seconds=8)
"""A replica whose heartbeat is older is taken for dead; ending the session of a living one costs it a retry."""
BLOCKED_SECONDS = 2.0


class Transactions:
    """One transaction at a time, in the session of the replica `owner`."""

    def __init__(self, driver: Driver, database: Database, owner: str) -> None:
        self._driver = driver
        self._database = database
        self._owner = owner
        self._one_at_a_time = asyncio.Lock()
        self._blocked: tuple[float, float] | None = None
        self._forgot = dt.datetime.min.replace(tzinfo=dt.UTC)
        self.session: Session | None = None

    async def open(self) -> None:
        """End what an earlier life left open, and begin this one. Raises PyMongoError."""
        await self._end_session_of({"_id": self._owner})
        await self._new_session()

    async def beat(self, status: Document | None = None) -> None:
        """Say that this replica lives, which session it holds, and what it tells of itself. Raises PyMongoError.

        Now and then it forgets who has long been gone: else a host that died would be named until somebody starts.
        """
        if self.session is None:
            return
        now = dt.datetime.now(dt.UTC)
        said = {"session": self.session.id["id"], "at": now}
        said |= {"status": status} if status is not None else {}
        await self._database["replicas"].update_one({"_id": self._owner}, {"$set": said}, upsert=True)
        if now - self._forgot >= FORGET_EVERY:
            await self._database["replicas"].delete_many({"at": {"$lt": now - GONE}})
            self._forgot = now

    async def leave(self) -> None:
        """Forget the session. One that cannot be forgotten is ended by whoever starts under this name."""
        with contextlib.suppress(PyMongoError):
            await self._database["replicas"].delete_one({"_id": self._owner})

    async def commit(self, bulk: Bulk) -> None:
        """Write a bulk in one transaction of two round trips: the writes, and the commit.

        Raises Conflict, Refused, Unavailable or CommitUnknown.
        """
        async with self._one_at_a_time:
            session = self.session if self.session is not None else await reading(self._new_session)
            try:
                await session.begin()
                await self._write(session, bulk)
            except BaseException as error:
                await self._abandon(session, error)
                await self._unblock(error)
                if isinstance(error, PyMongoError | BSONError | OverflowError):
                    raise sorted_out(error) from error
                raise
            await self._commit(session)

    async def _new_session(self) -> Session:
        self.session = await self._driver.session()
        await self.beat()
        return self.session

    @staticmethod
    async def _write(session: Session, bulk: Bulk) -> None:
        done = await session.write(bulk.operations)
        if not bulk.fits(done.inserted_count, done.matched_count + done.upserted_count, done.deleted_count):
            raise Conflict("a record has changed")

    async def _commit(self, session: Session) -> None:
        try:
            await session.commit()
        except PyMongoError as error:
            if isinstance(error, OperationFailure) and not error.has_error_label("UnknownTransactionCommitResult"):
                raise sorted_out(error) from error
            self.session = None
            raise CommitUnknown(type(error).__name__) from error
        except BaseException:
            self.session = None  # cancelled in the middle: the session may hold a transaction
            raise

    async def _abandon(self, session: Session, error: BaseException) -> None:
        try:
            if isinstance(error, asyncio.CancelledError):
                self.session = None
            elif session.open:
                await session.abort()
        except (PyMongoError, InvalidOperation):
            self.session = None
        if isinstance(error, ConnectionFailure):
            self.session = None
        if self.session is None:
            await self._end_own(session)

    async def _end_own(self, session: Session) -> None:
        try:
            await self._database.command("killSessions", [session.id])
        except PyMongoError:
            return  # the server is away: it gives the transaction up, or whoever starts next ends it

    async def _end_session_of(self, replicas: Document) -> None:
        """End the sessions of replicas that are gone: their open transactions block what they wrote for a minute."""
        async for replica in self._database["replicas"].find(replicas):
            await self._database.command("killSessions", [{"id": replica["session"]}])
            await self._database["replicas"].delete_one({"_id": replica["_id"], "session": replica["session"]})

    async def _unblock(self, error: BaseException) -> None:
        """After two seconds of write conflicts, end the sessions of replicas that show no life."""
        if CONFLICT not in codes_of(error):
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
