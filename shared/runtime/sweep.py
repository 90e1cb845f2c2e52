"""Going over all that a service keeps, to let go of some of it: what erasing people and retention have in common.

Nothing of how far a sweep came is remembered: each goes over everything, and only one that finds nothing ends the job.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shared.runtime.batch import HEAVY, LIGHT
from shared.runtime.decision import Internal
from shared.runtime.engine import Engine
from shared.runtime.erasing import ERASE_JOB
from shared.runtime.held import AS_NEW, HeldJob
from shared.runtime.item import Item
from shared.runtime.journal import mark
from shared.runtime.ports import Conflict, Record
from shared.runtime.replay import may_be_discarded
from shared.runtime.replaying import notice_again
from shared.runtime.store_reader import PAGE
from shared.runtime.table import RETAIN_JOB

Beat = Callable[[], Awaitable[None]]


@dataclass
class Sweep(ABC):
    """One sweep, which lets go of what it finds.

    `tries` tells this sweep's pieces from those of an earlier one of the same `job`. `found` counts what there was in
    aggregates and kept messages; `under_way` says whether something else still is, which ends by itself.
    """

    engine: Engine
    job: str
    tries: int
    beat: Beat
    time: str = ""
    correlation: str = ""
    found: int = field(default=0, init=False)
    under_way: bool = field(default=False, init=False)

    @abstractmethod
    async def run(self) -> bool:
        """Sweep everything; whether nothing was found. Raises what the store raises, and BrokerUnavailable."""

    @abstractmethod
    def done(self) -> Internal:
        """What is handed over when nothing is left."""

    @abstractmethod
    def named(self, what: Any) -> bool:
        """Whether a text, or JSON, names what is let go of."""

    async def say_done(self) -> None:
        """Say that nothing is left."""
        await self.engine.handle([self._item(self.done(), f"erased.{self.job}")])

    def _item(self, piece: Internal, id: str) -> Item:
        data = piece.model_dump(mode="json")
        return self.engine.desk.from_piece(
            type(piece).__name__, data, id=id, time=self.time, correlation=self.correlation
        )

    def _piece(self, piece: Internal, subject: str) -> Item:
        """The piece about an aggregate."""
        return self._item(piece, f"{self.job}.{self.tries}.{mark(subject)}")

    async def _pages(self, kind: str, programme: str | None = None) -> AsyncIterator[list[Record]]:
        after = f"{kind}/" if kind not in (LIGHT, HEAVY) else ""
        while page := await self.engine.store.find(kind, programme, after, PAGE):
            yield page
            after = page[-1].subject
            await self.beat()

    async def _handle(self, items: Sequence[Item]) -> None:
        size = self.engine.limits.batch
        for start in range(0, len(items), size):
            await self.engine.room()
            await self.engine.handle(items[start : start + size])
            await self.beat()

    async def _jobs(self) -> None:
        """Jobs that work for what is let go of end by themselves, and take their results along.

        One that lies in quarantine, and that something starts again, is given up. Another in quarantine keeps the sweep
        waiting until a person mends it: what it was to let go of in order, others would else hold for ever.
        """
        jobs: dict[str, Record] = {}
        named: set[str] = set()
        for kind in (LIGHT, HEAVY):
            async for page in self._pages(kind):
                for record in (r for r in page if not _sweeps(r)):
                    jobs[record.subject] = record
                    works_on = [(record.state or {}).get(what) for what in ("ref", "told")]
                    named |= {record.subject} if self.named(works_on) else set()
        orphans = []
        async for page in self._pages("_result"):
            for record in (record for record in page if self.named(record.state)):
                job = f"_job/{record.subject.partition('/')[2].partition('.')[0]}"
                if job in jobs:
                    named.add(job)
                else:
                    orphans.append(record)
        await self._delete(orphans)
        self.under_way = self.under_way or bool(named)
        await self._give_up([jobs[subject] for subject in sorted(named)])

    async def _give_up(self, jobs: Sequence[Record]) -> None:
        engine = self.engine
        given_up = []
        for record in jobs:
            held = HeldJob.from_stored(record.subject, record.state or {})
            if held.quarantined and may_be_discarded(engine.who.service, held):
                state = {**held.held, **AS_NEW, "discarded": True}
                now = engine.clock.now().isoformat()
                given_up.append(replace(record, version=record.version + 1, state=state, due=now))
        for record in given_up:
            await self._commit(writes=(record,))
        if given_up:
            engine.kick("jobs")
            await notice_again(engine, self.beat)

    async def _delete(self, records: Sequence[Record]) -> None:
        for record in records:
            self.under_way = True
            await self._commit(deletes=((record.subject, record.version),))

    async def _commit(self, writes: tuple[Record, ...] = (), deletes: tuple[tuple[str, int], ...] = ()) -> None:
        try:
            await self.engine.commit(self.engine.bookkeeping(writes=writes, deletes=deletes))
        except Conflict:
            self.under_way = True  # somebody else goes on with it; the next sweep will see


def _sweeps(record: Record) -> bool:
    """Whether a job names something only to let go of it, and is at it: two at once must not wait for each other.

    One of retention names a programme alone, and says nothing of anybody also where it lies in quarantine.
    """
    state = record.state or {}
    return state["job"] == RETAIN_JOB or (state["job"] == ERASE_JOB and state.get("status") != "quarantine")
