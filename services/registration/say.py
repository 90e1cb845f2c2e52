"""Words that registration has for people and for the office, and the refusals that decisions about people share."""

import datetime as dt
from collections.abc import Iterable

from services.registration.checks import words
from services.registration.model import Participant, Programme
from services.registration.model.programmes import GRACE
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


def waits_for_office(
    programme: Programme,
    id: str,
    since: dt.date,
    *,
    what: str,
    whom: tuple[str, ...],
    answered_by: tuple[str, ...],
    by: dt.date | None = None,
    **params: object,
) -> Attention:
    """An exception for the office, raised on a day under its rules; due when the office's days are over (S15)."""
    last = by or programme.office_answers_by(since)
    return Attention(
        id=id,
        programme=programme.id,
        what=what,
        whom=whom,
        text=words(what, title=programme.title, **params),
        by=last,
        answered_by=answered_by,
        office=programme.office,
        rules_version=programme.on(since).rules_version,
        due=last + GRACE,
    )


def needs_office(exception: Attention) -> r.OfficeAttentionNeeded:
    """The event that says an exception."""
    return r.OfficeAttentionNeeded.model_validate(exception.said())


def replayed_by(services: Iterable[str]) -> tuple[str, ...]:
    """The commands that help where services do not answer: what they failed at lies in their quarantine."""
    return tuple(f"{service}.replay-quarantined.v1" for service in services)


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
