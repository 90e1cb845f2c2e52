"""Whether somebody is there at a time, and on which days they can answer. Pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from services.scheduling.availability.model import Absences, BusyTimes
from services.scheduling.availability.tandem import joined
from services.scheduling.availability.wall_time import MINUTES, Span, minute_of, within
from services.scheduling.availability.wall_time import joined as spans_joined
from services.scheduling.model import Participant
from shared.contracts.parts import WorkingTime


def week_of(times: Iterable[WorkingTime]) -> tuple[Span, ...]:
    """The working times of a week as minutes since Monday's midnight, where somebody works at home like any other."""
    return spans_joined((time.weekday * MINUTES + time.start, time.weekday * MINUTES + time.end) for time in times)


def works(times: Sequence[WorkingTime], date: dt.date, start: int, minutes: int) -> bool:
    """Whether a time of a day lies within somebody's working times."""
    on_day = [time for time in joined(times) if time.weekday == date.weekday()]
    return any(time.start <= start and start + minutes <= time.end for time in on_day)


def all_work(people: Iterable[Participant | None], date: dt.date, start: int, minutes: int) -> bool:
    """Whether a time lies within the working times of all of whom something is known."""
    return all(works(person.working_times, date, start, minutes) for person in people if person is not None)


class Presence(NamedTuple):
    """What is known of when somebody works, is busy and is absent; what is not known speaks against no time."""

    person: Participant | None = None
    times: BusyTimes | None = None
    absences: Absences | None = None

    def is_free(self, date: dt.date, start: int, minutes: int) -> bool:
        """Whether they work at a time, and are neither busy nor absent."""
        begins = minute_of(date, start)
        known = (self.times, self.absences)
        taken = [span for each in known if each is not None for span in each.busy]
        return all_work([self.person], date, start, minutes) and not within([(begins, begins + minutes)], taken)

    def is_absent(self, date: dt.date) -> bool:
        """Whether they are, or were lately, absent on a day."""
        return self.absences is not None and self.absences.covers(date)
