"""Gatherings other than the kick-off, and what they have in common with it: second dates, rooms, cancelling."""

import datetime as dt
from typing import Any

import pytest

from services.scheduling.gatherings.guests import invite
from services.scheduling.gatherings.jobs import InviteGuest
from services.scheduling.gatherings.loaders import GuestState
from services.scheduling.gatherings.model import Gathering, Guest
from services.scheduling.invitations.model import Invitation
from services.scheduling.model import Participant, Programme
from services.scheduling.planning.jobs import PlanMeeting
from services.scheduling.service import service
from services.scheduling.view import programme_view
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.parts import WorkingTime
from shared.runtime.decision import Context, Decision, Wait
from shared.runtime.ids import derived_id
from tests.support.reference import By, Heard, Scenario, given, said
from tests.unit.scheduling.calendars import away, busy, by
from tests.unit.scheduling.people import (
    DAY,
    ENDS,
    FORMED,
    MENTEE,
    MENTOR,
    SECOND_MENTEE,
    STARTS,
    STRANGER,
    TANDEM,
    TODAY,
    a_programme,
    a_tandem,
    meetings_in,
    open_signs,
    pauses,
    person,
    resumes,
    second_tandem,
    tandem,
)
from tests.unit.scheduling.test_kick_off import MONDAY, planning

FIRST = dt.date(2027, 4, 5)
"""A Monday of the term."""
EASTER = dt.date(2027, 3, 29)


def on(weekday: int, start: int = 540, end: int = 960) -> tuple[WorkingTime, ...]:
    return (WorkingTime(weekday=weekday, start=start, end=end),)


def gathering(**changes: Any) -> s.PlanGathering:
    fields = {"programme_id": "pilot", "kind": "barcamp", "earliest": FIRST, "latest": FIRST + 4 * DAY}
    return s.PlanGathering.model_validate(fields | changes)


def cancelling(id: str | None) -> s.CancelGathering:
    return s.CancelGathering(programme_id="pilot", gathering_id=id)


def mails(scenario: Scenario, topic: str | None = None) -> list[str]:
    found = [x for x in scenario.told if isinstance(x, s.PersonAddressed)]
    return [x.to for x in found if topic is None or x.topic == topic]


def two_groups(**changes: Any) -> Scenario:
    """Two can come on Monday only, five on Tuesday only."""
    tuesdays = [person(derived_id("tuesday", n), on(1)) for n in range(5)]
    mondays = [person(MENTOR, on(0)), person(MENTEE, on(0))]
    return a_programme().given(*mondays, *tuesdays).when(gathering(**changes))


@pytest.mark.proves("S5", "S15")
def test_a_gathering_has_its_date_and_everybody_is_invited() -> None:
    scenario = a_programme().when(gathering())
    scenario.then(
        said(s.GatheringScheduled, kind="barcamp", status="scheduled", invited=2, reached=2, bound=2, proved=True),
        said(s.PersonAddressed, to=min(MENTOR, MENTEE), topic="gathering"),
        s.InvitationWritten,
        said(s.PersonAddressed, to=max(MENTOR, MENTEE), topic="gathering"),
        s.InvitationWritten,
    )
    event = scenario.one(s.GatheringScheduled)
    assert event.dates == (s.GatheringDate(date=FIRST, start=540, invited=2),)


@pytest.mark.proves("S5")
def test_who_cannot_come_gets_a_second_date() -> None:
    scenario = two_groups()
    event = scenario.one(s.GatheringScheduled)
    assert [(when.date, when.invited) for when in event.dates] == [(FIRST, 2), (FIRST + DAY, 5)]
    assert (event.invited, event.reached) == (7, 7)
    told = {x.to: x.text.en for x in scenario.told if isinstance(x, s.PersonAddressed)}
    assert "5 April" in told[MENTOR]
    assert "6 April" in told[derived_id("tuesday", 0)]


@pytest.mark.proves("S5")
def test_who_can_come_to_no_date_is_told_kindly_and_the_office_sees_how_many() -> None:
    scenario = two_groups(dates=1)
    event = scenario.one(s.GatheringScheduled)
    assert ([when.date for when in event.dates], event.invited, event.reached) == ([FIRST + DAY], 7, 5)
    assert sorted(mails(scenario, "gathering-none")) == sorted([MENTOR, MENTEE])
    kinds = service.view.aggregates if service.view else ()
    found = {k: [a for a in scenario.reference.state.values() if isinstance(a, k)] for k in kinds}
    [row] = programme_view("pilot", found).gatherings
    assert (row.kind, row.dates, row.invited, row.reached, row.came) == ("barcamp", "2027-04-06 09:00", 7, 5, 0)


