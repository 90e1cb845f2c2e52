"""`tandem plan` from end to end: what it plans, what it says, and its exit codes."""

import datetime as dt
import json
import random
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.availability.days_off import is_holiday
from services.scheduling.optimum.optimum import best
from services.scheduling.optimum.stretch import Stretch
from services.scheduling.optimum.together import together
from services.scheduling.tool.free import most
from shared.cli.main import COMMANDS
from shared.contracts.parts import SchedulingRules
from shared.local.system import ROOT

Run = Callable[..., tuple[int, str, str]]
EXAMPLES = ROOT / "docs" / "examples"
PAGE = (ROOT / "docs" / "plan-a-file.md").read_text(encoding="utf-8")
FIRST = ("--from", "2026-01-07", "--months", "5")
COMPILES = "tandem: compiling the solver, once, about half a minute\n"
"""What a match says where its solver was never compiled on this machine."""
WEEK = "Mo-Do 8:30-16:30; Fr 8:30-13:00"


def tandem_file(folder: Path, *tandems: tuple[str, str, str], **busy: list[tuple[str, str]]) -> Path:
    """A file of tandems: mentor, mentee and the mentee's working times; and who is busy when."""

    def member(id: str, week: str) -> dict[str, Any]:
        times = [{"start": start, "end": end} for start, end in busy.get(id, [])]
        return {"id": id, "working_times": week, "busy": times}

    path = folder / "tandem.json"
    content = [{"mentor": member(mentor, WEEK), "mentee": member(mentee, week)} for mentor, mentee, week in tandems]
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def plan(tandem: Run, *arguments: object) -> tuple[int, dict[str, Any]]:
    code, out, err = tandem("plan", *arguments, "--json")
    assert err.removeprefix(COMPILES) == ""
    result: dict[str, Any] = json.loads(out)
    return code, result


def span(meeting: dict[str, Any]) -> tuple[dt.date, int, int]:
    start, end = (int(time[:2]) * 60 + int(time[3:]) for time in (meeting["start"], meeting["end"]))
    return dt.date.fromisoformat(meeting["date"]), start, end


@pytest.mark.proves("S10")
def test_one_tandem_gets_as_many_meetings_as_wanted_each_in_the_working_times_of_both(
    tandem: Run, tmp_path: Path
) -> None:
    code, result = plan(tandem, tandem_file(tmp_path, ("m", "n", "Di 9-12; Do 13-16")), *FIRST)
    [found] = result["tandems"]
    assert (code, found["wanted"], found["found"], found["why"], found["proved"]) == (0, 15, 15, None, True)
    spans = [span(meeting) for meeting in found["meetings"]]
    for date, start, end in spans:
        assert not is_holiday(date, "BY", "München")
        assert (date.weekday(), start >= 540, end <= 720) == (1, True, True) or (
            date.weekday(),
            start >= 780,
            end <= 960,
        ) == (3, True, True)
        assert end - start == 90
    assert all((later[0] - earlier[0]).days >= 5 for earlier, later in pairwise(spans))
    assert (result["from"], result["until"], result["zone"]) == ("2026-01-07", "2026-06-06", "Europe/Berlin")
    assert max(found["levels"]["largest_gap"], 5) == max(
        (b - a).days for a, b in pairwise([dt.date(2026, 1, 7), *(date for date, _, _ in spans), dt.date(2026, 6, 6)])
    )


def test_nobody_meets_while_one_of_the_two_is_busy(tandem: Run, tmp_path: Path) -> None:
    busy = [(f"2026-0{month}-01T00:00", f"2026-0{month}-20T10:15") for month in range(1, 7)]
    code, result = plan(tandem, tandem_file(tmp_path, ("m", "n", WEEK), m=busy), *FIRST)
    [found] = result["tandems"]
    assert code == 1
    assert found["why"]["code"] == "too_few_days"
    for date, start, _ in map(span, found["meetings"]):
        assert date.day >= 20
        assert date.day > 20 or start >= 615


@pytest.mark.proves("S10")
def test_no_two_tandems_of_one_person_meet_at_the_same_time(tandem: Run, tmp_path: Path) -> None:
    file = tandem_file(tmp_path, ("m", "a", "Di 9-12"), ("m", "b", "Di 9-12"), ("o", "b", "Di 9-12"))
    _, result = plan(tandem, file, *FIRST)
    for one, other in combinations(result["tandems"], 2):
        if {one["mentor"], one["mentee"]} & {other["mentor"], other["mentee"]}:
            for (day, start, end), (date, begin, until) in (
                (span(x), span(y)) for x in one["meetings"] for y in other["meetings"]
            ):
                assert day != date or end <= begin or until <= start
    assert [found["proved"] for found in result["tandems"]] == [True, True, True]


