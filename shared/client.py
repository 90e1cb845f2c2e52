"""A client for other services: sends commands as one user of the broker, and waits for what answers them.

    async with Client("amqp://portal:PASSWORD@HOST:5672/") as tandem:
        answer = await tandem.ask(command, ParticipantRegistered)
        print(answer.event.participant_id)

It needs aio-pika and pydantic, `shared.contracts` and the envelope, nothing else of Tandem's.
"""

import asyncio
import contextlib
import datetime as dt
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field
from types import TracebackType
from typing import Generic, Self, TypeVar

import aio_pika
from aio_pika.abc import (
    AbstractExchange,
    AbstractIncomingMessage,
    AbstractQueue,
    AbstractRobustConnection,
)
from aio_pika.exceptions import CONNECTION_EXCEPTIONS, DeliveryError, ProbableAuthenticationError
from aiormq.exceptions import ChannelAccessRefused, ConnectionClosed
from pydantic import ValidationError

from shared.contracts import base
from shared.contracts.base import COMMANDS, EVENTS, Command, Contract, Event, Reason
from shared.runtime import envelope
from shared.runtime.adapters.rabbit_connection import LOST, addresses, roaming
from shared.runtime.envelope import CONTENT_TYPE, Envelope
from shared.runtime.tls import Tls, TlsError, refusal

CONNECT_LIMIT = 10.0
PORTS = {"amqp": 5672, "amqps": 5671}
"""Where a broker listens whose address names no port."""
RECONNECT = 1.0
"""Seconds between attempts to come back."""
REMEMBERED = 10_000
"""So many commands' answers are kept until they are asked for; of more, the oldest are forgotten."""
KEPT = 60
"""Seconds that a client's queue outlives a lost connection, so that nothing said meanwhile is missed."""
KEPT_BY_NAME = 24 * 3600
"""The same of a queue with a name of its own: its next life finds the answers that came in between."""

E = TypeVar("E", bound=Event)


class ClientError(Exception):
    """A command could not be sent, or its answer did not come; one line that says what to do."""


class NotLetIn(ClientError):
    """The broker cannot be reached, or refuses user, password or certificate."""


class NotAllowed(ClientError):
    """The broker's user has no right to send this message, or to read these events."""


class NobodyTakes(ClientError):
    """No service takes this command; it lies where ops see it."""


class NotConfirmed(ClientError):
    """The broker did not confirm in time. Send it again with the same `id`: it has its effect once."""

    def __init__(self, text: str, id: str) -> None:
        super().__init__(text)
        self.id = id


class NoAnswer(ClientError):
    """Sent, but not answered in time. Ask again with the same `id`: it has its effect once."""

    def __init__(self, text: str, id: str) -> None:
        super().__init__(text)
        self.id = id


class Rejected(ClientError):
    """The service understood the command and refused it; nothing changed. `reasons` say what to change."""

    def __init__(self, text: str, id: str, reasons: tuple[Reason, ...]) -> None:
        super().__init__(text)
        self.id = id
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Answer(Generic[E]):
    """The event that answers a command, and the envelope around it (its subject, its sequence)."""

    event: E
    envelope: Envelope


async def connect(
    url: str, user: str, name: str, limit: float = CONNECT_LIMIT, tls: Tls | None = None
) -> AbstractRobustConnection:
    """A connection that comes back when it is lost, once it was made. Raises NotLetIn when it cannot be made.

    The address may name several nodes. The driver would try a wrong one again and again, without an end: so it is read
    first.
    """
    try:
        nodes = addresses(url)
    except ValueError:
        message = f"the address of the broker for {user} is none; write amqp://{user}:PASSWORD@HOST:5672/"
        raise NotLetIn(message) from None
    try:
        context = (tls or Tls.of_environment() or Tls()).context() if nodes[0].scheme == "amqps" else None
    except TlsError as error:
        raise NotLetIn(str(error)) from None
    more = {"ssl_context": context, "client_properties": {"connection_name": name}, "reconnect_interval": RECONNECT}
    try:
        return await roaming(nodes, limit=limit / len(nodes), **more)
    except ProbableAuthenticationError as error:
        raise NotLetIn(f"the broker does not know {user} by this password; look it up in the addresses") from error
    except LOST as error:
        if why := refusal(error):
            raise NotLetIn(f"the broker cannot be trusted: {why}") from error
        if isinstance(error, ConnectionClosed):  # it did answer, and said no: an unknown vhost, too many connections
            raise NotLetIn(f"the broker does not let {user} in ({type(error).__name__})") from error
        where = ", ".join(f"{node.host}:{node.port or PORTS[node.scheme]}" for node in nodes)
        raise NotLetIn(f"the broker does not answer at {where} ({type(error).__name__}); is it running?") from error


