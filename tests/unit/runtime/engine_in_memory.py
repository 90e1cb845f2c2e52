"""One replica of a service on servers in memory, with a clock that stands until it is moved."""

import datetime as dt
import json
import types
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from shared.contracts.base import Command, Contract, Event, Role
from shared.contracts.scheduling import DayStarted
from shared.runtime import topology
from shared.runtime.adapters.memory import MemoryBroker, MemoryDatabase, MemoryDeliveries, MemoryStore
from shared.runtime.adapters.memory_keys import MemoryKeys
from shared.runtime.batch import COMMANDS, EVENTS, Identity
from shared.runtime.engine import Engine, Limits
from shared.runtime.envelope import wrap
from shared.runtime.item import Desk
from shared.runtime.jobs import Jobs
from shared.runtime.kept import Kept
from shared.runtime.ports import Observer, Outgoing, Piece, Pieces
from shared.runtime.programme_keys import ProgrammeKeys
from shared.runtime.speaker import source_of
from shared.runtime.table import Job, Service
from shared.runtime.worker import done, load_work
from tests.support.reference import By, Step

KEY = b"the deployment's key"
ROLES: dict[str, Role] = {**topology.roles(), "library": "service", "ledger": "service"}
START = dt.datetime(2027, 1, 11, 9, tzinfo=dt.UTC)


@dataclass
class HandClock:
    """Time that others move; a pause moves it."""

    at: dt.datetime = START

    def now(self) -> dt.datetime:
        return self.at

    async def pause(self, seconds: float) -> None:
        self.at += dt.timedelta(seconds=seconds)


@dataclass
class Here:
    """Works at once, and says all that the work tells."""

    async def run(self, job: Job, inputs: Any, beat: Any, tell: Any) -> Pieces:
        work = load_work(job.work)[0] if isinstance(job.work, str) else job.work
        told: list[Piece] = []
        result = done(work, inputs, told.append)
        for piece in told:
            tell(piece)
            await beat()
        return result


