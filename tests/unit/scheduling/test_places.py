"""Rooms are given after the times, and an address by video where none is free."""

import datetime as dt
from functools import cache
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given as cases
from hypothesis import settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.scheduling.model import Meeting, Pair, Programme
from services.scheduling.places.decisions import give_place
from services.scheduling.places.jobs import AHEAD, GivePlace
from services.scheduling.places.loaders import PlaceState
from services.scheduling.places.model import RoomDay
from services.scheduling.view import VIEW, programme_view
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.parts import ComingRules, Rules, SchedulingRules, WorkingTime
from shared.runtime.decision import Context, Decision
from shared.runtime.ids import derived_id
from shared.runtime.reasons import reasons_of
from tests.support.calendars import the_event
from tests.support.reference import By, Scenario, given, said
from tests.unit.scheduling.invited import hears_itself
from tests.unit.scheduling.people import (
    DAY,
    FORMED,
    MENTEE,
    MENTOR,
    TANDEM,
    a_tandem,
    accepting,
    all_said,
    by_mentor,
    cancelling,
    meeting_in,
    meetings_in,
    moving,
    pauses,
    person,
    programme,
    tandem,
)

VIDEO = "https://video.example.org/{meeting_id}"
TWO_ROOMS: dict[str, Any] = {"rooms": ("1.01", "1.02"), "video_link": VIDEO}
ONE_ROOM: dict[str, Any] = {"rooms": ("1.01",), "video_link": VIDEO}


def id_of(number: int) -> str:
    return TANDEM if number == 0 else derived_id("tandem", number)


def tandems(count: int, **rules: Any) -> Scenario:
    """Tandems of as many mentors and mentees, with the same times for their plans, which they have accepted."""
    scenario = a_tandem(**rules)
    for number in range(1, count):
        mentor, mentee = derived_id("mentor", number), derived_id("mentee", number)
        formed = tandem(id=id_of(number), mentee=mentee).model_copy(update={"mentor": mentor})
        scenario.given(person(mentor), person(mentee), formed)
    for number in range(count):
        found = meetings_in(scenario, id_of(number))
        scenario.given(accepting(*found, who=found[0].mentor, tandem=id_of(number)))
        scenario.given(accepting(*found, who=found[0].mentee, tandem=id_of(number)))
    return scenario


def firsts(scenario: Scenario, count: int) -> list[Meeting]:
    """The first meeting of each tandem: all at one time."""
    found = [meetings_in(scenario, id_of(number))[0] for number in range(count)]
    assert len({(meeting.date, meeting.start) for meeting in found}) == 1
    return found


def begins(scenario: Scenario, date: dt.date) -> Scenario:
    """A day starts, and scheduling hears that it has said so."""
    return scenario.when(date, s.DayStarted(date=date))


def placed(count: int, **rules: Any) -> tuple[Scenario, list[Meeting]]:
    """Tandems whose first meetings, all at one time, have got their places, with those meetings as they are now."""
    scenario = tandems(count, **rules)
    first = firsts(scenario, count)
    begins(scenario, first[0].date - AHEAD * DAY)
    return scenario, [meeting_in(scenario, meeting.id) for meeting in first]


def rooms_of(*meetings: Meeting) -> list[str | None]:
    return [meeting.place.room if meeting.place else None for meeting in meetings]


def mails(scenario: Scenario, topic: str) -> list[s.PersonAddressed]:
    return [each for each in scenario.told if isinstance(each, s.PersonAddressed) and each.topic == topic]


# Given


@pytest.mark.proves("S10")
def test_three_days_before_meetings_get_rooms_and_an_address_by_video_where_none_is_free() -> None:
    scenario = tandems(3, **TWO_ROOMS)
    first = firsts(scenario, 3)
    begins(scenario, first[0].date - 4 * DAY)
    assert all_said(scenario, s.MeetingPlaced) == []
    begins(scenario, first[0].date - 3 * DAY).then(*(said(s.MeetingPlaced, status="planned"),) * 3)
    now = [meeting_in(scenario, meeting.id) for meeting in first]
    assert sorted(rooms_of(*now), key=str) == ["1.01", "1.02", None]
    [by_video] = [meeting for meeting in now if rooms_of(meeting) == [None]]
    assert by_video.place == s.MeetingPlace(link=VIDEO.replace("{meeting_id}", by_video.id))


