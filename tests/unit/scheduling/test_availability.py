"""When people are busy or away: what is known of it, and what it does to plans."""

import datetime as dt
import json
import re
from collections.abc import Sequence
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling import planner
from services.scheduling.busy import busy_of
from services.scheduling.calendar_facts import know_busy_times, without_own
from services.scheduling.load_calendars import CalendarState
from services.scheduling.model import Meeting
from services.scheduling.model_calendars import BusyTimes
from services.scheduling.planning import make_plan
from services.scheduling.service import service
from services.scheduling.wall_time import Span, joined, odd_minutes
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.calendar import BusyInterval, BusyTimesPublished
from shared.contracts.parts import WorkingTime
from shared.local.system import ROOT
from shared.runtime.aggregate import Seen
from shared.runtime.decision import Context
from tests.support.interrupted import Interrupted
from tests.support.reference import By, Scenario, _now, _Reader, said
from tests.unit.runtime.engine_in_memory import Replica
from tests.unit.scheduling.calendars import busy, calendar, event, free_busy, known, text_of, wall
from tests.unit.scheduling.people import (
    DAY,
    FORMED,
    MENTEE,
    MENTOR,
    SECOND_TANDEM,
    STARTS,
    STRANGER,
    TANDEM,
    TODAY,
    a_programme,
    a_tandem,
    meetings_in,
    person,
    programme,
    tandem,
    two_tandems,
)

MONDAY = STARTS


def away(*days: tuple[dt.date, dt.date], who: str = MENTOR) -> s.RecordAbsences:
    return s.RecordAbsences(participant_id=who, absences=tuple(s.Absence(first=a, last=b) for a, b in days))


def by(command: s.RecordAbsences, actor: str = MENTOR) -> By:
    return By(command, actor=actor, sender="person")


def planned(scenario: Scenario) -> list[Meeting]:
    return [meeting for meeting in meetings_in(scenario) if meeting.status == "planned"]


# What is known


def test_a_fact_replaces_what_was_known_of_its_window_and_nothing_else() -> None:
    scenario = a_programme().given(busy([(MONDAY, 540, 600), (MONDAY + DAY, 540, 600)]))
    scenario.when(busy([(MONDAY, 660, 720)], first=MONDAY, until=MONDAY + DAY)).then_nothing()
    assert known(scenario) == [(MONDAY, 660, 720), (MONDAY + DAY, 540, 600)]


def test_what_overlaps_is_one_time_and_what_is_free_or_outside_the_window_is_none() -> None:
    free = BusyInterval(start=MONDAY, end=MONDAY + 5 * DAY, busy=False)
    fact = busy([(MONDAY, 540, 600), (MONDAY, 570, 660), (MONDAY, 660, 700)], until=MONDAY + DAY)
    outside = BusyInterval(start=MONDAY + DAY, end=MONDAY + 3 * DAY)
    both = fact.model_copy(update={"intervals": (*(fact.intervals or ()), free, outside)})
    assert known(a_programme().given(both)) == [(MONDAY, 540, 700)]


def test_a_fact_that_comes_twice_is_known_once_and_an_older_one_is_too_late() -> None:
    newer, older = busy([(MONDAY, 540, 600)]), busy([(MONDAY, 660, 720)])
    scenario = a_programme().given(By(newer, sequence=2)).when(By(older, sequence=1)).then_nothing()
    assert known(scenario) == [(MONDAY, 540, 600)]
    scenario.when(By(newer, sequence=2, id="again")).then_nothing()
    assert known(scenario) == [(MONDAY, 540, 600)]


