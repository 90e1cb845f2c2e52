"""Motor as the store's driver: PyMongo's blocking client in threads.

A call that is cancelled would go on in its thread, and write into a transaction that nobody ends any more. So the calls
of a session are waited for before a cancellation passes on.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession
from pymongo.read_concern import ReadConcern
from pymongo.results import ClientBulkWriteResult
from pymongo.write_concern import WriteConcern

from shared.runtime.adapters.mongo_documents import Document, Operation
from shared.runtime.adapters.mongo_driver import Database, Session

R = TypeVar("R")

MAJORITY = WriteConcern("majority", j=True)


class MotorSession:
    """A session of motor. Its stubs call properties methods: what is meant is the delegate's."""

    def __init__(self, client: AsyncIOMotorClient[Document], session: AsyncIOMotorClientSession) -> None:
        self._client = client
        self._session = session

    @property
    def id(self) -> Document:
        """How the server knows it."""
        return dict(self._session.delegate.session_id)

    @property
    def open(self) -> bool:
        """Whether a transaction is open."""
        return bool(self._session.delegate.in_transaction)

    async def begin(self) -> None:
        """Open a transaction; motor does not await it."""
        self._session.start_transaction(write_concern=MAJORITY)

    async def write(self, operations: Sequence[Operation]) -> ClientBulkWriteResult:
        """One `bulkWrite`, in order."""
        return await _to_its_end(self._client.bulk_write(operations, session=self._session.delegate, ordered=True))

    async def commit(self) -> None:
        """Commit; PyMongo itself tries once more when the outcome is unknown."""
        await _to_its_end(self._session.commit_transaction())

    async def abort(self) -> None:
        """Give the transaction up."""
        await _to_its_end(self._session.abort_transaction())


class MotorDriver:
    """Motor's client for asyncio."""

    def __init__(self, url: str, options: dict[str, Any]) -> None:
        self._client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(url, **options)

    def database(self, name: str) -> Database:
        """A database, read and written with majority."""
        return self._client.get_database(name, read_concern=ReadConcern("majority"), write_concern=MAJORITY)

    async def aggregate(self, database: Database, collection: str, steps: Sequence[Document]) -> list[Document]:
        """What a pipeline finds; motor's cursor asks when it is read."""
        return await self._client[database.name][collection].aggregate(list(steps)).to_list(None)

    async def session(self) -> Session:
        """A new session; motor awaits it."""
        return MotorSession(self._client, await self._client.start_session(causal_consistency=False))

    async def close(self) -> None:
        """Close every connection, in a thread: it asks the server to end sessions, and would block the loop."""
        await asyncio.to_thread(self._client.close)


async def _to_its_end(call: Awaitable[R]) -> R:
    running = asyncio.ensure_future(call)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        running.exception()  # seen: whoever cancelled asks for no outcome
        raise