def test_what_is_not_proven_says_that_the_mentor_has_no_time_for_more_meetings(
    tandem: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.scheduling.tool.planned.together", partial(together, effort=30))
    file = tandem_file(tmp_path, *(("m", f"n{number}", "Di 9-12; Do 13-16") for number in range(6)))
    _, result = plan(tandem, file, "--from", "2026-03-01", "--months", "3")
    for found in result["tandems"]:
        assert (found["proved"], found["together"]["tandems"]) == (False, 6)
        levels, bound = found["together"]["levels"], found["together"]["bound"]
        assert levels["missing"] == bound["missing"] == result["wanted"] - result["found"]
        assert {name for name, value in bound.items() if value is None} == bound.keys() - {"late", "missing"}
    said = "50 of at most 50 meetings of 6 tandems planned together"
    assert tandem("plan", file, "--from", "2026-03-01", "--months", "3")[1].count(said) == 6


@pytest.mark.parametrize(
    ("week", "busy", "code", "helps"),
    [
        ("Mo 17-20", [], "no_common_time", [("earlier_and_later", 60, 15)]),
        ("Mo 19-21", [], "no_common_time", []),
        ("Mo 15:30-20", [], "no_common_time", [("minutes", 60, 15), ("earlier", 60, 15)]),
        ("Mo 9-12", [("2026-01-01T00:00", "2027-01-01T00:00")], "no_free_time", []),
        ("Mo 9-12", [("2026-01-31T00:00", "2027-01-01T00:00")], "too_few_days", []),
        ("Mo-Fr 9-12", [("2026-02-07T00:00", "2027-01-01T00:00")], "too_few_days", [("min_gap_days", 1, 15)]),
    ],
)
def test_what_is_missing_is_said_with_the_reason_and_what_would_help(
    tandem: Run, tmp_path: Path, week: str, busy: list[tuple[str, str]], code: str, helps: list[tuple[str, int, int]]
) -> None:
    file = tandem_file(tmp_path, ("m", "n", week), n=busy)
    exit_code, result = plan(tandem, file, *FIRST)
    why = result["tandems"][0]["why"]
    assert (exit_code, why["code"]) == (1, code)
    assert [(each["rule"], each["value"], each["meetings"]) for each in why["helps"]] == helps
    assert "| `" + code + "` |" in PAGE
    said = tandem("plan", file, *FIRST)[1]
    assert why["text"]["en"] in said
    assert all(each["text"]["en"] in said for each in why["helps"])


def test_another_tandem_that_takes_the_time_is_said_as_the_reason(tandem: Run, tmp_path: Path) -> None:
    file = tandem_file(tmp_path, ("m", "a", "Di 9-10:30"), ("m", "b", "Di 9-10:30"))
    code, result = plan(tandem, file, *FIRST)
    assert code == 1
    assert result["found"] == 21, "on every Tuesday"
    assert [found["why"]["code"] for found in result["tandems"]] == ["others_meet", "others_meet"]
    assert [found["why"]["helps"] for found in result["tandems"]] == [[], []]


def test_a_first_meeting_that_is_late_is_said(tandem: Run, tmp_path: Path) -> None:
    file = tandem_file(tmp_path, ("m", "n", WEEK), n=[("2026-01-01T00:00", "2026-02-01T00:00")])
    _, out, _ = tandem("plan", file, *FIRST)
    assert "The first meeting is 26 days after the first day; wanted are 14 at most." in out


def test_text_for_people_says_each_meeting_with_weekday_and_time_and_ends_in_a_summary(
    tandem: Run, tmp_path: Path
) -> None:
    code, out, _ = tandem("plan", tandem_file(tmp_path, ("m", "n", "Mo 9-12")), *FIRST)
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "m with n: 15 of 15 meetings, largest gap 14 days"
    assert lines[1].startswith("  Mon 2026-01-19 09:00-10:30   Mon 2026-01-26")
    assert len(re.findall(r"Mon 2026-0\d-\d\d 09:00-10:30", out)) == 15
    assert re.fullmatch(
        r"1 tandem, 2026-01-07 to 2026-06-06: 15 of 15 meetings, as many as wanted, \d+\.\d s", lines[-1]
    )


def test_of_many_tandems_those_that_lack_meetings_are_shown_first(tandem: Run, tmp_path: Path) -> None:
    full = [(f"m-{n}", f"n-{n}", "Mo 9-12") for n in range(45)]
    code, out, _ = tandem("plan", tandem_file(tmp_path, *full, ("x", "y", "Sa 9-12")), *FIRST)
    assert code == 1
    assert out.startswith(
        "40 of 46 tandems, those that lack meetings first; --html and --json show all\n\nx with y: 0 of 15"
    )
    assert " 45 with" not in out
    assert out.splitlines()[-1].startswith(
        "46 tandems, 2026-01-07 to 2026-06-06: 675 of 690 meetings, 1 tandem with fewer"
    )


def test_what_there_is_one_of_is_said_in_the_singular(tandem: Run, tmp_path: Path) -> None:
    options = ("--from", "2026-01-07", "--months", "1", "--meetings-per-month", "1")
    _, out, _ = tandem("plan", tandem_file(tmp_path, ("m", "n", WEEK)), *options)
    assert out.startswith("m with n: 1 of 1 meeting, largest gap ")
    assert "1 of 1 meeting, as many as wanted" in out.splitlines()[-1]


@pytest.mark.parametrize(
    ("free", "min_gap", "says"),
    [
        (1, "5", "Only on one day are 90 minutes free for both."),
        (6, "1", "On 6 days, 90 minutes are free for both. These are fewer days than meetings that are wanted."),
        (6, "2", "As there are to be at least 2 days from one meeting to the next, no more meetings fit in."),
        (20, "2", "If two meetings could also be on successive days, 15 would be possible."),
    ],
)
def test_too_few_days_are_said_as_people_say_it(
    tandem: Run, tmp_path: Path, free: int, min_gap: str, says: str
) -> None:
    workdays = [day for n in range(60) if (day := dt.date(2026, 1, 7) + n * dt.timedelta(1)).weekday() < 5]
    busy = [("2026-01-06T00:00", f"{workdays[7]}T00:00"), (f"{workdays[7 + free]}T00:00", "2027-01-01T00:00")]
    _, out, _ = tandem("plan", tandem_file(tmp_path, ("m", "n", "Mo-Fr 9-12"), n=busy), *FIRST, "--min-gap", min_gap)
    assert says in out


def test_the_page_shows_what_is_printed(tandem: Run) -> None:
    [shown] = re.findall(r"```text\n(mentor-1 .*?)```", PAGE, flags=re.DOTALL)
    printed = without_seconds(tandem("plan", EXAMPLES / "tandem.json", *FIRST)[1])
    begin, end = without_seconds(shown).split("  …\n")
    assert printed.startswith(begin)
    assert printed.endswith(end)


def without_seconds(text: str) -> str:
    return re.sub(r"[\d.]+ s$", "", text, flags=re.MULTILINE)


def test_options_go_before_the_rules_document(tandem: Run, tmp_path: Path) -> None:
    rules, file = tmp_path / "rules.json", tandem_file(tmp_path, ("m", "n", WEEK))
    rules.write_text('{"scheduling": {"minutes": 45, "min_gap_days": 9, "state": "BE"}}', encoding="utf-8")
    options = ("--rules", rules, "--min-gap", "10", "--meetings-per-month", "2", "--municipality", "Berlin")
    _, result = plan(tandem, file, *FIRST, *options)
    assert result["rules"] == {
        "meetings_per_month": 2,
        "minutes": 45,
        "min_gap_days": 10,
        "state": "BE",
        "municipality": "Berlin",
    }
    [found] = result["tandems"]
    assert (found["wanted"], {meeting["minutes"] for meeting in found["meetings"]}) == (10, {45})


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "tandem: Missing option '--from'."),
        (["--from", "7.1.2026"], "tandem: --from 7.1.2026: there is no such day; write it like 2026-01-07\n"),
        (["--from", "2026-02-30"], "tandem: --from 2026-02-30: there is no such day; write it like 2026-01-07\n"),
        (["--from", "0001-01-01"], "tandem: --from 0001-01-01: the year must be from 2000 to 2099\n"),
        (["--from", "2026-01-07", "--months", "13"], "tandem: Invalid value for '--months'"),
        (["--from", "2026-01-07", "--minutes", "5"], "tandem: --minutes: The value must be at least 30.\n"),
        (["--from", "2026-01-07", "--min-gap", "0"], "tandem: --min-gap: The value must be at least 1.\n"),
        (["--from", "2026-01-07", "--state", "Q"], "tandem: --state: The text is too short: at least 2 characters.\n"),
        (["--from", "2026-01-07", "--state", "by"], "tandem: --state by: there is no such state;"),
        (["--from", "2026-01-07", "--html", "no/where.html"], "tandem: --html no/where.html cannot be written:"),
        (["--from", "2026-01-07", "--rules", "none.json"], "tandem: none.json cannot be read"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(tandem: Run, tmp_path: Path, arguments: list[str], says: str) -> None:
    code, out, err = tandem("plan", tandem_file(tmp_path, ("m", "n", WEEK)), *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(says)
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            ["--municipality", "Augsburgg"],
            "tandem: --municipality Augsburgg: its own holidays are not known, so 15 August",
        ),
        (["--minutes", "91"], "tandem: --minutes 91: meetings begin at quarter hours, and end between them; 90 or 105"),
        (["--municipality", "Augsburg", "--minutes", "105"], ""),
        (["--state", "HE", "--municipality", "Kassel"], ""),
    ],
)
def test_what_may_not_be_meant_is_a_line_and_planned_all_the_same(
    tandem: Run, tmp_path: Path, options: list[str], says: str
) -> None:
    code, out, err = tandem("plan", tandem_file(tmp_path, ("m", "n", WEEK)), *FIRST, *options)
    assert (code, "15 of 15" in out) == (0, True)
    assert err.startswith(says)
    assert len(err.splitlines()) == bool(says)


