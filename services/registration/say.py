"""Words that registration has for people and for the office, and the refusals that decisions about people share."""

from services.registration.checks import words
from services.registration.model import Participant, Programme
from shared.contracts import registration as r
from shared.contracts.base import Contract, Reason
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention
from shared.runtime.decision import Context, reason

NOBODY = reason("participant_id", "unknown_participant", words("unknown-participant"))
CLOSED = reason("programme_id", "registration_closed", words("registration-closed"))
WITHDRAWN = reason("participant_id", "withdrawn", words("withdrawn"))
ENDED = reason("participant_id", "ended", words("ended"))


def addressed(to: str, programme: Programme, topic: str, words_for: str = "", **params: object) -> r.PersonAddressed:
    """Words for one person, with the office's contact (S19), by topic; those of `words_for` where it has several."""
    office, key = programme.office, words_for or topic
    return r.PersonAddressed(
        to=to,
        programme_id=programme.id,
        topic=topic,
        subject_line=words(f"{key}-subject", title=programme.title),
        text=words(f"{key}-text", title=programme.title, office=office.name, phone=office.phone, **params),
        office=office,
    )


def needs_office(exception: Attention) -> r.OfficeAttentionNeeded:
    """The event that says an exception."""
    return r.OfficeAttentionNeeded.model_validate(exception.said())


def settle(sign: Attention | None) -> tuple[list[Aggregate], list[Contract]]:
    """What the office was told of is answered, or over; nothing where it was not told, or knows."""
    if sign is None or sign.status == "settled":
        return [], []
    settled = sign.settled()
    return [settled], [needs_office(settled)]


def not_yours(participant: Participant, context: Context) -> list[Reason]:
    """Only the person, or the office for them."""
    if context.sender == "office" or context.actor == participant.id:
        return []
    return [reason("participant_id", "not_yours", words("not-yours"))]
