"""A tandem rests while one of the two pauses: nothing is assumed, nobody reminded, and then it goes on (P6)."""

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given as cases
from hypothesis import settings
from hypothesis import strategies as st

from services.scheduling.availability.rests import Rest, later, rest_of
from services.scheduling.model import Meeting, Participant
from services.scheduling.planning.jobs import PlanMeeting
from services.scheduling.service import service
from services.scheduling.view import VIEW, programme_view
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.runtime.pausing import Pausing
from tests.support.interrupted import Interrupted
from tests.support.reference import Scenario, given, said
from tests.unit.runtime.engine_in_memory import Replica
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
    accepting,
    all_said,
    an_accepted_tandem,
    by_mentor,
    cancelling,
    held_on,
    meetings_in,
    next_planned,
    objecting,
    open_signs,
    pair_in,
    pauses,
    person,
    programme,
    resumes,
    tandem,
    texts,
    two_tandems,
)
from tests.unit.scheduling.test_kick_off import MONDAY, planning

MARCH, APRIL = dt.date(2027, 3, 1), dt.date(2027, 4, 1)


def planned_in(scenario: Scenario, first: dt.date, last: dt.date = ENDS) -> list[Meeting]:
    return [x for x in meetings_in(scenario) if x.status == "planned" and first <= x.date <= last]


def days(scenario: Scenario, first: dt.date, last: dt.date) -> list[Any]:
    """What each day from one to another says, one after the other."""
    told = []
    for number in range((last - first).days + 1):
        scenario.when(first + number * DAY)
        told += scenario.told
    return told


def in_march(until: dt.date | None = None) -> Scenario:
    """A tandem whose mentor begins a pause on the first of March."""
    scenario = an_accepted_tandem()
    days(scenario, FORMED, MARCH)
    return scenario.when(pauses(MENTOR, until, since=MARCH))


# A rest begins


@pytest.mark.proves("P6", "P9")
def test_both_are_told_once_in_the_same_words_and_the_meetings_within_it_are_cleared() -> None:
    until = MARCH + 30 * DAY
    within = [x.id for x in planned_in(in_march(), MARCH + DAY, until)]
    assert not within
    scenario = in_march(until)
    assert not planned_in(scenario, MARCH + DAY, until)
    assert planned_in(scenario, until + DAY)
    letters = [x for x in scenario.told if isinstance(x, s.PersonAddressed)]
    assert [(x.to, x.topic) for x in letters] == [(MENTOR, "tandem-rests-until"), (MENTEE, "tandem-rests-until")]
    assert letters[0].text.en.replace(MENTEE, "") == letters[1].text.en.replace(MENTOR, "")
    assert {type(x) for x in scenario.told} == {s.PersonAddressed, s.MeetingCancelled}


@pytest.mark.proves("P6")
def test_without_an_end_every_meeting_to_come_is_cleared_and_the_letter_names_no_day() -> None:
    scenario = in_march()
    assert not planned_in(scenario, MARCH + DAY)
    scenario.then_among(said(s.PersonAddressed, to=MENTEE, topic="tandem-rests"))


def test_the_same_pause_again_and_another_change_of_somebody_are_told_to_nobody() -> None:
    scenario = in_march()
    scenario.when(pauses(MENTOR, since=MARCH), person(MENTEE, kind=r.ParticipantChanged)).then_nothing()


def test_a_meeting_on_the_first_day_may_have_been_held_and_stays() -> None:
    scenario = a_tandem()
    first = next_planned(scenario)
    scenario.given(first.date, pauses(MENTOR, since=first.date))
    assert [x.status for x in meetings_in(scenario) if x.id == first.id] == ["planned"]
    scenario.when(objecting(first)).then_among(said(s.MeetingMissed, meeting_id=first.id))


@pytest.mark.proves("P6", "P8")
def test_what_a_rest_took_away_is_no_row_of_failed_meetings() -> None:
    scenario = in_march(MARCH + 30 * DAY)
    scenario.given(resumes(MENTOR))
    assert pair_in(scenario).failed_in_a_row == 0
    scenario.given(cancelling(next_planned(scenario)))
    assert open_signs(scenario) == []