def test_a_municipality_is_named_where_it_makes_a_difference(tandem: Run, tmp_path: Path) -> None:
    for options, where in ((["--state", "HE"], "(HE)"), ([], "(BY, München)")):
        tandem("plan", tandem_file(tmp_path, ("m", "n", WEEK)), *FIRST, *options, "--html", tmp_path / "page.html")
        assert f"Nobody meets on public holidays {where}." in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_each_fault_of_a_file_is_a_line(tandem: Run, tmp_path: Path) -> None:
    path = tmp_path / "tandem.json"
    path.write_text('{"mentor": {"id": "m"}, "mentee": 5}', encoding="utf-8")
    code, out, err = tandem("plan", path, *FIRST)
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        f"tandem: {path}, mentor.working_times: The field is missing. Add it.",
        f"tandem: {path}, mentee: An object with the described fields belongs here.",
    ]


@pytest.mark.proves("S6", "S10")
def test_people_are_matched_first_as_the_match_does(tandem: Run) -> None:
    people = (EXAMPLES / "people.csv", "--rules", EXAMPLES / "rules.json")
    matched = json.loads(tandem("match", *people, "--json")[1])
    code, result = plan(tandem, *people, *FIRST)
    pairs = [(found["mentor"], found["mentee"]) for found in result["tandems"]]
    assert pairs == [(pair["mentor"], pair["mentee"]) for pair in matched["pairs"]]
    assert result["unmatched"] == [each["id"] for each in matched["unmatched"]] == ["mentee-3"]
    assert (code, result["wanted"], result["found"], result["people"]) == (0, 45, 45, 6)
    assert "1 people" not in tandem("plan", *people, *FIRST)[1]


