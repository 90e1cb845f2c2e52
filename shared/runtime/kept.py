"""What was kept for later: messages whose cause has come, and failed ones whose time has.

A subject that comes leaves a small *release* in its transaction, however many wait for it; they are taken from there in
bounded pieces. Whoever takes messages claims them for a while; a claim that ran out counts against the message, since
its process may have died of it.
"""

import datetime as dt
from collections.abc import Sequence
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
        going_on: list[Record] = []
        for release in releases:
            room = limit - len(taken)
            if room <= 0:
                break
            state = release.state or {}
            waiting = await engine.store.waiting(state["awaited"], state.get("after", ""), room)
            taken |= {record.subject: record for record in waiting}
            if len(waiting) < room:
                done.append((release.subject, release.version))
            else:
                # From here on: who waits for the subject again must not be met again, and again.
                further = {**state, "after": waiting[-1].subject}
                going_on.append(replace(release, version=release.version + 1, state=further))
        fresh = [record for record in taken.values() if not _claimed_before(record)]
        claimed = await self._claim(fresh, going_on, done)
        await engine.handle([engine.desk.from_kept(record) for record in claimed])
        for suspect in (record for record in taken.values() if _claimed_before(record)):
            # Whoever claimed it may have died of it, or of another beside it: each by itself, so that only one counts.
            async with engine.alone():
                await engine.handle_alone([self._suspect(record) for record in await self._claim([suspect])])
        return True

    async def _claim(
        self, records: list[Record], going_on: Sequence[Record] = (), done: Sequence[tuple[str, int]] = ()
    ) -> list[Record]:
        """Claim these, and note how far these releases have come; none if somebody was faster."""
        engine = self.engine
        until = (engine.clock.now() + dt.timedelta(seconds=engine.limits.lease)).isoformat()
        claimed = [_claim_of(record, until) for record in records]
        if not (claimed or going_on or done):
            return []
        try:
            await engine.commit(engine.bookkeeping(writes=(*claimed, *going_on), deletes=tuple(done)))
        except Conflict:
            await engine.clock.pause(engine.jitter())
            return []
        return claimed

    def _suspect(self, record: Record) -> Item:
        item = self.engine.desk.from_kept(record)
        if (record.state or {})["expired"] > MARKS:
            item.fault = f"killed_its_process: its process ended {MARKS} times while it was being handled"
        return item


def _claimed_before(record: Record) -> bool:
    return bool((record.state or {}).get("claimed"))


def _claim_of(record: Record, until: str) -> Record:
    """A kept message that is about to be decided: nobody else's until then."""
    state = dict(record.state or {})
    state["expired"] = state.get("expired", 0) + 1 if state.get("claimed") else 0
    state |= {"claimed": True, "status": "ready"}
    return replace(record, version=record.version + 1, state=state, due=until, awaits=None)
