"""What the office may read of scheduling: no words of agreements, no side of a sign."""

import datetime as dt
from collections import Counter
from typing import Any

from pydantic import BaseModel

from services.scheduling.gatherings.model import Attendance, Gathered, Gathering, Guest, KickOff
from services.scheduling.model import Pair
from services.scheduling.say import clock
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention, AttentionRow, for_the_office
from shared.runtime.table import View

NEXT = 3
"""Meetings of a tandem that are shown."""


class TandemRow(BaseModel):
    """Where a tandem's meetings stand; `rests_until`: the last day of its rest, if it has one.

    `held` are those that somebody `confirmed` and those that are `assumed`; what is `unknown` counts for nothing. Of
    the `planned` ones `suggested` wait for an answer. `cancelled` were agreed on and cancelled. `signs`: the rules by
    which it needs attention.
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
    cancelled: int = 0
    next_meeting: str
    agreed: bool
    rests: bool = False
    rests_until: str = ""
    signs: tuple[str, ...] = ()


class MeetingRow(BaseModel):
    """One of the next planned meetings of a tandem, by the id that commands name.

    `place`: its room, or its address by video; empty before it has one. `acceptance`: open while it waits for an answer
    of one of the two or of both, given, or assumed by silence.
    """

    meeting_id: str
    tandem_id: str
    date: str
    start: str
    minutes: int
    place: str = ""
    acceptance: str = ""


class GatheringRow(BaseModel):
    """How a gathering stands: its dates, how many of those asked can come to one, how many came.

    `at_most`: no choice of dates could reach more; `gathering_id` is empty for the kick-off, which commands name by the
    programme.
    """

    gathering_id: str
    kind: str
    for_whom: str
    status: str
    dates: str
    minutes: int
    place: str
    invited: int
    reached: int
    at_most: int | None
    came: int


class ProgrammeView(BaseModel):
    """Where a programme's meetings stand; `meetings`: the next ones of each tandem, at most three."""

    programme_id: str
    kick_off: str
    kick_off_status: str
    came: int
    tandems: tuple[TandemRow, ...]
    attention: tuple[AttentionRow, ...]
    meetings: tuple[MeetingRow, ...] = ()
    gatherings: tuple[GatheringRow, ...] = ()


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
        gatherings=_gatherings(found),
    )


def _gatherings(found: dict[type[Aggregate], list[Any]]) -> tuple[GatheringRow, ...]:
    """All of a programme's, the kick-off among them, by their first dates."""
    came = Counter(guest.gathering for guest in found[Guest] if guest.came_on is not None)
    came.update({kick_off.subject: len(found[Attendance]) for kick_off in found[KickOff]})
    gatherings: list[Gathered] = [*found[KickOff], *found[Gathering]]
    return tuple(
        GatheringRow(
            gathering_id="" if isinstance(gathering, KickOff) else gathering.id,
            kind=gathering.what,
            for_whom=gathering.for_whom,
            status=gathering.status,
            dates=", ".join(f"{when.date.isoformat()} {clock(when.start)}" for when in gathering.dates),
            minutes=gathering.minutes,
            place=gathering.place or "",
            invited=gathering.invited,
            reached=gathering.can_come,
            at_most=gathering.bound,
            came=came[gathering.subject],
        )
        for gathering in sorted(gatherings, key=lambda g: (g.date or g.latest or dt.date.max, g.id))
    )


def _meetings(pair: Pair) -> list[MeetingRow]:
    planned = [slot for slot in pair.slots if slot.status == "planned"] if pair.status == "running" else []
    return [
        MeetingRow(
            meeting_id=slot.meeting,
            tandem_id=pair.id,
            date=slot.date.isoformat(),
            start=clock(slot.start),
            minutes=slot.minutes,
            place=(slot.place.room or slot.place.link or "") if slot.place is not None else "",
            acceptance=slot.acceptance,
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
        cancelled=pair.fell_through + sum(slot.fell_through for slot in pair.slots),
        signs=tuple(need.rule for need in pair.needs),
    )


VIEW = View(aggregates=(KickOff, Attendance, Gathering, Guest, Pair, Attention), build=programme_view)