def test_rooms_are_respected_also_by_who_comes_late_and_a_seat_that_is_free_again_is_given() -> None:
    scenario = a_programme().given(person(STRANGER)).when(gathering(rooms=(1, 1), dates=1))
    assert scenario.one(s.GatheringScheduled).reached == 2
    [without] = mails(scenario, "gathering-none")
    late = derived_id("late")
    scenario.when(person(late)).then_nothing()
    scenario.when(TODAY + DAY).then(said(s.PersonAddressed, to=late, topic="gathering-none"))
    scenario.when(TODAY + 2 * DAY).then_nothing()
    [seated] = {MENTOR, MENTEE, STRANGER} - {without, max({MENTOR, MENTEE, STRANGER} - {without})}
    scenario.given(person(seated, kind=r.ParticipantWithdrew))
    scenario.when(TODAY + 3 * DAY).then(
        said(s.PersonAddressed, to=min(without, late), topic="gathering"), s.InvitationWritten
    )
    scenario.when(TODAY + 4 * DAY).then_nothing()


def test_a_meeting_of_ones_own_tandem_is_busy_time() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[3]
    scenario.when(gathering(earliest=first.date, latest=first.date, minutes=60))
    [when] = scenario.one(s.GatheringScheduled).dates
    assert when.start + 60 <= first.start or first.start + first.minutes <= when.start


def test_who_is_away_or_busy_cannot_come_whether_registered_before_or_after() -> None:
    absent = s.RecordAbsences(participant_id=MENTOR, absences=(s.Absence(first=FIRST, last=FIRST),))
    scenario = a_programme().given(By(absent, actor=MENTOR, sender="person")).when(gathering(dates=1))
    assert [when.date for when in scenario.one(s.GatheringScheduled).dates] == [FIRST + DAY]
    only_monday = a_programme().given(By(absent, actor=MENTOR, sender="person")).when(gathering(latest=FIRST))
    assert only_monday.one(s.GatheringScheduled).reached == 1
    assert mails(only_monday, "gathering-none") == [MENTOR]
    paused = a_programme().given(By(absent, actor=MENTOR, sender="person"), pauses(MENTOR, since=TODAY))
    paused.given(gathering(latest=FIRST)).when(resumes(MENTOR, 1))
    paused.then(said(s.PersonAddressed, to=MENTOR, topic="gathering-none"))


def test_no_meeting_is_planned_over_a_gathering_to_which_one_of_the_two_is_invited() -> None:
    def on_the_day(*before: s.PlanGathering) -> bool:
        scenario = a_programme(min_gap_days=7).given(person(MENTOR, on(0, 540, 660)), *before, FORMED, tandem())
        return FIRST in {meeting.date for meeting in meetings_in(scenario)}

    takes_the_day = gathering(latest=FIRST, minutes=120, for_whom="mentors")
    assert (on_the_day(), on_the_day(takes_the_day)) == (True, False)


@pytest.mark.parametrize(
    ("for_whom", "invited"),
    [
        ("everybody", {MENTOR, MENTEE, STRANGER}),
        ("mentors", {MENTOR}),
        ("mentees", {MENTEE, STRANGER}),
        ("tandems", {MENTOR, MENTEE}),
    ],
)
def test_who_is_asked_is_whom_it_is_for(for_whom: str, invited: set[str]) -> None:
    scenario = a_tandem().given(person(STRANGER)).when(gathering(for_whom=for_whom))
    assert set(mails(scenario)) == invited
    assert scenario.one(s.GatheringScheduled).for_whom == for_whom


def test_who_joins_later_is_invited_at_once_where_there_is_one_date_for_all_and_it_is_for_them() -> None:
    scenario = a_programme().given(gathering(for_whom="mentees"))
    scenario.when(person(STRANGER)).then(said(s.PersonAddressed, to=STRANGER, topic="gathering"), s.InvitationWritten)
    scenario.when(person(STRANGER, kind=r.ParticipantChanged)).then_nothing()
    only_mentors = a_programme().given(gathering(for_whom="mentors"))
    only_mentors.when(person(STRANGER)).then_nothing()


