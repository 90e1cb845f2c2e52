"""What the office may read of evaluation: how many were asked, never who, and never who answered."""

from collections import Counter
from typing import Any

from pydantic import BaseModel

from services.evaluation.model import Questionnaire, Report, Survey
from shared.runtime.aggregate import Aggregate
from shared.runtime.attention import Attention, AttentionRow, for_the_office
from shared.runtime.table import View


class Asked(BaseModel):
    """How many people were asked by a questionnaire, and until when the last of them may answer."""

    questionnaire: str
    status: str
    people: int
    closes: str


class Planned(BaseModel):
    """One of the office's own questionnaires that will be asked."""

    questionnaire: str
    version: int
    asked_of: str
    opens: str


class ProgrammeView(BaseModel):
    """Where a programme's evaluation stands."""

    programme_id: str
    surveys: tuple[Asked, ...]
    planned: tuple[Planned, ...]
    attention: tuple[AttentionRow, ...]
    report_version: int
    report_is_final: bool


def programme_view(programme_id: str, found: dict[type[Aggregate], list[Any]]) -> ProgrammeView:
    """Build the view from a programme's aggregates."""
    surveys: list[Survey] = [survey for survey in found[Survey] if survey.opened]
    report: Report | None = next(iter(found[Report]), None)
    counts = Counter((s.questionnaire, s.status) for s in surveys)
    asked = tuple(
        Asked(
            questionnaire=name,
            status=status,
            people=people,
            closes=max(s.closes for s in surveys if (s.questionnaire, s.status) == (name, status)).isoformat(),
        )
        for (name, status), people in sorted(counts.items())
    )
    return ProgrammeView(
        programme_id=programme_id,
        surveys=asked,
        planned=tuple(
            Planned(questionnaire=q.name, version=q.version, asked_of=q.asked_of, opens=q.due.isoformat())
            for q in sorted(found[Questionnaire], key=lambda q: q.id)
            if q.due is not None
        ),
        attention=for_the_office(found[Attention]),
        report_version=report.version if report else 0,
        report_is_final=report.final if report else False,
    )


VIEW = View(aggregates=(Survey, Questionnaire, Report, Attention), build=programme_view)
