"""One measurement in a process of its own: its peak of memory is its own, and it is ended when it takes too long."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
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


def alone(command: Sequence[str], limit: float, given: int | None = None) -> Outcome:
    """Run a command until it ends, or `limit` seconds; `given`: a file descriptor that it reads.

    Raises RuntimeError with its last words if it fails by itself.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdin=given, stdout=out, stderr=errors, env=environment, cwd=ROOT)
        over = threading.Event()

        def end() -> None:
            over.set()
            process.kill()

        timer = threading.Timer(limit, end)
        timer.start()
        try:
            _, status, used = os.wait4(process.pid, 0)
        finally:
            timer.cancel()
        seconds = time.perf_counter() - begun
        # The process was waited for here, so that its own use of memory is told.
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode and not over.is_set():
            errors.seek(0)
            raise RuntimeError(f"{' '.join(command)[:200]}: {errors.read()[-2000:].decode(errors='replace')}")
        out.seek(0)
        return Outcome(out.read().decode(), seconds, used.ru_maxrss / 1024, over.is_set())


def measured(module: str, kind: str, limit: float, **given: object) -> tuple[dict[str, Any], Outcome]:
    """What a module here says of one kind of measurement, empty if it took too long; and what became of its process."""
    outcome = alone((sys.executable, "-m", f"tests.bench.matching.{module}", kind, json.dumps(given)), limit)
    return ({} if outcome.over else json.loads(outcome.said)), outcome
