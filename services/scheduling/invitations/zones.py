"""How a time zone's clocks change, as a rule that calendars read.

Derived from the zone's own data, so that it stays right when that changes. Never as a list of dates (RDATE), which
Outlook ignores (docs/invitations.md).
"""

import calendar
import datetime as dt
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

AHEAD = 10
"""Years in which a rule must hold to be said as one."""
WEEK = dt.timedelta(days=7)
SECOND = dt.timedelta(seconds=1)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NEVER = dt.timedelta(0)


class Change(NamedTuple):
    """The clocks of a zone change: `at` is what they showed before; offsets are from UTC, before and after."""

    at: dt.datetime
    before: dt.timedelta
    after: dt.timedelta
    name: str
    summer: bool


class Observance(NamedTuple):
    """A change that begins a time, and the rule by which it comes again each year (empty: it does not)."""

    change: Change
    rule: str


@cache
def observances(zone: str, year: int) -> tuple[Observance, ...]:
    """What a calendar must know of a zone to place a time of a year: the changes of the year before, and their rules.

    A zone without a rule is told change by change, from the year before to the year after.
    Raises ZoneInfoNotFoundError.
    """
    info = ZoneInfo(zone)
    first = tuple(_changes(info, year - 1))
    later = [tuple(_changes(info, year + ahead)) for ahead in range(AHEAD)]
    if not first and not later[0] and not later[1]:
        return (Observance(_as_it_is(info, year), ""),)
    rules = [_rule(number, first, later) for number in range(len(first))]
    if first and all(rules):
        return tuple(Observance(change, rule) for change, rule in zip(first, rules, strict=True))
    told = (*first, *later[0], *later[1])
    return (Observance(_as_it_is(info, year - 1), ""), *(Observance(change, "") for change in told))


def _changes(zone: ZoneInfo, year: int) -> Iterator[Change]:
    """The changes of a year, in order: none is missed where two are more than a week apart."""
    moment, end = (dt.datetime(y, 1, 1, tzinfo=dt.UTC) for y in (year, year + 1))
    while moment < end:
        after = min(moment + WEEK, end)
        if _offset(zone, moment) != _offset(zone, after):
            yield _change(zone, moment, after)
        moment = after


def _change(zone: ZoneInfo, before: dt.datetime, after: dt.datetime) -> Change:
    while after - before > SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if _offset(zone, middle) == _offset(zone, before):
            before = middle
        else:
            after = middle
    old = _offset(zone, before)
    return _told(zone, after, (after + old).replace(tzinfo=None), old)


def _told(zone: ZoneInfo, since: dt.datetime, at: dt.datetime, before: dt.timedelta) -> Change:
    local = since.astimezone(zone)
    return Change(at, before, _offset(zone, since), local.tzname() or zone.key, (local.dst() or _NEVER) > _NEVER)


def _as_it_is(zone: ZoneInfo, year: int) -> Change:
    """What holds from the beginning of a year, told as a change that changes nothing."""
    begins = dt.datetime(year, 1, 1, tzinfo=dt.UTC)
    return _told(zone, begins, dt.datetime(year, 1, 1), _offset(zone, begins))  # noqa: DTZ001


def _offset(zone: ZoneInfo, moment: dt.datetime) -> dt.timedelta:
    return moment.astimezone(zone).utcoffset() or _NEVER


def _rule(number: int, first: Sequence[Change], later: Sequence[Sequence[Change]]) -> str:
    """The yearly rule of the changes of one number in their years; empty where there is none."""
    if any(len(changes) != len(first) for changes in later):
        return ""
    same = [first[number], *(changes[number] for changes in later)]
    model = same[0]
    if any(
        (c.at.month, c.at.time(), c.before, c.after) != (model.at.month, model.at.time(), *model[1:3]) for c in same
    ):
        return ""
    if len({c.at.weekday() for c in same}) > 1:
        return ""
    for places in ([_from_the_end(c.at) for c in same], [(c.at.day + 6) // 7 for c in same]):
        if len(set(places)) == 1:
            return f"FREQ=YEARLY;BYMONTH={model.at.month};BYDAY={places[0]}{WEEKDAYS[model.at.weekday()]}"
    return ""


def _from_the_end(at: dt.datetime) -> int:
    """Minus one for the last such weekday of its month, minus two for the last but one, …"""
    last = calendar.monthrange(at.year, at.month)[1]
    return -((last - at.day) // 7 + 1)
