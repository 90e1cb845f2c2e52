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
    TookPart,
    Topic,
    TopicLabel,
    TopicProposal,
    Waiting,
)
from services.registration.model.my_data import DataPart, DataRequest
from services.registration.model.release import address_id
from shared.contracts.parts import NOBODY, Side
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention
from shared.runtime.closed_set import Guard
from shared.runtime.decision import Get
from shared.runtime.table import Concerns, all_of_it, nothing_shown


def _with_its_parts(request: DataRequest, get: Get) -> tuple[tuple[Aggregate, None], ...]:
    parts = get.all(DataPart, request.parts)
    return tuple((part, None) for part in parts if part is not None)


def employment_of(person: Person, get: Get) -> tuple[Employment, ...]:
    """What HR said of somebody: kept as long as they are, since it may still end something anywhere."""
    employment = get(Employment, person.id)
    return (employment,) if employment is not None else ()


def _nobody_answers(question: Question, get: Get) -> tuple[tuple[Aggregate, Aggregate], ...]:
    """Without the question nobody could answer it: the office has nothing to do any more, and is told so."""
    waits = get(Attention, question_attention(question.id))
    if waits is None or waits.status == "settled":
        return ()
    whom = tuple(subject.replace(question.participant, NOBODY) for subject in waits.whom)
    return ((waits, waits.but(whom=whom).settled()),)


def named_by_key(data: Mapping[str, Any], programmes: Collection[str], keyed: Callable[..., str]) -> set[str]:
    """Whom a message names by personnel key, as itself or as somebody's superior, and by a line manager's address.

    That is a registration, a decision on a release, or a fact of HR's.
    """
    superiors = data.get("superiors")
    named = (data.get("personnel_key"), data.get("superior"), *(superiors if isinstance(superiors, list) else ()))
    keys = {key for key in named if isinstance(key, str)}
    roles = ((), *((side,) for side in get_args(Side)))
    # Who came again from an earlier programme has an id that follows from their position.
    known_by = keys | {keyed("position", key) for key in keys}
    ids = {keyed("participant", programme, by, *role) for programme in programmes for by in known_by for role in roles}
    mail = data.get("releaser_mail")
    return ids | {address_id(mail, keyed)} if isinstance(mail, str) else ids


def _release_shown(release: Release, people: frozenset[str]) -> Mapping[str, Any]:
    """Their release; what the line manager's address is found by is not theirs."""
    return {name: value for name, value in all_of_it(release, people).items() if name != "releaser"}


def without_proposer(proposal: TopicProposal) -> TopicProposal:
    """The proposal without by whom it was, and without what the office wrote to them."""
    return proposal.but(proposer=None, reason=None)


CONCERNS = (
    Concerns(Participant, lambda participant: {participant.id}, starts=("recount",)),
    Concerns(Contact, lambda contact: {contact.id}),
    Concerns(Question, lambda question: {question.participant}, also=_nobody_answers),
    Concerns(StillOpen, lambda still_open: {still_open.id}),
    # A line manager who is asked in one programme may take part in another.
    Concerns(
        Release,
        lambda release: {release.id, release.releaser} - {None},
        lambda release, people: release.without(people),
        shows=_release_shown,
        everywhere=True,
    ),
    Concerns(ReservePlace, lambda place: {place.id}),
    # They wait for a programme that is not there yet.
    Concerns(Waiting, lambda waiting: {waiting.participant}, everywhere=True),
    Concerns(
        Person,
        lambda person: {p.participant for p in person.participations},
        lambda person, people: person.without(people),
        along=employment_of,
        leads_to=lambda person, ids: ((Employment, person.id),),
        everywhere=True,
    ),
    Concerns(TookPart, lambda took_part: {took_part.id}),
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
IMPERSONAL = (Programme, ArchiveOffer, Reorganisation, Topic, TopicLabel, Guard, DataPart, Employment, Erasure)
"""What names nobody: parts go with their request, an employment with its person; an erasure forgets whom it is about
when all have confirmed."""
