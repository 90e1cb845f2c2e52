"""Surveys stand still for who pauses, and for nobody else; nothing says who has answered (P6)."""

import datetime as dt
from typing import Any

import pytest

from services.evaluation.model import Survey
from services.evaluation.published import survey as said_again
from services.evaluation.view import VIEW, programme_view
from shared.contracts import evaluation as e
from shared.runtime.aggregate import Aggregate
from tests.support.reference import Scenario, said
from tests.unit.evaluation.people import (
    CLOSED,
    CLOSES,
    DAY,
    ENDS,
    FINAL,
    MID_TERM,
    REPORTS,
    a_programme,
    answers,
    formed,
    held,
    pauses,
    person,
    resumes,
    survey,
    withdrew,
)

WHO, PARTNER = "mentor 1", "mentee 1"
MID_CLOSES = MID_TERM + 13 * DAY


def kept(scenario: Scenario, name: str = WHO, questionnaire: str = "mid-term") -> Survey:
    found = scenario.reference.state[f"survey/{survey(name, questionnaire)}"]
    assert isinstance(found, Survey)
    return found


def days(scenario: Scenario, first: dt.date, last: dt.date) -> list[Any]:
    told = []
    for number in range((last - first).days + 1):
        scenario.when(first + number * DAY)
        told += scenario.told
    return told


def to(messages: list[Any], name: str) -> list[str]:
    return [m.topic for m in messages if isinstance(m, e.PersonAddressed) and m.to == person(name)]


def asked() -> Scenario:
    """Both are asked at mid-term."""
    return a_programme(formed(1), MID_TERM)


# Opening


@pytest.mark.proves("P6", "P13")
def test_who_pauses_is_asked_when_they_are_back_and_the_partner_at_once() -> None:
    scenario = a_programme(formed(1), pauses(WHO)).when(MID_TERM)
    scenario.then(said(e.SurveyOpened, participant_id=person(PARTNER), closes=MID_CLOSES), e.PersonAddressed)
    assert to(days(scenario, MID_TERM + DAY, MID_TERM + 20 * DAY), WHO) == []
    back = MID_TERM + 21 * DAY
    scenario.given(resumes(WHO, 90)).when(back)
    scenario.then(
        said(e.SurveyOpened, participant_id=person(WHO), opens=back, closes=back + 13 * DAY, status="open"),
        said(e.PersonAddressed, to=person(WHO), topic="survey-opened"),
    )
    assert to(days(scenario, back + DAY, back + 13 * DAY), WHO) == ["survey-reminder"]
    scenario.when(back + 15 * DAY).then(said(e.SurveyClosed, participant_id=person(WHO)))


@pytest.mark.proves("P6")
def test_a_survey_that_waits_for_somebody_is_known_to_nobody_and_cannot_be_answered() -> None:
    scenario = a_programme(formed(1), pauses(WHO), MID_TERM)
    waiting = kept(scenario)
    assert said_again(waiting) is None
    scenario.when(answers(WHO, "mid-term", length=0)).then_refused("unknown_survey")
    found: dict[type[Aggregate], list[Any]] = {kind: [] for kind in VIEW.aggregates}
    [row] = programme_view("pilot", found | {Survey: [waiting, kept(scenario, PARTNER)]}).surveys
    assert row.people == 1


@pytest.mark.proves("P6", "S13")
def test_answers_of_the_others_are_reported_only_once_nobody_s_survey_waits_any_more() -> None:
    """Else the report would grow by this one person's answers."""
    numbers = range(1, 8)
    scenario = a_programme(*[formed(n) for n in numbers], pauses(WHO), MID_TERM)
    everybody = [f"{side} {n}" for n in numbers for side in ("mentor", "mentee")]
    scenario.given(*[answers(name, "mid-term", cadence=0) for name in everybody if name != WHO])

    def shown() -> set[int | None]:
        report = scenario.when(e.RequestReport(programme_id="pilot")).one(e.ReportPublished)
        assert report.contents is not None
        return {each.people for each in report.contents.distributions if each.key == "mid-term.cadence.all"}

    days(scenario, MID_TERM + DAY, MID_CLOSES + 2 * DAY)
    assert shown() in (set(), {None})
    back = MID_CLOSES + 3 * DAY
    scenario.given(resumes(WHO, 80))
    days(scenario, back, back + 15 * DAY)
    assert shown() == {13}


@pytest.mark.proves("P6")
def test_who_is_not_back_before_the_final_survey_opens_is_not_asked_at_mid_term_any_more() -> None:
    scenario = a_programme(formed(1), pauses(WHO), MID_TERM)
    told = days(scenario, MID_TERM + DAY, ENDS)
    assert not [m for m in told if getattr(m, "participant_id", "") == person(WHO)]
    scenario.when(FINAL)
    assert kept(scenario).status == "closed"
    assert said_again(kept(scenario)) is None


@pytest.mark.proves("P6", "S13")
def test_the_final_survey_of_who_comes_back_late_ends_with_all_others_before_the_report() -> None:
    scenario = a_programme(formed(1), MID_TERM, CLOSED - 60 * DAY, pauses(WHO), formed(1, status="completed"), FINAL)
    back = CLOSES - 2 * DAY
    days(scenario, FINAL + DAY, back - DAY)
    scenario.given(resumes(WHO, 150)).when(back)
    scenario.then_among(said(e.SurveyOpened, participant_id=person(WHO), opens=back, closes=CLOSES))
    told = days(scenario, back + DAY, CLOSED)
    assert len([m for m in told if isinstance(m, e.SurveyClosed)]) == 2
    scenario.when(REPORTS).then(said(e.ReportPublished, final=True))


