"""Which tandems may be introduced over which topic: read once a day, found by a pure function."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from pydantic import BaseModel

from services.evaluation.extras.model import Extras
from services.evaluation.model import DAY, Pair, Programme
from services.evaluation.shared_topics.loaders import Introduce
from services.evaluation.shared_topics.merged import topics_of
from services.evaluation.shared_topics.model import Ground, Introduction, TandemTopics
from shared.runtime.ids import derived_id
from shared.runtime.table import Reader

REST = 28 * DAY
"""So long after one introduction a tandem is not asked again: who says nothing is left in peace."""
LOOKED_AT = 100
"""So many other tandems are looked at for one: enough to find another, and no work that grows with the square."""


class Ready(BaseModel):
    """A tandem that may be asked: both allow it, nobody rests, and nothing else waits for them.

    `topics` came up at their meetings; `registered` are others that one of the two brings and the other asked for.
    """

    tandem: str
    people: frozenset[str]
    departments: frozenset[str]
    topics: tuple[str, ...]
    registered: tuple[str, ...] = ()


class SearchInputs(BaseModel):
    """What a search looks through; `asked` are the ids of all introductions that there ever were."""

    programme_id: str
    ready: tuple[Ready, ...] = ()
    asked: frozenset[str] = frozenset()


class Reference(NamedTuple):
    """What a search's job works on: each day by itself, so that none is taken for the one before."""

    programme_id: str
    date: dt.date

    def text(self) -> str:
        """As a job's reference."""
        return f"{self.programme_id}|{self.date.isoformat()}"

    @classmethod
    def parse(cls, text: str) -> "Reference":
        """From a job's reference."""
        programme, _, date = text.rpartition("|")
        return cls(programme, dt.date.fromisoformat(date))


def may_be_asked(
    pair: Pair, worked: TandemTopics, people: Iterable[Extras | None], programme: Programme, today: dt.date
) -> bool:
    """Whether a tandem may be asked today: its last day for an answer lies within its time.

    Both must allow introductions; who pauses is left in peace.
    """
    allowed = all(who is not None and who.may_be_introduced and not who.pauses(today) for who in people)
    rested = worked.asked_on is None or worked.asked_on + REST <= today
    in_time = pair.status == "running" and programme.last_day(today) < pair.ends_on
    return allowed and rested and in_time and worked.introduction is None


async def search_inputs(ref: str, read: Reader) -> SearchInputs:
    """Read the programme's tandems with their topics, and who of their people allows what."""
    reference = Reference.parse(ref)
    programme = await read.get(Programme, reference.programme_id)
    if programme is None:
        return SearchInputs(programme_id=reference.programme_id)
    programme = programme.on(reference.date)
    pairs = [pair for pair in await read.find(Pair, programme.id) if pair.status == "running" and len(pair.sides) == 2]
    worked = {each.id: each for each in await read.find(TandemTopics, programme.id)}
    ids = sorted({who for pair in pairs for _, who in pair.sides})
    extras = dict(zip(ids, await read.all(Extras, ids), strict=True))
    may = []
    for pair in pairs:
        known = worked.get(pair.id) or TandemTopics.of(pair)
        both = [who for who in (extras[pair.mentor], extras[pair.mentee]) if who is not None]
        if len(both) == 2 and may_be_asked(pair, known, both, programme, reference.date):
            may.append((known, both))
    named = {topic for known, both in may for topic in (*known.topics, *(each for who in both for each in who.named))}
    ends = (await topics_of(named, read)).ends
    ready = tuple(_ready(known, mentor, mentee, ends) for known, (mentor, mentee) in may)
    asked = frozenset(each.id for each in await read.find(Introduction, programme.id))
    return SearchInputs(
        programme_id=programme.id,
        ready=tuple(each for each in ready if each.topics or each.registered),
        asked=asked,
    )


def _ready(known: TandemTopics, mentor: Extras, mentee: Extras, ends: Mapping[str, str]) -> Ready:
    """A tandem with its topics, each by where it ends."""
    met = {ends.get(topic, topic) for topic in known.topics}
    brings, asks, offers, wishes = (
        {ends.get(topic, topic) for topic in topics}
        for topics in (mentor.strengths, mentee.concerns, mentee.strengths, mentor.concerns)
    )
    return Ready(
        tandem=known.id,
        people=frozenset((mentor.id, mentee.id)),
        departments=frozenset((mentor.department, mentee.department)),
        topics=tuple(sorted(met)),
        # What one alone named may be a concern that the two never speak of.
        registered=tuple(sorted(((brings & asks) | (offers & wishes)) - met)),
    )


def search(inputs: SearchInputs) -> tuple[Introduce, ...]:
    """Which two tandems to ask over which topic: each tandem once, the rarest topics first.

    What both worked on at meetings comes before what one of them at least has registered alone: people do other things
    than they thought they would (S12). Those who share a rare topic have the fewest others to find. Of several the one
    without any department in common is taken first; two of exactly the same departments sit beside each other anyway
    and are not introduced.
    """
    taken: set[str] = set()
    met = _over({one.tandem: one.topics for one in inputs.ready}, inputs, taken)
    all_ = _over({one.tandem: (*one.topics, *one.registered) for one in inputs.ready}, inputs, taken)
    return (*met, *all_)


def _over(topics: Mapping[str, tuple[str, ...]], inputs: SearchInputs, taken: set[str]) -> list[Introduce]:
    """Whom to ask over these topics of each tandem; who is found is `taken`."""
    by_topic: dict[str, list[Ready]] = defaultdict(list)
    for one in inputs.ready:
        if one.tandem not in taken:
            for topic in topics[one.tandem]:
                by_topic[topic].append(one)
    found: list[Introduce] = []
    for topic, those in sorted(by_topic.items(), key=lambda item: (len(item[1]), item[0])):
        # In an order of its own for each topic, so that nobody is always the first.
        those.sort(key=lambda one: derived_id("shared-topic", topic, one.tandem))
        for place, one in enumerate(those):
            if one.tandem in taken:
                continue
            free = (other for other in those[place + 1 :] if other.tandem not in taken)
            other = _other(one, islice(free, LOOKED_AT), inputs.asked)
            if other is not None:
                taken |= {one.tandem, other.tandem}
                pair = (one.tandem, other.tandem) if one.tandem < other.tandem else (other.tandem, one.tandem)
                ground: Ground = "meetings" if topic in one.topics and topic in other.topics else "registered"
                found.append(
                    Introduce(programme_id=inputs.programme_id, topic_id=topic, tandem_ids=pair, ground=ground)
                )
    return found


def _other(one: Ready, others: Iterator[Ready], asked: frozenset[str]) -> Ready | None:
    fitting = None
    for other in others:
        if other.departments == one.departments or one.people & other.people:
            continue
        if Introduction.id_of(one.tandem, other.tandem) in asked:
            continue
        if not one.departments & other.departments:
            return other
        fitting = fitting or other
    return fitting
