"""Which state a message about somebody's own data concerns."""

from typing import NamedTuple

from services.registration.model import Participant, Person
from services.registration.model.my_data import DataPart, DataRequest
from shared.contracts import registration as r
from shared.contracts.base import PersonShown
from shared.runtime.decision import DueReached, Get, Internal


class Taken(Internal):
    """Somebody fetches the document of a request."""

    request_id: str
    taker: str


class Asking(NamedTuple):
    """Who asks: one of their participations, and the person over all programmes."""

    participant: Participant | None
    person: Person | None


class Collected(NamedTuple):
    """A request with all that was told for it so far."""

    request: DataRequest | None
    parts: tuple[DataPart, ...] = ()


def asking(message: r.ShowMyData, get: Get) -> Asking:
    """Who asks."""
    participant = get(Participant, message.participant_id)
    return Asking(participant, get(Person, participant.position) if participant else None)


def request_of(message: PersonShown, get: Get) -> DataRequest | None:
    """The request that a service answers."""
    return get(DataRequest, message.request_id)


def collected(message: DueReached | Taken, get: Get) -> Collected:
    """A request with its parts."""
    id = message.request_id if isinstance(message, Taken) else message.subject.removeprefix("data-request/")
    request = get(DataRequest, id)
    if request is None:
        return Collected(None)
    return Collected(request, tuple(part for part in get.all(DataPart, request.parts) if part is not None))
