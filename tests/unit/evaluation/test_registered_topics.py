"""Tandems that registered the same topic are introduced over it, after those who have worked on one at meetings."""

import itertools
from typing import Any

import pytest

from services.evaluation.extras.model import Extras
from services.evaluation.shared_topics.model import Introduction, TandemTopics
from services.evaluation.shared_topics.search import Ready, SearchInputs, search
from shared.contracts import evaluation as e
from shared.contracts import registration as r
from shared.contracts.parts import Consents, TopicLevel
from tests.support.reference import By, Scenario
from tests.unit.evaluation.extras import ALL, allows, by, days, met, people_of, tandems, told_to, topic
from tests.unit.evaluation.people import DAY, PROGRAMME, STARTS, a_programme, formed, person, tandem_id

FOUND = STARTS + DAY
FOUR = people_of(1, 2)
ID = Introduction.id_of(tandem_id(1), tandem_id(2))


def registers(name: str, strengths: str = "", concerns: str = "", consents: Consents = ALL) -> r.ParticipantState:
    """Somebody changes what they bring and what they ask for."""
    known = allows(name, consents)
    named = {
        part: tuple(TopicLevel(topic_id=each, level=3) for each in topics.split())
        for part, topics in (("strengths", strengths), ("concerns", concerns))
    }
    return known.model_copy(update={"profile": known.profile.model_copy(update=named)})


def both_ways(*numbers: int, topics: str = "calendar", consents: Consents = ALL) -> tuple[r.ParticipantState, ...]:
    """In each tandem the mentor brings the topics, and the mentee asks for them."""
    return tuple(
        profile
        for number in numbers
        for profile in (
            registers(f"mentor {number}", strengths=topics, consents=consents),
            registers(f"mentee {number}", concerns=topics, consents=consents),
        )
    )


def asked_over(scenario: Scenario, last: int = 3) -> list[str]:
    """The topics of the letters of the first days, of one of the people."""
    return told_to(days(scenario, FOUND, FOUND + last * DAY), "mentor 1")


def introductions(scenario: Scenario) -> list[Introduction]:
    return [each for each in scenario.reference.state.values() if isinstance(each, Introduction)]


@pytest.mark.proves("S17")
def test_tandems_that_registered_the_same_topic_are_asked_before_they_have_met() -> None:
    scenario = a_programme(*tandems(1, 2), *both_ways(1, 2)).when(FOUND)
    letters = [m for m in scenario.told if isinstance(m, e.PersonAddressed) and m.topic.startswith("shared")]
    assert {letter.to for letter in letters} == {person(name) for name in FOUR}
    for letter in letters:
        assert letter.topic == "shared-topic-registered"
        assert "Kalender-App" in letter.text.de
        assert "Calendar app" in letter.text.en
        assert not [name for name in FOUR if person(name) in letter.text.de + letter.text.en]


@pytest.mark.proves("S17")
def test_the_introduction_says_that_the_topic_was_registered() -> None:
    scenario = a_programme(*tandems(1, 2), *both_ways(1, 2), FOUND)
    for name in FOUR:
        scenario.given(by(name, e.AgreeToIntroduction(introduction_id=ID, participant_id=person(name), agrees=True)))
    shared = scenario.when(FOUND + DAY).one(e.TopicShared)
    assert isinstance(shared, e.TopicShared)
    assert (shared.topic_id, shared.ground) == ("calendar", "registered")
    assert told_to(scenario.told, "mentee 2") == ["shared-topic-made-registered"]


def test_what_one_worked_on_and_the_other_registered_is_registered() -> None:
    scenario = a_programme(*tandems(1, 2), *both_ways(1), met(2, "calendar"), FOUND)
    [found] = introductions(scenario)
    assert found.ground == "registered"


