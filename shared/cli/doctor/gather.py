"""Gathers the facts: asks broker and services, and looks at this machine. Judges nothing."""

import asyncio
import datetime as dt
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from shared.cli.addresses import Addresses
from shared.cli.doctor.facts import Broker, Exchange, Facts, Machine, Node, Queue, Users, is_intake
from shared.cli.management import Management, ManagementError, clock_of, queues_of
from shared.cli.top.asking import Asking
from shared.runtime.release import ROOT, release
from shared.runtime.topology import Binding

PATIENCE = 8.0
"""Seconds; the management interface hears of each queue every five."""


async def gather(addresses: Addresses) -> Facts:
    """Everything. Raises AddressError when it is not said where to ask; what does not answer is a fact."""
    async with Asking(addresses) as asking:
        services, broker = await asyncio.gather(asking.services(), _broker(asking))
    return Facts(dt.datetime.now(dt.UTC), machine_of(addresses), broker, services)


async def _broker(asking: Asking) -> Broker | str:
    try:
        return await _asked(asking)
    except ManagementError as error:
        return str(error)


async def _asked(asking: Asking) -> Broker:
    ops = asking.management
    before = dt.datetime.now(dt.UTC)
    answer = await ops.answer("overview")
    after = dt.datetime.now(dt.UTC)
    whoami, nodes, queues, exchanges, bindings = await asyncio.gather(
        ops.get("whoami"),
        ops.get("nodes"),
        _told(ops),
        ops.get(f"exchanges/{ops.vhost}"),
        ops.get(f"bindings/{ops.vhost}"),
    )
    admin = asking.admin()
    return Broker(
        version=answer.json()["rabbitmq_version"],
        tags=_tags(whoami["tags"]),
        nodes=tuple(
            Node(n["name"], n.get("running", False), n.get("mem_alarm", False), n.get("disk_free_alarm", False))
            for n in nodes
        ),
        queues=tuple(queue_of(queue) for queue in queues),
        exchanges=tuple(exchange_of(exchange) for exchange in exchanges),
        bindings=frozenset(Binding(b["source"], b["routing_key"], b["destination"]) for b in bindings),
        users=await _seen(admin) if admin is not None else None,
        skew=skew(clock_of(answer), before, after),
    )


async def _told(ops: Management) -> list[dict[str, Any]]:
    """Every queue. What has just started is given a moment: the broker tells of a queue's readers seconds later."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while True:
        queues = await queues_of(ops)
        told = all("consumers" in queue and (queue["consumers"] or not is_intake(queue["name"])) for queue in queues)
        if told or asyncio.get_running_loop().time() > end:
            return queues
        await asyncio.sleep(0.5)


def skew(clock: dt.datetime | None, before: dt.datetime, after: dt.datetime) -> float | None:
    """Seconds by which another's clock, cut to the second, is surely before or ahead of this one's."""
    if clock is None:
        return None
    if clock > after:
        return (clock - after).total_seconds()
    return -max(0.0, (before - clock).total_seconds() - 1)


def exchange_of(exchange: dict[str, Any]) -> Exchange:
    """An exchange as the management interface, and the broker's definitions, say it."""
    return Exchange(
        name=exchange["name"],
        kind=exchange["type"],
        durable=exchange.get("durable", True),
        auto_delete=exchange.get("auto_delete", False),
        internal=exchange.get("internal", False),
        arguments=exchange.get("arguments") or {},
    )


def queue_of(queue: dict[str, Any]) -> Queue:
    """A queue as the management interface says it."""
    return Queue(
        name=queue["name"],
        kind=queue.get("type", "classic"),
        messages=queue.get("messages") or 0,
        consumers=queue.get("consumers") or 0,
        policy=queue.get("policy") or "",
        definition=queue.get("effective_policy_definition") or {},
        told="consumers" in queue,
        arguments=queue.get("arguments") or {},
    )


async def _seen(admin: Management) -> Users | str:
    """Users and rights, or why they could not be seen: that hides nothing of what ops see."""
    try:
        return await _users(admin)
    except ManagementError as error:
        return str(error)


async def _users(admin: Management) -> Users:
    users, permissions, topics = await asyncio.gather(
        admin.get("users"), admin.get("permissions"), admin.get("topic-permissions")
    )
    return Users(
        tags={user["name"]: _tags(user["tags"]) for user in users},
        permissions={p["user"]: (p["configure"], p["write"], p["read"]) for p in permissions if p["vhost"] == "/"},
        topics={(p["user"], p["exchange"]): (p["write"], p["read"]) for p in topics if p["vhost"] == "/"},
    )


def _tags(tags: str | list[str]) -> frozenset[str]:
    """Tags, which RabbitMQ says as a list, and said as one text before 3.9."""
    return frozenset(filter(None, tags.split(",") if isinstance(tags, str) else tags))


def machine_of(addresses: Addresses) -> Machine:
    """This machine: what runs, room where the data are, and secrets that others may read."""
    origin = Path(addresses.origin)
    folder = origin.parent if origin.is_file() else ROOT
    usage = shutil.disk_usage(folder)
    named = (Path(value) for name, value in addresses.values.items() if name.endswith("_FILE") and value)
    # Inside a container, secrets are mounted as the engine mounts them: nobody else is there to read them.
    files = sorted({path.resolve() for path in (*_secrets(origin), *(() if Path("/.dockerenv").exists() else named))})
    return Machine(release(), usage.free, usage.total, str(folder), tuple(str(path) for path in files if _open(path)))


def _open(path: Path) -> bool:
    """Whether others may read a file; what this user may not even see is shut."""
    try:
        return path.is_file() and bool(path.stat().st_mode & 0o077)
    except PermissionError:
        return False


def _secrets(origin: Path) -> Iterator[Path]:
    if origin.is_file():
        yield origin
        yield from _within(origin.parent / "secrets")
    yield ROOT / ".env"
    yield from _within(ROOT / "deploy" / "secrets")


def _within(folder: Path) -> Iterable[Path]:
    """What lies in a folder; one that is another user's alone is not ours to look into."""
    try:
        return tuple(folder.iterdir()) if folder.is_dir() else ()
    except PermissionError:
        return ()
