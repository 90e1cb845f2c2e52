"""The jobs of first aid (`replay.py`): what is in quarantine, made due again, and noticed where ops see its number."""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import replace

from shared.runtime.actions import Action
from shared.runtime.batch import notice_of
from shared.runtime.engine import Engine
from shared.runtime.held import AS_NEW, Wanted
from shared.runtime.ports import BrokerUnavailable, Outgoing, Record
from shared.runtime.store_reader import PAGE


async def quarantined(engine: Engine) -> list[Record]:
    """Every message and job that a person must decide on, without what it holds."""
    found: list[Record] = []
    while page := await engine.store.quarantined(found[-1].subject if found else "", PAGE):
        found += page
    return found


def wanted_by(action: Action, asked: str) -> Wanted:
    """What is to be handed back by the record that asked for it, when `asked`: of many none that came later.

    By this service's clock, since whoever asked may have another; what is named needs no bound.
    """
    times = {name: dt.datetime.fromisoformat(at) for name, at in action.wanted.items() if name in ("since", "until")}
    if action.target == "*":
        by = dt.datetime.fromisoformat(asked)
        times["until"] = min(times.get("until", by), by)
    return Wanted(action.target, action.wanted.get("type"), action.wanted.get("code"), **times)


async def hand_back(
    engine: Engine,
    wanted: Wanted,
    begun: tuple[int, str],
    beat: Callable[[], Awaitable[None]],
    take: Callable[[Record, int], Awaitable[bool]],
) -> int:
    """Make what is wanted due again, message by message; how many.

    `take` writes one together with how many there are now, unless somebody else was faster; `begun` is what it wrote
    last, with the subject: each is handed back once, however often this begins.
    """
    count, after = begun
    now = engine.clock.now().isoformat()
    while page := await engine.store.quarantined(after, PAGE):
        after = page[-1].subject
        chosen = [r.subject for r in page if wanted.takes(r.subject.partition("/")[2], r.state or {})]
        for subject in chosen:
            record = (await engine.read((), (subject,))).records.get(subject)
            if record is None or (record.state or {}).get("status") != "quarantine":
                continue
            again = {**(record.state or {}), **AS_NEW}
            ready = replace(record, version=record.version + 1, state=again, due=now)
            count += await take(ready, count + 1)
            await beat()
        await beat()
    engine.kick("kept")
    return count


async def notice_again(engine: Engine, beat: Callable[[], Awaitable[None]]) -> None:
    """Empty the quarantine queue, then notice what is in quarantine: read afterwards, so that none is missed.

    All is confirmed when this ends: a letter in the outbox might arrive after the next one's emptying. Done once more
    if something was taken out of quarantine meanwhile. Raises BrokerUnavailable.
    """
    queue = f"{engine.who.service.name}.quarantine"
    while True:
        noticed: set[str] = set()
        await engine.broker.clear_notices()
        after = ""
        while page := await engine.store.quarantined(after, PAGE):
            after = page[-1].subject
            notices = [
                Outgoing("", queue, notice_of(engine.who.service.name, r.subject, r.state or {}), r.subject)
                for r in page
            ]
            if not all(await engine.broker.publish(notices)):
                raise BrokerUnavailable("not every notice was confirmed")
            noticed |= {record.subject for record in page}
            await beat()
        if noticed <= {record.subject for record in await quarantined(engine)}:
            return
