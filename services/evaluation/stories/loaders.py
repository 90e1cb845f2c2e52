"""Which state each message about a story concerns."""

from typing import NamedTuple

from services.evaluation.extras.model import Extras
from services.evaluation.model import Pair, Programme
from services.evaluation.stories.model import FEED, Feed, Story
from shared.contracts import evaluation as e
from shared.runtime.attention import Attention
from shared.runtime.decision import DueReached, Get


class Writing(NamedTuple):
    """A tandem with its programme, both people's extras, and the story that gets new words, or has these already."""

    pair: Pair | None
    programme: Programme | None = None
    extras: tuple[Extras, ...] = ()
    story: Story | None = None


class StoryOf(NamedTuple):
    """A story with its programme, the exception that the office has of it, and the feed."""

    story: Story | None
    programme: Programme | None = None
    sign: Attention | None = None
    feed: Feed | None = None


def story_key(message: e.ReleaseStory) -> tuple[str, ...]:
    """What a new story's id follows from, under the key: the same words of the same tandem are the same story."""
    return ("story", message.tandem_id, message.language, message.title, message.text)


def writing(message: e.ReleaseStory, get: Get) -> Writing:
    """The tandem, and its story."""
    pair = get(Pair, message.tandem_id)
    if pair is None:
        return Writing(pair)
    extras = get.all(Extras, [who for _, who in pair.sides])
    story = get(Story, message.story_id or get.keyed(*story_key(message)))
    return Writing(
        pair, get(Programme, pair.programme or ""), tuple(each for each in extras if each is not None), story
    )


def story_of(
    message: e.ConfirmStory | e.TakeBackStory | e.ShowStory | e.PublishStory | e.ReturnStory, get: Get
) -> StoryOf:
    """The story with all that may change with it."""
    return _with(message.story_id, get)


def story_due(message: DueReached, get: Get) -> StoryOf:
    """The story whose day has come."""
    return _with(message.subject.removeprefix("story/"), get)


def _with(id: str, get: Get) -> StoryOf:
    story = get(Story, id)
    if story is None:
        return StoryOf(story)
    sign = get(Attention, story.sign) if story.sign is not None else None
    return StoryOf(story, get(Programme, story.programme or ""), sign, get(Feed, FEED))
