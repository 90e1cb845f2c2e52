"""What a new day means for what lies under programmes' keys: laid in order when something has closed, then anonymous.

A key is made at the first day start after its programme is known, unless something needed it before. Documents lie in
the order in which they came, and a sender's log knows that order too: so they are taken out and put in once more, in
the order of their ids, which are keyed. When a programme is over its key is destroyed: the mark comes first, by which
neither a restored database nor a replica that wakes late makes it anew. Each step may be done twice, and by any
replica; what a crash left undone is done when the next day starts.
"""

import datetime as dt
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from shared.runtime.aggregate import Aggregate
from shared.runtime.batch import KEPT, Batch, NotRead, reads
from shared.runtime.engine import Engine
from shared.runtime.ids import derived_id
from shared.runtime.item import Item
from shared.runtime.ports import Conflict, Record
from shared.runtime.programme_keys import KeyAway, ProgrammeKey, fingerprint_of, subject_of
from shared.runtime.replaying import notice_again
from shared.runtime.store_reader import PAGE, StoreReader
from shared.runtime.table import SealedIds, Standing

AT_ONCE = 100
"""So many documents are laid anew in one transaction."""


async def unlink(engine: Engine, date: dt.date, time: str, beat: Callable[[], Awaitable[None]]) -> None:
    """Look at every programme of a service that seals ids. Raises what the store raises.

    A programme whose key is away waits until the next day; who watches the service is told (`key_trouble`).
    """
    sealed = engine.who.service.sealed
    if sealed is None:
        return
    reader = StoreReader(engine, date, beat)
    for programme in await reader.find(sealed.programme, None):
        try:
            await _Programme(engine, sealed, programme.id, reader, time, beat).run()
        except KeyAway as error:
            engine.observer.log("failed", type="programme-key", id=programme.id, reason=str(error))


async def key_trouble(engine: Engine) -> str | None:
    """None, or which key of a programme that still runs is away, or why none can be made, and what to do.

    Raises Unavailable.
    """
    if engine.who.service.sealed is None:
        return None
    known = [key for key in await StoreReader(engine).find(ProgrammeKey, None) if not key.destroyed]
    try:
        for key in known:
            engine.who.keys.key(key.id, key.fingerprint)
        engine.who.keys.check()
    except KeyAway as error:
        return str(error)
    return None


async def unknown(engine: Engine, items: Sequence[Item]) -> list[int]:
    """Which of these messages a service has neither handled nor kept, as indexes. Raises Unavailable.

    Of unlinkable ones whose key is destroyed nobody can tell: they count as known.
    """
    batch = Batch(engine.who, engine.clock.now(), engine.retries)
    sealed = await engine.sealed_known(batch, [item for item in items if item.unlinkable])
    known = sealed | (await engine.read([item.key for item in items], ())).known
    told = [item.sealed == "" or not known.isdisjoint((item.key, item.noted)) for item in items]
    return [number for number, handled in enumerate(told) if not handled]


