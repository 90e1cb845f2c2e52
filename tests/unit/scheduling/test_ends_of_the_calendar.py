"""The first and the last day of all calendars are refused where they do not fit, and are never a fault."""

import datetime as dt
import typing
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from services.scheduling.availability.wall_time import odd_minutes
from services.scheduling.service import service
from shared.contracts import calendar
from shared.contracts import scheduling as s
from shared.contracts.base import Command, Contract
from shared.runtime.table import Ask
from tests.support.reference import By, Scenario
from tests.unit.scheduling.calendars import away, by, free_busy
from tests.unit.scheduling.calendars import calendar as published
from tests.unit.scheduling.people import (
    DAY,
    ENDS,
    FORMED,
    MENTEE,
    MENTOR,
    TANDEM,
    TODAY,
    a_programme,
    a_tandem,
    accepting,
    by_mentor,
    meetings_in,
    moving,
)

FIRST, LAST = dt.date.min, dt.date.max
ENDS_OF_TIME = (FIRST, FIRST + DAY, LAST - DAY, LAST)


def _dated(kind: Any) -> bool:
    """Whether a type speaks of a day or a time anywhere."""
    if isinstance(kind, type) and issubclass(kind, dt.date):
        return True
    fields = getattr(kind, "model_fields", {})
    inner = (field.annotation for field in fields.values())
    return any(_dated(each) for each in (*typing.get_args(kind), *inner))


def dated_commands() -> set[type[Command]]:
    return {row.on for row in service.rows if isinstance(row, Ask) and any(map(_dated, _kinds(row.on)))}


def _kinds(command: type[Contract]) -> Iterator[Any]:
    yield from (field.annotation for field in command.model_fields.values())


def adding(day: dt.date) -> By:
    return by_mentor(s.AddMeeting(tandem_id=TANDEM, participant_id=MENTOR, date=day, start=600))


def accepting_on(scenario: Scenario, day: dt.date) -> By:
    return accepting(meetings_in(scenario)[0].but(date=day))


COMMANDS: dict[str, tuple[type[Command], Callable[[Scenario, dt.date], Any], str, set[str]]] = {
    "add": (s.AddMeeting, lambda _, day: adding(day), "date", {"past", "after_term"}),
    "move": (s.MoveMeeting, lambda sc, day: moving(meetings_in(sc)[0], day), "date", {"past", "after_term"}),
    "accept": (s.AcceptMeetings, accepting_on, "times.0.date", {"another_time"}),
    "away": (s.RecordAbsences, lambda _, day: by(away((day, day))), "absences.0.last", {"too_far"}),
    "away from": (
        s.RecordAbsences,
        lambda _, day: by(away((day, FORMED + DAY))),
        "absences.0.last",
        {"end_before_start"},
    ),
    "away until": (
        s.RecordAbsences,
        lambda _, day: by(away((FORMED, day))),
        "absences.0.last",
        {"too_far", "end_before_start"},
    ),
    "delegate": (
        s.NameDelegate,
        lambda _, day: by_mentor(s.NameDelegate(participant_id=MENTOR, delegate="secretary-17", until=day)),
        "until",
        {"past", "too_far"},
    ),
    "kick-off": (
        s.PlanKickOff,
        lambda _, day: s.PlanKickOff(programme_id="pilot", earliest=day, latest=day),
        "",
        {"past", "after_registration"},
    ),
    "kick-off from": (
        s.PlanKickOff,
        lambda _, day: s.PlanKickOff(programme_id="pilot", earliest=day, latest=ENDS),
        "",
        {"past", "before_earliest", "too_far", "after_registration"},
    ),
    "gathering": (
        s.PlanGathering,
        lambda _, day: s.PlanGathering(programme_id="pilot", kind="barcamp", earliest=day, latest=day),
        "",
        {"past", "outside_term"},
    ),
    "gathering until": (
        s.PlanGathering,
        lambda _, day: s.PlanGathering(programme_id="pilot", kind="barcamp", earliest=ENDS, latest=day),
        "",
        {"before_earliest", "too_far", "outside_term"},
    ),
    "day": (s.StartDay, lambda _, day: s.StartDay(date=day), "date", {"too_early", "too_far"}),
}
"""By what: its command, how it names a day, the field that is wrong (any, where several may be), and the reasons."""
KEPT = {("away", FIRST), ("away", FIRST + DAY), ("away from", FIRST), ("away from", FIRST + DAY)}
"""Absences that are over, or began long ago, are taken."""


