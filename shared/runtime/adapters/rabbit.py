"""The broker's port on RabbitMQ: FastStream receives, aio-pika publishes, each on a connection of its own.

A memory alarm blocks a connection that publishes, and must not stop the one that acknowledges. FastStream's subscribers
are untyped and hand over at once: what a message means, and when it is finished, is the engine's to say.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from ssl import SSLContext
from typing import Any
from weakref import WeakKeyDictionary

import aio_pika
from aio_pika import IncomingMessage
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractIncomingMessage
from aio_pika.exceptions import DeliveryError
from aiormq.abc import AbstractChannel as RawChannel
from faststream import AckPolicy
from faststream.message import StreamMessage
from faststream.rabbit import Channel, RabbitBroker, RabbitQueue
from faststream.rabbit.message import RabbitMessage
from faststream.rabbit.schemas.queue import QueueType
from yarl import URL

from shared.runtime.adapters.intake import shares
from shared.runtime.adapters.rabbit_connection import LOST, PAUSE, RoamingConnection, addresses, away, once, roaming
from shared.runtime.batch import COMMANDS, EVENTS
from shared.runtime.envelope import CONTENT_TYPE
from shared.runtime.ports import BrokerUnavailable, Delivery, Intake, Outgoing

LINGER = 0.003
"""Seconds that a batch waits for more."""
LANES: tuple[Intake, ...] = ("commands", "events")
"""What waits here to be handed out, by what comes first; replies wait among the events."""


class Finished:
    """Which deliveries of a channel are finished: one acknowledgement for many may cover only a whole prefix.

    A channel numbers its deliveries from 1 without gaps. Were one lost or overtaken between the socket and the engine,
    acknowledging the highest number would acknowledge it unhandled.
    """

    def __init__(self) -> None:
        self._next = 1
        self._beyond: set[int] = set()

    def add(self, tags: Iterable[int]) -> int | None:
        """The tag up to which everything is finished, if that is further than before."""
        self._beyond.update(tags)
        before = self._next
        while self._next in self._beyond:
            self._beyond.discard(self._next)
            self._next += 1
        return self._next - 1 if self._next > before else None


class RoamingBroker(RabbitBroker):
    """FastStream's broker over a connection that goes to the next node when it is lost.

    A broker that is away at the start is waited for; `waiting` is told why.
    """

    def __init__(
        self, nodes: Sequence[URL], tls: SSLContext | None, waiting: Callable[[str], None], **more: Any
    ) -> None:
        super().__init__(str(nodes[0]), **more)
        self._nodes = nodes
        self._tls = tls
        self._waiting = waiting

    async def _connect(self) -> RoamingConnection:
        # As FastStream does it, but for the connection itself.
        while True:
            try:
                connection = await roaming(self._nodes, ssl_context=self._tls, reconnect_interval=PAUSE)
                break
            except LOST as error:
                self._waiting(away(error))
                await asyncio.sleep(PAUSE)
        self.config.connect(connection)
        self._channel = await self.config.channel_manager.get_channel()
        return connection


class RabbitDeliveries:
    """One replica's connections to RabbitMQ. `broker` is FastStream's, for its application to start and stop.

    `url` may name several nodes (`rabbit_connection.addresses`); who loses one goes to the next.

    The topology must exist: a service declares nothing (`configure ^$`). `prefetch` bounds what each intake holds
    unacknowledged; `patience` is how many seconds a publication may take. `tls` is what an address amqps:// is held to.
    """

    def __init__(
        self,
        url: str,
        service: str,
        *,
        intakes: Sequence[Intake] = ("commands", "events"),
        prefetch: int = 400,
        patience: float = 10.0,
        tls: SSLContext | None = None,
        waiting: Callable[[str], None] = lambda reason: None,
    ) -> None:
        self._nodes = deque(addresses(url))
        self._tls = tls
        self.broker = RoamingBroker(tuple(self._nodes), tls, waiting, logger=None, apply_types=False)
        self._service = service
        self._user = self._nodes[0].user
        self._patience = patience
        self._waiting: dict[Intake, deque[Delivery]] = {lane: deque() for lane in LANES}
        self._arrived = asyncio.Event()
        self._stopping = False
        self._finished: WeakKeyDictionary[RawChannel, Finished] = WeakKeyDictionary()
        self._outward: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None
        self._exchanges: dict[str, AbstractExchange] = {}
        self._connecting = asyncio.Lock()
        self._intakes = tuple(intakes)
        for intake in self._intakes:
            self._subscribe(intake, prefetch)

    def _subscribe(self, intake: Intake, prefetch: int) -> None:
        queue = RabbitQueue(f"{self._service}.{intake}", queue_type=QueueType.QUORUM, durable=True, declare=False)
        subscriber = self.broker.subscriber(
            queue,
            channel=Channel(prefetch_count=prefetch),
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
            parser=_unparsed,
            decoder=_undecoded,
            include_in_schema=False,
        )

        @subscriber
        async def hand_over(message: AbstractIncomingMessage) -> None:
            self._take(intake, message)

    def _take(self, intake: Intake, message: AbstractIncomingMessage) -> None:
        count = message.headers.get("x-delivery-count", 0)
        self._waiting["commands" if intake == "commands" else "events"].append(
            Delivery(
                tag=(message.channel, message.delivery_tag),
                intake=intake,
                body=message.body,
                key=message.routing_key or "",
                count=count if isinstance(count, int) else 0,
                user=message.user_id,
                reply_to=message.reply_to,
            )
        )
        self._arrived.set()

    async def receive(self, limit: int) -> list[Delivery]:
        """Wait for deliveries; commands come before events, which have a share. None once told to stop."""
        taken: list[Delivery] = []
        while not taken and not self._stopping:
            if sum(map(len, self._waiting.values())) < limit and self._arrived.is_set():
                await asyncio.sleep(LINGER)  # a few more make the transaction worth its while
            self._arrived.clear()
            self._collect(taken, limit)
            if not taken and not self._stopping:
                await self._arrived.wait()
        return taken

    def _collect(self, taken: list[Delivery], limit: int) -> None:
        while not taken and any(self._waiting.values()):
            commands, events = (len(self._waiting[lane]) for lane in LANES)
            for lane, share in shares(commands, events, limit):
                deliveries = [self._waiting[lane].popleft() for _ in range(share)]
                # What a lost channel brought comes again; handling it here too would only be a duplicate.
                taken += [delivery for delivery in deliveries if not delivery.tag[0].is_closed]

    def stop(self) -> None:
        """Give out nothing more: what is unacknowledged goes to another replica."""
        self._stopping = True
        self._arrived.set()

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """One acknowledgement for each channel, up to where everything is finished."""
        tags: dict[RawChannel, list[int]] = {}
        for delivery in deliveries:
            channel, tag = delivery.tag
            tags.setdefault(channel, []).append(tag)
        for channel, finished in tags.items():
            tag = self._finished.setdefault(channel, Finished()).add(finished)
            if tag is not None and not channel.is_closed:
                try:
                    await channel.basic_ack(tag, multiple=True)
                except LOST:
                    continue  # it comes again, and the inbox knows it

    async def publish(self, messages: Sequence[Outgoing]) -> list[bool]:
        """Publish all at once and wait for the confirms."""
        await self._connected()
        try:
            async with asyncio.timeout(self._patience * 2):
                results = await asyncio.gather(*(self._publish(message) for message in messages))
        except TimeoutError as error:  # this process itself stood still, say in a suspended machine
            raise BrokerUnavailable("no confirm came in time") from error
        if not any(results):
            await self._disconnect()
        return results

    async def _publish(self, message: Outgoing) -> bool:
        exchange = self._exchanges[message.exchange]
        body = aio_pika.Message(
            message.body,
            content_type=CONTENT_TYPE,
            message_id=message.id,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            user_id=self._user,
        )
        # Nobody bound to an event, and a reply queue that is gone, are normal; a notice must arrive.
        mandatory = message.exchange == COMMANDS or message.key == f"{self._service}.quarantine"
        try:
            await asyncio.wait_for(
                exchange.publish(body, routing_key=message.key, mandatory=mandatory), timeout=self._patience
            )
        except (DeliveryError, *LOST):
            return False
        return True

    async def clear_notices(self) -> None:
        """Empty the quarantine queue."""
        await self._connected()
        name = f"{self._service}.quarantine"
        try:
            queue = await self._open_channel().get_queue(name, ensure=False)
            await queue.purge(timeout=self._patience)
        except LOST as error:
            raise BrokerUnavailable(str(error) or type(error).__name__) from error

    async def healthy(self) -> str | None:
        """Ask the broker for the queues on a channel of its own; a flag would still be up with a queue deleted."""
        try:
            async with asyncio.timeout(2):
                await self._connected()
                if self._outward is None:
                    return "the broker is away"
                async with self._outward.channel(publisher_confirms=False) as channel:
                    for intake in self._intakes:
                        found = await channel.declare_queue(f"{self._service}.{intake}", passive=True)
                        if not found.declaration_result.consumer_count:
                            return f"nobody consumes {self._service}.{intake}"
        except (BrokerUnavailable, *LOST) as error:
            return f"the broker is away ({type(error).__name__})"
        return None

    async def close(self) -> None:
        """Close the publishing connection; what is unacknowledged comes again to another replica."""
        await self._disconnect()

    def _open_channel(self) -> AbstractChannel:
        if self._channel is None:
            raise BrokerUnavailable("no channel to publish on")
        return self._channel

    async def _connected(self) -> None:
        async with self._connecting:
            if self._channel is not None and not self._channel.is_closed:
                return
            await self._disconnect()
            try:
                async with asyncio.timeout(self._patience):
                    # Not the robust kind: it would publish again what the engine decides about.
                    connection = await once(tuple(self._nodes), self._service, self._patience, ssl_context=self._tls)
                    self._outward = connection
                    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            except LOST as error:
                raise BrokerUnavailable(away(error)) from error
            self._channel = channel
            self._exchanges = {
                "": channel.default_exchange,
                COMMANDS: await channel.get_exchange(COMMANDS, ensure=False),
                EVENTS: await channel.get_exchange(EVENTS, ensure=False),
            }

    async def _disconnect(self) -> None:
        connection, self._outward, self._channel = self._outward, None, None
        if connection is not None:
            self._nodes.rotate(-1)
            try:
                async with asyncio.timeout(2):
                    await connection.close()
            except LOST:
                return


async def _unparsed(message: IncomingMessage) -> StreamMessage[IncomingMessage]:
    """Only what FastStream needs to hand a message over: the engine reads it."""
    return RabbitMessage(raw_message=message, body=message.body, message_id="", correlation_id="")


async def _undecoded(message: StreamMessage[IncomingMessage]) -> IncomingMessage:
    """What a subscriber gets: the message as it came."""
    return message.raw_message
