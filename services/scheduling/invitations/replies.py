"""What somebody's answer to an invitation means (RFC 5546, 3.2.3 and 3.2.7): yes, no, another time, or nothing.

Calendars differ: Exchange leaves ORGANIZER out, some leave SEQUENCE out, some write names in small letters
(docs/invitations.md). So nothing is read but who answers what, to which state of which invitation.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from shared.contracts.content_lines import DELEGATE

Why = Literal[
    "unreadable",
    "no-answer",
    "unknown",
    "stale",
    "not-yours",
    "maybe",
    "somebody-else",
    "same-time",
    "no-time",
    "series",
]
"""Why an answer has no effect, as a stable code; the words stand in words.toml under `reply-<code>`."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it was written. `start` is a moment, a wall time without a zone, or a day; None: none was said.

    `attendees` are who answers what: participant_id (None: nobody of ours), answer, and SENT-BY.
    """

    method: str
    invitation: str | None
    sequence: int | None = None
    attendees: tuple[tuple[str | None, str, str | None], ...] = ()
    start: dt.datetime | dt.date | None = None
    of_a_series: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """The invitation as it stands: its time by the wall, and the sequence since which that stands."""

    sequence: int
    date: dt.date
    start: int
    zone: str


@dataclass(frozen=True, slots=True)
class Accept:
    """They come."""

    delegate: str | None = None


@dataclass(frozen=True, slots=True)
class Decline:
    """They do not come."""

    delegate: str | None = None


@dataclass(frozen=True, slots=True)
class AnotherTime:
    """They would rather meet then; how long a meeting lasts nobody changes by an answer."""

    date: dt.date
    start: int
    delegate: str | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """The answer has no effect, and why."""

    why: Why


Meaning = Accept | Decline | AnotherTime | Nothing


def meaning(reply: Reply, participant: str, known: Known | None) -> Meaning:
    """What an answer of a participant means for an invitation as it stands."""
    if reply.method not in ("REPLY", "COUNTER"):
        return Nothing("no-answer")
    if reply.invitation is None or known is None:
        return Nothing("unknown")
    if reply.of_a_series:
        return Nothing("series")
    mine = [answer for answer in reply.attendees if answer[0] == participant]
    if len(mine) != 1:
        return Nothing("not-yours")
    _, answer, sent_by = mine[0]
    delegate = None
    if sent_by is not None:
        if not sent_by.startswith(DELEGATE):
            return Nothing("not-yours")
        delegate = sent_by.removeprefix(DELEGATE)
    wall = wall_time(reply.start, known.zone)
    if _is_stale(reply, wall, known):
        return Nothing("stale")
    if reply.method == "COUNTER":
        if wall is None:
            return Nothing("no-time")
        return Nothing("same-time") if wall == (known.date, known.start) else AnotherTime(*wall, delegate)
    match answer:
        case "ACCEPTED":
            return Accept(delegate)
        case "DECLINED":
            return Decline(delegate)
        case "TENTATIVE":
            return Nothing("maybe")
        case "DELEGATED":
            return Nothing("somebody-else")
    return Nothing("no-answer")


def _is_stale(reply: Reply, wall: tuple[dt.date, int] | None, known: Known) -> bool:
    """Whether somebody answers to what was since changed; who names no sequence is believed by the time they name."""
    if reply.sequence is not None:
        return reply.sequence < known.sequence
    if reply.method == "REPLY" and wall is not None:
        return wall != (known.date, known.start)
    return known.sequence > 0


def wall_time(moment: dt.datetime | dt.date | None, zone: str) -> tuple[dt.date, int] | None:
    """A moment by a zone's clocks, as day and minutes after midnight; None for a whole day, or none at all."""
    if not isinstance(moment, dt.datetime):
        return None
    try:
        local = moment if moment.tzinfo is None else moment.astimezone(ZoneInfo(zone))
    except OverflowError:
        return None
    return local.date(), local.hour * 60 + local.minute
