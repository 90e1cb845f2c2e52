"""What people answer from their calendars does the same as their commands, or they are told that it does nothing."""

import datetime as dt

import pytest

from services.scheduling.invitations.replies import Why
from services.scheduling.model import Meeting
from shared.contracts import calendar
from shared.contracts import scheduling as s
from shared.contracts.base import Contract
from tests.support.reference import By, Scenario, said
from tests.unit.scheduling.invited import an_invited_tandem, hears_itself, invitations_in, reply
from tests.unit.scheduling.people import DAY, ENDS, MENTEE, MENTOR, STRANGER, cancelling, meetings_in, moving
from tests.unit.scheduling.test_gatherings import gathering

SECRETARY = "secretary-17"


def at(date: dt.date, start: int = 600) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(start // 60, start % 60))


def first(scenario: Scenario) -> Meeting:
    return meetings_in(scenario)[0]


def free_day(scenario: Scenario) -> dt.date:
    return first(scenario).date + DAY


def why(told: list[Contract]) -> str:
    [letter] = told
    assert isinstance(letter, s.PersonAddressed)
    assert letter.topic == "reply-without-effect"
    return letter.text.en


@pytest.mark.proves("S10")
def test_declining_in_the_calendar_cancels_and_seeks_another_time() -> None:
    scenario = an_invited_tandem()
    invitation = invitations_in(scenario)[0]
    scenario.when(reply(invitation, "DECLINED")).then_among(
        said(s.MeetingCancelled, meeting_id=invitation.id),
        s.MeetingScheduled,
        said(s.PersonAddressed, to=MENTOR, topic="cancelled"),
        said(s.PersonAddressed, to=MENTEE, topic="cancelled"),
    )


def test_declining_twice_or_what_is_cancelled_says_nothing() -> None:
    scenario = an_invited_tandem()
    invitation = invitations_in(scenario)[0]
    decline = reply(invitation, "DECLINED")
    scenario.given(decline).when(decline).then_nothing()
    hears_itself(scenario)
    scenario.when(decline).then_nothing()
    scenario.when(reply(invitation, "DECLINED", MENTEE)).then_nothing()


@pytest.mark.parametrize("answer", ["DECLINED", "ACCEPTED", "COUNTER"])
def test_who_answers_before_the_place_has_come_to_their_calendar_has_answered(answer: str) -> None:
    scenario = an_invited_tandem()
    invitation = invitations_in(scenario)[0]
    planned = next(
        e for e, _ in scenario.reference.said if isinstance(e, s.MeetingScheduled) and e.meeting_id == invitation.id
    )
    placed = s.MeetingPlaced(**planned.model_dump() | {"place": s.MeetingPlace(room="1.17")})
    scenario.given(By(placed, sequence=99))
    assert invitations_in(scenario)[0].sequence == invitation.sequence + 1
    given = {"DECLINED": s.MeetingCancelled, "ACCEPTED": s.MeetingAccepted, "COUNTER": s.MeetingMoved}
    if answer == "COUNTER":
        scenario.when(reply(invitation, "TENTATIVE", method="COUNTER", start=at(free_day(scenario), 660)))
    else:
        scenario.when(reply(invitation, answer))
    scenario.then_among(said(given[answer], meeting_id=invitation.id))


def test_an_answer_to_an_earlier_time_is_stale_also_where_the_meeting_is_back_at_that_time() -> None:
    scenario = an_invited_tandem()
    invitation = invitations_in(scenario)[0]
    for day in (free_day(scenario), invitation.date):
        meeting = first(scenario)
        scenario.given(moving(meeting, day, start=invitation.start, replaces=meeting.said))
        hears_itself(scenario)
    assert "changed" in why(scenario.when(reply(invitation, "DECLINED")).told)


@pytest.mark.parametrize("answer", ["TENTATIVE", "DELEGATED", "stale", "unknown", "refused", "gathering"])
def test_the_same_answer_again_brings_no_second_letter_and_another_one_does(answer: str) -> None:
    scenario = an_invited_tandem()
    invitation = invitations_in(scenario)[0]
    again, other = (reply(invitation, "TENTATIVE", who) for who in (MENTOR, MENTEE))
    if answer == "DELEGATED":
        again = reply(invitation, answer)
    elif answer == "stale":
        scenario.given(moving(first(scenario), free_day(scenario)))
        again = reply(invitation, "DECLINED")
    elif answer == "unknown":
        again = reply(invitation.but(id=STRANGER), "DECLINED")
    elif answer == "refused":
        again = reply(invitation, method="COUNTER", start=at(ENDS + DAY))
    elif answer == "gathering":
        scenario.given(gathering())
        mine = next(i for i in invitations_in(scenario) if i.people == (MENTOR,))
        again = reply(mine, "DECLINED")
    why(scenario.when(again).told)
    for number in range(3):
        later = again.icalendar.replace("DTSTAMP:20270208T10", f"DTSTAMP:20270208T1{number + 1}")
        assert later != again.icalendar
        scenario.when(again.model_copy(update={"icalendar": later})).then_nothing()
    why(scenario.when(other).told)
    why(scenario.when(reply(invitations_in(scenario)[0], "TENTATIVE", MENTOR, sequence=7)).told)


def test_the_same_answer_in_a_zone_of_its_own_is_the_same_whoever_reads_it() -> None:
    scenario = an_invited_tandem()
    invitation = invitations_in(scenario)[0]
    zone = ("BEGIN:VTIMEZONE", "TZID:ours", "BEGIN:STANDARD", "DTSTART:20200101T000000")
    ends = ("TZOFFSETFROM:+0100", "TZOFFSETTO:+0100", "END:STANDARD", "END:VTIMEZONE", "BEGIN:VEVENT")
    again = reply(invitation, method="COUNTER", start=at(ENDS + DAY))
    text = again.icalendar.replace("BEGIN:VEVENT", "\r\n".join((*zone, *ends))).replace("=Europe/Berlin", "=ours")
    again = again.model_copy(update={"icalendar": text})
    why(scenario.when(again).told)
    scenario.when(again.model_copy(update={"icalendar": text + " "})).then_nothing()


@pytest.mark.proves("S10")
def test_proposing_another_time_moves_the_meeting() -> None:
    scenario = an_invited_tandem()
    invitation, day = invitations_in(scenario)[0], free_day(scenario)
    counter = reply(invitation, "TENTATIVE", method="COUNTER", start=at(day, 660))
    scenario.when(counter).then(
        said(s.MeetingMoved, date=day, start=660),
        said(s.PersonAddressed, to=MENTOR, topic="moved"),
        said(s.PersonAddressed, to=MENTEE, topic="moved"),
    )
    scenario.when(counter)
    assert "changed meanwhile" in why(scenario.told)


def test_another_time_that_a_command_would_be_refused_is_told_with_its_reasons() -> None:
    scenario = an_invited_tandem()
    invitation = invitations_in(scenario)[0]
    scenario.when(reply(invitation, "TENTATIVE", method="COUNTER", start=at(dt.date(2027, 2, 8))))
    assert "must be in the future" in why(scenario.told)
    [letter] = scenario.told
    assert isinstance(letter, s.PersonAddressed)
    assert letter.to == MENTOR


def test_the_meeting_s_own_time_is_no_other_time() -> None:
    scenario = an_invited_tandem()
    scenario.when(reply(invitations_in(scenario)[0], "TENTATIVE", method="COUNTER"))
    assert "meeting's own" in why(scenario.told)


@pytest.mark.parametrize("method", ["REPLY", "COUNTER"])
def test_an_answer_to_an_older_state_changes_nothing_and_says_so(method: str) -> None:
    scenario = an_invited_tandem()
    meeting, seen = first(scenario), invitations_in(scenario)[0]
    scenario.given(moving(meeting, free_day(scenario)))
    late = reply(seen, "DECLINED", method=method, start=at(meeting.date, 700))
    # While the new invitation is only being written, and once it was.
    assert "changed meanwhile" in why(scenario.when(late).told)
    hears_itself(scenario)
    other = reply(seen, "DECLINED", MENTEE, method=method, start=at(meeting.date, 700))
    assert "changed meanwhile" in why(scenario.when(other).told)
    scenario.when(late).then_nothing()
    assert first(scenario).status == "planned"


def test_an_answer_without_a_sequence_is_believed_by_the_time_that_it_names() -> None:
    scenario = an_invited_tandem()
    meeting, seen = first(scenario), invitations_in(scenario)[0]
    scenario.given(moving(meeting, free_day(scenario)))
    hears_itself(scenario)
    scenario.when(reply(seen, "DECLINED", no_sequence=True))
    assert "changed meanwhile" in why(scenario.told)
    newest = next(each for each in invitations_in(scenario) if each.id == seen.id)
    scenario.when(reply(newest, "DECLINED", no_sequence=True)).then_among(s.MeetingCancelled)


@pytest.mark.proves("S10")
def test_accepting_in_both_calendars_accepts_the_meeting_and_twice_says_nothing() -> None:
    scenario = an_invited_tandem()
    invitation = invitations_in(scenario)[0]
    accepted = reply(invitation, "ACCEPTED")
    scenario.when(accepted).then(said(s.MeetingAccepted, meeting_id=invitation.id, acceptance="open"))
    scenario.when(accepted).then_nothing()
    scenario.when(reply(invitation, "ACCEPTED", MENTEE)).then(
        said(s.MeetingAccepted, meeting_id=invitation.id, acceptance="given"),
        said(s.PersonAddressed, to=MENTOR, topic="agreed"),
        said(s.PersonAddressed, to=MENTEE, topic="agreed"),
    )
    assert hears_itself(scenario) == []


def test_an_answer_to_an_invitation_is_good_however_often_others_have_spoken_of_the_meeting_since() -> None:
    scenario = an_invited_tandem()
    invitation = invitations_in(scenario)[0]
    scenario.given(reply(invitation, "ACCEPTED", MENTEE)).when(reply(invitation, "DECLINED"))
    assert isinstance(scenario.told[0], s.MeetingCancelled)


def test_what_was_accepted_under_an_older_time_is_not_accepted() -> None:
    scenario = an_invited_tandem()
    meeting, seen = first(scenario), invitations_in(scenario)[0]
    scenario.given(moving(meeting, free_day(scenario)))
    hears_itself(scenario)
    scenario.when(reply(seen, "ACCEPTED", MENTEE))
    assert "changed meanwhile" in why(scenario.told)


@pytest.mark.parametrize(
    ("answer", "words"),
    [("TENTATIVE", "maybe"), ("DELEGATED", "Nobody else"), ("NEEDS-ACTION", "neither yes nor no")],
)
def test_an_answer_that_settles_nothing_is_told(answer: str, words: str) -> None:
    scenario = an_invited_tandem()
    scenario.when(reply(invitations_in(scenario)[0], answer))
    assert words in why(scenario.told)


def test_what_we_never_invited_to_is_told_and_what_another_tandem_s_is_sounds_alike() -> None:
    scenario = an_invited_tandem()
    invitation = invitations_in(scenario)[0]
    unknown = why(scenario.when(reply(invitation.but(id=STRANGER))).told)
    assert "not invited" in unknown
    others = invitation.but(people=(MENTEE, STRANGER))
    scenario.reference.state[invitation.subject] = others
    assert why(scenario.when(reply(invitation, "DECLINED")).told) == unknown
    assert first(scenario).status == "planned"


def test_somebody_else_s_answer_under_one_s_own_mail_has_no_effect() -> None:
    scenario = an_invited_tandem()
    invitation = invitations_in(scenario)[0]
    theirs = reply(invitation, "DECLINED", MENTEE).icalendar
    scenario.when(calendar.ReplyReceived(participant_id=MENTOR, icalendar=theirs))
    assert "whom we know neither" in why(scenario.told)


def test_of_somebody_who_takes_no_part_nothing_is_said() -> None:
    scenario = an_invited_tandem()
    scenario.when(reply(invitations_in(scenario)[0], "DECLINED", STRANGER)).then_nothing()


def test_what_cannot_be_read_is_told() -> None:
    scenario = an_invited_tandem()
    scenario.when(calendar.ReplyReceived(participant_id=MENTOR, icalendar="hello"))
    assert "could not read" in why(scenario.told)


def test_a_named_delegate_answers_on_a_leader_s_behalf_and_nobody_else_does() -> None:
    scenario = an_invited_tandem()
    invitation = invitations_in(scenario)[0]
    declined = reply(invitation, "DECLINED", MENTEE, delegate=SECRETARY)
    scenario.when(declined)
    assert "Only the two of the tandem" in why(scenario.told)
    naming = By(s.NameDelegate(participant_id=MENTEE, delegate=SECRETARY), actor=MENTEE, sender="person")
    scenario.given(naming).when(reply(invitation, "DECLINED", MENTEE, delegate="another"))
    assert "Only the two of the tandem" in why(scenario.told)
    accepted = reply(invitation, "ACCEPTED", MENTEE, delegate=SECRETARY)
    scenario.when(accepted).then_among(s.MeetingAccepted)
    scenario.when(declined).then_among(s.MeetingCancelled)


def test_an_answer_to_what_is_cancelled_is_told_that_it_is() -> None:
    scenario = an_invited_tandem()
    meeting, seen = first(scenario), invitations_in(scenario)[0]
    scenario.given(cancelling(meeting))
    hears_itself(scenario)
    scenario.when(reply(seen, "TENTATIVE", method="COUNTER", start=at(free_day(scenario))))
    assert "cancelled" in why(scenario.told)


def test_every_reason_has_words() -> None:
    from services.scheduling.say import words

    assert all(f"reply-{code}" in words for code in Why.__args__)  # type: ignore[attr-defined]
