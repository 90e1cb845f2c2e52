import datetime as dt
from itertools import permutations

import pytest

from services.scheduling.days import know_participant
from services.scheduling.gatherings.decisions import dates_found, plan_kick_off
from services.scheduling.gatherings.jobs import GatheringFound
from services.scheduling.gatherings.loaders import GatheringState, JoiningState
from services.scheduling.gatherings.model import Guest, KickOff, When
from services.scheduling.model import Participant, Programme
from services.scheduling.service import service
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.parts import WorkingTime
from shared.runtime.aggregate import Seen
from shared.runtime.decision import NOTHING, Context, Decision
from shared.runtime.ids import derived_id
from tests.support.reference import Scenario, given, said
from tests.unit.scheduling.people import (
    DAY,
    ENDS,
    MENTEE,
    MENTOR,
    STRANGER,
    TODAY,
    a_programme,
    open_signs,
    person,
    programme,
)

MONDAY = dt.date(2027, 2, 8)
SATURDAY = MONDAY + 5 * DAY


def on(weekday: int, start: int, end: int) -> WorkingTime:
    return WorkingTime(weekday=weekday, start=start, end=end)


def planning(
    earliest: dt.date = MONDAY, latest: dt.date = MONDAY + 4 * DAY, minutes: int = 180, place: str | None = None
) -> s.PlanKickOff:
    return s.PlanKickOff(programme_id="pilot", earliest=earliest, latest=latest, minutes=minutes, place=place)


def scheduled() -> Scenario:
    return a_programme().given(planning())


@pytest.mark.proves("S5", "S15")
def test_the_kick_off_is_set_and_everybody_invited() -> None:
    scenario = a_programme().when(planning())
    scenario.then(
        said(s.KickOffScheduled, date=MONDAY, start=540, invited=2, can_come=2, status="scheduled"),
        *(s.PersonAddressed, s.InvitationWritten) * 2,
    )
    assert {message.to for message in scenario.told if isinstance(message, s.PersonAddressed)} == {MENTOR, MENTEE}


@pytest.mark.proves("S5")
def test_the_kick_off_is_when_most_can_come() -> None:
    few = (on(2, 600, 800),)
    people = [person(derived_id("late", n), few) for n in range(3)]
    scenario = a_programme().given(*people).when(planning())
    scenario.then_among(said(s.KickOffScheduled, date=dt.date(2027, 2, 10), start=600, can_come=5))


def test_who_withdrew_is_not_invited() -> None:
    gone = person(MENTEE, kind=r.ParticipantWithdrew)
    a_programme().given(gone).when(planning()).then(
        said(s.KickOffScheduled, invited=1), said(s.PersonAddressed, to=MENTOR), s.InvitationWritten
    )


@pytest.mark.proves("S5")
def test_who_registers_after_the_day_was_set_is_invited_at_once_and_once() -> None:
    scenario = (
        scheduled()
        .when(person(STRANGER))
        .then(said(s.PersonAddressed, to=STRANGER, topic="kick-off"), s.InvitationWritten)
    )
    scenario.when(person(STRANGER, kind=r.ParticipantChanged)).then_nothing()
    scenario.when(MONDAY - DAY, MONDAY).then_nothing()
    scenario.when(MONDAY + DAY).then(s.KickOffHeld)
    scenario.when(person(derived_id("too late"))).then_nothing()


def test_everybody_is_reminded_the_day_before_and_once() -> None:
    wednesday = MONDAY + 2 * DAY
    scenario = a_programme().given(planning(wednesday, wednesday), MONDAY, person(MENTEE, kind=r.ParticipantWithdrew))
    scenario.when(wednesday - DAY).then(said(s.PersonAddressed, to=MENTOR, topic="gathering-reminder"))
    scenario.when(wednesday - DAY, wednesday).then_nothing()


