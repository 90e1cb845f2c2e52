"""Topics that were merged: whoever named one has meant the one where it ends."""

from collections.abc import Iterable

from services.evaluation.shared_topics.model import Topic
from shared.runtime.forwarding import ends_of
from shared.runtime.table import Reader


async def ends_by_id(topics: Iterable[str], read: Reader) -> dict[str, str]:
    """Where each of these topics that was merged leads; the others are not named."""
    found: dict[str, str | None] = {}
    left = sorted(topics)
    while left:
        known = await read.all(Topic, left)
        found |= {id: topic.forwards_to if topic else None for id, topic in zip(left, known, strict=True)}
        left = sorted({next_ for next_ in found.values() if next_ is not None} - found.keys())
    return ends_of(found)
