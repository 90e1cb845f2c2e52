"""What registration has published of each aggregate, as it is said again whenever a reader asks."""

from services.registration.model import (
    ArchiveOffer,
    Contact,
    Erasure,
    Participant,
    Programme,
    Question,
    Release,
    Topic,
    TopicProposal,
)
from services.registration.release_words import release_said
from shared.contracts import registration as r
from shared.runtime.table import Publishes

PROGRAMMES: dict[str, type[r.ProgrammePlan]] = {
    "draft": r.ProgrammeDrafted,
    "discarded": r.ProgrammeDiscarded,
    "ended": r.ProgrammeEnded,
    "archived": r.ProgrammeArchived,
}
"""Every other is said as one that changed."""


def programme(programme: Programme) -> r.ProgrammePlan:
    """A programme as it stands."""
    return PROGRAMMES.get(programme.status, r.ProgrammeChanged)(**programme.published())


def archive_offer(offer: ArchiveOffer) -> r.ArchiveOfferState:
    """What the archive was offered, and what it answered."""
    kind = r.ArchiveOffered if offer.taken is None else r.ArchiveDecided
    return kind(**offer.published())


def topic(topic: Topic) -> r.TopicListed:
    """A topic of the catalogue."""
    return r.TopicListed.model_validate(topic.published())


def topic_proposal(proposal: TopicProposal) -> r.TopicProposed:
    """A topic that was proposed."""
    return r.TopicProposed.model_validate(proposal.published())


def participant(participant: Participant) -> r.ParticipantState:
    """A participant, also one who left."""
    kind = r.ParticipantWithdrew if participant.status == "withdrawn" else r.ParticipantChanged
    return kind(**participant.published())


def contact(contact: Contact) -> r.ContactRecorded:
    """How to reach a participant."""
    return r.ContactRecorded(**contact.published())


def question(question: Question) -> r.QuestionState:
    """A question to the office, without its words."""
    kind = r.QuestionAnswered if question.status == "answered" else r.QuestionAsked
    return kind(**question.published())


def erasure(erasure: Erasure) -> r.ErasureState:
    """An erasure, under way or done; whom it is about is not said."""
    kind = r.PersonErased if erasure.status == "erased" else r.ErasureRequested
    return kind(**erasure.published())


PUBLISHES = (
    Publishes(Programme, programme),
    Publishes(ArchiveOffer, archive_offer),
    Publishes(Topic, topic),
    Publishes(TopicProposal, topic_proposal),
    Publishes(Participant, participant),
    Publishes(Contact, contact),
    Publishes(Question, question),
    Publishes(Release, release_said),
    Publishes(Erasure, erasure),
)