@pytest.mark.proves("P6")
def test_a_meeting_that_the_two_add_within_the_rest_is_theirs_and_stays_when_its_end_moves() -> None:
    scenario = in_march(MARCH + 30 * DAY)
    date = MARCH + 10 * DAY
    adding = by_mentor(s.AddMeeting(tandem_id=TANDEM, participant_id=MENTOR, date=date, start=600))
    scenario.when(adding).then_among(said(s.MeetingScheduled, date=date))
    scenario.when(pauses(MENTOR, MARCH + 40 * DAY, since=MARCH))
    assert [x.date for x in planned_in(scenario, MARCH, MARCH + 40 * DAY)] == [date]
    scenario.then_among(said(s.PersonAddressed, to=MENTEE, topic="tandem-rests-until"))
    scenario.when(pauses(MENTOR, None, since=MARCH), pauses(MENTOR, MARCH + 40 * DAY, since=MARCH))
    assert [x.date for x in planned_in(scenario, MARCH)] == [date]


def test_each_tandem_of_who_pauses_rests_and_no_other() -> None:
    scenario = two_tandems().when(pauses(MENTOR))
    assert {x.to for x in scenario.told if isinstance(x, s.PersonAddressed)} == {MENTOR, MENTEE, SECOND_MENTEE}
    other = two_tandems().when(pauses(SECOND_MENTEE))
    assert {x.to for x in other.told if isinstance(x, s.PersonAddressed)} == {MENTOR, SECOND_MENTEE}


def test_while_both_pause_the_tandem_rests_until_the_later_end() -> None:
    scenario = in_march(MARCH + 10 * DAY)
    scenario.when(pauses(MENTEE, MARCH + 20 * DAY, since=MARCH))
    scenario.then_among(said(s.PersonAddressed, to=MENTOR, topic="tandem-rests-until"))
    scenario.given(MARCH + 11 * DAY).when(resumes(MENTOR, 11)).then_nothing()
    scenario.given(MARCH + 21 * DAY).when(resumes(MENTEE, 21))
    scenario.then_among(said(s.PersonAddressed, to=MENTEE, topic="tandem-goes-on"))
    assert pair_in(scenario).rests == (Rest(first=MARCH, last=MARCH + 20 * DAY),)


# Meanwhile


@pytest.mark.proves("P6", "P11")
def test_nothing_counts_as_held_while_the_tandem_rests_and_the_days_for_objecting_go_on_after_it() -> None:
    scenario = an_accepted_tandem()
    first = next_planned(scenario)
    pause = first.date + 2 * DAY
    days(scenario, FORMED, pause)
    scenario.given(pauses(MENTOR, since=pause))
    assert days(scenario, pause + DAY, pause + 40 * DAY) == []
    scenario.given(resumes(MENTOR, 40))
    later_on = held_on(first) + 40 * DAY
    assert not [x for x in days(scenario, pause + 41 * DAY, later_on - DAY) if isinstance(x, s.MeetingHeld)]
    scenario.when(later_on).then_among(said(s.MeetingHeld, meeting_id=first.id))


@pytest.mark.proves("P6")
def test_who_comes_back_early_finds_the_days_for_objecting_as_they_are_and_not_as_they_were_foreseen() -> None:
    scenario = an_accepted_tandem()
    first = next_planned(scenario)
    pause = first.date + 2 * DAY
    days(scenario, FORMED, pause)
    scenario.given(pauses(MENTOR, pause + 60 * DAY, since=pause), pause + DAY, pause + 2 * DAY, resumes(MENTOR, 2))
    told = days(scenario, pause + 3 * DAY, held_on(first) + 2 * DAY)
    assert [x.meeting_id for x in told if isinstance(x, s.MeetingHeld)] == [first.id]


@pytest.mark.proves("P6")
def test_nobody_is_reminded_of_a_meeting_while_the_tandem_rests() -> None:
    scenario = in_march()
    date = MARCH + 10 * DAY
    scenario.given(by_mentor(s.AddMeeting(tandem_id=TANDEM, participant_id=MENTOR, date=date, start=600)))
    scenario.given(accepting(*(x for x in meetings_in(scenario) if x.date == date), who=MENTEE))
    assert [x for x in days(scenario, MARCH + DAY, date) if isinstance(x, s.PersonAddressed)] == []
    scenario.given(date + DAY, resumes(MENTOR, 11))
    told = days(scenario, date + 2 * DAY, date + 7 * DAY)
    assert date in {x.date for x in told if isinstance(x, s.MeetingHeld)}