def test_with_two_dates_who_joins_later_gets_theirs_the_next_day() -> None:
    scenario = two_groups()
    scenario.when(person(STRANGER, on(1))).then_nothing()
    scenario.when(TODAY + DAY).then(said(s.PersonAddressed, to=STRANGER, topic="gathering"), s.InvitationWritten)
    assert "6 April" in scenario.one(s.PersonAddressed).text.en


def test_a_new_tandem_is_invited_the_next_day_to_what_is_for_tandems() -> None:
    scenario = a_tandem().given(gathering(for_whom="tandems"), person(SECOND_MENTEE))
    scenario.when(FORMED + DAY).then_nothing()
    scenario.given(second_tandem())
    scenario.when(FORMED + 2 * DAY).then(
        said(s.PersonAddressed, to=SECOND_MENTEE, topic="gathering"), s.InvitationWritten
    )


@pytest.mark.proves("P6")
def test_who_pauses_is_neither_invited_nor_reminded() -> None:
    scenario = a_programme().given(pauses(MENTEE, since=TODAY)).when(gathering())
    assert mails(scenario) == [MENTOR]
    scenario = a_programme().given(gathering(), pauses(MENTEE, since=TODAY + DAY), TODAY + DAY)
    scenario.when(FIRST - DAY)
    assert mails(scenario) == [MENTOR]


def test_each_is_reminded_the_day_before_their_own_date_and_it_was_held_after_the_last() -> None:
    scenario = two_groups()
    scenario.when(FIRST - DAY)
    assert sorted(mails(scenario, "gathering-reminder")) == sorted([MENTOR, MENTEE])
    scenario.when(FIRST)
    assert len(mails(scenario, "gathering-reminder")) == 5
    scenario.when(FIRST + DAY).then_nothing()
    scenario.when(FIRST + 2 * DAY).then(said(s.GatheringHeld, status="held", reached=7))
    scenario.when(FIRST + 3 * DAY).then_nothing()


def test_nobody_can_come_and_the_office_offers_other_days() -> None:
    weekend = FIRST + 5 * DAY
    scenario = a_programme().when(gathering(earliest=weekend, latest=weekend + DAY))
    event = scenario.one(s.GatheringImpossible)
    assert (event.status, event.dates, event.invited, event.reached) == ("impossible", (), 2, 0)
    sign = scenario.one(s.OfficeAttentionNeeded)
    assert (sign.what, sign.answered_by[0]) == ("gathering-impossible", s.PlanGathering.name)
    scenario.when(gathering(gathering_id=event.gathering_id))
    scenario.then_among(said(s.OfficeAttentionNeeded, status="settled"), said(s.GatheringScheduled))
    assert open_signs(scenario) == []


@pytest.mark.proves("S19")
def test_a_cancelled_gathering_is_told_to_who_was_invited_and_may_be_planned_again() -> None:
    scenario = two_groups(dates=1)
    id = scenario.one(s.GatheringScheduled).gathering_id
    scenario.when(cancelling(id))
    scenario.then_among(said(s.GatheringCancelled, gathering_id=id, status="cancelled"))
    assert len(mails(scenario, "gathering-cancelled")) == 5
    scenario.when(cancelling(id)).then(s.GatheringCancelled)
    scenario.when(TODAY + DAY, FIRST, FIRST + 2 * DAY).then_nothing()
    again = (
        two_groups(dates=1)
        .given(cancelling(id))
        .when(gathering(gathering_id=id, earliest=FIRST + 7 * DAY, latest=FIRST + 8 * DAY))
    )
    again.then_among(said(s.GatheringScheduled, gathering_id=id))
    assert len(mails(again, "gathering")) == 7


def test_who_was_invited_as_it_was_cancelled_is_told_the_next_day() -> None:
    """The race: an invitation was decided before the cancelling was known, and committed after its job had read."""
    scenario = a_programme().given(gathering())
    id = next(a.id for a in scenario.reference.state.values() if isinstance(a, Gathering))
    guest = scenario.reference.state[f"guest/{Guest.id_of(f'gathering/{id}', MENTOR)}"]
    scenario.given(cancelling(id))
    scenario.reference.state[guest.subject] = guest
    scenario.when(TODAY + DAY).then(
        said(s.PersonAddressed, to=MENTOR, topic="gathering-cancelled"), s.InvitationWritten
    )
    scenario.when(TODAY + 2 * DAY).then_nothing()


