"""Nobody has more than so many questions and proposed topics open at a time; what is answered frees a place."""

from collections.abc import Callable

import pytest

from services.registration.model import MOST_OPEN, StillOpen
from services.registration.service import service
from shared.contracts import registration as r
from shared.contracts.base import Contract, Text
from shared.runtime.ids import keyed_id
from tests.support.erased import erase, left_in
from tests.support.interrupted import Interrupted
from tests.support.reference import KEY, By, Scenario
from tests.unit.registration.test_asking import answering, asking, registered
from tests.unit.registration.test_registration import MENTOR, OTHER, TODAY, mentee, mentor, opening, topic
from tests.unit.registration.test_topic_proposals import SOCIAL, WHY, by_mentor, by_office, proposing
from tests.unit.runtime.engine_in_memory import KEY as ENGINE_KEY
from tests.unit.runtime.engine_in_memory import Replica

QUESTIONS = [asking(f"May I, {number}?") for number in range(MOST_OPEN)]
TOPICS = [by_mentor(proposing(f"Thema {number}")) for number in range(MOST_OPEN)]


def question_id(number: int) -> str:
    return keyed_id(KEY, "question", MENTOR, f"May I, {number}?")


def proposal_id(german: str) -> str:
    return keyed_id(KEY, "topic-proposal", "pilot", MENTOR, german, "")


def still_open(scenario: Scenario) -> tuple[int, int]:
    found = scenario.reference.state[f"still-open/{MENTOR}"]
    assert isinstance(found, StillOpen)
    return len(found.questions), len(found.proposals)


def refused(scenario: Scenario) -> r.CommandRejected:
    scenario.then_refused("too_many_open")
    return scenario.one(r.CommandRejected)


@pytest.mark.proves("S15")
def test_one_question_more_than_may_be_open_is_refused_and_says_what_to_do_until_one_is_answered() -> None:
    scenario = registered().given(*QUESTIONS)
    [why] = refused(scenario.when(asking("And I?"))).reasons
    assert why.field == "question"
    assert all(part in text for text in (why.message.de, why.message.en) for part in ("20", "@", "Office"))
    scenario.when(QUESTIONS[3]).then(r.QuestionAsked)
    scenario.given(answering(id=question_id(3)), answering(id=question_id(3)))
    scenario.when(asking("And I?")).then_among(r.QuestionAsked)
    scenario.when(QUESTIONS[3]).then_refused("too_many_open")
    assert still_open(scenario) == (MOST_OPEN, 0)


@pytest.mark.proves("S15")
def test_one_topic_more_than_may_be_open_is_refused_and_says_what_to_do_until_one_is_decided() -> None:
    scenario = registered().given(SOCIAL, *TOPICS)
    [why] = refused(scenario.when(by_mentor(proposing("Bienen")))).reasons
    assert why.field == "label"
    assert all(part in text for text in (why.message.de, why.message.en) for part in ("20", "@", "Office"))
    scenario.when(TOPICS[3]).then(r.TopicProposed)
    id = proposal_id("Thema 3")
    scenario.given(r.MergeTopicProposal(proposal_id=id, into="social-media"))
    assert still_open(scenario) == (0, MOST_OPEN - 1)
    scenario.when(by_mentor(proposing("Bienen"))).then_among(r.TopicProposed)
    scenario.when(by_mentor(proposing("Wespen"))).then_refused("too_many_open")


def test_what_the_catalogue_has_under_the_same_label_is_decided_at_once_and_takes_no_place() -> None:
    scenario = registered().given(SOCIAL, by_mentor(proposing("Soziale Medien")))
    assert still_open(scenario) == (0, 0)


@pytest.mark.parametrize("how", ["accepted", "declined"])
def test_a_topic_that_is_decided_either_way_frees_its_place(how: str) -> None:
    scenario = registered().given(by_mentor(proposing("Bienen")))
    id = proposal_id("Bienen")
    taken = r.AcceptTopic(proposal_id=id, topic_id="bees", label=Text(de="Bienen", en="Bees"))
    left = r.DeclineTopic(proposal_id=id, reason=WHY)
    scenario.given(taken if how == "accepted" else left)
    assert still_open(scenario) == (0, 0)


def test_questions_and_topics_and_people_have_each_their_own_number() -> None:
    scenario = registered().given(*QUESTIONS)
    scenario.when(by_mentor(proposing())).then_among(r.TopicProposed)
    theirs = asking("And I?", actor=OTHER, participant_id=OTHER)
    scenario.when(theirs).then_among(r.QuestionAsked)


def test_the_office_brings_as_many_topics_as_it_likes_for_itself_or_for_somebody() -> None:
    scenario = registered().given(*TOPICS)
    scenario.when(By(proposing("Bienen"), sender="office")).then_among(r.TopicProposed)
    for number in range(MOST_OPEN + 1):
        scenario.when(by_office(label=r.ProposedLabel(de=f"Vom Workshop {number}"))).then_among(r.TopicProposed)
    assert still_open(scenario) == (0, MOST_OPEN + 1)


def test_nothing_of_it_is_left_when_somebody_is_erased_and_the_office_still_decides_the_topic() -> None:
    scenario = registered().given(QUESTIONS[0], TOPICS[0])
    id = proposal_id("Thema 0")
    erase(scenario, MENTOR)
    assert left_in(scenario, MENTOR) == []
    scenario.when(r.DeclineTopic(proposal_id=id, reason=WHY))
    scenario.then_among(r.TopicProposed)
    assert left_in(scenario, MENTOR) == []


def test_it_is_kept_as_long_as_the_people_and_shown_to_them() -> None:
    kept_for = {keeps.aggregate.kind: keeps.purpose for keeps in service.keeps}
    assert kept_for[StillOpen.kind] == "people"
    [concerns] = [concerns for concerns in service.concerns if concerns.aggregate is StillOpen]
    shown = concerns.shows(StillOpen(id=MENTOR, programme="pilot", questions=("q",)), frozenset({MENTOR}))
    assert shown == {"questions": ["q"], "proposals": []}


# Races

WHO = keyed_id(ENGINE_KEY, "participant", "pilot", "P-1")


def ask(words: str) -> By:
    return asking(words, actor=WHO, participant_id=WHO)


def propose(german: str) -> By:
    return By(proposing(german, participant_id=WHO), actor=WHO, sender="person")


@pytest.mark.parametrize("of", [ask, propose])
async def test_of_two_at_once_for_the_last_place_one_is_refused(of: Callable[[str], By]) -> None:
    one = Replica(service)
    other = one.beside()
    taken = [of(f"Bienen {number}") for number in range(MOST_OPEN - 1)]
    await one.play(TODAY, topic(), opening(), mentor(), mentee(), *taken)

    async def happens() -> None:
        last = of("Wespen")
        assert isinstance(last.message, Contract)
        other.send(last.message, "portal", actor=WHO)
        await other.engine.intake()

    store = Interrupted(one.database, StillOpen.kind, happens)
    one.engine.store = store
    said = await one.play(of("Hummeln"))
    assert store.happens is None, "the race did not happen"
    assert one.seen["conflict", "again"] == 1, "both cannot have been committed"
    codes = [reason["code"] for event in said for reason in event["data"].get("reasons", ())]
    assert codes == ["too_many_open"]
    kept = one.aggregates()[f"{StillOpen.kind}/{WHO}"]
    assert sorted((len(kept["questions"]), len(kept["proposals"]))) == [0, MOST_OPEN]
