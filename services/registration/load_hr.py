"""Which state a fact of HR's concerns."""

from typing import NamedTuple

from services.registration.hr_jobs import MoveMember
from services.registration.load_kept import Waited, waited_in
from services.registration.load_leaving import Leaving, leaving_of
from services.registration.model import Employment, Participant, Person, Programme, Reorganisation
from services.registration.model.hr import takes_part
from shared.contracts import hr
from shared.runtime.decision import DueReached, Get


class Employed(NamedTuple):
    """A person with what HR said of them and where they take part; without a person nobody of ours is meant.

    `waits`: what is kept of them for the next programme, in either role. `agreed`: who they were in programmes that are
    over, where they agreed to that, so that it may still begin. `profiled`: a profile of theirs is kept somewhere.
    """

    person: Person | None
    employment: Employment | None
    taking_part: tuple[Leaving, ...] = ()
    waits: tuple[Waited, ...] = ()
    agreed: tuple[Participant, ...] = ()
    profiled: bool = False


class Moving(NamedTuple):
    """A unit that moved, and somebody who may work there, with what HR said of their post."""

    reorganisation: Reorganisation | None
    participant: Participant | None
    programme: Programme | None
    employment: Employment | None


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
    everywhere = [leaving_of(get, p.participant) for p in person.participations]
    found = tuple(
        one for one in everywhere if one.participant and one.programme and takes_part(one.participant, one.programme)
    )
    agreed = tuple(p for one in everywhere if (p := one.participant) and one.programme and _agreed(p, one.programme))
    profiled = any(one.participant is not None for one in everywhere)
    return Employed(person, get(Employment, id), found, waited_in(get, id), agreed, profiled)


def _agreed(participant: Participant, programme: Programme) -> bool:
    return programme.is_over and participant.status == "registered" and participant.consents.reserve


def reorganised(message: hr.UnitMoved, get: Get) -> Reorganisation | None:
    """What was said of this move before."""
    return get(Reorganisation, message.reorganisation_id)


def moving(message: MoveMember, get: Get) -> Moving:
    """The move, and somebody whom it may concern."""
    participant = get(Participant, message.participant_id)
    programme = get(Programme, participant.programme) if participant and participant.programme else None
    employment = get(Employment, participant.position) if participant is not None else None
    return Moving(get(Reorganisation, message.reorganisation_id), participant, programme, employment)
