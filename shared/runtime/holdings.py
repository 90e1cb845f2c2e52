"""What a service holds, as versions alone: of what it publishes, and of what it has copied from other owners.

Two services that hold the same have the same digest; where digests differ, the rows tell which subjects, page by page.
Ids and versions, never a state.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from shared.runtime.aggregate import TAKEN_BACK, Aggregate, Seen
from shared.runtime.engine import Engine
from shared.runtime.ports import Record
from shared.runtime.say_again import published_by

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Held:
    """One subject: its id, its programme, and the version that is held of it.

    `taken_back`: its owner was restored, and said an older state than was known.
    """

    id: str
    programme: str | None
    epoch: int
    sequence: int
    taken_back: bool = False

    def row(self) -> list[Any]:
        """The subject as JSON."""
        return [self.id, self.programme, self.epoch, self.sequence, self.taken_back]


def names(engine: Engine) -> dict[str, Any]:
    """What can be compared: kinds that are published, and `owner.kind` of each copy."""
    service = engine.who.service
    return {
        "service": service.name,
        "epoch": engine.who.epoch,
        "publishes": sorted(published.aggregate.kind for published in published_by(service)),
        "copies": sorted(copy.name for copy in service.copies),
    }


def _aggregate(engine: Engine, name: str) -> type[Aggregate] | None:
    service = engine.who.service
    copies = {copy.name: copy.aggregate for copy in service.copies}
    published = {each.aggregate.kind: each.aggregate for each in published_by(service)}
    return copies.get(name) or published.get(name)


def _held(engine: Engine, name: str, record: Record) -> Held | None:
    """What is held of a subject; None where nothing was ever said of it."""
    id = record.subject.split("/", 1)[1]
    if "." in name:
        seen = Seen.model_validate((record.state or {}).get("seen", {}))
        return Held(id, record.programme, seen.epoch, seen.sequence, TAKEN_BACK in (record.state or {}))
    return Held(id, record.programme, engine.who.epoch, record.sequence) if record.sequence else None


async def page(engine: Engine, name: str, after: str = "", limit: int = PAGE) -> tuple[list[Held], str | None]:
    """Subjects of a kind or copy by id, from after an id, and after which to go on (None: that was all).

    Raises LookupError where the service has no such kind, and Unavailable.
    """
    aggregate = _aggregate(engine, name)
    if aggregate is None:
        raise LookupError(name)
    records = await engine.store.find(aggregate.kind, None, f"{aggregate.kind}/{after}", limit)
    found = [held for record in records if (held := _held(engine, name, record)) is not None]
    return found, records[-1].subject.split("/", 1)[1] if len(records) == limit else None


async def digest(engine: Engine, name: str) -> dict[str, Any]:
    """How many subjects are held, how many were taken back, and an order-free digest of them with their versions.

    Raises as `page` does.
    """
    count, back, sum_, after = 0, 0, 0, ""
    while True:
        found, further = await page(engine, name, after)
        for held in found:
            hashed = hashlib.sha256(f"{held.id} {held.epoch}.{held.sequence}".encode()).digest()
            sum_ ^= int.from_bytes(hashed)
        count += len(found)
        back += sum(held.taken_back for held in found)
        if further is None:
            return {"count": count, "taken_back": back, "digest": f"{sum_:064x}"}
        after = further
