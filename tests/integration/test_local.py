"""The private servers of one machine: started beside others, true to what they acknowledged, gone without a trace."""

import asyncio
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import aio_pika
import psutil
import pytest
from pamqp.common import FieldTable
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from shared.local import LocalMongo, LocalRabbit, LocalServerError
from shared.local.folders import secret
from shared.local.mongo import EXTERNAL_URL
from shared.local.ports import Ports
from shared.local.supervisor import marked, named
from tests.support.waiting import until

OWN_MONGO = pytest.mark.skipif(EXTERNAL_URL in os.environ, reason=f"{EXTERNAL_URL} names a server that is not ours")
QUORUM: FieldTable = {"x-queue-type": "quorum"}


async def send(url: str, *bodies: bytes) -> None:
    """Publish persistently, with confirms, to a durable queue."""
    connection = await aio_pika.connect(url)
    async with connection, connection.channel() as channel:
        queue = await channel.declare_queue("kept", durable=True, arguments=QUORUM)
        for body in bodies:
            message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
            await channel.default_exchange.publish(message, routing_key=queue.name)


async def take(url: str, count: int) -> list[bytes]:
    """What stands in that queue, in order."""
    connection = await aio_pika.connect(url)
    async with connection, connection.channel() as channel:
        queue = await channel.declare_queue("kept", durable=True, arguments=QUORUM)
        found = []
        async with asyncio.timeout(20), queue.iterator() as messages:
            async for message in messages:
                await message.ack()
                found.append(message.body)
                if len(found) == count:
                    break
    return found


def addresses(pid: int) -> set[Any]:
    """Where a process listens."""
    return {c.laddr for c in psutil.Process(pid).net_connections("tcp") if c.status == psutil.CONN_LISTEN}


def queues_are_on_disk(folder: Path) -> bool:
    """Whether the node wrote down which folder is whose: a second later, and until then a kill loses the queue.

    RabbitMQ 3.10 keeps that directory in a dets table (`names.dets`), which is saved now and then.
    """
    [place] = folder.glob("data/*/quorum/*")
    queues = [queue.name.encode() for queue in place.iterdir() if queue.is_dir()]
    return bool(queues) and all(queue in (place / "names.dets").read_bytes() for queue in queues)


def modes(folder: Path) -> dict[str, int]:
    """Every file with a secret under the folder, and who may read it."""
    files = [*(folder / "secrets").iterdir(), *folder.glob("home/.erlang.cookie"), *folder.glob("rabbitmq.conf")]
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in files}


async def test_two_brokers_run_side_by_side_and_nothing_of_them_stays(tmp_path: Path) -> None:
    one, other = LocalRabbit(tmp_path / "one"), LocalRabbit(tmp_path / "other")
    try:
        await asyncio.gather(one.start(), other.start())
        await asyncio.gather(send(one.amqp_url(), b"one"), send(other.amqp_url(), b"other"))
        assert await take(one.amqp_url(), 1) == [b"one"]
        assert await take(other.amqp_url(), 1) == [b"other"]
        assert one.pid != other.pid
        assert one.admin_password != other.admin_password
        listening = [addresses(server.pid) for server in (one, other)]
        assert listening[0]
        assert listening[0].isdisjoint(listening[1])
        epmds = [named(marked(str((tmp_path / name).resolve())), "epmd") for name in ("one", "other")]
        assert all(epmds)
        assert set(modes(tmp_path / "one").values()) == {0o600}
        assert {address.ip for address in listening[0]} == {"127.0.0.1"}
    finally:
        await asyncio.gather(one.stop(), other.stop())
    assert not one.running
    assert not marked(str((tmp_path / "one").resolve())), "a port mapper or another helper is left"


async def test_a_killed_broker_comes_back_with_what_it_confirmed_on_the_same_port(tmp_path: Path) -> None:
    async with LocalRabbit(tmp_path) as server:
        url = server.amqp_url()
        bodies = [str(number).encode() for number in range(50)]
        await send(url)
        await until(lambda: queues_are_on_disk(tmp_path))
        await send(url, *bodies)
        await server.kill()
        assert not server.running
        with pytest.raises(LocalServerError, match="no RabbitMQ runs"):
            _ = server.pid
        await server.start()
        assert server.amqp_url() == url
        assert await take(url, len(bodies)) == bodies
        with pytest.raises(LocalServerError, match="already runs"):
            await LocalRabbit(tmp_path).start()
        assert LocalRabbit(tmp_path).amqp_url() == url


