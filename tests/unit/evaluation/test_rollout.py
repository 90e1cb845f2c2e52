"""What a hundred tandems would need: rates of this programme, with intervals that stand in published tables."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from services.evaluation.counting.model import KickOff, Meeting
from services.evaluation.counting.rollout import needs, number_each, poisson, share

MONDAY = dt.date(2027, 3, 1)
TANDEMS = tuple(f"t{number}" for number in range(7))


def meetings(each: int, topics: tuple[str, ...] = (), off: int = 0) -> list[Meeting]:
    return [
        Meeting(
            tandem=tandem,
            monday=MONDAY,
            status="cancelled" if number < off else "held",
            topics=topics,
        )
        for tandem in TANDEMS
        for number in range(each)
    ]


def test_shares_have_the_interval_of_clopper_and_pearson() -> None:
    # Clopper and Pearson 1934: x = 3, n = 7; and the rule of three's exact form, 1 - 0.025^(1/n), for none of ten.
    found = share(3, 7)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0990, 0.8159)
    assert round(share(0, 10).high, 4) == 0.3085


def test_rare_things_have_the_interval_of_garwood() -> None:
    # Garwood 1936, as in Pearson and Hartley, Biometrika Tables for Statisticians, table 40.
    assert [round(end, 2) for end in poisson(10)] == [10, 4.80, 18.39]
    assert [round(end, 2) for end in poisson(0)] == [0, 0, 3.69]


@given(st.lists(st.integers(0, 30), min_size=2, max_size=40))
def test_numbers_of_each_tandem_have_students_interval(numbers: list[int]) -> None:
    found = number_each(numbers)
    spread = stats.sem(numbers)
    reach = stats.t.ppf(0.975, len(numbers) - 1) * spread
    assert found.value == pytest.approx(sum(numbers) / len(numbers))
    assert found.high - found.value == pytest.approx(reach, abs=1e-9)
    assert found.low == pytest.approx(max(found.value - reach, 0), abs=1e-9)


@pytest.mark.proves("S14")
def test_a_hundred_tandems_need_what_seven_needed_times_the_rest() -> None:
    kick_off = KickOff(id="pilot", invited=14, can_come=12, dates=1)
    found = {need.key: need for need in needs(TANDEMS, meetings(15, ("sheets",), off=2), kick_off, 7, 5)}
    assert found["mentors.sheets"].estimate == 100
    assert found["kick-off.seats"].estimate == pytest.approx(171.4)
    assert found["calendar.meetings"].estimate == 1300
    assert found["calendar.called-off"].estimate == 200
    assert found["office.exceptions"].estimate == 100
    assert found["office.hours"].estimate == pytest.approx(33.3)
    for need in found.values():
        assert need.low is not None
        assert need.estimate is not None
        assert need.high is not None
        assert 0 <= need.low <= need.estimate <= need.high


def test_nothing_is_estimated_from_fewer_people_than_the_floor() -> None:
    assert needs(TANDEMS[:2], meetings(15, ("sheets",)), None, 3, 5) == ()
    rare = [meeting for meeting in meetings(1, ("chat",)) if meeting.tandem in TANDEMS[:2]]
    assert "mentors.chat" not in {need.key for need in needs(TANDEMS, rare, None, 0, 5)}
