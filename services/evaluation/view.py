"""What the office may read of evaluation: how many were asked, never who, and never who answered."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from pydantic import BaseModel

from services.evaluation.model import Programme, Questionnaire, Report, Survey
from services.evaluation.shared_topics.model import Introduction, TandemTopics
from services.evaluation.stories.model import Story
from shared.contracts.parts import NOBODY
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


class WorkedOn(BaseModel):
    """How many work on a topic; nothing of fewer people than the programme's floor."""

    topic: str
    tandems: int
    people: int


class StoriesAt(BaseModel):
    """How many stories stand so. Of what one of the two wrote alone nothing is shown before both agree."""

    status: str
    stories: int


class ProgrammeView(BaseModel):
    """Where a programme's evaluation stands. `introduced`: people who were; None: fewer than the floor."""

    programme_id: str
    surveys: tuple[Asked, ...]
    planned: tuple[Planned, ...]
    attention: tuple[AttentionRow, ...]
    report_version: int
    report_is_final: bool
    topics: tuple[WorkedOn, ...] = ()
    introduced: int | None = None
    stories: tuple[StoriesAt, ...] = ()


def programme_view(programme_id: str, found: dict[type[Aggregate], list[Any]]) -> ProgrammeView:
    """Build the view from a programme's aggregates."""
    surveys: list[Survey] = [survey for survey in found[Survey] if survey.opened]
    report: Report | None = next(iter(found[Report]), None)
    floor = max([LEAST, *(programme.floor for programme in found[Programme])])
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
        topics=_topics(found[TandemTopics], floor),
        introduced=_at_least(
            {who for each in found[Introduction] if each.status == "made" for who in each.people}, floor
        ),
        stories=_stories(found[Story]),
    )


LEAST = 5
"""No figure for fewer people, whatever is known of the programme."""
WITH_THE_OFFICE = ("submitted", "published", "returned")


def _at_least(people: Collection[str], floor: int) -> int | None:
    known = set(people) - {NOBODY}
    return len(known) if len(known) >= floor else None


def _topics(worked: Iterable[TandemTopics], floor: int) -> tuple[WorkedOn, ...]:
    by_topic: dict[str, list[TandemTopics]] = defaultdict(list)
    for each in worked:
        for topic in each.topics:
            by_topic[topic].append(each)
    rows = (
        (topic, len(those), _at_least({who for each in those for who in (each.mentor, each.mentee)}, floor))
        for topic, those in sorted(by_topic.items())
    )
    return tuple(WorkedOn(topic=topic, tandems=n, people=people) for topic, n, people in rows if people is not None)


def _stories(stories: Iterable[Story]) -> tuple[StoriesAt, ...]:
    counts = Counter(story.status for story in stories if story.status in WITH_THE_OFFICE)
    return tuple(StoriesAt(status=status, stories=count) for status, count in sorted(counts.items()))


VIEW = View(
    aggregates=(Survey, Questionnaire, Report, Attention, Programme, TandemTopics, Introduction, Story),
    build=programme_view,
)
