"""A page of docs, done to the letter: its files written, its commands typed, in a copy of the project."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.local.system import ROOT
from tests.support import node

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{2,3} .*?(?:: `([^`]+)`)?$", flags=re.MULTILINE)
FOLDERS = ("shared", "services", "docs", "deploy", "tests")
STARTING = 90.0
"""Seconds that a system may take to come up on a busy machine."""
FILES = (
    "tandem",
    "pyproject.toml",
    "requirements.lock",
    "docker-compose.yml",
    "publiccode.yml",
    "README.md",
    ".dockerignore",
)


@dataclass(frozen=True, slots=True)
class Step:
    """A file to write (its path is given), or commands to type."""

    heading: str
    file: str
    text: str


def steps(page: Path) -> list[Step]:
    """What a page asks for, in order: under a heading that names a file the first block is that file; `sh` is typed."""
    text = page.read_text(encoding="utf-8")
    headings = list(HEADING.finditer(text))
    found: list[Step] = []
    for number, heading in enumerate(headings):
        end = headings[number + 1].start() if number + 1 < len(headings) else len(text)
        file = heading[1] or ""
        for block in FENCED.finditer(text, heading.end(), end):
            if block[1] == "sh":
                found.append(Step(heading[0], "", block[2]))
            elif file:
                found.append(Step(heading[0], file, block[2]))
                file = ""
    return found


def copy_project(to: Path) -> None:
    """A clone as a stranger has it, on this machine's own `.venv` and what npm has brought already."""
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, to / folder, ignore=ignored)
    for file in FILES:
        shutil.copy(ROOT / file, to / file)
    (to / ".venv").symlink_to((ROOT / ".venv").resolve())
    (to / ".local").mkdir(mode=0o700)
    node.PLACE.mkdir(parents=True, exist_ok=True)
    (to / ".local" / "node").symlink_to(node.PLACE)


def do(asked: list[Step], root: Path, env: dict[str, str] | None = None, limit: float = 300.0) -> dict[str, str]:
    """Do the steps in one shell, as somebody would who reads on; what was printed below each heading."""
    script = ["set -eu"]
    for number, step in enumerate(asked):
        if step.file:
            (root / "steps").mkdir(exist_ok=True)
            (root / "steps" / str(number)).write_text(step.text, encoding="utf-8")
            script.append(f"cp steps/{number} '{step.file}'")
        else:
            script.append(f"printf '\\036%s\\037' {number}\n{step.text}")
    given = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON", "TANDEM"))}
    run = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=root,
        env={**given, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=limit,
    )
    assert run.returncode == 0, f"{run.stdout[-3000:]}\n{run.stderr[-3000:]}"
    said: dict[str, str] = {}
    for part in run.stdout.split("\036")[1:]:
        place, _, text = part.partition("\037")
        heading = asked[int(place)].heading
        said[heading] = said.get(heading, "") + text
    return said


@contextmanager
def running(command: str, root: Path, env: dict[str, str] | None = None) -> Iterator[None]:
    """`./tandem up` as a page has it typed in a terminal of its own; it ends with Ctrl-C, in good order."""
    log = root / "up.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command.split(), cwd=root, env=env, stdout=out, stderr=out, start_new_session=True)
        try:
            limit = time.monotonic() + STARTING
            while not (root / ".local" / "env").exists():
                assert process.poll() is None, log.read_text(encoding="utf-8")
                assert time.monotonic() < limit, "it did not come up"
                time.sleep(0.1)
            yield
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0, log.read_text(encoding="utf-8")
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(30)
