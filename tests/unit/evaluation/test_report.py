import datetime as dt
import subprocess
import sys

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from services.evaluation.jobs import Asked, Given, ReportInputs
from services.evaluation.questionnaires import classes, newest
from services.evaluation.report import QUESTIONS, judge, make
from services.evaluation.statistics import share
from shared.contracts import evaluation as e
from shared.contracts.parts import Criteria, Criterion
from shared.runtime.table import Again
from tests.support.reference import Scenario, said
from tests.unit.evaluation.people import (
    CLOSED,
    DAY,
    MID_TERM,
    REPORTS,
    a_programme,
    an_asked_programme,
    answers,
    everybody,
    formed,
)

USUAL = Criterion(keep_at_least=60, change_at_least=50)
ITEM: dict[str, e.Item] = {item.question: item for item in newest("final").items if item.question is not None}
MIRRORED = {"longer": "shorter", "less-often": "more-often", "fewer": "more", "stop": "changed"}
MIRRORED |= {v: k for k, v in MIRRORED.items()}
SWAPPED = {less.code: more.code for less, _, more in (classes(ITEM[q], three=True) for q in QUESTIONS)}
SWAPPED |= {v: k for k, v in SWAPPED.items()}

people = st.lists(
    st.builds(
        Given,
        side=st.sampled_from(["mentor", "mentee"]),
        answers=st.fixed_dictionaries({}, optional={i.id: st.integers(i.low, i.high) for i in ITEM.values()}),
    ),
    max_size=30,
)


def inputs(given: list[Given], final: bool = True, scheduled: bool = False, floor: int = 5) -> ReportInputs:
    return ReportInputs(
        programme_id="pilot",
        scheduled=scheduled,
        final=final,
        as_of=dt.date(2027, 8, 1),
        floor=floor,
        criteria=Criteria(),
        criteria_seal="seal",
        asked={"final": Asked(answers=tuple(given), per_person=1)},
        completed=7,
        ended_early=2,
        tandems=9,
        meetings_held=100,
    )


def made(given: list[Given], floor: int = 5) -> dict[str, e.Answer]:
    pieces = make(inputs(given, floor=floor))
    assert isinstance(pieces, tuple)
    return {answer.question: answer for answer in pieces[0].answers}


def by_key(answer: e.Answer) -> dict[str, e.Figure]:
    return {figure.key: figure for figure in answer.figures}


@pytest.mark.proves("S13", "P12")
@for_all(people)
@settings(max_examples=60, deadline=None)
def test_mirrored_answers_give_the_mirrored_report(given: list[Given]) -> None:
    mirrored = [Given(side=g.side, answers={k: -v for k, v in g.answers.items()}) for g in given]
    one, other = made(given), made(mirrored)
    for question in QUESTIONS:
        assert one[question].answer == other[question].answer
        direction = one[question].direction
        assert other[question].direction == (MIRRORED[direction] if direction else None)
        figures = by_key(other[question])
        for key, figure in by_key(one[question]).items():
            *where, code = key.split(".")
            twin = figures[".".join([*where, SWAPPED.get(code, code)])]
            assert (twin.value, twin.low, twin.high, twin.people) == (
                figure.value,
                figure.low,
                figure.high,
                figure.people,
            )


@pytest.mark.proves("S13")
@for_all(people, st.sampled_from([5, 7, 10]))
@settings(max_examples=60, deadline=None)
def test_no_figure_stands_for_fewer_people_than_the_floor_and_none_follows_by_subtraction(
    given: list[Given], floor: int
) -> None:
    for question, answer in made(given, floor).items():
        shown = {f.key.split(".")[1]: f.people for f in answer.figures if f.value is not None}
        assert all(people is not None and people >= floor for people in shown.values())
        assert set(shown) in (set(), {"all"}, {"all", "mentor", "mentee"})
        count = sum(ITEM[question].id in g.answers for g in given)
        assert ("all" in shown) == (count >= floor)
        if count < floor:
            assert (answer.answer, answer.direction) == ("not_enough_data", None)


@pytest.mark.proves("S13", "P14")
@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ([0] * 4, ("not_enough_data", 0)),
        ([0] * 5, ("keep", 0)),
        ([0] * 6 + [1] * 4, ("keep", 0)),
        ([0] * 5 + [1] * 4 + [-1], ("not_enough_data", 0)),
        ([0] * 5 + [1] * 5, ("change", 1)),
        ([0] * 2 + [-1] * 8, ("change", -1)),
        ([-1] * 5 + [1] * 5, ("not_enough_data", 0)),
    ],
)
def test_the_answer_follows_from_the_criterion(values: list[int], answer: tuple[str, int]) -> None:
    assert judge(values, USUAL, floor=5) == answer


def test_where_both_criteria_are_met_the_larger_share_counts_and_of_equal_ones_none() -> None:
    low = Criterion(keep_at_least=30, change_at_least=30)
    assert judge([0] * 6 + [1] * 4, low, 5) == ("keep", 0)
    assert judge([0] * 4 + [1] * 6, low, 5) == ("change", 1)
    assert judge([0] * 5 + [1] * 5, low, 5) == ("not_enough_data", 0)


