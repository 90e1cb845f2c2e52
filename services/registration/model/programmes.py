"""A programme as registration keeps it."""

import datetime as dt
import hashlib
import json
from typing import Any, Literal, Self

from shared.contracts.base import Office, Text
from shared.contracts.parts import Criteria, Rules, Term
from shared.contracts.registration import ClosedSet
from shared.runtime.aggregate import Aggregate


class Programme(Aggregate, kind="programme"):
    """A programme; `said` counts the events said about it, which is their sequence."""

    title: Text
    status: Literal["open", "closing", "closed", "running", "ended"] = "open"
    places: int
    term: Term
    registration_closes: dt.date
    office: Office
    rules: Rules
    criteria: Criteria
    criteria_seal: str
    privacy_notice: str
    closed_set: ClosedSet | None = None
    said: int = 0

    def next(self, **changes: Any) -> Self:
        """The programme as the next event about it says it."""
        return self.but(said=self.said + 1, **changes)

    def published(self) -> dict[str, object]:
        """The fields of an event about it."""
        hidden = {"id", "programme", "due", "said"}
        return {"programme_id": self.id, **{k: v for k, v in dict(self).items() if k not in hidden}}


def seal_of(criteria: Criteria) -> str:
    """SHA-256 of the criteria's canonical JSON: that they were fixed before any data can be checked (P14)."""
    text = json.dumps(criteria.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
