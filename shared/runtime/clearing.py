"""The job that lets go of what a programme keeps no more (`retention.py`), sweep by sweep until nothing is left."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.runtime.aggregate import Aggregate
from shared.runtime.batch import KEPT, LIGHT, Batch, NotRead, reads
from shared.runtime.item import Item
from shared.runtime.replaying import notice_again
from shared.runtime.retention import Cleared, LetGo, Over, is_over, keeps_of
from shared.runtime.sweep import Sweep
from shared.runtime.table import RETAIN_JOB, Concerns, Going, Keeps
from shared.runtime.tombstones import UUID
from shared.runtime.watch import personal_fields

WORD = re.compile(r"[A-Za-z0-9._-]+")


@dataclass
class Clearing(Sweep):
    """One sweep over what a programme keeps for purposes whose time is over.

    `since` is when the job began. `ids` are those of its aggregates and people, by which jobs and kept messages are
    known that do not name the programme.
    """

    over: Over = field(kw_only=True)
    since: str = field(kw_only=True)
    ids: set[str] = field(default_factory=set, init=False)
    _others: bool = field(default=False, init=False)

    async def run(self) -> bool:
        """Sweep everything; whether nothing was found. Raises what the store raises, and BrokerUnavailable.

        What works for the programme ends first: a report that is being made still finds what it is made of. Kept
        messages go with the people, whose names they may hold; what they would change is over.
        """
        self._others = await self._another_does_it()
        if self._others:
            return True
        concerned = {concerns.aggregate: concerns for concerns in self.engine.who.service.concerns}
        kept = [keeps for keeps in keeps_of(self.engine.who.service) if self._over(keeps)]
        for keeps in kept:
            async for page in self._going(keeps):
                for aggregate, going in page:
                    self.ids |= {aggregate.id, *_people(aggregate, concerned)}
                    # Looked at before the jobs: what it waits for may become one, which must find it.
                    self.under_way = self.under_way or going is None
        await self._jobs()
        if self.under_way:
            return False
        if "people" in self.over.purposes:
            await self._kept()
        for keeps in kept:
            async for page in self._going(keeps):
                self.found += len(page)
                await self._handle([self._let_go(aggregate.subject) for aggregate, _ in page])
        return not self.found and not self.under_way

    async def say_done(self) -> None:
        """Say that nothing is left, unless another job will."""
        if not self._others:
            await super().say_done()

    async def _another_does_it(self) -> bool:
        """Whether another such job is for more than this one, or longer at it: told each day, they would add up."""
        async for page in self._pages(LIGHT):
            for record in page:
                state, id = record.state or {}, record.subject.partition("/")[2]
                if state["job"] != RETAIN_JOB or state.get("status") == "quarantine" or id == self.job:
                    continue
                over = Over.parse(state["ref"])
                if over.programme != self.over.programme or not set(self.over.purposes) <= set(over.purposes):
                    continue
                if len(over.purposes) > len(self.over.purposes) or (state["since"], id) < (self.since, self.job):
                    return True
        return False

    def done(self) -> Cleared:
        """Nothing is kept for these purposes any more."""
        return Cleared(programme_id=self.over.programme, purposes=self.over.purposes)

    def named(self, what: Any) -> bool:
        """Whether the programme, or something of it that goes, stands in a text, or in JSON."""
        said = what if isinstance(what, str) else json.dumps(what, ensure_ascii=False)
        programme = self.over.programme
        return self._names_one(said) or (programme in said and programme in WORD.findall(said))

    def _names_one(self, text: str) -> bool:
        return not self.ids.isdisjoint(UUID.findall(text.lower()))

    def _over(self, keeps: Keeps) -> bool:
        return is_over(keeps.purpose, frozenset(self.over.purposes))

    def _let_go(self, subject: str) -> Item:
        return self._piece(LetGo(programme_id=self.over.programme, subject=subject), subject)

    async def _going(self, keeps: Keeps) -> AsyncIterator[list[tuple[Aggregate, Going | None]]]:
        """What is kept for a purpose and goes, or cannot go yet; not what something else still needs."""
        kind = keeps.aggregate
        async for page in self._pages(kind.kind, self.over.programme):
            found = [kind.from_stored(record.subject, record.state or {}) for record in page]
            becomes = await self._becomes(keeps, found)
            yield [(a, going) for a, going in zip(found, becomes, strict=True) if going is None or going]

    async def _becomes(self, keeps: Keeps, found: Sequence[Aggregate]) -> list[Going | None]:
        """What becomes of each; what that hangs on is read for all of them at once."""
        batch = Batch(self.engine.who, self.engine.clock.now(), self.engine.retries)
        while True:
            becomes: list[Going | None] = []
            unread: set[str] = set()
            for aggregate in found:
                try:
                    becomes.append(keeps.goes(aggregate, reads(batch)))
                except NotRead as more:
                    unread |= more.subjects
            if not unread:
                return becomes
            batch.add(unread, (await self.engine.read((), unread)).records)

    async def _kept(self) -> None:
        """Messages that wait, are to be tried again, or lie in quarantine: who sent a command hears that it is over.

        What says nothing of anybody is left: it may be what the programme's end is told by, or a step of it.
        """
        quarantined = False
        async for page in self._pages(KEPT):
            named = []
            for record in page:
                item = self.engine.desk.from_kept(record)
                if not self._goes(item):
                    continue
                self.found += 1
                quarantined = quarantined or (record.state or {})["status"] == "quarantine"
                self.engine.desk.drop(item, "gone")
                named.append(item)
            await self._handle(named)
        if quarantined:
            await notice_again(self.engine, self.beat)

    def _goes(self, item: Item) -> bool:
        stored = item.stored
        if "piece" in stored:
            return stored["piece"] != LetGo.__name__ and self._names_one(item.text)
        contract = self.engine.desk.names.get(stored["key"])
        if item.spared or (contract is not None and not personal_fields([contract])):
            return False
        return self.named(item.text)


def _people(aggregate: Aggregate, concerned: dict[type[Aggregate], Concerns]) -> frozenset[str]:
    concerns = concerned.get(type(aggregate))
    return frozenset(concerns.people(aggregate)) if concerns is not None else frozenset()
