"""A meeting is a suggestion first: both accept it, or suggest another time, or silence accepts."""

import datetime as dt

import pytest

from services.scheduling.availability.model import BusyTimes
from services.scheduling.loaders import AcceptState
from services.scheduling.meetings.acceptance import accept
from services.scheduling.model import Meeting
from services.scheduling.planning.jobs import TimeTaken
from shared.contracts import matching as m
from shared.contracts import scheduling as s
from shared.contracts.parts import SchedulingRules
from shared.runtime.decision import Context, Decision
from tests.support.reference import By, Scenario, said
from tests.unit.scheduling.calendars import at
from tests.unit.scheduling.people import (
    DAY,
    ENDS,
    FORMED,
    MENTEE,
    MENTOR,
    STRANGER,
    TANDEM,
    a_tandem,
    accepting,
    all_said,
    by_mentor,
    cancelling,
    held_on,
    meeting_in,
    meetings_in,
    moving,
    next_planned,
    open_signs,
    pair_in,
    pauses,
    reporting,
    resumes,
    second_tandem,
    tandem,
    texts,
    two_tandems,
)

MONDAY = dt.date(2027, 2, 8)
THURSDAY = dt.date(2027, 2, 11)
SECRETARY = "secretary-17"


def acceptance(scenario: Scenario, meeting: Meeting) -> str:
    return meeting_in(scenario, meeting.id).acceptance


def test_a_planned_meeting_is_a_suggestion_until_both_have_accepted_it() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    assert all(x.acceptance == "open" for x in all_said(scenario, s.MeetingScheduled))
    scenario.when(accepting(first)).then(said(s.MeetingAccepted, meeting_id=first.id, acceptance="open"))
    scenario.when(accepting(first, who=MENTEE)).then(
        said(s.MeetingAccepted, meeting_id=first.id, acceptance="given", status="planned"),
        said(s.PersonAddressed, topic="agreed", to=MENTOR),
        said(s.PersonAddressed, topic="agreed", to=MENTEE),
    )


@pytest.mark.proves("S15")
def test_a_whole_plan_is_accepted_by_one_command_of_each_with_one_mail_for_all() -> None:
    scenario = a_tandem()
    plan = meetings_in(scenario)
    scenario.when(accepting(*plan)).then(*[s.MeetingAccepted] * len(plan))
    scenario.when(accepting(*plan, who=MENTEE))
    scenario.then(*[said(s.MeetingAccepted, acceptance="given")] * len(plan), s.PersonAddressed, s.PersonAddressed)
    assert all(slot.acceptance == "given" for slot in pair_in(scenario).slots)


def test_who_accepts_again_gets_the_answer_again_and_nobody_another_mail() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(accepting(first)).when(accepting(first)).then(said(s.MeetingAccepted, acceptance="open"))
    scenario.given(accepting(first, who=MENTEE)).when(accepting(first, first)).then(
        said(s.MeetingAccepted, acceptance="given")
    )
    scenario.again().then_nothing()


def test_no_event_says_who_has_accepted() -> None:
    scenario = a_tandem()
    plan = meetings_in(scenario)
    one, other = a_tandem().when(accepting(*plan)), a_tandem().when(accepting(*plan, who=MENTEE))
    assert [x.model_dump() for x in one.told] == [x.model_dump() for x in other.told]


def test_one_time_that_has_changed_is_named_and_none_is_accepted() -> None:
    scenario = a_tandem()
    first, second, third = meetings_in(scenario)[:3]
    scenario.given(moving(second, second.date + DAY))
    scenario.when(accepting(first, second, third, who=MENTEE)).then_refused("another_time")
    [reason] = scenario.one(s.CommandRejected).reasons
    assert reason.field == "times.1.date"
    assert "10:00" in reason.message.en
    assert not meeting_in(scenario, first.id).accepted_by