def test_the_office_sees_where_the_next_meetings_are() -> None:
    scenario, [in_room, by_video] = placed(2, **ONE_ROOM)
    found = scenario.reference.state.values()
    pairs = [aggregate for aggregate in found if isinstance(aggregate, Pair)]
    view = programme_view("pilot", {kind: pairs if kind is Pair else [] for kind in VIEW.aggregates})
    places = {row.meeting_id: row.place for row in view.meetings}
    expected = {each.id: (each.place.room or each.place.link) for each in (in_room, by_video) if each.place}
    assert {id: places[id] for id in expected} == expected
    assert sorted(filter(None, places.values())) == sorted(filter(None, expected.values()))


def test_who_has_a_place_keeps_it() -> None:
    scenario, now = placed(3, **TWO_ROOMS)
    scenario.given(cancelling(now[0]))
    begins(scenario, now[0].date - 2 * DAY)
    begins(scenario, now[0].date - DAY)
    assert len(all_said(scenario, s.MeetingPlaced)) == 3
    assert rooms_of(*(meeting_in(scenario, meeting.id) for meeting in now)) == rooms_of(*now)


@pytest.mark.parametrize("who", [MENTOR, MENTEE])
def test_a_meeting_at_a_time_that_one_works_at_home_is_held_by_video_and_leaves_the_room_to_others(who: str) -> None:
    scenario = tandems(2, **ONE_ROOM)
    [first, _] = firsts(scenario, 2)
    day = first.date.weekday()
    week = tuple(WorkingTime(weekday=d, start=540, end=960, at_home=d == day) for d in range(5))
    begins(scenario.given(person(who, week, r.ParticipantChanged)), first.date - AHEAD * DAY)
    at_home, other = (meeting_in(scenario, meeting.id) for meeting in firsts(scenario, 2))
    assert at_home.place == s.MeetingPlace(link=VIDEO.replace("{meeting_id}", at_home.id))
    assert rooms_of(other) == ["1.01"]


def test_who_works_at_home_at_other_times_of_the_day_meets_in_a_room() -> None:
    scenario = tandems(1, **ONE_ROOM)
    [first] = firsts(scenario, 1)
    day, ends = first.date.weekday(), first.start + first.minutes
    home = WorkingTime(weekday=day, start=ends, end=960, at_home=True)
    week = (WorkingTime(weekday=day, start=540, end=ends), home)
    begins(scenario.given(person(MENTEE, week, r.ParticipantChanged)), first.date - AHEAD * DAY)
    assert rooms_of(meeting_in(scenario, first.id)) == ["1.01"]


def test_a_programme_without_rooms_and_video_says_nothing_of_places() -> None:
    scenario = tandems(2)
    [first, _] = firsts(scenario, 2)
    begins(scenario, first.date - 3 * DAY).then_nothing()
    text = begins(scenario, first.date - 2 * DAY).told[0]
    assert isinstance(text, s.PersonAddressed)
    assert "\n" not in text.text.de + text.text.en
    assert not any(kind.startswith("room-day/") for kind in scenario.reference.state)


def test_what_the_end_of_a_tandem_or_its_rest_took_away_gets_no_room() -> None:
    scenario = tandems(2, **ONE_ROOM)
    ended, rests = firsts(scenario, 2)
    scenario.given(tandem(m.TandemEnded, FORMED))
    scenario.given(pauses(rests.mentee, until=rests.date))
    begins(scenario, ended.date - 3 * DAY)
    assert all_said(scenario, s.MeetingPlaced) == []


def test_what_the_two_arrange_while_they_rest_gets_a_room() -> None:
    scenario = tandems(1, **ONE_ROOM)
    first = meetings_in(scenario)[0]
    scenario.given(pauses(MENTEE, until=first.date))
    scenario.given(by_mentor(s.AddMeeting(tandem_id=TANDEM, participant_id=MENTOR, date=first.date, start=600)))
    [added] = [each for each in meetings_in(scenario) if (each.date, each.status) == (first.date, "planned")]
    scenario.given(accepting(added, who=MENTEE))
    begins(scenario, first.date - 3 * DAY).then_among(said(s.MeetingPlaced, meeting_id=added.id))


