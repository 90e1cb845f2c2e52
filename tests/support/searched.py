"""Searching a system that runs for somebody's values: databases, queues, and every file that is ours.

The values are found by the contracts' marks (`personal`): whatever stood in a marked field. Not searched are files that
broker and database keep themselves: what is deleted stays in them for a while (`docs/decisions/0012-erasing.md`).
"""

import asyncio
import json
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import aio_pika
from pydantic import BaseModel
from pymongo import AsyncMongoClient

from shared.contracts.base import personal_mark
from shared.local.system import LocalSystem

THEIR_OWN = ("rabbitmq/data", "mongodb/data")
"""The files of broker and database."""
SHORTEST = 4
"""What is shorter stands everywhere by chance."""


def marked_values(messages: Iterable[BaseModel]) -> set[str]:
    """Every text in a field that is marked as personal, at any depth."""
    return {value for message in messages for value in _marked(message) if len(value) >= SHORTEST}


def _marked(part: object) -> Iterator[str]:
    if isinstance(part, BaseModel):
        for name, field in type(part).model_fields.items():
            value = getattr(part, name)
            yield from _texts(value) if personal_mark(field) else _marked(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _marked(value)


def _texts(value: object) -> Iterator[str]:
    """Every text in it, keys of dictionaries included."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode(errors="replace")
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from (*_texts(key), *_texts(inner))
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from _texts(inner)


def named_in(text: str, values: Iterable[str]) -> bool:
    """Whether one of the values stands in a text, in whichever case, as it is or as JSON may write it."""
    low = text.lower()
    return any(form in low for value in values for form in _forms(value))


def _forms(value: str) -> set[str]:
    return {value.lower(), json.dumps(value)[1:-1].lower()}


async def found_in(system: LocalSystem, values: Collection[str]) -> list[str]:
    """Every place of a system that holds one of the values: collections, queues, files."""
    databases, queues = await asyncio.gather(_databases(system, values), _queues(system, values))
    return sorted((*databases, *queues, *files_with(system.folder, values, THEIR_OWN)))


async def _databases(system: LocalSystem, values: Collection[str]) -> list[str]:
    found = []
    async with AsyncMongoClient[dict[str, Any]](system.mongo.url) as client:
        for service in system.services:
            database = client[system.database(service)]
            for name in await database.list_collection_names():
                kept = "\n".join(_texts(await database[name].find().to_list()))
                found += [f"database {service}.{name}"] if named_in(kept, values) else []
    return found


async def _queues(system: LocalSystem, values: Collection[str]) -> list[str]:
    """What lies in queues is looked at as it lies: all is put back."""
    found = []
    names = [queue["name"] for queue in await system.rabbit.queues("/")]
    async with await aio_pika.connect(system.rabbit.amqp_url()) as connection:
        for name in names:
            # What is not acknowledged goes back when the channel is closed.
            async with connection.channel() as channel:
                queue = await channel.get_queue(name, ensure=False)
                lying = []
                while (message := await queue.get(fail=False, no_ack=False)) is not None:
                    told = (message.routing_key, message.reply_to, message.correlation_id, message.message_id)
                    lying.append("\n".join((message.body.decode(errors="replace"), str(told), str(message.headers))))
            found += [f"queue {name}"] if named_in("\n".join(lying), values) else []
    return found


def files_with(folder: Path, values: Iterable[str], but: Collection[str] = ()) -> list[str]:
    """The files under a folder that hold one of the values, except in these folders of it."""
    forms = {form.encode() for value in values for form in _forms(value)}
    found = []
    for path in folder.rglob("*"):
        place = str(path.relative_to(folder))
        if path.is_file() and not place.startswith(tuple(but)):
            text = path.read_bytes().lower()
            found += [f"file {place}"] if any(form in text for form in forms) else []
    return sorted(found)
