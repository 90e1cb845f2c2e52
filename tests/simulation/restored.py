"""Databases restored from backups of different moments, in the middle of everything: owner and reader agree again."""

import copy
import dataclasses
import datetime as dt
from dataclasses import dataclass, field

from shared.runtime.adapters.memory import MemoryDatabase
from shared.runtime.aggregate import Seen
from shared.runtime.table import Fact, Service
from tests.simulation.scheduler import sleep
from tests.simulation.world import World
from tests.support.shop import LEDGER, LIBRARY, Closed

# A club that is closed twice, before the backup and after it, has two sets of members: nobody compares them here.
READER: Service = dataclasses.replace(
    LEDGER, rows=tuple(row for row in LEDGER.rows if not (isinstance(row, Fact) and row.on is Closed))
)


@dataclass
class RestoredWorld(World):
    """`restored` are the services whose database is put back, each to a moment of its own; `raises`: their epochs."""

    services: tuple[Service, ...] = (LIBRARY, READER)
    epochs: dict[str, int] = field(default_factory=lambda: {"library": 1, "ledger": 1})
    restored: tuple[str, ...] = ()
    raises: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        self.restored = self.restored or self.rng.choice((("library",), ("ledger",), ("library", "ledger")))
        for name in self.restored:
            backup = self.rng.uniform(3, 14)
            self.publishing += 1
            self.scheduler.start(self._accident(name, backup, self.rng.uniform(backup + 1, 25)))

    def start(self, owner: str) -> None:
        """A replica begins its next life; an earlier one that still runs ends."""
        if owner in self.connections:
            self.scheduler.kill(owner)
            self.connections[owner].lose()
        super().start(owner)

    async def _accident(self, name: str, backup: float, restore: float) -> None:
        """A backup is made; later every replica is stopped, the backup put back, and the service started again."""
        await sleep(self.begun + dt.timedelta(seconds=backup))
        kept: MemoryDatabase = copy.deepcopy(self.databases[name])
        await sleep(self.begun + dt.timedelta(seconds=restore))
        self.databases[name] = kept
        self.epochs[name] += self.raises
        for owner in [each for each in self.lanes if each.startswith(f"{name}-")]:
            self.start(owner)
        self.publishing -= 1


def differences(world: RestoredWorld) -> list[str]:
    """Where the ledger does not hold what the library does, once everything has settled.

    What the ledger knows and the library has forgotten stays, and can be told by its epoch.
    """
    library, ledger = world.databases["library"].records, world.databases["ledger"].records
    found = []
    for copied, kind, fields in (("line", "book", ("holder", "lent")), ("known", "member", ("club",))):
        mine = {r.subject.split("/")[1]: r for r in ledger.values() if r.kind == copied and r.state}
        theirs = {r.subject.split("/")[1]: r for r in library.values() if r.kind == kind and r.sequence}
        for id, record in theirs.items():
            state, other = record.state or {}, mine[id].state if id in mine else None
            if other is None or [other[f] for f in fields] != [state[f] for f in fields]:
                found.append(f"{kind} {id}: the library holds {state}, the ledger {other}")
        for id in set(mine) - set(theirs):
            seen = Seen.model_validate((mine[id].state or {})["seen"])
            if seen.epoch >= world.epochs["library"]:
                found.append(f"{kind} {id}: forgotten, and nothing tells it")
    return found
