"""No tandem grows without end: so many meetings, and of the cancelled ones the oldest go."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.model import MOST_MEETINGS, Meeting, Pair, Slot, Status
from shared.contracts import scheduling as s
from shared.runtime.ids import derived_id
from tests.support.reference import Scenario, said
from tests.unit.scheduling.people import (
    DAY,
    ENDS,
    FORMED,
    MENTEE,
    MENTOR,
    TANDEM,
    a_tandem,
    by_mentor,
    pair_in,
)

LAST = ENDS - DAY


def a_meeting(number: int, status: Status) -> Meeting:
    id, date = derived_id("meeting", number), dt.date(2027, 1, 1) + number * DAY
    fields = {"tandem": TANDEM, "mentor": MENTOR, "mentee": MENTEE, "start": 600, "minutes": 90}
    return Meeting.model_validate({"id": id, "date": date, "status": status, **fields})


def full(scenario: Scenario, count: int, status: Status = "planned") -> None:
    """The tandem has so many meetings on days before the last of the term."""
    slots = tuple(
        Slot(meeting=derived_id("m", n), date=LAST - (count - n) * DAY, start=600, minutes=90, status=status)
        for n in range(count)
    )
    scenario.reference.state[f"tandem/{TANDEM}"] = pair_in(scenario).but(slots=slots)


@pytest.mark.parametrize(("count", "status"), [(MOST_MEETINGS, "planned"), (MOST_MEETINGS + 9, "held")])
def test_beyond_so_many_meetings_none_is_added(count: int, status: Status) -> None:
    scenario = a_tandem()
    full(scenario, count, status)
    command = s.AddMeeting(tandem_id=TANDEM, participant_id=MENTOR, date=LAST, start=600)
    scenario.when(by_mentor(command)).then_refused("too_many_meetings")
    [reason] = scenario.one(s.CommandRejected).reasons
    assert str(MOST_MEETINGS) in reason.message.de
    assert str(MOST_MEETINGS) in reason.message.en


def test_cancelled_meetings_are_not_counted_and_the_oldest_of_them_go() -> None:
    scenario = a_tandem()
    full(scenario, MOST_MEETINGS + 9, "cancelled")
    command = s.AddMeeting(tandem_id=TANDEM, participant_id=MENTOR, date=LAST, start=600)
    scenario.when(by_mentor(command)).then_among(said(s.MeetingScheduled, date=LAST))
    slots = pair_in(scenario).slots
    assert len(slots) == MOST_MEETINGS
    assert slots[-1].date == LAST
    assert slots[0].meeting == derived_id("m", 10)


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["planned", "cancelled", "held", "missed", "unknown"]), max_size=120))
def test_only_cancelled_meetings_go_and_what_is_written_last_stays(statuses: list[Status]) -> None:
    pair = Pair(id=TANDEM, mentor=MENTOR, mentee=MENTEE, status="running", formed_on=FORMED, ends_on=ENDS)
    for number, status in enumerate(statuses):
        meeting = a_meeting(number * 37 % 127, status)
        pair = pair.with_slot(meeting)
        assert any(slot.meeting == meeting.id for slot in pair.slots)
    kept = sum(status != "cancelled" for status in statuses)
    assert sum(slot.status != "cancelled" for slot in pair.slots) == kept
    assert len(pair.slots) <= max(MOST_MEETINGS, kept + 1)
