"""What the store needs of a driver, and the one place where a client is made.

`TANDEM_DRIVER` chooses between PyMongo's async client and motor. What both are called and awaited alike for, the store
calls by itself (`Database`, `Collection`, `Cursor`); sessions differ and have a small adapter each: PyMongo awaits
`start_transaction` and not `start_session`, motor the other way round, and motor runs blocking calls in threads.
"""

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from typing import Any, Literal, Protocol, Self

from pymongo.monitoring import CommandListener
from pymongo.results import ClientBulkWriteResult, DeleteResult, UpdateResult

from shared.runtime.adapters.mongo_documents import Document, Operation
from shared.runtime.tls import Tls

DriverName = Literal["pymongo", "motor"]


class Cursor(Protocol):
    """What a query finds."""

    def sort(self, key_or_list: Any, direction: int | None = None, /) -> Self:
        """By a field, or by several with their directions."""

    def limit(self, limit: int, /) -> Self:
        """At most so many."""

    def to_list(self) -> Awaitable[list[Document]]:
        """All of them."""

    def __aiter__(self) -> AsyncIterator[Document]: ...


class Collection(Protocol):
    """A collection, as far as the store uses one: both drivers await these calls alike."""

    def find(self, *args: Any, **kwargs: Any) -> Cursor:
        """Look for documents; asks nothing yet."""

    def find_one(self, filter: Mapping[str, Any], /, *args: Any, **kwargs: Any) -> Awaitable[Document | None]:
        """One document, or none."""

    def update_one(
        self, filter: Mapping[str, Any], update: Mapping[str, Any], /, *, upsert: bool = False
    ) -> Awaitable[UpdateResult]:
        """Change one document."""

    def update_many(self, filter: Mapping[str, Any], update: Mapping[str, Any], /) -> Awaitable[UpdateResult]:
        """Change documents."""

    def delete_one(self, filter: Mapping[str, Any], /) -> Awaitable[DeleteResult]:
        """Delete one document."""

    def delete_many(self, filter: Mapping[str, Any], /) -> Awaitable[DeleteResult]:
        """Delete documents."""

    def count_documents(self, filter: Mapping[str, Any], /) -> Awaitable[int]:
        """How many match."""

    def estimated_document_count(self) -> Awaitable[int]:
        """How many there are, from what the server knows already."""

    def create_index(self, *keys: Any, **options: Any) -> Awaitable[str]:
        """Make an index where it is missing."""

    def drop_index(self, name: str, /) -> Awaitable[None]:
        """Drop an index; the server refuses where there is none."""

    def index_information(self) -> Awaitable[Mapping[str, Any]]:
        """The indexes by name; none of a collection that is not there."""


class Database(Protocol):
    """A database, read and written with majority."""

    @property
    def name(self) -> str:
        """Its name."""

    def __getitem__(self, name: str, /) -> Collection: ...

    def command(self, command: str, value: Any = 1, /) -> Awaitable[Document]:
        """Run a command."""


class Session(Protocol):
    """A session with at most one transaction at a time."""

    @property
    def id(self) -> Document:
        """How the server knows it (`lsid`)."""

    @property
    def open(self) -> bool:
        """Whether a transaction is open."""

    async def begin(self) -> None:
        """Open a transaction with majority; nothing is sent yet."""

    async def write(self, operations: Sequence[Operation]) -> ClientBulkWriteResult:
        """Write over several collections in one command (`bulkWrite`, MongoDB 8), in order, in the transaction."""

    async def commit(self) -> None:
        """Commit; a commit with an unknown outcome was tried twice when this raises."""

    async def abort(self) -> None:
        """Give the transaction up."""


class Driver(Protocol):
    """One client of the database."""

    def database(self, name: str) -> Database:
        """A database, read and written with majority."""

    async def aggregate(self, database: Database, collection: str, steps: Sequence[Document]) -> list[Document]:
        """What a pipeline finds."""

    async def session(self) -> Session:
        """A new session.

        Without causal consistency, which would put a readConcern into a transaction's first bulkWrite: that is refused
        (40415).
        """

    async def close(self) -> None:
        """Close every connection."""


def connect(
    url: str, driver: DriverName = "pymongo", *, listeners: Sequence[CommandListener] = (), tls: Tls | None = None
) -> Driver:
    """A client of the driver chosen; nothing is asked of the server yet. Raises PyMongoError for a wrong address."""
    if tls is None:
        return _connect(url, driver, listeners, {})
    with tls.for_mongo() as options:
        return _connect(url, driver, listeners, options)


def _connect(url: str, driver: DriverName, listeners: Sequence[CommandListener], more: dict[str, Any]) -> Driver:
    options: dict[str, Any] = {
        "serverSelectionTimeoutMS": 2_000,
        "connectTimeoutMS": 2_000,
        "socketTimeoutMS": 30_000,
        "retryWrites": True,
        "w": "majority",
        "journal": True,
        "maxPoolSize": 10,
        "event_listeners": list(listeners),
        **more,
    }
    # The one that is not chosen is not loaded: it would cost each replica memory and time to start.
    if driver == "motor":
        from shared.runtime.adapters.mongo_motor import MotorDriver

        return MotorDriver(url, options)
    from shared.runtime.adapters.mongo_pymongo import PyMongoDriver

    return PyMongoDriver(url, options)
