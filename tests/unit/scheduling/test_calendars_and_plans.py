"""What calendars and absences do to plans, and to meetings that are planned already."""

import datetime as dt
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.availability import tandem as planner
from services.scheduling.availability.busy import busy_of
from services.scheduling.availability.wall_time import Span, joined, odd_minutes
from services.scheduling.calendars.decisions import without_own
from services.scheduling.gatherings.model import Agenda, Gathering, Guest
from services.scheduling.planning.work import make_plan
from services.scheduling.service import service
from shared.contracts import scheduling as s
from shared.contracts.parts import WorkingTime
from shared.runtime.aggregate import Aggregate
from tests.support.interrupted import Interrupted
from tests.support.reference import By, _now, _Reader, said
from tests.unit.runtime.engine_in_memory import Replica
from tests.unit.scheduling.calendars import away, busy, by, known, planned
from tests.unit.scheduling.people import (
    DAY,
    FORMED,
    MENTEE,
    MENTOR,
    SECOND_TANDEM,
    STARTS,
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


@pytest.mark.parametrize("apart", [False, True])
def test_a_gathering_beside_a_meeting_breaks_nothing_where_a_calendar_shows_both(apart: bool) -> None:
    scenario = a_tandem()
    first = planned(scenario)[0]
    ends = first.start + first.minutes
    held = Gathering.model_validate(
        {
            "id": "mid-term-1",
            "programme": "pilot",
            "what": "mid-term",
            "status": "scheduled",
            "date": first.date,
            "start": ends,
            "minutes": 60,
        }
    )
    guest = Guest(
        id=Guest.id_of(held.subject, MENTOR),
        programme="pilot",
        gathering=held.subject,
        participant=MENTOR,
        planned=1,
        asked_on=TODAY,
        date=first.date,
        start=ends,
    )
    for kept in (held, guest, Agenda(id="pilot", programme="pilot", gatherings=(held.id,))):
        scenario.reference.state[kept.subject] = kept
    both = [(first.date, first.start, ends), (first.date, ends, ends + 60)]
    scenario.when(busy(both if apart else [(first.date, first.start, ends + 60)])).then_nothing()
    scenario.when(busy([(first.date, first.start, ends + 61)]))
    scenario.then_among(said(s.MeetingCancelled, meeting_id=first.id))


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


class Noting(dict[str, Aggregate]):
    """A service's state that notes what each decision writes, also what it writes unchanged."""

    def __init__(self, known: dict[str, Aggregate]) -> None:
        super().__init__(known)
        self.written: list[set[str]] = []

    def update(self, written: dict[str, Aggregate]) -> None:  # type: ignore[override]
        """Note what is written, and keep it."""
        self.written.append(set(written))
        super().update(written)


@pytest.mark.parametrize("who", [MENTOR, MENTEE])
def test_a_calendar_that_takes_no_time_writes_no_tandem(who: str) -> None:
    scenario = a_tandem()
    evening = [(MONDAY + n * DAY, 1200, 1260) for n in range(3)]
    scenario.given(busy(evening, who=who))
    state = scenario.reference.state = Noting(scenario.reference.state)
    for times in (evening, evening[:2], ()):
        scenario.when(busy(times, who=who)).then_nothing()
    assert state.written == [{f"busy-times/{who}"}] * 3
    scenario.when(busy([(MONDAY, 1200, 1230)], who=who))
    assert state.written[-1] == {f"busy-times/{who}", f"participant/{who}", f"tandem/{TANDEM}"}


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


def test_two_meetings_one_after_the_other_are_both_left_out_where_a_server_makes_one_time_of_them() -> None:
    two, known_before = [Span(10, 20), Span(20, 30)], (Span(5, 10),)
    assert without_own([Span(10, 30)], two, ()) == ()
    assert without_own([Span(5, 30)], two, known_before) == (Span(5, 10),)
    assert without_own([Span(5, 31)], two, known_before) == (Span(5, 31),)


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
    found, nothing = _now(busy_of(reader, [MENTOR, MENTEE], MONDAY, MONDAY + DAY))
    assert found == (planner.Busy(MONDAY, 1380, 60), planner.Busy(MONDAY + DAY, 0, 1440))
    assert nothing == ()
