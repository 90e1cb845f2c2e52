"""What the office may read of scheduling: no words of agreements, no side of a sign."""

from typing import Any

from pydantic import BaseModel

from services.scheduling.model import Attendance, KickOff, Pair
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention, AttentionRow, for_the_office
from shared.runtime.table import View

NEXT = 3
"""Meetings of a tandem that are shown."""


class TandemRow(BaseModel):
    """Where a tandem's meetings stand; `rests_until`: the last day of its rest, if it has one.

    `held` are those that somebody `confirmed` and those that are `assumed`; what is `unknown` counts for nothing. Of
    the `planned` ones `suggested` wait for an answer. `signs`: the rules by which it needs attention.
    """

    tandem_id: str
    mentor: str
    mentee: str
    status: str
    held: int
    confirmed: int = 0
    assumed: int = 0
    unknown: int = 0
    planned: int
    suggested: int = 0
    next_meeting: str
    agreed: bool
    rests: bool = False
    rests_until: str = ""
    signs: tuple[str, ...] = ()


class MeetingRow(BaseModel):
    """One of the next planned meetings of a tandem, by the id that commands name."""

    meeting_id: str
    tandem_id: str
    date: str
    start: str
    minutes: int


class ProgrammeView(BaseModel):
    """Where a programme's meetings stand; `meetings`: the next ones of each tandem, at most three."""

    programme_id: str
    kick_off: str
    kick_off_status: str
    came: int
    tandems: tuple[TandemRow, ...]
    attention: tuple[AttentionRow, ...]
    meetings: tuple[MeetingRow, ...] = ()


def programme_view(programme_id: str, found: dict[type[Aggregate], list[Any]]) -> ProgrammeView:
    """Build the view from a programme's aggregates."""
    kick_off: KickOff | None = next(iter(found[KickOff]), None)
    return ProgrammeView(
        programme_id=programme_id,
        kick_off=kick_off.date.isoformat() if kick_off and kick_off.date else "",
        kick_off_status=kick_off.status if kick_off else "",
        came=len(found[Attendance]),
        tandems=tuple(_row(pair) for pair in found[Pair]),
        attention=for_the_office(found[Attention]),
        meetings=tuple(row for pair in found[Pair] for row in _meetings(pair)),
    )


def _meetings(pair: Pair) -> list[MeetingRow]:
    planned = [slot for slot in pair.slots if slot.status == "planned"] if pair.status == "running" else []
    return [
        MeetingRow(
            meeting_id=slot.meeting,
            tandem_id=pair.id,
            date=slot.date.isoformat(),
            start=f"{slot.start // 60:02}:{slot.start % 60:02}",
            minutes=slot.minutes,
        )
        for slot in planned[:NEXT]
    ]


def _row(pair: Pair) -> TandemRow:
    planned = [slot for slot in pair.slots if slot.status == "planned"]
    rest = pair.rests[-1] if pair.resting and pair.status == "running" else None
    return TandemRow(
        tandem_id=pair.id,
        mentor=pair.mentor,
        mentee=pair.mentee,
        status=pair.status,
        held=pair.held(),
        planned=len(planned),
        next_meeting=planned[0].date.isoformat() if planned else "",
        agreed=pair.agreed,
        rests=rest is not None,
        rests_until=rest.last.isoformat() if rest is not None and rest.last is not None else "",
        confirmed=pair.held("confirmed"),
        assumed=pair.held("assumed"),
        unknown=sum(slot.status == "unknown" for slot in pair.slots),
        suggested=sum(slot.acceptance == "open" for slot in planned),
        signs=tuple(need.rule for need in pair.needs),
    )


VIEW = View(aggregates=(KickOff, Attendance, Pair, Attention), build=programme_view)
