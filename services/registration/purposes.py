"""What registration keeps of a programme for which purpose, and what stays when all are over.

When its people go, other services keep tandems and answers under their ids until `tandems_days` and `answers_days` are
over. Until the last of these days registration keeps whose id that was, and nothing else of them (`TookPart`, and their
`Person`): else nobody could see or erase what the others hold (Art. 15 and 17 GDPR; Art. 11 would leave them without).

Who agreed to be asked again when a new programme opens waits for that with name, address and last profile: those stay
until the waiting ends, 24 months at most, and go then (`retention.forgotten`).
"""

from services.registration.concerns import employment_of, without_proposer
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
    TookPart,
    Topic,
    TopicLabel,
    TopicProposal,
    Waiting,
)
from services.registration.model.hr import Post
from services.registration.model.my_data import DataPart, DataRequest
from shared.runtime.aggregate import Aggregate
from shared.runtime.closed_set import Guard
from shared.runtime.decision import Get
from shared.runtime.retention import PURPOSES
from shared.runtime.table import Going, Keeps


def still_waits(participant: Participant, get: Get) -> bool:
    """Whether somebody waits for a new programme with what is kept of them here."""
    waiting = get(Waiting, waiting_id(get.keyed, participant))
    return waiting is not None and waiting.participant == participant.id


def participant_goes(participant: Participant, get: Get) -> Going:
    """A participant; while something else of their programme is kept anywhere, whose id that was stays."""
    if still_waits(participant, get):
        return ()
    person, programme = get(Person, participant.position), get(Programme, participant.programme or "")
    if programme is None or set(PURPOSES) <= set(programme.gone):
        without = _without(participant.id, person, get)
        gone = {aggregate.subject for aggregate, _ in without}
        post = [(one, left) for one, left in _post_goes(participant, person, get) if one.subject not in gone]
        return ((participant, None), *without, *post)
    # If the last purpose is over, or they are erased, at this moment, this is found by the sweep that follows.
    stays: list[Aggregate] = [TookPart(id=participant.id, programme=programme.id, person=participant.position)]
    known = (person or Person(id=participant.position)).joins(participant)
    if known != person:
        # They registered before persons were kept.
        stays.append(known)
    return ((participant, None), *((each, each) for each in stays), *_post_goes(participant, person, get))


def _post_goes(participant: Participant, person: Person | None, get: Get) -> Going:
    """What HR said of a post goes with the last profile of theirs; how far its word is followed, and the end, stay."""
    if person is None:
        return ()
    others = [p.participant for p in person.participations if p.participant != participant.id]
    if any(other is not None for other in get.all(Participant, others)):
        return ()
    return tuple((one, one.but(post=Post())) for one in employment_of(person, get) if one.post != Post())


def took_part_goes(took_part: TookPart, get: Get) -> Going:
    """Nobody keeps anything under this id any more."""
    return ((took_part, None), *_without(took_part.id, get(Person, took_part.person), get))


def _without(participant: str, person: Person | None, get: Get) -> Going:
    """A person over all programmes without one of them; with the last one goes what is kept along with the person."""
    if person is None or participant not in {p.participant for p in person.participations}:
        return ()
    left = person.without(frozenset({participant}))
    if left is None:
        return ((person, None), *((each, None) for each in employment_of(person, get)))
    # An erasure that is under way is found by it.
    return ((person, left.but(erasure=person.erasure)),)


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
    Keeps(TookPart, "all", took_part_goes),
)
STAYS = {
    Programme: "title, dates, rules and criteria, which a new wave copies; the digest of who was in it leads to nobody",
    ArchiveOffer: "kinds and counts, and what the archive answered",
    Guard: "that registration is closed, for every replica",
    Topic: "the catalogue of all programmes",
    TopicLabel: "which topics were listed under a label",
    Reorganisation: "where a unit went; nobody's data",
    Person: "ids in all programmes; each goes when no purpose of its programme is left, and the person with the last",
    Employment: "how far HR's word is followed, and the last day; goes with the person, the post with the last profile",
    Waiting: "who agreed to be asked again, until the day that it names itself, 24 months at most",
    DataRequest: "what somebody asked to see, until it was fetched, a week at most",
    DataPart: "goes with its request",
    Erasure: "forgets whom it is about when every service has confirmed; then it is the proof",
}
"""What stays, and why it may."""
