"""Which days are closed: by state and municipality, as the law has it."""

import datetime as dt

import pytest

from services.scheduling.calendar_days import is_holiday

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
