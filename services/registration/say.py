"""Words that registration has for people and for the office."""

from services.registration.checks import words
from services.registration.model import Programme
from shared.contracts import registration as r
from shared.runtime.attention import Attention


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