def test_what_cannot_be_accepted_is_refused_each_with_its_reason() -> None:
    scenario = a_tandem()
    first, second = meetings_in(scenario)[:2]
    scenario.given(cancelling(first))
    unknown = second.but(id=STRANGER)
    scenario.when(accepting(first, unknown)).then_refused("not_planned", "unknown_meeting")
    scenario.when(accepting(second, tandem=STRANGER)).then_refused("unknown_tandem")
    scenario.when(accepting(second, who=STRANGER)).then_refused("not_yours")
    scenario.when(By(accepting(second).message, actor=MENTEE, sender="person")).then_refused("not_yours")
    scenario.reference.today = second.date + DAY
    scenario.when(accepting(second)).then_refused("over")
    scenario.given(tandem(m.TandemEnded, FORMED)).when(accepting(second)).then_refused("ended")


def test_the_meetings_of_another_tandem_are_not_accepted_with_one_s_own() -> None:
    scenario = two_tandems()
    other = meetings_in(scenario, second_tandem().tandem_id)[0]
    scenario.when(accepting(other)).then_refused("unknown_meeting")


def test_of_two_who_accept_at_one_moment_the_second_decides_again() -> None:
    """Both write the tandem: the second finds its version changed, and so the first one's answer."""
    scenario = a_tandem()
    pair, first = pair_in(scenario), meetings_in(scenario)[0]
    programme = scenario.reference.state["programme/pilot"]
    context = Context(id="1", time=dt.datetime(2027, 2, 8, tzinfo=dt.UTC), today=FORMED, actor=MENTOR, sender="person")
    command = accepting(first).message
    assert isinstance(command, s.AcceptMeetings)
    outcome = accept(command, AcceptState(pair, programme, (first,)), context)  # type: ignore[arg-type]
    assert isinstance(outcome, Decision)
    assert {pair.subject, first.subject} <= {written.subject for written in outcome.state}


# Another time


def test_another_time_counts_as_accepted_by_who_suggests_it_and_is_open_for_the_other() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(accepting(first), accepting(first, who=MENTEE))
    scenario.when(moving(first, first.date + DAY, replaces=3)).then_among(said(s.MeetingMoved, acceptance="open"))
    mails = [x for x in scenario.told if isinstance(x, s.PersonAddressed)]
    assert all("please accept it by 11 February 2027" in x.text.en for x in mails)
    assert mails[0].text.en.replace(MENTEE, "") == mails[1].text.en.replace(MENTOR, "")
    moved = meeting_in(scenario, first.id)
    scenario.when(accepting(moved, who=MENTEE)).then_among(said(s.MeetingAccepted, acceptance="given"))


def test_who_has_seen_the_time_may_suggest_another_though_somebody_accepted_it_meanwhile() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(accepting(first, who=MENTEE))
    scenario.when(moving(first, first.date + DAY, replaces=1)).then_among(s.MeetingMoved)
    scenario.when(moving(first, first.date + 2 * DAY, replaces=2)).then_refused("replaced")
    scenario.when(moving(first, first.date + 2 * DAY, replaces=4)).then_refused("replaced")
    scenario.when(moving(first, first.date + 2 * DAY, replaces=3)).then_among(s.MeetingMoved)


def test_an_added_meeting_is_accepted_by_who_adds_it_and_another_for_a_cancelled_one_by_nobody() -> None:
    scenario = a_tandem()
    day = meetings_in(scenario)[0].date + 2 * DAY
    scenario.when(by_mentor(s.AddMeeting(tandem_id=TANDEM, participant_id=MENTOR, date=day, start=600)))
    added = meeting_in(scenario, scenario.told[0].meeting_id)  # type: ignore[attr-defined]
    assert added.accepted_by == (MENTOR,)
    scenario.when(accepting(added, who=MENTEE)).then_among(said(s.MeetingAccepted, acceptance="given"))
    scenario.when(cancelling(next_planned(scenario)))
    assert meeting_in(scenario, scenario.one(s.MeetingScheduled).meeting_id).accepted_by == ()


# Silence


def test_silence_accepts_after_three_working_days() -> None:
    """Suggested on a Monday: Tuesday, Wednesday, Thursday; it ends when the next but one day starts."""
    assert FORMED == MONDAY
    scenario = a_tandem()
    plan = meetings_in(scenario)
    mail = next(x for x in all_said(scenario, s.PersonAddressed) if x.topic == "planned")
    assert "11 February 2027" in mail.text.en
    scenario.when(THURSDAY + DAY).then_nothing()
    scenario.when(THURSDAY + 2 * DAY).then(*[said(s.MeetingAccepted, acceptance="assumed")] * len(plan))
    scenario.when(THURSDAY + 3 * DAY).then_nothing()


