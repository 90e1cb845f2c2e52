"""Evaluation's language: surveys, answers, the report."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.contracts import base
from shared.contracts.base import Command, Event, Part, Text, personal
from shared.contracts.parts import ANSWERS_KEPT, RULES_VERSION, Criterion, Id, ParticipantId, ProgrammeId, Uuid

ANSWER = {
    "purpose": "evaluation of the programme (S13)",
    "readers": "evaluation only",
    "keep": ANSWERS_KEPT,
}


class CommandRejected(base.CommandRejected, name="evaluation.command-rejected.v1"):
    """Evaluation refused a command."""


class PersonAddressed(base.PersonAddressed, name="evaluation.person-addressed.v1"):
    """Evaluation has words for a person."""


class OfficeAttentionNeeded(base.OfficeAttentionNeeded, name="evaluation.office-attention-needed.v1"):
    """Evaluation needs the office."""


class DayHandled(base.DayHandled, name="evaluation.day-handled.v1"):
    """Evaluation has handled a day."""


class AuditSealed(base.AuditSealed, name="evaluation.audit-sealed.v1"):
    """Evaluation has sealed its audit of a day."""


class ReplayQuarantined(base.ReplayQuarantined, name="evaluation.replay-quarantined.v1", senders=("ops",)):
    """Hand evaluation's quarantined messages back to it."""


class QuarantineReplayed(base.QuarantineReplayed, name="evaluation.quarantine-replayed.v1"):
    """Evaluation took quarantined messages back."""


class EditQuarantined(base.EditQuarantined, name="evaluation.edit-quarantined.v1", senders=("office",)):
    """Replace one of evaluation's quarantined messages by a corrected copy."""


class QuarantineEdited(base.QuarantineEdited, name="evaluation.quarantine-edited.v1"):
    """Evaluation took a corrected copy in the place of a quarantined message."""


class DiscardQuarantined(base.DiscardQuarantined, name="evaluation.discard-quarantined.v1", senders=("ops", "office")):
    """Give one of evaluation's quarantined messages up."""


class QuarantineDiscarded(base.QuarantineDiscarded, name="evaluation.quarantine-discarded.v1"):
    """Evaluation gave a quarantined message up."""


class QuarantineRead(base.QuarantineRead, name="evaluation.quarantine-read.v1"):
    """Somebody read one of evaluation's quarantined messages."""


class NoteUnrouted(base.NoteUnrouted, name="evaluation.note-unrouted.v1", senders=("office",)):
    """Have evaluation record what is done with a command that nobody takes."""


class UnroutedNoted(base.UnroutedNoted, name="evaluation.unrouted-noted.v1"):
    """Evaluation recorded what is done with a command that nobody takes."""


class SayStateAgain(base.SayStateAgain, name="evaluation.say-state-again.v1", senders=("ops", "service")):
    """Have evaluation say again what it published."""


class StateSaidAgain(base.StateSaidAgain, name="evaluation.state-said-again.v1"):
    """Evaluation has said again what it published."""


class ShowPerson(base.ShowPerson, name="evaluation.show-person.v1", senders=("service",), private=True):
    """Show all that evaluation holds on a person."""


class PersonShown(base.PersonShown, name="evaluation.person-shown.v1"):
    """Private answer: some of what evaluation holds on a person."""


class PeopleErased(base.PeopleErased, name="evaluation.people-erased.v1"):
    """Evaluation holds nothing more of the people of an erasure."""


class RetentionCarriedOut(base.RetentionCarriedOut, name="evaluation.retention-carried-out.v1"):
    """Evaluation keeps nothing more of a programme for purposes whose time is over."""


# Surveys


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


class SubmitAnswers(Command, name="evaluation.submit-answers.v1", senders=("person",), private=True):
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


# The report


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
