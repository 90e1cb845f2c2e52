"""Counts from outside: everything that passed on both exchanges, and what of it never reached a service bound to it.

The tap knows the broker's own bindings and asks each bound service's inbox; it shares nothing with the engine.
"""

import asyncio
import base64
import contextlib
import json
import random
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, get_args
from urllib.parse import unquote, urlsplit

import aio_pika
import httpx
from aio_pika.abc import AbstractConnection, AbstractExchange, AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import CONNECTION_EXCEPTIONS

from shared.cli.client import ClientError, connect
from shared.runtime.batch import COMMANDS, EVENTS
from shared.runtime.ports import Intake
from shared.runtime.tls import verified

CHUNK = 200
DELETE_LIMIT = 5.0
"""Seconds for taking its queue away; a broker that is away meanwhile lets it expire."""


@dataclass(frozen=True, slots=True)
class Passed:
    """One message as it passed."""

    exchange: str
    key: str
    body: bytes
    id: str
    user: str | None = None


@dataclass
class Tap:
    """Reads both exchanges as the broker's administrator; an async context manager.

    `services` gives each service's HTTP address, `ops_token` opens its `/known`; `management` is the broker's HTTP
    interface. `chaos` repeats each of the services' events later and out of order.
    """

    url: str
    management: str
    services: Mapping[str, str]
    ops_token: str
    chaos: random.Random | None = None
    passed: list[Passed] = field(default_factory=list)
    repeated: int = 0
    _echo: "_Echo | None" = field(default=None, init=False)
    _connection: AbstractConnection | None = field(default=None, init=False)
    _queue: AbstractQueue | None = field(default=None, init=False)
    _repeats: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    async def __aenter__(self) -> Self:
        name = f"tap.{secrets.token_hex(6)}"
        self._connection = await connect(self.url, "the tap", name)
        channel = await self._connection.channel()
        await channel.set_qos(prefetch_count=1000)
        self._queue = await channel.declare_queue(name, durable=True, arguments={"x-expires": 120_000})
        for exchange in (COMMANDS, EVENTS):
            await self._queue.bind(exchange, "#")
        if self.chaos is not None:
            self._echo = await _Echo.open(self)
        await self._queue.consume(self._take)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._repeats:
            task.cancel()
        if self._echo is not None:
            await self._echo.close()
        if self._queue is not None:
            # What is left of it would be a fault for `doctor` until it expires.
            with contextlib.suppress(*CONNECTION_EXCEPTIONS, TimeoutError):
                async with asyncio.timeout(DELETE_LIMIT):
                    await self._queue.delete(if_unused=False, if_empty=False)
        if self._connection is not None:
            await self._connection.close()

    async def _take(self, message: AbstractIncomingMessage) -> None:
        own = message.headers.get("repeated") is not None
        if not own:
            passed = Passed(
                message.exchange or "",
                message.routing_key or "",
                message.body,
                message.message_id or "",
                message.user_id,
            )
            self.passed.append(passed)
            if self.chaos is not None and passed.exchange == EVENTS and self.chaos.random() < 0.5:
                task = asyncio.create_task(self._repeat(passed, self.chaos.uniform(0.05, 3.0)))
                self._repeats.add(task)
                task.add_done_callback(self._repeats.discard)
        with contextlib.suppress(*CONNECTION_EXCEPTIONS):
            await message.ack()

    async def _repeat(self, passed: Passed, later: float) -> None:
        await asyncio.sleep(later)
        letter = aio_pika.Message(passed.body, message_id=passed.id, user_id=passed.user, headers={"repeated": 1})
        with contextlib.suppress(*CONNECTION_EXCEPTIONS):
            if self._echo is not None:
                await self._echo.out.publish(letter, passed.key)
                self.repeated += 1

    @property
    def published(self) -> int:
        """How many different messages passed."""
        return len({(p.exchange, p.id) for p in self.passed})

    async def bound(self) -> dict[str, set[tuple[str, str]]]:
        """What the broker says is bound: (exchange, routing key) by service."""
        found: dict[str, set[tuple[str, str]]] = {}
        for binding in await self._managed("bindings"):
            service, _, intake = binding["destination"].rpartition(".")
            if service in self.services and intake in ("commands", "events"):
                found.setdefault(service, set()).add((binding["source"], binding["routing_key"]))
        return found

    async def _managed(self, what: str) -> list[dict[str, Any]]:
        """A list of the broker's management interface."""
        rows: list[dict[str, Any]] = (await self.manage("GET", what)).json()
        return rows

    async def manage(self, method: str, what: str, body: object = None) -> httpx.Response:
        """Ask the broker's management interface. Raises httpx.HTTPError."""
        admin = urlsplit(self.url)
        auth = (unquote(admin.username or ""), unquote(admin.password or ""))
        async with httpx.AsyncClient(trust_env=False, verify=verified(), timeout=10, auth=auth) as client:
            answer = await client.request(method, f"{self.management}/api/{what}", json=body)
            answer.raise_for_status()
        return answer

    async def lost(self, patience: float = 30.0) -> int:
        """How many messages a bound service has neither handled nor kept, once nothing moves any more.

        Nothing moves when no outbox holds anything, no intake does, and nothing passed between two looks. What never
        comes to rest within `patience` seconds is counted as it stands then.
        """
        end = asyncio.get_running_loop().time() + patience
        before = -1
        while True:
            late = asyncio.get_running_loop().time() >= end
            seen = len(self.passed)
            try:
                quiet = seen == before and not self._repeats and not await self._under_way()
                missing = await self._missing() if quiet or late else None
            except httpx.HTTPError as error:  # a service that was killed is just being started again
                if late:
                    raise ClientError(f"what was lost cannot be counted: {error}") from error
                quiet, missing = False, None
            if missing is not None and (late or not missing):
                return missing
            before = seen
            await asyncio.sleep(0.5)

    async def _under_way(self) -> bool:
        """Whether anything still waits to be sent or to be taken."""
        if (await self._measured())["outbox"]:
            return True
        queues = await self._managed("queues")
        intakes = {f"{service}.{kind}" for service in self.services for kind in get_args(Intake)}
        return any(queue.get("messages", 0) for queue in queues if queue["name"] in intakes)

    async def _missing(self) -> int:
        missing = 0
        bound = await self.bound()
        async with httpx.AsyncClient(trust_env=False, verify=verified(), timeout=30) as client:
            for service, keys in bound.items():
                mine = list({p.body: p for p in self.passed if (p.exchange, p.key) in keys}.values())
                for start in range(0, len(mine), CHUNK):
                    messages = [
                        {
                            "intake": p.exchange.removeprefix("tandem."),
                            "key": p.key,
                            "user": p.user,
                            "body": base64.b64encode(p.body).decode(),
                        }
                        for p in mine[start : start + CHUNK]
                    ]
                    answer = await client.post(
                        f"{self.services[service]}/known",
                        content=json.dumps({"messages": messages}),
                        headers={"Authorization": f"Bearer {self.ops_token}"},
                    )
                    answer.raise_for_status()
                    missing += len(answer.json()["unknown"])
        return missing

    async def figures(self, patience: float = 30.0) -> dict[str, int]:
        """What the services' own metrics say, summed over all. Raises ClientError when one does not answer in time."""
        end = asyncio.get_running_loop().time() + patience
        while True:
            try:
                return await self._measured()
            except (httpx.HTTPError, httpx.InvalidURL) as error:  # one that was killed is just being started again
                if isinstance(error, httpx.InvalidURL) or asyncio.get_running_loop().time() >= end:
                    said = str(error).splitlines()[:1]
                    raise ClientError(f"the services' metrics cannot be read: {''.join(said)}") from error
            await asyncio.sleep(0.5)

    async def _measured(self) -> dict[str, int]:
        found = {"handled": 0, "duplicates": 0, "quarantined": 0, "waiting": 0, "outbox": 0}
        async with httpx.AsyncClient(trust_env=False, verify=verified(), timeout=10) as client:
            for url in self.services.values():
                answer = await client.get(f"{url}/metrics")
                answer.raise_for_status()
                for line in answer.text.splitlines():
                    name, _, value = line.rpartition(" ")
                    if name.startswith("tandem_messages_total"):
                        found["handled"] += int(float(value)) if 'result="handled"' in name else 0
                        found["duplicates"] += int(float(value)) if 'result="duplicate"' in name else 0
                    for what in ("quarantined", "waiting", "outbox"):
                        if name == f'tandem_store{{what="{what}"}}':
                            found[what] += int(float(value))
        return found