def test_an_older_fact_still_says_what_no_newer_one_speaks_of() -> None:
    part = busy([(MONDAY, 540, 600)], first=MONDAY, until=MONDAY + DAY)
    whole = busy([(MONDAY, 660, 720), (MONDAY + DAY, 660, 720)])
    scenario = a_programme().given(By(part, sequence=2), By(whole, sequence=1))
    assert known(scenario) == [(MONDAY, 540, 600), (MONDAY + DAY, 660, 720)]


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(1, 4), st.lists(st.tuples(st.integers(0, 6), st.integers(0, 22)))),
        min_size=1,
        max_size=4,
    )
)
def test_facts_in_any_order_end_in_what_the_newest_says_of_each_day(
    facts: list[tuple[int, int, list[tuple[int, int]]]],
) -> None:
    messages = [
        By(
            busy(
                [(MONDAY + day * DAY, 60 * hour, 60 * hour + 60) for day, hour in times],
                first=MONDAY + first * DAY,
                until=MONDAY + (first + length) * DAY,
            ),
            sequence=number + 1,
            id=f"fact {number}",
        )
        for number, (first, length, times) in enumerate(facts)
    ]
    expected: dict[int, set[int]] = {}
    for first, length, times in facts:
        for day in range(first, first + length):
            expected[day] = {hour for on, hour in times if on == day}
    for order in permutations(messages):
        found = known(a_programme().given(*order))
        hours = {((date - MONDAY).days, hour) for date, a, b in found for hour in range(a // 60, b // 60)}
        assert hours == {(day, hour) for day, its in expected.items() for hour in its}


def test_a_calendar_of_somebody_who_is_not_known_yet_waits_for_them_and_of_who_withdrew_nothing_is_kept() -> None:
    scenario = a_programme().given(busy([(MONDAY, 540, 600)], who=STRANGER))
    assert known(scenario, STRANGER) == []
    assert known(scenario.given(person(STRANGER)), STRANGER) == [(MONDAY, 540, 600)]
    gone = a_programme().given(person(MENTOR, kind=r.ParticipantWithdrew))
    gone.when(busy([(MONDAY, 540, 600)])).then_nothing()
    assert known(gone) == []


def test_what_is_over_goes_with_the_next_word() -> None:
    scenario = a_programme().given(busy([(TODAY + DAY, 540, 600), (MONDAY, 540, 600)]))
    scenario.given(TODAY + 3 * DAY, busy([(MONDAY, 660, 720)], first=MONDAY))
    assert known(scenario) == [(MONDAY, 660, 720)]


def test_a_calendar_with_events_is_read_and_its_text_goes() -> None:
    scenario = a_programme().given(
        calendar(text_of(*event("DTSTART:20270215T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=2")))
    )
    assert known(scenario) == [(MONDAY, 540, 600), (MONDAY + 7 * DAY, 540, 600)]
    assert not [subject for subject in scenario.reference.state if subject.startswith("unread-calendar/")]


def test_a_calendar_that_is_read_late_does_not_undo_a_newer_word() -> None:
    scenario = a_programme()
    events = calendar(text_of(*event("DTSTART:20270215T090000", "DURATION:PT1H")))
    work, scenario.reference._work = scenario.reference._work, lambda: None  # type: ignore[method-assign]
    scenario.given(By(events, sequence=1), By(busy([(MONDAY, 660, 720)]), sequence=2))
    scenario.reference._work = work  # type: ignore[method-assign]
    scenario.later()
    assert known(scenario) == [(MONDAY, 660, 720)]


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        (calendar("nothing"), "not_a_calendar"),
        (calendar(text_of(*event("DTSTART;TZID=Mars:20270215T090000"))), "unknown_zone"),
        (calendar(free_busy("20270215T090000Z/20270215T080000Z")), "end_before_start"),
        (calendar(text_of(), window_until=MONDAY - DAY), "end_before_start"),
        (calendar(text_of(), window_until=STARTS + 401 * DAY), "window_too_long"),
        (calendar(text_of(), window_from=STARTS + 390 * DAY, window_until=STARTS + 399 * DAY), "too_far_ahead"),
        (busy([(MONDAY, 600, 540)]), "end_before_start"),
        (calendar(free_busy("00010101T000000Z/PT1H")), "not_understood"),
        (calendar(free_busy("20270230T000000Z/PT1H")), "not_understood"),
        (calendar(text_of(), window_until="9999-12-31T23:00:00-05:00"), "not_understood"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_taken_is_refused_with_a_code_and_what_was_known_stays(
    fact: BusyTimesPublished, code: str
) -> None:
    scenario = a_programme().given(busy([(MONDAY, 660, 720)]))
    scenario.when(fact).then(said(s.BusyTimesRefused, participant_id=MENTOR, code=code))
    assert known(scenario) == [(MONDAY, 660, 720)]
    scenario.again().then_nothing()


def test_more_windows_than_anybody_needs_are_refused() -> None:
    begins, _ = wall(MONDAY, 0, 1)
    hour = dt.timedelta(hours=1)
    times = BusyTimes(id=MENTOR)
    for number in range(400):
        span = Span(2 * number + 10_000_000_000, 2 * number + 10_000_000_001)
        times = times.overlaid((span,), Seen(epoch=1, sequence=number + 1), ())
    fact = BusyTimesPublished(
        participant_id=MENTOR, programme_id="pilot", window_from=begins, window_until=begins + hour, intervals=()
    )
    scenario = a_programme()
    known_person = scenario.reference.state[f"participant/{MENTOR}"]
    state = CalendarState(known_person, times, None, ())  # type: ignore[arg-type]
    context = Context(id="1", time=begins, today=TODAY, seen=Seen(epoch=1, sequence=9_999))
    outcome = know_busy_times(fact, state, context)
    assert [message.code for message in outcome.messages] == ["too_many_windows"]  # type: ignore[union-attr]


# What it does to plans


@pytest.mark.proves("S10")
def test_no_meeting_is_planned_while_one_of_the_two_is_busy_or_away() -> None:
    mornings = [(MONDAY + n * DAY, 540, 780) for n in range(150)]
    afternoons = [(MONDAY + n * DAY, 780, 960) for n in range(0, 150, 2)]
    scenario = a_programme().given(
        busy(mornings, who=MENTOR),
        busy(afternoons, who=MENTEE),
        by(away((MONDAY, MONDAY + 20 * DAY), who=MENTEE), MENTEE),
        FORMED,
        tandem(),
    )
    found = planned(scenario)
    assert found
    for meeting in found:
        assert meeting.start >= 780
        assert (meeting.date - MONDAY).days % 2 == 1
        assert meeting.date > MONDAY + 20 * DAY


def test_meetings_are_within_core_time_where_a_programme_has_one() -> None:
    core = [{"weekday": day, "start": 570, "end": 750 if day == 4 else 900} for day in range(5)]
    found = planned(a_tandem(core_time=core))
    assert found
    ends = {day: (750 if day == 4 else 900) for day in range(5)}
    assert all(570 <= meeting.start <= ends[meeting.date.weekday()] - 90 for meeting in found)


def test_a_calendar_that_takes_a_planned_time_leads_to_another_one() -> None:
    scenario = a_tandem()
    first = planned(scenario)[0]
    count = len(planned(scenario))
    scenario.when(busy([(first.date, first.start + 30, first.start + 45)], who=MENTEE))
    scenario.then_among(said(s.MeetingCancelled, meeting_id=first.id), s.MeetingScheduled)
    assert first.id not in [meeting.id for meeting in planned(scenario)]
    assert len(planned(scenario)) == count


def test_an_absence_leads_to_another_time_and_the_calendar_that_shows_it_too_to_no_third() -> None:
    scenario = a_tandem()
    first = planned(scenario)[0]
    week = [(first.date, 0, 1440)]
    scenario.when(by(away((first.date, first.date))))
    scenario.then_among(said(s.AbsencesRecorded, participant_id=MENTOR), said(s.MeetingCancelled, meeting_id=first.id))
    scenario.when(busy(week)).then_nothing()


@pytest.mark.parametrize("around", [(), ((-60, 0),), ((-60, 0), (90, 150))])
def test_a_meeting_in_the_calendar_is_not_broken_by_itself(around: Sequence[tuple[int, int]]) -> None:
    """Alone, or put together with what was known beside it: as servers do that publish one busy time for both."""
    scenario = a_tandem()
    first = planned(scenario)[0]
    beside = [(first.date, first.start + a, first.start + b) for a, b in around]
    scenario.given(busy(beside))
    begins, ends = min([0, *(a for a, _ in around)]), max([90, *(b for _, b in around)])
    scenario.when(busy([(first.date, first.start + begins, first.start + ends)])).then_nothing()
    assert known(scenario) == beside, "the meeting itself takes nothing"


def test_a_longer_time_that_nobody_knew_takes_the_meeting_s() -> None:
    scenario = a_tandem()
    first = planned(scenario)[0]
    scenario.when(busy([(first.date, first.start - 60, first.start + 90)]))
    scenario.then_among(said(s.MeetingCancelled, meeting_id=first.id))


def test_a_meeting_that_the_two_put_into_a_busy_time_themselves_stays_there() -> None:
    scenario = a_tandem()
    first = planned(scenario)[0]
    day = first.date + DAY
    scenario.given(busy([(day, 600, 800)]))
    move = s.MoveMeeting(meeting_id=first.id, participant_id=MENTOR, date=day, start=630, replaces=1)
    scenario.given(By(move, actor=MENTOR, sender="person"))
    scenario.when(busy([(day, 600, 800), (day, 900, 960)])).then_nothing()
    assert (day, 630) in [(meeting.date, meeting.start) for meeting in planned(scenario)]


def test_a_calendar_of_a_mentor_breaks_meetings_of_both_tandems() -> None:
    scenario = two_tandems()
    last = STARTS + 30 * DAY

    def soon() -> list[str]:
        both = (*meetings_in(scenario), *meetings_in(scenario, SECOND_TANDEM))
        return [meeting.tandem for meeting in both if meeting.status == "planned" and meeting.date < last]

    assert set(soon()) == {TANDEM, SECOND_TANDEM}
    scenario.when(busy([(STARTS + n * DAY, 0, 1440) for n in range(30)]))
    assert soon() == []


def test_a_plan_that_comes_after_a_calendar_took_its_time_looks_again() -> None:
    """The race of a plan's job, which read the calendar before, and the fact."""
    scenario = a_programme()
    work, scenario.reference._work = scenario.reference._work, lambda: None  # type: ignore[method-assign]
    scenario.given(FORMED, tandem())
    scenario.reference._work = work  # type: ignore[method-assign]
    [start] = [job for job in scenario.reference.jobs if job.job == "plan"]
    row = scenario.reference.service.jobs["plan"]
    early = _now(row.inputs(start.ref, _Reader(scenario.reference.state, FORMED)))
    days = [(STARTS + n * DAY, 0, 1440) for n in range(60)]
    scenario.reference.jobs.clear()
    scenario.given(busy(days, who=MENTEE))
    for number, piece in enumerate(make_plan(early)):  # type: ignore[arg-type]
        scenario.given(By(piece, id=f"piece {number}"))
    found = planned(scenario)
    assert found
    assert all(meeting.date >= STARTS + 60 * DAY for meeting in found)


def minutes_of(parts: Sequence[tuple[int, int]]) -> set[int]:
    return {minute for a, b in parts for minute in range(a, b)}


@pytest.mark.proves("S10")
@pytest.mark.parametrize("moment", ["meeting", "tandem"])
async def test_a_calendar_that_comes_at_the_moment_at_which_a_meeting_is_written_breaks_it_or_comes_before_it(
    moment: str,
) -> None:
    """Two replicas: one takes over the tandem and its plan, the other the calendar; each has read before."""
    one = Replica(service)
    other = one.beside()
    await one.play(TODAY, programme(), person(MENTOR), person(MENTEE), FORMED)
    until = STARTS + 40 * DAY

    async def happens() -> None:
        other.send(busy([(STARTS + n * DAY, 0, 1440) for n in range(40)], until=until), sequence=1, epoch=1)
        await other.engine.intake()

    store = Interrupted(one.database, moment, happens)
    one.engine.store = store
    await one.play(tandem())
    assert store.happens is None, "the race did not happen"
    assert one.seen["conflict", "again"] == 1, "both cannot have been committed"
    states = [state for subject, state in one.aggregates().items() if subject.startswith("meeting/")]
    days = [state["date"] for state in states if state["status"] == "planned"]
    assert days
    assert min(days) >= until.isoformat()


SPAN = st.tuples(st.integers(0, 5), st.integers(0, 1400), st.integers(1, 300))
WORK = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 1380), st.integers(30, 600)).map(
        lambda t: WorkingTime(weekday=t[0], start=t[1], end=min(1440, t[1] + t[2]))
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=150)
@given(WORK, WORK, st.lists(SPAN, max_size=6), st.integers(0, 5), st.sampled_from([30, 45, 90]))
@pytest.mark.proves("S10")
def test_possible_starts_are_the_minutes_that_a_brute_force_finds(
    mine: list[WorkingTime], yours: list[WorkingTime], taken: list[tuple[int, int, int]], holiday: int, minutes: int
) -> None:
    first = dt.date(2027, 3, 25)  # the clocks change within
    spans = [planner.Busy(first + day * DAY, start, length) for day, start, length in taken]
    found = planner.starts(
        first,
        first + 5 * DAY,
        planner.common(mine, yours, minutes),
        minutes,
        lambda day: (day - first).days == holiday,
        spans,
    )
    for number, slots in enumerate(found):
        day = first + number * DAY
        free = {
            minute
            for minute in range(1440)
            if all(any(t.weekday == day.weekday() and t.start <= minute < t.end for t in its) for its in (mine, yours))
        }
        free -= minutes_of([(b.start, b.start + b.minutes) for b in spans if b.date == day])
        free -= minutes_of(odd_minutes(day))
        if number == holiday:
            free = set()
        expected = [at // 15 for at in range(0, 1440, 15) if set(range(at, at + minutes)) <= free]
        assert list(slots) == expected


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda t: Span(t[0], t[0] + t[1])), max_size=6),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda t: Span(t[0], t[0] + t[1])), max_size=3),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda t: Span(t[0], t[0] + t[1])), max_size=6),
)
def test_leaving_out_own_meetings_takes_away_nothing_but_their_time(
    spans: list[Span], own: list[Span], before: list[Span]
) -> None:
    left = minutes_of(without_own(spans, own, joined(before)))
    assert left <= minutes_of(spans)
    assert minutes_of(spans) - left <= minutes_of(own)


