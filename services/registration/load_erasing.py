"""Which state a message about erasing a person concerns."""

from typing import NamedTuple

from services.registration.load_leaving import Leaving, leaving_of
from services.registration.model import Contact, Erasure, Participant, Participation, Person, Programme, TookPart
from shared.contracts import registration as r
from shared.contracts.base import PeopleErased
from shared.runtime.attention import Attention
from shared.runtime.decision import DueReached, Get


class Erasing(NamedTuple):
    """Who is to be erased, with every place that is left of them, and the erasure that is under way for them."""

    person: Person | None
    places: tuple[Leaving, ...]
    erasure: Erasure | None
    contacts: tuple[Contact, ...] = ()


class Pending(NamedTuple):
    """An erasure with the programme whose office looks after it, and what that was told."""

    erasure: Erasure | None
    programme: Programme | None
    attention: Attention | None


def erasing(message: r.ErasePerson, get: Get) -> Erasing:
    """The person over all programmes."""
    person = who_is(message.participant_id, get)
    if person is None:
        return Erasing(None, (), None)
    found = get.all(Participant, [p.participant for p in person.participations])
    places = tuple(leaving_of(get, p.id) for p in found if p is not None)
    erasure = get(Erasure, person.erasure) if person.erasure else None
    contacts = get.all(Contact, [p.participant for p in person.participations])
    known = tuple(place for place in places if place.participant is not None)
    reached = tuple(contact for contact in contacts if contact is not None)
    return Erasing(person, known, erasure, reached)


def who_is(participant_id: str, get: Get) -> Person | None:
    """Who is, or was, a participant: known until no purpose of their programme is left, also when they have gone."""
    participant = get(Participant, participant_id)
    if participant is None:
        took_part = get(TookPart, participant_id)
        return get(Person, took_part.person) if took_part is not None else None
    # Who registered before persons were kept has no other participation that anybody knows of.
    return (get(Person, participant.position) or Person(id=participant.position)).joins(participant)


def confirming(message: PeopleErased, get: Get) -> Pending:
    """The erasure that a service has carried out."""
    return _pending(message.erasure_id, get)


def erasure_due(message: DueReached, get: Get) -> Pending:
    """The erasure that some have not confirmed yet."""
    return _pending(message.subject.removeprefix("erasure/"), get)


def _pending(id: str, get: Get) -> Pending:
    erasure = get(Erasure, id)
    if erasure is None:
        return Pending(None, None, None)
    programme = get(Programme, first(erasure.people).programme) if erasure.people else None
    return Pending(erasure, programme, get(Attention, erasure.told) if erasure.told else None)


def first(people: tuple[Participation, ...]) -> Participation:
    """The participation whose programme's office looks after an erasure."""
    return min(people, key=lambda p: p.programme)
