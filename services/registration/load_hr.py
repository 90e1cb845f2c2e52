"""Which state a fact of HR's concerns."""

from typing import NamedTuple

from services.registration.hr_jobs import MoveMember
from services.registration.load_pausing import pause_sign
from services.registration.model import Employment, Participant, Person, Programme, Reorganisation
from services.registration.model.hr import takes_part
from shared.contracts import hr
from shared.runtime.attention import Attention
from shared.runtime.closed_set import Guard, guard_of
from shared.runtime.decision import DueReached, Get


class TakesPart(NamedTuple):
    """Somebody in a programme that is not over, and what the office was told of their pause."""

    participant: Participant
    programme: Programme
    guard: Guard
    sign: Attention | None


class Employed(NamedTuple):
    """A person with what HR said of them and where they take part; without a person nobody of ours is meant."""

    person: Person | None
    employment: Employment | None
    taking_part: tuple[TakesPart, ...] = ()


class Moving(NamedTuple):
    """A unit that moved, and somebody who may work there."""

    reorganisation: Reorganisation | None
    participant: Participant | None
    programme: Programme | None


def employed(message: hr.EmploymentChanged | hr.EmploymentEnded, get: Get) -> Employed:
    """Whom HR speaks of, known by the keyed digest of their personnel key alone."""
    return _employed(get.keyed("position", message.personnel_key), get)


def employment_due(message: DueReached, get: Get) -> Employed:
    """The person whose last day is over."""
    return _employed(message.subject.removeprefix("employment/"), get)


def _employed(id: str, get: Get) -> Employed:
    person = get(Person, id)
    if person is None:
        return Employed(None, None)
    # A handful: one a programme. Those of many years are most of them over.
    participants = get.all(Participant, [p.participant for p in person.participations])
    programmes = get.all(Programme, [p.programme for p in person.participations])
    found = tuple(
        TakesPart(participant, programme, guard_of(get, programme.id), pause_sign(participant, get))
        for participant, programme in zip(participants, programmes, strict=True)
        if participant is not None and programme is not None and takes_part(participant, programme)
    )
    return Employed(person, get(Employment, id), found)


def reorganised(message: hr.UnitMoved, get: Get) -> Reorganisation | None:
    """What was said of this move before."""
    return get(Reorganisation, message.reorganisation_id)


def moving(message: MoveMember, get: Get) -> Moving:
    """The move, and somebody whom it may concern."""
    participant = get(Participant, message.participant_id)
    programme = get(Programme, participant.programme) if participant and participant.programme else None
    return Moving(get(Reorganisation, message.reorganisation_id), participant, programme)
