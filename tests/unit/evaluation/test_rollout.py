"""What a hundred tandems would need: rates of this programme, with intervals that stand in published tables."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from services.evaluation.counting.model import KickOff, Meeting, Mentors
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


@pytest.mark.proves("S14")
@pytest.mark.parametrize(
    ("largest", "rooms"),
    # 12 of 14 can come: 171.4 of 200 seats, by Clopper and Pearson 114.4 to 196.4.
    [(12, (15, 10, 17)), (6, (29, 20, 33)), (200, (1, 1, 1))],
)
def test_rooms_for_the_kick_off_are_whole_and_as_large_as_its_fullest_date(
    largest: int, rooms: tuple[int, int, int]
) -> None:
    kick_off = KickOff(id="pilot", invited=14, can_come=12, dates=2, largest=largest)
    [need] = [each for each in needs(TANDEMS, (), kick_off, 0, 5) if each.key == "kick-off.rooms"]
    assert (need.estimate, need.low, need.high) == rooms
    assert str(largest) in need.text.de


@pytest.mark.parametrize("largest", [None, 0, 4])
def test_no_rooms_are_counted_in_the_size_of_a_date_of_too_few_or_of_one_that_is_not_known(largest: int | None) -> None:
    kick_off = KickOff(id="pilot", invited=14, can_come=12, dates=1, largest=largest)
    assert [each.key for each in needs(TANDEMS, (), kick_off, 0, 5) if each.key.startswith("kick-off")] == [
        "kick-off.seats"
    ]


@pytest.mark.proves("S14")
def test_beside_the_need_of_a_topic_stands_how_many_of_a_hundred_mentors_bring_it() -> None:
    found = needs(TANDEMS, meetings(1, ("sheets", "chat")), None, 0, 5, Mentors(registered=9, topics={"sheets": 6}))
    supply = {need.key: need.supply for need in found}
    sheets, chat = supply["mentors.sheets"], supply["mentors.chat"]
    assert sheets is not None
    expected = stats.binomtest(6, 9).proportion_ci(0.95, method="exact")
    assert (sheets.estimate, sheets.low, sheets.high) == (
        66.7,
        round(100 * expected.low, 1),
        round(100 * expected.high, 1),
    )
    assert "6 of 9" in sheets.text.en
    assert chat is not None
    assert (chat.estimate, chat.low, chat.high) == (None, None, None), "nobody, or some who are too few"
    assert "fewer than 5 of 9" in chat.text.en
    assert supply["calendar.meetings"] is None


def test_of_fewer_mentors_than_the_floor_no_supply_is_told() -> None:
    found = needs(TANDEMS, meetings(1, ("sheets",)), None, 0, 5, Mentors(registered=4, topics={"sheets": 4}))
    assert [need.supply for need in found] == [None] * len(found)
