"""What a pure function decides, and the little that it is told."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from shared.contracts.base import Contract, Reason, Role, Text
from shared.runtime.aggregate import Aggregate, Seen
from shared.runtime.ids import derived_id, keyed_id
from shared.runtime.programme_keys import Sealed, nothing_sealed

A = TypeVar("A", bound=Aggregate)


class Internal(BaseModel):
    """A message that a service sends to itself: a piece of a job's result. Never on the broker."""

    model_config = ConfigDict(frozen=True)


class DueReached(Internal):
    """The day on which an aggregate is due has started; `date` is that day, not the due date."""

    subject: str
    date: dt.date


@dataclass(frozen=True, slots=True)
class Start:
    """Start a job: the row's name, and what to work on, by reference."""

    job: str
    ref: str


@dataclass(frozen=True, slots=True)
class Decision:
    """New state, new messages and jobs, stored in one transaction.

    `state` holds every aggregate to be written and each on which the decision hangs (its version guards the
    transaction, even when it is unchanged); a stateful event's subject must be among them. `deletes` are aggregates
    whose documents go, guarded by their version like those that are written; who waits for one is decided again. Their
    sequence goes with them, so nothing may be published again under the id of one that was.
    """

    state: tuple[Aggregate, ...] = ()
    messages: tuple[Contract, ...] = ()
    jobs: tuple[Start, ...] = ()
    refusals: tuple[Reason, ...] = ()
    deletes: tuple[Aggregate, ...] = ()

    def becomes(self) -> dict[str, Aggregate | None]:
        """What becomes of each subject: its new state, or None where it is deleted."""
        written: dict[str, Aggregate | None] = {aggregate.subject: aggregate for aggregate in self.state}
        return written | {aggregate.subject: None for aggregate in self.deletes}


@dataclass(frozen=True, slots=True)
class Wait:
    """What must come first has not come: park the message until this subject is written."""

    subject: str


Outcome = Decision | Wait

NOTHING = Decision()


def refuse(*reasons: Reason) -> Decision:
    """Refuse a command, with every reason found."""
    return Decision(refusals=reasons)


def reason(field: str, code: str, message: Text) -> Reason:
    """One reason of a refusal: the field's path, a stable code, and what to change in both languages."""
    return Reason(field=field, code=code, message=message)


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision may know besides message and state; the same again whenever it is decided again.

    `id`, `time` and `actor` are the message's; `today` is the service's day as the batch was read; `seen` is the
    event's (epoch, sequence); `key` the deployment's key; `epoch` the service's own, raised by a restore.

    `sealed(programme, *parts)` is an id under the key of a programme, which is destroyed when that is over: then None.
    """

    id: str
    time: dt.datetime
    today: dt.date
    actor: str | None = None
    sender: Role | None = None
    seen: Seen = field(default_factory=Seen)
    key: bytes = b""
    sealed: Sealed = field(default=nothing_sealed, repr=False)
    epoch: int = 1

    def derive(self, *parts: object) -> str:
        """An id that follows from this message and the parts."""
        return derived_id(self.id, *parts)

    def keyed(self, *parts: object) -> str:
        """An id that follows from a person's key or from content: an HMAC under the deployment's key."""
        return keyed_id(self.key, *parts)


class Ids(Protocol):
    """The ids that a service's keys lead to."""

    def keyed(self, *parts: object) -> str:
        """The same id as `Context.keyed`."""

    def sealed(self, programme: str, *parts: object) -> str | None:
        """The same id as `Context.sealed`."""


class Get(Ids, Protocol):
    """What a loader asks for aggregates. Calling it may end the loader early: it is asked again with more known."""

    def __call__(self, aggregate: type[A], id: str, /) -> A | None:
        """The aggregate, or None if there is none."""

    def all(self, aggregate: type[A], ids: Sequence[str], /) -> tuple[A | None, ...]:
        """Several at once: one trip for all instead of one for each."""

    def ahead(self, *asked: tuple[type[Aggregate], str]) -> None:
        """Have these read in one trip, whatever their kinds: what a loader will ask for, or its decision will write."""

    @property
    def lane(self) -> int:
        """The lane (0–15) of this replica, for guards that fence a set."""


Find = Callable[[type[A], str], Sequence[A]]