def test_a_weekend_and_a_holiday_are_no_working_days() -> None:
    """Suggested on Maundy Thursday 2027: Good Friday and Easter Monday are holidays."""
    thursday = dt.date(2027, 3, 25)
    scenario = a_tandem()
    scenario.reference.today = thursday
    meeting = next(x for x in meetings_in(scenario) if x.date > thursday + 20 * DAY)
    scenario.given(moving(meeting, meeting.date + DAY))
    wednesday, friday = dt.date(2027, 3, 31), dt.date(2027, 4, 1)
    assert pair_in(scenario).working_day(thursday, 2) == wednesday
    scenario.given(friday + DAY)
    assert acceptance(scenario, meeting) == "open"
    scenario.when(friday + 2 * DAY).then_among(said(s.MeetingAccepted, meeting_id=meeting.id, acceptance="assumed"))


def adding(day: dt.date, who: str = MENTOR, start: int = 900) -> By:
    command = s.AddMeeting(tandem_id=TANDEM, participant_id=who, date=day, start=start, minutes=15)
    return By(command, actor=who, sender="person")


@pytest.mark.parametrize(("days", "acceptance"), [(4, "open"), (7, "assumed")])
def test_silence_accepts_a_near_meeting_only_if_the_days_for_an_answer_are_over_before_it(
    days: int, acceptance: str
) -> None:
    """Suggested on a Monday: Tuesday to Thursday, whose last one is over on Saturday."""
    scenario = a_tandem().when(adding(MONDAY + days * DAY))
    added = scenario.one(s.MeetingScheduled)
    mail = scenario.told[1]
    assert isinstance(mail, s.PersonAddressed)
    assert ("by 11 February 2027" in mail.text.en) is (acceptance == "assumed")
    assert ("without your answer it does not count as accepted" in mail.text.en) is (acceptance == "open")
    for passed in range(1, days + 1):
        scenario.given(MONDAY + passed * DAY)
    assert meeting_in(scenario, added.meeting_id).acceptance == acceptance


@pytest.mark.proves("P8", "P11")
@pytest.mark.parametrize("who", [MENTOR, MENTEE])
def test_one_side_alone_makes_no_held_meetings_and_silences_no_sign(who: str) -> None:
    scenario = a_tandem()
    for _ in range(6):
        scenario.given(adding(scenario.reference.today + DAY, who), scenario.reference.today + DAY)
    moved = meetings_in(scenario)[-1]
    move = moving(moved, scenario.reference.today + DAY, participant_id=who)
    scenario.given(By(move.message, actor=who, sender="person"))
    for _ in range(8):
        scenario.given(scenario.reference.today + DAY)
    assert {x.status for x in meetings_in(scenario)[:6]} == {"unknown"}
    assert meeting_in(scenario, moved.id).status == "unknown"
    assert pair_in(scenario).held() == 0
    assert open_signs(scenario) == ["meetings-failed"]


def test_what_one_suggests_for_tomorrow_is_held_if_the_other_says_yes_or_either_that_it_took_place() -> None:
    for word in (lambda x: accepting(x, who=MENTEE), reporting):
        scenario = a_tandem().given(adding(FORMED + DAY))
        added = meetings_in(scenario)[0]
        scenario.given(FORMED + DAY, word(added)).when(held_on(added))
        scenario.then_among(said(s.MeetingHeld, meeting_id=added.id))
    scenario = a_tandem().given(adding(FORMED + DAY))
    added = meetings_in(scenario)[0]
    scenario.given(FORMED + DAY, accepting(added, who=MENTOR)).when(held_on(added))
    scenario.then_among(said(s.MeetingUnknown, meeting_id=added.id))


