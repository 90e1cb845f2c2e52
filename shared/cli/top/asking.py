"""Asks the broker's management interface and the services' `GET /ops`, with no right but the ops user's."""

import asyncio
import datetime as dt
from dataclasses import dataclass
from typing import Self

import httpx
from pydantic import ValidationError

from shared.cli.addresses import AddressError, Addresses
from shared.cli.management import OPS, Management, login
from shared.runtime.ops import Ops
from shared.runtime.tls import verified
from shared.runtime.topology import ADMIN

LIMIT = 5.0
"""Seconds that a look waits for an answer."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a service answered, or in one line why it did not (`slow`: not yet); its clock against this one, in s."""

    service: str
    ops: Ops | None = None
    trouble: str = ""
    slow: bool = False
    skew: float = 0.0


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
            user, password = login(self.addresses, ADMIN)
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
