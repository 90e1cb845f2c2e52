"""The office's views of the services, asked over HTTP and joined for people."""

import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx
import typer
from pydantic import BaseModel

from shared.cli.acting import named_actor
from shared.cli.addresses import Addresses
from shared.cli.client import ClientError
from shared.runtime.readers import HEADER
from shared.runtime.tls import refusal, verified


class UnknownProgrammeError(ClientError):
    """Nobody opened this programme; one line that says who can."""


OFFICE_TOKEN = "TANDEM_OFFICE_TOKEN"  # noqa: S105 - the name of one
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between one question and the same again."""
UNKNOWN = "unknown"
"""The status that registration gives a programme which it does not have."""


def view_of(addresses: Addresses, service: str, programme: str) -> dict[str, Any]:
    """What one service shows of a programme. Raises ClientError in one line, UnknownProgrammeError."""
    page = f"/programmes/{quote(programme, safe='')}"
    found: dict[str, Any] = page_of(addresses, service, page, OFFICE_TOKEN)
    if found.get("status") == UNKNOWN:
        raise UnknownProgrammeError(
            f"there is no programme {programme!r}; the office opens one (registration.open-programme.v1)"
        )
    return found


def rights(addresses: Addresses, token: str, actor: str | None = None) -> dict[str, str]:
    """The headers of who asks with a token of the addresses; an actor, if TANDEM_BY or the caller names one.

    Raises BadParameter for an actor who looks like a name.
    """
    who = actor or named_actor(addresses)
    return {"Authorization": f"Bearer {addresses[token]}"} | ({HEADER: who} if who else {})


def page_of(addresses: Addresses, service: str, path: str, token: str, limit: float = 10) -> Any:
    """A page of a service, `limit` seconds long asked for with a token of the addresses. Raises ClientError."""
    headers = rights(addresses, token)
    url = addresses.services[service]
    try:
        answer = httpx.get(f"{url}{path}", headers=headers, timeout=limit, trust_env=False, verify=verified())
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise ClientError(_away(service, url, error)) from None
    return content_of(service, answer, token)


def asked(
    addresses: Addresses, service: str, question: str, what: BaseModel, *, actor: str | None = None, limit: float = 60
) -> Any:
    """What a service answers to one of its questions, asked with the office's token. Raises ClientError.

    Asked once more, a question changes nothing: one that meets a database which is away for a moment is.
    """
    url = addresses[f"TANDEM_HTTP_{service.upper()}"]
    for pause in (*PAUSES, None):
        try:
            answer = httpx.post(
                f"{url}/questions/{question}",
                content=what.model_dump_json(),
                headers=rights(addresses, OFFICE_TOKEN, actor),
                timeout=limit,
                trust_env=False,
                verify=verified(),
            )
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise ClientError(_away(service, url, error)) from None
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or pause is None:
            break
        time.sleep(pause)
    return content_of(service, answer, OFFICE_TOKEN)


def _away(service: str, url: str, error: Exception) -> str:
    return f"{service} does not answer at {url}; {refusal(error) or 'is it running?'}"


def content_of(service: str, answer: httpx.Response, token: str) -> Any:
    """What a service answered who was asked with a token, of whatever shape.

    Raises ClientError with its own words when it refused, in ours when it refused the token.
    """
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise ClientError(f"{service} refuses {token}; correct it in the addresses (.local/env, deploy/secrets)")
    try:
        content = answer.json()
    except ValueError:
        content = None
    if answer.is_error or content is None:
        said = content.get("error") if isinstance(content, dict) else None
        raise ClientError(f"{service}: {said or f'answered {answer.status_code}, which is none of ours'}")
    return content


def answers(
    client: httpx.Client, services: Mapping[str, str], path: str, body: object = None
) -> Iterator[tuple[str, httpx.Response]]:
    """What each service answers to a GET, or with a body to a POST.

    One that is away is said on standard error, and keeps nobody from seeing the others. Raises ClientError when none
    answers.
    """
    away: list[str] = []
    for name, url in services.items():
        try:
            answer = client.request("GET" if body is None else "POST", f"{url}{path}", json=body)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            away.append(_away(name, url, error))
            continue
        yield name, answer
    if len(away) == len(services):
        raise ClientError(away[0] if away else "the addresses name no service")
    for line in away:
        typer.echo(f"tandem: {line}", err=True)


def names_of(addresses: Addresses, programme: str) -> dict[str, str]:
    """Names by participant id: for who may read them."""
    found: dict[str, str] = view_of(addresses, "registration", programme).get("names", {})
    return found
