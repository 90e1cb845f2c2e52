"""The clock of a measurement, and how it tells what it found: a process of its own prints JSON."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

ENOUGH = 20.0
"""Seconds after which work is not repeated."""

Said = dict[str, Any]
T = TypeVar("T")


def timed(work: Callable[[], T], runs: int) -> tuple[list[float], T]:
    """The seconds of each run, and what the last one found."""
    seconds: list[float] = []
    while True:
        begun = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - begun)
        if len(seconds) >= runs or sum(seconds) > ENOUGH:
            return seconds, found


def tell(kinds: Mapping[str, Callable[..., Said]]) -> None:
    """Do what the command line names, `KIND JSON`, and print what it found."""
    print(json.dumps(kinds[sys.argv[1]](**json.loads(sys.argv[2]))))  # noqa: T201 - a program
