"""What stands in people's calendars follows the meetings: one invitation each, one change or end at a time."""

import datetime as dt

import pytest

from services.scheduling.invitations.decisions import said as written_as
from services.scheduling.invitations.decisions import said_again
from services.scheduling.model import Meeting
from services.scheduling.service import service
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.parts import NOBODY
from shared.runtime import topology
from shared.runtime.aggregate import Seen
from shared.runtime.discovery import load_all
from tests.support.calendars import the_event
from tests.support.erased import erase, left_in
from tests.support.reference import By, Heard, Scenario, given, said
from tests.unit.scheduling.invited import an_invited_tandem, hears_itself, invitations_in
from tests.unit.scheduling.people import (
    DAY,
    FORMED,
    MENTEE,
    MENTOR,
    OFFICE,
    a_programme,
    a_tandem,
    all_said,
    by_mentor,
    cancelling,
    meeting_in,
    meetings_in,
    moving,
    next_planned,
    objecting,
    pauses,
    programme,
    reporting,
    tandem,
)


def people_invited(invitation: s.InvitationWritten) -> set[str]:
    found = the_event(invitation.icalendar).get("attendee")
    return {str(each).removeprefix("urn:uuid:") for each in (found if isinstance(found, list) else [found])}


@pytest.mark.proves("S10")
def test_every_planned_meeting_is_one_invitation_to_both() -> None:
    scenario = a_tandem()
    told = hears_itself(scenario)
    meetings = meetings_in(scenario)
    assert len(told) == len(meetings) > 10
    for invitation, meeting in zip(invitations_in(scenario), meetings, strict=True):
        [event] = [each for each in told if each.invitation_id == meeting.id]
        assert (event.method, event.sequence, event.people) == ("REQUEST", 0, (MENTOR, MENTEE))
        assert people_invited(event) == {MENTOR, MENTEE}
        begins = the_event(event.icalendar)["dtstart"].dt
        assert (begins.date(), begins.hour * 60 + begins.minute) == (meeting.date, meeting.start)
        assert str(begins.tzinfo) == "Europe/Berlin"
        assert event == written_as(invitation)
        assert OFFICE.phone in str(the_event(event.icalendar)["description"])


def test_the_same_word_again_or_an_older_one_says_nothing() -> None:
    scenario = an_invited_tandem()
    assert hears_itself(scenario) == []
    meeting = meetings_in(scenario)[0]
    scenario.given(moving(meeting, meeting.date + DAY))
    scheduled, moved = (
        next(e for e in all_said(scenario, kind) if e.meeting_id == meeting.id)
        for kind in (s.MeetingScheduled, s.MeetingMoved)
    )
    scenario.when(By(moved, sequence=2)).then(said(s.InvitationWritten, sequence=1))
    scenario.when(By(scheduled, sequence=1)).then_nothing()


def test_a_newer_word_that_changes_nothing_in_a_calendar_asks_nobody_again() -> None:
    scenario = an_invited_tandem()
    event = all_said(scenario, s.MeetingScheduled)[0]
    scenario.when(By(event, sequence=7)).then_nothing()
    scenario.when(By(event.model_copy(update={"start": 601}), sequence=6)).then_nothing()


@pytest.mark.parametrize("days", [0, 1])
def test_the_length_that_somebody_reports_sends_no_invitation_to_what_is_over(days: int) -> None:
    scenario = an_invited_tandem()
    meeting = meetings_in(scenario)[0]
    scenario.reference.today = meeting.date + days * DAY
    scenario.given(reporting(meeting, minutes=60))
    known = scenario.reference.state[f"meeting/{meeting.id}"]
    assert isinstance(known, Meeting)
    assert (known.status, known.minutes) == ("planned", 60)
    scenario.when(By(s.MeetingScheduled(**known.published()), sequence=known.said)).then_nothing()


def test_a_meeting_that_is_over_and_that_no_calendar_knows_is_no_invitation() -> None:
    scenario = a_tandem()
    meeting = meetings_in(scenario)[0]
    scenario.reference.today = meeting.date + DAY
    scenario.when(By(s.MeetingScheduled(**meeting.published()), sequence=1)).then_nothing()
    assert not invitations_in(scenario)


def test_a_move_and_a_move_back_have_a_higher_sequence_each() -> None:
    scenario = an_invited_tandem()
    meeting = meetings_in(scenario)[0]
    scenario.given(moving(meeting, meeting.date + DAY))
    first = hears_itself(scenario)
    scenario.given(moving(meeting, meeting.date, replaces=2))
    second = hears_itself(scenario)
    assert [(e.sequence, the_event(e.icalendar)["dtstart"].dt.date()) for e in (*first, *second)] == [
        (1, meeting.date + DAY),
        (2, meeting.date),
    ]


