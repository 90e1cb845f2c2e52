"""What scheduling remembers."""

import datetime as dt
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

from shared.contracts.base import Office, Text
from shared.contracts.parts import SchedulingRules, Term, WorkingTime
from shared.runtime.aggregate import Aggregate, Seen

ZONE = "Europe/Berlin"
"""One time zone a deployment; wall times in it stay right when the clocks change."""
DAY = dt.timedelta(days=1)

Status = Literal["planned", "cancelled", "held", "missed"]


class Days(Aggregate, kind="calendar"):
    """The last day that was started."""

    date: dt.date


class Programme(Aggregate, kind="programme"):
    """What meetings need of a programme; newest state wins."""

    title: Text
    term: Term
    office: Office
    rules: SchedulingRules
    office_days: int
    seen: Seen = Seen()


class Participant(Aggregate, kind="participant"):
    """When a person works; newest state wins."""

    status: Literal["registered", "withdrawn"]
    working_times: tuple[WorkingTime, ...]
    seen: Seen = Seen()


class KickOff(Aggregate, kind="kick-off"):
    """A programme's kick-off; `sought` while its day is being looked for (never published)."""

    status: Literal["sought", "scheduled", "held", "impossible"]
    date: dt.date | None
    start: int | None
    minutes: int
    invited: int
    can_come: int

    def published(self) -> dict[str, object]:
        """The fields of an event about it."""
        hidden = {"id", "programme", "due"}
        return {"programme_id": self.id, "zone": ZONE, **{k: v for k, v in dict(self).items() if k not in hidden}}


class Attendance(Aggregate, kind="attendance"):
    """Somebody came to the kick-off."""

    date: dt.date


class Slot(BaseModel):
    """One meeting as its tandem remembers it."""

    model_config = ConfigDict(frozen=True)

    meeting: str
    date: dt.date
    status: Status = "planned"


class Pair(Aggregate, kind="tandem"):
    """A tandem with all its meetings (some forty at most); `due` is the day on which its silence is a sign.

    `signs` are the ids of the exceptions that the office was told of and that are not settled.
    """

    mentor: str
    mentee: str
    status: Literal["running", "ended", "completed"]
    formed_on: dt.date
    ends_on: dt.date
    slots: tuple[Slot, ...] = ()
    agreed: bool = False
    signs: tuple[str, ...] = ()
    seen: Seen = Seen()

    def with_slot(self, meeting: str, date: dt.date, status: Status) -> Self:
        """The tandem with one of its meetings as it is now."""
        others = [slot for slot in self.slots if slot.meeting != meeting]
        slots = sorted([*others, Slot(meeting=meeting, date=date, status=status)], key=lambda s: (s.date, s.meeting))
        return self.but(slots=tuple(slots))

    @property
    def last_held(self) -> dt.date:
        """The day of the last held meeting, or on which the tandem was formed."""
        return max((slot.date for slot in self.slots if slot.status == "held"), default=self.formed_on)

    @property
    def failed_in_a_row(self) -> int:
        """Meetings cancelled or missed since the last held one, by date; planned ones do not count."""
        run = 0
        for slot in self.slots:
            if slot.status == "held":
                run = 0
            elif slot.status in ("cancelled", "missed"):
                run += 1
        return run

    def number_of(self, meeting: str) -> int:
        """Which of the tandem's held meetings this is, by date.

        Earlier ones that are still planned count: nobody may object to them any more once this one counts as held.
        """
        number = 0
        for slot in self.slots:
            number += slot.status in ("held", "planned")
            if slot.meeting == meeting:
                return number
        raise LookupError(f"{meeting} is no meeting of {self.subject}")


class Meeting(Aggregate, kind="meeting"):
    """A meeting; `said` counts the events said about it, which is their sequence."""

    tandem: str
    mentor: str
    mentee: str
    date: dt.date
    start: int
    minutes: int
    status: Status = "planned"
    number: int | None = None
    topics: tuple[str, ...] = ()
    said: int = 0

    def next(self, **changes: Any) -> Self:
        """The meeting as the next event about it says it."""
        return self.but(said=self.said + 1, **changes)

    def published(self) -> dict[str, object]:
        """The fields of an event about it."""
        hidden = {"id", "programme", "due", "said", "tandem"}
        fields = {k: v for k, v in dict(self).items() if k not in hidden}
        return {"meeting_id": self.id, "tandem_id": self.tandem, "programme_id": self.programme, "zone": ZONE, **fields}

    @property
    def people(self) -> tuple[str, str]:
        """Both participants."""
        return self.mentor, self.mentee


class Plan(Aggregate, kind="plan"):
    """How a tandem's plan came out."""

    wanted: int
    problem: str | None = None


class Agreement(Aggregate, kind="agreement"):
    """What a tandem agreed on: at home here, in no event."""

    rules: tuple[str, ...]
    goals: tuple[str, ...]
    date: dt.date
