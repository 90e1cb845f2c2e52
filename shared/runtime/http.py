"""A service's HTTP side: health, metrics, AsyncAPI, the office's view, and what ops may see of its quarantine.

Read-only, and small on purpose: what anybody does, they do by commands.
"""

import asyncio
import base64
import hmac
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Annotated, Any

from prometheus_client import generate_latest
from pydantic import BaseModel, BeforeValidator, SecretStr

from shared.runtime.engine import Engine
from shared.runtime.jobs import StoreReader, quarantined
from shared.runtime.ports import Delivery, Intake, Unavailable
from shared.runtime.watch import Metrics

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

JSON = "application/json"
LIMIT = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """A status with its body."""

    status: int
    body: bytes
    kind: str = JSON


def as_json(value: object, status: int = 200) -> Answer:
    """A JSON answer."""
    return Answer(status, json.dumps(value, ensure_ascii=False).encode())


def problem(status: int, text: str) -> Answer:
    """An error that says what to change."""
    return as_json({"error": text}, status)


def _from_base64(value: object) -> bytes:
    return base64.b64decode(str(value), validate=True)


class Passed(BaseModel):
    """A message as it passed: its intake, routing key, validated user, and body (base64)."""

    intake: Intake
    key: str
    user: str | None = None
    body: Annotated[bytes, BeforeValidator(_from_base64)]


class KnownAsked(BaseModel):
    """Has this service taken these messages?"""

    messages: list[Passed]


@dataclass
class Http:
    """The ASGI application of one service; whatever it does not know goes to `inner` (FastStream's application)."""

    engine: Engine
    metrics: Metrics
    ready: Callable[[], Awaitable[dict[str, str]]]
    asyncapi: Callable[[], dict[str, Any]]
    inner: App
    page: Callable[[], str] = str
    office_token: SecretStr | None = None
    ops_token: SecretStr | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        try:
            answer = await self._answer(scope, receive)
        except Unavailable:
            answer = problem(503, "the database is away; try again")
        headers = [(b"content-type", answer.kind.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path, method = scope["path"], scope["method"]
        if method == "GET" and path in ("/health/live", "/actuator/health/liveness"):
            return as_json({"status": "UP"})
        if method == "GET" and path in ("/health/ready", "/actuator/health/readiness"):
            return await self._health()
        if method == "GET" and path == "/metrics":
            self.metrics.stored(await self.engine.store.counts())
            return Answer(200, generate_latest(self.metrics.registry), "text/plain; version=0.0.4; charset=utf-8")
        if method == "GET" and path == "/asyncapi":
            return as_json(self.asyncapi())
        if method == "GET" and path == "/asyncapi.html":
            text = await asyncio.to_thread(self.page)
            return Answer(200, text.encode(), "text/html; charset=utf-8")
        if method == "GET" and path.startswith("/programmes/"):
            return self._barred(scope, self.office_token) or await self._view(path.removeprefix("/programmes/"))
        if method == "GET" and path == "/quarantine":
            return self._barred(scope, self.ops_token) or await self._quarantine()
        if method == "POST" and path == "/known":
            return self._barred(scope, self.ops_token) or await self._known(receive)
        return problem(
            404,
            "there is no such page; see /health/ready, /metrics, /asyncapi[.html], /programmes/<id>, /quarantine",
        )

    async def _health(self) -> Answer:
        found = await self.ready()
        self.metrics.ready(not found)
        return as_json({"status": "DOWN", **found}, 503) if found else as_json({"status": "UP"})

    @staticmethod
    def _barred(scope: Scope, token: SecretStr | None) -> Answer | None:
        given = dict(scope["headers"]).get(b"authorization", b"").decode(errors="replace")
        if token is None:
            return problem(403, "closed: the service was given no token for this page")
        if not hmac.compare_digest(given.encode(), f"Bearer {token.get_secret_value()}".encode()):
            return problem(401, "send the header `Authorization: Bearer <token>` with this page's token")
        return None

    async def _view(self, programme: str) -> Answer:
        view = self.engine.who.service.view
        if view is None:
            return problem(404, f"{self.engine.who.service.name} has no view")
        reader = StoreReader(self.engine)
        found: dict[Any, list[Any]] = {kind: await reader.find(kind, programme) for kind in view.aggregates}
        return Answer(200, view.build(programme, found).model_dump_json().encode())

    async def _quarantine(self) -> Answer:
        rows = []
        for record in await quarantined(self.engine):
            state = record.state or {}
            rows.append(
                {
                    "id": record.subject.split("/", 1)[1],
                    "message": state["id"],
                    "type": state["type"],
                    "service": self.engine.who.service.name,
                    "reason": state["reason"],
                    "since": state["since"],
                }
            )
        return as_json(rows)

    async def _known(self, receive: Receive) -> Answer:
        """Which of these messages this service has neither handled nor kept, as indexes."""
        body = b""
        more = True
        while more and len(body) <= LIMIT:
            event = await receive()
            body += event.get("body", b"")
            more = event.get("more_body", False)
        try:
            asked = KnownAsked.model_validate_json(body)
        except ValueError:
            return problem(400, 'send {"messages": [{"intake", "key", "user", "body" (base64)}, …]}, at most 8 MiB')
        passed = (Delivery(tag=None, intake=p.intake, body=p.body, key=p.key, user=p.user) for p in asked.messages)
        keys = [self.engine.desk.from_delivery(delivery).key for delivery in passed]
        known = (await self.engine.read(keys, ())).known
        return as_json({"unknown": [number for number, key in enumerate(keys) if key not in known]})
