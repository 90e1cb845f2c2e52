"""Erasing somebody from evaluation: their survey goes or names nobody, and a report gives nothing of them away."""

import pytest

from services.evaluation.concerns import CONCERNS
from services.evaluation.jobs import Made
from services.evaluation.model import Answer, Report, Survey
from services.evaluation.reporting.inputs import Reference, report_inputs
from services.evaluation.reporting.make import make
from services.evaluation.surveys import FIRST_PULSE
from shared.contracts import evaluation as e
from shared.contracts import matching as m
from shared.contracts.parts import NOBODY
from shared.runtime.ids import derived_id
from tests.support.erased import erase, left_in
from tests.support.reference import Scenario, _now, _Reader, said
from tests.unit.evaluation.people import (
    CLOSED,
    DAY,
    FINAL,
    MID_TERM,
    REPORTS,
    a_programme,
    an_asked_programme,
    answers,
    everybody,
    formed,
    held,
    person,
    survey,
    tandem_id,
)

WHO = "mentor 1"


def answered() -> Scenario:
    """Everybody was asked finally, and most have answered."""
    scenario = an_asked_programme()
    said = [answers(name, cadence=0, length=0, rules=0, onward=0) for name in everybody()[:9]]
    return scenario.given(*said)


def own_answer(scenario: Scenario, name: str = WHO) -> Answer | None:
    found = scenario.reference.state.get(f"answer/{scenario.reference.sealed('pilot', 'answer', survey(name))}")
    return found if isinstance(found, Answer) else None


@pytest.mark.parametrize("when", ["open", "closed", "reported"])
def test_nothing_names_who_was_erased(when: str) -> None:
    scenario = answered()
    if when != "open":
        scenario.given(CLOSED)
    if when == "reported":
        scenario.given(REPORTS)
    assert left_in(scenario, person(WHO))
    erase(scenario, person(WHO))
    assert left_in(scenario, person(WHO)) == []


def test_an_answer_that_no_report_has_counted_goes_with_its_survey() -> None:
    scenario = answered()
    assert own_answer(scenario) is not None
    erase(scenario, person(WHO))
    assert own_answer(scenario) is None
    assert f"survey/{survey(WHO)}" not in scenario.reference.state
    closed = answered().given(CLOSED)
    erase(closed, person(WHO))
    assert own_answer(closed) is None


def test_a_report_that_told_nothing_of_a_questionnaire_keeps_no_answer_to_it() -> None:
    scenario = a_programme(*[formed(number) for number in range(1, 8)])
    scenario.when(e.RequestReport(programme_id="pilot")).then_among(said(e.ReportPublished, final=False))
    scenario.given(*[formed(number, status="completed") for number in range(1, 8)], FINAL)
    scenario.given(*(answers(name, cadence=0, length=0, rules=0, onward=0) for name in everybody()[:9]), CLOSED)
    assert own_answer(scenario) is not None
    erase(scenario, person(WHO))
    assert own_answer(scenario) is None


def test_an_answer_that_a_report_may_have_counted_stays_as_a_figure_without_its_comment() -> None:
    scenario = answered().given(CLOSED, REPORTS)
    before = own_answer(scenario)
    assert before is not None
    scenario.reference.state[before.subject] = before.but(comment="my department is unmistakable")
    erase(scenario, person(WHO))
    assert own_answer(scenario) == before
    assert left_in(scenario, "unmistakable") == []


def test_the_next_report_says_the_same_figures_and_cannot_be_subtracted() -> None:
    scenario = answered().given(CLOSED, REPORTS)
    before = scenario.reference.state["report/pilot"]
    erase(scenario, person(WHO))
    after = scenario.when(e.RequestReport(programme_id="pilot")).one(e.ReportPublished)
    assert isinstance(before, Report)
    assert before.said is not None
    assert (after.answers, after.contents) == (before.said.answers, before.said.contents)


def test_whether_somebody_answered_is_not_told_by_what_is_left_of_their_survey() -> None:
    """`mentor 7` did not answer: of both a closed survey is left, of neither an open one."""
    for steps in ((CLOSED,), (CLOSED, REPORTS), ()):
        left, said = [], []
        for name in (WHO, "mentor 7"):
            scenario = answered().given(*steps)
            said.append([type(message) for message in erase(scenario, person(name))])
            kept = scenario.reference.state.get(f"survey/{survey(name)}")
            left.append(kept.but(id="", erased=kept.erased and "") if isinstance(kept, Survey) else None)
        assert left[0] == left[1]
        assert said[0] == said[1]


def test_how_often_one_person_may_have_answered_does_not_fall_with_who_answered_most() -> None:
    scenario = answered().given(CLOSED)
    erase(scenario, person(WHO))
    kept = scenario.reference.state[f"survey/{survey(WHO)}"]
    assert isinstance(kept, Survey)
    assert (kept.participant, kept.status, kept.due) == (NOBODY, "closed", None)


def test_the_partner_is_still_asked_and_nobody_in_the_place_of_who_was_erased() -> None:
    scenario = a_programme(formed(1), formed(2))
    erase(scenario, person(WHO))
    asked = [message for message in scenario.when(MID_TERM).told if isinstance(message, e.SurveyOpened)]
    assert sorted(survey.participant_id for survey in asked) == sorted(
        map(person, ("mentee 1", "mentor 2", "mentee 2"))
    )


