"""Decisions of the two about their story (S18): they write it, both confirm it, either takes it back at any time.

What they send is answered to them alone: who confirmed and who took it back is told to nobody. Others hear of it on the
next day (`news.py`): what is said then hangs on no message of anybody's.
"""

import re
from collections.abc import Collection

from services.evaluation.extras.model import Extras
from services.evaluation.model import DAY
from services.evaluation.questionnaires import words
from services.evaluation.stories.loaders import StoryOf, Writing, story_key
from services.evaluation.stories.model import Story
from shared.contracts import evaluation as e
from shared.contracts.base import Reason
from shared.contracts.parts import NOBODY
from shared.runtime.decision import Context, Decision, Outcome, reason, refuse

MOST = 50
"""Stories of one person, also those that were taken back."""
UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
"""Signs that no page and no feed can show (XML 1.0, 2.2)."""
REWRITTEN = ("drafted", "returned", "lapsed")
"""As long as it stands so, a story may get new words."""
UNKNOWN = reason("story_id", "unknown_story", words("story-unknown"))


def release(message: e.ReleaseStory, state: Writing, context: Context) -> Outcome:
    """Take down a story, or new words of one; who writes them confirms them, the other has some days to.

    The same words again are the same story. Both people's extras are written, so that who takes their consent back at
    this moment conflicts with it.
    """
    pair, programme, extras, story = state
    if pair is None or programme is None:
        return refuse(reason("tandem_id", "unknown_tandem", words("story-unknown-tandem")))
    people = tuple(who for _, who in pair.sides)
    if message.participant_id not in people or context.actor != message.participant_id:
        return refuse(reason("participant_id", "not_yours", words("story-not-yours")))
    found = _faults(message, people, extras)
    if pair.status == "ended":
        found.append(reason("tandem_id", "ended", words("story-tandem-ended")))
    if message.story_id is not None and (story is None or story.tandem != pair.id):
        return refuse(*found, UNKNOWN)
    if story is not None and message.story_id is not None:
        found += _not_rewritten(message, story)
    if found:
        return refuse(*found)
    if story is not None and story.says(message.title, message.text, message.language, message.topics):
        if story.status == "drafted":
            return _confirmed(story, message.participant_id, context)
        if story.status in ("submitted", "published"):
            return Decision(state=(story,), messages=(_noted(story),))
    mine = next(each for each in extras if each.id == message.participant_id)
    if story is None and len(mine.stories_told) >= MOST:
        return refuse(reason("tandem_id", "too_many", words("story-too-many", most=MOST)))
    by = programme.on(context.today).last_day(context.today)
    written = Story(
        id=story.id if story is not None else context.keyed(*story_key(message)),
        programme=pair.programme,
        tandem=pair.id,
        people=people,
        title=message.title,
        text=message.text,
        language=message.language,
        topics=message.topics,
        version=story.version + 1 if story is not None else 1,
        confirmed_by=(message.participant_id,),
        by=by,
        published_on=story.published_on if story is not None else None,
        changed_on=context.today,
        news="written",
        due=context.today + DAY,
    )
    hang = [each.but(stories_told=tuple(dict.fromkeys((*each.stories_told, written.id)))) for each in extras]
    return Decision(state=(written, *hang), messages=(_noted(written),))


def _faults(message: e.ReleaseStory, people: Collection[str], extras: Collection[Extras]) -> list[Reason]:
    found = [
        reason(field, "unreadable", words("story-unreadable"))
        for field, text in (("title", message.title), ("text", message.text))
        if UNREADABLE.search(text)
    ]
    if "\n" in message.title or "\r" in message.title:
        found.append(reason("title", "one_line", words("story-one-line")))
    allowed = {each.id for each in extras if each.stories}
    if message.participant_id not in allowed:
        found.append(reason("participant_id", "no_consent", words("story-no-consent")))
    elif not allowed.issuperset(people):
        # There are but two: whoever has consented would learn of the other by waiting in vain, too.
        found.append(reason("tandem_id", "not_both", words("story-not-both")))
    return found


def _not_rewritten(message: e.ReleaseStory, story: Story) -> list[Reason]:
    found = []
    if story.status not in REWRITTEN:
        found.append(reason("story_id", "not_open", words("story-not-open")))
    if message.replaces != story.version:
        found.append(reason("replaces", "replaced", words("story-replaced", version=story.version)))
    return found


def _noted(story: Story) -> e.StoryNoted:
    return e.StoryNoted(story_id=story.id, version=story.version, status=story.status, by=story.by)


def _of_two(story: Story | None, participant: str | None, context: Context) -> list[Reason]:
    """Whose story it is, the two know: to all others there is none."""
    theirs = story is not None and participant in story.people and participant != NOBODY
    return [] if theirs and context.actor == participant else [UNKNOWN]


def confirm(message: e.ConfirmStory, state: StoryOf, context: Context) -> Outcome:
    """Agree on a story's words; once both have, the office hears of it on the next day."""
    story = state.story
    found = _of_two(story, message.participant_id, context)
    if found or story is None:
        return refuse(*found)
    if message.version != story.version:
        found.append(reason("version", "replaced", words("story-replaced", version=story.version)))
    if story.status in ("returned", "lapsed", "withdrawn"):
        found.append(reason("story_id", "not_open", words("story-not-open")))
    if found:
        return refuse(*found)
    if story.status != "drafted":
        return Decision(state=(story,), messages=(_noted(story),))
    return _confirmed(story, message.participant_id, context)


def _confirmed(story: Story, participant: str, context: Context) -> Decision:
    by = tuple(who for who in story.people if who == participant or who in story.confirmed_by)
    now = story.but(confirmed_by=by)
    if not now.is_confirmed:
        return Decision(state=(now,), messages=(_noted(now),))
    ready = now.but(status="submitted", by=None, news="submitted", due=context.today + DAY)
    return Decision(state=(ready,), messages=(_noted(ready),))


def take_back(message: e.TakeBackStory, state: StoryOf, context: Context) -> Outcome:
    """Delete a story's words at once, also in the feed; that it has left it is said on the next day."""
    story = state.story
    found = _of_two(story, message.participant_id, context)
    if found or story is None:
        return refuse(*found)
    if story.status == "withdrawn":
        return Decision(state=(story,), messages=(_noted(story),))
    gone = story.emptied(context.today).but(news="taken-back", due=context.today + DAY)
    return Decision(state=(gone,), messages=(_noted(gone),))


def show(message: e.ShowStory, state: StoryOf, context: Context) -> Outcome:
    """Show a story's words to one of the two; to the office from when both have confirmed them."""
    story = state.story
    if context.sender == "office" and message.participant_id is None:
        found = [] if story is not None and story.status in ("submitted", "published") else [UNKNOWN]
    else:
        found = _of_two(story, message.participant_id, context)
    if found or story is None:
        return refuse(*found)
    shown = e.StoryShown(
        story_id=story.id,
        version=story.version,
        status=story.status,
        by=story.by,
        title=story.title,
        text=story.text,
        language=story.language,
        topics=story.topics,
        confirmed_by_you=message.participant_id in story.confirmed_by,
        reason=story.reason,
    )
    return Decision(messages=(shown,))
