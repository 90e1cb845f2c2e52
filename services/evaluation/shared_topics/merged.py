"""Topics as they are known from the catalogue. Of merged ones: whoever named one has meant the one where it ends."""

from collections.abc import Iterable
from typing import NamedTuple

from services.evaluation.shared_topics.model import Topic
from shared.contracts.base import Text
from shared.runtime.forwarding import ends_of
from shared.runtime.table import Reader


class Topics(NamedTuple):
    """Of each merged topic where it ends, and the words of each that somebody has told of."""

    ends: dict[str, str]
    labels: dict[str, Text]


async def topics_of(ids: Iterable[str], read: Reader) -> Topics:
    """What is known of these topics, and of those to which merged ones lead."""
    forwards: dict[str, str | None] = {}
    labels: dict[str, Text] = {}
    left = sorted(set(ids))
    while left:
        known = await read.all(Topic, left)
        forwards |= {id: topic.forwards_to if topic else None for id, topic in zip(left, known, strict=True)}
        labels |= {topic.id: topic.label for topic in known if topic is not None}
        left = sorted({next_ for next_ in forwards.values() if next_ is not None} - forwards.keys())
    return Topics(ends_of(forwards), labels)