@dataclass
class Replica:
    """A replica with its servers; `send` publishes, `settle` lets it work until nothing is left to do."""

    service: Service
    limits: Limits = field(default_factory=Limits)
    broker: MemoryBroker = field(default_factory=MemoryBroker)
    database: MemoryDatabase = field(default_factory=MemoryDatabase)
    clock: HandClock = field(default_factory=HandClock)
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    logged: list[dict[str, Any]] = field(default_factory=list)
    keys: ProgrammeKeys = field(default_factory=MemoryKeys)

    def __post_init__(self) -> None:
        name = self.service.name
        numbers = count(1)
        desk = Desk(self.service, ROLES, KEY)
        for contract_name, contract in desk.names.items():
            if issubclass(contract, Event) and contract.private:
                self.broker.declare(f"{name}.replies")
                continue
            exchange = COMMANDS if issubclass(contract, Command) else EVENTS
            self.broker.declare(f"{name}.{exchange.split('.')[1]}", exchange, [contract_name])
        for queue in (f"{name}.quarantine", "portal.replies", "office.replies", "ops.replies", "everything"):
            self.broker.declare(queue)
        for kind in (*self.service.contracts.__dict__.values(),):
            if isinstance(kind, type) and issubclass(kind, Event) and kind.name:
                self.broker.declare("everything", EVENTS, [kind.name])

        def note(kind: str, result: str, number: int) -> None:
            self.seen[kind, result] += number

        def log(event: str, **fields: Any) -> None:
            self.logged.append({"event": event, **fields})

        self.engine = Engine(
            who=Identity(self.service, KEY, keys=self.keys),
            desk=desk,
            store=MemoryStore(self.database),
            broker=MemoryDeliveries(self.broker, name),
            clock=self.clock,
            owner=f"{name}-1",
            token=lambda: str(next(numbers)),
            jitter=lambda: 0.0,
            limits=self.limits,
            observer=Observer(seen=note, log=log),
        )
        self.kept_loop = Kept(self.engine)
        self.jobs = Jobs(self.engine, Here())
        self._ids = count(1)
        self._heard: Counter[str] = Counter()

    def beside(self, number: int = 2) -> "Replica":
        """Another replica of the same service on the same servers."""
        other = Replica(self.service, self.limits, self.broker, self.database, self.clock, keys=self.keys)
        tokens = count(1)
        other.engine.owner = f"{self.service.name}-{number}"
        other.engine.token = lambda: f"{number}.{next(tokens)}"
        other._ids, other._heard = self._ids, self._heard
        return other

    def changed(self, service: Service) -> "Replica":
        """The same servers after a release: another table."""
        return Replica(service, self.limits, self.broker, self.database, self.clock, keys=self.keys)

    def send(self, message: Contract, user: str = "", reply_to: str | None = None, **fields: Any) -> str:
        """Publish a message as a user (by default an event as its owner, a command as the portal); its id."""
        user = user or (message.owner if isinstance(message, Event) else "portal")
        id = fields.pop("id", None) or f"{user}-{next(self._ids)}"
        exchange = COMMANDS if isinstance(message, Command) else EVENTS
        fields.setdefault("source", source_of(user, ROLES.get(user)))
        envelope = wrap(message, id=id, time=self.clock.now(), **fields)
        self.broker.publish(Outgoing(exchange, message.name, envelope.encode(), id), user, reply_to)
        return str(id)

    def send_raw(self, body: bytes, intake: str = "commands", key: str | None = None) -> None:
        """Put any body into a queue of the service."""
        names = [k for (e, k), queues in self.broker.bindings.items() if f"{self.service.name}.{intake}" in queues]
        user = "portal" if intake == "commands" else (key or names[0]).split(".")[0]
        self.broker.publish(Outgoing(f"tandem.{intake}", key or names[0], body, ""), user)

    async def play(self, *steps: Step) -> list[dict[str, Any]]:
        """What a scenario of the reference would be given, one after the other; what was said, taken out."""
        for step in steps:
            by = step if isinstance(step, By) else By(DayStarted(date=step) if isinstance(step, dt.date) else step)
            assert isinstance(by.message, Contract)
            fields: dict[str, Any] = {"actor": by.actor, "correlationid": "c"}
            user = ""
            if isinstance(by.message, Event):
                self._heard[by.message.subject] += 1
                fields |= {"sequence": by.sequence or self._heard[by.message.subject], "epoch": 1}
            elif isinstance(by.message, Command):
                role = by.sender or min(by.message.senders)
                user = next(user for user, its in ROLES.items() if its == role)
            self.send(by.message, user, f"{user}.replies", **(fields | ({"id": by.id} if by.id else {})))
            await self.settle()
        return self.take()

    def aggregates(self) -> dict[str, dict[str, Any]]:
        """What the service remembers, the engine's own records aside."""
        records = self.database.records.values()
        return {r.subject: r.state for r in records if r.state is not None and not r.kind.startswith("_")}

    async def settle(self) -> None:
        """Work until nothing can be done now."""
        engine = self.engine
        for _ in range(200):
            outbox, jobs = engine.outbox, self.jobs
            rounds = (engine.intake, self.kept_loop.round, outbox.publish, outbox.sweep, jobs.light, jobs.heavy)
            if not any([await round_() for round_ in rounds]):
                return
        raise AssertionError("it never settles")

    async def after(self, seconds: float) -> None:
        """Let time pass, then settle."""
        self.clock.at += dt.timedelta(seconds=seconds)
        await self.settle()

    def take(self, queue: str = "everything") -> list[dict[str, Any]]:
        """What stands in a queue, taken out of it."""
        found = [json.loads(message.body) for message in self.broker.queues[queue]]
        self.broker.queues[queue].clear()
        return found

    def types(self, queue: str = "everything") -> list[str]:
        """The types of what stands in a queue, taken out of it."""
        return [message["type"].removeprefix("tandem.") for message in self.take(queue)]

    def kept(self, status: str) -> list[dict[str, Any]]:
        """What is kept with a status."""
        states = [r.state or {} for r in self.database.records.values() if r.kind == "_kept"]
        return [state for state in states if state["status"] == status]


def namespace(name: str, source: types.ModuleType, **more: object) -> types.ModuleType:
    """A contracts module with a few more names."""
    module = types.ModuleType(name)
    vars(module).update(vars(source))
    vars(module).update(more)
    return module
