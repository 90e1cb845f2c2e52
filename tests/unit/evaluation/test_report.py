"""The report: four answers from what may be told, the same figures for all readers, and nothing that grows apart."""

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from services.evaluation.jobs import Made
from services.evaluation.questionnaires import classes, newest
from services.evaluation.reporting.answering import QUESTIONS
from services.evaluation.reporting.gathering import APART
from services.evaluation.reporting.inputs import Given, ReportInputs
from services.evaluation.reporting.make import make
from shared.contracts import evaluation as e
from shared.contracts.parts import Side
from shared.runtime.table import Again
from tests.support.reference import Scenario, said
from tests.unit.evaluation.made_up_answers import asked, given, inputs, tandems
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

ITEM: dict[str, e.Item] = {item.question: item for item in newest("final").items if item.question is not None}
MIRRORED = {"longer": "shorter", "less-often": "more-often", "fewer": "more", "stop": "changed"}
MIRRORED |= {v: k for k, v in MIRRORED.items()}
SWAPPED = {less.code: more.code for less, _, more in (classes(ITEM[q], three=True) for q in QUESTIONS)}
SWAPPED |= {v: k for k, v in SWAPPED.items()}

SIDES: tuple[Side, ...] = ("mentor", "mentee")

answered = st.fixed_dictionaries({}, optional={i.id: st.integers(i.low, i.high) for i in ITEM.values()})
people = st.lists(st.tuples(st.sampled_from(SIDES), answered), max_size=30).map(
    lambda found: [given(str(number), side, **values) for number, (side, values) in enumerate(found)]
)


def made(found: ReportInputs) -> Made:
    pieces = make(found)
    assert isinstance(pieces, tuple)
    return pieces[0]


def by_question(found: ReportInputs) -> dict[str, e.Answer]:
    return {answer.question: answer for answer in made(found).answers}


def by_key(answer: e.Answer) -> dict[str, e.Figure]:
    return {figure.key: figure for figure in answer.figures}


def distributions(report: Made | e.ReportPublished) -> dict[str, e.Distribution]:
    assert report.contents is not None
    return {found.key: found for found in report.contents.distributions}


def people_of(report: Made | e.ReportPublished) -> dict[str, int | None]:
    return {key: found.people for key, found in distributions(report).items()}


@pytest.mark.proves("S13", "P12")
@for_all(people)
@settings(max_examples=30, deadline=None)
def test_mirrored_answers_give_the_mirrored_report(found: list[Given]) -> None:
    mirrored = [replace(each, answers={k: -v for k, v in each.answers.items()}) for each in found]
    one, other = by_question(inputs(found)), by_question(inputs(mirrored))
    for question in QUESTIONS:
        assert one[question].answer == other[question].answer
        direction = one[question].direction
        assert other[question].direction == (MIRRORED[direction] if direction else None)
        figures = by_key(other[question])
        for key, figure in by_key(one[question]).items():
            *where, code = key.split(".")
            twin = figures[".".join([*where, SWAPPED.get(code, code)])]
            same = (figure.value, figure.low, figure.high, figure.people)
            assert (twin.value, twin.low, twin.high, twin.people) == same


@pytest.mark.proves("S13", "P13")
@for_all(people, st.sampled_from([5, 7, 10]), st.sampled_from([1, 2]))
@settings(max_examples=40, deadline=None)
def test_no_figure_stands_for_fewer_people_than_the_floor_and_both_sides_are_told_or_neither(
    found: list[Given], floor: int, insiders: int
) -> None:
    least = max(floor, 2 * insiders + 2)
    report = made(inputs(found, floor=floor, insiders=insiders))
    shown = {key: count for key, count in people_of(report).items() if count is not None}
    assert all(count >= least for count in shown.values())
    for item in ITEM.values():
        sides = [sum(item.id in each.answers for each in found if each.side == side) for side in ("mentor", "mentee")]
        told = {key.rpartition(".")[2] for key in shown if key.startswith(f"final.{item.id}.")}
        both = {"mentor", "mentee"} if min(sides) >= max(least, APART) else set()
        assert told == ({"all"} | both if sum(sides) >= least else set())
    for answer in report.answers:
        if f"final.{ITEM[answer.question].id}.all" not in shown:
            assert (answer.answer, answer.direction) == ("not_enough_data", None)
            assert all(figure.value is None for figure in answer.figures)


