"""Which days are closed: by state and municipality, as the law has it."""

import datetime as dt

import pytest

from services.scheduling.availability.days_off import in_school_holidays, is_holiday
from services.scheduling.optimum.optimum import best
from services.scheduling.optimum.stretch import Stretch, Time, levels_of

ASSUMPTION, PEACE, CORPUS_CHRISTI = dt.date(2027, 8, 15), dt.date(2027, 8, 8), dt.date(2027, 5, 27)
REPENTANCE, REFORMATION, ALL_SAINTS = dt.date(2027, 11, 17), dt.date(2027, 10, 31), dt.date(2027, 11, 1)
EPIPHANY, UNITY, WOMEN = dt.date(2027, 1, 6), dt.date(2027, 10, 3), dt.date(2027, 3, 8)
EVERYWHERE = {dt.date(2027, 1, 1), dt.date(2027, 3, 26), dt.date(2027, 3, 29), dt.date(2027, 5, 1), UNITY}
LOOKED_AT = {ASSUMPTION, PEACE, CORPUS_CHRISTI, REPENTANCE, REFORMATION, ALL_SAINTS, EPIPHANY, WOMEN, *EVERYWHERE}


@pytest.mark.parametrize(
    ("state", "municipality", "own"),
    [
        ("BY", "München", {ASSUMPTION, CORPUS_CHRISTI, ALL_SAINTS, EPIPHANY}),
        ("BY", "Augsburg", {ASSUMPTION, PEACE, CORPUS_CHRISTI, ALL_SAINTS, EPIPHANY}),
        ("BY", "Nürnberg", {CORPUS_CHRISTI, ALL_SAINTS, EPIPHANY}),
        ("BW", "Stuttgart", {CORPUS_CHRISTI, ALL_SAINTS, EPIPHANY}),
        ("BE", "Berlin", {WOMEN}),
        ("HH", "Hamburg", {REFORMATION}),
        ("SL", "Saarbrücken", {ASSUMPTION, CORPUS_CHRISTI, ALL_SAINTS}),
        ("SN", "Dresden", {REPENTANCE, REFORMATION}),
    ],
)
def test_a_municipality_s_holidays_are_closed_and_no_others(state: str, municipality: str, own: set[dt.date]) -> None:
    assert {day for day in LOOKED_AT if is_holiday(day, state, municipality)} == EVERYWHERE | own


@pytest.mark.parametrize("state", ["BY", "BW", "BE", "HH", "NW", "SL", "SN"])
def test_school_holidays_are_known_by_state(state: str) -> None:
    days = [dt.date(2027, 1, 1) + number * dt.timedelta(days=1) for number in range(365)]
    closed = [day for day in days if in_school_holidays(day, state)]
    assert 70 <= len(closed) <= 100
    assert dt.date(2027, 8, 4) in closed
    assert dt.date(2027, 6, 16) not in closed


def test_of_equal_plans_one_outside_the_school_holidays_is_taken_and_nothing_else_is_given_up_for_them() -> None:
    one = [[40]] * 20
    assert best(Stretch(one, wanted=1, min_gap=5)) == (Time(9, 40),)
    spared = Stretch(one, wanted=1, min_gap=5, spared=frozenset({9}))
    assert best(spared) == (Time(10, 40),)
    all_of_them = Stretch(one, wanted=1, min_gap=5, spared=frozenset(range(20)))
    assert best(all_of_them) == (Time(9, 40),)
    nearly = Stretch(one, wanted=1, min_gap=5, spared=frozenset({9, 10}))
    assert levels_of(nearly, best(nearly))[:-1] == levels_of(nearly, (Time(9, 40),))[:-1]
