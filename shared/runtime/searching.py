"""The job that erases people (`erasing.py`): burying them, and searching all that is kept until nothing is left.

Nothing of how far a search came is remembered: each goes over everything, and only one that finds nothing ends the job.
"""

import datetime as dt
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from shared.runtime.batch import HEAVY, KEPT, LIGHT, RELEASE
from shared.runtime.engine import Engine
from shared.runtime.erasing import ERASE_JOB, Erasure, NothingLeft, TakeOut, concerns_of
from shared.runtime.held import AS_NEW, HeldJob
from shared.runtime.ids import derived_id
from shared.runtime.item import Item
from shared.runtime.journal import mark
from shared.runtime.ports import Conflict, Record
from shared.runtime.replay import may_be_discarded
from shared.runtime.replaying import notice_again
from shared.runtime.store_reader import PAGE
from shared.runtime.table import Concerns
from shared.runtime.tombstones import COUNTER, Tombstone, Tombstones, tombstone_id

Beat = Callable[[], Awaitable[None]]


async def bury(engine: Engine, hashes: Sequence[str]) -> None:
    """Write a tombstone for each hash that has none, and put all on the list of erasures. Done twice it is harmless.

    The list comes first: a tombstone that a backup lacks must stand on it. Raises Unavailable, and OSError where the
    list cannot be written.
    """
    if engine.erasures is not None:
        await engine.erasures.add(hashes, engine.clock.now().date())
    while True:
        subjects = [f"{Tombstone.kind}/{hash}" for hash in hashes]
        known = (await engine.read((), [*subjects, COUNTER])).records
        new = [Tombstone(id=hash) for hash, subject in zip(hashes, subjects, strict=True) if subject not in known]
        if not new:
            break
        counter = known.get(COUNTER) or Record(COUNTER, Tombstones.kind)
        count = Tombstones.from_stored(COUNTER, counter.state).count if counter.state else 0
        moved = Tombstones(id=COUNTER.partition("/")[2], count=count + len(new))
        writes = (
            *(Record(t.subject, t.kind, version=1, state=t.to_store()) for t in new),
            replace(counter, version=counter.version + 1, state=moved.to_store()),
        )
        try:
            await engine.commit(engine.bookkeeping(writes=writes))
            break
        except Conflict:
            await engine.clock.pause(engine.jitter())


def hashes_of(engine: Engine, erasure: Erasure) -> list[str]:
    """The ids of the tombstones of an erasure's people."""
    return sorted(tombstone_id(engine.who.key, who) for who in erasure.ids)