@pytest.mark.proves("P8")
def test_a_cancelled_meeting_is_taken_out_of_both_calendars_and_its_place_is_an_invitation_of_its_own() -> None:
    scenario = an_invited_tandem()
    meeting = meetings_in(scenario)[0]
    scenario.given(cancelling(meeting))
    told = {event.invitation_id: event for event in hears_itself(scenario)}
    cancelled = told.pop(meeting.id)
    assert (cancelled.method, cancelled.sequence, people_invited(cancelled)) == ("CANCEL", 1, {MENTOR, MENTEE})
    [instead] = told.values()
    assert (instead.method, instead.sequence) == ("REQUEST", 0)


@pytest.mark.proves("P9")
def test_the_end_of_a_tandem_empties_both_calendars_in_the_same_words_for_both() -> None:
    scenario = an_invited_tandem()
    ended = FORMED + 20 * DAY
    scenario.given(tandem(m.TandemEnded, ended))
    told = hears_itself(scenario)
    assert {event.invitation_id for event in told} == {x.id for x in meetings_in(scenario) if x.date > ended}
    assert {event.method for event in told} == {"CANCEL"}
    assert all(event.people == (MENTOR, MENTEE) for event in told)


@pytest.mark.proves("P6")
def test_what_falls_into_a_rest_is_taken_out_of_both_calendars() -> None:
    scenario = an_invited_tandem()
    until = meetings_in(scenario)[1].date
    scenario.given(pauses(MENTEE, until=until))
    told = [event for event in hears_itself(scenario) if event.method == "CANCEL"]
    assert {the_event(event.icalendar)["dtstart"].dt.date() for event in told} >= {until}


def test_a_meeting_that_was_missed_stays_in_the_calendars() -> None:
    scenario = an_invited_tandem()
    meeting = next_planned(scenario)
    scenario.given(meeting.date, objecting(meeting))
    assert hears_itself(scenario) == []


def test_the_programme_is_waited_for() -> None:
    event = all_said(a_tandem(), s.MeetingScheduled)[0]
    scenario = given(service)
    scenario.when(By(event, sequence=1)).then_nothing()
    scenario.when(programme()).then(said(s.InvitationWritten, invitation_id=event.meeting_id))


def test_a_cancellation_that_comes_before_its_meeting_is_not_followed_by_an_invitation() -> None:
    scenario = an_invited_tandem()
    meeting = meetings_in(scenario)[0]
    scenario.given(cancelling(meeting))
    scheduled = next(e for e in all_said(scenario, s.MeetingScheduled) if e.meeting_id == meeting.id)
    cancelled = next(e for e in all_said(scenario, s.MeetingCancelled) if e.meeting_id == meeting.id)
    fresh = a_programme()
    fresh.when(By(cancelled, sequence=2)).then_nothing()
    fresh.when(By(scheduled, sequence=1)).then_nothing()
    assert [said_again(invitation) for invitation in invitations_in(fresh)] == [None]


def test_after_a_restore_a_cancelled_meeting_is_taken_out_of_calendars_that_may_know_it() -> None:
    scenario = an_invited_tandem()
    scenario.given(cancelling(meetings_in(scenario)[0]))
    [cancelled] = all_said(scenario, s.MeetingCancelled)
    heard = Heard(cancelled, id="after the restore", seen=Seen(epoch=2, sequence=1))
    [told] = [each for each in a_programme().reference.feed(heard) if isinstance(each, s.InvitationWritten)]
    assert (told.method, told.sequence) == ("CANCEL", 1000)


def organiser(invitation: s.InvitationWritten) -> str:
    return str(the_event(invitation.icalendar)["organizer"])


def test_a_meeting_keeps_its_organiser_when_the_office_has_another_address() -> None:
    scenario = an_invited_tandem()
    meeting, other = meetings_in(scenario)[:2]
    office = OFFICE.model_copy(update={"mail": "new@example.org", "phone": "089 7"})
    changed = programme(kind=r.ProgrammeChanged).model_copy(update={"office": office})
    scenario.given(changed)
    scenario.given(moving(meeting, meeting.date + DAY))
    [moved] = hears_itself(scenario)
    scenario.given(cancelling(meeting_in(scenario, meeting.id)))
    [ended] = [e for e in hears_itself(scenario) if e.method == "CANCEL"]
    assert organiser(moved) == organiser(ended) == f"mailto:{OFFICE.mail}"
    assert "089 7" in str(the_event(moved.icalendar)["description"])
    scenario.given(cancelling(other))
    new = [e for e in hears_itself(scenario) if e.method == "REQUEST"]
    assert {organiser(e) for e in new} == {"mailto:new@example.org"}


