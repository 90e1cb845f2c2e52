"""What others hear of a story: the partner that it waits, the office that it may be published, readers that it is gone.

It never has a story's words, and never says who of the two did something.
"""

import datetime as dt

from services.evaluation.model import DAY, Programme
from services.evaluation.questionnaires import words
from services.evaluation.say import told
from services.evaluation.stories.decisions import UNKNOWN
from services.evaluation.stories.loaders import StoryOf
from services.evaluation.stories.model import FEED, Feed, Story
from shared.contracts import evaluation as e
from shared.contracts.base import Contract, Reason
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, reason, refuse
from shared.runtime.ids import derived_id

ANSWERED_BY = (e.PublishStory.name, e.ReturnStory.name)
WAITS = "story-waits"
"""What the office is told of: both have confirmed a story."""


def _submitted(story: Story, programme: Programme, context: Context) -> Decision:
    programme = programme.on(context.today)
    by = context.today + programme.office_days * DAY
    sign = Attention(
        id=derived_id("attention", WAITS, story.id, story.version),
        programme=programme.id,
        what=WAITS,
        whom=(story.subject,),
        text=words("story-waits", title=programme.title),
        by=by,
        answered_by=ANSWERED_BY,
        office=programme.office,
        rules_version=programme.rules_version,
        due=by + 2 * DAY,
    )
    return Decision(state=(story.but(sign=sign.id), sign), messages=(_needs_office(sign),))


def _needs_office(sign: Attention) -> e.OfficeAttentionNeeded:
    return e.OfficeAttentionNeeded.model_validate(sign.said())


def _settled(sign: Attention | None) -> tuple[tuple[Aggregate, ...], tuple[Contract, ...]]:
    """What is written and said when the office has nothing to do for a story any more."""
    if sign is None or sign.status == "settled":
        return (), ()
    return (sign.settled(),), (_needs_office(sign.settled()),)


def leaves(
    story: Story, programme: Programme, sign: Attention | None, today: dt.date
) -> tuple[tuple[Aggregate, ...], tuple[Contract, ...]]:
    """What is written and said when a story goes since a consent is gone: its words, its place in the feed."""
    gone = story.emptied(today)
    return _gone(gone, programme, sign, gone.published())


def _gone(
    story: Story, programme: Programme, sign: Attention | None, left: e.StoryState | None
) -> tuple[tuple[Aggregate, ...], tuple[Contract, ...]]:
    """Both are told in the same words; readers of the feed are, if it stood in it."""
    written, settled = _settled(sign)
    letters = told(programme, story.people, "story-gone")
    return (story, *written), (*((left,) if left is not None else ()), *settled, *letters)


def _of_office(story: Story | None, version: int, statuses: tuple[str, ...]) -> list[Reason]:
    if story is None:
        return [UNKNOWN]
    found = []
    if story.status not in statuses:
        found.append(reason("story_id", "not_waiting", words("story-not-waiting")))
    if version != story.version:
        found.append(reason("version", "replaced", words("story-replaced", version=story.version)))
    return found


def publish(message: e.PublishStory, state: StoryOf, context: Context) -> Outcome:
    """Put a story into the feed, and tell the two.

    Both have allowed it all the time: whose consent is gone has taken the story along. Who takes it back at this moment
    writes the story, too, so that of the two the second finds what the first has done.
    """
    story, programme, sign, feed = state
    found = _of_office(story, message.version, ("submitted",))
    if found or story is None or programme is None:
        return refuse(*found or (UNKNOWN,))
    inside = story.but(
        status="published",
        published_on=context.today,
        changed_on=context.today,
        sign=None,
        reason=None,
        news=None,
        due=None,
    )
    written, settled = _settled(sign)
    said = inside.published()
    assert said is not None
    letters = told(programme, story.people, "story-published")
    newest = (feed or Feed(id=FEED)).with_story(story.id)
    return Decision(state=(inside, *written, newest), messages=(said, *settled, *letters))


def give_back(message: e.ReturnStory, state: StoryOf, context: Context) -> Outcome:
    """Give a story back with a reason, which both are told; a published one leaves the feed."""
    story, programme, sign, _ = state
    found = _of_office(story, message.version, ("submitted", "published"))
    if found or story is None or programme is None:
        return refuse(*found or (UNKNOWN,))
    back = story.but(
        status="returned",
        reason=message.reason,
        confirmed_by=(),
        changed_on=context.today,
        sign=None,
        news=None,
        due=None,
    )
    written, settled = _settled(sign)
    said = back.published() if story.status == "published" else None
    letters = told(programme, story.people, "story-returned", reason=message.reason)
    return Decision(state=(back, *written), messages=(*((said,) if said is not None else ()), *settled, *letters))


def story_day(message: DueReached, state: StoryOf, context: Context) -> Outcome:
    """Tell others what one of the two did on the day before; and when the days for the other's yes are over, both."""
    story, programme, sign, _ = state
    if story is None or programme is None:
        return NOTHING
    heard = story.but(news=None, due=None)
    if story.status == "withdrawn":
        # That a story has gone with somebody who was erased, erasing itself has said.
        left = story.published() if story.news == "taken-back" else None
        return Decision(*_gone(heard, programme, sign, left)) if story.news else Decision(state=(heard,))
    if story.status == "submitted" and story.sign is None:
        return _submitted(heard, programme, context)
    if story.status != "drafted" or story.by is None:
        return Decision(state=(heard,))
    ends = story.by + 2 * DAY
    if message.date >= ends:
        over = heard.but(status="lapsed", by=None)
        return Decision(state=(over,), messages=told(programme, story.people, "story-lapsed"))
    waits = heard.but(due=ends)
    if story.news is None:
        return Decision(state=(waits,))
    # One that was published and taken back on the same day has left the feed with these new words.
    left = story.published()
    letters = told(programme, story.people, "story-written", by=story.by)
    return Decision(state=(waits,), messages=(*((left,) if left is not None else ()), *letters))
