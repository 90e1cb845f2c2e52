"""The README's walk is a test: what it shows is typed, in a clone of the project, in the order in which it stands."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from shared.contracts import registration, scheduling
from shared.contracts.base import Contract
from shared.local.system import ROOT
from tests.support.page import FENCED, copy_project, do, running, steps

README = ROOT / "README.md"
EXAMPLES = ROOT / "docs" / "examples"


@pytest.mark.parametrize(
    ("file", "contract"),
    [
        ("day.json", scheduling.StartDay),
        ("programme.json", registration.OpenProgramme),
        ("topic.json", registration.AddTopic),
        ("mentor.json", registration.RegisterMentor),
    ],
)
def test_an_example_of_the_walk_fits_its_contract(file: str, contract: type[Contract]) -> None:
    contract.model_validate_json((EXAMPLES / file).read_text(encoding="utf-8"))


@pytest.mark.long
def test_the_walk_goes_as_it_stands(tmp_path: Path) -> None:
    root = tmp_path / "tandem"
    root.mkdir()
    copy_project(root)
    [starting, walk] = [step for step in steps(README) if step.heading == "## A walk"]
    env = {"COLUMNS": "80"}
    with running(starting.text, root):
        said = do([walk], root, env)[walk.heading]
        for event in ("day-started", "programme-opened", "topic-listed", "participant-registered"):
            assert re.search(rf'^\{{.*"type":"tandem\.\w+\.{event}\.v1"', said, flags=re.MULTILINE), event
        assert "Kim Beispiel" in said
        assert "nothing is in quarantine" in said
        assert "registration.register-mentor.v1" in said
        assert "| message | field | description |" in said
    assert not (root / ".local" / "env").exists(), "it ended in good order"


@pytest.mark.long
def test_the_first_two_lines_are_all_that_it_takes(tmp_path: Path) -> None:
    """All but the clone itself; `out/` holds what passed."""
    [first] = [b[2] for b in FENCED.finditer(README.read_text(encoding="utf-8")) if "git clone" in b[2]]
    clone, demo = first.splitlines()
    assert clone == "git clone … && cd tandem"
    root = tmp_path / "tandem"
    root.mkdir()
    copy_project(root)
    run = subprocess.run(demo.split(), cwd=root, capture_output=True, text=True, check=False, timeout=400)
    assert run.returncode == 0, run.stderr[-3000:]
    [out] = (root / "out").iterdir()
    assert json.loads((out / "report.json").read_text(encoding="utf-8"))
