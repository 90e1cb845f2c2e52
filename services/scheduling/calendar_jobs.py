"""Long work on calendars: reading one with events, and giving up meetings whose time was taken."""

import datetime as dt
from collections.abc import Sequence

from pydantic import BaseModel

from services.scheduling.jobs import TimeTaken
from services.scheduling.model import Slot
from services.scheduling.model_calendars import UnreadCalendar
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
    """Planned meetings whose time somebody does not have any more, as they were when that was found out."""

    meetings: tuple[TimeTaken, ...]


def taken_ref(slots: Sequence[Slot]) -> str:
    """What giving up meetings works on: each with the time that was found taken. One moved since then stays."""
    return ",".join(f"{slot.meeting}@{slot.date.isoformat()}@{slot.start}" for slot in slots)


async def taken(ref: str, read: Reader) -> Taken:
    """The meetings that `ref` names."""
    found = [one.split("@") for one in ref.split(",")]
    return Taken(
        meetings=tuple(
            TimeTaken(meeting_id=meeting, date=dt.date.fromisoformat(date), start=int(start))
            for meeting, date, start in found
        )
    )


def give_up(inputs: Taken) -> tuple[TimeTaken, ...]:
    """One piece a meeting."""
    return inputs.meetings