def test_whose_working_time_it_is_not_is_told_that_they_need_not_come_and_how_they_still_can() -> None:
    late = person(STRANGER, (on(0, 1200, 1380),))
    scenario = a_programme().given(late).when(planning())
    scenario.then_among(said(s.KickOffScheduled, invited=3, can_come=2, bound=2, proved=True))
    scenario.then_among(said(s.PersonAddressed, to=STRANGER, topic="gathering-none"))
    again = scheduled().when(late).one(s.PersonAddressed)
    assert (again.topic, again.office.phone in again.text.de) == ("gathering-none", True)


def test_whom_an_earlier_release_invited_is_not_invited_again() -> None:
    wednesday = MONDAY + 2 * DAY
    scenario = a_programme().given(planning(wednesday, wednesday))
    state = scenario.reference.state
    for guest in [aggregate for aggregate in state.values() if isinstance(aggregate, Guest)]:
        del state[guest.subject]
        known = state[f"participant/{guest.participant}"]
        assert isinstance(known, Participant)
        state[known.subject] = known.but(invited=True)
    scenario.when(wednesday - DAY)
    assert {message.topic for message in scenario.told if isinstance(message, s.PersonAddressed)} == {
        "gathering-reminder"
    }
    scenario.when(person(MENTOR, kind=r.ParticipantChanged)).then_nothing()


def test_who_withdrew_is_not_invited_and_who_came_back_is_invited_once() -> None:
    scenario = scheduled().when(person(STRANGER, kind=r.ParticipantWithdrew)).then_nothing()
    scenario.when(person(MENTOR, kind=r.ParticipantWithdrew)).then(said(s.InvitationWritten, method="CANCEL"))
    scenario.when(person(MENTOR, kind=r.ParticipantChanged)).then(
        said(s.PersonAddressed, to=MENTOR, topic="kick-off"), said(s.InvitationWritten, method="REQUEST")
    )
    scenario.when(person(MENTOR, kind=r.ParticipantChanged)).then_nothing()


def test_who_registered_at_the_very_moment_is_found_the_day_before() -> None:
    """The race: a registration was decided before the kick-off was known, and committed after its job had read."""
    context = Context(id="1", time=dt.datetime(2027, 2, 7, tzinfo=dt.UTC), today=TODAY, seen=Seen(sequence=1))
    late = know_participant(person(STRANGER), JoiningState(None, None), context)
    assert isinstance(late, Decision)
    wednesday = MONDAY + 2 * DAY
    scenario = a_programme().given(planning(wednesday, wednesday))
    scenario.reference.state.update((aggregate.subject, aggregate) for aggregate in late.state)
    scenario.when(wednesday - DAY).then_among(said(s.PersonAddressed, to=STRANGER, topic="kick-off"))
    assert len([mail for mail in scenario.told if isinstance(mail, s.PersonAddressed) and mail.to == STRANGER]) == 1
    scenario.when(wednesday).then_nothing()
    scenario.when(wednesday + DAY).then(s.KickOffHeld)


def test_a_holiday_is_never_the_day() -> None:
    christmas = dt.date(2027, 12, 24)
    scenario = a_programme(closes=dt.date(2027, 12, 31)).when(planning(christmas + DAY, christmas + 3 * DAY))
    assert scenario.one(s.KickOffScheduled).date == dt.date(2027, 12, 27)


def test_without_a_day_that_suits_anybody_it_is_impossible_and_may_be_planned_again() -> None:
    scenario = a_programme().when(planning(SATURDAY, SATURDAY + DAY))
    scenario.then_among(said(s.KickOffImpossible, date=None, status="impossible"))
    scenario.when(planning()).then_among(s.KickOffScheduled)


@pytest.mark.proves("S5", "S19")
def test_the_office_hears_that_nobody_can_come_until_it_offers_other_days() -> None:
    scenario = a_programme().when(planning(SATURDAY, SATURDAY + DAY))
    sign = scenario.one(s.OfficeAttentionNeeded)
    assert (sign.what, sign.whom, sign.status) == ("kick-off-impossible", ("kick-off/pilot",), "open")
    assert sign.answered_by == ("scheduling.plan-kick-off.v1", "scheduling.settle-attention.v1")
    scenario.when(planning(SATURDAY, SATURDAY)).then_among(
        said(s.OfficeAttentionNeeded, attention_id=sign.attention_id, status="settled"),
        said(s.OfficeAttentionNeeded, status="open"),
    )
    scenario.when(planning()).then_among(said(s.OfficeAttentionNeeded, status="settled"))
    assert open_signs(scenario) == []


