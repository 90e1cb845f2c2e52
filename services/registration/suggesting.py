"""What the search for near topics reads, and what it hands over."""

from pydantic import BaseModel

from services.registration.model import Topic, TopicProposal
from shared.contracts.base import Text
from shared.contracts.registration import SimilarTopic
from shared.runtime.decision import Internal
from shared.runtime.forwarding import ends_of
from shared.runtime.table import Reader


class Suggested(Internal):
    """The topics that may mean the same as a proposed one, the nearest first."""

    proposal_id: str
    similar: tuple[SimilarTopic, ...]


class Known(BaseModel):
    """The labels of a topic, and the topic where its id ends."""

    labels: tuple[str, ...]
    ends_at: str


class Offered(BaseModel):
    """A topic that stands for itself."""

    label: Text
    retired: bool


class Catalogue(BaseModel):
    """A proposal's labels beside those of all topics; the labels of merged topics go on speaking for where they end."""

    proposal_id: str
    proposed: tuple[str, ...]
    known: tuple[Known, ...]
    offered: dict[str, Offered]


async def catalogue(ref: str, read: Reader) -> Catalogue:
    """All topics, and what is proposed; the reference is the proposal's id. Raises LookupError without a proposal."""
    proposal = await read.get(TopicProposal, ref)
    if proposal is None:
        raise LookupError(ref)
    topics = await read.find(Topic, None)
    ends = ends_of({topic.id: topic.forwards_to for topic in topics})
    return Catalogue(
        proposal_id=ref,
        proposed=proposal.labels,
        known=tuple(
            Known(labels=(topic.label.de, topic.label.en), ends_at=ends.get(topic.id, topic.id)) for topic in topics
        ),
        offered={
            topic.id: Offered(label=topic.label, retired=topic.retired) for topic in topics if topic.id not in ends
        },
    )
