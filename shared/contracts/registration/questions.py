"""Questions to the programme office: asked, answered by a day, and never lost (S15, S19)."""

import datetime as dt
from typing import Literal

from pydantic import Field

from shared.contracts.base import Command, Event, personal
from shared.contracts.parts import PEOPLE_KEPT, RULES_VERSION, ParticipantId, ProgrammeId, Uuid

QUESTION = {
    "purpose": "the office is the contact for questions (S19)",
    "readers": "registration, office, and the person who asked",
    "keep": f"{PEOPLE_KEPT}; in no event but the mail to the person",
}
LONGEST = 2000
"""Characters of a question or an answer."""


class AskOffice(Command, name="registration.ask-office.v1", senders=("person",)):
    """Ask the programme office something; the same words again are the same question."""

    programme_id: ProgrammeId
    participant_id: ParticipantId
    question: str = personal("the question", max_length=LONGEST, pattern=r"\S", **QUESTION)


class AnswerQuestion(Command, name="registration.answer-question.v1", senders=("office",)):
    """Answer a question; the answer goes to the person."""

    question_id: Uuid = Field(description="the question")
    answer: str = personal("the answer", max_length=LONGEST, pattern=r"\S", **QUESTION)


class QuestionState(Event, about="question/{question_id}"):
    """The published state of a question, without its words."""

    question_id: Uuid = Field(description="the question")
    participant_id: ParticipantId
    programme_id: ProgrammeId
    status: Literal["open", "answered"] = Field(description="whether it waits for the office")
    asked_on: dt.date = Field(description="day on which it was asked")
    answer_by: dt.date = Field(description="last day for the answer, as the person was told")
    rules_version: int = Field(default=1, ge=1, description=RULES_VERSION)


class QuestionAsked(QuestionState, name="registration.question-asked.v1"):
    """Somebody asked the office; they were told by when they hear."""


class QuestionDelayed(QuestionState, name="registration.question-delayed.v1"):
    """A question was not answered in time; the person was told the new day, the office reminded."""


class QuestionAnswered(QuestionState, name="registration.question-answered.v1"):
    """The office answered; the answer went to the person."""
