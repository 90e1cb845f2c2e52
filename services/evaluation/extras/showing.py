"""What a person is shown of the extras that they allow: how they find what a letter speaks of."""

from typing import NamedTuple

from services.evaluation.extras.model import Extras
from services.evaluation.questionnaires import words
from services.evaluation.shared_topics.model import Introduction, Topic, label_of
from services.evaluation.stories.model import Story
from shared.contracts import evaluation as e
from shared.runtime.decision import Context, Decision, Get, Outcome, reason, refuse


class Mine(NamedTuple):
    """A person's extras with all that hangs on them."""

    extras: Extras | None
    introductions: tuple[Introduction, ...] = ()
    topics: tuple[Topic, ...] = ()
    stories: tuple[Story, ...] = ()


def mine(message: e.ShowMyExtras, get: Get) -> Mine:
    """The person's extras, introductions and stories."""
    extras = get(Extras, message.participant_id)
    if extras is None:
        return Mine(extras)
    introductions = tuple(each for each in get.all(Introduction, extras.introductions_open) if each is not None)
    topics = get.all(Topic, [each.topic for each in introductions])
    stories = get.all(Story, extras.stories_told)
    return Mine(
        extras,
        introductions,
        tuple(each for each in topics if each is not None),
        tuple(each for each in stories if each is not None),
    )


def show_mine(message: e.ShowMyExtras, state: Mine, context: Context) -> Outcome:
    """Show what is offered to a person. Of one that came to nothing meanwhile they learn on its day, like all."""
    extras, introductions, topics, stories = state
    if extras is None or context.actor != message.participant_id:
        # Alone: whether somebody takes part is nobody else's business.
        return refuse(reason("participant_id", "not_yours", words("extras-not-yours")))
    known = {topic.id: topic for topic in topics}
    offered = tuple(
        e.IntroductionOffered(
            introduction_id=each.id,
            topic_id=each.topic,
            topic=label_of(each.topic, known.get(each.topic)),
            by=each.by,
            agrees=extras.id in each.yes,
        )
        for each in introductions
        if each.status == "open" and extras.may_be_introduced
    )
    told = tuple(
        e.StoryListed(
            story_id=each.id,
            tandem_id=each.tandem,
            version=each.version,
            status=each.status,
            by=each.by,
            confirmed_by_you=extras.id in each.confirmed_by,
        )
        for each in stories
    )
    return Decision(messages=(e.MyExtrasShown(participant_id=extras.id, introductions=offered, stories=told),))
