"""Which tandems may be introduced over which topic: read once a day, found by a pure function."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from pydantic import BaseModel

from services.evaluation.extras.model import Extras
from services.evaluation.model import DAY, Pair, Programme
from services.evaluation.shared_topics.loaders import Introduce
from services.evaluation.shared_topics.model import Introduction, TandemTopics, Topic
from shared.runtime.forwarding import ends_of
from shared.runtime.ids import derived_id
from shared.runtime.table import Reader

REST = 28 * DAY
"""So long after one introduction a tandem is not asked again: who says nothing is left in peace."""
LOOKED_AT = 100
"""So many other tandems are looked at for one: enough to find another, and no work that grows with the square."""


class Ready(BaseModel):
    """A tandem that may be asked: both allow it, nobody rests, and nothing else waits for them."""

    tandem: str
    people: frozenset[str]
    departments: frozenset[str]
    topics: tuple[str, ...]


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
    """Read the programme's tandems with what they worked on, and who of their people allows what."""
    reference = Reference.parse(ref)
    programme = await read.get(Programme, reference.programme_id)
    worked = [each for each in await read.find(TandemTopics, reference.programme_id) if each.topics]
    if programme is None or not worked:
        return SearchInputs(programme_id=reference.programme_id)
    programme = programme.on(reference.date)
    pairs = {pair.id: pair for pair in await read.all(Pair, [each.id for each in worked]) if pair is not None}
    ids = sorted({who for pair in pairs.values() for _, who in pair.sides})
    extras = dict(zip(ids, await read.all(Extras, ids), strict=True))
    ends = await _ends({topic for each in worked for topic in each.topics}, read)
    ready = []
    for each in worked:
        pair = pairs.get(each.id)
        if pair is None:
            continue
        people = [extras[who] for _, who in pair.sides]
        if may_be_asked(pair, each, people, programme, reference.date):
            departments = frozenset(who.department for who in people if who is not None)
            topics = tuple(sorted({ends.get(topic, topic) for topic in each.topics}))
            found = frozenset(who for _, who in pair.sides)
            ready.append(Ready(tandem=each.id, people=found, departments=departments, topics=topics))
    asked = frozenset(each.id for each in await read.find(Introduction, programme.id))
    return SearchInputs(programme_id=programme.id, ready=tuple(ready), asked=asked)


async def _ends(topics: Iterable[str], read: Reader) -> dict[str, str]:
    """Where merged topics lead: whoever named one has worked on the one where it ends."""
    found: dict[str, str | None] = {}
    left = sorted(topics)
    while left:
        known = await read.all(Topic, left)
        found |= {id: topic.forwards_to if topic else None for id, topic in zip(left, known, strict=True)}
        left = sorted({next_ for next_ in found.values() if next_ is not None} - found.keys())
    return ends_of(found)


def search(inputs: SearchInputs) -> tuple[Introduce, ...]:
    """Which two tandems to ask over which topic: each tandem once, the rarest topics first.

    Those who share a rare topic have the fewest others to find. Of several the one without any department in common is
    taken first; two of exactly the same departments sit beside each other anyway and are not introduced.
    """
    by_topic: dict[str, list[Ready]] = defaultdict(list)
    for one in inputs.ready:
        for topic in one.topics:
            by_topic[topic].append(one)
    taken: set[str] = set()
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
                found.append(Introduce(programme_id=inputs.programme_id, topic_id=topic, tandem_ids=pair))
    return tuple(found)


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
