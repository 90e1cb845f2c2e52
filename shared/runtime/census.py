"""How many of what a programme has, for pictures: in steps of five, and nothing of fewer than five.

A count that moves by one would say what somebody did, and when; in steps of five nobody is alone (the floor of every
figure that this house shows). Of answers, wishes and vetoes there is no count at all: a service's view has none.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from shared.runtime.engine import Engine
from shared.runtime.watch import Metrics

GROUP = 5
"""The least number that is shown, and the step of all."""

Counted = tuple[str, str, str, int]
"""Programme, kind of aggregate, status, how many."""


def coarse(counts: Iterable[Counted]) -> list[Counted]:
    """What may be shown: rounded down to whole groups, nothing where that is none."""
    return [(programme, kind, status, n - n % GROUP) for programme, kind, status, n in counts if n >= GROUP]


@dataclass
class Census:
    """Counts what a service's view is built from, at most once in `seconds`, however often somebody asks."""

    engine: Engine
    metrics: Metrics
    seconds: float = 60.0
    clock: Callable[[], float] = time.monotonic
    _again: float | None = field(default=None, init=False)

    async def note(self) -> None:
        """Count if it is time. Raises Unavailable."""
        view = self.engine.who.service.view
        now = self.clock()
        if view is None or (self._again is not None and now < self._again):
            return
        kinds = [kind.kind for kind in view.aggregates if "status" in kind.model_fields]
        self.metrics.programmes(coarse(await self.engine.store.census(kinds)))
        self._again = now + self.seconds