def test_a_plan_says_which_of_its_meetings_are_too_near_for_silence() -> None:
    for days, near in ((3, False), (10, True)):
        scenario = a_tandem(silence_accepts_days=days)
        mail = next(x for x in all_said(scenario, s.PersonAddressed) if x.topic == "planned")
        assert meetings_in(scenario)[0].date == dt.date(2027, 2, 23)
        assert ("Before 24 February 2027 a time holds only if one of you accepts it." in mail.text.en) is near


def test_a_yes_that_comes_after_silence_is_still_a_yes() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(THURSDAY + 2 * DAY)
    scenario.when(accepting(first)).then(said(s.MeetingAccepted, acceptance="assumed"))
    scenario.when(accepting(first, who=MENTEE)).then_among(said(s.MeetingAccepted, acceptance="given"))


def test_how_long_people_have_is_a_setting() -> None:
    assert SchedulingRules().silence_accepts_days == 3
    scenario = a_tandem(silence_accepts_days=1)
    scenario.when(MONDAY + 3 * DAY).then_among(said(s.MeetingAccepted, acceptance="assumed"))


@pytest.mark.proves("P6")
def test_days_stand_still_for_a_suggestion_while_one_of_the_two_pauses() -> None:
    scenario = a_tandem()
    late = meetings_in(scenario)[-1]
    until = THURSDAY + 7 * DAY
    scenario.given(FORMED + DAY, pauses(MENTOR, until, since=FORMED + DAY))
    for days in range(2, 8):
        scenario.when(FORMED + days * DAY)
        assert not [x for x in scenario.told if isinstance(x, s.MeetingAccepted)]
    scenario.given(until + DAY).when(resumes(MENTOR))
    assert acceptance(scenario, late) == "open"
    # Its three days begin anew on the Friday on which both hear that their tandem goes on, and when to answer.
    last = pair_in(scenario).working_day(until + DAY, 3)
    assert last == dt.date(2027, 2, 24)
    letters = [x.text.en for x in scenario.told if isinstance(x, s.PersonAddressed) and x.topic == "planned"]
    assert len(letters) == 2
    assert all("accept them by 24 February 2027" in letter for letter in letters)
    scenario.given(last + DAY)
    assert acceptance(scenario, late) == "open"
    scenario.given(last + 2 * DAY)
    assert acceptance(scenario, late) == "assumed"


def test_without_an_end_to_the_rest_silence_never_accepts() -> None:
    scenario = a_tandem().given(pauses(MENTOR))
    day = FORMED + 10 * DAY
    scenario.given(by_mentor(s.AddMeeting(tandem_id=TANDEM, participant_id=MENTOR, date=day, start=600)))
    for days in range(1, 12):
        scenario.when(FORMED + days * DAY)
        assert not [x for x in scenario.told if isinstance(x, s.MeetingAccepted)]


def test_silence_accepts_nothing_of_a_tandem_that_has_ended() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(first.date - 5 * DAY, moving(first, first.date + DAY))
    scenario.reference.today = first.date
    scenario.given(tandem(m.TandemEnded, first.date + DAY))
    scenario.when(first.date, first.date + DAY)
    assert acceptance(scenario, first) == "open"
    scenario.when(held_on(first) + DAY).then(said(s.MeetingUnknown, meeting_id=first.id))


# Reminders


@pytest.mark.proves("S10")
def test_both_are_reminded_two_days_and_one_day_before_and_never_twice() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(first.date - 3 * DAY)
    for days in (2, 1):
        scenario.when(first.date - days * DAY)
        reminded = [x.to for x in scenario.told if isinstance(x, s.PersonAddressed)]
        assert reminded == [MENTOR, MENTEE]
        scenario.when(first.date - days * DAY)
        assert not [x for x in scenario.told if isinstance(x, s.PersonAddressed)]
    scenario.when(first.date).then_nothing()


def test_nobody_is_reminded_of_a_time_that_moved() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(first.date - 2 * DAY, moving(first, first.date + 3 * DAY))
    scenario.when(first.date - DAY)
    assert not [x for x in scenario.told if isinstance(x, s.PersonAddressed)]
    scenario.when(first.date)
    assert not [x for x in scenario.told if isinstance(x, s.PersonAddressed)]
    scenario.when(first.date + DAY).then_among(said(s.PersonAddressed, topic="reminder", to=MENTOR))


