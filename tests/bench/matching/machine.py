"""The machine that measures, in words, with how busy it is."""

import datetime as dt
import os
import platform
import subprocess
from pathlib import Path

from tests.bench.matching.alone import ROOT

QUIET = 0.5
"""Load for each core up to which a machine is quiet before a run begins."""


def load() -> float:
    """The load of the last minute; what is measured adds to it itself."""
    return os.getloadavg()[0]


def described(before: float) -> str:
    """One line for a page: date, commit, machine, and its load before the run began."""
    head = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    changed = subprocess.run(["git", "status", "--porcelain"], capture_output=True, text=True, check=False, cwd=ROOT)
    cores = len(os.sched_getaffinity(0))
    words = (
        f"{dt.date.today()}, commit {head.stdout.strip()}{' and changes' if changed.stdout.strip() else ''}, "  # noqa: DTZ011
        f"{_processor()}, {cores} cores, Python {platform.python_version()}; load before the run {before:.1f}."
    )
    if before <= QUIET * cores:
        return words
    return f"{words} **The machine was busy with other work: these figures say little; read the ratios.**"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
