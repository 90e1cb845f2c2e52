"""What registration remembers."""

from services.registration.model.hr import Employment, Reorganisation
from services.registration.model.people import Contact, Participant, Participation, Person
from services.registration.model.programmes import ArchiveOffer, Programme, seal_of
from services.registration.model.rights import Erasure
from services.registration.model.topics import MOST_HOPS, Topic, TopicProposal

__all__ = [
    "MOST_HOPS",
    "ArchiveOffer",
    "Contact",
    "Employment",
    "Erasure",
    "Participant",
    "Participation",
    "Person",
    "Programme",
    "Reorganisation",
    "Topic",
    "TopicProposal",
    "seal_of",
]