@dataclass
class _Echo:
    """A user of the broker made for one run, that may say again what others said, in their name.

    A service hears an event only from its owner's user, and not even the administrator may pass for another.
    """

    tap: Tap
    name: str
    connection: AbstractConnection
    out: AbstractExchange

    @classmethod
    async def open(cls, tap: Tap) -> Self:
        """Make the user and connect as it. Raises ClientError, httpx.HTTPError."""
        name, password = f"tap-{secrets.token_hex(6)}", secrets.token_hex(16)
        await tap.manage("PUT", f"users/{name}", {"password": password, "tags": "impersonator"})
        rights = {"configure": "^$", "write": rf"^{re.escape(EVENTS)}$", "read": "^$"}
        await tap.manage("PUT", f"permissions/%2F/{name}", rights)
        place = urlsplit(tap.url)
        address = place._replace(netloc=f"{name}:{password}@{place.netloc.rpartition('@')[2]}").geturl()
        connection = await connect(address, name, name)
        channel = await connection.channel()
        return cls(tap, name, connection, await channel.get_exchange(EVENTS, ensure=False))

    async def close(self) -> None:
        """End the connection and the user."""
        await self.connection.close()
        with contextlib.suppress(httpx.HTTPError):
            await self.tap.manage("DELETE", f"users/{self.name}")
