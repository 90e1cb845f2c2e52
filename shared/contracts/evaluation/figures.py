"""The report's figures as data: what any page, picture or table of it is made of. All of them are protected."""

import datetime as dt
from typing import Literal

from pydantic import Field

from shared.contracts.base import Part, Text
from shared.contracts.parts import CriteriaVersion, Id, ProgrammeId, Term

Group = Literal["all", "mentor", "mentee"]
ABOUT = "title of a questionnaire of the office's own; null: one of the software's, or told by an earlier release"
WITHHELD = "null: withheld, to protect single answers"


class ClassCount(Part):
    """How many people stand in one class of an item's answers."""

    code: str = Field(description="stable code of the class, e.g. too-short; of stars and the like its bounds, as 0-1")
    text: Text = Field(description="the class in words")
    count: int | None = Field(description=f"people in it; {WITHHELD}")
    at_least: bool = Field(default=False, description="whether there are at least so many, and no more is told")


class Distribution(Part):
    """What a group of people answered to one item, one value a person; or how they changed between two surveys."""

    key: str = Field(description="stable key: questionnaire.item.group, of changes change.item.group")
    questionnaire: Id = Field(description="the questionnaire; of a change the later one")
    version: int = Field(ge=1, description="its version")
    item: str = Field(description="the item")
    kind: Literal["answers", "change"] = Field(description="change: less, the same, or more than in the baseline")
    group: Group = Field(description="whose answers")
    title: Text = Field(description="the item's wording")
    source: str = Field(description="where the item comes from; a borrowed or reversed one: adapted, unvalidated (P15)")
    people: int | None = Field(description=f"people behind it; {WITHHELD}")
    classes: tuple[ClassCount, ...] = Field(description="its classes in order; empty where all is withheld")
    median: str | None = Field(description="code of the class that holds the median person; null: not told, or none")
    withheld: Literal["too-few", "derivable"] | None = Field(
        description="too-few: fewer people than the floor; derivable: it could be subtracted from what is shown"
    )
    about: Text | None = Field(default=None, description=ABOUT)


class Evidence(Part):
    """What an answer rests on, and how sure it is. Shares in percent."""

    key: str = Field(description="key of the distribution that it rests on")
    threshold: float = Field(description="change above it, keep below it: fixed before the data (P14)")
    wants: str | None = Field(
        description="the change that most want, as a stable code; null: nobody wants any, as many want another, or it "
        "is not told"
    )
    share: float | None = Field(description=f"share that wants the change that most want; {WITHHELD}")
    low: float | None = Field(description="one-sided lower bound of that share")
    high: float | None = Field(description="one-sided upper bound of the share that wants any change")
    level: float = Field(
        description="error allowed for this question, 0.0125 to 0.05: where other questions are clear, it is larger"
    )
    people: int | None = Field(description=f"people behind it; {WITHHELD}")
    intraclass: float = Field(description="correlation of the two answers of a tandem that was reckoned with, 0 to 1")
    design_effect: float = Field(description="by so much the people count less than as many who are independent")
    leans: Literal["keep", "change"] | None = Field(description="which way it leans, though it may not be sure")
    people_needed: int | None = Field(
        description="people whose answers would have been enough, if they answered alike; null: more than 10,000"
    )
    silent_needed: float | None = Field(
        description="share of who did not answer that would have to want otherwise than they seem to, for the answer "
        "to fall; null: no share would be enough, or there is no answer to fall"
    )
    text: Text = Field(description="all this in words, with its method")


class Response(Part):
    """How many of a group answered a questionnaire."""

    questionnaire: Id = Field(description="the questionnaire")
    version: int = Field(ge=1, description="its version")
    group: Group = Field(description="of whom")
    asked: int | None = Field(description=f"people asked; {WITHHELD}")
    answered: int | None = Field(description=f"people who answered; {WITHHELD}")
    about: Text | None = Field(default=None, description=ABOUT)


class Awaited(Part):
    """A questionnaire of which nothing is told yet: to be asked, open to somebody, or told at the end with others."""

    questionnaire: Id = Field(description="the questionnaire")
    opens: dt.date | None = Field(
        default=None, description="day on which everybody is asked; null: each person on a day of their own"
    )
    about: Text | None = Field(default=None, description=ABOUT)