def test_what_planners_are_told_of_a_person_is_cut_to_their_days() -> None:
    scenario = a_programme().given(
        busy([(MONDAY, 1380, 1500), (MONDAY + 9 * DAY, 540, 600)]), by(away((MONDAY + DAY, MONDAY + 2 * DAY)))
    )
    reader = _Reader(scenario.reference.state, TODAY)
    found = _now(busy_of(reader, MENTOR, MONDAY, MONDAY + DAY))
    assert found == (planner.Busy(MONDAY, 1380, 60), planner.Busy(MONDAY + DAY, 0, 1440))
    assert _now(busy_of(reader, MENTEE, MONDAY, MONDAY + DAY)) == ()


# Absences and the page


def test_what_the_page_shows_is_taken() -> None:
    page = (ROOT / "docs" / "availability.md").read_text(encoding="utf-8")
    facts, absences = list[BusyTimesPublished](), list[s.RecordAbsences]()
    for text in re.findall(r"```json\n(.*?)\n```", page, flags=re.DOTALL):
        data = json.loads(text)
        data = data.get("data", data) | {"participant_id": MENTOR}
        if "absences" in data:
            absences.append(s.RecordAbsences.from_data(data))
        else:
            facts.append(BusyTimesPublished.from_data(data))
    [intervals, text] = facts
    scenario = a_programme().given(intervals)
    assert known(scenario)[0] == (dt.date(2027, 3, 1), 540, 630)
    assert known(scenario.given(text)) == [(dt.date(2027, 3, 1), 540, 630)]
    [absence] = absences
    scenario.when(by(absence)).then(s.AbsencesRecorded)


