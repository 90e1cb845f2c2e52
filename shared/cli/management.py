"""The broker's management interface, asked as a user: ops look, the administrator has things made."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import httpx

from shared.cli.addresses import AddressError, Addresses
from shared.cli.client import ClientError
from shared.runtime.tls import verified
from shared.runtime.topology import ADMIN

OPS = "ops"
PATIENCE = 30.0
"""Seconds that the broker may take to say, or make, everything."""


class ManagementError(ClientError):
    """The management interface could not be asked; `final` if asking again cannot help."""

    def __init__(self, text: str, *, final: bool = False) -> None:
        super().__init__(text)
        self.final = final


@dataclass(frozen=True)
class Management:
    """The broker's management interface as one user."""

    client: httpx.AsyncClient
    url: str
    user: str
    password: str

    async def get(self, path: str) -> Any:  # JSON
        """Ask for a page under `/api/`. Raises ManagementError in one line that says what to do."""
        return (await self.answer(path)).json()

    async def answer(self, path: str) -> httpx.Response:
        """The same, with the answer's headers."""
        answer = await self._asked("GET", path)
        if not answer.headers.get("content-type", "").startswith("application/json"):
            raise ManagementError(f"{self.url} answered {answer.status_code}, which is no broker's management")
        return answer

    async def post(self, path: str, body: object) -> None:
        """Have something made. Raises ManagementError."""
        await self._asked("POST", path, body)

    async def _asked(self, method: str, path: str, body: object = None) -> httpx.Response:
        try:
            answer = await self.client.request(
                method, f"{self.url}/api/{path}", json=body, auth=(self.user, self.password)
            )
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise ManagementError(
                f"the broker's management does not answer at {self.url} ({type(error).__name__}); is it running?"
            ) from None
        if answer.status_code == 401 and "management" in answer.text:
            raise ManagementError(
                f"{self.user} may not see queues: it lacks the tag `monitoring`; declare users and rights again",
                final=True,
            )
        if answer.status_code == 401:
            raise ManagementError(
                f"the broker refuses the password of {self.user}; see {' or '.join(_variables(self.user))}", final=True
            )
        if answer.status_code == 403:
            raise ManagementError(f"{self.user} may not do this; it takes the broker's administrator")
        if answer.is_error:
            raise ManagementError(f"{self.url} answered {answer.status_code}, which is no broker's management")
        return answer

    @property
    def vhost(self) -> str:
        """The virtual host, as it stands in paths."""
        return "%2F"


@asynccontextmanager
async def as_admin(addresses: Addresses) -> AsyncIterator[Management]:
    """The interface as the administrator. Raises AddressError where nobody says where it is, or the password."""
    url = addresses["TANDEM_MANAGEMENT_URL"].rstrip("/")
    user, password = login(addresses, ADMIN)
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE, verify=verified()) as client:
        yield Management(client, url, user, password)


def clock_of(answer: httpx.Response) -> dt.datetime | None:
    """The time of whoever answered, to the second."""
    try:
        return parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return None


def login(addresses: Addresses, user: str) -> tuple[str, str]:
    """A broker user's name and password; also the administrator's. Raises AddressError."""
    name, url = _variables(user)
    password = addresses.find(name)
    if password is not None:
        return user, password
    try:
        parts = urlsplit(addresses[url])
    except AddressError:
        raise AddressError(f"{addresses.origin} says no {name}; add the line {name}=… (or {name}_FILE=…)") from None
    if not parts.username or not parts.password:
        raise AddressError(f"{url} holds no user and password; add the line {name}=…")
    return unquote(parts.username), unquote(parts.password)


def _variables(user: str) -> tuple[str, str]:
    """Where a user's password may stand: by itself, or in an address."""
    if user == ADMIN:
        return "TANDEM_RABBITMQ_PASSWORD", "TANDEM_AMQP_URL"
    return f"TANDEM_PASSWORD_{user.upper()}", f"TANDEM_AMQP_URL_{user.upper()}"


async def queues_of(management: Management) -> list[dict[str, Any]]:
    """Every queue with its counts and rates.

    Rates as means of ten seconds: the broker's last sample is nothing at all every other time.
    """
    path = f"queues/{management.vhost}?msg_rates_age=10&msg_rates_incr=5"
    return cast("list[dict[str, Any]]", await management.get(path))
