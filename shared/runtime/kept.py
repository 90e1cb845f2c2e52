"""What was kept for later: messages whose cause has come, and failed ones whose time has.

A subject that comes leaves a small *release* in its transaction, however many wait for it; they are taken from there in
bounded pieces. Whoever takes messages claims them for a while; a claim that ran out counts against the message, since
its process may have died of it.
"""

import datetime as dt
from dataclasses import dataclass, replace

from shared.runtime.batch import KEPT, RELEASE
from shared.runtime.engine import MARKS, Engine
from shared.runtime.item import Item
from shared.runtime.ports import Conflict, Record


@dataclass
class Kept:
    """The loop of one replica over what is kept."""

    engine: Engine

    async def round(self) -> bool:
        """Claim some of what can be decided now, and decide it; whether there was any."""
        engine = self.engine
        if engine.full:
            await engine.clock.pause(0.05)
            return False
        limit = engine.limits.batch
        now = engine.clock.now()
        due = await engine.store.due((KEPT, RELEASE), now.isoformat(), "", limit)
        if not due:
            return False
        releases = [record for record in due if record.kind == RELEASE]
        taken = {record.subject: record for record in due if record.kind == KEPT}
        done: list[tuple[str, int]] = []
        for release in releases:
            room = limit - len(taken)
            if room <= 0:
                break
            waiting = await engine.store.waiting((release.state or {})["awaited"], room)
            taken |= {record.subject: record for record in waiting}
            if len(waiting) < room:
                done.append((release.subject, release.version))
        until = (now + dt.timedelta(seconds=engine.limits.lease)).isoformat()
        claimed = [_claimed(record, until) for record in taken.values()]
        try:
            await engine.commit(engine.bookkeeping(writes=tuple(claimed), deletes=tuple(done)))
        except Conflict:
            await engine.clock.pause(engine.jitter())
            return True
        await self._decide(claimed)
        return True

    async def _decide(self, claimed: list[Record]) -> None:
        engine = self.engine
        together: list[Item] = []
        for record in claimed:
            item = engine.desk.from_kept(record)
            expired = (record.state or {})["expired"]
            if expired > MARKS:
                item.fault = f"killed_its_process: its process ended {MARKS} times while it was being handled"
            if expired:
                await engine.handle([item])
            else:
                together.append(item)
        await engine.handle(together)


def _claimed(record: Record, until: str) -> Record:
    """A kept message that is about to be decided: nobody else's until then."""
    state = dict(record.state or {})
    state["expired"] = state.get("expired", 0) + 1 if state.get("claimed") else 0
    state |= {"claimed": True, "status": "ready"}
    return replace(record, version=record.version + 1, state=state, due=until, awaits=None)
