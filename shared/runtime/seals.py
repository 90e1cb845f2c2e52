"""Seals of the audit: each day the heads of all chains of a service together, in one chain of their own.

What a seal says is published as its date and hash, so that a copy stands outside the database. Here are the rows that
every service has for it; the day's work is in `sealing.py`.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from shared.contracts import base
from shared.runtime.aggregate import Aggregate
from shared.runtime.audit import Head, hash_of
from shared.runtime.decision import NOTHING, Context, Decision, Get, Internal
from shared.runtime.table import Piece, Service

OWN = ("id", "programme", "due")
"""What an aggregate has besides a seal's content."""


class Seal(Aggregate, kind="_seal"):
    """The heads of all chains at the end of a day. `number` counts from 1, `before` is the hash of the seal before.

    `years` is how many full years links were kept when it was made: what is older may be missing.
    """

    service: str
    number: int
    date: dt.date
    years: int
    before: str
    heads: tuple[Head, ...]
    hash: str


class LastSeal(Seal, kind="seal"):
    """A service's newest seal: what the next one follows."""


class DayToSeal(Internal):
    """The heads of all chains as they were found after a day; `gone` are those of which no link is kept any more."""

    date: dt.date
    years: int
    heads: tuple[Head, ...]
    gone: tuple[Head, ...] = ()


def content_of(state: dict[str, Any]) -> dict[str, Any]:
    """A stored seal as it is shown, and as its hash was made."""
    return {name: value for name, value in state.items() if name not in OWN}


def heads_after(last: Iterable[Head], found: Iterable[Head], gone: Iterable[Head]) -> tuple[Head, ...]:
    """The heads to seal after the last sealed ones, by chain: none falls back.

    What was found may have been read before the last seal was made: then that knows more.
    """
    heads = {head.chain: head for head in last if head not in set(gone)}
    for head in found:
        before = heads.get(head.chain)
        if before is None or before.number < head.number:
            heads[head.chain] = head
    return tuple(heads[chain] for chain in sorted(heads))


def oldest_kept(date: dt.date, years: int) -> dt.date:
    """The first day of those that are kept on a day: whole years, before the year that runs."""
    return dt.date(max(1, date.year - years), 1, 1)


def worth_a_seal(last: Seal, heads: tuple[Head, ...], date: dt.date, years: int) -> bool:
    """Whether a day has something to seal: a chain has grown, or the audit is to begin later from now on.

    Nothing is dropped without a seal that says how much is kept.
    """
    return heads != last.heads or oldest_kept(date, years) != oldest_kept(last.date, last.years)


def seal_rows(service: Service) -> tuple[Piece, ...]:
    """The row that every service has for its seals."""
    sealed = service.common(base.AuditSealed)

    def last(message: DayToSeal, get: Get) -> LastSeal | None:
        return get(LastSeal, service.name)

    def seal(message: DayToSeal, last: LastSeal | None, context: Context) -> Decision:
        heads = heads_after(last.heads if last else (), message.heads, message.gone)
        if last is not None and (
            message.date <= last.date or not worth_a_seal(last, heads, message.date, message.years)
        ):
            return NOTHING
        content = {
            "service": service.name,
            "number": last.number + 1 if last else 1,
            "date": message.date.isoformat(),
            "years": message.years,
            "before": last.hash if last else "",
            "heads": [head.model_dump() for head in heads],
        }
        whole = {**content, "hash": hash_of(content)}
        made = Seal.model_validate({"id": content["date"], **whole})
        newest = LastSeal.model_validate({"id": service.name, **whole})
        return Decision(state=(made, newest), messages=(audit_sealed(service, newest),))

    return (Piece(DayToSeal, last, seal, says=(sealed,)),)


def audit_sealed(service: Service, last: LastSeal) -> base.AuditSealed:
    """The event that says a seal."""
    return service.common(base.AuditSealed)(service=last.id, date=last.date.isoformat(), hash=last.hash)
