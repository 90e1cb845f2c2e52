"""Which state a service's word concerns that it has carried out a programme's retention."""

from typing import NamedTuple

from services.registration.model import Programme
from shared.contracts.base import RetentionCarriedOut
from shared.runtime.attention import Attention
from shared.runtime.decision import Get
from shared.runtime.ids import derived_id


class Carrying(NamedTuple):
    """A programme, and what the office was told of who has not deleted yet."""

    programme: Programme | None
    sign: Attention | None


def open_id(programme_id: str) -> str:
    """The id of the exception that services have not deleted what they should have."""
    return derived_id("attention", "retention-open", programme_id)


def offer_sign_id(programme_id: str) -> str:
    """The id of the exception that the archive has not answered."""
    return derived_id("attention", "archive-offer", programme_id)


def carrying_out(message: RetentionCarriedOut, get: Get) -> Carrying:
    """The programme, and what the office was told of who has not deleted yet."""
    return Carrying(get(Programme, message.programme_id), get(Attention, open_id(message.programme_id)))
