"""The report's job: what it reads, and the piece that it hands over."""

import datetime as dt
from typing import NamedTuple

from pydantic import BaseModel

from services.evaluation.model import Answer, Held, Pair, Programme, Survey
from shared.contracts.evaluation import Answer as ReportAnswer
from shared.contracts.parts import Criteria, Side
from shared.runtime.decision import Internal
from shared.runtime.table import Reader


class Given(BaseModel):
    """One person's answers to the final questionnaire."""

    side: Side
    answers: dict[str, int]


class ReportInputs(BaseModel):
    """Everything that a report is made of."""

    programme_id: str
    final: bool
    as_of: dt.date
    floor: int
    criteria: Criteria
    criteria_seal: str
    answers: tuple[Given, ...]
    completed: int
    ended_early: int
    meetings_held: int


class Made(Internal):
    """A report as it was made; its version is given when it is said."""

    programme_id: str
    final: bool
    as_of: dt.date
    criteria_seal: str
    floor: int
    tandems_completed: int | None
    tandems_ended_early: int | None
    meetings_held: int | None
    answers: tuple[ReportAnswer, ...]


class Reference(NamedTuple):
    """What a report's job works on."""

    programme_id: str
    final: bool
    as_of: dt.date

    def text(self) -> str:
        """As a job's reference."""
        return f"{self.programme_id}|{'final' if self.final else 'asked'}|{self.as_of.isoformat()}"

    @classmethod
    def parse(cls, text: str) -> "Reference":
        """From a job's reference."""
        programme, kind, date = text.rsplit("|", 2)
        return cls(programme, kind == "final", dt.date.fromisoformat(date))


async def report_inputs(ref: str, read: Reader) -> ReportInputs:
    """Read the programme with its answers.

    Answers count only once every final survey is closed: reports that grew with each answer could be subtracted from
    each other until a single answer is left.
    """
    reference = Reference.parse(ref)
    programme = await read.get(Programme, reference.programme_id)
    if programme is None:
        raise LookupError(reference.programme_id)
    finals = [s for s in await read.find(Survey, programme.id) if s.questionnaire == "final"]
    whole = all(survey.status == "closed" for survey in finals)
    answers = [a for a in await read.find(Answer, programme.id) if a.questionnaire == "final"] if whole else []
    pairs = await read.find(Pair, programme.id)
    return ReportInputs(
        programme_id=programme.id,
        final=reference.final,
        as_of=reference.as_of,
        floor=programme.floor,
        criteria=programme.criteria,
        criteria_seal=programme.criteria_seal,
        answers=tuple(Given(side=a.side, answers=a.answers) for a in sorted(answers, key=lambda a: a.id)),
        completed=sum(1 for p in pairs if p.status == "completed"),
        ended_early=sum(1 for p in pairs if p.status == "ended"),
        meetings_held=len(await read.find(Held, programme.id)),
    )
