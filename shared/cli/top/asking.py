"""Asks the broker's management interface and the services' `GET /ops`, with no right but the ops user's."""

import asyncio
import datetime as dt
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Self, cast
from urllib.parse import unquote, urlsplit

import httpx
from pydantic import ValidationError

from shared.cli.addresses import AddressError, Addresses
from shared.cli.client import ClientError
from shared.runtime.ops import Ops
from shared.runtime.tls import verified

LIMIT = 5.0
"""Seconds that a look waits for an answer."""
OPS = "ops"


class ManagementError(ClientError):
    """The management interface could not be asked; `final` if asking again cannot help."""

    def __init__(self, text: str, *, final: bool = False) -> None:
        super().__init__(text)
        self.final = final


@dataclass(frozen=True, slots=True)
class Heard:
    """What a service answered, or in one line why it did not (`slow`: not yet); its clock against this one, in s."""

    service: str
    ops: Ops | None = None
    trouble: str = ""
    slow: bool = False
    skew: float = 0.0


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
        try:
            answer = await self.client.get(f"{self.url}/api/{path}", auth=(self.user, self.password))
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
                f"the broker refuses the password of {self.user}; see TANDEM_PASSWORD_{self.user.upper()} "
                f"or TANDEM_AMQP_URL_{self.user.upper()}",
                final=True,
            )
        if answer.is_error or not answer.headers.get("content-type", "").startswith("application/json"):
            raise ManagementError(f"{self.url} answered {answer.status_code}, which is no broker's management")
        return answer

    @property
    def vhost(self) -> str:
        """The virtual host, as it stands in paths."""
        return "%2F"


def clock_of(answer: httpx.Response) -> dt.datetime | None:
    """The time of whoever answered, to the second."""
    try:
        return parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return None


@dataclass
class Asking:
    """Connections that stay open between rounds; an async context manager. Raises AddressError if something lacks."""

    addresses: Addresses

    async def __aenter__(self) -> Self:
        user, password = login(self.addresses, OPS)
        self._client = httpx.AsyncClient(trust_env=False, timeout=LIMIT, verify=verified())
        self.management = Management(self._client, self.addresses["TANDEM_MANAGEMENT_URL"].rstrip("/"), user, password)
        self._token = self.addresses["TANDEM_OPS_TOKEN"]
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._client.aclose()

    def admin(self) -> Management | None:
        """The same as the administrator, where its password is known."""
        try:
            user, password = login(self.addresses, "")
        except AddressError:
            return None
        return Management(self._client, self.management.url, user, password)

    async def services(self) -> tuple[Heard, ...]:
        """What every service tells."""
        asked = (self._ask(service, url) for service, url in self.addresses.services.items())
        return tuple(await asyncio.gather(*asked))

    async def _ask(self, service: str, url: str) -> Heard:
        before = dt.datetime.now(dt.UTC)
        try:
            answer = await self._client.get(f"{url}/ops", headers={"Authorization": f"Bearer {self._token}"})
        except httpx.ReadTimeout:
            # It runs: the connection was taken.
            return Heard(service, trouble=f"gives no answer within {LIMIT:g} seconds", slow=True)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            return Heard(service, trouble=f"does not answer at {url} ({type(error).__name__})")
        after = dt.datetime.now(dt.UTC)
        if answer.is_error:
            return Heard(service, trouble=_refusal(answer))
        try:
            ops = Ops.model_validate_json(answer.content)
        except ValidationError:
            return Heard(service, trouble=f"{url} is no service of ours")
        # As if the answer had been written in the middle of its way there and back.
        return Heard(service, ops, skew=(ops.now - (before + (after - before) / 2)).total_seconds())


def _refusal(answer: httpx.Response) -> str:
    if answer.status_code == 401:
        return "refuses TANDEM_OPS_TOKEN"
    try:
        said = answer.json().get("error", "")
    except (ValueError, AttributeError):
        said = ""
    return said or f"answered {answer.status_code}"


def login(addresses: Addresses, user: str) -> tuple[str, str]:
    """A broker user's name and password; the administrator's for "". Raises AddressError."""
    name = f"TANDEM_PASSWORD_{user.upper()}" if user else "TANDEM_RABBITMQ_PASSWORD"
    password = addresses.find(name)
    if password is not None:
        return user or "tandem-admin", password
    url = f"TANDEM_AMQP_URL_{user.upper()}" if user else "TANDEM_AMQP_URL"
    try:
        parts = urlsplit(addresses[url])
    except AddressError:
        raise AddressError(f"{addresses.origin} says no {name}; add the line {name}=… (or {name}_FILE=…)") from None
    if not parts.username or not parts.password:
        raise AddressError(f"{url} holds no user and password; add the line {name}=…")
    return unquote(parts.username), unquote(parts.password)


async def queues_of(management: Management) -> list[dict[str, Any]]:
    """Every queue with its counts and rates.

    Rates as means of ten seconds: the broker's last sample is nothing at all every other time.
    """
    path = f"queues/{management.vhost}?msg_rates_age=10&msg_rates_incr=5"
    return cast("list[dict[str, Any]]", await management.get(path))