def _means(message: Envelope, refused: str) -> bool:
    """Whether a refusal is for this message: it names its routing key, or the whole exchange is closed to the user."""
    return f"'{message.name}'" in refused or "access to exchange" in refused


@dataclass
class Client:
    """One user's connection to Tandem: an async context manager, safe for any number of tasks at once.

    `user` is the address's unless it is given. `name` names the queue of its answers, which a restart then finds again
    (one client a name); else it is made up. `keys` are events to hear from the start, and `heard` is called with each
    event in the order of arrival; `ask` binds what it waits for by itself. `tls` is for addresses amqps://; left out,
    TANDEM_TLS_CA, _CERT and _KEY say it. Who may own no queue (`hr`, `calendar`) sends, and hears nothing.
    """

    url: str = field(repr=False)
    user: str = ""
    name: str = ""
    keys: Collection[str] = ()
    heard: Callable[[Envelope], None] = field(default=lambda event: None)
    tls: Tls | None = None
    remembered: int = REMEMBERED
    _connection: AbstractRobustConnection | None = field(default=None, init=False)
    _exchanges: dict[str, AbstractExchange] = field(default_factory=dict, init=False)
    _queue: AbstractQueue | None = field(default=None, init=False)
    _bound: set[str] = field(default_factory=set, init=False)
    _binding: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _answers: OrderedDict[str, list[Envelope]] = field(default_factory=OrderedDict, init=False)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition, init=False)

    # Life

    async def __aenter__(self) -> Self:
        with contextlib.suppress(ValueError):
            self.user = self.user or addresses(self.url)[0].user or ""
        queue = f"{self.user}.{self.name or secrets.token_hex(6)}"
        self._connection = await connect(self.url, self.user or "USER", queue, tls=self.tls)
        try:
            channel = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
            for exchange in (COMMANDS, EVENTS):
                self._exchanges[exchange] = await channel.get_exchange(exchange, ensure=False)
            reading = await self._connection.channel()
            await reading.set_qos(prefetch_count=500)
            kept = KEPT_BY_NAME if self.name else KEPT
            try:
                self._queue = await reading.declare_queue(
                    queue, durable=True, arguments={"x-queue-type": "quorum", "x-expires": kept * 1000}
                )
            except ChannelAccessRefused:
                self._queue = None  # who says facts only hears nothing, and may have no queue
            await self._bind(self.keys)
            if self._queue is not None:
                await self._queue.consume(self._take)
        except BaseException:
            await self._connection.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._connection is not None
        await self._connection.close()

    async def _bind(self, keys: Collection[str]) -> None:
        async with self._binding:
            for key in sorted(set(keys) - self._bound):
                if self._queue is None:
                    raise NotAllowed(f"{self.user} reads no events; read {key} as another user")
                try:
                    await self._queue.bind(EVENTS, key)
                except ChannelAccessRefused:
                    raise NotAllowed(f"{self.user} may not read {key}; read it as another user") from None
                self._bound.add(key)

    async def _take(self, message: AbstractIncomingMessage) -> None:
        try:
            event = envelope.read(message.body)
        except envelope.NotAnEnvelope:
            event = None
        if event is not None:
            self.heard(event)
            async with self._news:
                if event.correlation in self._answers:
                    self._answers[event.correlation].append(event)
                self._news.notify_all()
        with contextlib.suppress(*CONNECTION_EXCEPTIONS):  # it comes again, and changes nothing
            await message.ack()

    # Sending

    @staticmethod
    def new_id() -> str:
        """An id for a command; keep it, and sending the command again is harmless."""
        return secrets.token_hex(16)

    def wrap(self, message: Contract, *, actor: str | None = None, id: str | None = None) -> Envelope:
        """An envelope around a message from this user; `actor` is the participant on whose behalf it is sent."""
        made = id or self.new_id()
        return envelope.wrap(
            message, id=made, source=f"/{self.user}", time=dt.datetime.now(dt.UTC), correlationid=made, actor=actor
        )

    def expect(self, correlation: str) -> None:
        """Keep events with this correlation id until they are asked for."""
        self._answers.setdefault(correlation, [])
        self._answers.move_to_end(correlation)
        while len(self._answers) > self.remembered:
            self._answers.popitem(last=False)

    async def send(self, message: Envelope, *, command: bool = True, limit: float = 60.0) -> None:
        """Send one envelope and wait for the broker's confirm, again while the connection is lost.

        Raises NotAllowed, NobodyTakes, and NotConfirmed after `limit` seconds.
        """
        letter = aio_pika.Message(
            message.encode(),
            content_type=CONTENT_TYPE,
            message_id=message.id,
            user_id=self.user,
            reply_to=self._queue.name if self._queue else None,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        )
        self.expect(message.correlation)
        exchange = self._exchanges[COMMANDS if command else EVENTS]
        clock = asyncio.get_running_loop().time
        end = clock() + limit
        while True:
            try:
                await asyncio.wait_for(exchange.publish(letter, message.name, mandatory=command), end - clock())
                return
            except DeliveryError as error:
                raise NobodyTakes(f"nobody takes {message.name}; is its service running?") from error
            except (*CONNECTION_EXCEPTIONS, TimeoutError) as error:
                if isinstance(error, ChannelAccessRefused) and _means(message, str(error)):
                    raise NotAllowed(f"{self.user} may not send {message.name}; send it as another user") from error
                # Lost, or closed with the channel because of another message: sent again with the same id. If it
                # arrived after all, that is a duplicate.
                if clock() + 0.3 > end:
                    raise NotConfirmed(
                        f"the broker did not take {message.name} within {limit:g} seconds", message.id
                    ) from error
                await asyncio.sleep(0.3)

    async def publish(
        self, command: Command, *, actor: str | None = None, id: str | None = None, limit: float = 60.0
    ) -> str:
        """Send a command and wait for the broker's confirm; its id. Raises what `send` raises."""
        sent = self.wrap(command, actor=actor, id=id)
        await self.send(sent, limit=limit)
        return sent.id

    # Answers

    async def ask(
        self, command: Command, *answers: type[E], actor: str | None = None, id: str | None = None, limit: float = 10.0
    ) -> Answer[E]:
        """Send a command and wait, `limit` seconds in all, for the first of the events named, or a private reply.

        Raises Rejected with the reasons, NoAnswer, and what `send` raises. After NoAnswer and NotConfirmed ask again
        with `id=error.id`: whatever became of the first, the command has its effect once, and a late answer counts.
        """
        clock = asyncio.get_running_loop().time
        end = clock() + limit
        rejection = f"{command.owner}.command-rejected.v1"
        await self._bind([*(a.name for a in answers if not a.private), *(() if command.private else (rejection,))])
        sent = self.wrap(command, actor=actor, id=id)
        await self.send(sent, limit=limit)
        known = {answer.name: answer for answer in answers}
        async for event in self.answers(sent.id, end - clock()):
            if event.name == rejection:
                self._answers.pop(sent.id, None)
                reasons = base.CommandRejected.model_validate(event.data).reasons
                said = "; ".join(f"{r.field or 'it'}: {r.message.en} ({r.code})" for r in reasons)
                raise Rejected(f"{command.name} was rejected: {said}", sent.id, reasons)
            if event.name in known:
                self._answers.pop(sent.id, None)
                return Answer(_read(known[event.name], event), event)
        raise NoAnswer(f"{command.name} was not answered within {limit:g} seconds", sent.id)

    async def answers(self, correlation: str, limit: float) -> AsyncIterator[Envelope]:
        """Events with this correlation id as they come, until `limit` seconds have passed."""
        end = asyncio.get_running_loop().time() + limit
        told = 0
        while True:
            async with self._news:
                while len(self._answers.get(correlation, ())) <= told:
                    left = end - asyncio.get_running_loop().time()
                    try:
                        await asyncio.wait_for(self._news.wait(), max(0.0, left))
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


def _read(contract: type[E], event: Envelope) -> E:
    try:
        return contract.model_validate(event.data)
    except ValidationError as error:
        raise ClientError(f"{event.name} is not as this client's contracts know it ({error.error_count()})") from None
