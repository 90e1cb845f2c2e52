"""A report decides by the criteria of its day; those of the opening, and each change, stay beside them (P14)."""

import datetime as dt

import pytest

from services.evaluation.model import Programme
from services.evaluation.reporting.inputs import Reference, ReportInputs, report_inputs
from services.evaluation.service import service
from shared.contracts import evaluation as e
from shared.contracts import registration as r
from shared.contracts.base import Text
from shared.contracts.parts import Criteria, CriteriaVersion, Criterion, EvaluationRules, Rules
from tests.support.reference import By, Scenario, _now, _Reader, given
from tests.unit.evaluation.people import (
    CLOSED,
    DAY,
    PROGRAMME,
    REPORTS,
    STARTS,
    an_asked_programme,
    answers,
    everybody,
)

STRICT = Criterion(keep_at_least=90, change_at_least=90)
OPENED = CriteriaVersion(holds_from=STARTS - 30 * DAY, criteria=PROGRAMME.criteria, seal="seal")
WHY = Text(de="Der Personalrat bittet darum.", en="The staff council asks for it.")


def changed(holds_from: dt.date) -> By:
    """The programme's criteria are changed for the frequency, from a day on."""
    criteria = Criteria(frequency=STRICT)
    history = (OPENED, CriteriaVersion(holds_from=holds_from, criteria=criteria, seal="other", reason=WHY))
    return By(r.ProgrammeChanged(**{**PROGRAMME.model_dump(), "criteria_history": history}), sequence=2)


def answered() -> Scenario:
    """Eighteen of twenty find the meetings too frequent."""
    scenario = an_asked_programme(10)
    return scenario.given(*[answers(name, cadence=0 if n < 2 else 2) for n, name in enumerate(everybody(10))])


def frequency(scenario: Scenario) -> e.Answer:
    scenario.given(CLOSED - 6 * DAY, CLOSED).when(REPORTS)
    return scenario.one(e.ReportPublished).answers[1]


def kept_inputs(scenario: Scenario, as_of: dt.date) -> ReportInputs:
    """What the report's job reads."""
    reader = _Reader(scenario.reference.state, as_of)
    found = _now(report_inputs(Reference("pilot", scheduled=False, as_of=as_of).text(), reader))
    assert isinstance(found, ReportInputs)
    return found


@pytest.mark.proves("P14")
def test_the_report_decides_by_the_criteria_in_force_on_its_day() -> None:
    assert frequency(answered()).answer == "change"
    strict = frequency(answered().given(changed(REPORTS)))
    assert (strict.answer, strict.criterion) == ("not_enough_data", STRICT)
    later = frequency(answered().given(changed(REPORTS + DAY)))
    assert (later.answer, later.criterion) == ("change", PROGRAMME.criteria.frequency)


@pytest.mark.proves("P14")
def test_every_change_that_has_come_to_hold_is_kept_for_the_report_with_its_reason() -> None:
    scenario = answered().given(changed(REPORTS))
    assert kept_inputs(scenario, REPORTS - DAY).criteria_versions == (OPENED,)
    versions = kept_inputs(scenario, REPORTS).criteria_versions
    assert [(each.seal, each.reason) for each in versions] == [("seal", None), ("other", WHY)]


def test_of_a_programme_that_an_earlier_release_opened_the_sealed_criteria_hold_from_its_first_day() -> None:
    [only] = kept_inputs(answered(), REPORTS).criteria_versions
    assert (only.holds_from, only.criteria, only.seal) == (STARTS, PROGRAMME.criteria, "seal")


def test_how_many_answers_somebody_may_know_is_kept_with_the_floor() -> None:
    rules = Rules(evaluation=EvaluationRules(insiders=2))
    scenario = given(service, PROGRAMME.model_copy(update={"rules": rules}), today=STARTS)
    programme = scenario.reference.state["programme/pilot"]
    assert isinstance(programme, Programme)
    assert (programme.insiders, programme.floor) == (2, 5)
