"""The office's views of the services, asked over HTTP and joined for people."""

from typing import Any

import httpx

from shared.cli.addresses import Addresses
from shared.cli.client import ClientError


def view_of(addresses: Addresses, service: str, programme: str) -> dict[str, Any]:
    """What one service shows of a programme. Raises ClientError in one line."""
    headers = {"Authorization": f"Bearer {addresses['TANDEM_OFFICE_TOKEN']}"}
    url = addresses.services[service]
    try:
        answer = httpx.get(f"{url}/programmes/{programme}", headers=headers, timeout=10, trust_env=False)
    except httpx.TransportError:
        raise ClientError(f"{service} does not answer at {url}; is it running?") from None
    if answer.is_error:
        raise ClientError(f"{service}: {answer.json().get('error', answer.status_code)}")
    found: dict[str, Any] = answer.json()
    return found


def names_of(addresses: Addresses, programme: str) -> dict[str, str]:
    """Names by participant id: for who may read them."""
    found: dict[str, str] = view_of(addresses, "registration", programme).get("names", {})
    return found
