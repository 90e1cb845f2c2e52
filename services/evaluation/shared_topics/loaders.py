"""Which state each message about shared topics concerns."""

from collections.abc import Iterable
from typing import NamedTuple

from services.evaluation.extras.model import Extras
from services.evaluation.model import Pair, Programme
from services.evaluation.shared_topics.model import Ground, Introduction, TandemTopics, Topic, TopicSearch
from shared.contracts import evaluation as e
from shared.contracts.matching import TandemFormed
from shared.contracts.registration import TopicListed
from shared.contracts.scheduling import MeetingState, MeetingUnknown
from shared.runtime.decision import DueReached, Get, Internal


class Introduce(Internal):
    """A job found two tandems that work on the same topic and may be asked."""

    programme_id: str
    topic_id: str
    tandem_ids: tuple[str, str]
    ground: Ground = "meetings"


class WorkedOn(NamedTuple):
    """What a tandem worked on, and whether its programme's topics are looked for."""

    topics: TandemTopics | None
    search: TopicSearch | None
    programme: Programme | None


class Searching(NamedTuple):
    """That a programme's topics are looked for, the programme, and the tandem that is heard of."""

    search: TopicSearch | None
    programme: Programme | None
    pair: Pair | None = None


class Introducing(NamedTuple):
    """An introduction with its programme, its topic, both tandems, what they worked on, and their people."""

    introduction: Introduction | None
    programme: Programme | None = None
    topic: Topic | None = None
    pairs: tuple[Pair, ...] = ()
    topics: tuple[TandemTopics, ...] = ()
    extras: tuple[Extras, ...] = ()


class Agreeing(NamedTuple):
    """An introduction, and the extras of who says something to it."""

    introduction: Introduction | None
    extras: Extras | None = None


def topic_of(message: TopicListed, get: Get) -> Topic | None:
    """The topic."""
    return get(Topic, message.topic_id)


def worked_on(message: MeetingState | MeetingUnknown, get: Get) -> WorkedOn:
    """What the meeting's tandem worked on."""
    get.ahead((TandemTopics, message.tandem_id), (TopicSearch, message.programme_id))
    return WorkedOn(
        get(TandemTopics, message.tandem_id),
        get(TopicSearch, message.programme_id),
        get(Programme, message.programme_id),
    )


def formed(message: TandemFormed, get: Get) -> Searching:
    """Whether the topics of the tandem's programme are looked for."""
    id = message.programme_id
    return Searching(get(TopicSearch, id), get(Programme, id), get(Pair, message.tandem_id))


def search_due(message: DueReached, get: Get) -> Searching:
    """The search whose day has come."""
    id = message.subject.removeprefix("topic-search/")
    return Searching(get(TopicSearch, id), get(Programme, id))


def to_introduce(message: Introduce, get: Get) -> Introducing:
    """The two tandems that were found, and whether they were asked before."""
    known = get(Introduction, Introduction.id_of(*message.tandem_ids))
    return _with(known, message.programme_id, message.topic_id, message.tandem_ids, get)


def introduction_due(message: DueReached, get: Get) -> Introducing:
    """The introduction whose day has come, with all that it hangs on."""
    known = get(Introduction, message.subject.removeprefix("introduction/"))
    if known is None or known.programme is None:
        return Introducing(known)
    return _with(known, known.programme, known.topic, known.tandems, get)


def _with(known: Introduction | None, programme: str, topic: str, tandems: Iterable[str], get: Get) -> Introducing:
    tandems = tuple(tandems)
    pairs = tuple(pair for pair in get.all(Pair, tandems) if pair is not None)
    people = [who for pair in pairs for _, who in pair.sides]
    worked = {each.id: each for each in get.all(TandemTopics, tandems) if each is not None}
    # Who registered a topic alone may not have met yet. Who is asked and what is heard of a first meeting both make the
    # document then: the second to commit conflicts, and finds it.
    topics = tuple(worked.get(pair.id) or TandemTopics.of(pair) for pair in pairs)
    extras = tuple(each for each in get.all(Extras, people) if each is not None)
    return Introducing(known, get(Programme, programme), get(Topic, topic), pairs, topics, extras)


def agreeing(message: e.AgreeToIntroduction, get: Get) -> Agreeing:
    """The introduction, and the extras of who says something."""
    return Agreeing(get(Introduction, message.introduction_id), get(Extras, message.participant_id))
