"""Decisions about consents to extras: given, and taken back at any time."""

from typing import NamedTuple

from services.evaluation.extras.model import Extras
from services.evaluation.model import Programme
from services.evaluation.shared_topics.model import Introduction
from services.evaluation.stories.model import Story
from services.evaluation.stories.news import leaves
from shared.contracts.base import Contract
from shared.contracts.registration import ParticipantState
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention
from shared.runtime.decision import NOTHING, Context, Decision, Get, Outcome, Wait
from shared.runtime.pausing import pause_of


class Hanging(NamedTuple):
    """A person's extras, and what hangs on them."""

    extras: Extras | None
    programme: Programme | None = None
    introductions: tuple[Introduction, ...] = ()
    stories: tuple[Story, ...] = ()
    signs: tuple[Attention, ...] = ()


def extras_of(message: ParticipantState, get: Get) -> Hanging:
    """The person's extras, and where one that things hang on is taken back, these things."""
    extras = get(Extras, message.participant_id)
    if extras is None or not (extras.introductions_open or extras.stories_told):
        return Hanging(extras)
    introductions = get.all(Introduction, extras.introductions_open) if not _introduces(message) else ()
    stories = get.all(Story, extras.stories_told) if not message.consents.stories else ()
    signs = get.all(Attention, [story.sign for story in stories if story is not None and story.sign])
    return Hanging(
        extras,
        get(Programme, message.programme_id),
        tuple(each for each in introductions if each is not None),
        tuple(each for each in stories if each is not None),
        tuple(each for each in signs if each is not None),
    )


def _introduces(message: ParticipantState) -> bool:
    return message.consents.introductions and message.status != "withdrawn"


def know_extras(message: ParticipantState, state: Hanging, context: Context) -> Outcome:
    """Take over what somebody allows; newest state wins. What hangs on a consent that is gone goes with it.

    A story leaves the feed at once. An introduction that waits comes to nothing on its last day, as if nobody had said
    anything: were it over at once, the others could tell that somebody had not wanted it.
    """
    before, programme, introductions, stories, signs = state
    if before is not None and not before.seen < context.seen:
        return NOTHING
    if (introductions or stories) and programme is None:
        return Wait(f"programme/{message.programme_id}")
    strengths, concerns = (
        tuple(topic.topic_id for topic in topics) if _introduces(message) else ()
        for topics in (message.profile.strengths, message.profile.concerns)
    )
    extras = Extras(
        id=message.participant_id,
        programme=message.programme_id,
        department=message.profile.department,
        introductions=message.consents.introductions,
        stories=message.consents.stories,
        withdrawn=message.status == "withdrawn",
        strengths=strengths,
        concerns=concerns,
        introductions_open=before.introductions_open if before is not None else (),
        stories_told=before.stories_told if before is not None else (),
        seen=context.seen,
        **pause_of(message),
    )
    changed: list[Aggregate] = [each.fallen_away() for each in introductions if each.status == "open"]
    said: list[Contract] = []
    by_id = {sign.id: sign for sign in signs}
    for story in stories:
        if story.status != "withdrawn" and programme is not None:
            written, messages = leaves(story, programme, by_id.get(story.sign or ""), context.today)
            changed += written
            said += messages
    return Decision(state=(extras, *changed), messages=tuple(said))
