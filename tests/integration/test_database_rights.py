"""A database user a service, on its own database only: what `declare` makes, tried on a server that knows users."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import pytest_asyncio
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from shared.local import LocalMongo
from shared.local.mongo import EXTERNAL_URL
from shared.runtime import declare, discovery, topology
from shared.runtime.adapters.mongo import MongoStore
from shared.runtime.ports import Unavailable

pytestmark = [
    pytest.mark.xdist_group("database-rights"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(EXTERNAL_URL in os.environ, reason=f"{EXTERNAL_URL} names a server that is not ours"),
]

UNAUTHORIZED = 13
NO_LOGIN = 18


class Database:
    """A server with users, and the passwords that it was told."""

    def __init__(self, server: LocalMongo) -> None:
        self.server = server
        self.words = {service: f"{service}-0123456789" for service in discovery.service_names()}

    @property
    def place(self) -> str:
        """Where it listens, without a user: as a deployment says it."""
        return f"mongodb://{urlsplit(self.server.url).netloc.rpartition('@')[2]}/?directConnection=true"

    async def declare(self) -> None:
        """What a deployment's `declare` does."""
        await declare.declare_database(self.place, self.server.admin_password, self.words)

    def url(self, service: str, password: str = "", source: str = "") -> str:
        """Where a service connects."""
        word = quote(password or self.words[service], safe="")
        return self.place.replace("://", f"://{service}:{word}@") + f"&authSource={source or f'tandem-{service}'}"

    def client(self, service: str, password: str = "") -> "AsyncMongoClient[dict[str, object]]":
        """A connection as a service's user."""
        return AsyncMongoClient(self.url(service, password), serverSelectionTimeoutMS=5_000)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def database(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    async with LocalMongo(Path(tmp_path_factory.mktemp("mongodb")), auth=True) as server:
        # The administrator's name is the deployment's.
        assert server.admin_user == topology.ADMIN
        database = Database(server)
        await database.declare()
        yield database


async def test_declare_gives_each_service_read_and_write_on_its_own_database_and_nothing_else(
    database: Database,
) -> None:
    async with AsyncMongoClient[dict[str, object]](database.server.url) as admin:
        for service in discovery.service_names():
            own = f"tandem-{service}"
            told = await admin[own].command({"usersInfo": 1})
            [user] = told["users"]
            assert (user["user"], user["db"]) == (service, own)
            assert user["roles"] == [{"role": "readWrite", "db": own}]


@pytest.mark.parametrize("service", discovery.service_names())
async def test_no_service_opens_another_s_database(database: Database, service: str) -> None:
    others = [*(f"tandem-{other}" for other in discovery.service_names() if other != service), "admin", "local"]
    async with database.client(service) as client:
        await client[f"tandem-{service}"]["state"].insert_one({"_id": "mine"})
        for other in others:
            collection = client[other]["state"]
            for attempt in (
                collection.find_one(),
                collection.insert_one({"_id": "not mine"}),
                collection.delete_many({}),
                collection.create_index("x"),
                client[other].list_collection_names(),
                client.drop_database(other),
                client[other].command({"createUser": "more", "pwd": "x", "roles": []}),
            ):
                with pytest.raises(OperationFailure) as refused:
                    await attempt
                assert refused.value.code == UNAUTHORIZED, other
        make = {"createUser": "more", "pwd": "x", "roles": [{"role": "root", "db": "admin"}]}
        grant = {"grantRolesToUser": service, "roles": [{"role": "root", "db": "admin"}]}
        for command in (make, grant):
            with pytest.raises(OperationFailure):
                await client[f"tandem-{service}"].command(command)


async def test_evaluation_s_store_cannot_be_pointed_at_registration_s_database(database: Database) -> None:
    """As a wrong setting would: the service waits, red, and has written nothing."""
    store = MongoStore(database.url("evaluation"), "tandem-registration", "evaluation-1")
    with pytest.raises(Unavailable):
        await store.open()
    await store.close()


async def test_declared_again_a_password_is_another_and_the_old_one_opens_nothing(database: Database) -> None:
    old = database.words["matching"]
    database.words["matching"] = "matching-another-0123456789"
    await database.declare()
    async with database.client("matching") as client:
        await client["tandem-matching"]["state"].find_one()
    async with database.client("matching", old) as client:
        with pytest.raises(OperationFailure) as refused:
            await client["tandem-matching"]["state"].find_one()
        assert refused.value.code == NO_LOGIN
