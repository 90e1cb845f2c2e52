"""A store in memory under which something happens at the worst moment: for races of two replicas."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any

from shared.runtime.adapters.memory import MemoryStore
from shared.runtime.ports import Change, Snapshot


@dataclass
class Interrupted(MemoryStore):
    """Lets something happen once: before a commit that writes `kind`, or between the reading of it and of the rest.

    Where `after` is given, only once that kind has been read.
    """

    kind: str
    happens: Callable[[], Awaitable[Any]] | None
    reading: bool = False
    after: str = ""

    async def _interrupt(self, found: bool) -> None:
        if found and not self.after and self.happens is not None:
            happens, self.happens = self.happens, None
            await happens()

    async def read(self, keys: Collection[str], subjects: Collection[str]) -> Snapshot:
        """Read, and let something happen after it."""
        snapshot = await super().read(keys, subjects)
        if any(s.startswith(f"{self.after}/") for s in subjects):
            self.after = ""
        await self._interrupt(self.reading and any(s.startswith(f"{self.kind}/") for s in subjects))
        return snapshot

    async def commit(self, change: Change) -> None:
        """Let something happen, then commit."""
        await self._interrupt(not self.reading and any(record.kind == self.kind for record in change.writes))
        await super().commit(change)
