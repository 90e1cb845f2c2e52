"""What the tables need in the broker, against what stands there; only what is missing or changed is made."""

from typing import Any

from shared.cli.management import Management
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


async def lacking(management: Management) -> Definitions:
    """What is missing or changed. Raises ManagementError."""
    found = await management.get(f"definitions/{management.vhost}")
    wanted: Any = topology.definitions({})
    return missing(wanted, found)


async def make(management: Management, parts: Definitions) -> None:
    """Make it. Raises ManagementError."""
    await management.post(f"definitions/{management.vhost}", parts)
