"""What registration remembers."""

from services.registration.model.people import Contact, Participant, Participation, Person
from services.registration.model.programmes import ArchiveOffer, Programme, seal_of
from services.registration.model.topics import MOST_HOPS, Topic, TopicProposal

__all__ = [
    "MOST_HOPS",
    "ArchiveOffer",
    "Contact",
    "Participant",
    "Participation",
    "Person",
    "Programme",
    "Topic",
    "TopicProposal",
    "seal_of",
]