def test_absences_are_recorded_in_order_put_together_and_without_what_is_over() -> None:
    scenario = a_programme().when(
        by(away((MONDAY + 2 * DAY, MONDAY + 3 * DAY), (MONDAY, MONDAY + DAY), (TODAY - 9 * DAY, TODAY - DAY)))
    )
    [told] = scenario.then(s.AbsencesRecorded).told
    assert isinstance(told, s.AbsencesRecorded)
    assert told.absences == (s.Absence(first=MONDAY, last=MONDAY + 3 * DAY),)
    scenario.again().then_nothing()
    scenario.when(by(away())).then(said(s.AbsencesRecorded, absences=()))


@pytest.mark.parametrize(
    ("command", "actor", "codes"),
    [
        (away((MONDAY, MONDAY)), MENTEE, ("not_yours",)),
        (away((MONDAY, MONDAY), who=STRANGER), STRANGER, ("unknown_participant",)),
        (away((MONDAY, MONDAY - DAY)), MENTOR, ("end_before_start",)),
        (away((MONDAY, MONDAY + 1000 * DAY)), MENTOR, ("too_far",)),
    ],
)
def test_absences_are_refused(command: s.RecordAbsences, actor: str, codes: tuple[str, ...]) -> None:
    a_programme().when(by(command, actor)).then_refused(*codes)
