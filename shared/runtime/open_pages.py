"""What anybody inside the network may read without a token (`Open`): feeds, and the pages that they lead to.

Readers of feeds ask again and again, so each answer has an ETag, and who has it already is told so (304). What it hangs
on is the text itself. A date tells too little: what leaves a feed makes it no newer.
"""

import datetime as dt
import hashlib
from email.utils import format_datetime
from urllib.parse import parse_qsl

from shared.runtime.answers import Answer, Scope, problem
from shared.runtime.engine import Engine
from shared.runtime.store_reader import StoreReader
from shared.runtime.table import Open

_MIDNIGHT = dt.time(tzinfo=dt.UTC)


def opened_by(engine: Engine, path: str) -> tuple[Open, str] | None:
    """The page that a path of the service opens, and what follows its own; None where it opens none."""
    for page in engine.who.service.open_pages:
        own = f"/{page.path}"
        if path == own or (page.path.endswith("/") and path.startswith(own) and "/" not in path.removeprefix(own)):
            return page, path.removeprefix(own)
    return None


async def open_page(engine: Engine, page: Open, rest: str, scope: Scope, address: str) -> Answer:
    """Answer who reads it. Raises Unavailable."""
    asked = dict(parse_qsl(scope.get("query_string", b"").decode(errors="replace")))
    found = await page.write(rest, asked, StoreReader(engine), address)
    if found is None:
        return problem(404, "there is no such page, or it was taken back")
    body = found.text.encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {name.decode().lower(): value.decode(errors="replace") for name, value in scope["headers"]}
    modified = format_datetime(dt.datetime.combine(found.changed_on, _MIDNIGHT), usegmt=True)
    if _has(headers.get("if-none-match", ""), etag):
        return Answer(304, b"", found.kind, etag=etag, modified=modified)
    return Answer(200, body, found.kind, etag=etag, modified=modified)


def _has(known: str, etag: str) -> bool:
    """Whether a reader that names what it has (If-None-Match) has this; weakly compared (RFC 9110, 13.1.2)."""
    named = {each.strip().removeprefix("W/") for each in known.split(",")}
    return etag in named or "*" in named
