"""Databases restored from backups of different moments, in the middle of everything: owner and reader agree again."""

import copy
import dataclasses
import datetime as dt
from dataclasses import dataclass

from shared.contracts.registration import Withdraw
from shared.runtime.adapters.memory import MemoryDatabase
from shared.runtime.aggregate import Seen
from shared.runtime.table import Fact, Service
from tests.simulation.pilot import PilotWorld
from tests.simulation.scheduler import sleep
from tests.simulation.world import World
from tests.support.shop import LEDGER, LIBRARY, Closed

# A club that is closed twice, before the backup and after it, has two sets of members: nobody compares them here.
READER: Service = dataclasses.replace(
    LEDGER, rows=tuple(row for row in LEDGER.rows if not (isinstance(row, Fact) and row.on is Closed))
)


@dataclass
class Accidents(World):
    """`restored` are the services whose database is put back, each to a moment of its own; `raises`: their epochs.

    A backup is made from `earliest` on, and put back by `latest`: seconds of the run.
    """

    restored: tuple[str, ...] = ()
    raises: bool = True
    earliest: float = 3
    latest: float = 25

    def __post_init__(self) -> None:
        self.epochs = {service.name: 1 for service in self.services}
        super().__post_init__()
        for name in self.restored or self._chosen():
            backup = self.rng.uniform(self.earliest, (self.earliest + self.latest) / 2)
            self.publishing += 1
            self.scheduler.start(self._accident(name, backup, self.rng.uniform(backup + 1, self.latest)))

    def _chosen(self) -> tuple[str, ...]:
        names = [service.name for service in self.services]
        self.restored = tuple(self.rng.sample(names, self.rng.choice((1, 1, 2))))
        return self.restored

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


@dataclass
class RestoredWorld(Accidents):
    """The library and the ledger."""

    services: tuple[Service, ...] = (LIBRARY, READER)


@dataclass
class RestoredPilot(PilotWorld, Accidents):
    """The pilot's four services; the accidents come after registration has closed, and before the last days."""

    earliest: float = 35
    latest: float = 100


@dataclass
class Leavers(RestoredPilot):
    """The same, and most people leave from the time on of which the backups are."""

    def _workload(self) -> None:
        super()._workload()
        self.publishing += 1
        self.scheduler.start(self._leave())

    async def _leave(self) -> None:
        await sleep(self.begun + dt.timedelta(seconds=self.earliest + 15))
        for who in sorted(self.people):
            if self.rng.random() < 0.7:
                leaving = Withdraw(participant_id=who)
                self.command(leaving, "portal", self.rng.uniform(0, self.latest - self.earliest - 15), actor=who)
        self.publishing -= 1


def disagreements(world: World) -> list[str]:
    """Every copy of another owner's subject that is not of the owner's newest version, or of a forgotten subject."""
    found = []
    owners = {service.name: world.databases[service.name].records for service in world.services}
    for service in world.services:
        for copied in service.copies:
            owner, kind = copied.name.split(".")
            epoch = world.epochs[owner]
            mine = {
                record.subject.split("/")[1]: Seen.model_validate((record.state or {})["seen"])
                for record in owners[service.name].values()
                if record.kind == copied.aggregate.kind and record.state
            }
            theirs = {r.subject.split("/")[1]: r.sequence for r in owners[owner].values() if r.kind == kind}
            for id in mine.keys() | {id for id, sequence in theirs.items() if sequence}:
                seen = mine.get(id)
                if id not in theirs and seen is not None and seen.epoch < epoch:
                    continue  # forgotten, and its epoch tells it
                if seen != Seen(epoch=epoch, sequence=theirs.get(id, 0)):
                    found.append(f"{service.name} holds {kind} {id} of {owner} at {seen}, not {epoch}.{theirs.get(id)}")
    return found


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
