"""What registration holds of people, and what is left of it without them."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, get_args

from services.registration.load_asking import question_attention
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
from shared.contracts.parts import NOBODY, Side
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention
from shared.runtime.closed_set import Guard
from shared.runtime.decision import Get
from shared.runtime.table import Concerns, nothing_shown


def _with_its_parts(request: DataRequest, get: Get) -> tuple[tuple[Aggregate, None], ...]:
    parts = get.all(DataPart, request.parts)
    return tuple((part, None) for part in parts if part is not None)


def _nobody_answers(question: Question, get: Get) -> tuple[tuple[Aggregate, Aggregate], ...]:
    """Without the question nobody could answer it: the office has nothing to do any more, and is told so."""
    waits = get(Attention, question_attention(question.id))
    if waits is None or waits.status == "settled":
        return ()
    whom = tuple(subject.replace(question.participant, NOBODY) for subject in waits.whom)
    return ((waits, waits.but(whom=whom).settled()),)


def named_by_key(data: Mapping[str, Any], programmes: Collection[str], keyed: Callable[..., str]) -> set[str]:
    """The participants whom a message names by personnel key: a registration, or a fact of HR's."""
    key = data.get("personnel_key")
    if not isinstance(key, str):
        return set()
    roles = ((), *((side,) for side in get_args(Side)))
    # Who came again from an earlier programme has an id that follows from their position.
    known_by = (key, keyed("position", key))
    return {keyed("participant", programme, by, *role) for programme in programmes for by in known_by for role in roles}


def without_proposer(proposal: TopicProposal) -> TopicProposal:
    """The proposal without by whom it was, and without what the office wrote to them."""
    return proposal.but(proposer=None, reason=None)


CONCERNS = (
    Concerns(Participant, lambda participant: {participant.id}, starts=("recount",)),
    Concerns(Contact, lambda contact: {contact.id}),
    Concerns(Question, lambda question: {question.participant}, also=_nobody_answers),
    Concerns(StillOpen, lambda still_open: {still_open.id}),
    Concerns(Release, lambda release: {release.id}),
    Concerns(ReservePlace, lambda place: {place.id}),
    # They wait for a programme that is not there yet.
    Concerns(Waiting, lambda waiting: {waiting.participant}, everywhere=True),
    Concerns(
        Person,
        lambda person: {p.participant for p in person.participations},
        lambda person, people: person.without(people),
        everywhere=True,
    ),
    Concerns(
        Employment,
        lambda employment: set(employment.participants),
        lambda employment, people: employment.without(people),
        everywhere=True,
    ),
    Concerns(
        TopicProposal,
        lambda proposal: {proposal.proposer} - {None},
        lambda proposal, people: without_proposer(proposal),
    ),
    Concerns(
        DataRequest,
        lambda request: {p.participant_id for p in request.people},
        also=_with_its_parts,
        shows=nothing_shown,
        everywhere=True,
    ),
)
IMPERSONAL = (Programme, ArchiveOffer, Reorganisation, Topic, TopicLabel, Guard, DataPart, Erasure)
"""What names nobody: parts go with their request; an erasure forgets whom it is about when all have confirmed."""
