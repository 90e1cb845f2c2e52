"""The driver knows no more than a portal: another file with other numbers runs as well, and is told in the end."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from shared.contracts.base import TYPE_PREFIX
from shared.local.system import ROOT
from tests.support.privacy import leaks


@pytest.mark.proves("S8", "S13", "P12")
def test_another_file_with_other_numbers_runs_to_its_own_report(tmp_path: Path) -> None:
    story = Path(__file__).with_name("small.toml")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "shared.cli", "demo", "--json", "--data", str(story), "--out", str(out)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=300)
    assert run.returncode == 0, run.stderr[-2000:]
    figures = json.loads(run.stdout.strip().splitlines()[-1])
    assert (figures["tandems"], figures["tandems_started"], figures["tandems_ended_early"]) == (3, 3, 0)
    assert (figures["rejected_registrations"], figures["lost"], figures["on_reserve_list"]) == (0, 0, 1)
    assert figures["report"]["frequency"] == "change"
    assert figures["report"]["directions"] == {"frequency": "more-often"}
    assert figures["proposals"] == 4, "one declined; the day after, the next best were proposed"
    lines = [json.loads(line) for line in (out / "messages.jsonl").read_text(encoding="utf-8").splitlines()]
    events = [line for line in lines if line.get("source", "").startswith("/tandem/")]
    assert "tandem.matching.proposal-declined.v1" in {event["type"] for event in events}
    assert [leak for event in events for leak in leaks(event["type"].removeprefix(TYPE_PREFIX), event, ())] == []
    assert {path.name for path in out.iterdir()} >= {"messages.jsonl", "report.json", "states.json", "terminal.svg"}


def test_a_file_that_is_wrong_is_refused_in_one_line(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[programme]\nid = 5\n", encoding="utf-8")
    command = [sys.executable, "-m", "shared.cli", "demo", "--data", str(wrong)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=60)
    assert run.returncode == 2
    assert len(run.stderr.strip().splitlines()) == 1