@for_all(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
@settings(max_examples=60, deadline=None)
def test_an_interval_holds_its_share_and_mirrors(counted: tuple[int, int]) -> None:
    count, of = counted
    one, other = share(count, of), share(of - count, of)
    assert 0 <= one.low <= one.percent <= one.high <= 100
    assert other.low == pytest.approx(100 - one.high, abs=0.11)
    assert other.high == pytest.approx(100 - one.low, abs=0.11)


def test_the_interval_is_wilsons() -> None:
    # Newcombe 1998, Statistics in Medicine 17, table I: 15 of 148 gives 0.0624 to 0.1605.
    found = share(15, 148)
    assert (found.low, found.high) == pytest.approx((6.24, 16.05), abs=0.06)


def fourteen(scenario: Scenario) -> Scenario:
    """Everybody finds the meetings too frequent but two, and the rest right."""
    for place, name in enumerate(everybody()):
        scenario.given(
            answers(name, length=0, cadence=0 if place < 2 else 1, rules=(-1, 0, 1, 0)[place % 4], onward=0, rating=4)
        )
    return scenario


@pytest.mark.proves("S13", "P14", "P12")
def test_the_final_report_answers_the_four_questions_when_the_last_survey_has_closed() -> None:
    scenario = fourteen(an_asked_programme())
    scenario.given(CLOSED - 6 * DAY, CLOSED).when(REPORTS - DAY).then_nothing()
    report = scenario.when(REPORTS).one(e.ReportPublished)
    assert (report.version, report.final, report.as_of, report.criteria_seal) == (1, True, REPORTS, "seal")
    assert (report.tandems_completed, report.tandems_ended_early, report.meetings_held) == (7, 0, 0)
    found = {answer.question: (answer.answer, answer.direction) for answer in report.answers}
    assert found == {
        "duration": ("keep", None),
        "frequency": ("change", "less-often"),
        "rules": ("not_enough_data", None),
        "rollout": ("keep", None),
    }
    frequency = by_key(report.answers[1])
    assert frequency["final.all.too-often"].value == 85.7
    assert frequency["final.mentor.too-often"].people == frequency["final.mentee.too-often"].people == 7
    assert "less often" in report.answers[1].text.en
    assert "seltener" in report.answers[1].text.de
    assert {f.key: f.value for f in report.ratings if f.value is not None}["final.all.rating"] == 100
    scenario.when(REPORTS + DAY).then_nothing()


def test_after_a_long_standstill_one_day_closes_the_surveys_and_makes_the_report() -> None:
    report = fourteen(an_asked_programme()).given(CLOSED - 6 * DAY).when(REPORTS).one(e.ReportPublished)
    assert report.final
    assert report.answers[0].answer == "keep"


def test_the_scheduled_report_waits_for_the_last_survey_and_one_asked_for_does_not() -> None:
    assert isinstance(make(inputs([], final=False, scheduled=True)), Again)
    assert isinstance(make(inputs([], final=False, scheduled=False)), tuple)


def test_ratings_are_said_once_and_then_repeated() -> None:
    """Else a straggler's survey, closed after the final report, could be subtracted."""
    scenario = fourteen(an_asked_programme()).given(CLOSED - 6 * DAY, CLOSED).when(REPORTS)
    first = scenario.one(e.ReportPublished)
    scenario.given(formed(8), formed(8, status="completed"), REPORTS + DAY)
    scenario.given(answers("mentor 8", rating=0), REPORTS + 2 * DAY).when(e.RequestReport(programme_id="pilot"))
    again = scenario.one(e.ReportPublished)
    assert again.tandems_completed == 8
    assert (again.ratings, again.answers) == (first.ratings, first.answers)


def test_a_report_of_an_unknown_programme_is_refused() -> None:
    a_programme().when(e.RequestReport(programme_id="other")).then_refused("unknown_programme")


def test_a_running_programme_has_a_report_that_is_not_final_and_shows_nothing_of_open_surveys() -> None:
    scenario = fourteen(an_asked_programme()).when(e.RequestReport(programme_id="pilot"))
    scenario.then(said(e.ReportPublished, version=1, final=False, ratings=()))
    for answer in scenario.one(e.ReportPublished).answers:
        assert answer.answer == "not_enough_data"
        assert all(figure.value is None and figure.people is None for figure in answer.figures)
    scenario.again().then_nothing()


def test_a_report_after_the_final_one_repeats_it_as_the_next_version() -> None:
    scenario = fourteen(an_asked_programme()).given(CLOSED - 6 * DAY, CLOSED).when(REPORTS)
    first = scenario.one(e.ReportPublished)
    again = scenario.given(REPORTS + DAY).when(e.RequestReport(programme_id="pilot")).one(e.ReportPublished)
    assert again == first.model_copy(update={"version": 2, "as_of": REPORTS + DAY})


@pytest.mark.proves("S13")
def test_two_reports_cannot_be_subtracted_to_find_a_single_answer() -> None:
    """A tandem formed later answers at mid-term later: the second report still shows the first one's people."""
    scenario = a_programme(*[formed(number) for number in range(1, 8)], formed(8, formed_on=MID_TERM - 30 * DAY))
    scenario.given(MID_TERM, *[answers(name, "mid-term", cadence=1) for name in everybody(7)], MID_TERM + 15 * DAY)
    first = scenario.when(e.RequestReport(programme_id="pilot")).one(e.ReportPublished)
    later = MID_TERM + 35 * DAY
    scenario.given(later, answers("mentor 8", "mid-term", cadence=-1))
    scenario.when(e.RequestReport(programme_id="pilot"))
    assert scenario.one(e.ReportPublished).answers == first.answers
    scenario.given(later + 20 * DAY).when(e.RequestReport(programme_id="pilot"))
    assert scenario.one(e.ReportPublished).answers == first.answers
    assert by_key(first.answers[1])["mid-term.all.too-often"].people == 14


def test_importing_the_service_pulls_in_nothing_heavy() -> None:
    code = (
        "import sys, services.evaluation.service\n"
        "heavy = {'scipy', 'numpy', 'holidays', 'ortools', 'pymongo', 'aio_pika', 'faststream'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
