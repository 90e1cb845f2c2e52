"""A publisher and reader like any other: sends commands as a user of the broker and reads the events that answer."""

import asyncio
import contextlib
import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import aio_pika
from aio_pika.abc import AbstractConnection, AbstractExchange, AbstractIncomingMessage, AbstractRobustConnection
from aio_pika.exceptions import CONNECTION_EXCEPTIONS, DeliveryError
from aiormq.exceptions import ChannelAccessRefused
from pamqp.common import FieldTable

from shared.contracts.base import Command, Contract
from shared.runtime import envelope
from shared.runtime.adapters.rabbit_connection import LOST, addresses, roaming
from shared.runtime.batch import COMMANDS, EVENTS
from shared.runtime.envelope import CONTENT_TYPE, Envelope
from shared.runtime.tls import Tls, TlsError, refusal

CONNECT_LIMIT = 10.0


class ClientError(Exception):
    """A command could not be sent, or its answer did not come; one line that says what to do."""


async def connect(url: str, user: str, name: str, limit: float = CONNECT_LIMIT) -> AbstractRobustConnection:
    """A connection that comes back when it is lost, once it was made. Raises ClientError when it cannot be made.

    The address may name several nodes. The driver would try a wrong one again and again, without an end: so it is read
    first.
    """
    try:
        nodes = addresses(url)
    except ValueError:
        message = f"the address of the broker for {user} is none; write amqp://{user}:PASSWORD@HOST:5672/"
        raise ClientError(message) from None
    try:
        tls = (Tls.of_environment() or Tls()).context() if nodes[0].scheme == "amqps" else None
        properties: FieldTable = {"connection_name": name}
        return await roaming(nodes, limit=limit / len(nodes), client_properties=properties, ssl_context=tls)
    except TlsError as error:
        raise ClientError(str(error)) from None
    except LOST as error:
        if why := refusal(error):
            raise ClientError(f"the broker cannot be trusted: {why}") from error
        raise ClientError(f"the broker does not let {user} in ({type(error).__name__}); is it running?") from error


@dataclass
class Client:
    """Connections of one or more users of the broker; an async context manager.

    `urls` gives each user's address; the first one reads the events of `keys` (routing keys) and private replies.
    `heard` is called with each event, in the order of arrival. Answers are found by their correlation id.
    """

    urls: Mapping[str, str]
    keys: Collection[str] = ()
    heard: Callable[[Envelope], None] = field(default=lambda event: None)
    _connections: list[AbstractConnection] = field(default_factory=list, init=False)
    _exchanges: dict[tuple[str, str], AbstractExchange] = field(default_factory=dict, init=False)
    _answers: dict[str, list[Envelope]] = field(default_factory=lambda: defaultdict(list), init=False)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition, init=False)
    _reply_to: str = field(default="", init=False)

    async def __aenter__(self) -> Self:
        try:
            for user, url in self.urls.items():
                await self._connect(user, url)
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def _connect(self, user: str, url: str) -> None:
        name = f"{user}.{secrets.token_hex(6)}"
        connection = await connect(url, user, name)
        self._connections.append(connection)
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        for exchange in (COMMANDS, EVENTS):
            self._exchanges[user, exchange] = await channel.get_exchange(exchange, ensure=False)
        if user != next(iter(self.urls)):
            return
        reading = await connection.channel()
        await reading.set_qos(prefetch_count=500)
        # Outlives a lost connection for a minute, and a lost node, so that nothing said meanwhile is missed.
        kind: FieldTable = {"x-queue-type": "quorum", "x-expires": 60_000}
        queue = await reading.declare_queue(name, durable=True, arguments=kind)
        self._reply_to = name
        for key in sorted(self.keys):
            await queue.bind(EVENTS, key)
        await queue.consume(self._take)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self._connections:
            await connection.close()

    async def _take(self, message: AbstractIncomingMessage) -> None:
        try:
            event = envelope.read(message.body)
        except envelope.NotAnEnvelope:
            event = None
        if event is not None:
            self.heard(event)
            async with self._news:
                self._answers[event.correlation].append(event)
                self._news.notify_all()
        with contextlib.suppress(*CONNECTION_EXCEPTIONS):  # it comes again, and changes nothing
            await message.ack()

    @staticmethod
    def wrap(message: Contract, user: str, *, actor: str | None = None, id: str | None = None) -> Envelope:
        """An envelope around a message from a user."""
        made = id or secrets.token_hex(16)
        return envelope.wrap(
            message, id=made, source=f"/{user}", time=dt.datetime.now(dt.UTC), correlationid=made, actor=actor
        )

    async def publish(self, message: Envelope, user: str, *, command: bool = True, limit: float = 60.0) -> None:
        """Send one envelope as a user and wait for the broker's confirm. Raises ClientError."""
        letter = aio_pika.Message(
            message.encode(),
            content_type=CONTENT_TYPE,
            message_id=message.id,
            user_id=user,
            reply_to=self._reply_to if self._reply_to.startswith(f"{user}.") else None,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        )
        exchange = self._exchanges[user, COMMANDS if command else EVENTS]
        end = asyncio.get_running_loop().time() + limit
        while True:
            try:
                await asyncio.wait_for(exchange.publish(letter, message.name, mandatory=command), limit)
                return
            except DeliveryError as error:
                raise ClientError(f"nobody takes {message.name}; is its service running?") from error
            except ChannelAccessRefused as error:
                raise ClientError(f"{user} may not send {message.name}; send it as another user") from error
            except (*CONNECTION_EXCEPTIONS, TimeoutError) as error:
                # Sent again with the same id: if the lost one arrived after all, it is a duplicate.
                if asyncio.get_running_loop().time() > end:
                    raise ClientError(f"the broker did not take {message.name} within {limit:g} seconds") from error
                await asyncio.sleep(0.3)

    async def ask(self, command: Command, user: str, *, actor: str | None = None, limit: float = 30.0) -> Envelope:
        """Send a command and wait for the event that answers it. Raises ClientError when none came in time."""
        sent = self.wrap(command, user, actor=actor)
        await self.publish(sent, user)
        return await self.answer(sent.id, limit)

    async def answer(self, correlation: str, limit: float) -> Envelope:
        """The first event with this correlation id."""
        async for event in self.answers(correlation, limit):
            return event
        raise ClientError(f"no answer came within {limit:g} seconds")

    def heard_of(self, correlation: str) -> tuple[Envelope, ...]:
        """Every event with this correlation id so far."""
        return tuple(self._answers[correlation])

    async def answers(self, correlation: str, limit: float) -> AsyncIterator[Envelope]:
        """Events with this correlation id as they come, until `limit` seconds have passed."""
        end = asyncio.get_running_loop().time() + limit
        told = 0
        while True:
            async with self._news:
                while len(self._answers[correlation]) <= told:
                    left = end - asyncio.get_running_loop().time()
                    if left <= 0:
                        return
                    try:
                        await asyncio.wait_for(self._news.wait(), left)
                    except TimeoutError:
                        return
                event = self._answers[correlation][told]
            told += 1
            yield event

    async def until(self, condition: Callable[[], bool], limit: float, what: str) -> None:
        """Wait until the events read so far fulfil a condition. Raises ClientError that names what did not come."""
        async with self._news:
            try:
                await asyncio.wait_for(self._news.wait_for(condition), limit)
            except TimeoutError:
                raise ClientError(f"{what} did not come within {limit:g} seconds") from None
