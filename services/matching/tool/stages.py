"""How long each stage of a match takes, told on a line that is written over while it runs."""

import time
from collections.abc import Callable

Tell = Callable[[str], None]


class Stages:
    """A stage ends where the next begins. `tell` is given the line to show; with an empty one, it is to go."""

    def __init__(self, tell: Tell = lambda line: None) -> None:
        self._tell = tell
        self._first = self._since = time.perf_counter()
        self._stage = ""
        self.seconds: dict[str, float] = {}
        """Of each stage that has ended."""

    def began(self, stage: str) -> None:
        """The stage before has ended, and this one begins."""
        self._ended()
        self._stage = stage
        passed = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.seconds.items())
        self._tell(f"{stage} …" + (f" ({passed})" if passed else ""))

    def at(self, done: int, of: int) -> None:
        """How far this stage is."""
        self._tell(f"{self._stage}: {done} of {of} …")

    def total(self) -> float:
        """The last stage has ended; seconds since the first began."""
        self._ended()
        self._stage = ""
        self._tell("")
        return self._since - self._first

    def _ended(self) -> None:
        now = time.perf_counter()
        if self._stage:
            self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + now - self._since
        self._since = now
