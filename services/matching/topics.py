"""Topics as people are matched by them: whoever named a merged topic has named the one where it ends."""

from collections.abc import Iterable, Mapping

from services.matching.model import Candidate, Topic
from shared.contracts.base import Text
from shared.contracts.parts import Profile
from shared.runtime.decision import Get
from shared.runtime.forwarding import ends_of, renamed


def topics_of(get: Get, profiles: Iterable[Profile]) -> tuple[Topic, ...]:
    """The topics that profiles name, and those that they lead to.

    They are read and never written: a topic that is merged at the same moment counts as it did a moment before.
    """
    found: dict[str, Topic | None] = {}
    asked = sorted({level.topic_id for p in profiles for level in (*p.strengths, *p.concerns)})
    while asked:
        topics = get.all(Topic, asked)
        found |= dict(zip(asked, topics, strict=True))
        asked = sorted({t.forwards_to for t in topics if t is not None and t.forwards_to} - found.keys())
    return tuple(topic for topic in found.values() if topic is not None)


def ends(topics: Iterable[Topic]) -> dict[str, str]:
    """Each merged topic's id with the id where it ends."""
    return ends_of({topic.id: topic.forwards_to for topic in topics})


def resolved(candidate: Candidate, ends: Mapping[str, str]) -> Candidate:
    """The candidate with merged topics replaced by those where they end; to be read and never to be written."""
    return candidate.model_copy(update={"profile": renamed(candidate.profile, ends)})


def labels(topics: Iterable[Topic]) -> dict[str, Text]:
    """The words of the topics that stand for themselves, by id."""
    topics = tuple(topics)
    merged = ends(topics)
    return {topic.id: topic.label for topic in topics if topic.id not in merged}
