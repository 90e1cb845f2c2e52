"""A system in which one service can be away, be another release, or get an older database back."""

import asyncio
from dataclasses import dataclass
from typing import Any

from pymongo import AsyncMongoClient

from tests.support.releases import TwoReleases

Backup = dict[str, list[dict[str, Any]]]
"""Every document of a database, by collection."""


@dataclass
class Restorable(TwoReleases):
    """A system whose services can be stopped and started one by one, each with a release and an epoch of its own."""

    async def down(self, service: str) -> None:
        """Stop a service in good order; nobody starts it again."""
        replica = self.replicas[f"{service}-1"]
        process, replica.process = replica.process, None
        assert process is not None
        process.terminate()
        assert await asyncio.to_thread(process.wait, 15) == 0

    async def up(self, *services: str) -> None:
        """Start them again."""
        for service in services:
            self._spawn(self.replicas[f"{service}-1"])
        await self.ready()

    async def backup(self, service: str) -> Backup:
        """Every document of a service's database, as `mongodump` would take it."""
        async with AsyncMongoClient[dict[str, Any]](self.mongo.url) as client:
            database = client[self.database(service)]
            names = await database.list_collection_names()
            return {name: await database[name].find({}).to_list() for name in names}

    async def restore(self, service: str, backup: Backup) -> None:
        """Put it back in place of what is there, as `mongorestore --drop` would."""
        async with AsyncMongoClient[dict[str, Any]](self.mongo.url) as client:
            database = client[self.database(service)]
            for name in await database.list_collection_names():
                await database[name].delete_many({})
            for name, documents in backup.items():
                if documents:
                    await database[name].insert_many(documents)

    async def states(self, service: str, kind: str) -> dict[str, dict[str, Any]]:
        """What a service remembers of a kind, by id."""
        async with AsyncMongoClient[dict[str, Any]](self.mongo.url) as client:
            found = await client[self.database(service)]["state"].find({"kind": kind}).to_list()
        return {document["_id"].split("/")[1]: document["state"] for document in found if "state" in document}
