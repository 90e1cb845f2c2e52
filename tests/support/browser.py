"""Chromium where a machine has one, and what it finds in a page: `tests/node/browse.cjs`."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from shared.local.system import ROOT
from tests.support import node

NAMES = ("chromium", "chromium-browser", "google-chrome")
SCRIPT = ROOT / "tests" / "node" / "browse.cjs"
LIMIT = 240.0
"""Seconds for all pages of a test, on a busy machine."""


def browse(folder: Path, *pages: Path) -> dict[str, Any]:
    """What Chromium says of pages: `looked` by language and colour scheme, `used` as somebody uses them.

    Skips the test where there is no Chromium. `folder` is for its profile.
    """
    chromium = next(filter(None, map(shutil.which, NAMES)), None)
    if chromium is None:
        pytest.skip("no Chromium on this machine: `apt-get install chromium` brings one")
    command = [node.tool("node"), str(SCRIPT), chromium, str(folder / "profile"), *map(str, pages)]
    run = subprocess.run(
        command,
        env={**os.environ, "NODE_PATH": str(node.modules())},
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    found: dict[str, Any] = json.loads(run.stdout)
    return found
