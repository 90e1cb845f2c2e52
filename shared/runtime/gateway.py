"""`python -m shared.runtime.gateway`: one door to the HTTP side of every service, so that each may have any replicas.

A replica takes no port of the machine; `/matching/…` here is `/…` of whichever replica of matching the name leads to.
It knows no secret and keeps nothing: tokens go through. `TANDEM_HTTP_HOST` and `TANDEM_HTTP_PORT` say where it listens,
`TANDEM_HTTP_CERT` and `TANDEM_HTTP_KEY` make it HTTPS.
"""

import os
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx
import uvicorn

from shared.runtime import discovery
from shared.runtime.answers import LIMIT, Answer, Receive, Scope, Send, as_json, problem, request_body, respond
from shared.runtime.readers import HEADER
from shared.runtime.tls import verified

PORT = 8080
"""Where every service listens inside the stack."""
PATIENCE = 30.0
"""Seconds that a service may take to answer."""
PASSED_ON = (b"authorization", b"accept", b"accept-language", b"content-type", b"if-none-match", HEADER.encode())


def _client() -> httpx.AsyncClient:
    # No connection is kept: each request asks anew where the name leads, to one replica or the next.
    limits = httpx.Limits(max_connections=50, max_keepalive_connections=0)
    return httpx.AsyncClient(timeout=PATIENCE, limits=limits, trust_env=False, verify=verified())


@dataclass
class Gateway:
    """The ASGI application: the first part of a path names the service."""

    services: frozenset[str]
    client: httpx.AsyncClient = field(default_factory=_client)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await respond(send, await self._answer(scope, receive))

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path: str = scope["path"]
        if path in ("/health/live", "/health/ready"):
            return as_json({"status": "UP"})
        name, _, rest = path.removeprefix("/").partition("/")
        if name not in self.services:
            return problem(
                404, f"no service is called {name!r}; write /<service>/…: {', '.join(sorted(self.services))}"
            )
        body = await request_body(receive)
        if len(body) > LIMIT:
            return problem(413, f"more than {LIMIT} bytes")
        query = scope.get("query_string", b"").decode("ascii")
        url = f"http://{name}:{PORT}/{quote(rest)}" + (f"?{query}" if query else "")
        headers = [(key, value) for key, value in scope["headers"] if key in PASSED_ON]
        try:
            got = await self.client.request(scope["method"], url, headers=headers, content=body)
        except httpx.TimeoutException:
            return problem(504, f"{name} does not answer within {PATIENCE:g} seconds")
        except httpx.TransportError:
            return problem(502, f"{name} cannot be reached; is it running?")
        kind = got.headers.get("content-type", "application/json")
        allow, etag, modified = (got.headers.get(name, "") for name in ("allow", "etag", "last-modified"))
        return Answer(got.status_code, got.content, kind, allow, etag, modified)


def main() -> None:
    """Serve until told to stop."""
    uvicorn.run(
        Gateway(frozenset(discovery.service_names())),
        host=os.environ.get("TANDEM_HTTP_HOST", "127.0.0.1"),
        port=int(os.environ.get("TANDEM_HTTP_PORT", PORT)),
        ssl_certfile=os.environ.get("TANDEM_HTTP_CERT") or None,
        ssl_keyfile=os.environ.get("TANDEM_HTTP_KEY") or None,
        lifespan="off",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
