"""What a report is made of, as its job reads it."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from pydantic import BaseModel, Field

from services.evaluation.counting.model import Counted, Exceptional, Goals, KickOff, Meeting, Mentors, Signs
from services.evaluation.model import Answer, Held, Pair, Participant, Programme, Questionnaire, Report, Survey
from services.evaluation.questionnaires import RELEASED
from services.evaluation.reporting.released import Released
from services.evaluation.shared_topics.merged import Topics, topics_of
from shared.contracts import evaluation as e
from shared.contracts.base import Text
from shared.contracts.parts import NOBODY, Criteria, CriteriaVersion, Side, Term
from shared.runtime.table import Reader

AGAIN = ("pulse",)
"""Questionnaires that one person answers several times."""
DECIDES = "final"
"""The questionnaire that decides: everybody who was in a tandem is asked it once, when all is over."""
AWAITED = (DECIDES, "mid-term", *AGAIN)
"""Questionnaires of the software's that an interim report says are still open. Not those of people who leave: that one
is open would tell of somebody who left."""


@dataclass(frozen=True, slots=True)
class Given:
    """One person's answers to a questionnaire on one occasion, by pseudonyms.

    `reports`: how many reports of the programme had been said when it came.
    """

    person: str
    cluster: str
    side: Side
    answers: dict[str, int]
    reports: int = 0


class Asked(BaseModel):
    """A questionnaire with what was answered to it.

    `version`: the newest that was asked; `items`: those of every version, the newest first, since an item's name stands
    for one wording and scale; `versions`: the newest version that has an item, where that is not `version`. `people`:
    how many of each side were asked; None: that is not known. `title`: of one of the office's own.
    """

    version: int
    items: tuple[e.Item, ...]
    answers: tuple[Given, ...]
    people: dict[Side, int] | None
    title: Text | None = None
    versions: dict[str, int] = Field(default_factory=dict)


class Earlier(BaseModel):
    """An earlier programme with its last report."""

    title: Text
    term: Term
    said: e.ReportPublished


class ReportInputs(BaseModel):
    """Everything that a report is made of; `asked` by questionnaire, of those alone with no survey open.

    `reports`: how many have been said, `released` what they told; `erasures`: how often answers had gone by then.
    `responses`: who answered, as an earlier report told it. `criteria` are those in force, `criteria_versions` all that
    have held, those of the opening first. `awaited`: what is still to be asked, or open. `labels`: the words of the
    meetings' topics, of which a merged one counts as the one where it ends.
    """

    programme_id: str
    title: Text
    term: Term
    scheduled: bool
    final: bool
    as_of: dt.date
    floor: int
    insiders: int
    rules_version: int
    criteria: Criteria
    criteria_seal: str
    criteria_versions: tuple[CriteriaVersion, ...]
    reports: int
    erasures: int = 0
    released: tuple[Released, ...]
    told_before: tuple[str, ...] = ()
    responses: tuple[e.Response, ...] = ()
    asked: dict[str, Asked]
    awaited: tuple[e.Awaited, ...] = ()
    tandems: tuple[str, ...]
    completed: int
    ended_early: int
    meetings_held: int
    meetings_confirmed: int
    meetings_assumed: int
    meetings_unknown: int
    meetings: tuple[Meeting, ...]
    labels: dict[str, Text] = {}
    goals: tuple[Goals, ...]
    signs: tuple[Signs, ...]
    exceptions: int
    kick_off: KickOff | None
    mentors: Mentors = Mentors()
    earlier: tuple[Earlier, ...]


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
    """Read the programme with its answers, what was counted, and earlier programmes' reports.

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
    known = Counter(held.known for held in await read.find(Held, programme.id))
    waiting = {survey.questionnaire for survey in surveys if survey.status == "open"}
    over = reference.as_of >= programme.reports and not waiting and not any(pair.due for pair in pairs)
    own = await read.find(Questionnaire, programme.id)
    versions = programme.criteria_until(reference.as_of)
    report = await read.get(Report, programme.id)
    released = (report.released if report is not None else ()) or ()
    told = {kept.questionnaire for kept in released}
    asked = await _answered(programme.id, surveys, own, released, read)
    before = _told_before(report)
    # An earlier release told of them by another rule: anything more could be subtracted from that.
    asked = {name: found for name, found in asked.items() if name not in before}
    asked = {n: found for n, found in asked.items() if n in told or _ready(n, found, waiting, over=over)}
    meetings = [counted.meeting for counted in await read.find(Counted, programme.id)]
    topics = await topics_of((topic for meeting in meetings for topic in meeting.topics), read)
    meetings = [_where_topics_end(meeting, topics) for meeting in meetings]
    return ReportInputs(
        programme_id=programme.id,
        title=programme.title,
        term=programme.term,
        scheduled=reference.scheduled,
        final=over,
        as_of=reference.as_of,
        floor=programme.floor,
        insiders=programme.insiders,
        rules_version=programme.rules_version,
        criteria=versions[-1].criteria,
        criteria_seal=programme.criteria_seal,
        criteria_versions=versions,
        reports=report.version if report is not None else 0,
        erasures=programme.erasures,
        released=released,
        told_before=before,
        responses=_responses(report),
        asked=asked,
        awaited=() if over else _awaited(programme, {s.questionnaire for s in surveys}, own, {*asked, *before}),
        tandems=tuple(pair.id for pair in pairs),
        completed=sum(1 for p in pairs if p.status == "completed"),
        ended_early=sum(1 for p in pairs if p.status == "ended"),
        meetings_held=known["confirmed"] + known["assumed"],
        meetings_confirmed=known["confirmed"],
        meetings_assumed=known["assumed"],
        meetings_unknown=known["unknown"],
        meetings=tuple(meetings),
        labels=topics.labels,
        goals=tuple(await read.find(Goals, programme.id)),
        signs=tuple(await read.find(Signs, programme.id)),
        exceptions=len(await read.find(Exceptional, programme.id)),
        kick_off=await read.get(KickOff, programme.id),
        mentors=await _mentors({topic for meeting in meetings for topic in meeting.topics}, programme, read),
        earlier=await _earlier(programme, read),
    )