def test_after_a_restore_the_sequence_goes_on_above_everything_that_calendars_have_seen() -> None:
    scenario = an_invited_tandem()
    event = all_said(scenario, s.MeetingScheduled)[0].model_copy(update={"start": 605})
    told = scenario.reference.feed(Heard(event, id="after the restore", seen=Seen(epoch=2, sequence=1)))
    [written] = [each for each in told if isinstance(each, s.InvitationWritten)]
    assert written.sequence == 1000


@pytest.mark.proves("P9")
def test_who_was_erased_is_in_no_invitation_and_the_partner_s_calendar_is_told() -> None:
    scenario = an_invited_tandem()
    first, *left = invitations_in(scenario)
    scenario.given(cancelling(meeting_in(scenario, first.id)))
    hears_itself(scenario)
    over, *_ = left
    scenario.given(*(over.date + n * DAY for n in range(6)))
    erase(scenario, MENTOR)
    assert left_in(scenario, MENTOR) == []
    told = hears_itself(_without(scenario, MENTOR))
    coming = {i.id for i in invitations_in(scenario) if i.method == "REQUEST" and i.date >= scenario.reference.today}
    assert {event.invitation_id for event in told} == coming
    assert {first.id, over.id}.isdisjoint(coming)
    assert all((event.people, event.method, event.sequence) == ((MENTEE,), "REQUEST", 1) for event in told)
    assert all(MENTOR not in event.icalendar and NOBODY not in event.icalendar for event in told)
    assert hears_itself(scenario) == []


@pytest.mark.proves("P9")
def test_what_the_erasure_itself_says_of_invitations_is_not_newer_than_what_was_sent() -> None:
    scenario = an_invited_tandem()
    told = [message for message in erase(scenario, MENTOR) if isinstance(message, s.InvitationWritten)]
    assert {event.sequence for event in told} == {0}
    assert all(event.people == (MENTEE,) and NOBODY not in event.icalendar for event in told)


@pytest.mark.proves("P9")
def test_a_meeting_s_event_that_names_nobody_any_more_may_come_first() -> None:
    scenario = an_invited_tandem()
    event = all_said(scenario, s.MeetingScheduled)[0].model_copy(update={"mentor": NOBODY})
    scenario.when(By(event, sequence=2)).then(said(s.InvitationWritten, people=(MENTEE,), sequence=1))


def _without(scenario: Scenario, who: str) -> Scenario:
    """What still travels and names them is dropped by the runtime."""
    kept = [(e, n) for e, n in scenario.reference.said if who not in e.model_dump_json()]
    scenario.reference.said = kept
    return scenario


def test_of_two_who_were_erased_no_invitation_is_left() -> None:
    scenario = an_invited_tandem()
    erase(scenario, MENTOR)
    erase(scenario, MENTEE)
    assert invitations_in(scenario) == []
    hears_itself(_without(_without(scenario, MENTOR), MENTEE))
    assert invitations_in(scenario) == []


def test_who_sends_mail_may_read_invitations_and_a_delegate_may_not() -> None:
    services = load_all()
    name = s.InvitationWritten.name
    readers = {user for user in topology.people() if name in topology.readable(services, user)}
    assert readers == {"mail", "portal", "office"}


def test_the_stamp_is_when_the_meeting_s_event_was_said() -> None:
    scenario = a_tandem()
    event = all_said(scenario, s.MeetingScheduled)[0]
    moment = dt.datetime(2027, 2, 8, 9, 30, tzinfo=dt.UTC)
    heard = Heard(event, id="x", seen=Seen(epoch=1, sequence=1), time=moment)
    [written] = [e for e in scenario.reference.feed(heard) if isinstance(e, s.InvitationWritten)]
    assert the_event(written.icalendar)["dtstamp"].dt == moment


def test_an_added_meeting_is_an_invitation_too() -> None:
    scenario = an_invited_tandem()
    day = meetings_in(scenario)[0].date + 2 * DAY
    adding = s.AddMeeting(tandem_id=meetings_in(scenario)[0].tandem, participant_id=MENTOR, date=day, start=600)
    scenario.given(by_mentor(adding))
    [event] = hears_itself(scenario)
    assert (event.method, event.sequence) == ("REQUEST", 0)
