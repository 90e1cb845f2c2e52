"""A plan that lost meetings: what brings it back, on request and by itself, and who hears of it."""

import datetime as dt
from typing import Any

import pytest

from services.scheduling.availability.tandem import missing, wanted
from services.scheduling.calendars.jobs import give_up, taken
from shared.contracts import scheduling as s
from shared.contracts.matching import TandemEnded
from shared.contracts.registration import ProgrammeChanged
from tests.support.reference import By, Scenario, _now, _Reader, said
from tests.unit.scheduling.calendars import away, busy, by, planned
from tests.unit.scheduling.people import (
    DAY,
    ENDS,
    MENTEE,
    MENTOR,
    STARTS,
    STRANGER,
    TANDEM,
    TODAY,
    a_tandem,
    accepting,
    all_said,
    fallen_through,
    moving,
    open_signs,
    pauses,
    programme,
    tandem,
)

TERM = [(TODAY + n * DAY, 0, 1439) for n in range(160)]


def asking(who: str | None = None, **fields: Any) -> By:
    command = s.PlanAgain.model_validate({"tandem_id": TANDEM, "participant_id": who} | fields)
    return By(command, actor=who, sender="person" if who is not None else "office")


def mails(scenario: Scenario) -> list[str]:
    return [message.topic for message in scenario.told if isinstance(message, s.PersonAddressed)]


def times(scenario: Scenario) -> list[tuple[dt.date, int]]:
    return [(meeting.date, meeting.start) for meeting in planned(scenario)]


def everything_lost() -> Scenario:
    return a_tandem().given(busy(TERM))


@pytest.mark.proves("S10", "S15")
def test_many_meetings_that_a_calendar_takes_are_told_in_one_mail_and_the_office_hears_that_the_plan_is_short() -> None:
    scenario = a_tandem()
    count = len(planned(scenario))
    scenario.when(busy(TERM))
    assert planned(scenario) == []
    assert sum(isinstance(message, s.MeetingCancelled) for message in scenario.told) == count
    assert sorted(mails(scenario)) == ["plan-stays-short"] * 2 + ["times-taken"] * 2
    scenario.then_among(said(s.OfficeAttentionNeeded, what="plan-short", status="open"))
    assert scenario.one(s.OfficeAttentionNeeded).answered_by[0] == s.PlanAgain.name


@pytest.mark.proves("S10", "S16")
def test_a_calendar_that_is_put_right_brings_the_whole_plan_back_by_itself() -> None:
    scenario = everything_lost()
    count = len(all_said(scenario, s.MeetingCancelled))
    scenario.when(busy(()))
    assert len(planned(scenario)) == count
    assert mails(scenario) == ["planned-anew"] * 2
    scenario.then_among(
        said(s.OfficeAttentionNeeded, what="plan-short", status="settled"),
        said(s.PlanMade, planned=count, wanted=count, problem=None),
    )
    assert open_signs(scenario) == []


def test_an_absence_that_is_taken_back_brings_the_meetings_back() -> None:
    scenario = a_tandem()
    count = len(planned(scenario))
    scenario.given(by(away((STARTS, ENDS))))
    assert planned(scenario) == []
    scenario.when(by(away()))
    assert len(planned(scenario)) == count


def test_time_that_becomes_free_says_nothing_where_no_meeting_is_missing_or_none_is_found() -> None:
    scenario = a_tandem().given(busy([(STARTS + n * DAY, 540, 550) for n in range(20)]))
    scenario.when(busy(())).then_nothing()
    scenario = everything_lost().given(busy(TERM, who=MENTEE))
    scenario.when(busy(())).then_nothing()


def test_a_plan_that_was_short_from_the_beginning_grows_when_a_calendar_empties() -> None:
    scenario = a_tandem().given(busy(TERM[:60]))
    full = len(planned(scenario))
    scenario.when(busy(()))
    assert len(planned(scenario)) >= full
    assert open_signs(scenario) == []


def test_a_calendar_put_right_before_its_meetings_were_given_up_leaves_them() -> None:
    scenario = a_tandem()
    before = times(scenario)
    work, scenario.reference._work = scenario.reference._work, lambda: None  # type: ignore[method-assign]
    scenario.given(busy(TERM), busy(()))
    scenario.reference._work = work  # type: ignore[method-assign]
    [start] = [job for job in scenario.reference.jobs if job.job == "time-taken"]
    scenario.reference.jobs.clear()
    pieces = give_up(_now(taken(start.ref, _Reader(scenario.reference.state, scenario.reference.today))))
    scenario.when(*(By(piece, id=f"piece {number}") for number, piece in enumerate(pieces))).then_nothing()
    assert times(scenario) == before


