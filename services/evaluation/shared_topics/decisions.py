"""Decisions about shared topics (S17): what a tandem worked on, who is asked, who is introduced.

Nobody but the person learns what they said. An introduction is made only when all four have said yes, on the day after
the last yes: whatever is said then hangs on no message of anybody's. Else it comes to nothing on its last day, in the
same words for all, whether somebody said no, said nothing, took their consent back or left. No event tells of it.
"""

from services.evaluation.model import DAY, Programme
from services.evaluation.questionnaires import words
from services.evaluation.say import told
from services.evaluation.shared_topics.loaders import (
    Agreeing,
    Introduce,
    Introducing,
    Searching,
    WorkedOn,
)
from services.evaluation.shared_topics.model import (
    Ground,
    Introduction,
    MetOn,
    TandemTopics,
    Topic,
    TopicSearch,
    label_of,
)
from services.evaluation.shared_topics.search import Reference, may_be_asked
from shared.contracts import evaluation as e
from shared.contracts.base import Contract
from shared.contracts.matching import TandemFormed
from shared.contracts.registration import TopicListed
from shared.contracts.scheduling import MeetingState, MeetingUnknown
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import NOTHING, Context, Decision, DueReached, Outcome, Start, Wait, reason, refuse

TOLD_OF = ("planned", "held")
"""Topics of a meeting count while it is so: who names topics says that it took place, before it counts as held."""


def know_topic(message: TopicListed, before: Topic | None, context: Context) -> Outcome:
    """Take over a topic's words; newest state wins."""
    if before is not None and not before.seen < context.seen:
        return NOTHING
    topic = Topic(id=message.topic_id, label=message.label, forwards_to=message.forwards_to, seen=context.seen)
    return Decision(state=(topic,))


def worked(message: MeetingState | MeetingUnknown, state: WorkedOn, context: Context) -> Outcome:
    """Take down what a meeting was about; newest state wins. The first topics of a programme begin the search.

    The search is written by whoever finds none, and only read from then on, so it is no hot document.
    """
    before, search, programme = state
    before = before or TandemTopics(
        id=message.tandem_id, programme=message.programme_id, mentor=message.mentor, mentee=message.mentee
    )
    known = before.met(message.meeting_id)
    if known is not None and not known.seen < context.seen:
        return NOTHING
    topics = message.topics if message.status in TOLD_OF else ()
    now = before.with_meeting(MetOn(meeting=message.meeting_id, date=message.date, topics=topics, seen=context.seen))
    if search is not None or not topics or programme is None or context.today > programme.term.ends:
        return Decision(state=(now,))
    return Decision(state=(now, _begins(programme, context)))


def begin(message: TandemFormed, state: Searching, context: Context) -> Outcome:
    """Begin to look for shared topics with the first tandem: what people registered is known before they meet."""
    search, programme, pair = state
    if programme is None:
        return Wait(f"programme/{message.programme_id}")
    runs = pair is None or pair.status == "running"
    if search is not None or not runs or context.today > programme.term.ends or "tandems" in programme.gone:
        return NOTHING
    return Decision(state=(_begins(programme, context),))


def _begins(programme: Programme, context: Context) -> TopicSearch:
    return TopicSearch(id=programme.id, programme=programme.id, due=context.today + DAY)


def look(message: DueReached, state: Searching, context: Context) -> Outcome:
    """Have the programme's shared topics looked for, every day of its term."""
    search, programme, _ = state
    if search is None:
        return NOTHING
    if programme is None or message.date > programme.term.ends:
        return Decision(state=(search.but(due=None),))
    start = Start("shared-topics", Reference(search.id, message.date).text())
    return Decision(state=(search.but(due=message.date + DAY),), jobs=(start,))


def ask(message: Introduce, state: Introducing, context: Context) -> Outcome:
    """Ask all four whether they want to be introduced, if it is still as the job found it.

    What the job read may have changed since: both tandems, what they worked on and all four's extras are written, so
    that of two introductions of one tandem one finds the other, and who takes consent back conflicts.
    """
    known, programme, topic, pairs, topics, extras = state
    if known is not None or programme is None or not _are_whole(state):
        return NOTHING
    programme = programme.on(context.today)
    by_id = {each.id: each for each in extras}
    worked_on = {each.id: each for each in topics}
    for pair in pairs:
        both = [by_id.get(who) for _, who in pair.sides]
        if not may_be_asked(pair, worked_on[pair.id], both, programme, context.today):
            return NOTHING
    people = tuple(who for pair in pairs for _, who in pair.sides)
    by = programme.last_day(context.today)
    introduction = Introduction(
        id=Introduction.id_of(*message.tandem_ids),
        programme=programme.id,
        topic=message.topic_id,
        ground=message.ground,
        tandems=message.tandem_ids,
        people=people,
        by=by,
        rules_version=programme.rules_version,
    )
    introduction = introduction.but(due=introduction.ends)
    asked = [each.but(introduction=introduction.id, asked_on=context.today) for each in topics]
    hang = [each.but(introductions_open=(*each.introductions_open, introduction.id)) for each in extras]
    letters = told(
        programme, people, _words("shared-topic", message.ground), topic=label_of(message.topic_id, topic), by=by
    )
    return Decision(state=(introduction, *asked, *hang, *pairs), messages=letters)


