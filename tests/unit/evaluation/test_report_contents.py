"""What stands in a report beside its answers: in order, by names that people know, and what is still to come."""

from itertools import groupby

import pytest

from shared.contracts import evaluation as e
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Text
from tests.support.reference import Scenario, said
from tests.unit.evaluation.made_up_answers import asked, given, inputs, tandems
from tests.unit.evaluation.people import (
    CLOSED,
    DAY,
    FINAL,
    MID_TERM,
    REPORTS,
    STARTS,
    answers,
    everybody,
    formed,
    held,
)
from tests.unit.evaluation.test_own_questionnaires import MOOD, OPENS, adding, in_tandems
from tests.unit.evaluation.test_report import made

SHEETS = Text(de="Tabellen", en="Spreadsheets")


def contents(scenario: Scenario) -> e.Figures:
    report = scenario.one(e.ReportPublished)
    assert report.contents is not None
    return report.contents


def listed(id: str, label: Text, into: str | None = None) -> r.TopicListed:
    return r.TopicListed(topic_id=id, area="software", label=label, status="listed", forwards_to=into)


def about(number: int, *topics: str) -> s.MeetingHeld:
    return held(number, 1).model_copy(update={"topics": topics})


def asking_for_a_report(scenario: Scenario) -> e.Figures:
    return contents(scenario.when(e.RequestReport(programme_id="pilot")))


def test_topics_stand_with_the_words_of_the_catalogue_here_and_in_what_a_hundred_tandems_need() -> None:
    scenario = in_tandems(7).given(listed("sheets", SHEETS))
    scenario.given(*(about(number, "sheets", "unheard") for number in range(1, 6)))
    found = asking_for_a_report(scenario)
    assert [(topic.topic_id, topic.tandems, topic.label) for topic in found.topics] == [
        ("sheets", 5, SHEETS),
        ("unheard", 5, None),
    ]
    needs = {need.key: need.text for need in found.rollout}
    assert "„Tabellen“" in needs["mentors.sheets"].de
    assert "“Spreadsheets”" in needs["mentors.sheets"].en
    assert "“unheard”" in needs["mentors.unheard"].en


def test_a_topic_that_was_merged_counts_as_the_one_where_it_ends() -> None:
    scenario = in_tandems(7).given(listed("sheets", SHEETS), listed("tables", Text(de="t", en="t"), into="sheets"))
    scenario.given(*(about(number, "sheets") for number in (1, 2)), *(about(number, "tables") for number in (3, 4)))
    scenario.given(about(5, "tables", "sheets"))
    assert [(topic.topic_id, topic.tandems) for topic in asking_for_a_report(scenario).topics] == [("sheets", 5)]


def test_a_questionnaire_of_the_office_stands_with_its_title() -> None:
    scenario = in_tandems(7).given(adding(MOOD), OPENS)
    scenario.given(*(answers(name, "rooms", "1", mood=4) for name in everybody()), OPENS + 16 * DAY)
    scenario.given(MID_TERM, MID_TERM + 16 * DAY, *(formed(number, status="completed") for number in range(1, 8)))
    scenario.given(FINAL, *(answers(name, cadence=1) for name in everybody()))
    told = contents(scenario.given(CLOSED - 6 * DAY, CLOSED).when(REPORTS))
    titles = {each.questionnaire: each.about for each in told.distributions}
    assert (titles["rooms"], titles["final"]) == (adding(MOOD).title, None)
    found = told.responses
    assert {each.about for each in found if each.questionnaire == "rooms"} == {adding(MOOD).title}
    assert {each.about for each in found if each.questionnaire == "final"} == {None}


def test_what_was_answered_is_told_questionnaire_by_questionnaire_and_changes_last() -> None:
    before = [given(str(number), side, tools=number % 3 - 1) for number in range(8) for side in ("mentor", "mentee")]
    after = [given(str(number), side, tools=0, cadence=1) for number in range(8) for side in ("mentor", "mentee")]
    others = {name: asked(name, before) for name in ("baseline", "parting", "mid-term", "pulse")}
    others["an-own-one"] = asked("pulse", before).model_copy(update={"title": SHEETS})
    found = made(inputs(after, questionnaires=others)).contents.distributions
    order = [key for key, _ in groupby((each.kind, each.questionnaire) for each in found)]
    assert order == [
        ("answers", "final"),
        ("answers", "mid-term"),
        ("answers", "pulse"),
        ("answers", "parting"),
        ("answers", "an-own-one"),
        ("answers", "baseline"),
        ("change", "final"),
    ]
    items = [key for key, _ in groupby((each.kind, each.questionnaire, each.item) for each in found)]
    assert len(items) == len(set(items))


@pytest.mark.proves("S13")
def test_an_interim_report_says_what_is_asked_at_the_end_and_from_when() -> None:
    scenario = in_tandems(7).given(MID_TERM)
    report = scenario.when(e.RequestReport(programme_id="pilot")).one(e.ReportPublished)
    assert report.contents is not None
    assert [(each.questionnaire, each.opens) for each in report.contents.awaited] == [
        ("final", FINAL),
        ("mid-term", None),
    ]
    for answer in report.answers:
        assert answer.text.de.endswith("Danach wird am Ende gefragt, ab 15. Juli 2027.")
        assert answer.text.en.endswith("It is asked at the end, from 15 July 2027.")


def test_an_own_questionnaire_is_awaited_to_the_end_and_the_final_one_too() -> None:
    scenario = in_tandems(7).given(adding(MOOD))
    assert [(each.questionnaire, each.opens, each.about) for each in asking_for_a_report(scenario).awaited] == [
        ("final", FINAL, None),
        ("rooms", OPENS, adding(MOOD).title),
    ]
    scenario.given(OPENS)
    assert [each.questionnaire for each in asking_for_a_report(scenario).awaited] == ["final", "rooms"]
    # Also when it is closed: all that the office asks of its own is told together.
    scenario.given(OPENS + 16 * DAY)
    assert [each.questionnaire for each in asking_for_a_report(scenario).awaited] == ["final", "rooms"]
    scenario.given(
        MID_TERM, MID_TERM + 16 * DAY, *(formed(number, status="completed") for number in range(1, 8)), FINAL
    )
    assert [each.questionnaire for each in asking_for_a_report(scenario).awaited] == ["final", "rooms"]
    assert contents(scenario.given(CLOSED - 6 * DAY, CLOSED).when(REPORTS)).awaited == ()


def test_that_somebody_who_left_is_still_asked_is_not_told() -> None:
    ended = STARTS + 30 * DAY
    scenario = in_tandems(7).given(ended, formed(1, status="ended", ends_on=ended))
    scenario.when(ended + DAY).then_among(said(e.SurveyOpened, questionnaire="parting"))
    assert [each.questionnaire for each in asking_for_a_report(scenario).awaited] == ["final"]


def test_a_figure_in_words_is_written_as_in_either_language() -> None:
    report = made(inputs([*tandems(6, length=0, rating=4), given("8", "mentor", length=1, rating=0)]))
    figures = [figure for answer in report.answers for figure in answer.figures if figure.low is not None]
    fine = [figure for figure in (*figures, *report.ratings) if f"{figure.low:g}" != f"{figure.low:.0f}"]
    assert fine
    for figure in fine:
        assert f"{figure.low:g} to {figure.high:g} %" in figure.text.en
        assert f"{figure.low:g} bis {figure.high:g} %".replace(".", ",") in figure.text.de