def test_the_kick_off_is_cancelled_and_planned_again() -> None:
    scenario = a_programme().given(planning()).when(cancelling(None))
    scenario.then_among(said(s.KickOffCancelled, status="cancelled", date=MONDAY))
    assert len(mails(scenario, "gathering-cancelled")) == 2
    scenario.when(planning(MONDAY + DAY)).then_among(said(s.KickOffScheduled, date=MONDAY + DAY))
    assert len(mails(scenario, "kick-off")) == 2


def test_a_kick_off_may_have_more_dates() -> None:
    tuesdays = [person(derived_id("tuesday", n), on(1)) for n in range(5)]
    scenario = a_programme().given(person(MENTOR, on(0)), person(MENTEE, on(0)), *tuesdays)
    scenario.when(gathering(kind="kick-off", earliest=MONDAY, latest=MONDAY + 4 * DAY))
    event = scenario.one(s.KickOffScheduled)
    assert (event.date, event.invited, event.can_come) == (MONDAY, 7, 7)
    assert event.more_dates == (s.GatheringDate(date=MONDAY + DAY, start=540, invited=5),)
    scenario.when(MONDAY + DAY).then_among()
    scenario.when(MONDAY + 2 * DAY).then(s.KickOffHeld)


def test_what_cannot_be_planned_is_refused_with_every_reason() -> None:
    a_programme().when(gathering(earliest=TODAY, latest=TODAY - DAY)).then_refused(
        "past", "before_earliest", "outside_term"
    )
    a_programme().when(gathering(latest=ENDS + DAY)).then_refused("too_far", "outside_term")
    a_programme().when(gathering(earliest=STARTS - DAY, latest=STARTS)).then_refused("outside_term")
    a_programme().when(gathering(kind="kick-off", gathering_id=STRANGER)).then_refused("one_kick_off")
    a_programme().when(gathering(gathering_id=STRANGER)).then_refused("unknown_gathering")
    a_programme().when(gathering(kind="kick-off")).then_refused("after_registration")
    given(service).when(gathering()).then_refused("unknown_programme")


def test_the_same_gathering_is_planned_once_and_as_many_as_are_needed() -> None:
    scenario = a_programme().given(gathering())
    scenario.when(gathering()).then_refused("already_planned")
    for n in range(1, 12):
        scenario.given(gathering(earliest=FIRST + n * DAY, latest=FIRST + (n + 2) * DAY))
    scenario.when(gathering(kind="closing")).then_refused("too_many_gatherings")
    scenario.given(FIRST + 20 * DAY)
    scenario.when(gathering(kind="closing", earliest=FIRST + 21 * DAY, latest=FIRST + 25 * DAY)).then_among(
        s.GatheringScheduled
    )


def test_what_does_not_exist_or_is_over_is_not_cancelled() -> None:
    a_programme().when(cancelling(None)).then_refused("no_kick_off")
    a_programme().when(cancelling(STRANGER)).then_refused("unknown_gathering")
    scenario = a_programme().when(gathering(earliest=FIRST, latest=FIRST))
    id = scenario.one(s.GatheringScheduled).gathering_id
    scenario.given(FIRST + DAY).when(cancelling(id)).then_refused("over")


def test_who_came_is_recorded_from_the_first_day_on() -> None:
    scenario = two_groups()
    id = scenario.one(s.GatheringScheduled).gathering_id
    came = s.RecordAttendance(programme_id="pilot", participant_id=MENTOR, gathering_id=id)
    scenario.when(came).then_refused("not_yet")
    other = came.model_copy(update={"gathering_id": STRANGER})
    scenario.when(other).then_refused("unknown_gathering")
    scenario.given(FIRST).when(came).then(said(s.GatheringAttended, participant_id=MENTOR, gathering_id=id, date=FIRST))
    tuesday = came.model_copy(update={"participant_id": derived_id("tuesday", 0)})
    scenario.when(tuesday).then(said(s.GatheringAttended, date=FIRST)), "they came on another day than theirs"
    scenario.given(FIRST + 2 * DAY).when(came).then(said(s.GatheringAttended, date=FIRST))
    scenario.when(came.model_copy(update={"participant_id": STRANGER})).then_refused("unknown_participant")


