"""What lies in quarantine, as first aid finds it: the engine's own records, changed by rows of every service.

A row only marks a record and makes it due: whoever takes kept messages, or jobs, goes on from there. So a replay, an
edit and a discard of one message write the same document, and one of them wins.
"""

import base64
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from shared.contracts.base import TYPE_PREFIX, Contract, Event
from shared.runtime import envelope
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import Context
from shared.runtime.envelope import Envelope
from shared.runtime.speaker import belongs

AT_ONCE = dt.date(1970, 1, 1)
AS_NEW: dict[str, Any] = {"status": "ready", "attempts": 0, "failures": 0, "claimed": False}
"""What a record says that is to be taken as if for the first time."""
UNREADABLE = "unreadable"
"""What the type of a body is called that is no envelope."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of what lies in quarantine: by id (* for any), type, beginning of the reason, and time."""

    id: str = "*"
    type: str | None = None
    code: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    def takes(self, id: str, state: dict[str, Any]) -> bool:
        """Whether a record, or a row of the list, is meant."""
        at = dt.datetime.fromisoformat(state["since"])
        return (
            self.id in ("*", id)
            and self.type in (None, state["type"])
            and state["reason"].startswith(self.code or "")
            and (self.since is None or at >= self.since)
            and (self.until is None or at <= self.until)
        )


class Held(Aggregate):
    """A record of the engine's as it stands in the database."""

    held: dict[str, Any]

    @classmethod
    def from_stored(cls, subject: str, state: Mapping[str, Any]) -> Self:
        """Read the engine's record."""
        return cls(id=subject.partition("/")[2], held=dict(state))

    def to_store(self, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The engine's record."""
        return self.held

    @property
    def quarantined(self) -> bool:
        """Whether it lies in quarantine, and nobody was faster."""
        return self.held.get("status") == "quarantine"

    @property
    def message(self) -> str:
        """The id of the message or job that others may see."""
        return str(self.held["id"])

    @property
    def key(self) -> str | None:
        """The routing key, for which the broker checked its sender's right; None for what came from inside."""
        key: str | None = self.held.get("stored", {}).get("key")
        return key

    def marked(self, **changes: Any) -> Self:
        """The same, to be taken at once as if for the first time."""
        held = {**self.held, **AS_NEW, **changes}
        return self.but(held=held, due=AT_ONCE)


class HeldMessage(Held, kind="_kept"):
    """A kept message."""


class HeldJob(Held, kind="_job"):
    """A job."""


def body_of(stored: dict[str, Any]) -> bytes:
    """The body of a kept message from outside, as it came."""
    return base64.b64decode(stored["base64"]) if "base64" in stored else str(stored["body"]).encode()


def original(held: HeldMessage) -> Envelope | None:
    """The envelope of a kept message; None if it has none that can be read."""
    try:
        return envelope.read(body_of(held.held["stored"]))
    except envelope.NotAnEnvelope:
        return None


def copy_of(held: HeldMessage, before: Envelope | None, message: Contract, context: Context) -> Envelope:
    """The corrected copy: sender, correlation, time and sequence are the original's; its id follows from both.

    A source that is not the validated sender's is put right, and a fact speaks for nobody.
    """
    data = message.model_dump(mode="json")
    id = context.keyed("corrected", held.id, json.dumps(data, sort_keys=True))
    stored = held.held["stored"]
    own = stored.get("source") or f"/{stored['user']}"
    if before is None:
        # Nothing can be read of it but who sent it, which the broker validated.
        return envelope.wrap(message, id=id, source=own, time=context.time, causationid=held.message)
    changed = {
        "id": id,
        "type": TYPE_PREFIX + message.name,
        "data": data,
        "correlationid": before.correlation,
        "causationid": before.id,
        "source": before.source if belongs(before.source, own) else own,
        "actor": None if isinstance(message, Event) else before.actor,
    }
    return before.model_copy(update=changed)


def replaced(held: HeldMessage, copy: Envelope) -> HeldMessage:
    """The copy in the original's place. The original's own id stays known as long as that of anything handled."""
    stored = {name: value for name, value in held.held["stored"].items() if name != "base64"}
    return held.marked(
        id=copy.id, type=copy.name, correlation=copy.correlation, stored={**stored, "body": copy.encode().decode()}
    )
