"""The store on a real MongoDB wire server keeps the promises, and sorts its failures as the port says."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import get_args

import pytest
from pymongo import InsertOne

from shared.local import LocalMongo
from shared.runtime.adapters.inspection import MOST_WAITING, expected, foreign, room_of
from shared.runtime.adapters.mongo import MongoStore
from shared.runtime.adapters.mongo_driver import DriverName
from shared.runtime.adapters.mongo_session import FORGET_EVERY, GONE
from shared.runtime.ports import CommitUnknown, Conflict, Record, Store, Unavailable
from tests.conformance.store import StoreConformance, at, change, letter, links, record
from tests.support.tcp_proxy import TcpProxy


@pytest.fixture(params=get_args(DriverName))
def driver(request: pytest.FixtureRequest) -> DriverName:
    """Each of the drivers that a deployment may choose."""
    name: DriverName = request.param
    return name


class TestMongoStore(StoreConformance):
    @pytest.fixture
    async def stores(self, mongo: LocalMongo, database: str, driver: DriverName) -> AsyncIterator[tuple[Store, Store]]:
        stores = (
            MongoStore(mongo.url, database, "a", driver=driver),
            MongoStore(mongo.url, database, "b", driver=driver),
        )
        for store in stores:
            await store.open()
        yield stores
        for store in stores:
            await store.close()


@pytest.fixture
async def proxy(mongo: LocalMongo) -> AsyncIterator[TcpProxy]:
    async with TcpProxy(mongo.url) as proxy:
        yield proxy


@pytest.fixture
async def store(proxy: TcpProxy, database: str, driver: DriverName) -> AsyncIterator[MongoStore]:
    """A store whose database can go away."""
    store = MongoStore(proxy.url, database, "a", driver=driver)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def other(mongo: LocalMongo, database: str, driver: DriverName) -> AsyncIterator[MongoStore]:
    """Another replica's store on the same database, which does not go away."""
    store = MongoStore(mongo.url, database, "b", driver=driver)
    await store.open()
    yield store
    await store.close()


async def test_a_database_that_is_away_is_unavailable_to_every_call_and_then_works_again(
    proxy: TcpProxy, store: MongoStore
) -> None:
    proxy.away = True
    proxy.cut()
    attempt = change(record("one"), inbox=("s/1",))
    with pytest.raises(Unavailable):
        await store.commit(attempt)
    asked = (
        store.read(["s/1"], ["person/one"]),
        store.committed(attempt.token),
        store.settle([attempt.token]),
        store.sweep("a", at(), at(1), []),
        store.due(["person"], at(), "", 1),
        store.find("person", None, "", 1),
        store.oldest("_job", 1),
        store.waiting("person/one", "", 1),
        store.quarantined("", 1),
        store.renew("a", [attempt.token], at(2)),
        store.counts(),
        store.head("a"),
        store.links("", 1),
        store.forget_links("a", 1),
    )
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(result) for result in results] == [Unavailable] * len(asked)
    assert await store.healthy()
    proxy.away = False
    assert not await store.committed(attempt.token)
    await store.commit(attempt)
    assert await store.committed(attempt.token)
    assert await store.healthy() is None


async def test_a_connection_cut_at_any_moment_of_a_commit_leaves_all_or_nothing(
    proxy: TcpProxy, store: MongoStore, mongo: LocalMongo, database: str
) -> None:
    witness = MongoStore(mongo.url, database, "witness")
    await witness.open()
    outcomes = set()
    for number in range(40):
        attempt = change(record(str(number)), inbox=(f"s/{number}",), outbox=(letter(str(number)),))
        committing = asyncio.create_task(store.commit(attempt))
        for _ in range(number):
            await asyncio.sleep(0)
        proxy.cut()
        try:
            await committing
            outcome: type[Exception] | None = None
        except (Unavailable, CommitUnknown) as error:
            outcome = type(error)
        outcomes.add(outcome)
        there = await witness.committed(attempt.token)
        if outcome is not CommitUnknown:
            assert there == (outcome is None)
        found = await witness.read([f"s/{number}"], [f"person/{number}"])
        assert (len(found.known), len(found.records)) == (int(there), int(there))
    await witness.close()
    assert Unavailable in outcomes or CommitUnknown in outcomes, "no cut met a commit"


async def test_what_somebody_writes_into_the_audit_by_hand_is_shown_and_stops_no_chain(store: MongoStore) -> None:
    first, second = links("a", 2)
    await store.commit(change(audit=first))
    audit = store._database["audit"]
    for id in ("a/9", "a/00000000000x", "a/000000000009/000000000009"):
        await audit.update_one({"_id": id}, {"$set": {"hash": 7}}, upsert=True)
    assert await store.head("a") == first.head
    await store.commit(change(audit=second))
    assert await store.head("a") == second.head
    assert len(await store.links("", 9)) == 5


async def test_the_inbox_forgets_a_pinned_key_only_from_its_unpinning_on(store: MongoStore) -> None:
    await store.commit(change(inbox=("s/1",), pins=("s/2",)))
    inbox = store._database["inbox"]
    assert "at" in (await inbox.find_one({"_id": "s/1"}) or {})
    assert "at" not in (await inbox.find_one({"_id": "s/2"}) or {}), "the index that forgets passes it by"
    await store.commit(change(unpins=("s/2",)))
    assert "at" in (await inbox.find_one({"_id": "s/2"}) or {})


