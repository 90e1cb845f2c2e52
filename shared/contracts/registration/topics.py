"""The topic catalogue (S3): what stands in it, and what people propose for it."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.contracts.base import Command, Event, Part, Text, personal
from shared.contracts.parts import PEOPLE_KEPT, RULES_VERSION, Id, ProgrammeId, Uuid

Area = Literal["hardware", "software", "culture"]

Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class ProposedLabel(Part):
    """A label as somebody proposes it: in German, in English, or in both."""

    de: Label | None = Field(default=None, description="German label")
    en: Label | None = Field(default=None, description="English label")


class AddTopic(Command, name="registration.add-topic.v1", senders=("office",)):
    """Add a topic to the catalogue, or give it new labels (S3)."""

    topic_id: Id = Field(description="stable id, e.g. social-media")
    area: Area = Field(description="area of the catalogue")
    label: Text = Field(description="label for people")


class ProposeTopic(Command, name="registration.propose-topic.v1", senders=("person", "office")):
    """Propose a topic for the catalogue; the office of the programme decides by a date.

    Answered by `TopicProposed`, which names near topics of the catalogue and not who proposed.
    """

    programme_id: ProgrammeId
    participant_id: Uuid | None = personal(
        "who proposes, and is told what becomes of it; null: the office itself, e.g. for a workshop",
        purpose="whoever proposes a topic hears what becomes of it",
        readers="registration",
        keep=PEOPLE_KEPT,
        default=None,
    )
    area: Area = Field(description="area of the catalogue")
    label: ProposedLabel = Field(description="label in one language at least")


class AcceptTopic(Command, name="registration.accept-topic.v1", senders=("office",)):
    """Take a proposed topic into the catalogue, under an id that is still free."""

    proposal_id: Uuid = Field(description="the proposal")
    topic_id: Id = Field(description="stable id of the new topic, e.g. social-media")
    area: Area | None = Field(default=None, description="another area than proposed")
    label: Text | None = Field(default=None, description="corrected labels; needed where the proposal lacks a language")


class MergeTopicProposal(Command, name="registration.merge-topic-proposal.v1", senders=("office",)):
    """Answer a proposal with a topic that the catalogue has already."""

    proposal_id: Uuid = Field(description="the proposal")
    into: Id = Field(description="the topic of the catalogue that means the same")


class DeclineTopic(Command, name="registration.decline-topic.v1", senders=("office",)):
    """Do not take a proposed topic into the catalogue; whoever proposed it is told why."""

    proposal_id: Uuid = Field(description="the proposal")
    reason: Text = personal(
        "why, for the person who proposed it; in no event but the words to them",
        purpose="whoever proposes a topic hears what becomes of it",
        readers="registration, the person, office",
        keep=PEOPLE_KEPT,
    )


class MergeTopics(Command, name="registration.merge-topics.v1", senders=("office",)):
    """Merge a topic into another that means the same: its id goes on working, and leads there from now on."""

    topic_id: Id = Field(description="the topic that is no longer offered")
    into: Id = Field(description="the topic that stays")


class RetireTopic(Command, name="registration.retire-topic.v1", senders=("office",)):
    """Offer a topic no longer; profiles that name it keep it."""

    topic_id: Id = Field(description="the topic")


class RestoreTopic(Command, name="registration.restore-topic.v1", senders=("office",)):
    """Offer a retired or merged topic again, as a topic of its own."""

    topic_id: Id = Field(description="the topic")


class TopicListed(Event, name="registration.topic-listed.v1", about="topic/{topic_id}"):
    """A topic stands in the catalogue, also one that is no longer offered."""

    topic_id: Id = Field(description="stable id")
    area: Area = Field(description="area of the catalogue")
    label: Text = Field(description="label for people")
    version: int = Field(default=1, ge=1, description="counts the topic's changes, from 1")
    forwards_to: Id | None = Field(
        default=None, description="the topic that it was merged into, which may lead on; null: it stands for itself"
    )
    retired: bool = Field(default=False, description="no longer offered; profiles that name it keep it")
    note: Text | None = Field(
        default=None, description="for the office that listed it: which other topics are called the same"
    )


class SimilarTopic(Part):
    """A topic of the catalogue that may mean the same as a proposed one."""

    topic_id: Id = Field(description="the topic; of a merged one, where it ends")
    label: Text = Field(description="its label for people")
    score: int = Field(ge=0, le=100, description="how near the labels are; 100: the same but for case and signs")
    retired: bool = Field(default=False, description="the topic is no longer offered: it may be restored")


class TopicProposed(Event, name="registration.topic-proposed.v1", about="topic-proposal/{proposal_id}"):
    """A topic was proposed for the catalogue, or the office decided on it. It never says who proposed it."""

    proposal_id: Uuid = Field(description="the proposal")
    programme_id: ProgrammeId
    area: Area = Field(description="area of the catalogue")
    label: ProposedLabel = Field(description="label as it was proposed")
    status: Literal["proposed", "accepted", "merged", "declined"] = Field(
        description="accepted: it is a topic of its own; merged: the catalogue had it already"
    )
    by: dt.date = Field(description="last day for the office's answer")
    similar: tuple[SimilarTopic, ...] = Field(
        description="near topics of the catalogue when it was proposed, the nearest first"
    )
    topic_id: Id | None = Field(default=None, description="the topic that it became or was merged into")
    rules_version: int = Field(default=1, ge=1, description=RULES_VERSION)
