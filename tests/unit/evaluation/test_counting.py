"""What is counted beside the answers: meetings by week, topics, goals, signs, exceptions. Newest state wins."""

import datetime as dt
import itertools

import pytest

from services.evaluation.counting import weeks
from services.evaluation.counting.model import Counted, Exceptional, Goals, KickOff, Meeting, Signs
from services.evaluation.service import service
from shared.contracts import matching as m
from shared.contracts import scheduling as s
from shared.contracts.base import Office, Text
from shared.runtime.aggregate import Aggregate
from shared.runtime.ids import derived_id
from tests.support.reference import By, Scenario, given
from tests.unit.evaluation.people import PROGRAMME, STARTS, formed, held, tandem_id

MONDAY = dt.date(2027, 3, 1)
OFFICE = Office(name="Office", phone="089 1", mail="office@example.org")


def meeting(
    number: int, status: str = "planned", date: dt.date = MONDAY, topics: tuple[str, ...] = (), tandem: int = 1
) -> s.MeetingState | s.MeetingUnknown:
    """A meeting's newest state, as the event of its status."""
    fields = held(tandem, number).model_dump() | {
        "status": status,
        "date": date,
        "topics": topics,
        "number": 1 if status == "held" else None,
        "known": "confirmed" if status == "held" else None,
    }
    kinds = {"planned": s.MeetingScheduled, "cancelled": s.MeetingCancelled, "held": s.MeetingHeld}
    kind = s.MeetingUnknown if status == "unknown" else kinds[status]
    return kind.model_validate(fields)


def agreement(kind: type[s.AgreementState], confirmed: bool, reached: int) -> s.AgreementState:
    return kind(
        tandem_id=tandem_id(1),
        programme_id="pilot",
        rules=3,
        goals=4,
        date=STARTS,
        confirmed=confirmed,
        goals_open=4 - reached,
        goals_reached=reached,
        goals_dropped=0,
    )


def signed(*rules: str) -> s.TandemNeedsAttention:
    signs = [{"rule": rule, "since": STARTS} for rule in rules]
    status = "open" if rules else "settled"
    fields = {"tandem_id": tandem_id(1), "programme_id": "pilot", "status": status, "signs": signs}
    return s.TandemNeedsAttention.model_validate(fields)


def exception(number: int, programme: str = "pilot") -> m.OfficeAttentionNeeded:
    return m.OfficeAttentionNeeded(
        attention_id=derived_id("attention", number),
        programme_id=programme,
        what="round-incomplete",
        whom=("round/1",),
        text=Text(de="Etwas", en="Something"),
        by="2027-03-01",
        answered_by=(),
        status="open",
        office=OFFICE,
    )


def found(scenario: Scenario, kind: type[Aggregate]) -> list[Aggregate]:
    return [aggregate for aggregate in scenario.reference.state.values() if isinstance(aggregate, kind)]


def running() -> Scenario:
    return given(service, PROGRAMME, formed(1), today=STARTS)


def test_a_meeting_is_counted_in_the_week_of_its_newest_time_whatever_order_it_comes_in() -> None:
    moved = MONDAY + dt.timedelta(days=9)
    events = [
        By(meeting(1), sequence=1),
        By(meeting(1, date=moved), sequence=2),
        By(meeting(1, "held", moved), sequence=3),
    ]
    for order in itertools.permutations(events):
        [counted] = found(running().given(*order), Counted)
        assert isinstance(counted, Counted)
        assert (counted.monday, counted.status, counted.known) == (dt.date(2027, 3, 8), "held", "confirmed")


def test_who_agreed_once_has_agreed_while_both_think_about_a_change() -> None:
    agreed = By(agreement(s.AgreementRecorded, confirmed=True, reached=0), sequence=1)
    edited = By(agreement(s.AgreementProposed, confirmed=False, reached=1), sequence=2)
    for order in ((agreed, edited), (edited, agreed)):
        [goals] = found(running().given(*order), Goals)
        assert isinstance(goals, Goals)
        assert (goals.agreed, goals.open, goals.reached) == (True, 3, 1)


def test_a_sign_that_was_seen_once_stays_seen_in_any_order() -> None:
    events = (
        By(signed("tandem-silent"), sequence=1),
        By(signed(), sequence=2),
        By(signed("behind-cadence"), sequence=3),
    )
    for order in itertools.permutations(events):
        [signs] = found(running().given(*order), Signs)
        assert isinstance(signs, Signs)
        assert signs.rules == ("behind-cadence", "tandem-silent")