@pytest.mark.proves("P6", "P8")
def test_days_of_rest_are_no_silence() -> None:
    scenario = a_tandem()
    silent = STARTS + (28 + 5) * DAY
    scenario.given(STARTS, pauses(MENTOR, STARTS + 19 * DAY, since=STARTS))
    scenario.given(STARTS + 20 * DAY, resumes(MENTOR, 20))
    assert pair_in(scenario).due == silent + 20 * DAY - DAY
    open_ended = a_tandem().given(pauses(MENTOR))
    assert pair_in(open_ended).due is None
    days(open_ended, FORMED + DAY, FORMED + 70 * DAY)
    assert open_signs(open_ended) == []


def test_a_plan_that_was_made_before_a_pause_puts_nothing_into_it() -> None:
    """The race: the job read the two before one of them paused, and its pieces come after."""
    scenario = in_march()
    late = PlanMeeting(tandem_id=TANDEM, key="late", date=MARCH + 10 * DAY, start=600, minutes=90)
    scenario.when(late).then_nothing()
    assert not planned_in(scenario, MARCH + DAY)


def test_another_time_for_a_cancelled_meeting_lies_after_the_rest() -> None:
    scenario = in_march(MARCH + 30 * DAY)
    scenario.when(cancelling(planned_in(scenario, MARCH + 31 * DAY)[0]))
    assert scenario.one(s.MeetingScheduled).date > MARCH + 30 * DAY


# It is over


@pytest.mark.proves("P6", "S10")
def test_when_the_pause_is_over_the_rest_of_the_term_is_planned_anew() -> None:
    scenario = in_march()
    scenario.given(APRIL).when(resumes(MENTOR, 31))
    letters = [x.topic for x in scenario.told if isinstance(x, s.PersonAddressed)]
    assert letters == ["tandem-goes-on", "tandem-goes-on", "planned", "planned"]
    again = [x.date for x in planned_in(scenario, APRIL)]
    assert min(again) >= APRIL + 2 * DAY
    wanted = scenario.one(s.PlanMade).wanted
    assert len(again) == wanted == round(((ENDS - APRIL - 2 * DAY).days + 1) / 30.4375 * 3)


@pytest.mark.proves("P6")
def test_who_comes_back_early_gets_meetings_for_the_days_that_fall_free_and_keeps_the_later_ones() -> None:
    scenario = in_march(MARCH + 60 * DAY)
    later_ones = {x.id for x in planned_in(scenario, MARCH + 61 * DAY)}
    scenario.given(MARCH + 20 * DAY).when(resumes(MENTOR, 20))
    assert {x.id for x in planned_in(scenario, MARCH + 61 * DAY)} == later_ones
    new = planned_in(scenario, MARCH + 22 * DAY, MARCH + 60 * DAY)
    assert len(new) >= 3
    dates = sorted(x.date for x in planned_in(scenario, MARCH))
    assert all((b - a).days >= 5 for a, b in pairwise(dates))


def test_a_rest_that_ended_on_its_day_adds_no_meeting_to_a_full_plan() -> None:
    scenario = in_march(MARCH + 10 * DAY)
    before = {x.id for x in planned_in(scenario, MARCH)}
    scenario.given(MARCH + 11 * DAY).when(resumes(MENTOR, 11))
    extra = {x.id for x in planned_in(scenario, MARCH)} - before
    assert len(extra) <= 1
    assert scenario.one(s.PlanMade).problem is None


def test_a_second_pause_clears_and_plans_once_more() -> None:
    scenario = in_march().given(APRIL, resumes(MENTOR, 31), APRIL + DAY)
    scenario.when(pauses(MENTOR, since=APRIL + DAY, days=31))
    assert not planned_in(scenario, APRIL + 2 * DAY)
    scenario.given(APRIL + 20 * DAY).when(resumes(MENTOR, 50))
    assert planned_in(scenario, APRIL + 20 * DAY)
    assert pair_in(scenario).rests == (
        Rest(first=MARCH, last=APRIL - DAY),
        Rest(first=APRIL + DAY, last=APRIL + 19 * DAY),
    )


def test_who_comes_back_on_the_same_day_leaves_no_rest() -> None:
    scenario = in_march().given(resumes(MENTOR))
    assert pair_in(scenario).rests == ()
    assert planned_in(scenario, MARCH)


def test_nothing_is_planned_for_a_tandem_that_ended_while_it_rested() -> None:
    scenario = in_march().given(tandem(m.TandemEnded, MARCH + DAY))
    scenario.when(resumes(MENTOR, 1)).then_nothing()
    assert not planned_in(scenario, MARCH)