def test_what_both_worked_on_comes_before_what_they_registered() -> None:
    registered = both_ways(1, 2, 3, topics="chat")
    scenario = a_programme(*tandems(1, 2, 3), topic("chat"), *registered, met(1, "calendar"), met(3, "calendar"), FOUND)
    [found] = introductions(scenario)
    assert (found.topic, found.ground) == ("calendar", "meetings")
    assert set(found.tandems) == {tandem_id(1), tandem_id(3)}


@pytest.mark.parametrize(
    ("mentor", "mentee", "counts"),
    [
        ({"strengths": "calendar"}, {"concerns": "calendar"}, True),
        ({"concerns": "calendar"}, {"strengths": "calendar"}, True),
        ({"strengths": "calendar"}, {}, False),
        ({}, {"concerns": "calendar"}, False),
        ({"strengths": "calendar"}, {"strengths": "calendar"}, False),
    ],
)
def test_only_what_one_brings_and_the_other_asked_for_is_the_tandem_s(
    mentor: dict[str, Any], mentee: dict[str, Any], counts: bool
) -> None:
    scenario = a_programme(
        *tandems(1, 2), *both_ways(1), registers("mentor 2", **mentor), registers("mentee 2", **mentee)
    )
    assert asked_over(scenario) == ["shared-topic-registered"] * counts


def test_a_registered_topic_that_was_merged_counts_as_the_one_where_it_ends() -> None:
    scenario = a_programme(
        *tandems(1, 2), topic("diary", forwards_to="calendar"), *both_ways(1), *both_ways(2, topics="diary"), FOUND
    )
    assert [found.topic for found in introductions(scenario)] == ["calendar"]


@pytest.mark.proves("S17")
@pytest.mark.parametrize("who", FOUR)
def test_of_who_allows_no_introductions_no_topic_is_kept_and_nobody_is_asked(who: str) -> None:
    scenario = a_programme(*tandems(1, 2), *both_ways(1, 2))
    without = registers(who, strengths="calendar", concerns="calendar", consents=Consents(stories=True))
    scenario.given(without)
    kept = scenario.reference.state[f"extras/{person(who)}"]
    assert isinstance(kept, Extras)
    assert kept.named == ()
    assert asked_over(scenario) == []


def test_the_search_begins_with_the_first_tandem_and_once_whatever_is_said_again() -> None:
    scenario = a_programme(formed(1))
    begun = scenario.reference.state["topic-search/pilot"]
    assert begun.due == FOUND
    scenario.when(formed(1), formed(2))
    assert scenario.reference.state["topic-search/pilot"] == begun


def test_a_tandem_that_is_heard_of_before_its_programme_or_after_the_term_begins_no_search_too_early_or_late() -> None:
    scenario = Scenario(a_programme().reference.service, STARTS).given(formed(1))
    assert "topic-search/pilot" not in scenario.reference.state
    scenario.given(PROGRAMME)
    assert scenario.reference.state["topic-search/pilot"].due == FOUND
    late = a_programme(PROGRAMME.term.ends + DAY, formed(1))
    assert "topic-search/pilot" not in late.reference.state


def test_a_meeting_and_an_introduction_of_a_tandem_that_has_not_met_write_the_same_document() -> None:
    """Whichever comes first: what was worked on and that they wait for an introduction are both kept."""
    [piece] = search(
        SearchInputs(
            programme_id="pilot",
            ready=tuple(
                Ready(
                    tandem=tandem_id(n),
                    people=frozenset(map(person, people_of(n))),
                    departments=frozenset((f"D{n}",)),
                    topics=(),
                    registered=("calendar",),
                )
                for n in (1, 2)
            ),
        )
    )
    steps: tuple[Any, ...] = (By(piece), met(1, "calendar"))
    for order in itertools.permutations(steps):
        scenario = a_programme(*tandems(1, 2), *both_ways(1, 2), *order)
        kept = scenario.reference.state[f"tandem-topics/{tandem_id(1)}"]
        assert isinstance(kept, TandemTopics)
        assert (kept.introduction, kept.topics) == (ID, ("calendar",))
