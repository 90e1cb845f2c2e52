"""`./tandem`, the script, for somebody who may only read where it stands."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.local.system import ROOT

NOBODY = 65534


@pytest.fixture
def checkout() -> Iterator[Path]:
    """What the script needs, in a folder that everybody may enter and nobody else may write to."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for file in ("tandem", "requirements.lock"):
            shutil.copy(ROOT / file, root / file)
        root.chmod(0o555)
        yield root
        root.chmod(0o755)


def run(root: Path) -> "subprocess.CompletedProcess[str]":
    """The command as somebody else; a user who is not root is held by the folder's mode alone."""
    user = NOBODY if os.getuid() == 0 else None
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
    return subprocess.run(
        [root / "tandem", "describe"], capture_output=True, text=True, check=False, env=env, user=user
    )


def test_who_may_not_set_it_up_is_told_in_one_line_who_may(checkout: Path) -> None:
    done = run(checkout)
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert line.startswith(f"tandem: you may not write to {checkout}")
    assert line.endswith(f"run this once as its owner, {checkout.owner()}")


def test_who_may_only_read_runs_what_is_set_up(checkout: Path) -> None:
    checkout.chmod(0o755)
    (checkout / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(checkout / "requirements.lock", checkout / ".venv" / "tandem-lock")
    python = checkout / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\necho "ran $*"\n')
    python.chmod(0o755)
    checkout.chmod(0o555)
    done = run(checkout)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ran -m shared.cli describe\n", "")
