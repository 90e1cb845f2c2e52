"""Meetings are counted by how it is known that they were held; what is unknown counts for nothing (P11)."""

import pytest

from services.evaluation.service import service
from shared.contracts import evaluation as e
from shared.contracts import scheduling as s
from tests.support.reference import By, Scenario, given
from tests.unit.evaluation.people import DAY, PROGRAMME, STARTS, formed, held


def a_meeting(number: int, known: str | None = "assumed") -> s.MeetingHeld:
    return s.MeetingHeld.model_validate({**held(1, number).model_dump(), "known": known})


def unknown(number: int) -> s.MeetingUnknown:
    fields = {**held(1, number).model_dump(), "status": "unknown", "number": None}
    return s.MeetingUnknown.model_validate(fields)


def otherwise(kind: type[s.MeetingState], number: int, status: str, known: str | None = None) -> s.MeetingState:
    fields = held(1, number).model_dump()
    return kind.model_validate({**fields, "status": status, "number": number if known else None, "known": known})


def a_term() -> Scenario:
    return given(service, PROGRAMME, *(formed(number) for number in range(1, 6)), today=STARTS)


def figures(scenario: Scenario) -> tuple[int | None, ...]:
    report = scenario.when(e.RequestReport(programme_id="pilot")).one(e.ReportPublished)
    return report.meetings_held, report.meetings_confirmed, report.meetings_assumed, report.meetings_unknown


@pytest.mark.proves("P11", "S13")
def test_the_report_tells_confirmed_assumed_and_unknown_apart() -> None:
    scenario = a_term().given(a_meeting(1, "confirmed"), a_meeting(3), a_meeting(4), unknown(6))
    assert figures(scenario) == (3, 1, 2, 1)


def test_what_an_earlier_release_said_was_held_is_assumed() -> None:
    assert figures(a_term().given(a_meeting(1, None))) == (1, 0, 1, 0)


def test_too_few_people_have_no_figures() -> None:
    assert figures(given(service, PROGRAMME, formed(1), a_meeting(1), today=STARTS)) == (None,) * 4


def test_what_is_confirmed_later_is_counted_once_and_as_confirmed() -> None:
    later = otherwise(s.TopicsRecorded, 1, "held", "confirmed")
    scenario = a_term().given(a_meeting(1), later)
    assert figures(scenario) == (1, 1, 0, 0)
    other_way_round = a_term().given(By(later, sequence=2), By(a_meeting(1), sequence=1))
    assert figures(other_way_round) == (1, 1, 0, 0)


def test_an_unknown_meeting_asks_nobody_and_one_that_turns_out_to_be_held_does_then() -> None:
    scenario = a_term().when(unknown(3)).then_nothing().given(STARTS + 40 * DAY).when(a_meeting(3, "confirmed"))
    surveys = [x for x in scenario.told if isinstance(x, e.SurveyOpened)]
    assert len(surveys) == 2
    assert all(x.opens == STARTS + 40 * DAY for x in surveys), "not on a day that is long over"
    scenario.when(otherwise(s.TopicsRecorded, 3, "held", "confirmed")).then_nothing()
    assert figures(scenario) == (1, 1, 0, 0)


@pytest.mark.parametrize(("kind", "status"), [(s.MeetingMissed, "missed"), (s.MeetingReported, "planned")])
def test_a_meeting_that_is_unknown_no_more_is_none_of_them(kind: type[s.MeetingState], status: str) -> None:
    assert figures(a_term().given(unknown(1), otherwise(kind, 1, status))) == (0, 0, 0, 0)
    assert figures(a_term().given(otherwise(kind, 1, status))) == (0, 0, 0, 0)
