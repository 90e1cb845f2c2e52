"""Who was erased, as a service remembers it: keyed hashes that lead to nobody, by which what still travels is known.

A tombstone is a document of its own; beside them a small counter moves whenever some are added. Every batch reads the
counter along with the day, so a replica reads the tombstones anew only when it has moved. In the same way it remembers
for which purposes nothing is kept of a programme any more (`Gone`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial

from shared.contracts.parts import Purpose
from shared.runtime.aggregate import Aggregate
from shared.runtime.decision import Get
from shared.runtime.ids import keyed_id
from shared.runtime.ports import Store

COUNTER = "_tombstones/count"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""What a participant's id looks like in any text."""
PAGE = 1000
REMEMBERED = 1 << 14
"""So many ids have their hash remembered: the same few travel again and again."""


class Tombstone(Aggregate, kind="_tombstone"):
    """That somebody was erased. Its id is a keyed hash of theirs; nothing else is in it."""


class Tombstones(Aggregate, kind="_tombstones"):
    """How many tombstones there are; its version moves with each that is added."""

    count: int = 0


class Gone(Aggregate, kind="_gone"):
    """The purposes of a programme for which nothing is kept any more, nor comes back; its id is the programme's."""

    purposes: tuple[Purpose, ...] = ()


def tombstone_id(key: bytes, participant_id: str) -> str:
    """The id of somebody's tombstone: an HMAC under the deployment's key."""
    return keyed_id(key, "tombstone", participant_id)


def tombstone_of(get: Get, participant_id: str) -> Tombstone | None:
    """Whether somebody was erased, for a decision that would make them anew."""
    return get(Tombstone, get.keyed("tombstone", participant_id))


@dataclass
class Tombs:
    """The tombstones as one replica remembers them, and the counter's version as of which it does.

    `gone`: the purposes whose time is over, by programme.
    """

    key: bytes
    version: int = 0
    hashes: frozenset[str] = frozenset()
    gone: Mapping[str, frozenset[Purpose]] = field(default_factory=dict)
    _hash: Callable[[str], str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._hash = lru_cache(maxsize=REMEMBERED)(partial(tombstone_id, self.key))

    def named_in(self, text: str) -> frozenset[str]:
        """Which ids of people who were erased stand in a text."""
        if not self.hashes:
            return frozenset()
        found = {id.lower() for id in UUID.findall(text)}
        return frozenset(id for id in found if self._hash(id) in self.hashes)


async def tombs_of(store: Store, key: bytes, version: int) -> Tombs:
    """Read all tombstones, of people and of programmes. Raises Unavailable."""
    hashes: set[str] = set()
    after = f"{Tombstone.kind}/"
    while page := await store.find(Tombstone.kind, None, after, PAGE):
        hashes |= {record.subject.partition("/")[2] for record in page}
        after = page[-1].subject
    gone: dict[str, frozenset[Purpose]] = {}
    after = f"{Gone.kind}/"
    while page := await store.find(Gone.kind, None, after, PAGE):
        for record in page:
            programme = Gone.from_stored(record.subject, record.state or {})
            gone[programme.id] = frozenset(programme.purposes)
        after = page[-1].subject
    return Tombs(key, version, frozenset(hashes), gone)
