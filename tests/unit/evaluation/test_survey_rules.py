"""Surveys and the report follow the rules of their day, and name their version."""

import datetime as dt

from services.evaluation.service import service
from shared.contracts import evaluation as e
from shared.contracts import registration as r
from shared.contracts.parts import ComingRules, EvaluationRules, Rules
from tests.support.reference import Scenario, given, said
from tests.unit.evaluation.people import (
    CLOSED,
    DAY,
    FINAL,
    MID_TERM,
    PROGRAMME,
    REPORTS,
    STARTS,
    formed,
)


def changing(on: dt.date, rules: EvaluationRules) -> Scenario:
    """A programme whose rules change on a day."""
    coming = ComingRules(rules=Rules(evaluation=rules), version=2, holds_from=on)
    return given(service, PROGRAMME.model_copy(update={"coming": coming}), today=STARTS)


def test_a_survey_is_open_as_long_as_the_rules_of_its_day_say_and_names_their_version() -> None:
    before = changing(MID_TERM + DAY, EvaluationRules(window_days=20)).given(formed(1)).when(MID_TERM)
    before.then_among(said(e.SurveyOpened, closes=MID_TERM + 13 * DAY, rules_version=1))
    after = changing(MID_TERM, EvaluationRules(window_days=20)).given(formed(1)).when(MID_TERM)
    after.then_among(said(e.SurveyOpened, closes=MID_TERM + 19 * DAY, rules_version=2))


def test_a_survey_that_is_open_keeps_its_last_day() -> None:
    scenario = changing(MID_TERM + DAY, EvaluationRules(window_days=30)).given(formed(1), MID_TERM, MID_TERM + 9 * DAY)
    scenario.when(MID_TERM + 15 * DAY)
    assert {type(message) for message in scenario.told} == {e.SurveyClosed}
    assert scenario.told == [message for message in scenario.told if getattr(message, "rules_version", 0) == 1]


def test_the_final_report_waits_for_surveys_that_longer_windows_leave_open() -> None:
    longer = changing(FINAL, EvaluationRules(window_days=20))
    longer.given(formed(1), MID_TERM, MID_TERM + 16 * DAY, formed(1, status="completed"), FINAL)
    longer.given(FINAL + 16 * DAY).when(REPORTS).then_nothing()
    longer.given(CLOSED + 6 * DAY).when(REPORTS + 6 * DAY)
    longer.then(said(e.ReportPublished, final=True, rules_version=2))


def test_a_report_names_the_version_whose_floor_protects_its_figures() -> None:
    scenario = changing(STARTS + DAY, EvaluationRules(floor=10))
    request = e.RequestReport(programme_id="pilot")
    scenario.when(request).then(said(e.ReportPublished, floor=5, rules_version=1))
    scenario.given(STARTS + DAY).when(request).then(said(e.ReportPublished, floor=10, rules_version=2))


def test_who_missed_a_programme_s_end_knows_from_the_archiving_that_its_answers_are_gone() -> None:
    fields = {**PROGRAMME.model_dump(), "status": "archived", "gone": ("people", "tandems", "answers")}
    scenario = given(service, r.ProgrammeArchived.model_validate(fields), today=STARTS)
    scenario.when(e.RequestReport(programme_id="pilot")).then_refused("gone")
