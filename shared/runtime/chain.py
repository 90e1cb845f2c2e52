"""A replica's own chain of the audit: one link at a time, in the order of commits."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from shared.runtime.audit import Head, Link, chain_of, next_link
from shared.runtime.ports import Clock, Store
from shared.runtime.seals import LastSeal

TURN = 0.001
"""Seconds between two looks whether it is one's turn: what another loop does meanwhile is one commit."""


@dataclass
class Chain:
    """The chain of one replica of a service, which several loops lengthen side by side.

    The head is kept in memory only from one commit that is known to have happened to the next. After anything else
    (a conflict, an unknown outcome, the replica's start) it is read again, and a link that comes late all the same, or
    of another process under this name, has taken the number: the store refuses the second.
    """

    service: str
    _last: Head | None = field(default=None, init=False)
    _taken: bool = field(default=False, init=False)

    @asynccontextmanager
    async def link(
        self, store: Store, clock: Clock, replica: str, at: str, entries: Sequence[dict[str, Any]]
    ) -> AsyncIterator[Link]:
        """The next link, while nobody else of this replica makes one; it counts if no error leaves the block.

        Whoever waits here holds nothing that the one inside could wait for. Raises Unavailable.
        """
        while self._taken:
            await clock.pause(TURN)
        self._taken = True
        last, self._last = self._last, None
        try:
            name = chain_of(replica)
            if last is None or last.chain != name:
                last = await store.head(name) or await self._sealed(store, name)
            link = next_link(last, at, entries)
            yield link
            self._last = link.head
        finally:
            self._taken = False

    async def _sealed(self, store: Store, name: str) -> Head:
        """Where a chain goes on of which no link is left: at its last seal, else it begins."""
        subject = f"{LastSeal.kind}/{self.service}"
        record = (await store.read((), (subject,))).records.get(subject)
        heads = LastSeal.from_stored(subject, record.state).heads if record and record.state else ()
        return next((head for head in heads if head.chain == name), Head(chain=name, number=0, hash=""))
