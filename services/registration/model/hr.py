"""What registration remembers of HR's facts: of people who take part, and of units that moved."""

import datetime as dt

from pydantic import BaseModel, ConfigDict

from services.registration.model.people import Participant
from services.registration.model.programmes import Programme
from shared.contracts.parts import WorkingTime
from shared.runtime.aggregate import Aggregate, Seen

DEEPEST = 8
"""Units of a path, as a profile has them."""


class Post(BaseModel):
    """What HR has said of a post, as it said it last; None: nothing. The line are keyed digests, as a participant's."""

    model_config = ConfigDict(frozen=True)

    department: str | None = None
    unit: tuple[str, ...] | None = None
    grade: int | None = None
    site: str | None = None
    working_times: tuple[WorkingTime, ...] | None = None
    reporting_line: tuple[str, ...] | None = None


class Employment(Aggregate, kind="employment"):
    """How far HR's word on a person is followed, and their last day if HR said one; its id is that of the person.

    `due` on the day after the last one. `post` is what a new registration of theirs takes from HR. Whom it concerns
    stands with the person alone: it is kept as long as they are.
    """

    seen: Seen = Seen()
    last_day: dt.date | None = None
    post: Post = Post()

    def over(self, on: dt.date) -> bool:
        """Whether the last day was before a day."""
        return self.last_day is not None and self.last_day < on


class Reorganisation(Aggregate, kind="reorganisation"):
    """A unit that moved as a whole: from where, and to where. Nobody's data."""

    seen: Seen = Seen()
    from_department: str
    from_unit: tuple[str, ...]
    to_department: str
    to_unit: tuple[str, ...]

    def place(self, department: str, unit: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | None:
        """Where somebody of this department and unit works since; None where it does not concern them.

        Of a path that grows too long for a profile the innermost units are left out.
        """
        depth = len(self.from_unit)
        if department != self.from_department or unit[:depth] != self.from_unit:
            return None
        return self.to_department, (*self.to_unit, *unit[depth:])[:DEEPEST]


def takes_part(participant: Participant, programme: Programme) -> bool:
    """Whether HR's facts still concern somebody: they have not left, and the programme is not over."""
    return participant.status == "registered" and not programme.is_over