def test_an_invitation_that_comes_before_its_dates_waits_for_them() -> None:
    scenario = a_programme().given(gathering())
    state = scenario.reference.state
    known = next(a for a in state.values() if isinstance(a, Gathering))
    programme, participant = state["programme/pilot"], state[f"participant/{MENTOR}"]
    assert isinstance(programme, Programme)
    assert isinstance(participant, Participant)
    context = Context(id="1", time=dt.datetime(2027, 2, 7, tzinfo=dt.UTC), today=TODAY)
    piece = InviteGuest(gathering=known.subject, planned=1, participant_id=MENTOR, number=0)
    sought = known.but(status="sought", date=None, start=None)
    assert invite(piece, GuestState(sought, programme, participant, None), context) == Wait(known.subject)
    told = invite(piece, GuestState(known, programme, participant, None), context)
    assert isinstance(told, Decision)
    assert [message.name for message in told.messages] == [s.PersonAddressed.name, s.InvitationWritten.name]


def test_no_event_of_a_gathering_names_anybody() -> None:
    scenario = two_groups()
    events = [message for message in scenario.told if isinstance(message, s.GatheringState)]
    assert events
    assert not any(MENTOR in event.model_dump_json() or MENTEE in event.model_dump_json() for event in events)
    assert s.PlanGathering.senders == s.CancelGathering.senders == frozenset({"office"})


@pytest.mark.proves("S10")
def test_a_meeting_whose_job_read_before_the_invitation_was_written_gets_another_time() -> None:
    scenario = a_programme().given(FORMED, gathering(), tandem())
    late = PlanMeeting(tandem_id=TANDEM, key="late", date=FIRST, start=540, minutes=90)
    scenario.when(late)
    assert scenario.one(s.MeetingScheduled).date != FIRST


def test_a_gathering_that_is_cancelled_after_its_first_date_is_called_off_for_the_others_alone() -> None:
    scenario = two_groups()
    id = scenario.one(s.GatheringScheduled).gathering_id
    scenario.given(FIRST, FIRST + DAY).when(cancelling(id))
    assert sorted(mails(scenario, "gathering-cancelled")) == sorted(derived_id("tuesday", n) for n in range(5))
    came = s.RecordAttendance(programme_id="pilot", participant_id=MENTOR, gathering_id=id)
    scenario.when(came).then(said(s.GatheringAttended, participant_id=MENTOR))
    other = came.model_copy(update={"participant_id": derived_id("tuesday", 0)})
    scenario.when(other).then(said(s.GatheringAttended, date=FIRST)), "they came on another day than theirs"
    scenario.when(FIRST + 2 * DAY).then_nothing()


def test_who_came_before_a_gathering_was_cancelled_can_be_recorded_after_it_was_planned_again() -> None:
    scenario = two_groups()
    id = scenario.one(s.GatheringScheduled).gathering_id
    scenario.given(FIRST, FIRST + DAY, cancelling(id))
    scenario.given(gathering(gathering_id=id, earliest=FIRST + 7 * DAY, latest=FIRST + 8 * DAY))
    came = s.RecordAttendance(programme_id="pilot", participant_id=MENTOR, gathering_id=id)
    scenario.when(came).then(said(s.GatheringAttended, participant_id=MENTOR, date=FIRST))


def test_nobody_came_to_a_gathering_that_was_cancelled_before_its_first_date() -> None:
    scenario = two_groups()
    id = scenario.one(s.GatheringScheduled).gathering_id
    scenario.given(cancelling(id), FIRST)
    came = s.RecordAttendance(programme_id="pilot", participant_id=MENTOR, gathering_id=id)
    scenario.when(came).then_refused("unknown_gathering")


def invited_by_an_earlier_release() -> Scenario:
    """It kept of each that they were invited, and nothing else."""
    scenario = a_programme().given(planning(MONDAY + 2 * DAY, MONDAY + 2 * DAY))
    state = scenario.reference.state
    for subject, known in list(state.items()):
        if isinstance(known, Guest):
            del state[subject]
            state.pop(f"invitation/{known.id}")
        elif isinstance(known, Participant):
            state[subject] = known.but(invited=True)
    return scenario


