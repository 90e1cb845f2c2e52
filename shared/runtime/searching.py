"""The job that erases people (`erasing.py`): burying them, and searching all that is kept until nothing is left."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shared.runtime.batch import KEPT, LIGHT, RELEASE
from shared.runtime.engine import Engine
from shared.runtime.erasing import ERASE_JOB, Erasure, NothingLeft, TakeOut, concerns_of
from shared.runtime.ids import derived_id
from shared.runtime.naming import names, stands_in
from shared.runtime.ports import Conflict, Record
from shared.runtime.replaying import notice_again
from shared.runtime.sweep import Sweep
from shared.runtime.table import Concerns
from shared.runtime.tombstones import COUNTER, Tombstone, Tombstones, tombstone_id


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
class Search(Sweep):
    """One search for an erasure's people, which lets go of what it finds."""

    erasure: Erasure = field(kw_only=True)
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

    def done(self) -> NothingLeft:
        """Nothing is left of them."""
        return NothingLeft(erasure_id=self.erasure.id)

    def named(self, what: Any) -> bool:
        """Whether one of them stands in a text, or in JSON."""
        return stands_in(self.erasure.ids, what)

    async def _kept(self) -> None:
        """Messages that wait, are to be tried again, or lie in quarantine: decided now, they are dropped.

        What erases and failed stays until a release mends it: it lies where ops see it, and is not handed over again.
        """
        quarantined = False
        async for page in self._pages(KEPT):
            named = []
            for record, item in ((record, self.engine.desk.from_kept(record)) for record in page):
                how = names(self.engine.who, item, self.erasure.ids, self.erasure.programmes)
                if how is None:
                    continue
                if how == "otherwise":
                    # The tombstones, which are for ids, would not have it dropped.
                    self.engine.desk.drop(item)
                self.found += 1
                state = record.state or {}
                if state["stored"].get("piece") == TakeOut.__name__:
                    self._stuck.add(state["stored"]["data"]["subject"])
                    continue
                quarantined = quarantined or state["status"] == "quarantine"
                named.append(item)
            await self._handle(named)
        async for page in self._pages(RELEASE):
            self.under_way = self.under_way or any(self.named(record.state) for record in page)
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
                        piece = TakeOut(subject=record.subject, people=tuple(sorted(whom)))
                        pieces.append(self._piece(piece, record.subject))
                await self._handle(pieces)

    async def _marks(self) -> None:
        """Marks of messages that waited for one of the people, who never came: nobody waits any more."""
        kinds = [concerns.aggregate.kind for concerns in concerns_of(self.engine.who.service)]
        subjects = [f"{kind}/{who}" for kind in kinds for who in sorted(self.erasure.ids)]
        records = (await self.engine.read((), subjects)).records.values()
        await self._delete([record for record in records if record.state is None])


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
