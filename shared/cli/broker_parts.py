"""What the tables need in the broker, against its own definitions; only what is missing or changed is made."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from typing import Any

from shared.cli.doctor import broker
from shared.cli.doctor.facts import Broker, Definitions, Facts, Finding, Machine, Queue
from shared.cli.doctor.gather import exchange_of
from shared.cli.management import Management
from shared.runtime import topology
from shared.runtime.ops import Release
from shared.runtime.topology import Binding

CHECKS = (broker.exchanges, broker.queues, broker.bindings, broker.policies)
"""Doctor's, of what is looked at. Users and rights need passwords: `declare` makes them."""
FOR_QUEUES = ("queues", "all", "quorum_queues")
"""What a policy for our queues applies to, in the broker's words."""


def faults(found: Definitions) -> list[Finding]:
    """What is not as it must be, by doctor's checks; what is merely somebody else's is left."""
    facts = Facts(dt.datetime.now(dt.UTC), Machine(Release()), _broker_of(found))
    checked = (finding for check in CHECKS for finding in check(facts))
    return [*(finding for finding in checked if finding.severity == "fault"), *_policies(found)]


def _broker_of(found: Definitions) -> Broker:
    """The broker with the policies of ours as they will be: what is wrong with these themselves, `_policies` says."""
    declared: Any = topology.definitions({})["policies"]
    names = {each["name"] for each in declared}
    policies = [*(each for each in found.get("policies", []) if each["name"] not in names), *declared]
    return Broker(
        version="",
        queues=tuple(
            Queue(
                each["name"],
                each.get("arguments", {}).get("x-queue-type") or each.get("type", "classic"),
                arguments=each.get("arguments", {}),
                policy=policy.get("name", ""),
                definition=policy.get("definition", {}),
            )
            for each in found.get("queues", [])
            for policy in (_policy_of(each["name"], policies),)
        ),
        exchanges=tuple(exchange_of(each) for each in found.get("exchanges", [])),
        bindings=frozenset(
            Binding(each["source"], each["routing_key"], each["destination"]) for each in found.get("bindings", [])
        ),
    )


def _policy_of(queue: str, policies: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The policy that holds for a quorum queue: of those that are for it, the one with the highest priority."""
    mine = [each for each in policies if each["apply-to"] in FOR_QUEUES and _is_for(each["pattern"], queue)]
    return max(mine, key=lambda each: each.get("priority", 0), default={})


def _is_for(pattern: str, queue: str) -> bool:
    """Whether a policy's pattern finds a name; one that only the broker can read, `doctor` sees at the queue."""
    try:
        return re.search(pattern, queue) is not None
    except re.error:
        return False


def _policies(found: Definitions) -> Iterator[Finding]:
    """Our policies as they are declared."""
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
