"""Puts together what a service tells at `GET /ops`, from its database and from what its replicas wrote there."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from shared.contracts.base import Contract
from shared.runtime.adapters.inspection import Inspection, expected, foreign, utc
from shared.runtime.batch import HEAVY, LIGHT, TODAY
from shared.runtime.engine import Engine
from shared.runtime.ops import STALE, Database, Day, Hand, Job, Ops, Replica, ReplicaStatus, Waits
from shared.runtime.ports import Record
from shared.runtime.release import release
from shared.runtime.replay import may_be_private

MOST_JOBS = 100
"""Of each kind: many light ones that wait must not hide a round that is being solved."""


@dataclass
class Overview:
    """One service's answer. `inspect` asks the database; `down` says what keeps the replica that answers from working.

    `zone` and `days` are as the service was told.
    """

    engine: Engine
    inspect: Callable[[], Awaitable[Inspection]]
    down: Callable[[], dict[str, str]]
    zone: str
    days: Literal["clock", "command"]

    async def __call__(self) -> Ops:
        """Ask and put together. Raises Unavailable."""
        engine, store = self.engine, self.engine.store
        name = engine.who.service.name
        # Side by side: a busy database may take a second for each question.
        found, snapshot, light, heavy, counts = await asyncio.gather(
            self.inspect(),
            engine.read((), (TODAY, f"day/{name}")),
            store.oldest(LIGHT, MOST_JOBS),
            store.oldest(HEAVY, MOST_JOBS),
            store.counts(),
        )
        days = snapshot.records
        replicas = tuple(replica_of(document) for document in found.replicas)
        # Who died has nothing in hand any more, whatever it said last.
        living = [r.status for r in replicas if r.status is not None and engine.clock.now() - r.at <= STALE]
        hands = {hand.id: hand for status in living for hand in status.hands}
        records = {record.subject: record for record in (*light, *heavy)}
        if unlisted := {f"_job/{id}" for id in hands} - records.keys():
            # What waits never hides what is worked on; what has just ended has no record or no state any more.
            more = (await engine.read((), unlisted)).records
            records |= {subject: record for subject, record in more.items() if record.state}
        jobs = sorted((job_of(record, hands) for record in records.values()), key=lambda job: (job.since, job.id))
        return Ops(
            service=name,
            answered_by=engine.owner,
            now=engine.clock.now(),
            zone=self.zone,
            days=self.days,
            epoch=engine.who.epoch,
            release=release(),
            down=self.down(),
            database=Database(
                version=found.version,
                clock=found.clock,
                missing=tuple(sorted(expected() - found.indexes)),
                foreign=tuple(sorted(foreign(found.indexes))),
                free=found.free,
                size=found.size,
            ),
            counts=counts,
            waiting_since=dt.datetime.fromisoformat(found.waiting[0]["state"]["since"]) if found.waiting else None,
            waits=tuple(waits_of(found.waiting, engine.desk.names)),
            day=Day(started=_date(days.get(TODAY)), handled=_date(days.get(f"day/{name}"))),
            replicas=replicas,
            jobs=tuple(jobs),
        )


def replica_of(document: Mapping[str, Any]) -> Replica:
    """A replica from what it wrote; what another release wrote and this one cannot read is left out."""
    try:
        status = ReplicaStatus.model_validate(document["status"]) if "status" in document else None
    except ValidationError:
        status = None
    return Replica(name=document["_id"], at=utc(document["at"]), status=status)


def waits_of(documents: Iterable[Mapping[str, Any]], contracts: Mapping[str, type[Contract]]) -> Iterator[Waits]:
    """What waits, of types that are known and not private."""
    for document in documents:
        state = document["state"]
        if not may_be_private(contracts.get(state["type"])):
            since = dt.datetime.fromisoformat(state["since"])
            yield Waits(
                type=state["type"],
                correlation=state.get("correlation", ""),
                awaits=document.get("awaits", ""),
                since=since,
            )


def job_of(record: Record, hands: Mapping[str, Hand]) -> Job:
    """A job from its record, and from what the replica that has it in hand says of it."""
    state = record.state or {}
    id = record.subject.split("/", 1)[1]
    hand = hands.get(id)
    owned = bool(state.get("owner")) and state.get("attempts", 0) > 0
    stage: Literal["waiting", "working", "handing over", "quarantine"] = "waiting"
    if state.get("status") == "quarantine":
        stage = "quarantine"
    elif hand is not None:
        stage = hand.stage
    elif owned:
        stage = "handing over" if "chosen" in state else "working"
    return Job(
        id=id,
        job=state.get("job", ""),
        heavy=record.kind == HEAVY,
        since=dt.datetime.fromisoformat(state["since"]),
        owner=state.get("owner", "") if owned else "",
        attempts=state.get("attempts", 0),
        tries=state.get("tries", 0),
        # A job that is to be taken at once has a date of long ago.
        lease=utc(dt.datetime.fromisoformat(record.due)) if record.due else None,
        stage=stage,
        done=hand.done if hand else 0,
        total=hand.total if hand else None,
    )


def _date(record: Record | None) -> dt.date | None:
    return dt.date.fromisoformat(record.state["date"]) if record and record.state else None
