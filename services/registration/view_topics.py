"""Topics in the office's view: who offers what and who asks for what, and what is proposed."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable

from pydantic import BaseModel

from services.registration.checks import words
from services.registration.model import Participant, Topic, TopicProposal
from services.registration.model.topics import as_named
from shared.contracts.base import Text
from shared.contracts.registration import ProposedLabel, SimilarTopic
from shared.runtime.forwarding import as_one, ends_of


class TopicRow(BaseModel):
    """A topic with how many registered people name it: mentors as a strength, mentees as a concern."""

    topic_id: str
    area: str
    label: Text
    version: int
    retired: bool
    mentors: int
    mentees: int


class TopicProposalRow(BaseModel):
    """A proposed topic; `by`: the last day for the office's answer; not who proposed it."""

    proposal_id: str
    area: str
    label: ProposedLabel
    status: str
    by: dt.date
    similar: tuple[SimilarTopic, ...]
    topic_id: str | None


def topic_rows(topics: Iterable[Topic], people: Iterable[Participant]) -> tuple[TopicRow, ...]:
    """Every topic that stands for itself, those first for which mentors are to be asked: most lacking, then by id.

    Who named a merged topic counts where it ends; a topic that the profile names by two ids counts once.
    """
    topics = tuple(topics)
    ends = ends_of({topic.id: topic.forwards_to for topic in topics})
    counts: Counter[tuple[str, str]] = Counter()
    for person in people:
        if person.status == "registered":
            named = person.profile.strengths if person.role == "mentor" else person.profile.concerns
            counts.update((person.role, level.topic_id) for level in as_one(named, ends))
    rows = [
        TopicRow(
            topic_id=topic.id,
            area=topic.area,
            label=topic.label,
            version=topic.version,
            retired=topic.retired,
            mentors=counts["mentor", topic.id],
            mentees=counts["mentee", topic.id],
        )
        for topic in topics
        if topic.id not in ends
    ]
    return tuple(sorted(rows, key=lambda row: (row.mentors - row.mentees, row.topic_id)))


def label_notes(topics: Iterable[Topic]) -> tuple[Text, ...]:
    """Which topics that are offered are called the same in a language: people would choose between them by chance."""
    called: dict[tuple[str, str], list[str]] = defaultdict(list)
    for topic in topics:
        if topic.is_offered:
            for language, label in (("de", topic.label.de), ("en", topic.label.en)):
                called[language, as_named(label)].append(topic.id)
    same = sorted({tuple(sorted(ids)) for ids in called.values() if len(ids) > 1})
    return tuple(words("same-label", topics=", ".join(ids)) for ids in same)


def labels_of(proposals: Iterable[TopicProposal]) -> dict[str, str]:
    """What each proposed topic is called, by the proposal's subject: several wait for the office alike."""
    return {proposal.subject: " / ".join(dict.fromkeys(proposal.labels)) for proposal in proposals}


def proposal_rows(proposals: Iterable[TopicProposal]) -> tuple[TopicProposalRow, ...]:
    """What is proposed: what waits for the office first, by its day."""
    rows = [
        TopicProposalRow(
            proposal_id=proposal.id,
            area=proposal.area,
            label=proposal.label,
            status=proposal.status,
            by=proposal.by,
            similar=proposal.similar,
            topic_id=proposal.topic_id,
        )
        for proposal in proposals
    ]
    return tuple(sorted(rows, key=lambda row: (row.status != "proposed", row.by, row.proposal_id)))
