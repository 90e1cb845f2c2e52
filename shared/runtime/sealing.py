"""The day's work on the audit: seal the heads of all chains, then drop what has been kept long enough."""

import datetime as dt
from collections.abc import Awaitable, Callable

from shared.runtime.audit import Head
from shared.runtime.engine import Engine
from shared.runtime.ports import Record
from shared.runtime.seals import DayToSeal, LastSeal, Seal, heads_after, oldest_kept, worth_a_seal
from shared.runtime.store_reader import PAGE, StoreReader

Beat = Callable[[], Awaitable[None]]


async def seal_day(engine: Engine, date: dt.date, beat: Beat) -> None:
    """Seal the heads of all chains once a day, whichever replica does it; nothing where there is nothing to say.

    Links that are committed meanwhile are sealed the next day: a head that was read stands for all before it. Raises
    what the store raises.
    """
    name = engine.who.service.name
    heads = await _heads(engine, beat)
    last = await StoreReader(engine).get(LastSeal, name)
    if last is None and not heads:
        return
    gone = await _gone(engine, heads)
    if last is None or worth_a_seal(last, heads_after(last.heads, heads, gone), date, engine.audit_years):
        day = DayToSeal(date=date, years=engine.audit_years, heads=heads, gone=gone)
        id = f"seal.{name}.{date.isoformat()}"
        time = engine.clock.now().isoformat()
        await engine.handle([engine.desk.from_piece(DayToSeal.__name__, day.model_dump(mode="json"), id, time=time)])
    newest = await StoreReader(engine).get(LastSeal, name)
    if newest is not None:
        await _drop(engine, oldest_kept(newest.date, newest.years), beat)


async def _heads(engine: Engine, beat: Beat) -> tuple[Head, ...]:
    """The heads of all chains, by chain: from each to the first link of the next."""
    heads: list[Head] = []
    after = ""
    while found := await engine.store.links(after, 1):
        chain = found[0]["chain"]
        head = await engine.store.head(chain)
        if head is not None:
            heads.append(head)
        after = f"{chain}/:"  # behind every number
        await beat()
    return tuple(heads)


async def _gone(engine: Engine, heads: tuple[Head, ...]) -> tuple[Head, ...]:
    """The heads with which the kept audit begins and of whose chains no link is kept any more."""
    begins = await engine.store.find(Seal.kind, None, "", 1)
    there = {head.chain for head in heads}
    return tuple(head for record in begins for head in _seal(record).heads if head.chain not in there)


async def _drop(engine: Engine, oldest: dt.date, beat: Beat) -> None:
    """Drop seals and links of days before the oldest kept; the last seal before it is where the audit now begins.

    Seals first: links that are left when a process ends between the two are dropped on the next day.
    """
    begins: Record | None = None
    while page := await engine.store.find(Seal.kind, None, "", PAGE):
        old = [record for record in page if _seal(record).date < oldest]
        if not old:
            break
        begins = old[-1]
        dropped = tuple((record.subject, record.version) for record in old[:-1])
        if not dropped:
            break
        await engine.commit(engine.bookkeeping(deletes=dropped))
        await beat()
    for head in _seal(begins).heads if begins else ():
        await engine.store.forget_links(head.chain, head.number)
        await beat()


def _seal(record: Record) -> Seal:
    return Seal.from_stored(record.subject, record.state or {})
