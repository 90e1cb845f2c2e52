"""One look at a running Tandem: a frozen model, made from what was asked; what `--json` prints and the screen draws."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, get_args

from shared.cli.top.asking import Heard
from shared.runtime.ops import Job, Ops, Problem, Told
from shared.runtime.ports import Intake
from shared.runtime.topology import DEAD, UNROUTED


class QueueRow(Told):
    """A queue: messages and rates (a second); `age` is how old the last received message was, in seconds."""

    name: str
    depth: int = 0
    unacknowledged: int = 0
    rate_in: float = 0
    rate_out: float = 0
    consumers: int = 0
    age: float | None = None


class ServiceRow(Told):
    """A service: replicas that are ready of those that live, and what lies in its database."""

    name: str
    trouble: str = ""
    slow: bool = False
    ready: int = 0
    alive: int = 0
    silent: int = 0
    outbox: int = 0
    outbox_age: int = 0
    waiting: int = 0
    retry: int = 0
    quarantined: int = 0
    jobs: int = 0
    rate: float = 0
    batch: float | None = None
    seconds: float | None = None
    day: dt.date | None = None
    version: str = ""


class JobRow(Told):
    """A job with its service."""

    service: str
    job: Job


class ProblemRow(Told):
    """A problem with its service."""

    service: str
    problem: Problem


UNDER_WAY = ("working", "handing over")
"""Stages of a job that somebody has in hand."""


class Picture(Told):
    """Everything that one look shows. `trouble` says what could not be looked at."""

    at: dt.datetime
    trouble: tuple[str, ...] = ()
    queues: tuple[QueueRow, ...] = ()
    services: tuple[ServiceRow, ...] = ()
    jobs: tuple[JobRow, ...] = ()
    problems: tuple[ProblemRow, ...] = ()


def picture(
    at: dt.datetime, queues: Sequence[dict[str, Any]], heard: Iterable[Heard], trouble: Sequence[str] = ()
) -> Picture:
    """Put together what was asked. Queues that are nobody's of ours are left out."""
    heard = tuple(heard)
    by_name = {queue["name"]: queue for queue in queues}
    ages = {
        f"{each.service}.{intake}": received.age
        for each in heard
        if each.ops is not None
        for replica in each.ops.alive
        if replica.status is not None
        for intake, received in sorted(replica.status.received.items(), key=lambda entry: entry[1].at)
    }
    names = [f"{each.service}.{kind}" for each in heard for kind in (*get_args(Intake), "quarantine")]
    rows = [queue_row(by_name[name], ages.get(name)) for name in (*names, UNROUTED, DEAD) if name in by_name]
    notices = {row.name.split(".")[0]: row.depth for row in rows if row.name.endswith(".quarantine")}
    return Picture(
        at=at,
        trouble=tuple(trouble),
        queues=tuple(rows),
        services=tuple(service_row(each, notices.get(each.service, 0)) for each in heard),
        jobs=tuple(
            sorted(
                (JobRow(service=h.service, job=job) for h in heard if h.ops is not None for job in h.ops.jobs),
                # What waits in one service must not hide who solves what in another.
                key=lambda row: (row.job.stage not in UNDER_WAY, row.job.since),
            )
        ),
        problems=tuple(
            sorted(
                (ProblemRow(service=h.service, problem=p) for h in heard if h.ops is not None for p in h.ops.problems),
                key=lambda row: row.problem.at,
                reverse=True,
            )
        ),
    )


def queue_row(queue: dict[str, Any], age: float | None = None) -> QueueRow:
    """A queue as the management interface says it; right after its start it knows no figures yet."""
    stats = queue.get("message_stats") or {}
    return QueueRow(
        name=queue["name"],
        depth=queue.get("messages") or 0,
        unacknowledged=queue.get("messages_unacknowledged") or 0,
        rate_in=_rate(stats.get("publish_details")),
        rate_out=_rate(stats.get("ack_details")),
        consumers=queue.get("consumers") or 0,
        age=age,
    )


def _rate(details: dict[str, Any] | None) -> float:
    details = details or {}
    return round(max(0.0, float(details.get("avg_rate", details.get("rate", 0.0)))), 1)


def service_row(heard: Heard, notices: int) -> ServiceRow:
    """A service from what it told; of one that does not answer the notices in the broker still tell its quarantine."""
    ops = heard.ops
    if ops is None:
        return ServiceRow(name=heard.service, trouble=heard.trouble, slow=heard.slow, quarantined=notices)
    alive = ops.alive
    told = [replica.status for replica in alive if replica.status is not None]
    down = [f"{replica.name}: {text}" for replica in alive if replica.status for text in replica.status.down.values()]
    handling = [status for status in told if status.batch is not None and status.seconds is not None]
    counts = ops.counts
    return ServiceRow(
        name=heard.service,
        trouble="; ".join(down),
        ready=sum(1 for status in told if not status.down),
        alive=len(alive),
        silent=len(ops.replicas) - len(alive),
        outbox=counts.get("outbox", 0),
        outbox_age=counts.get("outbox_age", 0),
        waiting=counts.get("waiting", 0),
        retry=counts.get("retry", 0),
        quarantined=counts.get("quarantined", 0),
        jobs=counts.get("jobs", 0),
        rate=round(sum(status.rate for status in told), 1),
        batch=round(sum(s.batch or 0 for s in handling) / len(handling), 1) if handling else None,
        seconds=round(max(s.seconds or 0 for s in handling), 4) if handling else None,
        day=ops.day.handled,
        version=_version(ops),
    )


def _version(ops: Ops) -> str:
    return ops.release.version or ops.release.code