def test_a_kick_off_that_cannot_be_planned_is_refused_with_every_reason() -> None:
    a_programme().when(planning(TODAY, TODAY - DAY)).then_refused("past", "before_earliest")
    a_programme(closes=ENDS).when(planning(latest=MONDAY + 61 * DAY)).then_refused("too_far")
    given(service).when(planning()).then_refused("unknown_programme")


@pytest.mark.proves("S5")
def test_a_kick_off_after_registration_closed_is_refused_as_the_match_has_begun() -> None:
    a_programme(closes=MONDAY).when(planning(latest=MONDAY)).then_among(s.KickOffScheduled)
    a_programme(closes=MONDAY).when(planning(latest=MONDAY + DAY)).then_refused("after_registration")
    closed = programme(kind=r.RegistrationClosed)
    a_programme().given(closed).when(planning()).then_refused("after_registration")


def test_a_kick_off_is_planned_once() -> None:
    scheduled().when(planning()).then_refused("already_planned")
    a_programme().when(planning()).again().then_nothing()


def test_while_a_day_is_sought_no_second_search_begins() -> None:
    state = scheduled().reference.state
    known = state["programme/pilot"]
    assert isinstance(known, Programme)
    context = Context(id="1", time=dt.datetime(2027, 2, 7, tzinfo=dt.UTC), today=TODAY)
    first = plan_kick_off(planning(), GatheringState(None, known), context)
    assert isinstance(first, Decision)
    sought = first.state[0]
    assert isinstance(sought, KickOff)
    second = plan_kick_off(planning(), GatheringState(sought, known), context)
    assert isinstance(second, Decision)
    assert [reason.code for reason in second.refusals] == ["being_planned"]
    dates = (When(date=MONDAY, start=540, invited=1),)
    found = GatheringFound(
        gathering=sought.subject, planned=1, dates=dates, invited=1, can_come=1, bound=1, proved=True
    )
    assert dates_found(found, GatheringState(None, known), context) == NOTHING
    again = sought.but(planned=2)
    assert dates_found(found, GatheringState(again, known), context) == NOTHING, "of a search that was called off"


def test_the_day_after_it_was_held() -> None:
    scheduled().when(MONDAY).then_nothing()
    scenario = scheduled().when(MONDAY + DAY).then(said(s.KickOffHeld, date=MONDAY, status="held"))
    scenario.when(MONDAY + 2 * DAY).then_nothing()


@pytest.mark.proves("S5")
def test_attendance_is_recorded_from_the_day_on() -> None:
    came = s.RecordAttendance(programme_id="pilot", participant_id=MENTOR)
    scheduled().when(came).then_refused("not_yet")
    scheduled().given(MONDAY).when(came).then(said(s.AttendanceRecorded, participant_id=MENTOR, date=MONDAY))
    scheduled().given(MONDAY + DAY, came).when(came).then(said(s.AttendanceRecorded, date=MONDAY))


def test_attendance_of_nobody_and_of_nothing_is_refused() -> None:
    nobody = s.RecordAttendance(programme_id="pilot", participant_id=STRANGER)
    a_programme().when(nobody).then_refused("no_kick_off", "unknown_participant")
    scheduled().given(MONDAY).when(nobody).then_refused("unknown_participant")


def test_who_registers_later_is_known_when_the_programme_is_and_may_be_recorded() -> None:
    came = s.RecordAttendance(programme_id="pilot", participant_id=STRANGER)
    scheduled().given(person(STRANGER), MONDAY).when(came).then(s.AttendanceRecorded)


def test_what_came_first_makes_no_difference() -> None:

    facts = (programme(), person(MENTOR), person(MENTEE))
    ends = [given(service, *order, planning(), today=TODAY).reference.state for order in permutations(facts)]
    assert all(end == ends[0] for end in ends)
