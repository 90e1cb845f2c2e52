"""Many aggregates read page by page: what a job works on, what a view shows."""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from shared.runtime.aggregate import Aggregate
from shared.runtime.days import BEFORE_TIME
from shared.runtime.engine import Engine

A = TypeVar("A", bound=Aggregate)
PAGE = 500
"""So many records are read at once."""


@dataclass
class StoreReader:
    """Reads many aggregates for a job's inputs or a view, page by page; `beat` keeps a job's lease meanwhile."""

    engine: Engine
    today: dt.date = BEFORE_TIME
    beat: Callable[[], Awaitable[None]] | None = None

    async def get(self, aggregate: type[A], id: str, /) -> A | None:
        """One aggregate, or None."""
        subject = f"{aggregate.kind}/{id}"
        record = (await self.engine.read((), (subject,))).records.get(subject)
        return aggregate.from_stored(record.subject, record.state) if record and record.state is not None else None

    async def all(self, aggregate: type[A], ids: Sequence[str], /) -> list[A | None]:
        """Several aggregates by id, in order; None where there is none."""
        found: dict[str, A] = {}
        for start in range(0, len(ids), PAGE):
            subjects = [f"{aggregate.kind}/{id}" for id in ids[start : start + PAGE]]
            records = (await self.engine.read((), subjects)).records
            for subject, record in records.items():
                if record.state is not None:
                    found[subject] = aggregate.from_stored(subject, record.state)
            if self.beat is not None:
                await self.beat()
        return [found.get(f"{aggregate.kind}/{id}") for id in ids]

    async def find(self, aggregate: type[A], programme: str | None, /) -> list[A]:
        """All aggregates of a kind in a programme (None: in any and in none), ordered by subject."""
        found: list[A] = []
        # From the kind's first subject on: without a programme the order of all subjects is what is read along.
        after = f"{aggregate.kind}/"
        while page := await self.engine.store.find(aggregate.kind, programme, after, PAGE):
            found += [aggregate.from_stored(record.subject, record.state or {}) for record in page]
            after = page[-1].subject
            if self.beat is not None:
                await self.beat()
        return found
