"""Which days are free of work: weekends follow from people's working times, holidays from state and municipality.

Loaded by the jobs' own process only: the holidays library is heavy.
"""

import datetime as dt
from functools import lru_cache

import holidays

# Assumption Day is a holiday in municipalities with a Catholic majority (Art. 1(1) no. 2 FTG), München among them;
# Augsburg's Peace Festival in Augsburg only (Art. 1(2) FTG).
PROTESTANT = frozenset({"Nürnberg", "Fürth", "Erlangen", "Bayreuth", "Hof", "Ansbach", "Coburg"})
KNOWN = frozenset({"München", "Augsburg"}) | PROTESTANT
"""Municipalities of Bavaria whose own holidays are known; any other is taken for one with a Catholic majority."""
WITH_OWN = "BY"
"""The state whose municipalities have holidays of their own; in others all have the same here."""


@lru_cache(maxsize=32)
def holidays_of(state: str, municipality: str, year: int) -> frozenset[dt.date]:
    """The holidays of a municipality in a year."""
    if state == "BY" and municipality == "Augsburg":
        found = holidays.country_holidays("DE", subdiv="Augsburg", years=year, categories=("public", "catholic"))
    elif state == "BY" and municipality not in PROTESTANT:
        found = holidays.country_holidays("DE", subdiv="BY", years=year, categories=("public", "catholic"))
    else:
        found = holidays.country_holidays("DE", subdiv=state, years=year)
    return frozenset(found)


@lru_cache(maxsize=32)
def school_holidays_of(state: str, year: int) -> frozenset[dt.date]:
    """The days of a state's school holidays in a year; none where the library knows no later ones yet."""
    return frozenset(holidays.country_holidays("DE", subdiv=state, years=year, categories=("school",)))


def in_school_holidays(date: dt.date, state: str) -> bool:
    """Whether schools are closed on a day for their holidays: people with children are then rather away."""
    return date in school_holidays_of(state, date.year)


def is_holiday(date: dt.date, state: str, municipality: str) -> bool:
    """Whether a day is a holiday there."""
    return date in holidays_of(state, municipality, date.year)
