"""What the tables need in the broker, against what stands there; only what is missing or changed is made."""

from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpx

from shared.cli.addresses import Addresses
from shared.cli.client import ClientError
from shared.runtime import topology

PARTS = {
    "exchanges": ("name",),
    "queues": ("name",),
    "bindings": ("source", "destination", "routing_key"),
    "policies": ("name",),
}
"""What is looked at, and what it is known by. Users and rights need passwords: `declare` makes them."""

Definitions = dict[str, list[dict[str, Any]]]


def missing(wanted: Definitions, found: Definitions) -> Definitions:
    """What must be made: what is not there, and policies that say something else."""
    result: Definitions = {}
    for part, names in PARTS.items():
        there = {tuple(each.get(name) for name in names): each for each in found.get(part, [])}
        lacking = []
        for each in wanted[part]:
            other = there.get(tuple(each[name] for name in names))
            if other is None or (part == "policies" and _changed(each, other)):
                lacking.append(each)
        if lacking:
            result[part] = lacking
    return result


def _changed(wanted: dict[str, Any], found: dict[str, Any]) -> bool:
    return any(found.get(field) != wanted[field] for field in ("pattern", "apply-to", "priority", "definition"))


def in_words(lacking: Definitions) -> list[str]:
    """A line for each thing that is to be made."""
    lines = []
    for part, each in lacking.items():
        for one in each:
            name = f"{one['routing_key'] or '(all)'} → {one['destination']}" if part == "bindings" else one["name"]
            lines.append(f"make the {part.removesuffix('s').replace('policie', 'policy')} {name}")
    return lines


class Management:
    """The broker's management interface, as the administrator of the file of addresses."""

    def __init__(self, addresses: Addresses) -> None:
        """Raises AddressError where the file does not say where it is, or as whom."""
        self.url = addresses["TANDEM_MANAGEMENT_URL"].rstrip("/")
        broker = urlsplit(addresses["TANDEM_AMQP_URL"])
        self._auth = (unquote(broker.username or ""), unquote(broker.password or ""))
        self.vhost = unquote(broker.path.removeprefix("/")) or "/"

    def lacking(self) -> Definitions:
        """What is missing or changed. Raises ClientError."""
        found = self._call("GET").json()
        wanted: Any = topology.definitions({}, self.vhost)
        return missing(wanted, found)

    def make(self, lacking: Definitions) -> None:
        """Make it. Raises ClientError."""
        self._call("POST", lacking)

    def _call(self, method: str, body: object = None) -> httpx.Response:
        place = f"{self.url}/api/definitions/{quote(self.vhost, safe='')}"
        try:
            answer = httpx.request(method, place, json=body, auth=self._auth, timeout=30, trust_env=False)
        except (httpx.TransportError, httpx.InvalidURL):
            raise ClientError(f"the broker's management does not answer at {self.url}; is it running?") from None
        if answer.status_code in (401, 403):
            raise ClientError(
                "the broker's management does not let the user of TANDEM_AMQP_URL in; it must be an administrator"
            )
        if answer.is_error:
            raise ClientError(f"the broker's management refused: {answer.status_code} {answer.text[:200]}")
        return answer
