"""When a tandem rests: on each day on which one of the two pauses (P6). Pure.

Such days are not counted: neither towards its silence, nor until a planned meeting counts as held.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict

from shared.runtime.days import DAY
from shared.runtime.pausing import Pausing


class Rest(BaseModel):
    """First and last day of a rest; None: without an end."""

    model_config = ConfigDict(frozen=True)

    first: dt.date
    last: dt.date | None

    def covers(self, date: dt.date) -> bool:
        """Whether a day belongs to it."""
        return self.first <= date and (self.last is None or date <= self.last)


def rest_of(people: Iterable[Pausing | None], today: dt.date) -> Rest | None:
    """The rest that two people's pauses make today; None if neither pauses."""
    rests = [
        Rest(first=person.paused_since, last=person.paused_until)
        for person in people
        if person is not None and person.paused_since is not None and person.pauses(today)
    ]
    if not rests:
        return None
    lasts = [rest.last for rest in rests if rest.last is not None]
    return Rest(first=min(rest.first for rest in rests), last=max(lasts) if len(lasts) == len(rests) else None)


def later(rests: Sequence[Rest], date: dt.date, days: int) -> dt.date | None:
    """The day so many days later, days of rest not counted; None while a rest without an end lies before it.

    The rests are in order and apart from each other.
    """
    day = date + days * DAY
    for rest in rests:
        first = max(rest.first, date + DAY)
        if first > day:
            break
        if rest.last is None:
            return None
        day += max(0, (rest.last - first).days + 1) * DAY
    return day