class Week(Part):
    """The meetings of one calendar week."""

    monday: dt.date = Field(description="its first day")
    planned: int = Field(
        description="meetings whose newest time lies in the week, also those that were called off or missed; one that "
        "was moved counts where it was moved to"
    )
    confirmed: int = Field(description="held: somebody said so, or named topics")
    assumed: int = Field(description="held: accepted by a person, and nobody said otherwise")
    unknown: int = Field(description="of which nobody knows; they count for nothing")


class TopicCount(Part):
    """In how many tandems a topic came up in meetings."""

    topic_id: Id = Field(description="id in the topic catalogue")
    tandems: int | None = Field(description=f"tandems; {WITHHELD}")
    label: Text | None = Field(
        default=None, description="its words in the catalogue; null: nobody has told of them, or an earlier release"
    )


class SignCount(Part):
    """In how many tandems a sign was seen at any time (P8): tandems in groups, never one, never a side."""

    rule: str = Field(description="the rule, e.g. tandem-silent")
    tandems: int | None = Field(description=f"tandems; {WITHHELD}")


class Goals(Part):
    """What became of the goals that tandems agreed on (S11)."""

    tandems: int | None = Field(description=f"tandems with an agreement; {WITHHELD}")
    open: int | None = Field(description=f"goals that are open; {WITHHELD}")
    reached: int | None = Field(description=f"goals that were reached; {WITHHELD}")
    dropped: int | None = Field(description=f"goals that were given up; {WITHHELD}")


class Supply(Part):
    """What a programme had of one thing, as so many tandems of people like these would have it."""

    estimate: float | None = Field(description=f"how much; {WITHHELD}")
    low: float | None = Field(description="lower end of its interval, 95 %")
    high: float | None = Field(description="upper end")
    text: Text = Field(description="what it was estimated from, and how")


class Need(Part):
    """What a rollout of so many tandems would need of one thing, by this programme's own rates (S14)."""

    key: str = Field(description="stable key, e.g. mentors.spreadsheets, kick-off.rooms")
    tandems: int = Field(description="for so many tandems")
    estimate: float | None = Field(description=f"how much; {WITHHELD}")
    low: float | None = Field(description="lower end of its interval, 95 %")
    high: float | None = Field(description="upper end")
    text: Text = Field(description="what it is, with its unit")
    basis: Text = Field(description="what it was estimated from, and how")
    supply: Supply | None = Field(
        default=None,
        description="of a topic: of as many mentors as there are tandems so many name it as a strength; null: unknown",
    )


class WaveAnswer(Part):
    """What an earlier programme's last report answered to a question."""

    question: Literal["duration", "frequency", "rules", "rollout"] = Field(description="the question")
    answer: Literal["keep", "change", "not_enough_data"] = Field(description="its answer")
    direction: str | None = Field(description="which way to change, as a stable code")
    share: float | None = Field(description=f"share that wanted that change, in percent; {WITHHELD}")
    comparable: bool = Field(description="whether criterion, item and its version are the same as in this programme")


class Wave(Part):
    """An earlier programme beside this one."""

    programme_id: ProgrammeId
    title: Text = Field(description="its title")
    term: Term = Field(description="its term")
    answers: tuple[WaveAnswer, ...] = Field(description="the four answers of its last report")


class Figures(Part):
    """Everything in a report that is a number, beside the four answers."""

    title: Text = Field(description="the programme's title")
    term: Term = Field(description="its term")
    tandems: int | None = Field(description=f"tandems of the programme; {WITHHELD}")
    criteria: tuple[CriteriaVersion, ...] = Field(description="the criteria and their changes, the first ones first")
    distributions: tuple[Distribution, ...] = Field(description="answers and changes, by item and group")
    responses: tuple[Response, ...] = Field(description="who was asked and answered, in groups")
    weeks: tuple[Week, ...] = Field(description="meetings planned and held by week; empty where withheld")
    topics: tuple[TopicCount, ...] = Field(description="topics of meetings, the most frequent first")
    signs: tuple[SignCount, ...] = Field(description="signs that something went wrong, by rule")
    goals: Goals | None = Field(description="what became of goals; null: nothing is known")
    rollout: tuple[Need, ...] = Field(description="what 100 tandems would need")
    waves: tuple[Wave, ...] = Field(description="earlier programmes, the newest first")
    comments: tuple[str, ...] = Field(
        default=(), description="deprecated, always empty: what people write stands in no event, only on the page"
    )
    awaited: tuple[Awaited, ...] = Field(
        default=(), description="questionnaires that are still to be asked, or open: an interim report tells of none"
    )