def test_servers_end_when_their_owner_is_killed(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys; from shared.local import LocalMongo, LocalRabbit\n"
        "async def main():\n"
        "    await asyncio.gather(LocalRabbit(sys.argv[1]).start(), LocalMongo(sys.argv[2]).start())\n"
        "    print('up', flush=True); await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    folders = [str((tmp_path / name).resolve()) for name in ("rabbit", "mongo")]
    env = {name: value for name, value in os.environ.items() if name != EXTERNAL_URL}
    env["PYTHONPATH"] = str(Path(__file__).parents[2])
    with subprocess.Popen([sys.executable, "-c", program, *folders], env=env, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"up\n"
        assert all(marked(folder) for folder in folders)
        owner.kill()
        asyncio.run(until(lambda: not any(marked(folder) for folder in folders)))


@OWN_MONGO
async def test_a_handle_from_elsewhere_ends_the_same_server(tmp_path: Path) -> None:
    async with LocalMongo(tmp_path) as server:
        handle = LocalMongo(tmp_path)
        assert handle.url == server.url
        assert handle.running
        await handle.stop()
        assert not server.running


@OWN_MONGO
async def test_a_database_with_users_lets_nobody_else_in_and_each_only_into_its_own(tmp_path: Path) -> None:
    async with LocalMongo(tmp_path, auth=True) as server:
        own = await server.create_user("reader", "a long password", "theirs")
        port = own.rpartition(":")[2].partition("/")[0]
        async with AsyncMongoClient[dict[str, object]](own) as client:
            await client["theirs"]["things"].insert_one({"_id": "mine"})
            with pytest.raises(OperationFailure):
                await client["others"]["things"].insert_one({"_id": "not mine"})
        async with AsyncMongoClient[dict[str, object]](f"mongodb://127.0.0.1:{port}/?directConnection=true") as nobody:
            with pytest.raises(OperationFailure):
                await nobody["theirs"]["things"].find_one()
        wrong = own.replace("a%20long%20password", "another")
        assert wrong != own
        async with AsyncMongoClient[dict[str, object]](wrong) as impostor:
            with pytest.raises(OperationFailure):
                await impostor["theirs"]["things"].find_one()
        assert set(modes(tmp_path).values()) == {0o600}


@OWN_MONGO
async def test_a_killed_database_keeps_every_write_that_it_acknowledged(tmp_path: Path) -> None:
    async with LocalMongo(tmp_path) as server:
        acknowledged: list[int] = []

        async def write(client: "AsyncMongoClient[dict[str, object]]") -> None:
            for number in range(100_000):
                await client["test"]["kept"].insert_one({"_id": number})
                acknowledged.append(number)

        options = "&w=majority&journal=true&retryWrites=false&serverSelectionTimeoutMS=2000"
        async with AsyncMongoClient[dict[str, object]](server.url + options) as client:
            writing = asyncio.create_task(write(client))
            await until(lambda: len(acknowledged) >= 200)
            await server.kill()
            with pytest.raises(PyMongoError):
                await writing
        url = server.url
        await server.start()
        assert server.url == url
        async with AsyncMongoClient[dict[str, object]](server.url) as client:
            kept = {document["_id"] async for document in client["test"]["kept"].find()}
        assert kept >= set(acknowledged)


def test_a_port_is_given_to_one_only_and_again_to_who_had_it() -> None:
    first, second = Ports(), Ports()
    try:
        port = first.take()
        assert second.take(port) != port
        first.release()
        assert second.take(port) == port
    finally:
        first.release()
        second.release()


def test_a_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    made = secret(tmp_path / "secrets", "key")
    assert secret(tmp_path / "secrets", "key") == made
    assert len(made) >= 43
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "secrets" / "key").stat().st_mode) == 0o600
