"""What evaluation remembers of stories: their words lie here alone, in no event."""

import datetime as dt
from typing import Literal

from shared.contracts import evaluation as e
from shared.contracts.base import Text
from shared.contracts.evaluation.stories import Language, StoryStatus
from shared.contracts.parts import NOBODY
from shared.runtime.aggregate import Aggregate

FEED = "stories"
"""The id of the one feed."""
IN_FEED = 100
"""Stories that the feed shows at most, the newest."""


class Story(Aggregate, kind="story"):
    """A story in its newest words, with who has confirmed these; `people` are both of its tandem.

    `by` is the last day for the other to confirm it; `sign` the exception by which the office hears of it.
    `published_on` is kept of one that has left the feed, so that readers who ask again hear that it has. `changed_on`
    is the day on which what the feed says of it last changed. `news` is what others hear on the next day.
    """

    tandem: str
    people: tuple[str, ...]
    title: str
    text: str
    language: Language
    topics: tuple[str, ...] = ()
    version: int = 1
    confirmed_by: tuple[str, ...] = ()
    status: StoryStatus = "drafted"
    by: dt.date | None = None
    sign: str | None = None
    reason: Text | None = None
    published_on: dt.date | None = None
    changed_on: dt.date
    news: Literal["written", "submitted", "taken-back", "erased"] | None = None

    @property
    def is_confirmed(self) -> bool:
        """Whether both have confirmed these words."""
        return NOBODY not in self.people and set(self.confirmed_by) == set(self.people)

    def says(self, title: str, text: str, language: str, topics: tuple[str, ...]) -> bool:
        """Whether it has these very words."""
        return (self.title, self.text, self.language, self.topics) == (title, text, language, topics)

    def emptied(self, today: dt.date) -> "Story":
        """The same without its words: that there was one, and whether it has to leave the feed."""
        return self.but(
            title="",
            text="",
            topics=(),
            confirmed_by=(),
            status="withdrawn",
            by=None,
            reason=None,
            changed_on=today,
            news=None,
            due=None,
        )

    def published(self) -> e.StoryState | None:
        """What is said of it: nothing before it was published; later on that it stands in the feed, or has left it."""
        if self.published_on is None:
            return None
        inside = self.status == "published"
        kind = e.StoryPublished if inside else e.StoryWithdrawn
        return kind(
            story_id=self.id,
            programme_id=self.programme or "",
            topics=self.topics,
            language=self.language,
            published_on=self.published_on,
            path=f"stories/{self.id}",
            status="published" if inside else "withdrawn",
        )


class Feed(Aggregate, kind="feed"):
    """Which stories were published last, the newest first: ids alone, written by what the office publishes."""

    stories: tuple[str, ...] = ()

    def with_story(self, story: str) -> "Feed":
        """The feed with one more, as the newest."""
        return self.but(stories=(story, *(each for each in self.stories if each != story))[:IN_FEED])
