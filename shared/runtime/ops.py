"""What a service tells whoever watches it, at `GET /ops`: its replicas, jobs, latest problems, and what a check needs.

Ids, types, figures and reasons only; never what is in a message. Unknown fields are ignored and new ones have a
default, so that a reader and a replica of different releases understand each other.
"""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

STALE = dt.timedelta(seconds=8)
"""A replica whose sign of life is older is silent: dead, or cut off from its database."""


class Told(BaseModel):
    """A part of what is told."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Problem(Told):
    """Something that went wrong with one message or job; `reason` names a place or a rule, never content."""

    at: dt.datetime
    result: str = Field(description="what became of it: retry, quarantined, failed, unknown")
    type: str = ""
    id: str = ""
    reason: str = ""


class Received(Told):
    """What last came in by one queue; `age` is how many seconds before by the sender's clock the oldest was sent."""

    at: dt.datetime
    age: float


class Hand(Told):
    """A job that a replica has in hand; `done` of `total` pieces, where `total` may not be known yet."""

    id: str
    job: str
    heavy: bool = False
    since: dt.datetime
    stage: Literal["working", "handing over"] = "working"
    done: int = 0
    total: int | None = None


class Release(Told):
    """What runs: the version, a digest of the code, a digest of the lock file, and packages that differ from it."""

    version: str = ""
    code: str = ""
    lock: str = Field(default="", description="empty where the lock file was not brought along")
    python: str = ""
    differs: tuple[str, ...] = Field(default=(), description="installed packages of another version than locked")


class ReplicaStatus(Told):
    """What a replica says of itself with each sign of life. Figures hold for the last seconds that had any."""

    at: dt.datetime
    started: dt.datetime
    release: Release = Release()
    down: dict[str, str] = Field(default={}, description="what keeps it from working; empty: ready")
    handled: int = Field(default=0, description="messages decided since its start")
    rate: float = Field(default=0, description="messages decided a second")
    batch: float | None = Field(default=None, description="messages decided in one transaction, mean")
    seconds: float | None = Field(default=None, description="seconds from reading a batch's state to its commit, mean")
    backlog: int = Field(default=0, description="messages committed and not yet confirmed by the broker")
    received: dict[str, Received] = {}
    hands: tuple[Hand, ...] = ()
    problems: tuple[Problem, ...] = ()


class Replica(Told):
    """A replica by name with its last sign of life; without a status it is of an older release."""

    name: str
    at: dt.datetime
    status: ReplicaStatus | None = None


class Job(Told):
    """A job as it stands in the store; `lease` is until when its owner has it, or from when it may be taken."""

    id: str
    job: str
    heavy: bool
    since: dt.datetime
    owner: str = ""
    attempts: int = 0
    tries: int = 0
    lease: dt.datetime | None = None
    stage: Literal["waiting", "working", "handing over", "quarantine"] = "waiting"
    done: int = 0
    total: int | None = None


class Waits(Told):
    """A message that waits for what it speaks of; nothing of what is private is told."""

    type: str
    correlation: str = Field(description="`tandem trace` shows what came of it, and before it")
    awaits: str = Field(description="the subject that it waits for, as kind/id")
    since: dt.datetime


class Database(Told):
    """A service's database: its clock, which indexes stand there, and the room where it keeps its data, in bytes."""

    version: str = ""
    clock: dt.datetime
    missing: tuple[str, ...] = Field(default=(), description="indexes that must be there, as collection.name")
    foreign: tuple[str, ...] = Field(default=(), description="indexes that nobody of us made")
    free: int | None = Field(default=None, description="free bytes of its disk, where the server says so")
    size: int | None = Field(default=None, description="whole bytes of its disk, where the server says so")


class Day(Told):
    """The service's day: the last that it has started, and the last of which it has said that all is done."""

    started: dt.date | None = None
    handled: dt.date | None = None


class Ops(Told):
    """Everything that one service tells, by whichever replica was asked."""

    service: str
    answered_by: str
    now: dt.datetime
    zone: str = ""
    days: Literal["clock", "command"] = "clock"
    epoch: int = 1
    release: Release = Release()
    down: dict[str, str] = {}
    database: Database
    counts: dict[str, int] = {}
    waiting_since: dt.datetime | None = Field(default=None, description="since when the oldest message waits")
    waits: tuple[Waits, ...] = Field(default=(), description="the oldest few messages that wait")
    day: Day = Day()
    replicas: tuple[Replica, ...] = ()
    jobs: tuple[Job, ...] = Field(
        default=(),
        description="what replicas have in hand, and of each kind the hundred oldest outside quarantine",
    )

    @property
    def alive(self) -> tuple[Replica, ...]:
        """Replicas with a fresh sign of life, by the service's clock."""
        return tuple(r for r in self.replicas if self.now - r.at <= STALE)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The latest problems of all replicas, newest first."""
        found = (p for r in self.replicas if r.status is not None for p in r.status.problems)
        return tuple(sorted(found, key=lambda problem: problem.at, reverse=True))