@pytest.mark.proves("S15")
def test_a_day_that_was_missed_is_made_good_on_the_next_one() -> None:
    scenario = tandems(1, **ONE_ROOM)
    first = meetings_in(scenario)[0]
    begins(scenario, first.date - DAY).then_among(
        said(s.MeetingPlaced, meeting_id=first.id, place=s.MeetingPlace(room="1.01")),
        said(s.PersonAddressed, to=MENTOR, topic="place"),
        said(s.PersonAddressed, to=MENTEE, topic="place"),
    )


def test_a_room_that_the_programme_has_no_more_is_replaced() -> None:
    rules = Rules(scheduling=SchedulingRules(rooms=("2.01",)))
    scenario, [first] = placed(1, **ONE_ROOM)
    coming = ComingRules(rules=rules, version=2, holds_from=first.date - 2 * DAY)
    scenario.given(By(programme(**ONE_ROOM).model_copy(update={"coming": coming}), sequence=9))
    begins(scenario, first.date - 2 * DAY).then_among(said(s.MeetingPlaced, place=s.MeetingPlace(room="2.01")))


# Told


@pytest.mark.proves("S10")
def test_the_reminder_says_where() -> None:
    scenario, now = placed(2, **ONE_ROOM)
    begins(scenario, now[0].date - 2 * DAY)
    texts = {mail.to: mail.text for mail in mails(scenario, "reminder")}
    for meeting in now:
        assert meeting.place is not None
        named = meeting.place.room or meeting.place.link or ""
        assert named in texts[meeting.mentor].de
        assert named in texts[meeting.mentee].en


def test_where_no_room_is_free_and_there_is_no_video_the_two_are_asked_to_find_a_place() -> None:
    scenario, now = placed(2, rooms=("1.01",))
    assert sorted(rooms_of(*now), key=str) == ["1.01", None]
    [without] = [meeting for meeting in now if meeting.place is None]
    begins(scenario, without.date - 2 * DAY)
    texts = {mail.to: mail.text for mail in mails(scenario, "reminder")}
    assert "verabreden" in texts[without.mentor].de
    assert "agree on where" in texts[without.mentee].en


@pytest.mark.proves("S10")
def test_a_place_stands_in_the_calendar_under_a_higher_sequence() -> None:
    scenario = tandems(2, **ONE_ROOM)
    first = firsts(scenario, 2)
    hears_itself(scenario)
    begins(scenario, first[0].date - 3 * DAY)
    told = hears_itself(scenario)
    assert [(event.method, event.sequence) for event in told] == [("REQUEST", 1)] * 2
    places = {str(the_event(event.icalendar)["location"]): the_event(event.icalendar) for event in told}
    room = places.pop("1.01")
    assert "url" not in room
    [(link, by_video)] = places.items()
    assert link == str(by_video["url"]) == VIDEO.replace("{meeting_id}", str(by_video["uid"]).removesuffix("@tandem"))
    assert hears_itself(scenario) == []


# Moved, added, accepted later


def test_a_meeting_that_moves_loses_its_place_and_gets_one_when_it_is_accepted() -> None:
    scenario, [first] = placed(1, **ONE_ROOM)
    scenario.when(moving(first, first.date, start=first.start + 60, replaces=first.said))
    scenario.then_among(said(s.MeetingMoved, place=None))
    moved = meeting_in(scenario, first.id)
    scenario.when(accepting(moved, who=MENTEE))
    scenario.then_among(
        said(s.MeetingAccepted, acceptance="given"), said(s.MeetingPlaced, place=s.MeetingPlace(room="1.01"))
    )
    assert mails(scenario, "place") == [], "the reminder says it"


@pytest.mark.proves("S10")
def test_a_meeting_for_tomorrow_gets_a_place_at_once_and_both_are_told() -> None:
    scenario, [first] = placed(1, **ONE_ROOM)
    begins(scenario, first.date - 2 * DAY)
    now = meeting_in(scenario, first.id)
    scenario.when(moving(now, first.date - DAY, start=first.start, replaces=now.said))
    scenario.then_among(s.MeetingMoved, said(s.MeetingPlaced, date=first.date - DAY))
    assert [mail.to for mail in mails(scenario, "place")] == [MENTOR, MENTEE]
    added = s.AddMeeting(tandem_id=TANDEM, participant_id=MENTOR, date=first.date, start=first.start)
    begins(scenario, first.date - DAY)
    scenario.when(by_mentor(added)).then_among(
        s.MeetingScheduled, said(s.MeetingPlaced, place=s.MeetingPlace(room="1.01"))
    )


