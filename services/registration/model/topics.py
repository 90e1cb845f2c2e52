"""The topic catalogue as registration keeps it."""

import datetime as dt
from typing import Any, Literal, Self

from shared.contracts.base import Text
from shared.contracts.registration.topics import Area, ProposedLabel, SimilarTopic
from shared.runtime.aggregate import Aggregate
from shared.runtime.ids import derived_id

MOST_HOPS = 16
"""Merges in a row that a topic's id may lead through: what a loader follows at most."""


def as_named(label: str) -> str:
    """A label without capitals and spaces around it: two that are the same so are one name to people."""
    return label.strip().casefold()


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

    @property
    def is_offered(self) -> bool:
        """Whether people may name it: it stands for itself and was not retired."""
        return self.forwards_to is None and not self.retired

    def published(self) -> dict[str, object]:
        """The fields of an event about it."""
        hidden = {"id", "programme", "due", "hops"}
        return {"topic_id": self.id, **{k: v for k, v in dict(self).items() if k not in hidden}}


class TopicLabel(Aggregate, kind="topic-label"):
    """A label in a language, by an id that follows from it, and the topics that were listed under it.

    Whoever lists a topic writes the documents of its labels: of two at once under one label the second is decided
    again, and sees the first. Topics that an earlier release listed are not in it before they are listed again.
    """

    topics: tuple[str, ...] = ()

    @staticmethod
    def ids_of(label: Text) -> tuple[str, str]:
        """The ids of a topic's labels, in German and in English."""
        de, en = (derived_id("topic-label", language, as_named(getattr(label, language))) for language in ("de", "en"))
        return de, en


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
    rules_version: int = 1

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels in whichever languages it has."""
        return tuple(label for label in (self.label.de, self.label.en) if label is not None)

    @property
    def full_label(self) -> Text | None:
        """The label in both languages, where it has both."""
        return Text(de=self.label.de, en=self.label.en) if self.label.de and self.label.en else None

    def is_called(self, label: Text) -> bool:
        """Whether a topic is called just so in every language that the proposal has, but for capitals."""
        own = ((self.label.de, label.de), (self.label.en, label.en))
        return bool(self.labels) and all(as_named(mine) == as_named(known) for mine, known in own if mine is not None)

    def published(self) -> dict[str, object]:
        """The fields of an event about it: not who proposed it."""
        hidden = {"id", "programme", "due", "proposer", "reason"}
        fields = {k: v for k, v in dict(self).items() if k not in hidden}
        return {"proposal_id": self.id, "programme_id": self.programme or "", **fields}
