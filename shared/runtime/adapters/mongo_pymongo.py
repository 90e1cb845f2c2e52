"""PyMongo's async client as the store's driver."""

from collections.abc import Sequence
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.read_concern import ReadConcern
from pymongo.results import ClientBulkWriteResult
from pymongo.write_concern import WriteConcern

from shared.runtime.adapters.mongo_documents import Document, Operation
from shared.runtime.adapters.mongo_driver import Database, Session

MAJORITY = WriteConcern("majority", j=True)


class PyMongoSession:
    """A session of PyMongo's async client."""

    def __init__(self, client: AsyncMongoClient[Document], session: AsyncClientSession) -> None:
        self._client = client
        self._session = session

    @property
    def id(self) -> Document:
        """How the server knows it."""
        return dict(self._session.session_id)

    @property
    def open(self) -> bool:
        """Whether a transaction is open."""
        return self._session.in_transaction

    async def begin(self) -> None:
        """Open a transaction."""
        await self._session.start_transaction(write_concern=MAJORITY)

    async def write(self, operations: Sequence[Operation]) -> ClientBulkWriteResult:
        """One `bulkWrite`, in order."""
        return await self._client.bulk_write(operations, session=self._session, ordered=True)

    async def commit(self) -> None:
        """Commit; PyMongo itself tries once more when the outcome is unknown."""
        await self._session.commit_transaction()

    async def abort(self) -> None:
        """Give the transaction up."""
        await self._session.abort_transaction()


class PyMongoDriver:
    """PyMongo's async client."""

    def __init__(self, url: str, options: dict[str, Any]) -> None:
        self._client: AsyncMongoClient[Document] = AsyncMongoClient(url, **options)

    def database(self, name: str) -> Database:
        """A database, read and written with majority."""
        return self._client.get_database(name, read_concern=ReadConcern("majority"), write_concern=MAJORITY)

    async def aggregate(self, database: Database, collection: str, steps: Sequence[Document]) -> list[Document]:
        """What a pipeline finds; awaited once for the cursor."""
        found = await self._client[database.name][collection].aggregate(steps)
        return await found.to_list()

    async def session(self) -> Session:
        """A new session."""
        return PyMongoSession(self._client, self._client.start_session(causal_consistency=False))

    async def close(self) -> None:
        """Close every connection."""
        await self._client.close()