def _words(about: str, ground: Ground) -> str:
    """Which words tell of it: that both work on the topic, or that they mean to."""
    return about if ground == "meetings" else f"{about}-{ground}"


def _are_whole(state: Introducing) -> bool:
    """Whether both tandems and all four people are known: somebody who was erased is not introduced."""
    people = [who for pair in state.pairs for _, who in pair.sides]
    tandems = [pair.id for pair in state.pairs]
    known = {each.id for each in state.extras}
    return len(tandems) == 2 and len(set(people)) == 4 and known == set(people) and len(state.topics) == 2


def agree(message: e.AgreeToIntroduction, state: Agreeing, context: Context) -> Outcome:
    """Keep what one of the four says. The answer is the same whatever the others said, and whatever came between.

    The extras are written unchanged: who takes their consent back at this moment conflicts with it.
    """
    introduction, extras = state
    mine = introduction is not None and message.participant_id in introduction.people
    if introduction is None or not mine or context.actor != message.participant_id:
        # Alone: whether there is an introduction is nobody else's business.
        return refuse(reason("introduction_id", "unknown_introduction", words("shared-topic-unknown")))
    if introduction.status != "open":
        return refuse(reason("introduction_id", "closed", words("shared-topic-closed")))
    if extras is None or not extras.may_be_introduced:
        return refuse(reason("participant_id", "no_consent", words("shared-topic-no-consent")))
    said = {*introduction.yes, message.participant_id} if message.agrees else {*introduction.yes}
    said -= set() if message.agrees else {message.participant_id}
    # In an order that does not tell who spoke first.
    now = introduction.but(yes=tuple(who for who in introduction.people if who in said))
    now = now.but(due=context.today + DAY if now.is_agreed else now.ends)
    answer = e.IntroductionNoted(introduction_id=introduction.id, agrees=message.agrees)
    return Decision(state=(now, extras), messages=(answer,))


def introduce(message: DueReached, state: Introducing, context: Context) -> Outcome:
    """Introduce the two tandems to each other: all four have said yes, still allow it, and both tandems run.

    Else it comes to nothing when the days for an answer are over, and not before. Everything that it hangs on is
    written, so that who takes consent back, or ends a tandem, at this moment conflicts with it.
    """
    introduction, programme, topic, pairs, _, _ = state
    if introduction is None or programme is None or introduction.status != "open":
        return NOTHING
    if not introduction.is_agreed or not _still_fits(state):
        return _comes_to_nothing(state, programme) if message.date >= introduction.ends else _waits(introduction)
    made = introduction.but(status="made", yes=(), due=None)
    letters: list[Contract] = []
    for mine, others in ((0, 1), (1, 0)):
        named = " & ".join(f"urn:uuid:{who}" for _, who in pairs[others].sides)
        people = [who for _, who in pairs[mine].sides]
        about = _words("shared-topic-made", made.ground)
        letters += told(programme, people, about, topic=label_of(made.topic, topic), others=named)
    return Decision(state=(made, *_freed(introduction, state), *pairs), messages=(_shared(made), *letters))


def _still_fits(state: Introducing) -> bool:
    running = all(pair.status == "running" for pair in state.pairs)
    return _are_whole(state) and running and all(each.may_be_introduced for each in state.extras)


def _waits(introduction: Introduction) -> Decision:
    return Decision(state=(introduction.but(due=introduction.ends),))


def _comes_to_nothing(state: Introducing, programme: Programme) -> Decision:
    """All are told in the same words, but for who does not allow introductions any more."""
    introduction = state.introduction
    assert introduction is not None
    over = introduction.but(status="over", yes=(), due=None)
    people = [each.id for each in state.extras if each.may_be_introduced and each.id in introduction.people]
    letters = told(programme, people, "shared-topic-over", topic=label_of(over.topic, state.topic))
    return Decision(state=(over, *_freed(introduction, state)), messages=letters)


def _freed(introduction: Introduction, state: Introducing) -> tuple[Aggregate, ...]:
    """Both tandems and their people, for whom this introduction does not wait any more."""
    free = [each.but(introduction=None) for each in state.topics if each.introduction == introduction.id]
    left = [
        each.but(introductions_open=tuple(id for id in each.introductions_open if id != introduction.id))
        for each in state.extras
    ]
    return (*free, *left)


def _shared(introduction: Introduction) -> e.TopicShared:
    return e.TopicShared(
        introduction_id=introduction.id,
        programme_id=introduction.programme or "",
        topic_id=introduction.topic,
        ground=introduction.ground,
        tandem_ids=introduction.tandems,
        rules_version=introduction.rules_version,
    )


def said_of(introduction: Introduction) -> e.TopicShared | None:
    """What was published of an introduction: nothing, unless it was made."""
    return _shared(introduction) if introduction.status == "made" else None
