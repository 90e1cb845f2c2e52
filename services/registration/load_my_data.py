"""Which state a message about somebody's own data concerns."""

from collections.abc import Sequence
from typing import NamedTuple

from services.registration.load_erasing import who_is
from services.registration.model import Person
from services.registration.model.my_data import Answer, DataPart, DataRequest
from shared.contracts import registration as r
from shared.contracts.base import PersonShown
from shared.runtime.decision import DueReached, Get, Internal


class Taken(Internal):
    """Somebody fetches the document of a request; `token` is the digest of what they showed."""

    request_id: str
    token: str
    taker: str


class Asking(NamedTuple):
    """Who asks, over all programmes, and what they asked for before."""

    person: Person | None
    request: DataRequest | None = None
    parts: tuple[DataPart, ...] = ()


class Told(NamedTuple):
    """A request that a service answers, and what is left of an older answer of that service."""

    request: DataRequest | None
    older: tuple[DataPart, ...] = ()


class Collected(NamedTuple):
    """A request with all that was told for it so far."""

    request: DataRequest | None
    parts: tuple[DataPart, ...] = ()


def asking(message: r.ShowMyData, get: Get) -> Asking:
    """Who asks."""
    person = who_is(message.participant_id, get)
    if person is None or person.data_request is None:
        return Asking(person)
    return Asking(person, *_collected(person.data_request, get))


def answer_of(message: PersonShown) -> Answer:
    """Which answer of a service a part belongs to."""
    return message.asked, message.attempt


def request_of(message: PersonShown, get: Get) -> Told:
    """The request that a service answers."""
    request = get(DataRequest, message.request_id)
    if request is None or answer_of(message) <= request.answers.get(message.service, (0, 0)):
        return Told(request)
    return Told(request, _parts(request.parts_of(message.service), get))


def collected(message: DueReached | Taken, get: Get) -> Collected:
    """A request with its parts."""
    id = message.request_id if isinstance(message, Taken) else message.subject.removeprefix("data-request/")
    return _collected(id, get)


def _collected(id: str, get: Get) -> Collected:
    request = get(DataRequest, id)
    return Collected(request, _parts(request.parts, get) if request is not None else ())


def _parts(ids: Sequence[str], get: Get) -> tuple[DataPart, ...]:
    return tuple(part for part in get.all(DataPart, ids) if part is not None)
