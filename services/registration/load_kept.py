"""What is kept of a participant for the time after their programme; whatever may end or begin it loads this."""

from collections.abc import Callable
from typing import NamedTuple, get_args

from services.registration.model import Employment, Erasure, Participant, Person, Programme, ReservePlace, Waiting
from shared.contracts.parts import Side
from shared.runtime.decision import Get


class Kept(NamedTuple):
    """A participant with their programme and place on the reserve list, and what is kept of them for the next one.

    `waits_with`: the programme whose participant is kept for it, where that is another one of theirs. `erased`: they
    are being erased, and nothing is kept of them any more.
    """

    participant: Participant | None
    programme: Programme | None
    place: ReservePlace | None
    waiting: Waiting | None
    waits_with: Programme | None = None
    erased: bool = False
    employment: Employment | None = None


class Waited(NamedTuple):
    """That somebody has waited since an earlier programme, and the programme whose participant was kept for it."""

    waiting: Waiting
    programme: Programme | None


def waiting_id(keyed: Callable[..., str], participant: Participant) -> str:
    """The id of what is kept of a person in a role."""
    return waiting_as(keyed, participant.position, participant.role)


def waiting_as(keyed: Callable[..., str], position: str, role: Side) -> str:
    """The same, of who is known by their position alone."""
    return keyed("waiting", position, role)


def waited_in(get: Get, position: str) -> tuple[Waited, ...]:
    """What is kept of a person for a new programme, in each role."""
    found = get.all(Waiting, tuple(waiting_as(get.keyed, position, role) for role in get_args(Side)))
    return tuple(Waited(waiting, _programme_of(get, waiting)) for waiting in found if waiting is not None)


def _programme_of(get: Get, waiting: Waiting) -> Programme | None:
    participant = get(Participant, waiting.participant)
    return get(Programme, participant.programme) if participant is not None and participant.programme else None


def id_again(keyed: Callable[..., str], programme_id: str, participant: Participant) -> str:
    """The id of who comes to a programme from an earlier one: their personnel key is not known any more."""
    return again_as(keyed, programme_id, participant.position, participant.role)


def again_as(keyed: Callable[..., str], programme_id: str, position: str, role: Side) -> str:
    """The same, of who is known by their position alone."""
    return keyed("participant", programme_id, position, role)


def kept(get: Get, participant_id: str) -> Kept:
    """A participant with all that their waiting for the next programme hangs on."""
    participant = get(Participant, participant_id)
    place = get(ReservePlace, participant_id)
    if participant is None or participant.programme is None:
        return Kept(None, None, place, None)
    waiting = get(Waiting, waiting_id(get.keyed, participant))
    elsewhere = waiting is not None and waiting.participant != participant.id
    waits_with = _programme_of(get, waiting) if waiting is not None and elsewhere else None
    erased = being_erased(get(Person, participant.position), get, participant.id)
    employment = get(Employment, participant.position)
    return Kept(participant, get(Programme, participant.programme), place, waiting, waits_with, erased, employment)


def being_erased(person: Person | None, get: Get, *ids: str) -> bool:
    """Whether one of these is to be erased, and that is not done yet."""
    erasure = get(Erasure, person.erasure) if person is not None and person.erasure is not None else None
    return erasure is not None and not erasure.ids.isdisjoint(ids)
