"""The calendar that `tandem plan` writes, as another reader reads it."""

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest

Run = Callable[..., tuple[int, str, str]]
FIRST = ("--from", "2026-01-07", "--months", "5")


def tandem_file(folder: Path) -> Path:
    path = folder / "tandem.json"
    content = {side: {"id": id, "working_times": "Di 9-12"} for side, id in (("mentor", "m"), ("mentee", "n"))}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def meetings_of(file: Path) -> list[Any]:
    [read] = icalendar.Calendar.from_ical(file.read_bytes(), multiple=True)
    assert read["METHOD"] == "PUBLISH"
    return read.walk("VEVENT")


def test_the_calendar_file_holds_every_meeting_at_its_wall_time_and_invites_nobody(tandem: Run, tmp_path: Path) -> None:
    ics = tmp_path / "out.ics"
    _, out, _ = tandem("plan", tandem_file(tmp_path), *FIRST, "--ics", ics, "--json")
    planned = json.loads(out)["tandems"][0]["meetings"]
    events = meetings_of(ics)
    berlin = ZoneInfo("Europe/Berlin")
    assert [(e["DTSTART"].dt.astimezone(berlin).isoformat()[:16], e["DTEND"].dt.strftime("%H:%M")) for e in events] == [
        (f"{meeting['date']}T{meeting['start']}", meeting["end"]) for meeting in planned
    ]
    offsets = {event["DTSTART"].dt.utcoffset() for event in events}
    assert offsets == {dt.timedelta(hours=1), dt.timedelta(hours=2)}, "winter and summer time"
    assert len({event["UID"] for event in events}) == len(planned) == 15
    assert all("ATTENDEE" not in event and event["ORGANIZER"] == "invalid:nomail" for event in events)
    text = ics.read_bytes()
    assert text.count(b"\n") == text.count(b"\r\n")
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))


def test_a_plan_written_a_second_later_goes_before_the_earlier_one(
    tandem: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calendar programs pass over what they have with the same SEQUENCE."""
    written = []
    for second in (0, 1):
        stamp = dt.datetime(2026, 1, 7, 9, 30, second, tzinfo=dt.UTC)
        monkeypatch.setattr("shared.cli.plan.now", lambda stamp=stamp: stamp)
        tandem("plan", tandem_file(tmp_path), *FIRST, "--ics", tmp_path / "out.ics")
        written.append(meetings_of(tmp_path / "out.ics"))
        assert {event["DTSTAMP"].dt for event in written[-1]} == {stamp}
    for earlier, later in zip(*written, strict=True):
        assert earlier["UID"] == later["UID"]
        assert earlier["SEQUENCE"] + 1 == later["SEQUENCE"]
        assert earlier["SUMMARY"] == later["SUMMARY"] == "Tandem: m, n"


def test_a_later_plan_has_the_same_ids_and_its_own_times_are_nobody_s_busy_times(tandem: Run, tmp_path: Path) -> None:
    """Whoever imports a plan, exports the calendar and plans again with it gets the same plan."""
    folder, ics = tmp_path / "busy", tmp_path / "out.ics"
    folder.mkdir()
    file = tandem_file(tmp_path)
    first = tandem("plan", file, *FIRST, "--ics", ics, "--json")[1]
    (folder / "m.ics").write_bytes(ics.read_bytes())
    again = tandem("plan", file, *FIRST, "--busy", folder, "--ics", tmp_path / "again.ics", "--json")[1]
    assert json.loads(first)["tandems"] == json.loads(again)["tandems"]
    uids = [[str(event["UID"]) for event in meetings_of(path)] for path in (ics, tmp_path / "again.ics")]
    assert uids[0] == uids[1]
    assert all(re.fullmatch(r"[0-9a-f-]{36}@tandem\.plan", uid) for uid in uids[0])
