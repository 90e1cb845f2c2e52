"""What the tables need in the broker, against its own definitions; only what is missing or changed is made."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from shared.cli.doctor import broker
from shared.cli.doctor.facts import Broker, Definitions, Facts, Finding, Machine, Queue
from shared.cli.management import Management
from shared.runtime import topology
from shared.runtime.ops import Release
from shared.runtime.topology import Binding

CHECKS = (broker.exchanges, broker.queues, broker.bindings)
"""Doctor's, of what is looked at. Users and rights need passwords: `declare` makes them."""


def faults(found: Definitions) -> list[Finding]:
    """What is not as it must be, by doctor's checks; what is merely somebody else's is left."""
    facts = Facts(dt.datetime.now(dt.UTC), Machine(Release()), _broker_of(found))
    checked = (finding for check in CHECKS for finding in check(facts))
    return [*(finding for finding in checked if finding.severity == "fault"), *_policies(found)]


def _broker_of(found: Definitions) -> Broker:
    return Broker(
        version="",
        queues=tuple(
            Queue(each["name"], each.get("arguments", {}).get("x-queue-type") or each.get("type", "classic"))
            for each in found.get("queues", [])
        ),
        exchanges=frozenset((each["name"], each["type"]) for each in found.get("exchanges", [])),
        bindings=frozenset(
            Binding(each["source"], each["routing_key"], each["destination"])
            for each in found.get("bindings", [])
            if each["destination_type"] == "queue"
        ),
    )


def _policies(found: Definitions) -> Iterator[Finding]:
    """Policies as they are declared; which of them a queue has, `doctor` asks the queue."""
    there = {each["name"]: each for each in found.get("policies", [])}
    policies: Any = topology.definitions({})["policies"]
    for wanted in policies:
        name, other = wanted["name"], there.get(wanted["name"], {})
        if any(other.get(key) != wanted[key] for key in ("pattern", "apply-to", "priority", "definition")):
            what = f"the policy {name} {'is another one' if other else 'is missing'}"
            yield Finding("fault", "policies", what, broker.DECLARE, {"policies": [wanted]})


def in_words(parts: Definitions) -> str:
    """A line for what is to be made."""
    lines = []
    for part, each in parts.items():
        for one in each:
            name = f"{one['routing_key'] or '(all)'} → {one['destination']}" if part == "bindings" else one["name"]
            lines.append(f"make the {part.removesuffix('s').replace('policie', 'policy')} {name}")
    return ", ".join(lines)


async def look(management: Management) -> list[Finding]:
    """What is not as it must be. Raises ManagementError."""
    return faults(await management.get(f"definitions/{management.vhost}"))


async def make(management: Management, found: Iterable[Definitions]) -> int:
    """Make parts, in one go; how many. Raises ManagementError."""
    parts: Definitions = {}
    for each in found:
        for part, some in each.items():
            parts.setdefault(part, []).extend(some)
    if parts:
        await management.post(f"definitions/{management.vhost}", parts)
    return sum(map(len, parts.values()))
