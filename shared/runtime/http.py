"""A service's HTTP side: health, metrics, AsyncAPI, the office's view, and what ops may see.

Read-only, and small on purpose: what anybody does, they do by commands. Two things write: who reads a body, or people's
names or words, is recorded, and a document that goes out once is marked as taken.
"""

import asyncio
import base64
import datetime as dt
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from prometheus_client import generate_latest
from pydantic import BaseModel, BeforeValidator, SecretStr, ValidationError

from shared.runtime import audit_pages, holdings
from shared.runtime.answers import (
    LIMIT,
    Answer,
    App,
    Receive,
    Scope,
    Send,
    as_json,
    as_model,
    as_page,
    problem,
    request_body,
    respond,
)
from shared.runtime.batch import TODAY
from shared.runtime.census import Census
from shared.runtime.days import BEFORE_TIME
from shared.runtime.documents import Documents, named, names
from shared.runtime.engine import Engine
from shared.runtime.handing_out import METHODS, hand_out
from shared.runtime.ids import keyed_id
from shared.runtime.open_pages import open_page, opened_by
from shared.runtime.people_read import PeopleRead
from shared.runtime.ports import Delivery, Intake, Unavailable
from shared.runtime.readers import HEADER, NO_NAME, Readers, reader_of
from shared.runtime.reading import NotShown, Reading, actions, listed, read_body
from shared.runtime.reasons import faults_of
from shared.runtime.store_reader import StoreReader
from shared.runtime.unlinking import unknown
from shared.runtime.watch import Metrics

MOST_CHANGES = 1_000
"""So many transactions are looked at for one correlation id: a round of 5,000 people is a few hundred."""


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


def _header(scope: Scope, name: str) -> str | None:
    """A request's header; ASGI gives names in small letters."""
    found = dict(scope["headers"]).get(name.encode())
    return None if found is None else found.decode(errors="replace")