def test_what_is_open_still_waits_for_its_place_until_the_day_before() -> None:
    scenario, [first] = placed(1, **ONE_ROOM)
    scenario.given(moving(first, first.date, start=first.start + 60, replaces=first.said))
    begins(scenario, first.date - 2 * DAY)
    assert meeting_in(scenario, first.id).place is None
    reminders = mails(scenario, "reminder")
    assert len(reminders) == 2
    assert not any("verabreden" in mail.text.de for mail in reminders), "nobody has looked for a room yet"
    begins(scenario, first.date - DAY).then_among(
        said(s.MeetingPlaced, acceptance="open", place=s.MeetingPlace(room="1.01")),
        said(s.PersonAddressed, to=MENTEE, topic="place"),
    )


@pytest.mark.proves("S10")
def test_what_silence_accepts_gets_its_place_like_what_people_accepted() -> None:
    scenario = a_tandem(**ONE_ROOM)
    first = meetings_in(scenario)[0]
    scenario.given(first.date - 4 * DAY)
    assert meeting_in(scenario, first.id).acceptance == "assumed"
    begins(scenario, first.date - 3 * DAY).then_among(said(s.MeetingPlaced, meeting_id=first.id))


def test_the_room_of_a_meeting_that_moved_or_was_cancelled_is_free_for_others() -> None:
    scenario, now = placed(3, **TWO_ROOMS)
    with_room, by_video = [x for x in now if rooms_of(x) != [None]], [x for x in now if rooms_of(x) == [None]]
    gone, left = with_room
    own = By(s.CancelMeeting(meeting_id=gone.id, participant_id=gone.mentor), actor=gone.mentor, sender="person")
    scenario.given(own)
    late = by_video[0]
    for start, who in ((late.start + 15, late.mentor), (late.start, late.mentor)):
        now_late = meeting_in(scenario, late.id)
        move = s.MoveMeeting(
            meeting_id=late.id, participant_id=who, date=late.date, start=start, replaces=now_late.said
        )
        scenario.given(By(move, actor=who, sender="person"))
    scenario.when(accepting(meeting_in(scenario, late.id), who=late.mentee, tandem=late.tandem))
    scenario.then_among(said(s.MeetingPlaced, meeting_id=late.id, place=gone.place))
    assert rooms_of(meeting_in(scenario, left.id)) == rooms_of(left)


# Races


def giving(meeting: Meeting, room: str, **changes: Any) -> GivePlace:
    fields = {"meeting_id": meeting.id, "date": meeting.date, "start": meeting.start, "before": meeting.place}
    return GivePlace.model_validate(fields | {"place": s.MeetingPlace(room=room)} | changes)


@pytest.mark.proves("S10")
def test_a_room_given_to_others_since_the_job_saw_it_free_is_not_given_twice() -> None:
    scenario = tandems(2, **TWO_ROOMS)
    one, other = firsts(scenario, 2)
    scenario.given(one.date - 3 * DAY).when(giving(one, "1.01")).then(said(s.MeetingPlaced, meeting_id=one.id))
    scenario.when(giving(other, "1.01"))
    scenario.then(said(s.MeetingPlaced, meeting_id=other.id, place=s.MeetingPlace(room="1.02")))


@pytest.mark.proves("S10")
def test_of_two_replicas_that_give_one_room_at_once_only_one_can_write() -> None:
    """Both decide on the same state. Each writes the room's day: the second finds it changed, and looks again."""
    scenario = tandems(2, **TWO_ROOMS)
    one, other = firsts(scenario, 2)
    first, second = decided(scenario, one), decided(scenario, other)
    days = [{a.subject for a in each.state if isinstance(a, RoomDay)} for each in (first, second)]
    assert len(days[0]) == 1
    assert days[0] == days[1]
    scenario.reference.state.update((aggregate.subject, aggregate) for aggregate in first.state)
    again = decided(scenario, other)
    assert not again.messages
    assert [job.job for job in again.jobs] == ["places"]


def decided(scenario: Scenario, meeting: Meeting) -> Decision:
    state = scenario.reference.state
    known = state["programme/pilot"]
    assert isinstance(known, Programme)
    day = state.get(f"room-day/{RoomDay.id_of('pilot', '1.01', meeting.date)}")
    assert day is None or isinstance(day, RoomDay)
    others = tuple(meeting_in(scenario, id) for id in day.meetings) if day is not None else ()
    context = Context(id="1", time=dt.datetime(2027, 2, 7, tzinfo=dt.UTC), today=meeting.date - 3 * DAY)
    outcome = give_place(giving(meeting, "1.01"), PlaceState(meeting, known, day=day, others=others), context)
    assert isinstance(outcome, Decision)
    return outcome


