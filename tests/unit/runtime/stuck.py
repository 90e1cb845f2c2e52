"""A quarantine in memory with something in it: a command, a fact or a job, and what people did about it."""

import json
from dataclasses import replace
from typing import Any

from shared.contracts.base import Command
from shared.runtime.batch import Retries
from shared.runtime.ports import Outgoing
from shared.runtime.table import Ask, Job, Service
from tests.support.shop import LEDGER, LIBRARY, Close, Join, Lent, library
from tests.unit.runtime.engine_in_memory import Replica, namespace

WHY = "defect 12"


class Confess(Command, name="library.confess.v1", senders=("person",), private=True):
    """Tell something that nobody else may read."""

    member: str


def fails(message: Any, state: Any, context: Any) -> Any:
    raise ValueError("a defect")


def failing(service: Service, *kinds: type[Command]) -> Service:
    """The same service, which fails at these commands."""
    rows = tuple(
        replace(row, decide=fails) if isinstance(row, Ask) and row.on in kinds else row for row in service.rows
    )
    return replace(service, rows=rows)


SECRETIVE = replace(
    LIBRARY,
    contracts=namespace("library", library, Confess=Confess),
    rows=(*LIBRARY.rows, Ask(Confess, lambda message, get: None, fails)),
)


async def stuck(replica: Replica, *messages: Command, **fields: Any) -> list[dict[str, Any]]:
    """Notices of messages that failed as often as they may."""
    for message in messages:
        replica.send(message, **fields)
    for delay in (0, *Retries().delays):
        await replica.after(delay + 1)
    return replica.take(f"{replica.service.name}.quarantine")


async def a_join(**fields: Any) -> tuple[Replica, str]:
    """A mended library in whose quarantine a command to join lies, and its id there."""
    replica = Replica(failing(LIBRARY, Join))
    [notice] = await stuck(replica, Join(club="wrong", member="m"), id="join", correlationid="waits", **fields)
    return replica.changed(LIBRARY), notice["id"]


async def a_fact() -> tuple[Replica, str]:
    """A ledger in whose quarantine a fact of the wrong shape lies, and its id there."""
    replica = Replica(LEDGER)
    wrong = {"specversion": "1.0", "id": "lent", "source": "/tandem/library", "type": f"tandem.{Lent.name}"}
    body = json.dumps({**wrong, "sequence": 7, "epoch": 2, "data": {"book": "b", "holder": 5, "lent": 1}})
    replica.broker.publish(Outgoing("tandem.events", Lent.name, body.encode(), "lent"), "library")
    await replica.settle()
    [notice] = replica.take("ledger.quarantine")
    return replica, notice["id"]


def actions(replica: Replica) -> list[dict[str, Any]]:
    """The record of what people did."""
    return [r.state or {} for r in replica.database.records.values() if r.kind == "_action"]


async def a_job() -> tuple[Replica, str]:
    """A library in whose quarantine a job lies that somebody waits for, and its id there."""

    def nothing_counts(inputs: Any) -> Any:
        raise ValueError("a defect")

    rows = tuple(
        replace(row, work=nothing_counts) if isinstance(row, Job) and row.name == "count" else row
        for row in LIBRARY.rows
    )
    replica = Replica(replace(LIBRARY, rows=rows))
    replica.send(Close(club="c"), "office", correlationid="waits")
    await replica.settle()
    for _ in range(10):
        await replica.after(60)
    [notice] = replica.take("library.quarantine")
    replica.take()
    return replica, notice["id"]


def code_of(replica: Replica) -> str:
    """The one reason of the one refusal that was said."""
    [refused] = replica.take()
    [reason] = refused["data"]["reasons"]
    return str(reason["code"])