def test_an_answer_on_the_day_of_a_reminder_does_not_take_it_away() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(first.date - 3 * DAY)
    scenario.reference.today = first.date - 2 * DAY
    scenario.given(accepting(first))
    scenario.when(first.date - 2 * DAY).then_among(said(s.PersonAddressed, topic="reminder", to=MENTEE))


# Delegates


@pytest.mark.proves("S10")
def test_both_see_that_a_delegate_acted_and_not_whose() -> None:
    for who, other in ((MENTOR, MENTEE), (MENTEE, MENTOR)):
        scenario = a_tandem()
        naming = s.NameDelegate(participant_id=who, delegate=SECRETARY)
        scenario.given(By(naming, actor=who, sender="person"))
        first = meetings_in(scenario)[0]
        scenario.when(accepting(first, who=who, actor=SECRETARY))
        mails = [x for x in scenario.told if isinstance(x, s.PersonAddressed)]
        assert [x.topic for x in mails] == ["accepted-by-delegate"] * 2
        assert mails[0].text.en.replace(MENTEE, "") == mails[1].text.en.replace(MENTOR, "")
        scenario.when(accepting(first, who=other))
        assert not any("delegate" in x.text.en for x in scenario.told if isinstance(x, s.PersonAddressed))
        cancel = s.CancelMeeting(meeting_id=first.id, participant_id=who)
        scenario.when(By(cancel, actor=SECRETARY, sender="delegate"))
        mails = [x for x in scenario.told if isinstance(x, s.PersonAddressed) and x.topic == "cancelled"]
        assert all("A delegate did this." in x.text.en for x in mails)
        assert mails[0].text.en.replace(MENTEE, "") == mails[1].text.en.replace(MENTOR, "")
        assert SECRETARY not in texts(scenario.told)


# A time that a calendar took


def taken(meeting: Meeting) -> TimeTaken:
    return TimeTaken(meeting_id=meeting.id, date=meeting.date, start=meeting.start)


@pytest.mark.proves("S10", "P8")
def test_a_meeting_whose_time_a_calendar_took_gets_another_one_and_is_no_failure() -> None:
    scenario = a_tandem()
    first, second = meetings_in(scenario)[:2]
    for meeting in (first, second):
        # Written without its fact, which would start the same work.
        known = BusyTimes(id=MENTOR, programme="pilot", busy=(at(meeting.date, meeting.start, meeting.start + 90),))
        scenario.reference.state[known.subject] = known
        scenario.when(taken(meeting)).then_among(
            said(s.MeetingCancelled, meeting_id=meeting.id),
            said(s.PersonAddressed, topic="time-taken", to=MENTOR),
            said(s.PersonAddressed, topic="time-taken", to=MENTEE),
            said(s.MeetingScheduled, acceptance="open"),
        )
        assert scenario.one(s.MeetingScheduled).date > FORMED + DAY
    assert not all_said(scenario, s.TandemNeedsAttention)
    scenario.when(taken(first)).then_nothing()


def test_a_time_that_was_taken_is_none_any_more_where_the_meeting_moved_was_today_or_its_tandem_ended() -> None:
    scenario = a_tandem()
    first, second = meetings_in(scenario)[:2]
    scenario.given(moving(first, first.date + DAY)).when(taken(first)).then_nothing()
    scenario.reference.today = second.date
    scenario.when(taken(second)).then_nothing()
    scenario.given(tandem(m.TandemEnded, second.date)).when(taken(meetings_in(scenario)[-1])).then_nothing()
    scenario.when(TimeTaken(meeting_id=STRANGER, date=ENDS, start=0)).then_nothing()


def test_what_nobody_accepts_is_a_suggestion_until_its_day_and_then_unknown() -> None:
    scenario = a_tandem()
    first = meetings_in(scenario)[0]
    scenario.given(THURSDAY + 2 * DAY).when(held_on(first))
    scenario.then_among(said(s.MeetingUnknown, meeting_id=first.id, acceptance="assumed", number=None))
