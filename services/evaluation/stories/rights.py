"""What stories hold of people, what each of the two may see of it, and what is left without them."""

from collections.abc import Mapping
from typing import Any

from services.evaluation.stories.model import Story
from shared.contracts.parts import NOBODY

People = frozenset[str]
SHOWN = ("tandem", "title", "text", "language", "topics", "version", "status", "by", "published_on")


def story_without(story: Story, people: People) -> Story:
    """Nothing of its words, which both had agreed on. Erasing says that it left the feed; the other hears it later."""
    left = tuple(NOBODY if who in people else who for who in story.people)
    emptied = story if story.status == "withdrawn" else story.emptied(story.changed_on)
    return emptied.but(people=left, confirmed_by=(), news="erased", due=story.changed_on)


def story_shown(story: Story, people: People) -> Mapping[str, Any]:
    """The story as both read it, and whether one has confirmed it oneself; not whether the other has."""
    return {**story.model_dump(mode="json", include=set(SHOWN)), "confirmed": bool(people & set(story.confirmed_by))}
