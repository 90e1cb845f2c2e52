"""The report's job: what it reads, and the piece that it hands over."""

import datetime as dt
from collections import Counter
from typing import NamedTuple

from pydantic import BaseModel

from services.evaluation.model import Answer, Held, Pair, Programme, Questionnaire, Survey
from services.evaluation.questionnaires import RELEASED
from shared.contracts import evaluation as e
from shared.contracts.base import Text
from shared.contracts.parts import Criteria, CriteriaVersion, Side
from shared.runtime.decision import Internal
from shared.runtime.table import Reader


class Given(BaseModel):
    """One person's answers to a questionnaire on one occasion."""

    side: Side
    answers: dict[str, int]


class Asked(BaseModel):
    """What was answered to a questionnaire, and how often one person may have answered it at most.

    `items`: those of every version that was asked, the newest first; an item's name stands for one wording and scale.
    `title`: of a questionnaire of the office's own.
    """

    answers: tuple[Given, ...]
    per_person: int
    items: tuple[e.Item, ...] = ()
    title: Text | None = None


class ReportInputs(BaseModel):
    """Everything that a report is made of; `asked` by questionnaire, of those alone with no survey open.

    `criteria` are those in force, `criteria_versions` all that have held, those of the opening first.
    """

    programme_id: str
    scheduled: bool
    final: bool
    as_of: dt.date
    floor: int
    rules_version: int = 1
    criteria: Criteria
    criteria_seal: str
    criteria_versions: tuple[CriteriaVersion, ...] = ()
    asked: dict[str, Asked]
    completed: int
    ended_early: int
    tandems: int
    meetings_held: int
    meetings_confirmed: int = 0
    meetings_assumed: int = 0
    meetings_unknown: int = 0


class Made(Internal):
    """A report as it was made; its version is given when it is said."""

    programme_id: str
    final: bool
    as_of: dt.date
    criteria_seal: str
    floor: int
    rules_version: int = 1
    tandems_completed: int | None
    tandems_ended_early: int | None
    meetings_held: int | None
    meetings_confirmed: int | None = None
    meetings_assumed: int | None = None
    meetings_unknown: int | None = None
    answers: tuple[e.Answer, ...]
    ratings: tuple[e.Figure, ...]


class MoveAnswer(Internal):
    """A survey whose answer an earlier release may have taken, under an id of the deployment's key."""

    survey_id: str


class AskSomebody(Internal):
    """Somebody to be asked on a day, on an occasion that they have once; `tandem`: None, they are in none yet."""

    programme_id: str
    questionnaire: str
    version: int
    occasion: str
    participant_id: str
    side: Side
    tandem: str | None
    opens: dt.date


class Reference(NamedTuple):
    """What a report's job works on; `scheduled`: the one at the programme's end, which nobody asked for."""

    programme_id: str
    scheduled: bool
    as_of: dt.date

    def text(self) -> str:
        """As a job's reference."""
        return f"{self.programme_id}|{'scheduled' if self.scheduled else 'asked'}|{self.as_of.isoformat()}"

    @classmethod
    def parse(cls, text: str) -> "Reference":
        """From a job's reference."""
        programme, kind, date = text.rsplit("|", 2)
        return cls(programme, kind == "scheduled", dt.date.fromisoformat(date))


async def report_inputs(ref: str, read: Reader) -> ReportInputs:
    """Read the programme with its answers.

    A questionnaire's answers count only while none of its surveys is open: reports that grew with each answer could
    be subtracted from each other until a single answer is left.
    """
    reference = Reference.parse(ref)
    programme = await read.get(Programme, reference.programme_id)
    if programme is None:
        raise LookupError(reference.programme_id)
    programme = programme.on(read.today)
    surveys = await read.find(Survey, programme.id)
    pairs = await read.find(Pair, programme.id)
    answers = await read.find(Answer, programme.id)
    known = Counter(held.known for held in await read.find(Held, programme.id))
    waiting = {survey.questionnaire for survey in surveys if survey.status == "open"}
    over = reference.as_of >= programme.reports and not waiting and not any(pair.due for pair in pairs)
    own = await read.find(Questionnaire, programme.id)
    asked = {name: found for name, found in _asked(surveys, answers, own).items() if name not in waiting}
    versions = programme.criteria_until(reference.as_of)
    return ReportInputs(
        programme_id=programme.id,
        scheduled=reference.scheduled,
        final=over,
        as_of=reference.as_of,
        floor=programme.floor,
        rules_version=programme.rules_version,
        criteria=versions[-1].criteria,
        criteria_seal=programme.criteria_seal,
        criteria_versions=versions,
        asked=asked,
        completed=sum(1 for p in pairs if p.status == "completed"),
        ended_early=sum(1 for p in pairs if p.status == "ended"),
        tandems=len(pairs),
        meetings_held=known["confirmed"] + known["assumed"],
        meetings_confirmed=known["confirmed"],
        meetings_assumed=known["assumed"],
        meetings_unknown=known["unknown"],
    )


def _asked(surveys: list[Survey], answers: list[Answer], own: list[Questionnaire]) -> dict[str, Asked]:
    asked = {}
    known = {key: released.items for key, released in RELEASED.items()}
    titles = {each.name: each.title for each in own if each.own}
    known |= {(each.name, each.version): each.items for each in own}
    for name in {survey.questionnaire for survey in surveys}:
        times = Counter(s.participant for s in surveys if s.questionnaire == name)
        # Ordered by the keyed id, which tells nothing of who or when.
        given = tuple(Given(side=a.side, answers=a.answers) for a in answers if a.questionnaire == name)
        versions = sorted({s.version for s in surveys if s.questionnaire == name}, reverse=True)
        items = {item.id: item for version in versions for item in known.get((name, version), ())}
        asked[name] = Asked(
            answers=given, per_person=max(times.values()), items=tuple(items.values()), title=titles.get(name)
        )
    return asked
