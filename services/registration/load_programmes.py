"""Which state a message about a programme concerns."""

from typing import NamedTuple

from services.registration.jobs import Counted
from services.registration.model import Programme
from shared.contracts import registration as r
from shared.runtime.closed_set import Guard, guards_of
from shared.runtime.decision import DueReached, Get


class Closing(NamedTuple):
    """A programme with every lane's guard."""

    programme: Programme | None
    guards: tuple[Guard, ...]


def programme_of(message: r.OpenProgramme | r.ChangePlaces | r.SayAgain | Counted, get: Get) -> Programme | None:
    """The programme."""
    return get(Programme, message.programme_id)


def closing(message: r.CloseRegistration, get: Get) -> Closing:
    """The programme and all its guards."""
    return Closing(get(Programme, message.programme_id), guards_of(get, message.programme_id))


def programme_due(message: DueReached, get: Get) -> Closing:
    """The programme whose date has come, and its guards."""
    id = message.subject.removeprefix("programme/")
    return Closing(get(Programme, id), guards_of(get, id))
