"""What registration keeps of a programme for which purpose, and what stays when all are over.

Who agreed to be asked again when a new programme opens waits for that with name, address and last profile: those stay
until the waiting ends, 24 months at most, and go then (`retention.forgotten`).
"""

from services.registration.concerns import without_proposer
from services.registration.load_kept import waiting_id
from services.registration.model import (
    ArchiveOffer,
    Contact,
    Employment,
    Erasure,
    Participant,
    Person,
    Programme,
    Question,
    Release,
    Reorganisation,
    ReservePlace,
    StillOpen,
    Topic,
    TopicLabel,
    TopicProposal,
    Waiting,
)
from services.registration.model.my_data import DataPart, DataRequest
from shared.runtime.aggregate import Aggregate
from shared.runtime.closed_set import Guard
from shared.runtime.decision import Get
from shared.runtime.table import Going, Keeps


def still_waits(participant: Participant, get: Get) -> bool:
    """Whether somebody waits for a new programme with what is kept of them here."""
    waiting = get(Waiting, waiting_id(get.keyed, participant))
    return waiting is not None and waiting.participant == participant.id


def participant_goes(participant: Participant, get: Get) -> Going:
    """A participant with what is kept of them over all programmes, as far as it is about this one."""
    if still_waits(participant, get):
        return ()
    gone = frozenset({participant.id})
    person, employment = get(Person, participant.position), get(Employment, participant.position)
    over_all: list[tuple[Aggregate, Aggregate | None]] = []
    if person is not None and participant.id in {p.participant for p in person.participations}:
        # An erasure that is under way finds them by it until then.
        left = person.without(gone)
        over_all.append((person, left.but(erasure=person.erasure) if left else None))
    if employment is not None and participant.id in employment.participants:
        over_all.append((employment, employment.without(gone)))
    return ((participant, None), *over_all)


def with_participant(aggregate: Contact | ReservePlace, get: Get) -> Going:
    """What somebody who waits is reached by goes with them."""
    participant = get(Participant, aggregate.id)
    return () if participant is not None and still_waits(participant, get) else ((aggregate, None),)


def proposal_goes(proposal: TopicProposal, get: Get) -> Going:
    """A topic that was proposed stays, for the catalogue, without its proposer."""
    left = without_proposer(proposal)
    return () if left == proposal else ((proposal, left),)


KEEPS = (
    Keeps(Participant, "people", participant_goes),
    Keeps(Contact, "people", with_participant),
    Keeps(ReservePlace, "people", with_participant),
    Keeps(Question, "people"),
    Keeps(StillOpen, "people"),
    Keeps(Release, "people"),
    Keeps(TopicProposal, "people", proposal_goes),
)
STAYS = {
    Programme: "title, dates, rules and criteria, which a new wave copies; the digest of who was in it leads to nobody",
    ArchiveOffer: "kinds and counts, and what the archive answered",
    Guard: "that registration is closed, for every replica",
    Topic: "the catalogue of all programmes",
    TopicLabel: "which topics were listed under a label",
    Reorganisation: "where a unit went; nobody's data",
    Person: "of all programmes; it goes with the last participant",
    Employment: "of all programmes; it goes with the last participant",
    Waiting: "who agreed to be asked again, until the day that it names itself, 24 months at most",
    DataRequest: "what somebody asked to see, until it was fetched, a week at most",
    DataPart: "goes with its request",
    Erasure: "forgets whom it is about when every service has confirmed; then it is the proof",
}
"""What stays, and why it may."""
