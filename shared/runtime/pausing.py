"""Who pauses (P6): what every service keeps of it, and how many days have stood still."""

import datetime as dt

from shared.contracts.registration import ParticipantState
from shared.runtime.aggregate import Aggregate
from shared.runtime.days import DAY


class Pausing(Aggregate):
    """Somebody who may pause: `paused_since` and `paused_until` are the first and the last day, without an end None.

    `days_paused` are the days of earlier pauses that are over. A day belongs to a pause by these dates alone, so that
    it makes no difference whether the word of its end came before or after the day did.
    """

    paused_since: dt.date | None = None
    paused_until: dt.date | None = None
    days_paused: int = 0

    def pauses(self, on: dt.date) -> bool:
        """Whether they pause on a day."""
        return (
            self.paused_since is not None
            and self.paused_since <= on
            and (self.paused_until is None or on <= self.paused_until)
        )

    def paused_before(self, on: dt.date) -> int:
        """Days on which they paused before this one, in all."""
        if self.paused_since is None:
            return self.days_paused
        last = min(self.paused_until or dt.date.max, on - DAY)
        return self.days_paused + max(0, (last - self.paused_since).days + 1)


def pause_of(message: ParticipantState) -> dict[str, object]:
    """What registration says of a pause, as the fields of a `Pausing`."""
    return message.model_dump(include={*Pausing.model_fields} - {*Aggregate.model_fields})
