"""A person finds what a letter speaks of: the introduction that they are offered, and the stories of their tandems."""

import pytest

from shared.contracts import evaluation as e
from tests.support.reference import By, Scenario
from tests.unit.evaluation.extras import LABEL, MET, NOTHING, allows, by
from tests.unit.evaluation.people import DAY, person, tandem_id
from tests.unit.evaluation.stories import ID as STORY
from tests.unit.evaluation.stories import OTHER, WRITER, published, taking_back, written
from tests.unit.evaluation.test_shared_topics import BY, FOUND, FOUR, ID, agreed, agreeing, asked


def showing(name: str) -> By:
    return by(name, e.ShowMyExtras(participant_id=person(name)))


def shown(scenario: Scenario, name: str) -> e.MyExtrasShown:
    return scenario.when(showing(name)).one(e.MyExtrasShown)


def test_each_of_the_four_finds_what_they_are_offered_with_what_they_said_themselves() -> None:
    scenario = asked().given(agreeing("mentor 1"))
    for name in FOUR:
        [offered] = shown(scenario, name).introductions
        assert (offered.introduction_id, offered.topic_id, offered.topic, offered.by) == (ID, "calendar", LABEL, BY)
        assert offered.agrees == (name == "mentor 1")
        assert not [other for other in FOUR if person(other) in offered.model_dump_json()]


def test_what_others_said_or_took_back_changes_nothing_of_what_one_is_shown() -> None:
    untouched = shown(asked(), "mentor 1")
    assert shown(agreed(*FOUR[1:]), "mentor 1") == untouched
    assert shown(asked().given(allows("mentee 2", NOTHING)), "mentor 1") == untouched
    assert shown(asked().given(allows("mentor 1", NOTHING)), "mentor 1").introductions == ()


def test_what_was_made_waits_no_more() -> None:
    assert shown(agreed().given(FOUND + DAY), "mentor 1").introductions == ()


def test_both_find_their_story_and_where_it_stands() -> None:
    scenario = written()
    [mine], [theirs] = (shown(scenario, name).stories for name in (WRITER, OTHER))
    assert (mine.story_id, mine.tandem_id, mine.version, mine.status) == (STORY, tandem_id(1), 1, "drafted")
    assert mine.by == MET + 13 * DAY
    assert (mine.confirmed_by_you, theirs.confirmed_by_you) == (True, False)
    [gone] = shown(published().given(taking_back()), WRITER).stories
    assert gone.status == "withdrawn"


@pytest.mark.parametrize(
    "command", [showing("nobody"), By(showing("mentor 1").message, actor=person("mentee 1"), sender="person")]
)
def test_nobody_else_is_shown_it(command: By) -> None:
    asked().when(command).then_refused("not_yours")


def test_asked_again_it_is_shown_again_and_changes_nothing() -> None:
    scenario = asked()
    before = dict(scenario.reference.state)
    assert shown(scenario, "mentor 1") == shown(scenario, "mentor 1")
    assert scenario.reference.state == before
