import datetime as dt
import itertools

import pytest

from services.evaluation.service import service
from shared.contracts import evaluation as e
from shared.runtime.ids import derived_id
from tests.support.reference import By, given, said
from tests.unit.evaluation.people import (
    CLOSED,
    CLOSES,
    DAY,
    ENDS,
    FINAL,
    MID_TERM,
    PROGRAMME,
    STARTS,
    a_programme,
    an_asked_programme,
    answers,
    formed,
    held,
    person,
    survey,
    withdrew,
)

ASKED_TWICE = (e.SurveyOpened, e.PersonAddressed, e.SurveyOpened, e.PersonAddressed)


@pytest.mark.proves("S13", "P13")
def test_both_sides_are_asked_at_mid_term_in_words_with_the_office() -> None:
    scenario = a_programme(formed(1)).when(MID_TERM - DAY).then_nothing().when(MID_TERM).then(*ASKED_TWICE)
    scenario.then_among(
        said(e.SurveyOpened, participant_id=person("mentor 1"), questionnaire="mid-term", opens=MID_TERM),
        said(e.SurveyOpened, participant_id=person("mentee 1"), closes=MID_TERM + 13 * DAY),
        said(e.PersonAddressed, to=person("mentee 1"), topic="survey-opened", office=PROGRAMME.office),
    )
    scenario.when(MID_TERM + DAY).then_nothing()


@pytest.mark.proves("S13")
def test_a_tandem_that_ran_to_the_term_is_asked_finally_on_the_day_after() -> None:
    scenario = a_programme(formed(1), MID_TERM, MID_TERM + 16 * DAY, formed(1, status="completed"))
    scenario.when(FINAL).then(*ASKED_TWICE)
    scenario.then_among(said(e.SurveyOpened, questionnaire="final", opens=FINAL, closes=CLOSES))
    scenario.when(FINAL + DAY).then_nothing()


@pytest.mark.proves("S16", "P9")
def test_a_tandem_that_ended_early_is_asked_about_the_fit_soon_and_finally_with_all_others() -> None:
    ended = dt.date(2027, 3, 20)
    scenario = a_programme(formed(1), formed(1, status="ended", ends_on=ended)).when(ended + DAY).then(*ASKED_TWICE)
    scenario.then_among(said(e.SurveyOpened, questionnaire="parting", opens=ended + DAY))
    scenario.when(MID_TERM)
    assert not [message for message in scenario.told if isinstance(message, e.SurveyOpened)]
    scenario.when(FINAL).then_among(said(e.SurveyOpened, questionnaire="final", opens=FINAL))


def test_who_withdrew_is_not_asked_finally() -> None:
    ended = dt.date(2027, 3, 20)
    scenario = a_programme(formed(1, status="ended", ends_on=ended), withdrew("mentor 1"), ended + 30 * DAY)
    opened = scenario.when(FINAL).one(e.SurveyOpened)
    assert opened.participant_id == person("mentee 1")


def test_who_was_matched_again_is_asked_finally_once() -> None:
    scenario = a_programme(formed(1, status="ended", ends_on=STARTS), formed(2, mentor="mentor 1"), STARTS + 30 * DAY)
    scenario.given(MID_TERM, MID_TERM + 16 * DAY, formed(2, mentor="mentor 1", status="completed")).when(FINAL)
    asked = [message.participant_id for message in scenario.told if isinstance(message, e.SurveyOpened)]
    assert sorted(asked) == sorted(person(name) for name in ("mentor 1", "mentee 1", "mentee 2"))


def test_a_tandem_formed_late_is_not_asked_twice_in_a_short_time() -> None:
    a_programme(formed(1, formed_on=ENDS - 20 * DAY)).when(ENDS - 10 * DAY).then_nothing()


@pytest.mark.proves("S20")
@pytest.mark.parametrize("number", range(1, 9))
def test_a_pulse_comes_after_the_first_meeting_and_after_every_third(number: int) -> None:
    scenario = a_programme(formed(1)).when(held(1, number))
    if number in (1, 3, 6):
        scenario.then(*ASKED_TWICE).again().then_nothing()
    else:
        scenario.then_nothing()


def test_no_pulse_is_open_while_the_final_survey_is() -> None:
    a_programme(formed(1)).when(held(1, 3, date=ENDS - 5 * DAY)).then_nothing()


def test_a_held_meeting_that_is_said_again_asks_nobody_again() -> None:
    a_programme(formed(1), held(1, 3)).when(held(1, 3)).then_nothing()


def test_a_meeting_and_a_tandem_wait_for_what_comes_first() -> None:
    scenario = given(service, today=STARTS).when(held(1, 3)).then_nothing().when(formed(1)).then_nothing()
    scenario.when(PROGRAMME).then_among(*ASKED_TWICE)


@pytest.mark.proves("P13")
def test_everybody_asked_is_reminded_whether_they_answered_or_not_and_then_it_closes() -> None:
    scenario = an_asked_programme(1).when(answers("mentor 1", length=0)).then(e.AnswersTaken)
    scenario.when(CLOSES - 5 * DAY).then_nothing()
    scenario.when(CLOSES - 4 * DAY).then(e.PersonAddressed, e.PersonAddressed)
    scenario.then_among(
        said(e.PersonAddressed, to=person("mentor 1"), topic="survey-reminder"),
        said(e.PersonAddressed, to=person("mentee 1"), topic="survey-reminder"),
    )
    scenario.when(CLOSED - DAY).then_nothing()
    scenario.when(CLOSED).then(e.SurveyClosed, e.SurveyClosed)
    scenario.when(CLOSED + 30 * DAY)
    assert not [message for message in scenario.told if isinstance(message, e.SurveyClosed | e.PersonAddressed)]


def test_an_old_state_of_a_tandem_or_a_programme_changes_nothing() -> None:
    scenario = a_programme(By(formed(1, status="ended", ends_on=STARTS), sequence=2))
    before = dict(scenario.reference.state)
    scenario.when(By(formed(1), sequence=1), By(PROGRAMME, sequence=1)).then_nothing()
    assert scenario.reference.state == before


def test_any_order_of_the_same_history_gives_the_same_state() -> None:
    """Orders in which each day's messages come in any order, causes included: what is early waits."""
    first = [PROGRAMME, formed(1), formed(2), held(1, 1), held(1, 2), held(2, 2)]
    states = []
    for order in itertools.islice(itertools.permutations(first), 0, None, 23):
        scenario = given(service, *order, today=STARTS)
        scenario.given(dt.date(2027, 4, 20), formed(2, status="ended", ends_on=dt.date(2027, 4, 20)), withdrew("x"))
        scenario.given(dt.date(2027, 4, 21), MID_TERM, MID_TERM + 16 * DAY, formed(1, status="completed"), FINAL)
        states.append(scenario.reference.state)
    assert all(state == states[0] for state in states)
    assert f"survey/{survey('mentee 2')}" in states[0]
    assert f"survey/{survey('mentor 1', 'pulse', derived_id('meeting', 1, 1))}" in states[0]