async def _answered(
    programme: str,
    surveys: list[Survey],
    own: list[Questionnaire],
    released: Sequence[Released],
    read: Reader,
) -> dict[str, Asked]:
    """What was answered; a city's answers as they are stored are let go of before its meetings are read."""
    waiting = {survey.questionnaire for survey in surveys if survey.status == "open"}
    return _asked(surveys, _tellable(await read.find(Answer, programme), waiting, released), own)


def _ready(questionnaire: str, asked: Asked, waiting: Collection[str], *, over: bool) -> bool:
    """Whether a report may tell of a questionnaire for the first time.

    What somebody answers again and again is told once, when all is over: a value that was told is never told anew. So
    is what the office asks of its own, all of it together: it may ask the same twice, of others.
    """
    return over if questionnaire in AGAIN or asked.title is not None else questionnaire not in waiting


def _awaited(
    programme: Programme, asked: Collection[str], own: Iterable[Questionnaire], told: Collection[str]
) -> tuple[e.Awaited, ...]:
    """What is still to be asked, or open to somebody; the one that decides first."""
    found = {DECIDES: e.Awaited(questionnaire=DECIDES, opens=programme.asks_finally)}
    found |= {name: e.Awaited(questionnaire=name) for name in AWAITED if name != DECIDES and name in asked}
    for each in own:
        if each.own and (each.due is not None or each.name in asked):
            found[each.name] = e.Awaited(questionnaire=each.name, opens=each.opens, about=each.title)
    return tuple(each for name, each in found.items() if name not in told)


def _where_topics_end(meeting: Meeting, topics: Topics) -> Meeting:
    """A meeting with its merged topics as those where they end."""
    if topics.ends.keys().isdisjoint(meeting.topics):
        return meeting
    return replace(meeting, topics=tuple(dict.fromkeys(topics.ends.get(id, id) for id in meeting.topics)))


def _told_before(report: Report | None) -> tuple[str, ...]:
    """The questionnaires of which an earlier release's report told something; every later report keeps them."""
    if report is None or report.released is not None:
        return report.told_before if report is not None else ()
    said = report.said
    figures = [figure for answer in said.answers for figure in answer.figures] if said is not None else []
    ratings = said.ratings if said is not None else ()
    found = {figure.key.partition(".")[0] for figure in (*figures, *ratings) if figure.people is not None}
    return tuple(sorted(found))


