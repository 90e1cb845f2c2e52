"""Saying what was committed: published with confirms, forgotten when all of it is confirmed, swept after a crash."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from shared.runtime.batch import CLAIM
from shared.runtime.ports import BrokerUnavailable, Clock, Deliveries, Observer, Outgoing, Store, Unavailable

LONGEST_PAUSE = 5.0
"""Seconds between attempts while nothing gets through."""


@dataclass
class Outbox:
    """What one replica has committed and must still publish. `at_once` is the most messages published together.

    One message that the broker refuses closes the channel for all that travel with it: after a failure fewer travel
    together, down to one, and what failed goes behind the others.
    """

    store: Store
    broker: Deliveries
    clock: Clock
    owner: str
    observer: Observer
    at_once: int
    kick: Callable[[str], None]
    waiting: deque[tuple[str, Outgoing]] = field(default_factory=deque)
    unconfirmed: Counter[str] = field(default_factory=Counter)
    settled: list[str] = field(default_factory=list)
    mine: set[str] = field(default_factory=set)
    _together: int = field(default=0, init=False)
    _failures: int = field(default=0, init=False)
    _seen_open: frozenset[str] = field(default=frozenset(), init=False)

    @property
    def backlog(self) -> int:
        """Messages committed and not yet confirmed by the broker."""
        return len(self.waiting)

    @property
    def empty(self) -> bool:
        """Whether everything is confirmed and forgotten."""
        return not (self.waiting or self.unconfirmed or self.settled)

    def begin(self, token: str) -> None:
        """An attempt is about to be committed: its document is not to be swept."""
        self.mine.add(token)

    def drop(self, token: str) -> None:
        """An attempt was not committed."""
        self.mine.discard(token)

    def add(self, token: str, messages: tuple[Outgoing, ...]) -> None:
        """An attempt was committed, or a document taken over."""
        self.mine.add(token)
        if not messages:
            self.settled.append(token)
            return
        self.unconfirmed[token] = len(messages)
        self.waiting.extend((token, message) for message in messages)
        self.kick("publish")

    async def publish(self) -> bool:
        """Publish some of what waits, and forget the documents of which everything was confirmed."""
        self._together = self._together or self.at_once
        letters = [self.waiting.popleft() for _ in range(min(self._together, len(self.waiting)))]
        if not letters:
            return await self._settle()
        began = self.clock.now()
        try:
            confirmed = await self.broker.publish([message for _, message in letters])
        except BrokerUnavailable:
            confirmed = [False] * len(letters)
        failed = [letter for letter, arrived in zip(letters, confirmed, strict=True) if not arrived]
        for (token, _), arrived in zip(letters, confirmed, strict=True):
            if arrived:
                self._confirmed(token)
        # What goes to somebody's own queue is counted nowhere: it would tell that they asked.
        public = sum(bool(letter.exchange) and arrived for (_, letter), arrived in zip(letters, confirmed, strict=True))
        if public:
            self.observer.seen("any", "published", public)
        if self.observer.published is not None:
            there = [letter for (_, letter), arrived in zip(letters, confirmed, strict=True) if arrived]
            self.observer.published(there, began, self.clock.now())
        self.waiting.extend(failed)
        if failed:
            self.observer.seen("any", "unconfirmed", len(failed))
            self._failures += 1
            self._together = max(1, len(letters) // 2)
            await self.clock.pause(min(LONGEST_PAUSE, 0.2 * 2 ** min(self._failures - 1, 10)))
        else:
            self._failures = 0
            self._together = min(self.at_once, 2 * self._together)
        await self._settle()
        return True

    def _confirmed(self, token: str) -> None:
        self.unconfirmed[token] -= 1
        if not self.unconfirmed[token]:
            del self.unconfirmed[token]
            self.settled.append(token)

    async def _settle(self) -> bool:
        tokens, self.settled = self.settled, []
        if not tokens:
            return False
        try:
            await self.store.settle(tokens)
        except Unavailable:
            self.settled += tokens
            await self.clock.pause(0.2)
            return True
        self.mine.difference_update(tokens)
        return True

    async def sweep(self) -> bool:
        """Renew the claims on what is still unconfirmed, then take over what a crash left."""
        now = self.clock.now()
        until = (now + CLAIM).isoformat()
        still = self._seen_open & self.unconfirmed.keys()
        self._seen_open = frozenset(self.unconfirmed)
        if still:
            await self.store.renew(self.owner, sorted(still), until)
        if self.backlog >= self.at_once:
            return False  # what is its own comes first; others are as able to sweep
        taken = False
        for entry in await self.store.sweep(self.owner, now.isoformat(), until, frozenset(self.mine)):
            # Committed here while the store was asked: it is on its way already.
            if entry.token not in self.mine:
                self.add(entry.token, entry.messages)
                taken = True
        return taken