@dataclass
class _Programme:
    engine: Engine
    sealed: SealedIds
    id: str
    reader: StoreReader
    time: str
    beat: Callable[[], Awaitable[None]]

    async def run(self) -> None:
        """Do what is to be done today. Raises KeyAway, and what the store raises."""
        engine = self.engine
        while True:
            record = (await engine.read((), (subject_of(self.id),))).records.get(subject_of(self.id))
            before = ProgrammeKey.from_stored(record.subject, record.state) if record and record.state else None
            after = await self._look(before)
            if after == before or after is None:
                return
            version = record.version + 1 if record else 1
            written = Record(after.subject, after.kind, version=version, state=after.to_store())
            try:
                await engine.commit(engine.bookkeeping(writes=(written,)))
                return
            except Conflict:
                await engine.clock.pause(engine.jitter())

    async def _look(self, known: ProgrammeKey | None) -> ProgrammeKey | None:
        """What the database is to know of the key from now on."""
        keys = self.engine.who.keys
        if known is not None and known.destroyed:
            if known.fingerprint:
                keys.destroy(self.id, known.fingerprint)  # once more, where a folder was put back
            return known
        standing = await self._standing()
        if known is None and standing.over and not await self._any_held():
            return None  # it was over before there were keys, and nothing is left of it
        key = keys.key(self.id, known.fingerprint if known else None)
        fingerprint = known.fingerprint if known else fingerprint_of(key, self.id) if key is not None else ""
        ordered = known.ordered if known else {}
        # Restored from a backup: nothing leads to anybody in it, however far it was.
        over = key is None
        moved = key is not None and bool(standing.pieces)
        if moved:
            await self._hand(standing)
            standing = await self._standing()
        over = over or (standing.over and not standing.pieces)
        if over:
            await self._drop_kept()
        if over or moved or _more(standing.closed, ordered):
            await self._lay_in_order()
            ordered = {**ordered, **standing.closed}
        if over and key is not None:
            keys.destroy(self.id, fingerprint)
        return ProgrammeKey(id=self.id, fingerprint=fingerprint, destroyed=over, ordered=ordered)

    async def _standing(self) -> Standing:
        return await self.sealed.standing(self.id, self.reader)

    async def _any_held(self) -> bool:
        store = self.engine.store
        return any([await store.find(kind.kind, self.id, f"{kind.kind}/", 1) for kind in self.sealed.holds])

    async def _hand(self, standing: Standing) -> None:
        """Have what comes before done, each by its row; what failed is seen by whoever looks again."""
        engine = self.engine
        items: list[Item] = []
        for piece in standing.pieces:
            data = piece.model_dump(mode="json")
            id = derived_id("unlink", self.id, self.reader.today, json.dumps(data, sort_keys=True))
            items.append(engine.desk.from_piece(type(piece).__name__, data, id=f"unlink.{id}", time=self.time))
        for start in range(0, len(items), engine.limits.batch):
            await engine.room()
            await engine.handle(items[start : start + engine.limits.batch])
            await self.beat()

    async def _lay_in_order(self) -> None:
        """Take everything out and put it in once more in the order of its ids, some in each transaction.

        None is ever missing: each goes and comes in one transaction. Whoever changed one meanwhile was faster, and its
        page is read again. Two that do it at once lay pages in each other's order, which tells nothing either.

        All get one version, since theirs tell which was changed, by an erasure for one. It is higher than any before:
        whoever decided on an older state never meets that number again.
        """
        for kind in self.sealed.holds:
            alike = 1 + max([record.version async for page in self._pages(kind) for record in page], default=0)
            async for page in self._pages(kind):
                await self._lay(page, alike)

    async def _pages(self, kind: type[Aggregate]) -> AsyncIterator[list[Record]]:
        after = f"{kind.kind}/"
        while page := await self.engine.store.find(kind.kind, self.id, after, AT_ONCE):
            yield page
            after = page[-1].subject
            await self.beat()

    async def _lay(self, page: Sequence[Record], version: int) -> None:
        while page:
            alike = max(version, *(record.version + 1 for record in page))
            anew = tuple((record.version, replace(record, version=alike)) for record in page)
            try:
                await self.engine.commit(self.engine.bookkeeping(anew=anew))
                return
            except Conflict:
                await self.engine.clock.pause(self.engine.jitter())
            records = (await self.engine.read((), [record.subject for record in page])).records
            page = [records[record.subject] for record in page if record.subject in records]

    async def _drop_kept(self) -> None:
        """Let go of unlinkable messages that are kept, whatever for: their bodies name people.

        Whoever sent one hears it. One of which nobody can say to which programme it belongs goes along: nothing can
        come of it.
        """
        engine = self.engine
        after, quarantined = f"{KEPT}/", False
        while page := await engine.store.find(KEPT, None, after, PAGE):
            dropped = []
            for record in page:
                item = engine.desk.from_kept(record)
                if not item.unlinkable or not await self._mine(item):
                    continue
                quarantined = quarantined or (record.state or {})["status"] == "quarantine"
                engine.desk.drop(item, "gone")
                dropped.append(item)
            for start in range(0, len(dropped), engine.limits.batch):
                await engine.handle(dropped[start : start + engine.limits.batch])
            after = page[-1].subject
            await self.beat()
        if quarantined:
            await notice_again(engine, self.beat)

    async def _mine(self, item: Item) -> bool:
        """Whether a message belongs to this programme, or to none that is known; sealed, if it came without a key."""
        if item.message is None:
            return True
        programme_of = self.sealed.unlinkable[type(item.message)]  # type: ignore[index]
        batch = Batch(self.engine.who, self.engine.clock.now(), self.engine.retries)
        while True:
            try:
                programme = programme_of(item.message, reads(batch))
                if programme == self.id:
                    batch.seal(item)
                return programme in (None, self.id)
            except NotRead as more:
                batch.add(more.subjects, (await self.engine.read((), more.subjects)).records)


def _more(closed: Mapping[str, int], ordered: Mapping[str, int]) -> bool:
    """Whether something has closed, or more of it, since everything was last laid in order."""
    return any(count > ordered.get(name, 0) for name, count in closed.items())
