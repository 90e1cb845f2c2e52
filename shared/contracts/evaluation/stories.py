"""Stories (S18): a tandem tells a short result, both agree on its words, the office publishes it in a feed.

The words themselves are in no event: they lie in evaluation, and go out by its feed once they are published.
"""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.base import Command, Event, Text, personal
from shared.contracts.parts import PEOPLE_KEPT, Id, ParticipantId, ProgrammeId, Uuid

LONGEST_STORY = 2_000
LONGEST_TITLE = 120
"""Characters of a story and of its title."""

STORY = {
    "purpose": "a tandem tells others of its results (S18), with the consent of both",
    "readers": "the tandem; the office once both agree; everybody once it is published",
    "keep": f"until one of the two takes it back, or {PEOPLE_KEPT}",
}

Language = Literal["de", "en"]
StoryStatus = Literal["drafted", "submitted", "published", "returned", "lapsed", "withdrawn"]
STATUS = (
    "drafted: waits for both to confirm its words; submitted: waits for the office; published: in the feed; returned: "
    "the office gave it back; lapsed: not confirmed in time; withdrawn: taken back, its words are deleted"
)
Topics = Annotated[tuple[Id, ...], Field(max_length=10, description="topic ids of the catalogue that it is about")]


class ReleaseStory(Command, name="evaluation.release-story.v1", senders=("person",), private=True):
    """Write a story of the own tandem, or new words of one that is not published; so one confirms them oneself.

    Both need to have given the consent to stories. It names nobody but whom the two name in it.
    """

    tandem_id: Uuid = Field(description="the tandem")
    participant_id: ParticipantId
    story_id: Uuid | None = Field(default=None, description="the story that gets new words; null: one more story")
    replaces: int = Field(default=0, ge=0, description="the version that these words replace; 0: it is a new story")
    title: str = personal("title, free text", min_length=1, max_length=LONGEST_TITLE, pattern=r"\S", **STORY)
    text: str = personal("the story, plain text", min_length=1, max_length=LONGEST_STORY, pattern=r"\S", **STORY)
    language: Language = Field(description="the language that it is written in")
    topics: Topics = ()


class ConfirmStory(Command, name="evaluation.confirm-story.v1", senders=("person",), private=True):
    """Agree on a story's words; once both have, the office decides on it."""

    story_id: Uuid = Field(description="the story")
    participant_id: ParticipantId
    version: int = Field(ge=1, description="the version that was read, which must be the newest")


class TakeBackStory(Command, name="evaluation.take-back-story.v1", senders=("person",), private=True):
    """Take a story back, also once it is published: it leaves the feed, and its words are deleted. No reason is asked.

    Either of the two may; nobody is told which one did.
    """

    story_id: Uuid = Field(description="the story")
    participant_id: ParticipantId


class ShowStory(Command, name="evaluation.show-story.v1", senders=("person", "office"), private=True):
    """Read a story's words: as one of the two, or as the office once both have confirmed them."""

    story_id: Uuid = Field(description="the story")
    participant_id: Uuid | None = personal("who reads; null: the office", default=None, **STORY)


class StoryNoted(Event, name="evaluation.story-noted.v1", about="story/{story_id}", stateful=False, private=True):
    """Private answer to one of the two: where their story stands."""

    story_id: Uuid = Field(description="the story")
    version: int = Field(ge=1, description="version of its words")
    status: StoryStatus = Field(description=STATUS)
    by: dt.date | None = Field(description="last day for the other to confirm; null: it does not wait for that")


class StoryShown(Event, name="evaluation.story-shown.v1", about="story/{story_id}", stateful=False, private=True):
    """Private answer: a story's words and where it stands."""

    story_id: Uuid = Field(description="the story")
    version: int = Field(ge=1, description="version of its words")
    status: StoryStatus = Field(description=STATUS)
    by: dt.date | None = Field(description="last day for the other to confirm; null: it does not wait for that")
    title: str = personal("title; empty once it was taken back", **STORY)
    text: str = personal("the story, plain text; empty once it was taken back", **STORY)
    language: Language = Field(description="the language that it is written in")
    topics: Topics
    confirmed_by_you: bool = Field(description="whether you have confirmed these words")
    reason: Text | None = personal("why the office returned it; null: it did not", **STORY)


class PublishStory(Command, name="evaluation.publish-story.v1", senders=("office",)):
    """Publish a story on whose words both agree: it stands in the feed from now on."""

    story_id: Uuid = Field(description="the story")
    version: int = Field(ge=1, description="the version that was read, which must be the newest")


class ReturnStory(Command, name="evaluation.return-story.v1", senders=("office",)):
    """Give a story back to its tandem with a reason; a published one leaves the feed. The two may write it anew."""

    story_id: Uuid = Field(description="the story")
    version: int = Field(ge=1, description="the version that was read, which must be the newest")
    reason: Text = personal("why, for the two; in no event but the words to them", **STORY)


class StoryState(Event, about="story/{story_id}"):
    """The published state of a story that is, or was, in the feed. It has neither its words nor who wrote it."""

    story_id: Uuid = Field(description="the story; in the feed its id is urn:uuid:<story_id>")
    programme_id: ProgrammeId
    topics: Topics
    language: Language = Field(description="the language that it is written in")
    published_on: dt.date = Field(description="day on which it was published, at last")
    path: str = Field(description="its address below evaluation's own, e.g. stories/<story_id>")
    status: Literal["published", "withdrawn"] = Field(description="withdrawn: it has left the feed")


class StoryPublished(StoryState, name="evaluation.story-published.v1"):
    """The office published a story."""


class StoryWithdrawn(StoryState, name="evaluation.story-withdrawn.v1"):
    """A published story has left the feed: whoever copied its words takes them away. Why is not said."""
