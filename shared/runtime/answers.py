"""What a service's HTTP side answers, and how it is sent; what is asked, and how it is read."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

JSON = "application/json"
LIMIT = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """A status with its body; `allow` are the methods that an address takes, where it was asked with another.

    `etag` and `modified` say by what readers know whether it has changed: it may be kept, and is asked for again.
    """

    status: int
    body: bytes
    kind: str = JSON
    allow: str = ""
    etag: str = ""
    modified: str = ""


def as_json(value: object, status: int = 200) -> Answer:
    """A JSON answer."""
    return Answer(status, json.dumps(value, ensure_ascii=False).encode())


def as_model(value: BaseModel) -> Answer:
    """A model as JSON."""
    return Answer(200, value.model_dump_json().encode())


def as_page(html: str, status: int = 200) -> Answer:
    """A page for people."""
    return Answer(status, html.encode(), "text/html; charset=utf-8")


def problem(status: int, text: str) -> Answer:
    """An error that says what to change."""
    return as_json({"error": text}, status)


async def respond(send: Send, answer: Answer) -> None:
    """Send an answer, which nobody on the way may keep but what is open; nor is anybody told the address it came from.

    It is taken for what it says that it is, and no page is shown within another, so that nobody presses a button of
    ours unawares.
    """
    headers = [
        (b"content-type", answer.kind.encode()),
        (b"cache-control", b"no-cache" if answer.etag else b"no-store"),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if answer.kind.startswith("text/html"):
        headers.append((b"content-security-policy", b"frame-ancestors 'none'"))
    told = ((b"allow", answer.allow), (b"etag", answer.etag), (b"last-modified", answer.modified))
    headers += [(name, value.encode()) for name, value in told if value]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def request_body(receive: Receive) -> bytes:
    """A request's body; of one that is longer than LIMIT only a little more than that is read."""
    body = b""
    more = True
    while more and len(body) <= LIMIT:
        event = await receive()
        body += event.get("body", b"")
        more = event.get("more_body", False)
    return body
