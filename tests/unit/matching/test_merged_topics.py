"""Topics that were merged in the catalogue are one in a round, whichever id somebody named."""

from typing import Any

import pytest

from services.matching.model import Candidate, Pin, Proposal
from services.matching.service import service
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.contracts.parts import TopicLevel
from tests.support.reference import By, Scenario, given
from tests.unit.matching.people import MENTEES, MENTORS, TODAY, closed, of_kind, programme, registered, round_of

OLD, NEW = "chats", "messengers"


def listed(id: str, forwards_to: str | None = None, **changes: Any) -> r.TopicListed:
    label = Text(de=f"{id} auf Deutsch", en=f"{id} in English")
    return r.TopicListed(topic_id=id, area="software", label=label, forwards_to=forwards_to, **changes)


def levels(**named: int) -> tuple[TopicLevel, ...]:
    return tuple(TopicLevel(topic_id=id, level=level) for id, level in named.items())


def before_a_round(*topics: r.TopicListed | By, **strengths: int) -> Scenario:
    """A mentor with these strengths and a mentee at another site with the new topic as their concern."""
    mentor = registered(0, "mentor", site="Pasing", strengths=levels(**(strengths or {OLD: 4})))
    mentee = registered(0, "mentee", concerns=levels(messengers=5))
    return given(service, programme(), mentor, mentee, *topics, today=TODAY)


def solved(scenario: Scenario) -> list[Proposal]:
    return of_kind(scenario.given(closed((MENTORS[0], MENTEES[0]))), Proposal)


def test_ids_that_nobody_merged_are_two_topics() -> None:
    assert solved(before_a_round(listed(OLD), listed(NEW))) == []


@pytest.mark.proves("S3", "S6")
@pytest.mark.parametrize(
    "topics",
    [
        (listed(OLD, NEW), listed(NEW)),
        (listed(NEW), listed(OLD, NEW)),
        (listed(OLD, "x"), listed("x", NEW), listed(NEW, retired=True)),
        (listed(OLD, NEW), listed(NEW, OLD)),
    ],
    ids=["merged", "in another order", "twice, and retired", "a circle while a restored topic is not heard of yet"],
)
def test_who_named_a_merged_topic_is_matched_by_where_it_ends(topics: tuple[r.TopicListed, ...]) -> None:
    [pair] = solved(before_a_round(*topics))
    same = solved(before_a_round(listed(NEW), messengers=4))[0]
    assert (pair.score, pair.parts) == (same.score, same.parts)


def test_of_two_levels_of_what_is_one_topic_now_the_higher_counts() -> None:
    [pair] = solved(before_a_round(listed(OLD, NEW), listed(NEW), chats=5, messengers=1))
    [same] = solved(before_a_round(listed(NEW), messengers=5))
    assert pair.score == same.score


def test_a_topic_that_was_restored_is_one_of_its_own_again() -> None:
    assert solved(before_a_round(listed(OLD, NEW), listed(NEW), listed(OLD))) == []
    late = By(listed(OLD), sequence=1)
    assert solved(before_a_round(By(listed(OLD, NEW), sequence=2), listed(NEW), late)), "older news is passed over"


def test_the_copy_of_what_somebody_registered_stays_as_they_said_it() -> None:
    scenario = before_a_round(listed(OLD, NEW), listed(NEW))
    pin = m.PinPair(programme_id="pilot", mentor=MENTORS[0], mentee=MENTEES[0])
    scenario.given(pin)
    assert of_kind(scenario, Pin)
    assert solved(scenario)
    [mentor] = [c for c in of_kind(scenario, Candidate) if c.id == MENTORS[0]]
    assert mentor.profile.strengths == levels(chats=4)


@pytest.mark.proves("S6")
def test_a_pair_whose_topics_were_merged_may_be_pinned() -> None:
    pin = m.PinPair(programme_id="pilot", mentor=MENTORS[0], mentee=MENTEES[0])
    before_a_round(listed(OLD), listed(NEW)).when(pin).then_refused("below_minimum_score")
    before_a_round(listed(OLD, "x"), listed("x", NEW), listed(NEW)).when(pin).then(m.PairPinned)


def test_people_are_introduced_and_told_why_by_the_topic_as_it_is_called_now() -> None:
    scenario = before_a_round(listed(OLD, NEW), listed(NEW), chats=4, messengers=2)
    solved(scenario)
    scenario.when(m.ApproveRound(round_id=round_of(scenario)))
    [letter] = [x for x in scenario.told if isinstance(x, m.PersonAddressed) and x.to == MENTEES[0]]
    assert "chats" not in letter.text.en
    assert letter.text.en.count("messengers in English") == 2, "once as a reason, once as what the mentor can help with"