@dataclass
class Search:
    """One search for an erasure's people, which lets go of what it finds.

    `tries` tells this search's pieces from those of an earlier one. `found` counts what named them in aggregates and
    kept messages; `under_way` says whether something else still does, which ends by itself.
    """

    engine: Engine
    erasure: Erasure
    job: str
    tries: int
    beat: Beat
    time: str = ""
    correlation: str = ""
    found: int = 0
    under_way: bool = False
    _stuck: set[str] = field(default_factory=set, init=False)

    async def run(self) -> bool:
        """Search everything; whether nothing was found. Raises what the store raises, and BrokerUnavailable.

        What works for them ends first, while it still finds those whom it works for.
        """
        await self._jobs()
        if self.under_way:
            return False
        await self.kept_and_aggregates()
        await self._marks()
        ids = self.erasure.ids
        await self.engine.store.forget(ids, tuple(self.engine.who.service.dues))
        self.under_way = self.under_way or await self.engine.store.holds(ids)
        return not self.found and not self.under_way

    async def kept_and_aggregates(self) -> None:
        """Let go of them in all that the service remembers, and drop the messages that it keeps of them."""
        await self._kept()
        for concerns in concerns_of(self.engine.who.service):
            await self._aggregates(concerns)

    async def say_done(self) -> None:
        """Say that nothing is left."""
        data = NothingLeft(erasure_id=self.erasure.id).model_dump(mode="json")
        await self.engine.handle([self._piece(NothingLeft.__name__, data, f"erased.{self.job}")])

    def _piece(self, piece: str, data: dict[str, object], id: str) -> Item:
        return self.engine.desk.from_piece(piece, data, id=id, time=self.time, correlation=self.correlation)

    def _named(self, text: object) -> bool:
        """Whether one of them stands in a text, or in JSON."""
        said = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
        return any(who in said.lower() for who in self.erasure.ids)

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

    async def _kept(self) -> None:
        """Messages that wait, are to be tried again, or lie in quarantine: decided now, they are dropped.

        What erases and failed stays until a release mends it: it lies where ops see it, and is not handed over again.
        """
        quarantined = False
        async for page in self._pages(KEPT):
            named = []
            for record, item in ((record, self.engine.desk.from_kept(record)) for record in page):
                if not self._named(item.text):
                    continue
                self.found += 1
                state = record.state or {}
                if state["stored"].get("piece") == TakeOut.__name__:
                    self._stuck.add(state["stored"]["data"]["subject"])
                    continue
                quarantined = quarantined or state["status"] == "quarantine"
                named.append(item)
            await self._handle(named)
        async for page in self._pages(RELEASE):
            self.under_way = self.under_way or any(self._named(record.state) for record in page)
        if quarantined:
            await notice_again(self.engine, self.beat)

    async def _aggregates(self, concerns: Concerns) -> None:
        kind = concerns.aggregate
        for programme in (None,) if concerns.everywhere else self.erasure.programmes:
            async for page in self._pages(kind.kind, programme):
                pieces = []
                for record in page:
                    whom = self.erasure.ids.intersection(
                        concerns.people(kind.from_stored(record.subject, record.state or {}))
                    )
                    if not whom:
                        continue
                    self.found += 1
                    if record.subject not in self._stuck:
                        data = TakeOut(subject=record.subject, people=tuple(sorted(whom))).model_dump(mode="json")
                        id = f"{self.job}.{self.tries}.{mark(record.subject)}"
                        pieces.append(self._piece(TakeOut.__name__, data, id))
                await self._handle(pieces)

    async def _marks(self) -> None:
        """Marks of messages that waited for one of the people, who never came: nobody waits any more."""
        kinds = [concerns.aggregate.kind for concerns in concerns_of(self.engine.who.service)]
        subjects = [f"{kind}/{who}" for kind in kinds for who in sorted(self.erasure.ids)]
        records = (await self.engine.read((), subjects)).records.values()
        await self._delete([record for record in records if record.state is None])

    async def _jobs(self) -> None:
        """Jobs that work for one of the people end by themselves, and take their results along.

        One that lies in quarantine, and that something starts again, is given up. Another in quarantine keeps the
        erasure waiting until a person mends it: what it was to let go of in order, others would else hold for ever.
        """
        jobs: dict[str, Record] = {}
        named: set[str] = set()
        for kind in (LIGHT, HEAVY):
            async for page in self._pages(kind):
                for record in (r for r in page if not _erases(r)):
                    jobs[record.subject] = record
                    works_on = [(record.state or {}).get(what) for what in ("ref", "told")]
                    named |= {record.subject} if self._named(works_on) else set()
        orphans = []
        async for page in self._pages("_result"):
            for record in (record for record in page if self._named(record.state)):
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
            self.under_way = True  # somebody else goes on with it; the next search will see


def _erases(record: Record) -> bool:
    """Whether a job names people only to erase them, and is at it: two at once must not wait for each other."""
    state = record.state or {}
    return state["job"] == ERASE_JOB and state.get("status") != "quarantine"


def begun(erasure: Erasure, correlation: str, now: dt.datetime) -> Record:
    """The job that erases, as the store keeps it, begun by no message but by a restore."""
    state = {
        "job": ERASE_JOB,
        "ref": erasure.text(),
        "cause": "",
        "correlation": correlation,
        "time": now.isoformat(),
        "reply_to": None,
        "traceparent": None,
        "attempts": 0,
        "tries": 0,
        "since": now.isoformat(),
        "restored": True,
    }
    return Record(
        subject=f"_job/{derived_id(ERASE_JOB, correlation)}", kind=LIGHT, version=1, state=state, due=now.isoformat()
    )
