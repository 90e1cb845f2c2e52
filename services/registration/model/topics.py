"""The topic catalogue as registration keeps it."""

import datetime as dt
from typing import Any, Literal, Self

from shared.contracts.base import Text
from shared.contracts.registration.topics import Area, ProposedLabel, SimilarTopic
from shared.runtime.aggregate import Aggregate

MOST_HOPS = 16
"""Merges in a row that a topic's id may lead through: what a loader follows at most."""


class Topic(Aggregate, kind="topic"):
    """A topic of the catalogue, of all programmes.

    A topic that was merged leads to another (`forwards_to`); `hops` is at least the length of the longest way that
    ends here, so that no way grows longer than a loader follows.
    """

    area: Area
    label: Text
    version: int = 1
    forwards_to: str | None = None
    retired: bool = False
    hops: int = 0

    def next(self, **changes: Any) -> Self:
        """The topic after a change of what is published; its version counts them."""
        return self.but(version=self.version + 1, **changes)

    def published(self) -> dict[str, object]:
        """The fields of an event about it."""
        hidden = {"id", "programme", "due", "hops"}
        return {"topic_id": self.id, **{k: v for k, v in dict(self).items() if k not in hidden}}


class TopicProposal(Aggregate, kind="topic-proposal"):
    """A topic that somebody proposed; `proposer` (None: the office) and `reason` stand in no event about it."""

    area: Area
    label: ProposedLabel
    proposer: str | None = None
    status: Literal["proposed", "accepted", "merged", "declined"] = "proposed"
    by: dt.date
    similar: tuple[SimilarTopic, ...] = ()
    topic_id: str | None = None
    reason: Text | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels in whichever languages it has."""
        return tuple(label for label in (self.label.de, self.label.en) if label is not None)

    def published(self) -> dict[str, object]:
        """The fields of an event about it: not who proposed it."""
        hidden = {"id", "programme", "due", "proposer", "reason"}
        fields = {k: v for k, v in dict(self).items() if k not in hidden}
        return {"proposal_id": self.id, "programme_id": self.programme or "", **fields}
