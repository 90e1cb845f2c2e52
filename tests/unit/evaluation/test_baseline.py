"""Where people stand at the beginning is asked once of each: at the kick-off, or when their first tandem forms."""

import datetime as dt

import pytest

from services.evaluation.service import service
from shared.contracts import evaluation as e
from tests.support.erased import erase
from tests.support.reference import Scenario, given, said
from tests.unit.evaluation.people import (
    DAY,
    ENDS,
    MID_TERM,
    PROGRAMME,
    STARTS,
    answers,
    formed,
    kick_off,
    pauses,
    person,
    registered,
    resumes,
    survey,
    withdrew,
)

MET = dt.date(2027, 1, 27)
OPENS = MET + DAY


def before_the_kick_off() -> Scenario:
    people = [registered("mentor 1"), registered("mentee 1", "mentee"), registered("mentor 2")]
    return given(service, PROGRAMME, *people, today=MET)


def asked(scenario: Scenario) -> dict[str, e.SurveyOpened]:
    """Whose starting survey was said to be open, by participant."""
    found = [m for m in scenario.told if isinstance(m, e.SurveyOpened) and m.questionnaire == "baseline"]
    assert len({m.participant_id for m in found}) == len(found), "nobody twice"
    return {m.participant_id: m for m in found}


@pytest.mark.proves("S5", "S13", "P13")
def test_everybody_who_has_registered_is_asked_the_day_after_the_kick_off_in_words_with_the_office() -> None:
    scenario = before_the_kick_off().given(withdrew("mentor 2")).when(kick_off(MET))
    found = asked(scenario)
    assert set(found) == {person("mentor 1"), person("mentee 1")}
    assert {(each.opens, each.closes, each.version) for each in found.values()} == {(OPENS, OPENS + 13 * DAY, 1)}
    scenario.then_among(
        said(e.PersonAddressed, to=person("mentee 1"), topic="survey-opened", office=PROGRAMME.office),
    )
    scenario.again().then_nothing()


def test_each_is_asked_on_the_side_that_they_take() -> None:
    scenario = before_the_kick_off().given(kick_off(MET))
    sides = [scenario.reference.state[f"survey/{survey(who, 'baseline')}"].side for who in ("mentor 1", "mentee 1")]  # type: ignore[attr-defined]
    assert sides == ["mentor", "mentee"]


def test_of_a_kick_off_on_several_dates_all_are_asked_after_the_last() -> None:
    found = asked(before_the_kick_off().when(kick_off(MET, MET + 2 * DAY)))
    assert {each.opens for each in found.values()} == {MET + 3 * DAY}


def test_a_kick_off_that_is_said_again_long_after_it_asks_nobody_who_registered_since() -> None:
    scenario = before_the_kick_off().given(kick_off(MET), registered("mentor 3"), STARTS)
    assert asked(scenario.when(kick_off(MET))) == {}


def test_a_kick_off_that_comes_before_its_programme_waits_for_it() -> None:
    scenario = given(service, today=MET).when(kick_off(MET)).then_nothing()
    scenario.given(registered("mentor 1")).when(PROGRAMME)
    assert set(asked(scenario)) == {person("mentor 1")}


@pytest.mark.proves("S13")
def test_who_came_later_is_asked_the_day_after_their_first_tandem_formed_and_nobody_twice() -> None:
    scenario = before_the_kick_off().given(kick_off(MET), registered("mentee 2", "mentee"))
    scenario.given(formed(1), formed(2)).when(STARTS)
    assert asked(scenario) == {}
    scenario.when(STARTS + DAY)
    assert set(asked(scenario)) == {person("mentee 2")}
    [survey_] = asked(scenario).values()
    assert (survey_.opens, survey_.closes) == (STARTS + DAY, STARTS + 14 * DAY)
    again = scenario.given(formed(3, "mentor 1", "mentee 2", formed_on=STARTS + 5 * DAY)).when(STARTS + 6 * DAY)
    assert asked(again) == {}, "their second tandem"


def test_the_kick_off_and_a_first_tandem_that_ask_somebody_at_one_moment_write_one_survey() -> None:
    """Neither sees the other's: of two that begin one document the store takes one, and the other decides anew."""
    scenario = given(service, PROGRAMME, registered("mentor 1"), registered("mentee 1", "mentee"), today=STARTS)
    scenario.given(formed(1))
    before = dict(scenario.reference.state)
    by_tandem = {m.survey_id for m in asked(scenario.when(STARTS + DAY)).values()}
    scenario.reference.state = before
    by_kick_off = {m.survey_id for m in asked(scenario.when(kick_off(STARTS))).values()}
    assert by_tandem == by_kick_off == {survey(who, "baseline") for who in ("mentor 1", "mentee 1")}


def test_without_a_kick_off_people_are_asked_with_their_tandem_and_not_again_at_a_late_one() -> None:
    scenario = given(service, PROGRAMME, registered("mentor 1"), registered("mentee 1", "mentee"), today=STARTS)
    scenario.given(formed(1)).when(STARTS + DAY)
    assert set(asked(scenario)) == {person("mentor 1"), person("mentee 1")}
    assert asked(scenario.when(kick_off(STARTS + 2 * DAY))) == {}


@pytest.mark.parametrize(("formed_on", "today"), [(STARTS, STARTS + 20 * DAY), (ENDS - 25 * DAY, ENDS - 24 * DAY)])
def test_nobody_is_asked_where_they_stood_at_a_beginning_that_is_long_over_or_near_the_middle(
    formed_on: dt.date, today: dt.date
) -> None:
    """After an upgrade in the middle of a term, or where a tandem forms shortly before its end."""
    scenario = given(service, PROGRAMME, formed_on, formed(1, formed_on=formed_on), today=formed_on)
    assert asked(scenario.when(today)) == {}
    late = given(service, PROGRAMME, formed(1, formed_on=STARTS), today=MID_TERM - DAY)
    late.when(MID_TERM).then_among(said(e.SurveyOpened, questionnaire="mid-term", opens=MID_TERM))


@pytest.mark.proves("P6")
def test_who_pauses_at_the_kick_off_is_asked_when_they_are_back() -> None:
    scenario = before_the_kick_off().given(pauses("mentor 1", since=MET)).when(kick_off(MET))
    assert set(asked(scenario)) == {person("mentee 1"), person("mentor 2")}
    scenario.given(resumes("mentor 1", 5)).when(MET + 6 * DAY)
    assert set(asked(scenario)) == {person("mentor 1")}


def test_who_left_while_they_paused_is_not_asked_on_their_return() -> None:
    scenario = before_the_kick_off().given(pauses("mentor 1", since=MET), kick_off(MET), withdrew("mentor 1"))
    assert asked(scenario.when(MET + 6 * DAY)) == {}


def test_who_is_erased_before_their_piece_is_handled_is_not_asked() -> None:
    scenario = before_the_kick_off()
    erase(scenario, person("mentor 1"))
    assert set(asked(scenario.when(kick_off(MET)))) == {person("mentee 1"), person("mentor 2")}


def test_the_answers_are_checked_against_the_items_of_the_starting_survey() -> None:
    scenario = before_the_kick_off().given(kick_off(MET), OPENS)
    scenario.when(answers("mentor 1", "baseline", tools=3, rating=1)).then_refused("out_of_scale", "unknown_item")
    scenario.when(answers("mentor 1", "baseline", tools=-2, network=2)).then(e.AnswersTaken)
