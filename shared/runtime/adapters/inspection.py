"""What a service's database tells whoever watches: replicas, indexes, its clock, and what waits."""

import datetime as dt
from dataclasses import dataclass

from shared.runtime.adapters.mongo_documents import Document
from shared.runtime.adapters.mongo_driver import Database

INDEXES = {
    "state": frozenset({"of_programme", "by_due"}),
    "kept": frozenset({"by_due", "by_awaits"}),
    "jobs": frozenset({"by_due", "since"}),
    "actions": frozenset({"by_due"}),
    "inbox": frozenset({"at_1"}),
    "outbox": frozenset({"at_1"}),
    "journal": frozenset({"marks_1", "until_1"}),
}
"""The indexes that must be there beside each collection's own, by collection."""
MOST_REPLICAS = 200
MOST_WAITING = 5
"""Enough to see what they have in common; what one of them lacks, the others often lack too."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found. Index names are collection.name; `free` and `size` are bytes of the disk that holds the data;
    `waiting` are the oldest messages that wait, without their bodies.
    """

    version: str
    clock: dt.datetime
    indexes: frozenset[str]
    replicas: tuple[Document, ...]
    waiting: tuple[Document, ...]
    free: int | None = None
    size: int | None = None


async def inspect(database: Database) -> Inspection:
    """Ask the database; half a dozen small questions. Raises the driver's errors."""
    hello = await database.command("hello")
    # A user of one database may ask for this without any right beyond its own.
    version = str((await database.command("buildInfo")).get("version", ""))
    free, size = room_of(await database.command("dbStats"))
    indexes: set[str] = set()
    for collection in INDEXES:
        indexes |= {f"{collection}.{name}" for name in await database[collection].index_information()}
    replicas = await database["replicas"].find({}, {"session": 0}).sort("_id", 1).limit(MOST_REPLICAS).to_list()
    waiting = (
        await database["kept"]
        .find({"state.status": "waiting"}, {"state.type": 1, "state.correlation": 1, "state.since": 1, "awaits": 1})
        .sort("state.since", 1)
        .limit(MOST_WAITING)
        .to_list()
    )
    return Inspection(
        version=version,
        clock=utc(hello["localTime"]),
        indexes=frozenset(indexes),
        replicas=tuple(replicas),
        waiting=tuple(waiting),
        free=free,
        size=size,
    )


def room_of(stats: Document) -> tuple[int | None, int | None]:
    """Free and whole bytes of the disk from `dbStats`, which not every server says (SecantusDB does not)."""
    used, size = stats.get("fsUsedSize"), stats.get("fsTotalSize")
    return (int(size - used), int(size)) if used is not None and size else (None, None)


def utc(time: dt.datetime) -> dt.datetime:
    """A database's time with its zone, which drivers leave out."""
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


def expected() -> frozenset[str]:
    """The indexes that must be there, as collection.name."""
    return frozenset(f"{collection}.{name}" for collection, names in INDEXES.items() for name in names)


def foreign(indexes: frozenset[str]) -> frozenset[str]:
    """Indexes that nobody of us made."""
    return indexes - expected() - {f"{collection}._id_" for collection in INDEXES}
