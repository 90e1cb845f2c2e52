"""Which state concerns who waits for a programme."""

from typing import NamedTuple

from services.registration.load_kept import Kept, id_again, kept
from services.registration.load_people import earlier_in, erased_as, topics_of
from services.registration.load_topics import Named
from services.registration.model import Contact, Participant, Person, Programme, Waiting
from services.registration.waiting_jobs import AskAgain, KeepWaiting
from shared.contracts import matching
from shared.contracts import registration as r
from shared.runtime.closed_set import Guard, guard_of
from shared.runtime.decision import DueReached, Get


class Asked(NamedTuple):
    """Somebody who waits, and the programme to which they may come; `in_it`: they do already."""

    waiting: Waiting | None
    programme: Programme | None
    in_it: bool


class Rejoining(NamedTuple):
    """Somebody who waits with all that coming to a new programme hangs on."""

    kept: Kept
    contact: Contact | None
    programme: Programme | None
    guard: Guard
    earlier: tuple[Participant, ...]
    person: Person | None
    topics: Named
    erased: bool


class Over(NamedTuple):
    """Somebody who has waited, and the programme in which they began to."""

    waiting: Waiting | None
    programme: Programme | None


def placed(message: matching.ReserveState | KeepWaiting, get: Get) -> Kept:
    """Of whom matching speaks, or whose programme has ended."""
    return kept(get, message.participant_id)


def asked(message: AskAgain, get: Get) -> Asked:
    """Who waits, and the new programme."""
    waiting = get(Waiting, message.waiting_id)
    person = get(Person, waiting.person) if waiting is not None else None
    here = earlier_in(message.programme_id, person, get)
    return Asked(waiting, get(Programme, message.programme_id), any(p.status == "registered" for p in here))


def rejoining(message: r.JoinAgain, get: Get) -> Rejoining:
    """Who comes again, and the programme to which they come."""
    found = kept(get, message.participant_id)
    participant = found.participant
    person = get(Person, participant.position) if participant is not None else None
    earlier = earlier_in(message.programme_id, person, get)
    ids = [message.participant_id, *(one.id for one in earlier)]
    if participant is not None:
        ids.append(id_again(get.keyed, message.programme_id, participant))
    return Rejoining(
        found,
        get(Contact, message.participant_id),
        get(Programme, message.programme_id),
        guard_of(get, message.programme_id),
        earlier,
        person,
        topics_of(get, *((participant.profile,) if participant is not None else ())),
        erased_as(person, get, *ids),
    )


def waiting_due(message: DueReached, get: Get) -> Over:
    """Who has waited long enough."""
    waiting = get(Waiting, message.subject.removeprefix("waiting/"))
    participant = get(Participant, waiting.participant) if waiting is not None else None
    programme = get(Programme, participant.programme) if participant and participant.programme else None
    return Over(waiting, programme)