def test_five_pulses_of_one_person_are_not_five_people() -> None:
    alone = [given("1", "mentor", rating=5)] * 5
    report = made(inputs(questionnaires={"pulse": asked("pulse", alone)}))
    assert people_of(report)["pulse.rating.all"] is None
    of_five = [given(str(number), "mentor", rating=stars) for number in range(5) for stars in (5, 1, 4)]
    report = made(inputs(questionnaires={"pulse": asked("pulse", of_five)}))
    assert people_of(report)["pulse.rating.all"] == 5
    # The median of each: four stars, which is in the upper class; of five people alike only so much is told.
    [top] = [each for each in distributions(report)["pulse.rating.all"].classes if each.count is not None]
    assert (top.code, top.count, top.at_least) == ("4-5", 3, True)


@pytest.mark.proves("S13")
def test_the_baseline_is_told_with_the_same_items_of_the_end_and_only_of_who_answered_both() -> None:
    before = [given(str(number), side, tools=-1) for number in range(8) for side in ("mentor", "mentee")]
    after = [given(str(number), side, tools=number % 3 - 1) for number in range(8) for side in ("mentor", "mentee")]
    report = made(inputs(after, questionnaires={"baseline": asked("baseline", before)}))
    found = distributions(report)
    assert found["final.tools.mentor"].people == found["baseline.tools.mentor"].people == 8
    assert {key for key in found if key.startswith("baseline.")} >= {"baseline.tools.mentor", "baseline.tools.mentee"}
    after[0] = given("0", "mentor", rating=3)
    report = made(inputs(after, questionnaires={"baseline": asked("baseline", before)}))
    assert people_of(report)["final.tools.mentor"] == people_of(report)["baseline.tools.mentor"] == 7


def test_what_was_told_is_repeated_and_somebody_alone_who_comes_later_is_not_told_of() -> None:
    first = made(inputs(tandems(7, cadence=1)))
    later = [*tandems(7, cadence=1), given("8", "mentor", reports=1, cadence=-2)]
    again = made(inputs(later, reports=1, released=first.released))
    assert distributions(again) == distributions(first)
    assert again.released == first.released


def test_enough_people_who_come_later_are_told_of_with_the_earlier_ones() -> None:
    first = made(inputs(tandems(7, cadence=0)))
    more = [replace(each, person=f"later {each.person}", reports=1) for each in tandems(7, cadence=-1)]
    again = made(inputs([*tandems(7, cadence=0), *more], reports=1, released=first.released))
    assert people_of(first)["final.cadence.all"] == 14
    assert people_of(again)["final.cadence.all"] == 28
    third = made(inputs([*tandems(7, cadence=0), *more], reports=2, released=again.released))
    assert distributions(third) == distributions(again)


@for_all(st.lists(st.integers(0, 6), min_size=1, max_size=5))
@settings(max_examples=25, deadline=None)
def test_no_two_reports_of_a_growing_programme_differ_by_fewer_people_than_the_floor(
    arrivals: list[int],
) -> None:
    found: list[Given] = []
    released = inputs().released
    seen: list[dict[str, int]] = []
    for report, more in enumerate(arrivals):
        new = [given(f"{report} {number}", side, report, cadence=0) for number in range(more) for side in SIDES]
        found += new
        told = made(inputs(found, reports=report, released=released))
        released = told.released
        seen.append({key: count for key, count in people_of(told).items() if count is not None})
    for place, earlier in enumerate(seen):
        for later in seen[place:]:
            assert set(earlier) <= set(later)
            assert all(later[key] - count in (0, *range(5, 99)) for key, count in earlier.items())


def fourteen(scenario: Scenario) -> Scenario:
    """Nearly everybody finds the meetings too frequent, everybody their length right."""
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
    assert [answer.question for answer in report.answers] == list(QUESTIONS)
    rules = report.answers[2]
    assert (rules.answer, rules.direction) == ("not_enough_data", None)
    for answer in report.answers:
        assert answer.evidence is not None
        assert answer.evidence.people == 14
        assert answer.evidence.key in people_of(report)
        assert answer.criterion.change_at_least == answer.evidence.threshold
    assert report.answers[1].evidence is not None
    assert report.answers[1].evidence.wants == "less-often"
    assert report.contents is not None
    assert [
        (row.group, row.asked, row.answered) for row in report.contents.responses if row.questionnaire == "final"
    ] == [
        ("mentor", 7, 7),
        ("mentee", 7, 7),
    ]
    scenario.when(REPORTS + DAY).then_nothing()


@pytest.mark.proves("S13", "S14")
def test_fifty_tandems_that_agree_get_four_clear_answers() -> None:
    found = by_question(inputs(tandems(50, length=0, cadence=2, rules=0, onward=0)))
    assert {question: (answer.answer, answer.direction) for question, answer in found.items()} == {
        "duration": ("keep", None),
        "frequency": ("change", "less-often"),
        "rules": ("keep", None),
        "rollout": ("keep", None),
    }
    assert "seltener" in found["frequency"].text.de
    assert "less often" in found["frequency"].text.en