def test_an_exception_is_counted_once_without_whom_it_concerns() -> None:
    scenario = running().given(By(exception(1), sequence=1), By(exception(1), sequence=2), exception(2))
    counted = found(scenario, Exceptional)
    assert len(counted) == 2
    assert "round/1" not in str([one.model_dump() for one in counted])


def test_an_exception_of_a_draft_does_not_wait_for_a_programme_that_may_never_open() -> None:
    assert len(found(given(service, exception(1, "draft"), today=STARTS), Exceptional)) == 1


def test_a_kick_off_is_counted_once_it_was_held() -> None:
    fields = {"date": STARTS, "start": 540, "minutes": 180, "zone": "Europe/Berlin", "status": "held"}
    kick_off = s.KickOffHeld.model_validate({"programme_id": "pilot", "invited": 14, "can_come": 12, **fields})
    [counted] = found(running().given(kick_off), KickOff)
    assert isinstance(counted, KickOff)
    assert (counted.invited, counted.can_come, counted.dates) == (14, 12, 1)


def counted(number: int, tandem: int, status: str, week: int = 0, **more: object) -> Meeting:
    fields = {"id": str(number), "tandem": f"t{tandem}", "monday": MONDAY + dt.timedelta(weeks=week), "status": status}
    return Counted.model_validate({**fields, **more}).meeting


def test_weeks_stand_in_order_without_gaps_and_tell_what_is_known_apart() -> None:
    meetings = (
        counted(1, 1, "held", known="confirmed"),
        counted(2, 1, "held"),
        counted(3, 1, "unknown", 2),
        counted(4, 1, "cancelled", 2),
        counted(5, 1, "planned", 9),
    )
    rows = weeks.weeks(meetings, MONDAY + dt.timedelta(weeks=4))
    assert [(w.planned, w.confirmed, w.assumed, w.unknown) for w in rows] == [(2, 1, 1, 0), (0, 0, 0, 0), (2, 0, 0, 1)]
    assert [week.monday for week in rows] == [MONDAY + dt.timedelta(weeks=number) for number in range(3)]


def test_a_topic_of_fewer_tandems_than_the_floor_has_no_number() -> None:
    meetings = [counted(n, n, "held", topics=("sheets", "chat")[: 1 + (n < 4)]) for n in range(5)]
    meetings += [counted(9, 0, "held", topics=("sheets", "chat")), counted(10, 1, "held", topics=("apps",))]
    rows = weeks.topics(meetings, 5)
    assert [(row.topic_id, row.tandems) for row in rows] == [("sheets", 5), ("apps", None), ("chat", None)]


@pytest.mark.proves("P8", "S13")
def test_signs_are_told_in_groups_only() -> None:
    seen = [Signs(id=str(n), rules=("behind-cadence", "tandem-silent")[n > 3 :]) for n in range(5)]
    assert [(row.rule, row.tandems) for row in weeks.signs(seen, 5)] == [("behind-cadence", None), ("tandem-silent", 5)]


@pytest.mark.parametrize(
    ("completed", "early", "told"),
    [(7, 0, (7, 0)), (9, 5, (9, 5)), (0, 6, (0, 6)), (7, 2, (None, None)), (3, 8, (None, None)), (0, 1, (None, None))],
)
def test_an_early_end_is_told_of_as_many_tandems_as_the_floor_and_does_not_follow_from_those_that_went_on(
    completed: int, early: int, told: tuple[int | None, int | None]
) -> None:
    assert weeks.ends(completed, early, 5) == told


@pytest.mark.proves("S11")
def test_goals_are_summed_over_tandems_that_agreed_and_never_shown_for_fewer_than_the_floor() -> None:
    agreed = [Goals(id=str(n), agreed=True, open=1, reached=2, dropped=0) for n in range(5)]
    assert weeks.goals([Goals(id="x", agreed=False, open=9)], 5) is None
    four = weeks.goals(agreed[:4], 5)
    assert four is not None
    assert four.reached is None
    five = weeks.goals(agreed, 5)
    assert five is not None
    assert (five.tandems, five.open, five.reached, five.dropped) == (5, 5, 10, 0)
