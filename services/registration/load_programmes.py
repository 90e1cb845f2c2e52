"""Which state a message about a programme concerns."""

from typing import NamedTuple

from services.registration.jobs import Counted
from services.registration.load_retention import offer_sign_id, open_id
from services.registration.model import Programme
from services.registration.signs import Known, known
from shared.contracts import registration as r
from shared.runtime.attention import Attention
from shared.runtime.closed_set import Guard, guards_of
from shared.runtime.decision import DueReached, Get


class Closing(NamedTuple):
    """A programme with every lane's guard, and what the office was told of its next date, or of its retention.

    `open`: that services have not deleted what they should have; `offered`: that the archive has not answered.
    """

    programme: Programme | None
    guards: tuple[Guard, ...]
    sign: Attention | None = None
    open: Attention | None = None
    offered: Attention | None = None


class Drafting(NamedTuple):
    """What stands under a draft's id, and the programme that it copies."""

    programme: Programme | None
    source: Programme | None


def programme_of(
    message: r.ChangePlaces | r.ChangeRules | r.ChangeCriteria | r.SayAgain | Counted, get: Get
) -> Programme | None:
    """The programme."""
    return get(Programme, message.programme_id)


def drafting(message: r.DraftProgramme, get: Get) -> Drafting:
    """What stands under the draft's id, and the programme that it copies."""
    source = get(Programme, message.copies) if message.copies else None
    usable = source if source is not None and source.status != "discarded" else None
    return Drafting(get(Programme, message.programme_id), usable)


def changing(
    message: r.OpenProgramme | r.OpenDraft | r.DiscardDraft | r.ChangeProgramme | r.ExtendRegistration, get: Get
) -> Known:
    """The programme, and what the office was told of its next date."""
    return known(message.programme_id, get)


def closing(message: r.CloseRegistration, get: Get) -> Closing:
    """The programme and all its guards."""
    return _closing(message.programme_id, get)


def programme_due(message: DueReached, get: Get) -> Closing:
    """The programme whose date has come, and its guards."""
    return _closing(message.subject.removeprefix("programme/"), get)


def _closing(id: str, get: Get) -> Closing:
    programme, sign = known(id, get)
    over, offered = get.all(Attention, (open_id(id), offer_sign_id(id)))
    return Closing(programme, guards_of(get, id), sign, over, offered)
