"""What is known of a deployment when it is checked, and what a check finds. Frozen: examples are easy to write."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from shared.cli.top.asking import Heard
from shared.runtime import discovery
from shared.runtime.ops import Release
from shared.runtime.ports import Intake
from shared.runtime.topology import Binding

Severity = Literal["warning", "unseen", "fault"]
EXIT: dict[Severity, int] = {"warning": 1, "unseen": 2, "fault": 3}
"""Exit codes: 0 nothing found, 1 something to look at, 2 something could not be looked at, 3 something is broken."""


Definitions = dict[str, list[dict[str, Any]]]
"""Parts of a broker (exchanges, queues, bindings, policies) as it writes them itself."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be, and what to do about it.

    `parts`: what would have to be made in the broker, where that alone mends it.
    """

    severity: Severity
    check: str
    what: str
    do: str
    parts: Definitions = field(default_factory=dict)

    def as_json(self) -> dict[str, str]:
        """What people and scripts are told."""
        return {"severity": self.severity, "check": self.check, "what": self.what, "do": self.do}


def is_intake(queue: str) -> bool:
    """Whether a queue of this name is one from which a service of ours takes its messages."""
    service, _, kind = queue.partition(".")
    return service in discovery.service_names() and kind in get_args(Intake)


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange as the broker has it."""

    name: str
    kind: str
    durable: bool = True
    auto_delete: bool = False
    internal: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue as the broker has it; not `told`: the broker says nothing of it yet but that it is there.

    `definition` is that of all policies together that hold for it.
    """

    name: str
    kind: str = "quorum"
    messages: int = 0
    consumers: int = 1
    policy: str = ""
    told: bool = True
    definition: Mapping[str, Any] = field(default_factory=dict)
    arguments: Mapping[str, Any] = field(default_factory=lambda: {"x-queue-type": "quorum"})


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the broker."""

    name: str
    running: bool = True
    memory_alarm: bool = False
    disk_alarm: bool = False


@dataclass(frozen=True, slots=True)
class Users:
    """What only an administrator may see: tags by user, (configure, write, read) by user, (write, read) by
    (user, exchange).
    """

    tags: Mapping[str, frozenset[str]]
    permissions: Mapping[str, tuple[str, str, str]]
    topics: Mapping[tuple[str, str], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Broker:
    """The broker as it was found. `skew` in seconds.

    `users`: None without an administrator's password; the line that says why where they could not be asked for.
    """

    version: str
    tags: frozenset[str] = frozenset({"monitoring"})
    nodes: tuple[Node, ...] = ()
    queues: tuple[Queue, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    bindings: frozenset[Binding] = frozenset()
    users: Users | str | None = None
    skew: float | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the check runs: what runs here, free and whole bytes of the data folder, files that others may read."""

    release: Release
    free: int = 1 << 40
    size: int = 1 << 40
    folder: str = ""
    open_files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that was gathered; a broker that could not be asked is the line that says why."""

    at: dt.datetime
    machine: Machine
    broker: Broker | str
    services: tuple[Heard, ...] = ()
