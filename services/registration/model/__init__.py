"""What registration remembers."""

from services.registration.model.hr import Employment, Reorganisation
from services.registration.model.people import Contact, Participant, Participation, Person, TookPart
from services.registration.model.programmes import ArchiveOffer, Programme
from services.registration.model.questions import Question
from services.registration.model.release import Release
from services.registration.model.rights import Erasure
from services.registration.model.still_open import MOST_OPEN, StillOpen
from services.registration.model.topics import MOST_HOPS, Topic, TopicLabel, TopicProposal
from services.registration.model.waiting import ALL_WAITING, ReservePlace, Waiting, last_day

__all__ = [
    "ALL_WAITING",
    "MOST_HOPS",
    "MOST_OPEN",
    "ArchiveOffer",
    "Contact",
    "Employment",
    "Erasure",
    "Participant",
    "Participation",
    "Person",
    "Programme",
    "Question",
    "Release",
    "Reorganisation",
    "ReservePlace",
    "StillOpen",
    "TookPart",
    "Topic",
    "TopicLabel",
    "TopicProposal",
    "Waiting",
    "last_day",
]
