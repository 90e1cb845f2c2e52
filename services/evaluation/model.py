"""What evaluation remembers."""

import datetime as dt
from typing import Literal

from shared.contracts.base import Office, Text
from shared.contracts.parts import Criteria, Side, Term
from shared.runtime.aggregate import Aggregate, Seen


class Programme(Aggregate, kind="programme"):
    """What a survey and the report need of a programme; newest state wins."""

    title: Text
    term: Term
    office: Office
    criteria: Criteria
    criteria_seal: str
    floor: int
    window_days: int
    held_after_days: int
    reported: bool = False
    seen: Seen = Seen()


class Pair(Aggregate, kind="tandem"):
    """A tandem with its two sides; `due` is the day of its next survey."""

    mentor: str
    mentee: str
    status: Literal["running", "ended", "completed"]
    formed_on: dt.date
    ends_on: dt.date
    asked_mid_term: bool = False
    asked_at_end: bool = False
    seen: Seen = Seen()

    @property
    def sides(self) -> tuple[tuple[Side, str], ...]:
        """Both people with their side (P13: ask both)."""
        return (("mentor", self.mentor), ("mentee", self.mentee))


class Held(Aggregate, kind="held"):
    """A meeting that was held: counted, nothing else."""


class Survey(Aggregate, kind="survey"):
    """One person's survey. Whether it was answered is not known here, on purpose."""

    participant: str
    side: Side
    questionnaire: str
    version: int
    opens: dt.date
    closes: dt.date
    status: Literal["open", "closed"] = "open"
    reminded: bool = False

    def published(self) -> dict[str, object]:
        """The fields of an event about it."""
        return {
            "survey_id": self.id,
            "programme_id": self.programme,
            "participant_id": self.participant,
            "questionnaire": self.questionnaire,
            "version": self.version,
            "opens": self.opens,
            "closes": self.closes,
            "status": self.status,
        }


class Answer(Aggregate, kind="answer"):
    """What somebody answered: under a keyed id, without person, survey, meeting, message or time."""

    questionnaire: str
    version: int
    side: Side
    answers: dict[str, int]
    comment: str = ""


class Report(Aggregate, kind="report"):
    """The last report of a programme; `version` counts the reports said."""

    version: int = 0
    final: bool = False