def test_faults_of_people_are_said_as_the_match_says_them(tandem: Run, tmp_path: Path) -> None:
    path = tmp_path / "people.json"
    path.write_text('[{"role": "mentor"}]', encoding="utf-8")
    planned, matched = tandem("plan", path, *FIRST), tandem("match", path)
    assert planned == matched
    assert planned[0] == 2


def test_people_of_whom_none_fits_another_are_no_tandem_and_exit_code_1(tandem: Run, tmp_path: Path) -> None:
    made = tandem("sample", "--mentors", "1", "--mentees", "0")[1]
    path = tmp_path / "people.json"
    path.write_text(made, encoding="utf-8")
    code, out, _ = tandem("plan", path, *FIRST, "--html", tmp_path / "page.html")
    assert code == 1
    assert out.endswith("no tandem, and so no meetings\n")
    assert "By the rules no tandem can be formed." in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_file_can_come_from_standard_input(tmp_path: Path) -> None:
    content = tandem_file(tmp_path, ("m", "n", WEEK)).read_text(encoding="utf-8")
    command = [sys.executable, "-m", "shared.cli", "plan", "-", *FIRST, "--json"]
    run = subprocess.run(command, input=content, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (run.returncode, run.stderr) == (0, "")
    assert json.loads(run.stdout)["found"] == 15


def test_without_the_planner_s_libraries_it_says_where_to_run_it(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['numpy'] = None; from shared.cli.main import main; sys.argv[0] = 'tandem'; main()"
    command = [sys.executable, "-c", hidden, "plan", str(tandem_file(tmp_path, ("m", "n", WEEK))), *FIRST]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "tandem: this needs numpy, which ./tandem brings; run it with that\n"


def test_the_commands_of_the_page_do_what_the_page_says(
    tandem: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    monkeypatch.chdir(tmp_path)
    typed = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL) for line in block.splitlines()]
    said = []
    for line in typed:
        command, _, file = line.partition(" > ")
        code, out, err = tandem(*shlex.split(command)[1:])
        assert (code in (0, 1), err.removeprefix(COMPILES)) == (True, ""), line
        said.append(out)
        if file:
            Path(file).write_text(out, encoding="utf-8")
    assert len(typed) == 6
    assert said[0].startswith("mentor-1 with mentee-1: 14 of 15 meetings")
    assert said[1].splitlines()[-1].startswith("3 tandems, 2026-01-07 to 2026-07-06: ")
    assert "<html" in Path("plan.html").read_text(encoding="utf-8")


def test_every_field_of_the_result_and_every_option_is_on_the_page(tandem: Run, tmp_path: Path) -> None:
    _, result = plan(tandem, tandem_file(tmp_path, ("m", "n", "Mo 9-12"), ("x", "y", "Sa 9-12")), *FIRST)
    for fields in (result, result["rules"], *result["tandems"], *result["tandems"][0]["meetings"]):
        assert all(f"`{field}`" in PAGE for field in fields if field not in ("mentor", "mentee"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [row] = [line for line in readme.splitlines() if line.startswith("| `./tandem plan ")]
    shown = tandem("plan", "--help")[1]
    options = set(re.findall(r"--[a-z-]+", shown)) - {"--help", "--no-json"}
    assert options == set(re.findall(r"--[a-z-]+", row))
    assert all(f"`{option}" in PAGE for option in options)
    for name, field in SchedulingRules.model_fields.items():
        if name in ("meetings_per_month", "minutes", "min_gap_days"):
            limits = {type(each).__name__: each for each in field.metadata}
            said = f"{limits['Ge'].ge} to {limits['Le'].le}"
            assert said in " ".join(re.sub(r"[│|]", " ", shown).split())
            assert said in PAGE
    assert "plan" in COMMANDS


@given(st.lists(st.lists(st.integers(30, 40), max_size=2, unique=True), min_size=1, max_size=40), st.integers(1, 9))
def test_the_most_meetings_are_those_that_the_planner_finds(starts: list[list[int]], min_gap: int) -> None:
    starts = [sorted(day) for day in starts]
    assert most(starts, min_gap) == len(best(Stretch(starts, len(starts), min_gap)))


@pytest.mark.long
def test_a_hundred_tandems_take_less_than_five_seconds_of_a_processor(tandem: Run, tmp_path: Path) -> None:
    weeks = ("Mo-Do 8:30-16:30", "Mo-Fr 7-15", "Di 9-12; Do 13-16", "Mo-Mi 8-14:30")
    plan(tandem, tandem_file(tmp_path, ("m", "n", WEEK)), *FIRST)  # whatever is imported once is now
    file = tandem_file(tmp_path, *((f"m-{n // 2 if n < 20 else n}", f"n-{n}", weeks[n % 4]) for n in range(100)))
    began = time.process_time()
    _, result = plan(tandem, file, *FIRST, "--html", tmp_path / "page.html")
    assert time.process_time() - began < 5
    assert (len(result["tandems"]), result["found"]) == (100, 1500)


def test_the_same_file_has_the_same_plan(tandem: Run, tmp_path: Path) -> None:
    draw = random.Random(7)
    weeks = ("Mo 9-12", "Di-Do 8-12", "Mi 13-16; Fr 9-11")
    file = tandem_file(tmp_path, *((f"m-{n // 2}", f"n-{n}", draw.choice(weeks)) for n in range(6)))
    one, other = (plan(tandem, file, *FIRST)[1] for _ in range(2))
    assert {**one, "seconds": 0} == {**other, "seconds": 0}