def test_a_tandem_s_end_and_a_held_meeting_count_when_they_come_without_who_was_erased() -> None:
    scenario = a_programme(formed(1))
    erase(scenario, person(WHO))
    meeting = held(1, FIRST_PULSE).model_copy(update={"mentor": NOBODY})
    opened = [m for m in scenario.when(meeting).told if isinstance(m, e.SurveyOpened)]
    assert [survey.participant_id for survey in opened] == [person("mentee 1")]
    ended = formed(1, status="ended", ends_on=MID_TERM).model_copy(update={"mentor": NOBODY})
    assert isinstance(ended, m.TandemEnded)
    scenario.when(ended)
    assert left_in(scenario, person(WHO)) == []
    told = [t for date in (MID_TERM, FINAL) for t in scenario.when(date).told if isinstance(t, e.PersonAddressed)]
    assert {mail.to for mail in told} == {person("mentee 1")}
    assert f"tandem/{tandem_id(1)}" in scenario.reference.state


def test_the_search_finds_who_was_erased_where_surveys_are_left_out() -> None:
    scenario = answered()
    own = scenario.reference.service
    fewer = tuple(concerns for concerns in CONCERNS if concerns.aggregate is not Survey)
    scenario.reference.service = type(own)(**{**vars(own), "concerns": fewer})
    erase(scenario, person(WHO))
    assert left_in(scenario, person(WHO)) == sorted(f"survey/{survey(WHO, name)}" for name in ("mid-term", "final"))


def responses(report: e.ReportPublished) -> dict[str, tuple[int, int]]:
    """Of each questionnaire how many people were asked, and how many have answered, of both sides together."""
    assert report.contents is not None
    found: dict[str, tuple[int, int]] = {}
    for each in report.contents.responses:
        asked, answered = found.get(each.questionnaire, (0, 0))
        found[each.questionnaire] = (asked + (each.asked or 0), answered + (each.answered or 0))
    return found


@pytest.mark.parametrize(("who", "left"), [(WHO, (13, 8)), ("mentor 7", (13, 9))])
def test_who_was_erased_before_any_report_counts_neither_as_asked_nor_as_answered(
    who: str, left: tuple[int, int]
) -> None:
    scenario = answered().given(CLOSED)
    erase(scenario, person(who))
    assert responses(scenario.when(REPORTS).one(e.ReportPublished))["final"] == left


@pytest.mark.parametrize(("who", "left"), [(WHO, (13, 12)), ("mentor 7", (13, 13))])
def test_who_was_erased_before_anything_was_told_of_a_questionnaire_leaves_both_numbers_however_often_they_were_asked(
    who: str, left: tuple[int, int]
) -> None:
    scenario = a_programme(*[formed(number) for number in range(1, 8)])
    meetings = [held(tandem, number) for tandem in range(1, 8) for number in (FIRST_PULSE, 3)]
    scenario.given(*meetings)
    for number in (FIRST_PULSE, 3):
        pulses = [
            answers(name, "pulse", derived_id("meeting", int(name[-1]), number), rating=4) for name in everybody()
        ]
        scenario.given(*(pulses[place] for place, name in enumerate(everybody()) if name != "mentor 7"))
    scenario.given(MID_TERM, MID_TERM + 16 * DAY).when(e.RequestReport(programme_id="pilot"))
    scenario.then_among(said(e.ReportPublished, final=False))
    erase(scenario, person(who))
    scenario.given(*[formed(number, status="completed") for number in range(1, 8)], FINAL, CLOSED)
    assert responses(scenario.when(REPORTS).one(e.ReportPublished))["pulse"] == left


def test_who_answered_is_told_once_also_where_somebody_is_asked_or_erased_after_that() -> None:
    scenario = answered().given(CLOSED)
    first = responses(scenario.when(REPORTS).one(e.ReportPublished))
    scenario.given(formed(8), formed(8, status="completed"), REPORTS + DAY, answers("mentor 8", rating=0))
    scenario.given(REPORTS + 20 * DAY)
    erase(scenario, person(WHO), person("mentee 8"))
    assert responses(scenario.when(e.RequestReport(programme_id="pilot")).one(e.ReportPublished)) == first


def being_made(scenario: Scenario) -> Made:
    """The final report as its job made it, before it is published."""
    reader = _Reader(scenario.reference.state, REPORTS)
    reference = Reference("pilot", scheduled=True, as_of=REPORTS)
    pieces = make(_now(report_inputs(reference.text(), reader)))
    assert isinstance(pieces, tuple)
    return pieces[0]


@pytest.mark.proves("S13")
@pytest.mark.parametrize("who", [WHO, "mentor 7"])
def test_a_report_that_is_being_made_while_somebody_is_erased_is_made_anew_without_them(who: str) -> None:
    scenario, before = answered().given(CLOSED), answered().given(CLOSED)
    scenario.reference.today = REPORTS
    made = being_made(scenario)
    erase(scenario, person(who))
    published = scenario.when(made).one(e.ReportPublished)
    # The same as if they had been erased before, and so does every later one say.
    erase(before, person(who))
    assert published == before.when(REPORTS).one(e.ReportPublished)
    again = scenario.when(e.RequestReport(programme_id="pilot")).one(e.ReportPublished)
    assert again.contents == published.contents


def test_a_report_that_is_being_made_while_somebody_is_erased_whose_answers_stay_is_published_as_it_was() -> None:
    scenario = answered().given(CLOSED, REPORTS)
    made = being_made(scenario)
    erase(scenario, person(WHO))
    assert scenario.when(made).one(e.ReportPublished).contents == made.contents