def _responses(report: Report | None) -> tuple[e.Response, ...]:
    """Who answered, as the last report told it."""
    contents = report.said.contents if report is not None and report.said is not None else None
    return contents.responses if contents is not None else ()


def _tellable(answers: Iterable[Answer], waiting: Collection[str], released: Iterable[Released]) -> list[Answer]:
    """All answers but those to a questionnaire that is open again and came after the report that last told of it."""
    last: dict[str, int] = {}
    for kept in released:
        last[kept.questionnaire] = max(kept.report, last.get(kept.questionnaire, 0))
    return [a for a in answers if a.questionnaire not in waiting or a.reports < last.get(a.questionnaire, 0)]


def _asked(surveys: list[Survey], answers: list[Answer], own: list[Questionnaire]) -> dict[str, Asked]:
    known = {key: released.items for key, released in RELEASED.items()}
    known |= {(each.name, each.version): each.items for each in own}
    titles = {each.name: each.title for each in sorted(own, key=lambda each: each.version) if each.own}
    given: dict[str, list[Given]] = defaultdict(list)
    for answer in answers:
        given[answer.questionnaire].append(_given(answer))
    versions: dict[str, set[int]] = defaultdict(set)
    people: dict[str, set[tuple[Side, str]]] = defaultdict(set)
    for survey in surveys:
        versions[survey.questionnaire].add(survey.version)
        # Of who was erased before anything was told the answers went, and nobody is reckoned with.
        if (who := survey.erased if survey.participant == NOBODY else survey.participant) is not None:
            people[survey.questionnaire].add((survey.side, who))
    return {
        name: Asked(
            version=max(versions[name]),
            items=tuple(items_of(known, name, versions[name]).values()),
            answers=tuple(given[name]),
            people=Counter(side for side, _ in people[name]),
            title=titles.get(name),
            versions=_only_before(known, name, versions[name]),
        )
        for name in versions
    }


def items_of(
    known: Mapping[tuple[str, int], tuple[e.Item, ...]], name: str, versions: Iterable[int]
) -> dict[str, e.Item]:
    """The items of these versions of a questionnaire by name, those of the newest first."""
    found: dict[str, e.Item] = {}
    for version in sorted(versions, reverse=True):
        for item in known.get((name, version), ()):
            found.setdefault(item.id, item)
    return found


def _only_before(
    known: Mapping[tuple[str, int], tuple[e.Item, ...]], name: str, versions: Collection[int]
) -> dict[str, int]:
    """The newest version of each item that the newest version has no more."""
    newest = max(versions)
    found = {item.id: version for version in sorted(versions) for item in known.get((name, version), ())}
    return {item: version for item, version in found.items() if version != newest}


def _given(answer: Answer) -> Given:
    return Given(
        # An earlier release kept no pseudonyms: then each answer stands for somebody.
        person=answer.person or answer.id,
        cluster=answer.cluster or answer.id,
        side=answer.side,
        answers=answer.answers,
        reports=answer.reports,
    )


async def _mentors(topics: Collection[str], programme: Programme, read: Reader) -> Mentors:
    """How many mentors take part, and how many bring each of these topics, also under one that it was merged with."""
    people = await read.find(Participant, programme.id)
    brought = [set(who.strengths) for who in people if who.strengths is not None and not who.withdrawn]
    ends, _ = await topics_of({*topics, *(topic for strengths in brought for topic in strengths)}, read)
    names = Counter(topic for strengths in brought for topic in {ends.get(each, each) for each in strengths})
    return Mentors(registered=len(brought), topics={topic: names[ends.get(topic, topic)] for topic in topics})


async def _earlier(programme: Programme, read: Reader) -> tuple[Earlier, ...]:
    """Programmes whose term began before this one's, with what their last report said; the newest first."""
    found = []
    for report in await read.find(Report, None):
        if report.said is None or report.id == programme.id:
            continue
        other = await read.get(Programme, report.id)
        if other is not None and other.term.starts < programme.term.starts:
            found.append(Earlier(title=other.title, term=other.term, said=report.said))
    return tuple(sorted(found, key=lambda each: each.term.starts, reverse=True))
