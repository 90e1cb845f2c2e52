"""What a replica notes of its own work, to be told with each sign of life: figures, what came in, what went wrong."""

import datetime as dt
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shared.runtime.item import EARLIEST, Item
from shared.runtime.ops import Hand, Problem, Received, Release, ReplicaStatus
from shared.runtime.ports import Observer

MOST_PROBLEMS = 8
LONGEST = 200
"""Characters of a reason that are told: a sign of life stays small."""
PROBLEMS = frozenset({"retry", "quarantined", "failed", "unknown"})


@dataclass
class Pulse:
    """Counts since the start, and since the last sign of life. Called for each batch: it does next to nothing."""

    now: Callable[[], dt.datetime]
    started: dt.datetime = field(init=False)
    problems: deque[Problem] = field(default_factory=lambda: deque(maxlen=MOST_PROBLEMS), init=False)
    _handled: int = field(default=0, init=False)
    _batches: int = field(default=0, init=False)
    _messages: int = field(default=0, init=False)
    _seconds: float = field(default=0, init=False)
    _received: dict[str, Received] = field(default_factory=dict, init=False)
    _since: dt.datetime = field(init=False)
    _batch: float | None = field(default=None, init=False)
    _mean: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.started = self._since = self.now()

    def beside(self, observer: Observer) -> Observer:
        """An observer that tells this one and the other."""

        def timed(messages: int, seconds: float, public: int) -> None:
            self.timed(messages, seconds)
            observer.timed(messages, seconds, public)

        def log(event: str, **fields: Any) -> None:
            if event in PROBLEMS:
                self.went_wrong(event, fields)
            observer.log(event, **fields)

        def received(items: Sequence[Item]) -> None:
            self.received(items)
            observer.received(items)

        return replace(observer, timed=timed, log=log, received=received)

    def timed(self, messages: int, seconds: float) -> None:
        """A batch was committed."""
        if messages:
            self._batches += 1
            self._messages += messages
            self._seconds += seconds

    def received(self, items: Sequence[Item]) -> None:
        """A batch came in; what cannot be read has no age."""
        oldest: dict[str, dt.datetime] = {}
        for item in items:
            if item.time != EARLIEST:
                intake = item.stored["intake"]
                oldest[intake] = min(item.time, oldest.get(intake, item.time))
        now = self.now()
        for intake, time in oldest.items():
            self._received[intake] = Received(at=now, age=round(max(0.0, (now - time).total_seconds()), 3))

    def went_wrong(self, result: str, fields: dict[str, Any]) -> None:
        """Something could not be handled; only what the log may hold is kept."""
        said = {name: str(fields.get(name, ""))[:LONGEST] for name in ("type", "id", "reason")}
        self.problems.append(Problem(at=self.now(), result=result, **said))

    def status(self, *, release: Release, down: dict[str, str], backlog: int, hands: Iterable[Hand]) -> ReplicaStatus:
        """What to tell now; figures begin anew."""
        now = self.now()
        passed = (now - self._since).total_seconds()
        messages, batches, seconds = self._messages, self._batches, self._seconds
        self._messages, self._batches, self._seconds, self._since = 0, 0, 0.0, now
        self._handled += messages
        if batches:
            self._batch, self._mean = round(messages / batches, 1), round(seconds / batches, 4)
        return ReplicaStatus(
            at=now,
            started=self.started,
            release=release,
            down=down,
            handled=self._handled,
            rate=round(messages / passed, 1) if passed > 0 else 0,
            batch=self._batch,
            seconds=self._mean,
            backlog=backlog,
            received=dict(self._received),
            hands=tuple(hands),
            problems=tuple(self.problems),
        )
