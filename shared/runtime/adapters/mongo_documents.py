"""How the store's records, outbox and changes look as MongoDB's documents, and as one bulk of guarded writes."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import DeleteOne, InsertOne, ReplaceOne, UpdateOne

from shared.runtime.batch import HEAVY, KEPT, LIGHT, RELEASE
from shared.runtime.journal import packed
from shared.runtime.ports import Change, Outgoing, Record

Document = dict[str, Any]
Operation = InsertOne[Document] | ReplaceOne[Document] | UpdateOne | DeleteOne

OUTBOX_BYTES = 4 * 1024 * 1024
LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def collection_of(subject: str) -> str:
    """In which collection a subject's document lies."""
    kind = subject.split("/", 1)[0]
    if kind in (KEPT, RELEASE):
        return "kept"
    if kind in ("_action", "_seal"):
        return "actions" if kind == "_action" else "seals"
    return "jobs" if kind in (LIGHT, HEAVY, "_result", "_suspect") else "state"


def document_of(record: Record) -> Document:
    """A record as it is stored; what it has not is left out, so that no index holds it."""
    document: Document = {
        "_id": record.subject,
        "kind": record.kind,
        "version": record.version,
        "sequence": record.sequence,
        "awaited": record.awaited,
    }
    optional = {"state": record.state, "programme": record.programme, "due": record.due, "awaits": record.awaits}
    return document | {key: value for key, value in optional.items() if value is not None}


def record_of(document: Document) -> Record:
    """A stored document as the record that it was."""
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


def parts_of(letters: Sequence[Outgoing]) -> list[list[Outgoing]]:
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


@dataclass(frozen=True, slots=True)
class Bulk:
    """A change as one command of guarded writes, and how many it must insert, match and delete: fewer is a conflict."""

    operations: list[Operation]
    inserted: int
    matched: int
    deleted: int
    parts: int
    """How many documents the outbox takes."""

    def fits(self, inserted: int, matched: int, deleted: int) -> bool:
        """Whether every guard held, by what the server counted."""
        return (inserted, matched, deleted) == (self.inserted, self.matched, self.deleted)


def bulk_of(change: Change, database: str, journal: dt.timedelta) -> Bulk:
    """The change as one bulk for a database of this name, which keeps its journal so long."""
    name = f"{database}."
    operations: list[Operation] = []
    inserted = matched = 0
    for record in change.writes:
        namespace = name + collection_of(record.subject)
        document = document_of(record)
        if record.version == 1:
            operations.append(InsertOne(document, namespace=namespace))
            inserted += 1
        else:
            guard = {"_id": record.subject, "version": record.version - 1}
            operations.append(ReplaceOne(guard, document, namespace=namespace))
            matched += 1
    for subject, version in change.deletes:
        guard = {"_id": subject, "version": version}
        operations.append(DeleteOne(guard, namespace=name + collection_of(subject)))
    for version, record in change.anew:
        namespace = name + collection_of(record.subject)
        operations.append(DeleteOne({"_id": record.subject, "version": version}, namespace=namespace))
        operations.append(InsertOne(document_of(record), namespace=namespace))
    at = dt.datetime.fromisoformat(change.at)
    inbox = name + "inbox"
    operations += [InsertOne({"_id": key, "at": at}, namespace=inbox) for key in change.inbox]
    # Without a date the index that forgets passes them by.
    operations += [InsertOne({"_id": key}, namespace=inbox) for key in change.pins]
    operations += [UpdateOne({"_id": key}, {"$set": {"at": at}}, upsert=True, namespace=inbox) for key in change.unpins]
    # The index that forgets takes these at its next round.
    forget = {"$set": {"at": LONG_AGO}}
    operations += [UpdateOne({"_id": key}, forget, upsert=True, namespace=inbox) for key in change.forgets]
    parts = parts_of(change.outbox)
    for number, part in enumerate(parts):
        document = {
            "_id": change.token if number == 0 else f"{change.token}.{number}",
            "owner": change.owner,
            "at": change.at,
            "until": change.until,
            "letters": [[m.exchange, m.key, m.body, m.id] for m in part],
        }
        operations.append(InsertOne(document, namespace=name + "outbox"))
    if change.journal and journal:
        kept = {"_id": change.token, "owner": change.owner, "at": change.at, "until": at + journal}
        operations.append(InsertOne(kept | packed(change.journal), namespace=name + "journal"))
        inserted += 1
    if change.audit is not None:
        link = change.audit
        kept = {"_id": link.id, "at": link.at, "before": link.before, "entries": list(link.entries), "hash": link.hash}
        operations.append(InsertOne(kept, namespace=name + "audit"))
        inserted += 1
    inserted += len(change.inbox) + len(change.pins) + len(parts) + len(change.anew)
    matched += len(change.unpins) + len(change.forgets)
    return Bulk(operations, inserted, matched, len(change.deletes) + len(change.anew), len(parts))