async def test_the_inbox_forgets_a_pinned_key_at_once_that_another_takes_the_place_of(store: MongoStore) -> None:
    await store.commit(change(pins=("s/1",)))
    await store.commit(change(inbox=("s/2",), forgets=("s/1",)))
    found = await store._database["inbox"].find_one({"_id": "s/1"})
    # The index that forgets takes what is older than thirty days at its next round.
    assert found is None or found["at"].year == 1970


async def test_records_that_are_laid_anew_lie_behind_all_others_in_the_order_given(store: MongoStore) -> None:
    names = ("c", "a", "d", "b")
    for name in names:
        await store.commit(change(record(name)))
    lie = store._database["state"].find({}, {"_id": 1}).sort("$natural", 1)
    assert [document["_id"] for document in await lie.to_list()] == [f"person/{name}" for name in names]
    await store.commit(change(anew=((1, record("a", 2)), (1, record("c", 2)))))
    lie = store._database["state"].find({}, {"_id": 1}).sort("$natural", 1)
    assert [document["_id"] for document in await lie.to_list()] == [f"person/{name}" for name in "dbac"]


async def test_a_replica_that_starts_under_the_name_of_a_killed_one_is_not_blocked_by_it(
    mongo: LocalMongo, database: str, driver: DriverName
) -> None:
    killed = MongoStore(mongo.url, database, "a", driver=driver)
    await killed.open()
    session = killed._transactions.session
    assert session is not None
    await session.begin()
    await session.write([InsertOne({"_id": "person/one"}, namespace=f"{database}.state")])
    heir = MongoStore(mongo.url, database, "a", driver=driver)
    await heir.open()
    async with asyncio.timeout(5):
        await heir.commit(change(record("one")))
    assert (await heir.read([], ["person/one"])).records == {"person/one": record("one")}
    await heir.close()
    await killed.close()


async def test_a_commit_that_is_cancelled_at_any_moment_blocks_nobody(store: MongoStore, other: MongoStore) -> None:
    for number in range(15):
        committing = asyncio.create_task(store.commit(change(record("one", kind=f"kind-{number}"))))
        await asyncio.sleep(number * 0.0004)
        committing.cancel()
        await asyncio.gather(committing, return_exceptions=True)
        subject = f"kind-{number}/one"
        async with asyncio.timeout(5):
            while True:
                before = (await other.read([], [subject])).records.get(subject)
                version = before.version + 1 if before else 1
                try:
                    await other.commit(change(record("one", version, kind=f"kind-{number}"), owner="b"))
                    break
                except Conflict:
                    continue  # it was being committed, or ended, just now


async def test_a_store_that_was_opened_has_just_the_indexes_that_a_check_expects_and_tells_its_replicas(
    mongo: LocalMongo, database: str
) -> None:
    store = MongoStore(mongo.url, database, "a")
    await store.open()
    await store.beat({"handled": 3})
    found = await store.inspect()
    assert expected() <= found.indexes
    assert not foreign(found.indexes)
    [replica] = found.replicas
    assert (replica["_id"], replica["status"]) == ("a", {"handled": 3})
    assert "session" not in replica
    await store.close()


async def test_the_oldest_few_messages_that_wait_are_told_without_their_bodies(store: MongoStore) -> None:
    def kept(number: int, status: str = "waiting") -> Record:
        since = (dt.datetime(2027, 3, 10, tzinfo=dt.UTC) + dt.timedelta(minutes=number)).isoformat()
        state = {
            "status": status,
            "type": "a.b.v1",
            "correlation": f"c{number}",
            "since": since,
            "stored": {"body": "x"},
        }
        return Record(f"_kept/{9 - number}", "_kept", version=1, state=state, awaits="programme/p")

    await store.commit(change(kept(0, "quarantine"), *(kept(number) for number in range(1, MOST_WAITING + 3))))
    waiting = (await store.inspect()).waiting
    assert [found["state"]["correlation"] for found in waiting] == [f"c{n}" for n in range(1, MOST_WAITING + 1)]
    assert {found["awaits"] for found in waiting} == {"programme/p"}
    assert all("stored" not in found["state"] for found in waiting)


async def test_a_replica_forgets_those_that_are_gone_for_good_while_it_runs_and_not_with_each_sign_of_life(
    store: MongoStore,
) -> None:
    now = dt.datetime.now(dt.UTC)
    replicas = store._database["replicas"]

    async def dies(name: str, ago: dt.timedelta) -> None:
        await replicas.update_one({"_id": name}, {"$set": {"session": "s", "at": now - ago}}, upsert=True)

    async def told() -> list[str]:
        return [replica["_id"] for replica in (await store.inspect()).replicas]

    await dies("gone", GONE + dt.timedelta(minutes=1))
    await dies("silent", GONE - dt.timedelta(minutes=1))
    await store.beat()
    assert await told() == ["a", "gone", "silent"], "it has looked an hour ago at most"
    store._transactions._forgot -= FORGET_EVERY
    await store.beat()
    assert await told() == ["a", "silent"]


def test_the_room_on_a_database_s_disk_is_told_only_where_its_server_says_both_figures() -> None:
    assert room_of({"fsUsedSize": 30.0, "fsTotalSize": 100.0}) == (70, 100)
    for stats in ({}, {"storageSize": 29}, {"fsTotalSize": 100}, {"fsUsedSize": 0, "fsTotalSize": 0}):
        assert room_of(stats) == (None, None)
