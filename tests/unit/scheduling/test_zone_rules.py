"""What an invitation says of its zone is what the zone's own data says, around every change of the clocks."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.invitations.writing import time_zone
from services.scheduling.invitations.zones import observances

ZONES = ("Europe/Berlin", "Europe/Dublin", "America/New_York", "Australia/Sydney", "Asia/Tokyo", "UTC")
FIRST, LAST = dt.datetime(2024, 1, 2), dt.datetime(2035, 12, 30)  # noqa: DTZ001 - walls have no zone
WITHOUT_RULE = "Africa/Casablanca"
"""Its clocks follow Ramadan."""


@settings(max_examples=100, deadline=None)
@given(
    zone=st.sampled_from((*ZONES, WITHOUT_RULE)),
    moment=st.datetimes(min_value=FIRST, max_value=LAST),
)
def test_a_reader_of_the_rule_alone_comes_to_the_same_moment(zone: str, moment: dt.datetime) -> None:
    wall = moment.replace(second=0, microsecond=0)
    exact = wall.replace(tzinfo=ZoneInfo(zone))
    if exact.astimezone(dt.UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall or exact.utcoffset() != (
        exact.replace(fold=1).utcoffset()
    ):
        return  # It does not exist, or exists twice: nobody meets then.
    told = time_zone(zone, wall.year).to_tz(lookup_tzid=False)
    assert wall.replace(tzinfo=told).utcoffset() == exact.utcoffset()


def test_clocks_that_change_by_a_rule_are_told_by_it_without_a_list_of_dates() -> None:
    text = time_zone("Europe/Berlin", 2027).to_ical().decode()
    assert "RDATE" not in text
    assert [rule for _, rule in observances("Europe/Berlin", 2027)] == [
        "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    ]


def test_clocks_that_never_change_or_by_no_rule_are_told_as_they_stand() -> None:
    [tokyo] = observances("Asia/Tokyo", 2027)
    assert (tokyo.rule, tokyo.change.before, tokyo.change.after) == ("", dt.timedelta(hours=9), dt.timedelta(hours=9))
    odd = observances(WITHOUT_RULE, 2027)
    assert len(odd) > 4
    assert {rule for _, rule in odd} == {""}


def test_a_zone_that_nobody_knows_is_no_zone() -> None:
    with pytest.raises(KeyError):
        time_zone("Europe/Nowhere", 2027)