@pytest.mark.proves("P6", "S15")
@pytest.mark.parametrize("kind", [m.TandemEnded, m.TandemCompleted])
def test_what_became_of_the_last_meeting_is_known_though_the_tandem_ended_in_a_rest_without_an_end(
    kind: type[m.TandemState],
) -> None:
    scenario = an_accepted_tandem()
    first = meetings_in(scenario)[0]
    days(scenario, FORMED, first.date + DAY)
    scenario.given(pauses(MENTOR, since=first.date + DAY))
    assert not days(scenario, first.date + 2 * DAY, held_on(first) + 9 * DAY)
    ends = held_on(first) + 10 * DAY
    scenario.given(ends, tandem(kind, ends))
    said_then = [x for x in days(scenario, ends + DAY, ends + 9 * DAY) if isinstance(x, s.MeetingHeld)]
    assert [x.meeting_id for x in said_then] == [first.id]
    assert not planned_in(scenario, FORMED)


def test_days_to_answer_that_a_rest_took_begin_anew_when_it_is_over() -> None:
    """Else the days would be over before both have heard that they go on."""
    scenario = a_tandem().given(FORMED + DAY, pauses(MENTOR, MARCH, since=FORMED + DAY))
    scenario.given(MARCH + DAY).when(resumes(MENTOR, 21))
    first = planned_in(scenario, MARCH)[0]
    assert first.acceptance == "open"
    letters = [x.text.en for x in scenario.told if isinstance(x, s.PersonAddressed) and x.topic == "planned"]
    assert len(letters) == 2
    last = pair_in(scenario).working_day(MARCH + DAY, 3)
    assert last == dt.date(2027, 3, 5)
    assert all("accept them by 5 March 2027" in letter for letter in letters)
    accepted = {x.date for x in days(scenario, MARCH + 2 * DAY, last + DAY) if isinstance(x, s.MeetingAccepted)}
    assert not accepted
    scenario.when(last + 2 * DAY)
    accepted = {x.date for x in scenario.told if isinstance(x, s.MeetingAccepted)}
    assert accepted == {x.date for x in planned_in(scenario, last + 2 * DAY)}


@pytest.mark.proves("P6", "P9")
def test_nobody_hears_that_a_tandem_goes_on_whose_pausing_member_leaves() -> None:
    scenario = in_march().given(MARCH + DAY)
    scenario.when(person(MENTOR, kind=r.ParticipantWithdrew)).then_nothing()
    assert not planned_in(scenario, MARCH)
    scenario.when(resumes(MENTOR, 1)).then_among(said(s.PersonAddressed, to=MENTEE, topic="tandem-goes-on"))
    assert planned_in(scenario, MARCH)


def test_who_comes_back_at_the_end_of_the_term_gets_no_plan() -> None:
    scenario = a_tandem().given(pauses(MENTOR), ENDS).when(resumes(MENTOR, 150))
    assert [x.topic for x in scenario.told if isinstance(x, s.PersonAddressed)] == ["tandem-goes-on"] * 2
    assert not all_said(scenario, s.OfficeAttentionNeeded)


# A tandem begins while somebody pauses


@pytest.mark.proves("P6")
def test_a_tandem_that_begins_in_a_pause_with_an_end_is_planned_for_the_time_after_it() -> None:
    scenario = a_programme().given(FORMED, pauses(MENTOR, APRIL)).when(tandem())
    assert planned_in(scenario, APRIL + DAY)
    assert not planned_in(scenario, FORMED, APRIL)
    scenario.then_among(said(s.PersonAddressed, to=MENTEE, topic="tandem-rests-until"))
    assert open_signs(scenario) == []


def test_a_tandem_that_begins_in_a_pause_without_an_end_is_planned_when_it_is_over() -> None:
    scenario = a_programme().given(FORMED, pauses(MENTEE)).when(tandem())
    assert not meetings_in(scenario)
    assert open_signs(scenario) == []
    scenario.given(APRIL).when(resumes(MENTEE, 52))
    assert planned_in(scenario, APRIL)


def test_a_tandem_whose_people_come_later_rests_as_soon_as_they_are_known_to_pause() -> None:
    scenario = given(service, programme(), person(MENTOR), FORMED, tandem(), today=TODAY)
    scenario.when(pauses(MENTEE)).then_among(said(s.PersonAddressed, to=MENTOR, topic="tandem-rests"))
    scenario.later()
    assert not meetings_in(scenario)


