"""A meeting on which the two had agreed and that falls through counts for the sign, whatever came in between."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.model import MOST_FALLEN, MOST_MEETINGS, Meeting, Pair, Slot, Status
from services.scheduling.view import VIEW, programme_view
from shared.contracts import scheduling as s
from tests.support.reference import Scenario, said
from tests.unit.scheduling.people import (
    DAY,
    FORMED,
    MENTEE,
    MENTOR,
    TANDEM,
    a_tandem,
    accepting,
    by_mentor,
    cancelling,
    fallen_through,
    meeting_in,
    meetings_in,
    moving,
    next_planned,
    open_signs,
    pair_in,
)
from tests.unit.scheduling.test_many_meetings import LAST, a_meeting, full


def moved_after_agreeing(scenario: Scenario) -> Meeting:
    """Both agree on the next meeting, one suggests another time for it, and the other says nothing to that."""
    first = next_planned(scenario)
    scenario.given(accepting(first), accepting(first, who=MENTEE), moving(first, first.date + DAY, replaces=3))
    return meeting_in(scenario, first.id)


@pytest.mark.proves("P8")
def test_a_meeting_that_was_agreed_on_moved_and_then_declined_fell_through() -> None:
    scenario = a_tandem()
    moved = moved_after_agreeing(scenario)
    assert moved.acceptance == "open"
    scenario.given(cancelling(moved)).when(*fallen_through(next_planned(scenario)))
    scenario.then_among(said(s.TandemNeedsAttention, status="open"))
    assert open_signs(scenario) == ["meetings-failed"]


def test_so_did_one_that_silence_had_accepted_though_its_waking_was_not_handled_yet() -> None:
    scenario = a_tandem()
    first = next_planned(scenario)
    scenario.reference.today = FORMED + 5 * DAY
    scenario.given(moving(first, first.date + DAY), cancelling(meeting_in(scenario, first.id)))
    assert pair_in(scenario).failed_with(first.id) == 1


def test_a_suggestion_that_is_moved_and_declined_before_anybody_agreed_is_no_failure() -> None:
    scenario = a_tandem()
    first = next_planned(scenario)
    scenario.given(moving(first, first.date + DAY), cancelling(meeting_in(scenario, first.id)))
    assert pair_in(scenario).failed_with(first.id) == 0
    scenario.given(*fallen_through(next_planned(scenario)))
    assert not open_signs(scenario)


def test_what_a_calendar_takes_is_no_failure_though_it_was_agreed_on_before() -> None:
    scenario = a_tandem()
    moved = moved_after_agreeing(scenario)
    scenario.given(cancelling(next(x for x in meetings_in(scenario) if x.status == "planned" and x.id != moved.id)))
    assert not open_signs(scenario)


def test_no_event_says_that_an_earlier_time_was_accepted() -> None:
    scenario = a_tandem()
    moved_after_agreeing(scenario)
    assert not [x for x in scenario.told if "agreed_before" in x.model_dump()]


# With so many meetings that the cancelled ones lose their slots


def cancelled_slots(scenario: Scenario, count: int, acceptance: str) -> None:
    full(scenario, count, "cancelled")
    pair = pair_in(scenario)
    slots = tuple(slot.model_copy(update={"acceptance": acceptance}) for slot in pair.slots)
    scenario.reference.state[f"tandem/{TANDEM}"] = pair.but(slots=slots)


def shown_cancelled(scenario: Scenario) -> int:
    kinds = VIEW.aggregates
    found = {kind: [a for a in scenario.reference.state.values() if isinstance(a, kind)] for kind in kinds}
    [row] = programme_view("pilot", found).tandems
    return row.cancelled


@pytest.mark.parametrize(("acceptance", "fell"), [("given", MOST_MEETINGS), ("assumed", MOST_MEETINGS), ("open", 0)])
def test_the_office_s_view_counts_cancelled_meetings_also_without_their_slots(acceptance: str, fell: int) -> None:
    scenario = a_tandem()
    cancelled_slots(scenario, MOST_MEETINGS, acceptance)
    assert shown_cancelled(scenario) == fell
    scenario.given(by_mentor(s.AddMeeting(tandem_id=TANDEM, participant_id=MENTOR, date=LAST, start=600)))
    assert len(pair_in(scenario).slots) == MOST_MEETINGS
    assert shown_cancelled(scenario) == fell


def a_full_row(dates: int) -> Pair:
    """A tandem whose first meeting fell through, and that has planned all others after that one."""
    slots = [Slot(meeting="first", date=FORMED, start=600, minutes=90, status="cancelled")]
    slots += [
        Slot(meeting=f"m{n}", date=FORMED + (n + 9) * DAY, start=600, minutes=90) for n in range(MOST_MEETINGS - 1)
    ]
    fields = {"id": TANDEM, "mentor": MENTOR, "mentee": MENTEE, "status": "running"}
    pair = Pair.model_validate({**fields, "formed_on": FORMED, "ends_on": LAST, "slots": tuple(slots)})
    return pair.with_slot(a_meeting(FORMED.toordinal() + dates - a_meeting(0, "planned").date.toordinal(), "missed"))


def test_a_cancelled_meeting_counts_for_its_row_also_without_its_slot() -> None:
    for dates in (1, 3):
        pair = a_full_row(dates)
        assert "first" not in {slot.meeting for slot in pair.slots}
        assert pair.failed_in_a_row == 2
        assert pair.fell_through == 1


def test_a_held_meeting_ends_the_row_of_those_without_a_slot_as_well() -> None:
    pair = a_full_row(3)
    held = a_meeting(FORMED.toordinal() + 2 - a_meeting(0, "planned").date.toordinal(), "held")
    assert pair.with_slot(held).failed_in_a_row == 1
    assert pair.with_slot(held).fell_through == 1


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["planned", "cancelled", "held", "missed", "unknown"]), min_size=61, max_size=90))
def test_no_row_of_a_rule_s_length_is_lost_by_how_many_meetings_there_are(statuses: list[Status]) -> None:
    """Up to ten in a row, the longest that a rule can ask for: where all slots are kept it is as long."""
    fields = {"id": TANDEM, "mentor": MENTOR, "mentee": MENTEE, "status": "running", "formed_on": FORMED}
    pair = whole = Pair.model_validate({**fields, "ends_on": LAST})
    for number, status in enumerate(statuses):
        meeting = a_meeting(number, status)
        pair = pair.with_slot(meeting)
        slots = (*whole.slots, pair.slots[[slot.meeting for slot in pair.slots].index(meeting.id)])
        whole = whole.but(slots=slots)
    fell = sum(slot.fell_through for slot in pair.slots) + pair.fell_through
    assert fell == statuses.count("cancelled")
    last = whole.slots[-1].meeting if whole.slots else ""
    assert min(pair.failed_with(last), MOST_FALLEN) == min(whole.failed_with(last), MOST_FALLEN)
    assert len(pair.fallen) <= MOST_FALLEN
