"""The deliveries on a real RabbitMQ keep the promises, under a service's own narrow rights."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import aio_pika
import pytest
from aio_pika.exceptions import ChannelInvalidStateError, ChannelPreconditionFailed

from shared.local import LocalRabbit
from shared.runtime.adapters.rabbit import RabbitDeliveries
from shared.runtime.batch import COMMANDS, EVENTS
from shared.runtime.ports import Deliveries, Delivery
from tests.conformance.deliveries import COMMAND, EVENT, LIMIT, SERVICE, DeliveriesConformance, World
from tests.support.servers import Vhost
from tests.support.tcp_proxy import TcpProxy

QUEUES = (f"{SERVICE}.commands", f"{SERVICE}.events", f"{SERVICE}.quarantine", "tandem.unrouted")
PASSWORD = "conformance"


def definitions() -> dict[str, object]:
    """The service's part of a broker."""
    kinds = {
        COMMANDS: ("topic", {"alternate-exchange": "tandem.unrouted"}),
        EVENTS: ("topic", {}),
        "tandem.unrouted": ("fanout", {}),
    }
    durable = {"durable": True, "auto_delete": False}
    bound = (
        (COMMANDS, QUEUES[0], COMMAND),
        (EVENTS, QUEUES[1], EVENT),
        ("tandem.unrouted", "tandem.unrouted", ""),
    )
    return {
        "exchanges": [
            {"name": name, "type": kind, "internal": False, "arguments": arguments, **durable}
            for name, (kind, arguments) in kinds.items()
        ],
        "queues": [{"name": name, "arguments": {"x-queue-type": "quorum"}, **durable} for name in QUEUES],
        "bindings": [
            {"source": source, "destination": queue, "destination_type": "queue", "routing_key": key, "arguments": {}}
            for source, queue, key in bound
        ],
    }


@dataclass
class RabbitWorld:
    """A virtual host of a real broker, from outside; each replica comes to it through a proxy of its own."""

    rabbit: LocalRabbit
    vhost: Vhost
    service_user: str
    sender: str
    outside: aio_pika.abc.AbstractChannel
    replicas: dict[int, tuple[RabbitDeliveries, TcpProxy]] = field(default_factory=dict)

    async def replica(self) -> Deliveries:
        proxy = TcpProxy(self.rabbit.amqp_url(self.service_user, PASSWORD, self.vhost.name))
        await proxy.__aenter__()
        replica = RabbitDeliveries(proxy.url, SERVICE, patience=5.0)
        await replica.broker.start()
        self.replicas[id(replica)] = replica, proxy
        return replica

    async def send(
        self, exchange: str, key: str, body: bytes, *, reply_to: str | None = None, known: bool = True
    ) -> None:
        message = aio_pika.Message(
            body,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            reply_to=reply_to,
            user_id=self.sender if known else None,
        )
        target = await self.outside.get_exchange(exchange, ensure=False)
        await target.publish(message, key, mandatory=False)

    async def declare(self, queue: str) -> None:
        await self.outside.declare_queue(queue, durable=True)

    async def drain(self, queue: str) -> list[bytes]:
        source = await self.outside.get_queue(queue, ensure=False)
        found = []
        while message := await source.get(no_ack=True, fail=False):
            found.append(message.body)
        return found

    async def arrived(self, replica: Deliveries, count: int) -> None:
        own, _ = self.replicas[id(replica)]
        end = time.monotonic() + LIMIT
        while sum(map(len, own._waiting.values())) < count:
            assert time.monotonic() < end, "the messages did not arrive"
            await asyncio.sleep(0.01)

    async def acknowledged(self, deliveries: Sequence[Delivery]) -> None:
        # Asked on the same channel, it is answered after what went before.
        for channel in {delivery.tag[0] for delivery in deliveries}:
            await channel.basic_qos(prefetch_count=400)

    async def lose(self, replica: Deliveries) -> None:
        self.replicas[id(replica)][1].cut()

    async def away(self, replica: Deliveries) -> None:
        self.replicas[id(replica)][1].away = True
        self.replicas[id(replica)][1].cut()

    async def back(self, replica: Deliveries) -> None:
        self.replicas[id(replica)][1].away = False

    async def end(self, replica: Deliveries) -> None:
        own, proxy = self.replicas.pop(id(replica))
        await own.broker.stop()
        await own.close()
        await proxy.__aexit__(None, None, None)


class TestRabbitDeliveries(DeliveriesConformance):
    @pytest.fixture
    async def world(self, rabbit: LocalRabbit, vhost: Vhost) -> AsyncIterator[World]:
        async for world in worlds(rabbit, vhost):
            yield world


@pytest.fixture
async def world(rabbit: LocalRabbit, vhost: Vhost) -> AsyncIterator[RabbitWorld]:
    async for world in worlds(rabbit, vhost):
        yield world


async def worlds(rabbit: LocalRabbit, vhost: Vhost) -> AsyncIterator[RabbitWorld]:
    """One world, which is taken down afterwards."""
    await rabbit.define(definitions(), vhost.name)
    user = f"{SERVICE}-{vhost.name}"
    write = r"^(tandem\.commands|tandem\.events|amq\.default)$"
    await rabbit.create_user(user, PASSWORD, "^$", write, rf"^{SERVICE}\..*$", vhost.name)
    connection = await aio_pika.connect(vhost.url)
    async with connection, connection.channel() as outside:
        world = RabbitWorld(rabbit, vhost, user, rabbit.admin_user, outside)
        yield world
        for replica, _ in list(world.replicas.values()):
            await world.end(replica)


async def test_a_sender_cannot_pass_for_another(world: RabbitWorld) -> None:
    exchange = await world.outside.get_exchange(COMMANDS, ensure=False)
    with pytest.raises((ChannelPreconditionFailed, ChannelInvalidStateError)):
        await exchange.publish(aio_pika.Message(b"1", user_id=world.service_user), COMMAND)


async def test_a_replica_whose_queue_is_gone_says_so(world: RabbitWorld) -> None:
    replica = await world.replica()
    assert await replica.healthy() is None
    await world.outside.queue_delete(f"{SERVICE}.events")
    assert await DeliveriesConformance.health(replica, well=False)