@dataclass
class Http:
    """The ASGI application of one service; whatever it does not know goes to `inner` (FastStream's application).

    `zone` is the deployment's where days come from the clock: then the metrics say how far the service's day is behind.
    `address` is where people reach the service, for the links in its feeds.
    """

    engine: Engine
    metrics: Metrics
    ready: Callable[[], Awaitable[dict[str, str]]]
    asyncapi: Callable[[], dict[str, Any]]
    inner: App
    overview: Callable[[], Awaitable[BaseModel]] | None = None
    page: Callable[[], str] = str
    office_token: SecretStr | None = None
    ops_token: SecretStr | None = None
    hr_token: SecretStr | None = None
    zone: ZoneInfo | None = None
    documents: Documents = field(default_factory=Documents)
    address: str = ""

    def __post_init__(self) -> None:
        self.census = Census(self.engine, self.metrics)
        self.readers = Readers(self.engine)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        try:
            answer = await self._answer(scope, receive)
        except Unavailable:
            answer = problem(503, "the database is away; try again")
        await respond(send, answer)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path, method = scope["path"], scope["method"]
        if method == "GET" and path in ("/health/live", "/actuator/health/liveness"):
            return as_json({"status": "UP"})
        if method == "GET" and path in ("/health/ready", "/actuator/health/readiness"):
            return await self._health()
        if method == "GET" and path == "/metrics":
            return await self._figures()
        if method == "GET" and path == "/asyncapi":
            return as_json(self.asyncapi())
        if method == "GET" and path == "/asyncapi.html":
            text = await asyncio.to_thread(self.page)
            return as_page(text)
        if method == "GET" and path.startswith("/programmes/"):
            return self._barred(scope, self.office_token) or await self._of_programme(
                path.removeprefix("/programmes/"), scope
            )
        if method == "POST" and path.startswith("/questions/"):
            return await self._question(path.removeprefix("/questions/"), scope, receive)
        for handout in self.engine.who.service.handouts:
            if method in METHODS and path.startswith(f"/{handout.path}/"):
                token = path.removeprefix(f"/{handout.path}/")
                return await hand_out(self.readers, handout, token, scope, await self._calendar_day())
        if method == "GET" and (opened := opened_by(self.engine, path)) is not None:
            return await open_page(self.engine, *opened, scope, self.address)
        if method == "GET" and path == "/quarantine":
            return self._barred(scope, self.ops_token) or as_json(await listed(self.engine))
        if method == "GET" and path == "/quarantine/actions":
            return self._barred(scope, self.office_token) or await self._actions(scope)
        if method == "POST" and path.startswith("/quarantine/"):
            return self._barred(scope, self.office_token) or await self._read(
                path.removeprefix("/quarantine/"), receive
            )
        if method == "GET" and path == "/ops" and self.overview is not None:
            return self._barred(scope, self.ops_token) or as_model(await self.overview())
        if method == "GET" and path.startswith("/trace/"):
            return self._barred(scope, self.ops_token) or await self._trace(path.removeprefix("/trace/"))
        if method == "GET" and (path == "/holdings" or path.startswith("/holdings/")):
            return self._barred(scope, self.ops_token) or await self._holdings(path, scope.get("query_string", b""))
        if method == "GET" and path in ("/audit", "/audit/seals"):
            return self._barred(scope, self.ops_token) or await self._audit(path, scope.get("query_string", b""))
        if method == "POST" and path == "/known":
            return self._barred(scope, self.ops_token) or await self._known(receive)
        return problem(
            404,
            "there is no such page; see /health/ready, /metrics, /asyncapi[.html], /programmes/<id>[/<document>], "
            "/questions/<name>, /quarantine, /ops, /holdings, /audit, /audit/seals and /trace/<id>",
        )

    async def _figures(self) -> Answer:
        """Metrics as they are now. That the database is away is a figure too: better than silence."""
        try:
            self.metrics.stored(await self.engine.store.counts())
            await self.census.note()
            if self.zone is not None:
                self.metrics.behind((dt.datetime.now(self.zone).date() - await self._today()).days)
        except Unavailable:
            self.metrics.away()
        await self._health()
        return Answer(200, generate_latest(self.metrics.registry), "text/plain; version=0.0.4; charset=utf-8")

    async def _calendar_day(self) -> dt.date:
        """The service's day, or that of the clock where days come from it and the service's is behind."""
        day = await self._today()
        return day if self.zone is None else max(day, self.engine.clock.now().astimezone(self.zone).date())

    async def _today(self) -> dt.date:
        """The service's day."""
        today = (await self.engine.read((), (TODAY,))).records.get(TODAY)
        return dt.date.fromisoformat(today.state["date"]) if today and today.state else BEFORE_TIME

    async def _health(self) -> Answer:
        found = await self.ready()
        self.metrics.ready(not found)
        return as_json({"status": "DOWN", **found}, 503) if found else as_json({"status": "UP"})

    @staticmethod
    def _barred(scope: Scope, token: SecretStr | None) -> Answer | None:
        given = _header(scope, "authorization") or ""
        if token is None:
            return problem(403, "closed: the service was given no token for this page")
        if not hmac.compare_digest(given.encode(), f"Bearer {token.get_secret_value()}".encode()):
            return problem(401, "send the header `Authorization: Bearer <token>` with this page's token")
        return None

    async def _noted(self, answer: Answer, scope: Scope, role: str, what: str, on: tuple[str, ...] = ()) -> Answer:
        """An answer that says something of people, once the audit says who reads it."""
        who = reader_of(_header(scope, HEADER), role)
        if who is None:
            return problem(400, NO_NAME)
        await self.readers.note(PeopleRead(role=role, who=who, what=what, on=on))
        return answer

    async def _actions(self, scope: Scope) -> Answer:
        """The record of first aid, in which people say why."""
        found = await actions(self.engine)
        return await self._noted(as_json(found), scope, "office", "read-actions") if found else as_json(found)

    async def _of_programme(self, path: str, scope: Scope) -> Answer:
        """A programme's view, or a document of it."""
        documents = self.engine.who.service.documents
        if "/" not in path:
            return await self._view(path, scope)
        found = named(documents, path)
        if found is None:
            return problem(404, f"there is no such document; {self.engine.who.service.name} has: {names(documents)}")
        document, form, programme = found
        return await self.documents.answer(document, form, programme, StoreReader(self.engine), scope)

    async def _view(self, programme: str, scope: Scope) -> Answer:
        view = self.engine.who.service.view
        if view is None:
            return problem(404, f"{self.engine.who.service.name} has no view")
        reader = StoreReader(self.engine)
        found: dict[Any, list[Any]] = {kind: await reader.find(kind, programme) for kind in view.aggregates}
        found |= {kind: await reader.find(kind, None) for kind in view.everywhere}
        shown = view.build(programme, found)
        if not view.shows_people(shown):
            return as_model(shown)
        return await self._noted(as_model(shown), scope, "office", "read-programme", (f"programme/{programme}",))

    async def _question(self, name: str, scope: Scope, receive: Receive) -> Answer:
        """Answer a question of the service's; the answer is read from the database, and neither is kept."""
        who = self.engine.who
        question = next((q for q in who.service.questions if q.name == name), None)
        if question is None:
            known = ", ".join(q.name for q in who.service.questions) or "none"
            return problem(404, f"{who.service.name} answers no such question; it answers: {known}")
        tokens = {"office": self.office_token, "hr": self.hr_token}
        if barred := self._barred(scope, tokens[question.readers]):
            return barred
        try:
            asked = question.asked.model_validate_json(await request_body(receive))
        except ValidationError as error:
            return problem(400, f"that is no question {name}: {faults_of(error)}; at most {LIMIT >> 20} MiB")
        keyed = partial(keyed_id, who.key)
        answer = as_model(await question.answer(asked, StoreReader(self.engine, await self._today()), keyed))
        if not question.about_people:
            return answer
        programme = getattr(asked, "programme_id", None)
        on = (f"programme/{programme}",) if programme else ()
        return await self._noted(answer, scope, question.readers, f"asked-{name}", on)

    async def _read(self, id: str, receive: Receive) -> Answer:
        """A quarantined message with its body, for who may read personal data; that they did is recorded first."""
        try:
            reading = Reading.model_validate_json(await request_body(receive))
        except ValueError:
            return problem(400, 'send {"actor": an opaque id of who reads, no name, "why": the reason}')
        try:
            return as_json(await read_body(self.engine, id, reading))
        except NotShown as error:
            return problem(error.status, str(error))

    async def _trace(self, correlation: str) -> Answer:
        """What became of the messages of a correlation id here, oldest first: ids, types, times and results."""
        found = await self.engine.store.trace(correlation, MOST_CHANGES)
        service = self.engine.who.service.name
        rows = [
            {
                "id": traced.entry.id,
                "type": traced.entry.type,
                "service": service,
                "replica": traced.replica,
                "causation": traced.entry.causation,
                "result": traced.entry.result,
                "reason": traced.entry.reason,
                "attempts": traced.entry.attempts,
                "received": traced.entry.received,
                "decided": traced.decided,
                "published": traced.published,
                "said": [{"id": id, "type": type} for id, type in traced.entry.said],
            }
            for traced in found
        ]
        return as_json(rows)

    async def _holdings(self, path: str, query: bytes) -> Answer:
        """What can be compared; the digest of one kind; its rows, a page from after an id."""
        name, _, what = path.removeprefix("/holdings").lstrip("/").partition("/")
        if not name:
            return as_json(holdings.names(self.engine))
        try:
            if what == "rows":
                after = dict(parse_qsl(query.decode(errors="replace"))).get("after", "")
                found, further = await holdings.page(self.engine, name, after)
                return as_json({"rows": [held.row() for held in found], "after": further})
            return as_json(await holdings.digest(self.engine, name))
        except LookupError:
            return problem(404, f"{self.engine.who.service.name} holds nothing under that name; /holdings lists them")

    async def _audit(self, path: str, query: bytes) -> Answer:
        """A page of the audit's links or seals, from after what the page before said."""
        after = dict(parse_qsl(query.decode(errors="replace"))).get("after", "")
        ask = audit_pages.links if path == "/audit" else audit_pages.seals
        return Answer(200, audit_pages.as_text(await ask(self.engine, after)))

    async def _known(self, receive: Receive) -> Answer:
        """Which of these messages this service has neither handled nor kept, as indexes."""
        try:
            asked = KnownAsked.model_validate_json(await request_body(receive))
        except ValueError:
            return problem(400, 'send {"messages": [{"intake", "key", "user", "body" (base64)}, …]}, at most 8 MiB')
        passed = (Delivery(tag=None, intake=p.intake, body=p.body, key=p.key, user=p.user) for p in asked.messages)
        items = [self.engine.desk.from_delivery(delivery) for delivery in passed]
        return as_json({"unknown": await unknown(self.engine, items)})
