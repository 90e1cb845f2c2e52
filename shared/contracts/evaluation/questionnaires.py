"""Questionnaires as data: what a portal shows of a survey, and how the office adds one of its own."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.contracts.base import Command, Event, Part, Text
from shared.contracts.parts import Id, ProgrammeId

Scale = Literal["choice", "five", "stars", "recommend", "options", "agree"]
SCALE = (
    "choice: -1, 0, 1; five: -2 to 2, both with 0 for content; stars: 0 to 5; recommend: 0 to 10; options: one of its "
    "choices' numbers; agree: -2 (not at all) to 2 (fully)"
)
AskedOf = Literal["both", "mentors", "mentees"]
ItemId = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9-]*$")]
"""An item's name: one wording and one scale, in every version of its questionnaire."""


class Choice(Part):
    """One of the answers that an item offers."""

    value: int = Field(description="the number to answer with")
    code: str = Field(description="stable code of the choice")
    wants: str | None = Field(default=None, description="stable code of the change that it asks for; null: none")
    text: Text = Field(description="the choice in words")


class Item(Part):
    """One item of a questionnaire, in both languages."""

    id: ItemId = Field(description="name of the item: the key of its answer")
    scale: Scale = Field(description=SCALE)
    low: int = Field(description="least value of an answer")
    high: int = Field(description="highest value of an answer")
    choices: tuple[Choice, ...] = Field(description="the answers in order; empty: stars and recommend")
    question: Literal["duration", "frequency", "rules", "rollout"] | None = Field(
        description="which of the four questions it serves (S13); null: none"
    )
    text: Text = Field(description="the item in words")
    source: str = Field(description="where it comes from; a borrowed or reversed one: adapted, unvalidated (P15)")


class QuestionnairePublished(
    Event, name="evaluation.questionnaire-published.v1", about="questionnaire/{programme_id}:{questionnaire}:{version}"
):
    """A programme asks this questionnaire: all that a portal needs to show it. Answers go by `SubmitAnswers`."""

    programme_id: ProgrammeId
    questionnaire: Id = Field(description="id of the questionnaire, as its surveys name it")
    version: int = Field(ge=1, description="its version, as its surveys name it")
    title: Text = Field(description="title for people")
    items: tuple[Item, ...] = Field(description="the items in the order in which they are asked; none must be answered")
    comment: Text = Field(description="what is asked for in the one free text, `comment`")
    asked_of: AskedOf = Field(description="who is asked")
    opens: dt.date | None = Field(description="the day on which all are asked; null: each on an occasion of their own")
    own: bool = Field(description="whether the office added it: its items decide none of the four questions")


class OwnChoice(Part):
    """One of the answers that an item of the office's own offers."""

    code: Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z0-9][a-z0-9-]*$")] = Field(
        description="stable code of the choice"
    )
    text: Text = Field(description="the choice in words, at most 120 characters")
    value: int | None = Field(
        default=None, ge=0, le=1000, description="options: the number that it stands for, ascending; else null"
    )


class OwnItem(Part):
    """An item of the office's own; whatever its scale, its answers have an order and name nobody."""

    id: ItemId = Field(description="name of the item; one that changes its wording or scale gets another name")
    scale: Scale = Field(description=SCALE)
    text: Text = Field(description="the item in words, at most 300 characters")
    choices: tuple[OwnChoice, ...] = Field(
        default=(),
        max_length=10,
        description="choice: three, five: five, options: two to ten; the others have none, theirs are the software's",
    )
    source: str = Field(
        default="own item",
        min_length=1,
        max_length=300,
        description="where it comes from; a borrowed or reversed one says so: adapted, unvalidated (P15)",
    )


class AddQuestionnaire(Command, name="evaluation.add-questionnaire.v1", senders=("office",)):
    """Ask everybody who is in a tandem on a day something of the office's own, in confidence like all else.

    Its items are reported like others and never decide one of the four questions.
    """

    programme_id: ProgrammeId
    questionnaire: Id = Field(description="id of the questionnaire, none of the software's own")
    version: int = Field(ge=1, le=20, description="1, then the next: a changed questionnaire is another version")
    title: Text = Field(description="title for people, at most 80 characters")
    items: tuple[OwnItem, ...] = Field(min_length=1, max_length=20, description="what is asked, in order")
    asked_of: AskedOf = Field(default="both", description="who is asked")
    opens: dt.date = Field(description="the day on which all are asked, tomorrow or later")
