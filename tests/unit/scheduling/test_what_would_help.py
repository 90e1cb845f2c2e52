"""Where a term has too little time, what would help: each is a plan that the same command finds (S10)."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.scheduling.test_plan_command import Run, plan

FIRST = ("--from", "2026-01-07", "--months", "5")
MORNINGS = "Mo-Fr 8-12"
AFTERNOONS = [{"weekday": day, "start": 720, "end": 900} for day in range(5)]
DAYS = [f"2026-{month:02}-{day:02}" for month in range(1, 7) for day in range(1, 29)]


def member(id: str, week: str, *busy: tuple[str, str]) -> dict[str, Any]:
    return {"id": id, "working_times": week, "busy": [{"start": a, "end": b} for a, b in busy]}


def short(
    tandem: Run, folder: Path, mentor: dict[str, Any], mentee: dict[str, Any], **rules: Any
) -> dict[str, dict[str, Any]]:
    """What would help, by rule."""
    found = found_of(tandem, folder, mentor, mentee, **rules)
    assert found["found"] < found["wanted"]
    return {each["rule"]: each for each in found["why"]["helps"]}


def found_of(tandem: Run, folder: Path, mentor: dict[str, Any], mentee: dict[str, Any], **rules: Any) -> dict[str, Any]:
    document, file = folder / "rules.json", folder / "tandem.json"
    document.write_text(json.dumps({"scheduling": rules}), encoding="utf-8")
    file.write_text(json.dumps({"mentor": mentor, "mentee": mentee}), encoding="utf-8")
    [found] = plan(tandem, file, *FIRST, "--rules", document)[1]["tandems"]
    assert isinstance(found, dict)
    return found


def booked(*, every: int = 1, start: str = "08:30", end: str = "11:45") -> list[tuple[str, str]]:
    """A booking in the middle of the morning on each of so many days."""
    return [(f"{day}T{start}", f"{day}T{end}") for day in DAYS[::every]]


@pytest.mark.proves("S10")
@pytest.mark.parametrize(
    ("week", "rule", "wider", "core"),
    [
        ("Mo 9-10", "earlier", "Mo 8-10", []),
        ("Mo 8-9", "later", "Mo 8-10", [{"weekday": 0, "start": 480, "end": 720}]),
        ("Mo 9:30-9:45", "earlier_and_later", "Mo 8:30-10:45", []),
    ],
)
def test_an_hour_earlier_or_later_brings_as_many_meetings_as_the_plan_with_these_working_times(
    tandem: Run, tmp_path: Path, week: str, rule: str, wider: str, core: list[dict[str, int]]
) -> None:
    mentor = member("m", "Mo 7-12")
    helps = short(tandem, tmp_path, mentor, member("n", week), core_time=core)
    assert [name for name in helps if name in ("earlier", "later", "earlier_and_later")] == [rule]
    found = found_of(tandem, tmp_path, mentor, member("n", wider), core_time=core)
    assert helps[rule]["meetings"] == found["found"] > 0
    assert helps[rule]["value"] == 60


@pytest.mark.proves("S10")
def test_without_core_time_there_are_as_many_meetings_as_the_plan_without_it_finds(tandem: Run, tmp_path: Path) -> None:
    two = member("m", "Mo-Fr 8-12"), member("n", "Mo-Fr 8-18")
    helps = short(tandem, tmp_path, *two, core_time=AFTERNOONS)
    assert (helps["core_time"]["value"], helps["core_time"]["meetings"]) == (
        None,
        found_of(tandem, tmp_path, *two)["found"],
    )
    assert "Kernzeit" in helps["core_time"]["text"]["de"]


@pytest.mark.proves("S10")
@pytest.mark.parametrize("full", [0, 1])
def test_if_the_bookings_of_one_of_the_two_made_way_there_would_be_as_many_meetings_as_without_them(
    tandem: Run, tmp_path: Path, full: int
) -> None:
    leave = ("2026-02-01T00:00", "2026-05-01T00:00")
    free = [member(id, MORNINGS, leave) for id in "mn"]
    two = [*free]
    two[full] = member("mn"[full], MORNINGS, *booked(), leave)
    help = short(tandem, tmp_path, *two)["priority"]
    assert help["meetings"] == found_of(tandem, tmp_path, *free)["found"]
    assert 0 < help["meetings"] < 15, "leave makes way for nothing"
    assert help["text"]["en"].startswith("If other appointments of one of the two could make way")


def test_priority_says_the_better_of_both_and_not_of_whom(tandem: Run, tmp_path: Path) -> None:
    rarely, often = member("m", MORNINGS, *booked(every=2)), member("n", MORNINGS, *booked())
    one = short(tandem, tmp_path, rarely, often)["priority"]
    other = short(tandem, tmp_path, {**often, "id": "m"}, {**rarely, "id": "n"})["priority"]
    assert one == other
    assert one["meetings"] == found_of(tandem, tmp_path, rarely, member("n", MORNINGS))["found"]
