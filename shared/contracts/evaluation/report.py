"""The report: four answers with their figures, all of them protected."""

import datetime as dt
from typing import Literal

from pydantic import Field

from shared.contracts.base import Command, Event, Part, Text
from shared.contracts.evaluation.figures import Evidence, Figures
from shared.contracts.parts import RULES_VERSION, Criterion, ProgrammeId


class RequestReport(Command, name="evaluation.request-report.v1", senders=("office",)):
    """Make the report of what is known so far."""

    programme_id: ProgrammeId


class Figure(Part):
    """One protected figure: what it counts, its value, and how sure it is."""

    key: str = Field(description="stable key")
    value: float | None = Field(description="the value; None where it is withheld to protect single answers")
    low: float | None = Field(default=None, description="lower end of the interval")
    high: float | None = Field(default=None, description="upper end of the interval")
    people: int | None = Field(description="people behind it; None where withheld")
    text: Text = Field(description="the figure in words")


class Answer(Part):
    """The answer to one of the four questions of S13."""

    question: Literal["duration", "frequency", "rules", "rollout"] = Field(description="the question")
    answer: Literal["keep", "change", "not_enough_data"] = Field(description="the answer")
    direction: str | None = Field(description="which way to change, as a stable code")
    criterion: Criterion = Field(description="the criterion fixed before the data (P14)")
    figures: tuple[Figure, ...] = Field(description="protected figures behind the answer")
    text: Text = Field(description="the answer in words")
    evidence: Evidence | None = Field(
        default=None, description="what it rests on and how sure it is; null: a report of an earlier release"
    )


class ReportPublished(Event, name="evaluation.report-published.v1", about="report/{programme_id}"):
    """The evaluation report: the four answers with their figures; nothing for fewer than the floor."""

    programme_id: ProgrammeId
    version: int = Field(ge=1, description="first, second, … report of the programme")
    final: bool = Field(description="whether the programme has ended and every survey closed")
    as_of: dt.date = Field(description="day of the report")
    criteria_seal: str = Field(description="seal of the criteria, as published when the programme opened")
    floor: int = Field(description="no figure for fewer people")
    rules_version: int = Field(default=1, ge=1, description=RULES_VERSION)
    tandems_completed: int | None = Field(description="tandems that ran to the term; None where withheld")
    tandems_ended_early: int | None = Field(description="tandems that ended early; None where withheld")
    meetings_held: int | None = Field(description="meetings held, confirmed or assumed; None where withheld")
    meetings_confirmed: int | None = Field(
        default=None, description="held meetings of which somebody said so, or named topics; None where withheld"
    )
    meetings_assumed: int | None = Field(
        default=None, description="held meetings of which nobody said otherwise; None where withheld"
    )
    meetings_unknown: int | None = Field(
        default=None, description="meetings of which nobody knows: they count for nothing; None where withheld"
    )
    answers: tuple[Answer, ...] = Field(min_length=4, max_length=4, description="the four answers")
    ratings: tuple[Figure, ...] = Field(default=(), description="protected shares of helpful ratings; once it is final")
    contents: Figures | None = Field(
        default=None, description="all figures as data; null: a report of an earlier release"
    )
