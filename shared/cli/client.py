"""Several users of the broker at once, as the command line, the demo and tests speak for: one client each."""

import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from shared import client
from shared.client import ClientError, NoAnswer, connect
from shared.contracts.base import Command, Contract
from shared.runtime.envelope import Envelope

__all__ = ["Client", "ClientError", "connect"]

REMEMBERED = 1_000_000


@dataclass
class Client:
    """Connections of one or more users of the broker; an async context manager.

    `urls` gives each user's address; the first one reads the events of `keys` (routing keys) and private replies.
    `heard` is called with each event, in the order of arrival. Answers are found by their correlation id.
    """

    urls: Mapping[str, str] = field(repr=False)
    keys: Collection[str] = ()
    heard: Callable[[Envelope], None] = field(default=lambda event: None)
    _stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack, init=False)
    _clients: dict[str, client.Client] = field(default_factory=dict, init=False)

    @property
    def _reader(self) -> client.Client:
        return next(iter(self._clients.values()))

    def _hear(self, event: Envelope) -> None:
        self.heard(event)  # whatever it is by now

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            for user, url in self.urls.items():
                first = not self._clients
                made = client.Client(
                    url,
                    user,
                    keys=self.keys if first else (),
                    heard=self._hear if first else lambda event: None,
                    remembered=REMEMBERED,
                )
                self._clients[user] = await stack.enter_async_context(made)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def wrap(self, message: Contract, user: str, *, actor: str | None = None, id: str | None = None) -> Envelope:
        """An envelope around a message from a user."""
        return self._clients[user].wrap(message, actor=actor, id=id)

    async def publish(self, message: Envelope, user: str, *, command: bool = True, limit: float = 60.0) -> None:
        """Send one envelope as a user and wait for the broker's confirm. Raises ClientError."""
        self._reader.expect(message.correlation)
        await self._clients[user].send(message, command=command, limit=limit)

    async def ask(self, command: Command, user: str, *, actor: str | None = None, limit: float = 30.0) -> Envelope:
        """Send a command and wait for the event that answers it. Raises ClientError when none came in time."""
        sent = self.wrap(command, user, actor=actor)
        await self.publish(sent, user)
        return await self.answer(sent.id, limit)

    async def answer(self, correlation: str, limit: float) -> Envelope:
        """The first event with this correlation id."""
        async for event in self.answers(correlation, limit):
            return event
        raise NoAnswer(f"no answer came within {limit:g} seconds", correlation)

    def answers(self, correlation: str, limit: float) -> AsyncIterator[Envelope]:
        """Events with this correlation id as they come, until `limit` seconds have passed."""
        return self._reader.answers(correlation, limit)

    async def until(self, condition: Callable[[], bool], limit: float, what: str) -> None:
        """Wait until the events read so far fulfil a condition. Raises ClientError that names what did not come."""
        await self._reader.until(condition, limit, what)
