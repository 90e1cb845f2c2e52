"""What waits for a person of the extras that they allow: introductions they are offered, and their stories."""

import datetime as dt

from pydantic import Field

from shared.contracts.base import Command, Event, Part, Text, personal
from shared.contracts.evaluation.stories import STATUS, STORY, StoryStatus
from shared.contracts.evaluation.topics import INTRODUCTION
from shared.contracts.parts import Id, ParticipantId, Uuid


class ShowMyExtras(Command, name="evaluation.show-my-extras.v1", senders=("person",), private=True):
    """Show which introductions one is offered, and where one's stories stand."""

    participant_id: ParticipantId


class IntroductionOffered(Part):
    """An introduction that waits for an answer; it does not name the other tandem."""

    introduction_id: Uuid = Field(description="the introduction")
    topic_id: Id = Field(description="the topic, in registration's catalogue")
    topic: Text = Field(description="its label for people")
    by: dt.date = Field(description="last day for a yes")
    agrees: bool = personal("what you said last; false where you have said nothing", **INTRODUCTION)


class StoryListed(Part):
    """One of a person's stories; `show-story` shows its words."""

    story_id: Uuid = Field(description="the story")
    tandem_id: Uuid = Field(description="the tandem whose story it is")
    version: int = Field(ge=1, description="version of its words")
    status: StoryStatus = Field(description=STATUS)
    by: dt.date | None = Field(description="last day for the other to confirm; null: it does not wait for that")
    confirmed_by_you: bool = personal("whether you have confirmed these words", **STORY)


class MyExtrasShown(
    Event, name="evaluation.my-extras-shown.v1", about="participant/{participant_id}", stateful=False, private=True
):
    """Private answer: what waits for a person, and where their stories stand; nothing of what others said."""

    participant_id: ParticipantId
    introductions: tuple[IntroductionOffered, ...] = Field(description="introductions that wait for an answer")
    stories: tuple[StoryListed, ...] = Field(description="stories of one's tandems, in the order they were written in")
