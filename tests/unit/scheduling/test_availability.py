"""When people are busy or away: what is known of it, and what is refused."""

import datetime as dt
import json
import re
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.availability.model import BusyTimes
from services.scheduling.availability.wall_time import Span
from services.scheduling.calendars.decisions import know_busy_times
from services.scheduling.calendars.loaders import CalendarState
from services.scheduling.service import service
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.calendar import BusyInterval, BusyTimesPublished
from shared.contracts.parts import WorkingTime
from shared.local.system import ROOT
from shared.runtime.aggregate import Seen
from shared.runtime.decision import Context
from tests.support.reference import By, said
from tests.unit.scheduling.calendars import away, busy, by, calendar, event, free_busy, known, text_of, wall
from tests.unit.scheduling.people import (
    DAY,
    MENTEE,
    MENTOR,
    STARTS,
    STRANGER,
    TODAY,
    a_programme,
    person,
)

MONDAY = STARTS


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


@pytest.mark.parametrize(
    ("fact", "field"),
    [
        (busy([(MONDAY, 480, 540), (MONDAY, 600, 540)]), "intervals.1.end"),
        (calendar(text_of(), window_until=MONDAY - DAY), "window_until"),
        (calendar(text_of(), window_from=MONDAY, window_until=MONDAY), "window_until"),
        (calendar(text_of(), window_until=STARTS + 401 * DAY), "window_until"),
        (calendar("nothing"), None),
    ],
)
def test_a_refusal_says_where_the_fault_is(fact: BusyTimesPublished, field: str | None) -> None:
    a_programme().when(fact).then(said(s.BusyTimesRefused, participant_id=MENTOR, field=field))


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


# Absences and the page


def test_what_the_page_shows_is_taken() -> None:
    page = (ROOT / "docs" / "availability.md").read_text(encoding="utf-8")
    facts, absences = list[BusyTimesPublished](), list[s.RecordAbsences]()
    for text in re.findall(r"```json\n(.*?)\n```", page, flags=re.DOTALL):
        data = json.loads(text)
        if "working_times" in data:
            assert [WorkingTime.model_validate(each).at_home for each in data["working_times"]] == [False, True]
            continue
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


def test_a_person_is_shown_their_busy_times_and_nothing_is_left_of_them_when_they_are_erased() -> None:
    scenario = a_programme().given(busy([(MONDAY, 540, 600)]), by(away((MONDAY, MONDAY))))
    concerns = {each.aggregate: each for each in service.concerns}
    times, absences = scenario.reference.state[f"busy-times/{MENTOR}"], scenario.reference.state[f"absences/{MENTOR}"]
    for found, shown in (
        (times, {"busy": ["2027-02-15T09:00/2027-02-15T10:00"]}),
        (absences, {"absences": [{"first": "2027-02-15", "last": "2027-02-15"}], "lately": []}),
    ):
        concern = concerns[type(found)]
        assert concern.people(found) == {MENTOR}
        assert concern.shows(found, frozenset({MENTOR})) == shown
        assert concern.without(found, frozenset({MENTOR})) is None
