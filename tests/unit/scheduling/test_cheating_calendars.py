"""Who reports more busy time than they have gets no better plan of their own (P7): through the whole path."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.availability.tandem import SLOT, wanted
from services.scheduling.availability.wall_time import odd_minutes
from services.scheduling.optimum.stretch import Levels, Stretch, Time, levels_of
from tests.support.reference import Scenario
from tests.unit.scheduling.calendars import at, busy, known
from tests.unit.scheduling.people import DAY, FORMED, MENTEE, MENTOR, STARTS, a_programme, meetings_in, tandem

TERM = 60
LAST = STARTS + (TERM - 1) * DAY
TIMES = st.lists(st.tuples(st.integers(0, TERM - 1), st.integers(32, 64), st.integers(1, 24)), max_size=25)


def days(times: list[tuple[int, int, int]]) -> list[tuple[dt.date, int, int]]:
    return [(STARTS + day * DAY, 15 * start, min(1440, 15 * (start + length))) for day, start, length in times]


def a_plan(mine: list[tuple[int, int, int]], yours: list[tuple[int, int, int]]) -> Scenario:
    return a_programme().given(
        busy(days(mine), who=MENTOR), busy(days(yours), who=MENTEE), FORMED, tandem(ends_on=LAST)
    )


def worth(scenario: Scenario) -> Levels:
    """What a plan is worth on the days of its term, whoever was free when: only its meetings count."""
    any_time = [list(range(96)) for _ in range(TERM)]
    of = Stretch(any_time, wanted(STARTS, LAST, 3), 5)
    found = [meeting for meeting in meetings_in(scenario) if meeting.status == "planned"]
    return levels_of(of, [Time((meeting.date - STARTS).days, meeting.start // SLOT) for meeting in found])


@settings(max_examples=25, deadline=None)
@given(TIMES, TIMES, TIMES)
@pytest.mark.proves("P7")
def test_who_says_in_their_calendar_that_they_are_busier_than_they_are_gets_no_better_plan(
    mine: list[tuple[int, int, int]], yours: list[tuple[int, int, int]], made_up: list[tuple[int, int, int]]
) -> None:
    honest, cheat = a_plan(mine, yours), a_plan(mine + made_up, yours)
    assert worth(honest) <= worth(cheat)
    for scenario in (honest, cheat):
        taken = {at(*time) for who in (MENTOR, MENTEE) for time in known(scenario, who)}
        for meeting in meetings_in(scenario):
            begins, ends = at(meeting.date, meeting.start, meeting.start + meeting.minutes)
            assert not [(a, b) for a, b in taken if a < ends and begins < b], "at a busy time"
    assert sum(end - start for _, start, end in known(honest)) <= sum(end - start for _, start, end in known(cheat))


def test_the_days_looked_at_have_a_change_of_clocks_within_and_a_plan_of_their_own() -> None:
    assert any(odd_minutes(STARTS + day * DAY) for day in range(TERM))
    assert worth(a_plan([], [])).missing == 0
