"""Who reads people's names or words over HTTP is recorded before they are shown, at most once a minute.

Why a minute, and what is no such page: `docs/decisions/0011-audit.md`.
"""

import asyncio
from dataclasses import dataclass, field

from shared.runtime.actions import is_opaque
from shared.runtime.engine import Engine
from shared.runtime.ids import keyed_id
from shared.runtime.item import Item
from shared.runtime.people_read import PeopleRead
from shared.runtime.ports import Unavailable

PATIENCE = 5.0
"""Seconds that a page waits to be recorded: a database that takes no write must not keep people waiting for ever."""
HEADER = "tandem-actor"
"""The header in which a request may name who reads."""
NO_NAME = (
    f"the header {HEADER} is an opaque id of who reads (letters, . _ : -, a digit), no name; correct it or omit it"
)


def reader_of(named: str | None, role: str) -> str | None:
    """Who reads: the opaque id that a request names, else the role; None where it may be a name."""
    if named is None:
        return role
    return named if is_opaque(named) else None


@dataclass
class Readers:
    """Records readers for one replica, and remembers whom it recorded in the minute that is running.

    Only what is known to be committed is remembered: when the process stops, the next one records anew. The id follows
    from reader, page and minute, so that replicas record it once. What is not recorded in time goes on being tried:
    then a reading stands in the audit of which nothing was shown, and never the other way round.
    """

    engine: Engine
    _minute: str = field(default="", init=False)
    _noted: set[str] = field(default_factory=set, init=False)
    _under_way: dict[str, asyncio.Task[None]] = field(default_factory=dict, init=False)

    async def note(self, reading: PeopleRead) -> None:
        """Record a reading in the audit, unless it was in this minute. Raises Unavailable where it cannot be."""
        engine = self.engine
        now = engine.clock.now()
        minute = now.isoformat(timespec="minutes")
        if minute != self._minute:
            self._minute, self._noted = minute, set()
        noted = self._noted
        id = f"looked.{keyed_id(engine.who.key, 'looked', minute, reading.model_dump_json())}"
        if id in noted:
            return
        await self.record(reading, id)
        noted.add(id)

    async def record(self, reading: PeopleRead, id: str) -> None:
        """Record a reading in the audit under an id, once. Raises Unavailable where it cannot be."""
        engine = self.engine
        data = reading.model_dump(mode="json")
        piece = engine.desk.from_piece(PeopleRead.__name__, data, id=id, time=engine.clock.now().isoformat())
        in_time = await self._handled(piece)
        if not in_time or piece.key not in (await engine.read((piece.key,), ())).known:
            raise Unavailable("the reading could not be recorded")

    async def _handled(self, piece: Item) -> bool:
        """Whether a piece was handled in time; if not it is still under way, once however often it is asked for."""
        task = self._under_way.get(piece.key)
        if task is None:
            task = self._under_way[piece.key] = asyncio.create_task(self.engine.handle([piece]))
            task.add_done_callback(lambda _: self._under_way.pop(piece.key))
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        for ended in done:
            ended.result()
        return bool(done)
