"""Connections to a broker that may have several nodes: who loses one tries the next.

An address names several nodes as a database's does, `amqp://user:password@one:5672,two:5672/vhost`, or is a list of
whole addresses with commas between.
"""

import asyncio
import re
from collections.abc import Sequence
from ssl import SSLContext
from typing import Any

import aio_pika
from aio_pika import RobustConnection
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import CONNECTION_EXCEPTIONS, AMQPException
from pamqp.common import FieldTable
from yarl import URL

from shared.runtime.tls import refusal

LOST = (*CONNECTION_EXCEPTIONS, AMQPException, asyncio.TimeoutError, OSError)
"""What a broker that is away, or a channel that it closed, looks like."""
PAUSE = 1.0
"""Seconds before a broker that is away is tried again."""
_NEXT = re.compile(r",(?=amqps?://)")
_PARTS = re.compile(r"(?P<scheme>amqps?)://(?P<user>.*@)?(?P<hosts>[^@/?#]+)(?P<rest>[/?#].*)?")


def away(error: BaseException) -> str:
    """Why a broker cannot be worked with, in words for a log and for readiness."""
    return f"the broker is away ({refusal(error) or type(error).__name__})"


def addresses(text: str) -> tuple[URL, ...]:
    """Every node's address, in the order given. Raises ValueError, without the password, for what is none."""
    found: list[URL] = []
    for one in _NEXT.split(text.strip()):
        parts = _PARTS.fullmatch(one)
        for host in parts["hosts"].split(",") if parts else ():
            url = URL(f"{parts['scheme']}://{parts['user'] or ''}{host}{parts['rest'] or ''}") if parts else URL()
            if not url.host or url.explicit_port == 0:
                raise ValueError("no node stands in it")
            found.append(url)
    if not found:
        raise ValueError("it does not begin with amqp:// or amqps://")
    return tuple(found)


class RoamingConnection(RobustConnection):
    """A connection that comes back when it is lost, at the next node each time."""

    def __init__(self, nodes: Sequence[URL], **more: Any) -> None:
        self._nodes = tuple(nodes)
        self._attempts = -1
        super().__init__(self._nodes[0], **more)
        self._attempts = -1  # reading the options was no attempt

    @property
    def url(self) -> URL:
        """Where to connect to now: aio-pika asks once for each attempt."""
        self._attempts += 1
        return self._nodes[self._attempts % len(self._nodes)]

    @url.setter
    def url(self, url: URL) -> None:
        self._nodes = (url, *self._nodes[1:])

    def __str__(self) -> str:
        now = self._nodes[max(0, self._attempts) % len(self._nodes)]
        return str(now.with_password("******") if now.password else now)


async def roaming(nodes: Sequence[URL], *, limit: float | None = None, **more: Any) -> RoamingConnection:
    """A connection that comes back, at the first node that answers; each has `limit` seconds.

    Raises the last one's error (LOST) when none does.
    """
    for number in range(len(nodes)):
        connection = RoamingConnection((*nodes[number:], *nodes[:number]), **more)
        try:
            async with asyncio.timeout(limit):
                await connection.connect()
        except BaseException as error:
            await connection.close()
            if number + 1 == len(nodes) or not isinstance(error, LOST):
                raise
        else:
            return connection
    raise ValueError("name a node")


async def once(
    nodes: Sequence[URL], name: str, limit: float, *, ssl_context: SSLContext | None = None
) -> AbstractConnection:
    """A connection that does not come back, at the first node that answers; all have `limit` seconds together.

    Raises the last one's error (LOST) when none does.
    """
    properties: FieldTable = {"connection_name": name}
    for number, node in enumerate(nodes):
        try:
            async with asyncio.timeout(limit / len(nodes)):
                return await aio_pika.connect(node, client_properties=properties, ssl_context=ssl_context)
        except LOST:
            if number + 1 == len(nodes):
                raise
    raise ValueError("name a node")
