"""Surveys: who is asked what and until when, and the private command that answers."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.contracts.base import Command, Event, personal
from shared.contracts.parts import ANSWERS_KEPT, RULES_VERSION, Id, ParticipantId, ProgrammeId, Uuid

ANSWER = {
    "purpose": "evaluation of the programme (S13)",
    "readers": "evaluation only",
    "keep": ANSWERS_KEPT,
}


class SurveyState(Event, about="survey/{survey_id}"):
    """The published state of one person's survey. It never says whether the person answered."""

    survey_id: Uuid = Field(description="one person's survey")
    programme_id: ProgrammeId
    participant_id: ParticipantId
    questionnaire: Id = Field(description="id of the questionnaire: pulse, mid-term, parting, final")
    version: int = Field(ge=1, description="version of the questionnaire")
    opens: dt.date = Field(description="first day for answers")
    closes: dt.date = Field(description="last day for answers")
    status: Literal["open", "closed"] = Field(description="where the survey stands")
    rules_version: int = Field(default=1, ge=1, description=RULES_VERSION)


class SurveyOpened(SurveyState, name="evaluation.survey-opened.v1"):
    """A person is asked."""


class SurveyClosed(SurveyState, name="evaluation.survey-closed.v1"):
    """A survey takes no more answers."""


class SubmitAnswers(Command, name="evaluation.submit-answers.v1", senders=("person",), private=True, unlinkable=True):
    """Answer a survey, once; the answer to this goes to the sender's reply queue only."""

    survey_id: Uuid = Field(description="the survey")
    participant_id: ParticipantId
    answers: dict[Annotated[str, StringConstraints(max_length=40)], int | None] = personal(
        "answers by item", max_length=40, **ANSWER
    )
    comment: str = personal("free comment", default="", max_length=2000, **ANSWER)


class AnswersTaken(Event, name="evaluation.answers-taken.v1", about="survey/{survey_id}", stateful=False, private=True):
    """Private answer: the answers were taken."""

    survey_id: Uuid = Field(description="the survey")
