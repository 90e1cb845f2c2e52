"""Long work on calendars: reading one with events, and giving up meetings whose time was taken."""

import datetime as dt
from collections.abc import Sequence

from pydantic import BaseModel

from services.scheduling.availability.model import UnreadCalendar
from services.scheduling.model import Meeting, Slot
from services.scheduling.planning.jobs import GiveUp, SeveralTaken, TimeTaken
from shared.contracts.calendar_text import Fault
from shared.runtime.decision import Internal
from shared.runtime.table import Reader


class CalendarRead(Internal):
    """A calendar was read: busy spans as they stood in it, in minutes of wall time; or why it cannot be taken."""

    calendar_id: str
    busy: tuple[tuple[int, int], ...] = ()
    fault: Fault | None = None


class ToRead(BaseModel):
    """A calendar to be read, with its window; without a text there is nothing to read any more."""

    calendar_id: str
    text: str | None = None
    window: tuple[int, int] = (0, 0)


async def to_read(ref: str, read: Reader) -> ToRead:
    """The unread calendar `ref`."""
    found = await read.get(UnreadCalendar, ref)
    if found is None:
        return ToRead(calendar_id=ref)
    return ToRead(calendar_id=ref, text=found.text, window=found.window)


class Taken(BaseModel):
    """Planned meetings whose time somebody does not have any more, as they were when that was found out, by tandem.

    `by_week`: since they work at other times now; else since their calendar or an absence took it.
    """

    tandems: dict[str, tuple[GiveUp, ...]]
    by_week: bool = False


BY_WEEK = "by-week:"


def taken_ref(slots: Sequence[Slot], *, by_week: bool = False) -> str:
    """What giving up meetings works on: each with the time that was found taken. One moved since then stays."""
    times = ",".join(f"{slot.meeting}@{slot.date.isoformat()}@{slot.start}" for slot in slots)
    return f"{BY_WEEK if by_week else ''}{times}"


async def taken(ref: str, read: Reader) -> Taken:
    """The meetings that `ref` names."""
    tandems: dict[str, list[GiveUp]] = {}
    for meeting_id, date, start in (one.split("@") for one in ref.removeprefix(BY_WEEK).split(",")):
        meeting = await read.get(Meeting, meeting_id)
        if meeting is not None:
            on = dt.date.fromisoformat(date)
            found = GiveUp(meeting_id=meeting_id, date=on, start=int(start), minutes=meeting.minutes)
            tandems.setdefault(meeting.tandem, []).append(found)
    return Taken(tandems={id: tuple(found) for id, found in tandems.items()}, by_week=ref.startswith(BY_WEEK))


def give_up(inputs: Taken) -> tuple[TimeTaken | SeveralTaken, ...]:
    """One piece a meeting; several of a tandem are told of, and replaced, together."""
    pieces: list[TimeTaken | SeveralTaken] = []
    for tandem, found in inputs.tandems.items():
        several = len(found) > 1
        how = {"several": several, "by_week": inputs.by_week}
        pieces += [TimeTaken(meeting_id=m.meeting_id, date=m.date, start=m.start, **how) for m in found]
        if several:
            pieces.append(SeveralTaken(tandem_id=tandem, meetings=found))
    return tuple(pieces)
