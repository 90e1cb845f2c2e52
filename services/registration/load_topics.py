"""Which state a message about the catalogue concerns."""

from collections.abc import Collection
from typing import NamedTuple

from services.registration.model import (
    MOST_HOPS,
    Participant,
    Programme,
    StillOpen,
    Topic,
    TopicLabel,
    TopicProposal,
)
from services.registration.suggesting import Suggested
from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.runtime.attention import Attention
from shared.runtime.decision import Get
from shared.runtime.forwarding import ends_of
from shared.runtime.ids import derived_id


class Called(NamedTuple):
    """The documents of a topic's labels, and the topics that were listed under them."""

    labels: tuple[TopicLabel, ...] = ()
    topics: tuple[Topic, ...] = ()


class Adding(NamedTuple):
    """A topic, and who else is called so."""

    topic: Topic | None
    called: Called


class Merging(NamedTuple):
    """A topic, and where the id that it shall be merged into ends."""

    topic: Topic | None
    into: Topic | None


class Proposing(NamedTuple):
    """A programme, who proposes, the same proposal of theirs from before, and what else of theirs is open."""

    programme: Programme | None
    participant: Participant | None
    before: TopicProposal | None
    still_open: StillOpen | None


class ProposalOf(NamedTuple):
    """A proposal with its programme, who proposed it, the sign to the office, and the topic that the answer names.

    `still_open`: what of the proposer waits for the office.
    """

    proposal: TopicProposal | None
    programme: Programme | None
    proposer: Participant | None
    sign: Attention | None
    topic: Topic | None
    called: Called = Called()
    still_open: StillOpen | None = None


class Named(NamedTuple):
    """Where ids lead (`ends`: of merged topics only), and all topics on the way by their own ids."""

    ends: dict[str, str]
    known: dict[str, Topic]

    def end(self, id: str) -> str:
        """Where an id leads."""
        return self.ends.get(id, id)


def named(get: Get, ids: Collection[str]) -> Named:
    """Where ids lead, however often topics were merged; an id that the catalogue does not have leads to itself.

    Profiles hang on topics that they do not write, or all people's messages would write the same few documents. A topic
    that is merged or retired at the same moment may thus be named once more, as if that had come first: readers follow
    forwards, and what is retired stays where it is named.
    """
    found: dict[str, Topic] = {}
    asked = sorted(set(ids))
    for _ in range(MOST_HOPS + 1):
        found |= {topic.id: topic for topic in get.all(Topic, asked) if topic is not None}
        asked = sorted({t.forwards_to for t in found.values() if t.forwards_to is not None} - found.keys())
        if not asked:
            break
    ends = ends_of({topic.id: topic.forwards_to for topic in found.values()})
    return Named(ends, found)


def _end(get: Get, id: str) -> Topic | None:
    found = named(get, (id,))
    return found.known.get(found.end(id))


def adding(message: r.AddTopic, get: Get) -> Adding:
    """The topic, and who else is called so."""
    return Adding(get(Topic, message.topic_id), _called(get, message.label))


def _called(get: Get, label: Text) -> Called:
    ids = TopicLabel.ids_of(label)
    labels = tuple(found or TopicLabel(id=id) for id, found in zip(ids, get.all(TopicLabel, ids), strict=True))
    named = sorted({topic for each in labels for topic in each.topics})
    return Called(labels, tuple(topic for topic in get.all(Topic, named) if topic is not None))


def topic_of(message: r.RetireTopic | r.RestoreTopic, get: Get) -> Topic | None:
    """The topic."""
    return get(Topic, message.topic_id)


def merging(message: r.MergeTopics, get: Get) -> Merging:
    """The topic, and where the other ends."""
    return Merging(get(Topic, message.topic_id), _end(get, message.into))


def proposing(message: r.ProposeTopic, get: Get) -> Proposing:
    """The programme, who proposes, and what they proposed in the same words."""
    participant = get(Participant, message.participant_id) if message.participant_id else None
    before = get(TopicProposal, get.keyed(*proposal_key(message)))
    still_open = get(StillOpen, participant.id) if participant is not None else None
    return Proposing(get(Programme, message.programme_id), participant, before, still_open)


def proposal_key(message: r.ProposeTopic) -> tuple[object, ...]:
    """What makes a proposal the same: who proposes it where, and its words."""
    label = message.label
    return ("topic-proposal", message.programme_id, message.participant_id or "", label.de or "", label.en or "")


def sign_id(proposal_id: str) -> str:
    """The id of the exception that tells the office of a proposal."""
    return derived_id("attention", "topic-proposed", proposal_id)


def suggested(message: Suggested, get: Get) -> ProposalOf:
    """The proposal that near topics were found for, and the one of them that is called the same."""
    proposal = get(TopicProposal, message.proposal_id)
    near = (each for each in message.similar if proposal is not None and proposal.is_called(each.label))
    same = next((each.topic_id for each in near if not each.retired), None)
    return _proposal(message.proposal_id, get(Topic, same) if same is not None else None, get)


def accepting(message: r.AcceptTopic, get: Get) -> ProposalOf:
    """The proposal, and the topic that has the id already."""
    found = _proposal(message.proposal_id, get(Topic, message.topic_id), get)
    label = message.label or (found.proposal.full_label if found.proposal is not None else None)
    return found if label is None else found._replace(called=_called(get, label))


def answering(message: r.MergeTopicProposal, get: Get) -> ProposalOf:
    """The proposal, and the topic where the id ends that answers it."""
    return _proposal(message.proposal_id, _end(get, message.into), get)


def declining(message: r.DeclineTopic, get: Get) -> ProposalOf:
    """The proposal."""
    return _proposal(message.proposal_id, None, get)


def _proposal(id: str, topic: Topic | None, get: Get) -> ProposalOf:
    proposal = get(TopicProposal, id)
    if proposal is None or proposal.programme is None:
        return ProposalOf(None, None, None, None, topic)
    proposer = get(Participant, proposal.proposer) if proposal.proposer else None
    still_open = get(StillOpen, proposal.proposer) if proposal.proposer else None
    programme, sign = get(Programme, proposal.programme), get(Attention, sign_id(id))
    return ProposalOf(proposal, programme, proposer, sign, topic, still_open=still_open)
