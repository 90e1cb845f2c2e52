"""What waits for the office: one aggregate an exception, reminded when its date passes, then it goes to the deputy."""

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel

from shared.contracts.base import Office, Text
from shared.runtime.aggregate import Aggregate

NO_LABELS: Mapping[str, str] = MappingProxyType({})


class Attention(Aggregate, kind="attention"):
    """One exception: what, whom, by when, and which commands answer it.

    A decision that raises it puts it into its state and says the service's `OfficeAttentionNeeded` made by `said()`;
    a decision that settles it writes it again with `settled()`.
    """

    what: str
    whom: tuple[str, ...] = ()
    text: Text
    by: dt.date
    answered_by: tuple[str, ...] = ()
    status: Literal["open", "reminded", "settled"] = "open"
    office: Office
    rules_version: int | None = None

    def settled(self) -> "Attention":
        """The same, answered."""
        return self.but(status="settled", due=None)

    def said(self) -> dict[str, object]:
        """The fields of the `OfficeAttentionNeeded` that says this: `m.OfficeAttentionNeeded(**attention.said())`."""
        return {
            "attention_id": self.id,
            "programme_id": self.programme or "",
            "what": self.what,
            "whom": self.whom,
            "text": self.text,
            "by": self.by.isoformat(),
            "answered_by": self.answered_by,
            "status": self.status,
            "office": self.office,
            "rules_version": self.rules_version,
        }


class AttentionRow(BaseModel):
    """What waits for the office, as a view shows it; `label`: what of several alike it is, where that has one."""

    what: str
    label: str = ""
    whom: str
    by: str
    status: str
    answered_by: str


def for_the_office(attentions: Iterable[Attention], labels: Mapping[str, str] = NO_LABELS) -> tuple[AttentionRow, ...]:
    """The rows of a view: what the office has not answered yet; `labels` by the subject that it concerns."""
    return tuple(
        AttentionRow(
            what=attention.what,
            label=next((labels[subject] for subject in attention.whom if subject in labels), ""),
            whom=", ".join(attention.whom),
            by=attention.by.isoformat(),
            status=attention.status,
            answered_by=", ".join(attention.answered_by),
        )
        for attention in attentions
        if attention.status != "settled"
    )