@pytest.mark.proves("P6", "S13")
def test_the_final_report_does_not_wait_for_who_pauses_beyond_it() -> None:
    scenario = a_programme(formed(1), MID_TERM, CLOSED - 60 * DAY, pauses(WHO), formed(1, status="completed"), FINAL)
    told = days(scenario, FINAL + DAY, CLOSED)
    assert not [m for m in told if getattr(m, "participant_id", "") == person(WHO)]
    scenario.when(REPORTS).then(said(e.ReportPublished, final=True))


def test_who_came_back_on_the_last_day_is_not_reminded_of_a_day_that_is_over() -> None:
    scenario = a_programme(formed(1), MID_TERM, CLOSED - 60 * DAY, pauses(WHO), formed(1, status="completed"), FINAL)
    days(scenario, FINAL + DAY, CLOSES - DAY)
    scenario.given(resumes(WHO, 150), CLOSES)
    assert to(days(scenario, CLOSES + DAY, CLOSED), WHO) == []


def test_who_left_while_they_paused_is_not_asked_finally() -> None:
    scenario = a_programme(formed(1), MID_TERM, CLOSED - 60 * DAY, pauses(WHO), formed(1, status="completed"), FINAL)
    scenario.given(withdrew(WHO))
    told = days(scenario, FINAL + DAY, CLOSED)
    assert not [m for m in told if getattr(m, "participant_id", "") == person(WHO)]


# Standing still


@pytest.mark.proves("P6")
def test_an_open_survey_stands_still_and_its_last_day_moves_by_the_days_of_the_pause() -> None:
    scenario = asked()
    begins = MID_TERM + 5 * DAY
    days(scenario, MID_TERM + DAY, begins)
    scenario.given(pauses(WHO, since=begins))
    told = days(scenario, begins + DAY, begins + 20 * DAY)
    assert to(told, WHO) == []
    assert to(told, PARTNER) == ["survey-reminder"]
    scenario.given(resumes(WHO, 20)).when(begins + 21 * DAY)
    scenario.then(
        said(e.SurveyOpened, participant_id=person(WHO), opens=MID_TERM, closes=MID_CLOSES + 20 * DAY),
        said(e.PersonAddressed, to=person(WHO), topic="survey-moved"),
    )
    told = days(scenario, begins + 22 * DAY, MID_CLOSES + 22 * DAY)
    assert to(told, WHO) == ["survey-reminder"]
    assert [m.participant_id for m in told if isinstance(m, e.SurveyClosed)] == [person(WHO)]
    assert scenario.reference.today == MID_CLOSES + 22 * DAY


@pytest.mark.proves("P6")
def test_who_was_reminded_before_the_pause_is_told_the_new_day_and_not_reminded_twice() -> None:
    scenario = asked()
    days(scenario, MID_TERM + DAY, MID_CLOSES - 2 * DAY)
    scenario.given(pauses(WHO, since=MID_CLOSES - 2 * DAY))
    told = days(scenario, MID_CLOSES - DAY, MID_CLOSES + 7 * DAY)
    scenario.given(resumes(WHO, 10))
    told += days(scenario, MID_CLOSES + 8 * DAY, MID_CLOSES + 12 * DAY)
    assert to(told, WHO) == ["survey-moved"]
    assert [m.participant_id for m in told if isinstance(m, e.SurveyClosed)] == [person(PARTNER), person(WHO)]


def test_a_pause_that_begins_after_the_last_day_moves_nothing() -> None:
    scenario = asked()
    days(scenario, MID_TERM + DAY, MID_CLOSES + DAY)
    scenario.given(pauses(WHO, since=MID_CLOSES + DAY)).when(MID_CLOSES + 2 * DAY)
    scenario.then(e.SurveyClosed, e.SurveyClosed)


def test_days_paused_before_it_opened_move_nothing() -> None:
    scenario = a_programme(formed(1), resumes(WHO, 30), MID_TERM)
    assert to(days(scenario, MID_TERM + DAY, MID_CLOSES + 2 * DAY), WHO) == ["survey-reminder"]


@pytest.mark.proves("P6")
def test_an_open_survey_never_stays_open_until_the_final_one_opens() -> None:
    scenario = asked()
    days(scenario, MID_TERM + DAY, MID_CLOSES)
    scenario.given(pauses(WHO, since=MID_CLOSES))
    told = days(scenario, MID_CLOSES + DAY, FINAL + DAY)
    assert to(told, WHO) == []
    assert [m.participant_id for m in told if isinstance(m, e.SurveyClosed)] == [person(PARTNER), person(WHO)]


@pytest.mark.proves("P6", "P13")
def test_nothing_is_said_otherwise_of_who_has_answered() -> None:
    def told(*first: Any) -> list[Any]:
        scenario = asked().given(*first)
        scenario.given(pauses(WHO, since=MID_TERM), MID_TERM + 3 * DAY, resumes(WHO, 3))
        return days(scenario, MID_TERM + 4 * DAY, MID_CLOSES + 10 * DAY)

    assert told(answers(WHO, "mid-term", length=0)) == told()


@pytest.mark.proves("P6", "S20")
def test_a_pulse_after_a_meeting_that_counted_late_since_somebody_paused_is_open_from_then_on() -> None:
    late = dt.date(2027, 4, 20)
    scenario = a_programme(formed(1), resumes(WHO, 40), late).when(held(1, 3, date=dt.date(2027, 3, 1)))
    scenario.then_among(
        said(e.SurveyOpened, participant_id=person(WHO), opens=late, closes=late + 13 * DAY),
        said(e.SurveyOpened, participant_id=person(PARTNER), opens=late),
    )


def test_a_survey_of_somebody_who_is_not_known_yet_opens_as_any_other() -> None:
    a_programme(formed(1)).when(MID_TERM).then_among(said(e.SurveyOpened, participant_id=person(WHO)))