def test_a_cancelled_meeting_for_which_no_other_time_is_left_is_told_to_the_office_once() -> None:
    scenario = a_tandem()
    stand = [(meeting.date, meeting.start, meeting.start + meeting.minutes) for meeting in planned(scenario)]
    days = {date for date, *_ in stand}
    scenario.given(busy([time for time in TERM if time[0] not in days]))
    others = [(d, 0, b) for d, b, _ in stand] + [(d, e, 1439) for d, _, e in stand]
    scenario.given(busy([*(time for time in TERM if time[0] not in days), *others]))
    first, second, *_ = planned(scenario)
    scenario.when(*fallen_through(first))
    scenario.then_among(said(s.OfficeAttentionNeeded, what="plan-short", status="open"))
    scenario.when(*fallen_through(second))
    assert [m.what for m in scenario.told if isinstance(m, s.OfficeAttentionNeeded)] == ["meetings-failed"]
    scenario.when(busy(()))
    scenario.then_among(said(s.OfficeAttentionNeeded, what="plan-short", status="settled"))


@pytest.mark.proves("S10", "S19")
@pytest.mark.parametrize("who", [None, MENTOR, MENTEE])
def test_the_office_or_one_of_the_two_has_what_is_missing_planned_and_all_else_stays(who: str | None) -> None:
    scenario = a_tandem(meetings_per_month=2).given(programme(kind=ProgrammeChanged))
    before = times(scenario)
    scenario.when(asking(who))
    assert set(before) < set(times(scenario))
    assert len(times(scenario)) == 15
    scenario.then_among(said(s.PlanMade, wanted=15, planned=15))
    assert mails(scenario) == ["planned-anew"] * 2
    scenario.when(asking(who)).then(s.PlanMade)


def test_what_is_complete_is_only_answered() -> None:
    a_tandem().when(asking()).then(said(s.PlanMade, problem=None))


@pytest.mark.proves("S10")
def test_a_whole_plan_on_request_gives_up_what_stands_elsewhere_and_keeps_what_it_would_plan_itself() -> None:
    scenario = a_tandem()
    at_first = times(scenario)
    first, second, *_ = planned(scenario)
    scenario.given(moving(second, second.date + DAY, start=615), accepting(first))
    moved = next(meeting for meeting in planned(scenario) if meeting.id == second.id)
    scenario.when(asking(whole=True))
    assert times(scenario) == at_first
    assert [m.meeting_id for m in scenario.told if isinstance(m, s.MeetingCancelled)] == [moved.id]
    assert first.id in [meeting.id for meeting in planned(scenario)]
    assert mails(scenario) == ["planned-anew"] * 2
    scenario.when(asking(whole=True)).then(s.PlanMade)
    assert open_signs(scenario) == []


def test_a_whole_plan_never_has_fewer_meetings_than_stand() -> None:
    """What the two put into busy times themselves stays where nothing better is left."""
    scenario = a_tandem()
    first = planned(scenario)[0]
    scenario.given(busy(TERM))
    scenario.given(
        *(
            By(
                s.AddMeeting(tandem_id=TANDEM, participant_id=MENTOR, date=first.date + n * DAY, start=600),
                actor=MENTOR,
                sender="person",
            )
            for n in (0, 7)
        )
    )
    scenario.when(asking(whole=True))
    assert len(planned(scenario)) == 2


def test_planning_again_is_refused() -> None:
    unknown = By(s.PlanAgain(tandem_id=STRANGER), sender="office")
    a_tandem().when(unknown).then_refused("unknown_tandem")
    a_tandem().when(asking(STRANGER)).then_refused("not_yours")
    a_tandem().when(By(s.PlanAgain(tandem_id=TANDEM), actor=MENTOR, sender="person")).then_refused("not_yours")
    a_tandem().given(tandem(TandemEnded, STARTS + DAY)).when(asking()).then_refused("ended")
    a_tandem().given(pauses(MENTOR)).when(asking()).then_refused("rests")
    a_tandem().given(ENDS - DAY).when(asking()).then_refused("term_over")


def test_no_more_are_missing_than_the_rest_of_the_term_wants_nor_than_the_term_lacks() -> None:
    last = STARTS + 149 * DAY
    whole = wanted(STARTS, last, 3)
    some = [STARTS + 10 * n * DAY for n in range(whole)]
    assert missing(STARTS, STARTS, last, 3, ()) == whole
    assert all(missing(STARTS, STARTS + n * DAY, last, 3, some) == 0 for n in range(170))
    assert missing(STARTS, last - 10 * DAY, last, 3, ()) == wanted(last - 10 * DAY, last, 3)
    assert missing(STARTS, STARTS, last, 3, some[1:]) == 1