def test_a_meeting_that_moved_was_cancelled_or_got_a_place_since_gets_none() -> None:
    scenario = tandems(1, **ONE_ROOM)
    first, second = meetings_in(scenario)[:2]
    scenario.given(first.date - 3 * DAY, moving(first, first.date, start=first.start + 60))
    scenario.when(giving(first, "1.01")).then_nothing()
    scenario.given(cancelling(meeting_in(scenario, first.id)))
    scenario.when(giving(first, "1.01", start=first.start + 60)).then_nothing()
    scenario.given(second.date - 3 * DAY).when(giving(second, "1.01")).then(s.MeetingPlaced)
    scenario.when(giving(second, "1.02")).then_nothing()
    scenario.given(second.date + DAY).when(giving(meeting_in(scenario, second.id), "1.02")).then_nothing()
    unknown = giving(second, "1.01", meeting_id=derived_id("nobody's"))
    given(scenario.reference.service).when(unknown).then_nothing()


# The rules


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("rooms", (" ",), "string_pattern_mismatch"),
        ("rooms", ("1.01\n1.02",), "string_pattern_mismatch"),
        ("rooms", ("x" * 81,), "string_too_long"),
        ("rooms", ("x",) * 201, "too_long"),
        ("video_link", "video.example.org", "string_pattern_mismatch"),
        ("video_link", "https://video.example.org/ a", "string_pattern_mismatch"),
    ],
)
def test_rooms_and_addresses_that_are_none_are_refused_with_what_to_change(field: str, value: Any, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        SchedulingRules.model_validate({field: value})
    [found] = reasons_of(refused.value)
    assert (found.field.split(".")[0], found.code) == (field, code)
    if code == "string_pattern_mismatch":
        assert "Vertrag" not in found.message.de


# Whatever comes

steps = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(("moves", "accepts", "cancels", "day")), st.integers(-2, 2)),
    max_size=12,
)


@pytest.mark.proves("S10")
@settings(deadline=None, max_examples=25)
@cases(steps)
def test_whatever_tandems_do_no_room_is_given_twice_and_nobody_stays_without_a_place(
    found: list[tuple[int, str, int]],
) -> None:
    """Four tandems, two rooms; what they do in the three days before their meetings, and what the days bring."""
    scenario = four_placed()
    day = scenario.reference.today
    for number, step, shift in found:
        planned = [x for x in meetings_in(scenario, id_of(number)) if x.status == "planned" and x.date > day]
        if step == "day":
            day += DAY
            begins(scenario, day)
        elif planned:
            scenario.given(doing(step, planned[0], shift))
        check(scenario, day)


@cache
def four() -> Scenario:
    return placed(4, **TWO_ROOMS)[0]


def four_placed() -> Scenario:
    """As it stands, to go on from: aggregates never change."""
    scenario = Scenario(four().reference.service, today=four().reference.today)
    scenario.reference.state.update(four().reference.state)
    scenario.reference.sequences.update(four().reference.sequences)
    return scenario


def doing(step: str, meeting: Meeting, shift: int) -> By:
    if step == "accepts":
        return accepting(meeting, who=meeting.mentee, tandem=meeting.tandem)
    fields = {"meeting_id": meeting.id, "participant_id": meeting.mentor}
    if step == "cancels":
        return By(s.CancelMeeting.model_validate(fields), actor=meeting.mentor, sender="person")
    time = {"date": meeting.date, "start": meeting.start + 30 * shift, "replaces": meeting.said}
    return By(s.MoveMeeting.model_validate(fields | time), actor=meeting.mentor, sender="person")


def check(scenario: Scenario, day: dt.date) -> None:
    soon = [
        meeting
        for number in range(4)
        for meeting in meetings_in(scenario, id_of(number))
        if meeting.status == "planned" and day < meeting.date <= day + AHEAD * DAY
    ]
    for one, other in combinations(soon, 2):
        together = one.date == other.date and one.start < other.start + 90 and other.start < one.start + 90
        assert not (together and one.place is not None and one.place.room and one.place == other.place)
    assert all(meeting.place for meeting in soon if meeting.acceptance != "open")
