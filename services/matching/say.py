"""Words that matching has for people and for the office."""

import datetime as dt

from services.matching.ids import attention_id
from services.matching.model import Programme
from shared.contracts import matching as m
from shared.contracts.parts import Reasoned
from shared.runtime.attention import Attention
from shared.runtime.words import Words

words = Words("services.matching")
DAY = dt.timedelta(days=1)


def addressed(programme: Programme, to: str, topic: str, **params: object) -> m.PersonAddressed:
    """Words for one person, with the office's contact (S19)."""
    office = programme.office
    return m.PersonAddressed(
        to=to,
        programme_id=programme.id,
        topic=topic,
        subject_line=words(f"{topic}-subject", title=programme.title),
        text=words(f"{topic}-text", title=programme.title, office=office.name, phone=office.phone, **params),
        office=office,
    )


def attention(
    programme: Programme,
    what: str,
    of: str,
    whom: str,
    since: dt.date,
    answered_by: tuple[str, ...],
    **params: object,
) -> Attention:
    """An exception for the office, due when its days are over (S15)."""
    ruled = programme.on(since)
    by = since + ruled.deadlines.office_days * DAY
    return Attention(
        id=attention_id(what, of),
        programme=programme.id,
        what=what,
        whom=(whom,),
        text=words(what, title=programme.title, **params),
        by=by,
        answered_by=answered_by,
        office=programme.office,
        rules_version=ruled.rules_version,
        due=by + 2 * DAY,
    )


def needs_office(exception: Attention) -> m.OfficeAttentionNeeded:
    """The event that says an exception."""
    return m.OfficeAttentionNeeded.model_validate(exception.said())


def reasoned(code: str) -> Reasoned:
    """A reason by code."""
    return Reasoned(code=code, text=words(code.replace("_", "-")))


def partner(id: str) -> str:
    """How words name somebody: the mail service fills in the name."""
    return f"urn:uuid:{id}"
