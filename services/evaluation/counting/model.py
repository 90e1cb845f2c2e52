"""What is remembered to be counted. None of it names a person."""

import datetime as dt
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from shared.runtime.aggregate import Aggregate, Seen


@dataclass(frozen=True, slots=True)
class Meeting:
    """What a report needs of a meeting: small, since a city has very many."""

    tandem: str
    monday: dt.date
    status: str
    known: str | None = None
    topics: tuple[str, ...] = ()


class Counted(Aggregate, kind="counted"):
    """A meeting as it stands by the newest that was heard of it; `monday` begins the week of its time."""

    tandem: str
    monday: dt.date
    status: str
    known: str | None = None
    topics: tuple[str, ...] = ()
    seen: Seen = Seen()

    @property
    def meeting(self) -> Meeting:
        """What a report needs of it."""
        return Meeting(self.tandem, self.monday, self.status, self.known, self.topics)


class Mentors(BaseModel):
    """How many mentors there are, and how many name each topic of meetings as a strength. No mentor by themselves."""

    model_config = ConfigDict(frozen=True)

    registered: int = 0
    topics: dict[str, int] = {}


class Goals(Aggregate, kind="goals"):
    """What became of a tandem's goals; its id is the tandem's. `open`, …: None where that was not told."""

    agreed: bool
    open: int | None = None
    reached: int | None = None
    dropped: int | None = None
    seen: Seen = Seen()


class Signs(Aggregate, kind="signs"):
    """Which signs were ever seen of a tandem (P8), by rule; its id is the tandem's.

    What is heard late or twice adds to it all the same: a set that only grows needs no order.
    """

    rules: tuple[str, ...] = ()


class Exceptional(Aggregate, kind="exceptional"):
    """That something waited for the office: what it was, and in which service. Whom it concerned is not kept."""

    what: str
    seen: Seen = Seen()


class KickOff(Aggregate, kind="kick-off"):
    """How many were asked to a programme's kick-off, and how many of them could come; its id is the programme's.

    `largest`: how many were invited to the one of its dates with the most; None: an earlier release did not ask.
    """

    invited: int
    can_come: int
    dates: int
    largest: int | None = None
    seen: Seen = Seen()
