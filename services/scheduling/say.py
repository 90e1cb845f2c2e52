"""Words that scheduling has for people and for the office."""

import datetime as dt
from collections.abc import Iterable

from services.scheduling.model import Pair, Programme
from shared.contracts import scheduling as s
from shared.contracts.base import Contract
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention
from shared.runtime.ids import derived_id
from shared.runtime.words import Words

words = Words("services.scheduling")
DAY = dt.timedelta(days=1)


def clock(start: int) -> str:
    """Minutes after midnight as 09:30."""
    return f"{start // 60:02}:{start % 60:02}"


def addressed(programme: Programme, to: str, topic: str, **params: object) -> s.PersonAddressed:
    """Words for one person, with the office's contact (S19)."""
    office = programme.office
    return s.PersonAddressed(
        to=to,
        programme_id=programme.id,
        topic=topic,
        subject_line=words(f"{topic}-subject", title=programme.title),
        text=words(f"{topic}-text", title=programme.title, office=office.name, phone=office.phone, **params),
        office=office,
    )


def attention(
    programme: Programme, what: str, pair: Pair, since: dt.date, occasion: object, answered_by: tuple[str, ...]
) -> Attention:
    """An exception of a tandem: it names the tandem and the rule, never a side."""
    by = since + programme.office_days * DAY
    return Attention(
        id=derived_id("attention", what, pair.id, occasion),
        programme=programme.id,
        what=what,
        whom=(pair.subject,),
        text=words(what, title=programme.title, tandem=pair.id),
        by=by,
        answered_by=answered_by,
        office=programme.office,
        due=by + 2 * DAY,
    )


def settle(signs: Iterable[Attention]) -> tuple[list[Aggregate], list[Contract]]:
    """What is written and said when exceptions are settled."""
    settled = [sign.settled() for sign in signs if sign.status != "settled"]
    return [*settled], [needs_office(sign) for sign in settled]


def needs_office(exception: Attention) -> s.OfficeAttentionNeeded:
    """The event that says an exception."""
    return s.OfficeAttentionNeeded.model_validate(exception.said())