@pytest.mark.proves("S5")
def test_whom_an_earlier_release_invited_to_the_kick_off_is_told_once_that_it_is_cancelled() -> None:
    scenario = invited_by_an_earlier_release().when(cancelling(None))
    assert sorted(mails(scenario, "gathering-cancelled")) == sorted([MENTOR, MENTEE])
    assert not any(isinstance(message, s.InvitationWritten) for message in scenario.told)
    scenario.when(scenario.reference.today + DAY).then_nothing()


def test_whom_an_earlier_release_invited_to_the_kick_off_is_reminded_of_it() -> None:
    scenario = invited_by_an_earlier_release().when(MONDAY + DAY)
    assert sorted(mails(scenario, "gathering-reminder")) == sorted([MENTOR, MENTEE])


@pytest.mark.proves("S5")
def test_who_withdraws_has_the_gathering_in_their_calendar_no_more_and_who_is_back_has_it_again() -> None:
    scenario = a_programme().given(gathering())
    scenario.when(person(MENTOR, kind=r.ParticipantWithdrew)).then(
        said(s.InvitationWritten, method="CANCEL", sequence=3, people=(MENTOR,))
    )
    scenario.when(person(MENTOR)).then(
        said(s.PersonAddressed, to=MENTOR, topic="gathering"),
        said(s.InvitationWritten, method="REQUEST", sequence=4, people=(MENTOR,)),
    )
    scenario.given(person(MENTOR, kind=r.ParticipantWithdrew), FIRST + DAY)
    scenario.when(person(MENTOR, kind=r.ParticipantWithdrew)).then_nothing()


def test_who_withdraws_after_a_gathering_was_held_keeps_it() -> None:
    scenario = a_programme().given(gathering(), FIRST + DAY)
    scenario.when(person(MENTOR, kind=r.ParticipantWithdrew)).then_nothing()


@pytest.mark.proves("S1")
def test_of_who_withdraws_neither_busy_times_nor_absences_are_kept_nor_taken() -> None:
    absent = by(away((FIRST, FIRST)))
    scenario = a_programme().given(busy([(FIRST, 600, 700)]), absent)
    mine = {f"busy-times/{MENTOR}", f"absences/{MENTOR}"}
    assert mine <= scenario.reference.state.keys()
    scenario.given(person(MENTOR, kind=r.ParticipantWithdrew))
    assert not mine & scenario.reference.state.keys()
    scenario.when(absent).then_refused("withdrawn")
    assert not mine & scenario.reference.state.keys()


def test_an_earlier_date_leaves_the_calendar_of_who_cannot_come_to_the_new_one_though_its_end_is_told_later() -> None:
    scenario = a_programme()
    id = scenario.when(gathering(latest=FIRST)).one(s.GatheringScheduled).gathering_id
    reference = scenario.reference
    reference._decide(Heard(cancelling(id), id="cancel", sender="office"))
    late, reference.jobs = reference.jobs[:], []
    scenario.given(person(MENTOR, on(0), r.ParticipantChanged))
    again = gathering(gathering_id=id, earliest=FIRST + DAY, latest=FIRST + DAY)
    scenario.when(again).then_among(
        said(s.PersonAddressed, to=MENTOR, topic="gathering-none"),
        said(s.InvitationWritten, people=(MENTOR,), method="CANCEL"),
    )
    reference.jobs = late
    reference._work()
    mine = [x for x in reference.state.values() if isinstance(x, Invitation) and x.people == (MENTOR,)]
    assert [x.method for x in mine] == ["CANCEL"]


def test_who_could_come_to_no_date_and_then_works_on_it_is_invited_at_once() -> None:
    scenario = a_programme().given(person(MENTOR, on(1), r.ParticipantChanged))
    scenario.when(gathering(latest=FIRST)).then_among(said(s.PersonAddressed, to=MENTOR, topic="gathering-none"))
    scenario.when(person(MENTOR, on(2), r.ParticipantChanged)).then_nothing()
    scenario.when(person(MENTOR, kind=r.ParticipantChanged)).then_among(
        said(s.InvitationWritten, people=(MENTOR,), method="REQUEST")
    )