def test_every_command_with_a_day_is_walked() -> None:
    assert {kind for kind, *_ in COMMANDS.values()} == dated_commands()


@pytest.mark.parametrize("day", ENDS_OF_TIME)
@pytest.mark.parametrize("what", COMMANDS)
def test_a_command_with_a_day_at_an_end_of_the_calendar_is_refused_with_field_code_and_words(
    what: str, day: dt.date
) -> None:
    _, command, field, codes = COMMANDS[what]
    scenario = a_tandem()
    scenario.given(s.StartDay(date=TODAY)) if what == "day" else None
    scenario.when(command(scenario, day))
    if (what, day) in KEPT:
        scenario.then_among(s.AbsencesRecorded)
        return
    rejection = scenario.one(s.CommandRejected)
    assert {reason.code for reason in rejection.reasons} <= codes
    for reason in rejection.reasons:
        assert reason.field == field or not field
        assert reason.message.de
        assert reason.message.en


@pytest.mark.parametrize("day", ENDS_OF_TIME)
def test_so_it_is_before_any_day_has_started(day: dt.date) -> None:
    """The service's day is then the first of all days."""
    for _, command, *_ in (COMMANDS[what] for what in ("away", "delegate", "kick-off", "gathering", "day")):
        scenario = a_programme()
        scenario.reference.today = FIRST
        scenario.when(command(scenario, day))
        assert scenario.told
        assert all(isinstance(x, s.CommandRejected | s.AbsencesRecorded | s.DelegateNamed) for x in scenario.told)


@pytest.mark.parametrize("day", ENDS_OF_TIME)
def test_a_fact_of_busy_times_at_an_end_of_the_calendar_is_refused_or_forgotten(day: dt.date) -> None:
    moment = dt.datetime.combine(day, dt.time(10), dt.UTC)
    night = moment.replace(hour=23, minute=59)
    for times in (
        {"intervals": (calendar.BusyInterval(start=day, end=day),)},
        {"intervals": (calendar.BusyInterval(start=moment, end=night),)},
        {"icalendar": free_busy(f"{day:%Y%m%d}T100000Z/PT1H")},
    ):
        for window in ({"window_from": FORMED, "window_until": ENDS}, {"window_from": day, "window_until": day}):
            fact = calendar.BusyTimesPublished.model_validate(
                {"participant_id": MENTOR, "programme_id": "pilot", **times, **window}
            )
            scenario = a_tandem().when(fact)
            assert not [x for x in scenario.told if not isinstance(x, s.BusyTimesRefused)]
    lines = ("BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z", f"DTSTART;VALUE=DATE:{day:%Y%m%d}", "END:VEVENT")
    text = "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//DE", *lines, "END:VCALENDAR", ""))
    scenario = a_tandem().when(published(text))
    assert not [x for x in scenario.told if not isinstance(x, s.BusyTimesRefused)]


@pytest.mark.parametrize("day", ENDS_OF_TIME)
def test_the_clocks_of_the_first_and_the_last_day_are_known(day: dt.date) -> None:
    assert odd_minutes(day) == ()


def test_a_day_that_the_calendar_reaches_by_a_slip_is_refused_and_the_next_one_starts() -> None:
    scenario = given_days(FORMED)
    scenario.when(s.StartDay(date=FORMED.replace(year=2072))).then_refused("too_far")
    scenario.when(s.StartDay(date=FORMED + DAY)).then_among(s.DayStarted)
    scenario.when(s.StartDay(date=FORMED + 400 * DAY)).then_among(s.DayStarted)


def given_days(first: dt.date) -> Scenario:
    scenario = a_programme()
    return scenario.given(s.StartDay(date=first))


def test_the_other_one_may_answer_a_time_that_is_named_at_the_end_of_the_calendar() -> None:
    scenario = a_tandem()
    scenario.when(accepting(meetings_in(scenario)[0].but(date=LAST), who=MENTEE)).then_refused("another_time")
