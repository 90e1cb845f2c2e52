"""Plans and signs follow the rules of the day, and name their version."""

import datetime as dt
from typing import Any

import pytest

from services.scheduling.service import service
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Contract
from shared.contracts.parts import ComingRules, Rules, SchedulingRules
from tests.support.reference import By, Scenario, given, said
from tests.unit.scheduling.people import (
    DAY,
    FORMED,
    MENTEE,
    MENTOR,
    STARTS,
    TODAY,
    accepting,
    all_said,
    cancelling,
    held_on,
    meetings_in,
    moving,
    next_planned,
    open_signs,
    person,
    programme,
    reporting,
    tandem,
)


def changing(on: Any, before: dict[str, Any] | None = None, **after: Any) -> Scenario:
    """A programme whose rules change on a day, with two people."""
    rules = Rules(scheduling=SchedulingRules.model_validate(after))
    coming = ComingRules(rules=rules, version=2, holds_from=on)
    known = programme(**(before or {})).model_copy(update={"coming": coming})
    return given(service, known, person(MENTOR), person(MENTEE), today=TODAY)


def test_a_plan_is_made_under_the_rules_of_its_day_and_names_their_version() -> None:
    before = changing(FORMED + DAY, minutes=60).given(FORMED).when(tandem())
    before.then_among(said(s.PlanMade, rules_version=1))
    assert {meeting.minutes for meeting in meetings_in(before)} == {90}
    after = changing(FORMED, minutes=60).given(FORMED).when(tandem())
    after.then_among(said(s.PlanMade, rules_version=2))
    assert {meeting.minutes for meeting in meetings_in(after)} == {60}


def test_the_plan_of_an_earlier_day_stands_when_the_rules_change() -> None:
    scenario = changing(FORMED + DAY, minutes=60).given(FORMED, tandem())
    before = meetings_in(scenario)
    scenario.given(FORMED + DAY)
    assert meetings_in(scenario) == before
    scenario.when(cancelling(next_planned(scenario)))
    instead = [meeting for meeting in meetings_in(scenario) if meeting not in before and meeting.status == "planned"]
    assert [meeting.minutes for meeting in instead] == [60]
    assert all_said(scenario, s.PlanMade)[-1].rules_version == 2


def test_longer_days_to_object_hold_for_meetings_that_did_not_count_yet() -> None:
    scenario = changing(STARTS, held_after_days=5).given(FORMED, tandem())
    first = next_planned(scenario)
    scenario.given(accepting(first), first.date, held_on(first) - DAY).when(held_on(first))
    assert first.id not in {message.meeting_id for message in all_said(scenario, s.MeetingHeld)}
    scenario.when(held_on(first) + 2 * DAY).then_among(said(s.MeetingHeld, meeting_id=first.id))


def test_a_longer_silence_is_no_sign_before_its_own_day() -> None:
    silent = {"silent_after_days": 28}
    scenario = changing(STARTS + 5 * DAY, silent, silent_after_days=40).given(FORMED, tandem())
    for _ in range(60):
        planned = [meeting for meeting in meetings_in(scenario) if meeting.status == "planned"]
        if not planned:
            break
        scenario.given(cancelling(planned[0]))
    was = STARTS + (28 + 3 + 2) * DAY
    scenario.given(was)
    assert "tandem-silent" not in open_signs(scenario)
    scenario.given(was + 12 * DAY)
    assert "tandem-silent" in open_signs(scenario)
    assert {
        told.rules_version for told in all_said(scenario, s.OfficeAttentionNeeded) if told.what == "tandem-silent"
    } == {2}


@pytest.mark.parametrize(("holds", "said_of_it"), [(0, s.KickOffImpossible), (1, s.KickOffScheduled)])
def test_the_kick_off_is_chosen_by_the_holidays_of_the_day_s_rules(holds: int, said_of_it: type[Contract]) -> None:
    """The 8th of March is a holiday in Berlin and none in Bavaria."""
    day = dt.date(2027, 3, 8)
    rules = Rules(scheduling=SchedulingRules(state="BE", municipality="Berlin"))
    coming = ComingRules(rules=rules, version=2, holds_from=TODAY + holds * DAY)
    known = programme(closes=day).model_copy(update={"coming": coming})
    scenario = given(service, known, person(MENTOR), person(MENTEE), today=TODAY)
    scenario.when(s.PlanKickOff(programme_id="pilot", earliest=day, latest=day)).then_among(said_of_it)


def test_a_programme_that_is_archived_is_taken_over_like_one_that_ended() -> None:
    state = programme(kind=r.ProgrammeEnded).model_dump()
    archived = r.ProgrammeArchived.model_validate({**state, "status": "archived", "gone": ("people",)})
    scenario = changing(FORMED, minutes=60).given(archived)
    scenario.when(s.PlanKickOff(programme_id="pilot", earliest=TODAY + DAY, latest=TODAY + DAY))
    assert not [message for message in scenario.told if isinstance(message, s.KickOffScheduled)]


# Meetings name the version as well


def test_a_meeting_names_the_rules_under_which_it_was_planned_or_moved_at_last() -> None:
    scenario = changing(FORMED + DAY, min_gap_days=6).given(FORMED).when(tandem())
    assert {event.rules_version for event in all_said(scenario, s.MeetingScheduled)} == {1}
    first = next_planned(scenario)
    scenario.given(FORMED + DAY).when(moving(first, first.date + DAY)).then_among(said(s.MeetingMoved, rules_version=2))
    added = s.AddMeeting(tandem_id=first.tandem, participant_id=MENTOR, date=first.date, start=600)
    scenario.when(By(added, actor=MENTOR, sender="person")).then_among(said(s.MeetingScheduled, rules_version=2))


def test_what_became_of_a_meeting_names_the_rules_under_which_that_was_decided() -> None:
    scenario = changing(STARTS).given(FORMED, tandem())
    held, missed, unknown = meetings_in(scenario)[:3]
    scenario.given(accepting(held, missed))
    assert {meeting.rules_version for meeting in meetings_in(scenario)} == {1}
    scenario.given(held.date).when(held_on(held)).then_among(said(s.MeetingHeld, rules_version=2))
    scenario.given(missed.date).when(reporting(missed, took_place=False)).then_among(
        said(s.MeetingMissed, rules_version=2)
    )
    scenario.when(held_on(unknown)).then_among(said(s.MeetingUnknown, meeting_id=unknown.id, rules_version=2))
