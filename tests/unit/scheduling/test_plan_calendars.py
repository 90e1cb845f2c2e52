"""Calendars that `tandem plan` reads: a file for each person."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.availability.tandem import Busy
from services.scheduling.tool.asked import asked_of
from services.scheduling.tool.calendars import FAULTS, calendars_of
from shared.contracts.calendar_text import Fault
from shared.contracts.parts import SchedulingRules
from shared.runtime.wrong_use import WrongUseError
from tests.unit.scheduling.calendars import free_busy

Run = Callable[..., tuple[int, str, str]]
ASKED = asked_of(dt.date(2026, 1, 7), 6, SchedulingRules())
FIRST = ("--from", "2026-01-07", "--months", "5")
SECRET = "Vertraulich"


def calendar(*lines: str) -> str:
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//", *lines, "END:VCALENDAR", ""))


def event(*lines: str) -> str:
    return calendar("BEGIN:VEVENT", "UID:1@example", f"SUMMARY:{SECRET}", *lines, "END:VEVENT")


def busy_of(folder: Path, **files: str | bytes) -> dict[str, tuple[Busy, ...]]:
    for name, content in files.items():
        path = folder / name.replace("_", ".")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return calendars_of(folder, {"m", "n"}, ASKED, lambda line: None)


def test_free_busy_and_events_are_read_as_the_wall_clock_shows_them(tmp_path: Path) -> None:
    periods = calendar("BEGIN:VFREEBUSY", "FREEBUSY:20260202T080000Z/20260202T093000Z", "END:VFREEBUSY")
    weekly = event("DTSTART;TZID=Europe/Berlin:20260325T100000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=2")
    found = busy_of(tmp_path, m_ifb=periods, n_ics=weekly)
    assert found == {
        "m": (Busy(dt.date(2026, 2, 2), 540, 90),),
        "n": (Busy(dt.date(2026, 3, 25), 600, 60), Busy(dt.date(2026, 4, 1), 600, 60)),
    }


def test_days_outside_the_plan_are_cut_off_and_whole_days_are_whole(tmp_path: Path) -> None:
    away = event("DTSTART;VALUE=DATE:20251220", "DTEND;VALUE=DATE:20260109")
    assert busy_of(tmp_path, m_ICS=away)["m"] == (
        Busy(dt.date(2026, 1, 7), 0, 1440),
        Busy(dt.date(2026, 1, 8), 0, 1440),
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x00\xff", "it is no iCalendar text; export it anew, as iCalendar or free/busy"),
        (b"", "it is no iCalendar text; export it anew, as iCalendar or free/busy"),
        (event("DTSTART:20260201T100000Z", "DTEND:20260201T090000Z"), "a time in it ends before it starts"),
        (free_busy("20260328T080000Z/20260301T080000Z"), "a time in it ends before it starts"),
        (event("DTSTART;TZID=Nowhere:20260201T100000", "DURATION:PT1H"), "it names a time zone that nobody knows"),
        (event("DTSTART:20260201T100000Z", "RRULE:FREQ=SECONDLY"), "an event in it repeats too often"),
        (b"BEGIN:VCALENDAR\r\n" + b"X" * 1_100_000, "it is larger than 1 MiB"),
    ],
)
def test_a_fault_names_the_file_and_what_to_do_and_nothing_that_stands_in_it(
    tmp_path: Path, content: str | bytes, says: str
) -> None:
    with pytest.raises(WrongUseError) as error:
        busy_of(tmp_path, m_ics=content)
    [line] = str(error.value).splitlines()
    assert line.startswith(f"{tmp_path}/m.ics: {says}")
    assert SECRET not in line


def test_every_fault_that_the_reader_knows_of_a_text_has_words() -> None:
    of_windows = {"too_many_windows", "window_too_long", "too_far_ahead"}
    assert set(FAULTS) == set(Fault.__args__) - of_windows  # type: ignore[attr-defined]


def test_two_calendars_of_one_person_and_a_folder_that_is_none_are_faults(tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match=r"m\.ifb: there is another calendar of m; leave one out"):
        busy_of(tmp_path, m_ics=calendar(), m_ifb=calendar())
    with pytest.raises(WrongUseError, match=r"--busy .*none cannot be read \(No such file or directory\)"):
        calendars_of(tmp_path / "none", {"m"}, ASKED, lambda line: None)


def test_calendars_of_nobody_in_the_plan_are_counted_and_named(tmp_path: Path) -> None:
    (tmp_path / "x.ics").write_text(calendar(), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("-", encoding="utf-8")
    said: list[str] = []
    assert calendars_of(tmp_path, {"m"}, ASKED, said.append) == {}
    assert said == [f"{tmp_path}: 1 of its calendars is of nobody in this plan: x.ics"]


LINES = st.sampled_from(
    [
        *("BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "BEGIN:VTIMEZONE", "END:VTIMEZONE"),
        *("DTSTART:20260201T100000Z", "DTSTART;VALUE=DATE:20260201", "DTEND:20260201T110000", "DURATION:PT1H"),
        *("RRULE:FREQ=DAILY", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "EXDATE:20260202T100000Z", "UID:1"),
        *("TZID:x", "RECURRENCE-ID:20260203T100000Z", "FREEBUSY:20260201T100000Z/PT1H", "DTSTART;TZID=x:20260201T1000"),
    ]
)


@given(st.lists(LINES | st.text(max_size=20), max_size=14), st.booleans())
def test_whatever_stands_in_a_calendar_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], whole: bool
) -> None:
    text = "\r\n".join(lines)
    said = ""
    try:
        busy_of(tmp_path_factory.mktemp("busy"), m_ics=event(text) if whole else text.encode("utf-8", "ignore"))
    except WrongUseError as error:
        said = str(error)
    assert len(said.splitlines()) <= 1


def tandem_file(folder: Path) -> Path:
    path = folder / "tandem.json"
    content = {side: {"id": id, "working_times": "Di 9-12"} for side, id in (("mentor", "m"), ("mentee", "n"))}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.proves("S10")
def test_no_meeting_is_planned_where_a_calendar_is_full_and_the_output_says_how_many_are_known(
    tandem: Run, tmp_path: Path
) -> None:
    folder, page = tmp_path / "busy", tmp_path / "page.html"
    folder.mkdir()
    weekly = event("DTSTART;TZID=Europe/Berlin:20260113T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;INTERVAL=2")
    (folder / "n.ics").write_text(weekly, encoding="utf-8")
    code, out, err = tandem("plan", tandem_file(tmp_path), *FIRST, "--busy", folder, "--json", "--html", page)
    result: dict[str, Any] = json.loads(out)
    assert (code, err, result["calendars"], result["people"]) == (0, "", 1, 2)
    for meeting in result["tandems"][0]["meetings"]:
        fortnight = (dt.date.fromisoformat(meeting["date"]) - dt.date(2026, 1, 13)).days % 14 == 0
        assert not fortnight or meeting["start"] >= "10:00"
    text = page.read_text(encoding="utf-8")
    assert "People whose calendar is known: 1 of 2." in text
    assert SECRET not in text + out