@pytest.mark.proves("P6")
async def test_who_pauses_at_the_moment_at_which_their_tandem_is_heard_of_is_not_planned_for() -> None:
    """Two replicas: one takes over the tandem, the other the pause; each has read before the other committed."""
    one = Replica(service)
    other = one.beside()
    await one.play(TODAY, programme(), person(MENTOR), person(MENTEE), FORMED)

    async def happens() -> None:
        other.send(pauses(MENTOR), sequence=2, epoch=1)
        await other.engine.intake()

    store = Interrupted(one.database, "tandem", happens)
    one.engine.store = store
    await one.play(tandem())
    assert store.happens is None, "the race did not happen"
    assert one.seen["conflict", "again"] == 1, "both cannot have been committed"
    found = one.aggregates()
    assert found[f"tandem/{TANDEM}"]["resting"]
    assert not [x for k, x in found.items() if k.startswith("meeting/") and x["status"] == "planned"]


# The kick-off


@pytest.mark.proves("P6", "S5")
def test_who_pauses_is_not_invited_to_the_kick_off_and_is_when_back_before_it() -> None:
    wednesday = MONDAY + 2 * DAY
    scenario = a_programme().given(pauses(MENTEE, since=TODAY)).when(planning(wednesday, wednesday))
    scenario.then(
        said(s.KickOffScheduled, invited=1, can_come=1), said(s.PersonAddressed, to=MENTOR), s.InvitationWritten
    )
    scenario.when(wednesday - DAY).then(said(s.PersonAddressed, to=MENTOR, topic="gathering-reminder"))
    scenario.when(resumes(MENTEE, 1)).then(said(s.PersonAddressed, to=MENTEE, topic="kick-off"), s.InvitationWritten)


def test_whose_pause_ended_by_its_date_is_invited_with_the_latecomers() -> None:
    wednesday = MONDAY + 2 * DAY
    until = wednesday - 2 * DAY
    scenario = a_programme().given(planning(wednesday, wednesday), pauses(STRANGER, until, since=TODAY))
    scenario.when(wednesday - DAY).then_among(said(s.PersonAddressed, to=STRANGER, topic="kick-off"))


# What is shown


@pytest.mark.proves("S19", "P9")
def test_the_office_sees_that_a_tandem_rests_and_not_who_of_the_two_pauses() -> None:
    until = MARCH + 30 * DAY
    scenario = in_march(until)
    found = {k: [a for a in scenario.reference.state.values() if isinstance(a, k)] for k in VIEW.aggregates}
    [row] = programme_view("pilot", found).tandems
    assert (row.rests, row.rests_until) == (True, until.isoformat())
    assert Participant not in VIEW.aggregates


def test_no_letter_says_who_pauses_or_why() -> None:
    told = texts(x for x in in_march().told if isinstance(x, s.PersonAddressed))
    assert "paus" not in told.lower()


# Days


spans = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=4)


@settings(deadline=None)
@cases(spans, st.integers(0, 40), st.integers(0, 20))
def test_a_later_day_is_the_one_that_counting_day_by_day_finds(found: list[tuple[int, int]], at: int, n: int) -> None:
    rests: list[Rest] = []
    for begin, length in sorted(found):
        first = MARCH + begin * DAY
        if not rests or (rests[-1].last is not None and rests[-1].last < first):
            rests.append(Rest(first=first, last=first + length * DAY))
    date, day, counted = MARCH + at * DAY, MARCH + at * DAY, 0
    while counted < n:
        day += DAY
        counted += not any(rest.covers(day) for rest in rests)
    assert later(rests, date, n) == day
    assert later([Rest(first=date + DAY, last=None)], date, 1) is None


def test_a_rest_is_what_both_pauses_make_together() -> None:
    def somebody(since: dt.date | None, until: dt.date | None) -> Pausing:
        return Pausing(id="x", paused_since=since, paused_until=until)

    takes_part, over = somebody(None, None), somebody(MARCH, MARCH + DAY)
    short, endless = somebody(MARCH, APRIL), somebody(MARCH + DAY, None)
    assert rest_of((takes_part, None), APRIL) is None
    assert rest_of((over, takes_part), APRIL) is None
    assert rest_of((short, over), MARCH + 5 * DAY) == Rest(first=MARCH, last=APRIL)
    assert rest_of((short, endless), MARCH + 5 * DAY) == Rest(first=MARCH, last=None)