def test_after_a_long_standstill_one_day_closes_the_surveys_and_makes_the_report() -> None:
    assert fourteen(an_asked_programme()).given(CLOSED - 6 * DAY).when(REPORTS).one(e.ReportPublished).final


def test_the_scheduled_report_waits_for_the_last_survey_and_one_asked_for_does_not() -> None:
    assert isinstance(make(inputs(final=False, scheduled=True)), Again)
    assert isinstance(make(inputs(final=False, scheduled=False)), tuple)


def test_who_answered_is_told_once_when_nobody_can_answer_any_more() -> None:
    for final in (False, True):
        contents = made(inputs(tandems(7, cadence=0), final=final)).contents
        assert bool(contents.responses) == final


def test_a_straggler_s_survey_that_closes_after_the_final_report_changes_no_figure_of_answers() -> None:
    scenario = fourteen(an_asked_programme()).given(CLOSED - 6 * DAY, CLOSED).when(REPORTS)
    first = scenario.one(e.ReportPublished)
    scenario.given(formed(8), formed(8, status="completed"), REPORTS + DAY)
    scenario.given(answers("mentor 8", rating=0), REPORTS + 2 * DAY).when(e.RequestReport(programme_id="pilot"))
    again = scenario.one(e.ReportPublished)
    assert again.tandems_completed == 8
    assert again.answers == first.answers
    assert distributions(again) == distributions(first)


def test_a_report_of_an_unknown_programme_is_refused() -> None:
    a_programme().when(e.RequestReport(programme_id="other")).then_refused("unknown_programme")


def test_a_running_programme_has_a_report_that_is_not_final_and_shows_nothing_of_open_surveys() -> None:
    scenario = fourteen(an_asked_programme()).when(e.RequestReport(programme_id="pilot"))
    scenario.then(said(e.ReportPublished, version=1, final=False, ratings=()))
    report = scenario.one(e.ReportPublished)
    for answer in report.answers:
        assert answer.answer == "not_enough_data"
        assert all(figure.value is None and figure.people is None for figure in answer.figures)
    assert not [key for key, count in people_of(report).items() if key.startswith("final.") and count is not None]
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
    assert people_of(first)["mid-term.cadence.all"] == 14
    later = MID_TERM + 35 * DAY
    scenario.given(later, answers("mentor 8", "mid-term", cadence=-1))
    scenario.when(e.RequestReport(programme_id="pilot"))
    assert distributions(scenario.one(e.ReportPublished)) == distributions(first), "while it is open"
    scenario.given(later + 20 * DAY).when(e.RequestReport(programme_id="pilot"))
    assert distributions(scenario.one(e.ReportPublished)) == distributions(first), "and when it has closed"


def test_a_report_that_another_one_overtook_is_made_anew() -> None:
    """Of two jobs at once the second tells what follows the first one's report."""
    scenario = fourteen(an_asked_programme()).given(CLOSED - 6 * DAY, CLOSED).when(REPORTS)
    stale = made(inputs(tandems(7, cadence=1), final=False))
    report = scenario.when(stale).one(e.ReportPublished)
    assert report.version == 2
    assert report.final
    assert people_of(report)["final.cadence.all"] == 14


def test_importing_the_service_pulls_in_nothing_heavy() -> None:
    code = (
        "import sys, services.evaluation.service\n"
        "heavy = {'scipy', 'numpy', 'matplotlib', 'weasyprint', 'holidays', 'ortools', 'pymongo', 'faststream'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_baseline_is_paired_with_the_end_alone() -> None:
    """The same name elsewhere would tell the beginning a second time, of a few people fewer."""
    before = [given(str(number), side, tools=number % 5 - 2) for number in range(7) for side in SIDES]
    others = {"baseline": asked("baseline", before), "pulse": asked("pulse", before)}
    others["pulse"] = others["pulse"].model_copy(update={"items": others["baseline"].items})
    found = distributions(made(inputs(tandems(7, cadence=0), questionnaires=others)))
    assert found["pulse.tools.all"].people == 14
    assert found.get("baseline.tools.all") is None or found["baseline.tools.all"].people is None


def test_what_an_earlier_release_told_is_told_by_no_later_report() -> None:
    report = made(inputs(tandems(7, cadence=0)).model_copy(update={"told_before": ("mid-term",)}))
    assert report.told_before == ("mid-term",)
