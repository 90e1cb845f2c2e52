"""One measurement in a process of its own: its peak of memory is its own, and it is ended when it takes too long."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Outcome:
    """What became of a process."""

    said: str
    seconds: float
    """From its start to its end, the start of the interpreter included."""
    peak: float
    """MiB that it had in memory at most (`ru_maxrss` of this process alone)."""
    over: bool = False
    """Ended by the limit."""


def alone(command: Sequence[str], limit: float, given: Path | None = None, out: Path | None = None) -> Outcome:
    """Run a command until it ends, or `limit` seconds. Raises RuntimeError with its last words if it fails by itself.

    `given`: a file as its standard input; `out`: a file for what it prints, which then is not told.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        said, errors = out or Path(folder, "out"), Path(folder, "errors")
        words = [
            sys.executable,
            "-S",
            "-E",
            str(Path(__file__).parent / "launch.py"),
            str(limit),
            str(said),
            str(errors),
        ]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (given or Path(os.devnull)).open("rb") as file:
            ran = subprocess.run(
                [*words, *command], stdin=file, capture_output=True, check=True, env=environment, cwd=ROOT
            )
        told = json.loads(ran.stdout)
        if told["code"] and not told["over"]:
            last = errors.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise RuntimeError(f"{' '.join(command)[:200]}: {last}")
        text = "" if out else said.read_text(encoding="utf-8")
        return Outcome(text, told["seconds"], told["peak"], told["over"])


def measured(module: str, kind: str, limit: float, **given: object) -> tuple[dict[str, Any], Outcome]:
    """What a module here says of one kind of measurement, empty if it took too long; and what became of its process."""
    outcome = alone((sys.executable, "-m", f"tests.bench.matching.{module}", kind, json.dumps(given)), limit)
    return ({} if outcome.over else json.loads(outcome.said)), outcome
