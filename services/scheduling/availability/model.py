"""What scheduling remembers of calendars: when somebody is busy or absent, and nothing of why."""

import datetime as dt
from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict

from services.scheduling.availability.wall_time import MINUTES, Span, date_of, joined, minute_of, within, without
from shared.runtime.aggregate import Aggregate, Seen
from shared.runtime.days import DAY


class Covered(BaseModel):
    """A window of which a calendar has spoken, and which of its words that was."""

    model_config = ConfigDict(frozen=True)

    begins: int
    ends: int
    seen: Seen


class BusyTimes(Aggregate, kind="busy-times"):
    """When a person is busy, in minutes of wall time; of each minute the newest word on it stands.

    At most 400 days ahead; what is over goes with the next word.
    """

    covered: tuple[Covered, ...] = ()
    busy: tuple[Span, ...] = ()

    def open_to(self, window: Span, seen: Seen) -> tuple[Span, ...]:
        """The parts of a window on which no newer word was heard."""
        newer = [(part.begins, part.ends) for part in self.covered if not part.seen < seen]
        return without([window], newer)

    def overlaid(self, parts: tuple[Span, ...], seen: Seen, busy: tuple[Span, ...]) -> Self:
        """With a newer word on these parts, in place of what was known of them."""
        covered = [
            Covered(begins=span.begins, ends=span.ends, seen=part.seen)
            for part in self.covered
            for span in without([(part.begins, part.ends)], parts)
        ]
        covered += [Covered(begins=part.begins, ends=part.ends, seen=seen) for part in parts]
        kept = without(self.busy, parts)
        return self.but(covered=_together(covered), busy=joined((*kept, *within(busy, parts))))

    def since(self, date: dt.date) -> Self:
        """Without what was before a day."""
        over = [(0, minute_of(date))]
        covered = [
            Covered(begins=span.begins, ends=span.ends, seen=part.seen)
            for part in self.covered
            for span in without([(part.begins, part.ends)], over)
        ]
        return self.but(covered=_together(covered), busy=without(self.busy, over))


def _together(parts: list[Covered]) -> tuple[Covered, ...]:
    """Windows in order; those that touch and are one word become one."""
    found: list[Covered] = []
    for part in sorted(parts, key=lambda part: part.begins):
        if found and found[-1].ends == part.begins and found[-1].seen == part.seen:
            found[-1] = Covered(begins=found[-1].begins, ends=part.ends, seen=part.seen)
        else:
            found.append(part)
    return tuple(found)


class UnreadCalendar(Aggregate, kind="unread-calendar"):
    """A calendar that a job is about to read: its reduced text, of which nothing stays."""

    person: str
    text: str
    window: Span
    seen: Seen


class Absence(BaseModel):
    """First and last day."""

    model_config = ConfigDict(frozen=True)

    first: dt.date
    last: dt.date


LATELY = 60 * DAY
"""How long it is remembered that somebody was away: such days are none for an answer, and 10 such days at most wait."""


class Absences(Aggregate, kind="absences"):
    """The days on which a person is away, in order; never why.

    `lately`: the days of earlier words that are over, of the last weeks: who was away then had no day for an answer.
    """

    absences: tuple[Absence, ...] = ()
    lately: tuple[Absence, ...] = ()

    def covers(self, date: dt.date) -> bool:
        """Whether the person is, or was lately, away on a day."""
        return any(each.first <= date <= each.last for each in (*self.lately, *self.absences))

    def over(self, today: dt.date) -> tuple[Absence, ...]:
        """The days of the last weeks on which they were away, whatever they say of the days to come."""
        known = [(minute_of(e.first), minute_of(e.last) + MINUTES) for e in (*self.lately, *self.absences)]
        since = max(today, dt.date.min + LATELY) - LATELY
        return absences_of(within(joined(known), [(minute_of(since), minute_of(today))]))

    @property
    def busy(self) -> tuple[Span, ...]:
        """The same in minutes of wall time."""
        return joined((minute_of(each.first), minute_of(each.last) + MINUTES) for each in self.absences)

    def published(self) -> dict[str, object]:
        """The fields of the event about them."""
        absences = [each.model_dump() for each in self.absences]
        return {"participant_id": self.id, "programme_id": self.programme, "absences": absences}


def absences_of(spans: Iterable[Span]) -> tuple[Absence, ...]:
    """Spans of whole days as absences."""
    return tuple(Absence(first=date_of(span.begins), last=date_of(span.ends - 1)) for span in spans)


def shown(times: BusyTimes) -> dict[str, object]:
    """What the person sees of it: when the calendar says that they are busy."""
    return {"busy": [f"{_text(begins)}/{_text(ends)}" for begins, ends in times.busy]}


def _text(minute: int) -> str:
    hours, minutes = divmod(minute % MINUTES, 60)
    return f"{date_of(minute)}T{hours:02}:{minutes:02}"
