"""Words that matching has for people and for the office."""

import datetime as dt

from services.matching.loaders import Someone, attention_id
from services.matching.model import Board, Programme, Reserve
from shared.contracts import matching as m
from shared.contracts.base import Contract
from shared.contracts.parts import Reasoned
from shared.runtime.aggregate import Aggregate
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
    programme: Programme, what: str, of: str, whom: str, since: dt.date, answered_by: tuple[str, ...]
) -> Attention:
    """An exception for the office, due when its days are over (S15)."""
    by = since + programme.deadlines.office_days * DAY
    return Attention(
        id=attention_id(what, of),
        programme=programme.id,
        what=what,
        whom=(whom,),
        text=words(what, title=programme.title),
        by=by,
        answered_by=answered_by,
        office=programme.office,
        due=by + 2 * DAY,
    )


def needs_office(exception: Attention) -> m.OfficeAttentionNeeded:
    """The event that says an exception."""
    return m.OfficeAttentionNeeded.model_validate(exception.said())


def waits(someone: Someone, since: dt.date, reason: Reasoned) -> tuple[list[Aggregate], list[Contract]]:
    """Put somebody on the reserve list, or leave them where they wait: they keep their place in line (P5)."""
    candidate, _, reserve = someone
    if candidate is None or candidate.status == "withdrawn" or (reserve is not None and reserve.status == "waiting"):
        return [], []
    listed = Reserve(id=candidate.id, programme=candidate.programme, role=candidate.role, since=since, reason=reason)
    return [listed], [m.ReserveListed(**listed.published())]


def waits_no_more(someone: Someone) -> tuple[list[Aggregate], list[Contract]]:
    """Take somebody off the reserve list."""
    reserve = someone.reserve
    if reserve is None or reserve.status != "waiting":
        return [], []
    left = reserve.but(status="left")
    return [left], [m.ReserveLeft(**left.published())]


def reasoned(code: str) -> Reasoned:
    """A reason by code."""
    return Reasoned(code=code, text=words(code.replace("_", "-")))


def place_free(
    programme: Programme, board: Board | None, of: str, since: dt.date
) -> tuple[list[Aggregate], list[Contract]]:
    """Tell the office that a place and two people are free for another round; once until a round starts.

    That it was told already hangs on the board, which is written unchanged: a round that starts meanwhile settles the
    exception, and without this guard the place would be free and nobody told (write skew, found by the simulation).
    """
    if board is None or since >= programme.term.ends:
        return [], []
    if board.place_free is not None:
        return [board], []
    exception = attention(programme, "place-free", of, f"programme/{programme.id}", since, ("matching.start-round.v1",))
    return [board.but(place_free=exception.id), exception], [needs_office(exception)]
