"""Runs coroutines by hand under a seed: who goes on next is chosen at random, and time is virtual.

A task gives way by awaiting `give_way()` or `sleep(until)`; nothing else is ever waited for.
"""

import datetime as dt
import random
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass, field
from typing import Any

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class Crash(BaseException):
    """The process of a replica ends here and now."""


class _Turn:
    def __init__(self, until: dt.datetime | None = None) -> None:
        self.until = until

    def __await__(self) -> Generator["_Turn", None, None]:
        yield self


async def give_way() -> None:
    """Let others go on."""
    await _Turn()


async def sleep(until: dt.datetime) -> None:
    """Go on when virtual time has come so far."""
    await _Turn(until)


@dataclass
class Task:
    """A coroutine with the replica that it belongs to (None: the world's own)."""

    coroutine: Coroutine[Any, Any, None]
    owner: str | None
    until: dt.datetime | None = None


@dataclass
class Scheduler:
    """All tasks. `crashed` is told the owner of a task that ended with Crash."""

    rng: random.Random
    crashed: Callable[[str], None] = field(default=lambda owner: None)
    now: dt.datetime = START
    tasks: list[Task] = field(default_factory=list)
    steps: int = 0

    def start(self, coroutine: Coroutine[Any, Any, None], owner: str | None = None) -> None:
        """Add a task."""
        self.tasks.append(Task(coroutine, owner))

    def kill(self, owner: str) -> None:
        """End all tasks of a replica without a word."""
        for task in [t for t in self.tasks if t.owner == owner]:
            self.tasks.remove(task)
            task.coroutine.close()

    def step(self) -> bool:
        """Let one task go on; False if there is none left."""
        ready = [t for t in self.tasks if t.until is None or t.until <= self.now]
        if not ready:
            if not self.tasks:
                return False
            self.now = min(t.until for t in self.tasks if t.until is not None)
            return True
        task = ready[self.rng.randrange(len(ready))]
        self.steps += 1
        task.until = None
        try:
            turn = task.coroutine.send(None)
        except StopIteration:
            self.tasks.remove(task)
        except Crash:
            self.tasks.remove(task)
            if task.owner is not None:
                self.crashed(task.owner)
        else:
            task.until = turn.until
        return True
