"""What scheduling remembers of gatherings: the kick-off and the others, who is invited, who came."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from services.scheduling.model import DAY, ZONE
from shared.contracts.scheduling import ForWhom
from shared.runtime.aggregate import Aggregate
from shared.runtime.ids import derived_id

What = Literal["kick-off", "exchange-of-mentors", "mid-term", "closing", "barcamp"]


class When(BaseModel):
    """One of the dates of a gathering, and how many were invited to it when the dates were set."""

    model_config = ConfigDict(frozen=True)

    date: dt.date
    start: int
    invited: int = 0


class Gathered(Aggregate):
    """What a kick-off and any other gathering are alike; `sought` while its dates are being looked for.

    `date` and `start` are those of the first date, `more` the others; `earliest` and `latest` the days that were
    offered. `invited` were asked when the dates were set, `can_come` of them can come to one and have a seat there.
    `planned` counts how often it was planned: it may be cancelled and planned again; `before` are the dates that
    were held before it was cancelled. `sign` is the exception that the office was told of when no day was found.
    """

    what: What
    status: Literal["sought", "scheduled", "held", "impossible", "cancelled"]
    for_whom: ForWhom = "everybody"
    dates_at_most: int = 1
    rooms: tuple[int, ...] = ()
    earliest: dt.date | None = None
    latest: dt.date | None = None
    planned: int = 1
    before: tuple[dt.date, ...] = ()
    date: dt.date | None = None
    start: int | None = None
    first_invited: int = 0
    more: tuple[When, ...] = ()
    minutes: int
    place: str | None = None
    invited: int = 0
    can_come: int = 0
    bound: int | None = None
    proved: bool = True
    sign: str | None = None

    @property
    def dates(self) -> tuple[When, ...]:
        """Its dates in order; none where none was found yet."""
        if self.date is None or self.start is None:
            return ()
        return (When(date=self.date, start=self.start, invited=self.first_invited), *self.more)

    def held_by(self, today: dt.date) -> tuple[dt.date, ...]:
        """The days on which somebody can have come, in order, also those before it was cancelled."""
        dates = self.dates if self.status != "cancelled" else ()
        return (*self.before, *(when.date for when in dates if when.date <= today))

    @property
    def seats(self) -> int | None:
        """How many find room at each date; None: all."""
        return sum(self.rooms) if self.rooms else None

    @property
    def one_for_all(self) -> bool:
        """Whether everybody is invited to the same date, however many come: no seat has to be counted."""
        return not self.more and not self.rooms and self.for_whom != "tandems"

    def is_for(self, role: str | None) -> bool:
        """Whether somebody of a role is asked. Whose role an earlier release did not keep is asked as well."""
        return self.for_whom in ("everybody", "tandems") or role is None or self.for_whom == f"{role}s"

    def next_look(self, today: dt.date) -> dt.date | None:
        """The next day on which something is to do: remind, look who is not invited yet, say that it was held.

        Where seats are counted that look is daily: there it is what invites who comes late.
        """
        if not self.dates:
            return None
        over = self.dates[-1].date + DAY
        if not self.one_for_all:
            return today + DAY
        days = [day for when in self.dates for day in (when.date - DAY, when.date)]
        return min((day for day in days if day > today), default=max(over, today + DAY))

    def fields(self) -> dict[str, Any]:
        """What its events say alike."""
        return {
            "programme_id": self.programme,
            "minutes": self.minutes,
            "place": self.place,
            "zone": ZONE,
            "invited": self.invited,
            "bound": self.bound,
            "proved": self.proved,
        }


class KickOff(Gathered, kind="kick-off"):
    """A programme's kick-off; its id is the programme's."""

    what: What = "kick-off"

    def published(self) -> dict[str, Any]:
        """The fields of an event about it."""
        more = tuple(when.model_dump() for when in self.more)
        told = {"status": self.status, "date": self.date, "start": self.start, "can_come": self.can_come}
        return {**self.fields(), **told, "more_dates": more}


class Gathering(Gathered, kind="gathering"):
    """Any other gathering."""

    def published(self) -> dict[str, Any]:
        """The fields of an event about it."""
        told = {"kind": self.what, "for_whom": self.for_whom, "status": self.status, "reached": self.can_come}
        dates = tuple(when.model_dump() for when in self.dates)
        bound = self.can_come if self.bound is None else self.bound
        return {**self.fields(), **told, "gathering_id": self.id, "dates": dates, "bound": bound}


AnyGathering = KickOff | Gathering


def gathering_kind(subject: str) -> type[KickOff] | type[Gathering]:
    """What is kept under a gathering's subject."""
    return KickOff if subject.startswith(f"{KickOff.kind}/") else Gathering


class Agenda(Aggregate, kind="agenda"):
    """The gatherings of a programme beside the kick-off that are still to come, by id: who registers is invited."""

    gatherings: tuple[str, ...] = ()


class Guest(Aggregate, kind="guest"):
    """Somebody's part in a gathering: the date to which they are invited, and the day on which they came.

    Without a date they can come to none, or no seat was left; they were told so.
    `planned` tells to which planning of it the invitation belongs, `asked_on` when it was said. `office_mail` is the
    address of the office that invited them first: only that one may change what stands in their calendar.
    `left` counts how often they withdrew after an invitation: who is back is invited anew.
    """

    gathering: str
    participant: str
    planned: int
    asked_on: dt.date
    date: dt.date | None = None
    start: int | None = None
    came_on: dt.date | None = None
    office_mail: str | None = None
    left: int = 0

    @staticmethod
    def id_of(gathering: str, participant: str) -> str:
        """The id of somebody's part in a gathering, which is named as `kind/id`."""
        return derived_id("guest", gathering, participant)

    def invited_to(self, gathering: Gathered) -> bool:
        """Whether the invitation is one to this planning of the gathering."""
        return self.gathering == gathering.subject and self.planned == gathering.planned


class Attendance(Aggregate, kind="attendance"):
    """Somebody came to the kick-off."""

    date: dt.date
