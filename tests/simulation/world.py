"""Two services with one to three replicas each, their servers, and the publishers around them."""

import dataclasses
import datetime as dt
import json
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from shared.contracts.base import Command, Contract, Event, Role
from shared.contracts.scheduling import DayStarted
from shared.runtime import topology
from shared.runtime.adapters.memory import MemoryBroker, MemoryDatabase, MemoryDeliveries, MemoryStore
from shared.runtime.adapters.memory_keys import MemoryKeys
from shared.runtime.batch import COMMANDS, EVENTS, HEAVY, KEPT, LIGHT, RELEASE, Identity, Retries
from shared.runtime.engine import Engine, Limits
from shared.runtime.envelope import wrap
from shared.runtime.epoch import take_up
from shared.runtime.ids import keyed_id
from shared.runtime.item import Desk
from shared.runtime.jobs import Jobs
from shared.runtime.kept import Kept
from shared.runtime.ports import BrokerUnavailable, Conflict, Outgoing, Unavailable
from shared.runtime.table import Ask, Service
from tests.simulation.faults import Faults, FaultyDeliveries, FaultyStore, FaultyWorker, VirtualClock
from tests.simulation.scheduler import START, Crash, Scheduler, give_way, sleep
from tests.support.shop import LEDGER, LIBRARY, Close, Join, Lend, Return

KEY = b"the deployment's key"
ROLES: dict[str, Role] = {**topology.roles(), "library": "service", "ledger": "service"}
KILLER = "killer"
"""A message about this member ends the process that decides it."""
CLUMSY = "clumsy"
"""A message about this member makes whoever decides it fail, as a defect would."""
LATECOMER = "m0"
"""So many may wait for one subject that they are released in several pieces."""
FAULTY_SECONDS = 30
LIVELY_SECONDS = 2000
MOST_STEPS = 60_000


class StuckError(AssertionError):
    """Faults have stopped, and still not everything settles."""


@dataclass
class LoggingBroker(MemoryBroker):
    """Keeps every message that ever passed, with who sent it."""

    passed: list[tuple[str, str, bytes, str | None]] = field(default_factory=list)

    def publish(self, message: Outgoing, user: str | None = None, reply_to: str | None = None) -> bool:
        """Route one message and remember it."""
        self.passed.append((message.exchange, message.key, message.body, user))
        return super().publish(message, user, reply_to)


def deadly(service: Service) -> Service:
    """The same service, but one message kills whoever decides it."""

    def kills(decide: Callable[..., Any]) -> Callable[..., Any]:
        def decide_or_die(message: Any, state: Any, context: Any) -> Any:
            if getattr(message, "member", "") == KILLER:
                raise Crash
            if getattr(message, "member", "") == CLUMSY:
                raise ValueError("a defect")
            return decide(message, state, context)

        return decide_or_die

    rows = tuple(
        dataclasses.replace(row, decide=kills(row.decide)) if isinstance(row, Ask) and row.on is Lend else row
        for row in service.rows
    )
    return dataclasses.replace(service, rows=rows)


@dataclass
class World:
    """One run under a seed. `store` makes a replica's connection to the database: broken ones are put in there."""

    seed: int
    services: tuple[Service, ...] = (LIBRARY, LEDGER)
    store: Callable[[MemoryDatabase], MemoryStore] = MemoryStore
    databases: dict[str, MemoryDatabase] = field(default_factory=dict)
    sealing: MemoryKeys = field(default_factory=MemoryKeys)
    lanes: dict[str, int] = field(default_factory=dict)
    lives: dict[str, int] = field(default_factory=dict)
    epochs: dict[str, int] = field(default_factory=dict)
    connections: dict[str, MemoryDeliveries] = field(default_factory=dict)
    publishing: int = 0
    handled: int = 0
    faulty_seconds: float = FAULTY_SECONDS
    trips: int = 0
    begun: dt.datetime = START

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.scheduler = Scheduler(self.rng, self.crashed)
        self.faults = Faults(self.rng, self.scheduler)
        self.broker = LoggingBroker()
        self.deadly = tuple(deadly(service) for service in self.services)
        for service in self.deadly:
            self.databases[service.name] = MemoryDatabase()
            for name, contract in Desk(service, ROLES, KEY).names.items():
                if issubclass(contract, Event) and contract.private:
                    self.broker.declare(f"{service.name}.replies")
                    continue
                exchange = COMMANDS if issubclass(contract, Command) else EVENTS
                self.broker.declare(f"{service.name}.{exchange.split('.')[1]}", exchange, [name])
            self.broker.declare(f"{service.name}.quarantine")
            for number in range(self.rng.choice((1, 1, 2, 3))):
                owner = f"{service.name}-{number}"
                self.lanes[owner] = number
                self.start(owner)
        self._workload()

    def sealed(self, programme: str, *parts: object) -> str | None:
        """An id under a programme's key, which is not destroyed while a world lives."""
        key = self.sealing.key(programme, None)
        return keyed_id(key, *parts) if key is not None else None

    # Replicas

    def start(self, owner: str) -> None:
        """A replica begins its life, or its next one."""
        name = owner.rsplit("-", 1)[0]
        service = next(s for s in self.deadly if s.name == name)
        life = self.lives[owner] = self.lives.get(owner, 0) + 1
        connection = self.connections[owner] = MemoryDeliveries(self.broker, name)
        counter = iter(range(1_000_000))

        def seen(type: str, result: str, count: int) -> None:
            self.handled += count if result == "handled" else 0

        engine = Engine(
            who=Identity(service, KEY, self.epochs.get(name, 1), lane=self.lanes[owner], keys=self.sealing),
            desk=Desk(service, ROLES, KEY),
            store=FaultyStore(self.store(self.databases[name]), self.faults),
            broker=FaultyDeliveries(connection, self.faults),
            clock=VirtualClock(self.scheduler),
            owner=owner,
            token=lambda: f"{owner}.{life}.{next(counter)}",
            jitter=lambda: self.rng.uniform(0.01, 0.1),
            limits=Limits(batch=8, chunk=3),
            retries=Retries(delays=(1, 2, 4)),
        )
        engine.observer.seen = seen
        jobs = Jobs(engine, FaultyWorker(self.faults))
        outbox, kept = engine.outbox, Kept(engine)
        rounds = (engine.intake, kept.round, outbox.publish, outbox.sweep, jobs.light, jobs.heavy)
        first = (partial(take_up, engine), jobs.recover) if name in self.epochs else (jobs.recover,)
        self.scheduler.start(self._life(owner, first, rounds), owner)

    async def _life(
        self,
        owner: str,
        first: Sequence[Callable[[], Awaitable[None]]],
        rounds: Sequence[Callable[[], Awaitable[bool]]],
    ) -> None:
        """What a host does: once the database has answered, and never before, it takes anything in hand."""
        while True:
            try:
                for do in first:
                    await do()
                break
            except Unavailable:
                self.faults.seen["away at the start"] += 1
                await sleep(self.scheduler.now + dt.timedelta(seconds=0.5))
        for round_ in rounds:
            self.scheduler.start(self._loop(round_), owner)

    async def _loop(self, round_: Callable[[], Awaitable[bool]]) -> None:
        while True:
            try:
                busy = await round_()
            except (Unavailable, BrokerUnavailable, Conflict):
                busy = False
            if busy:
                await give_way()
            else:
                await sleep(self.scheduler.now + dt.timedelta(seconds=1))

    def crashed(self, owner: str) -> None:
        """A replica is gone: its connection is lost, and after a while it starts again under its name."""
        self.faults.seen["crash"] += 1
        self.scheduler.kill(owner)
        self.connections[owner].lose()
        self.scheduler.start(self._again(owner))

    async def _again(self, owner: str) -> None:
        await sleep(self.scheduler.now + dt.timedelta(seconds=self.rng.uniform(0.1, 3)))
        self.start(owner)

    # Publishers

    def _workload(self) -> None:
        """Members join while the club closes, books are lent and come back, days pass; some things come twice."""
        rng = self.rng
        members = [f"m{n}" for n in range(rng.randrange(2, 7))]
        books = ["b0", "b1", "refused"]
        commands: list[tuple[Contract, str]] = [(Join(club="c", member=m), "portal") for m in members]
        back = dt.date(2026, 1, 2)
        for _ in range(rng.randrange(4, 14)):
            book, member = rng.choice(books), rng.choice([*members, "nobody"])
            kind = (
                Lend(book=book, member=member, back_by=back) if rng.random() < 0.7 else Return(book=book, member=member)
            )
            commands.append((kind, "portal"))
        if rng.random() < 0.3:
            commands.append((Lend(book="b1", member=KILLER, back_by=back), "portal"))
        if rng.random() < 0.2:
            commands.append((Lend(book="b1", member=CLUMSY, back_by=back), "portal"))
        for _ in range(self.trips):  # one book goes to and fro, so that its events may overtake each other
            commands.append((Lend(book="b0", member=LATECOMER, back_by=back), "portal"))
            commands.append((Return(book="b0", member=LATECOMER), "portal"))
        crowd = 20 if rng.random() < 0.1 else 0
        commands += [(Lend(book=f"c{n}", member=LATECOMER, back_by=back), "portal") for n in range(crowd)]
        commands.append((Close(club="c"), rng.choice(("office", "office", "portal"))))
        replay = self.services[0].contracts.ReplayQuarantined
        commands += [(replay(id="*"), "ops")] * rng.choice((0, 0, 1))
        for number, (message, user) in enumerate(commands):
            body = wrap(message, id=f"{self.seed}.{number}", source=f"/{user}", time=self.scheduler.now).encode()
            for _ in range(rng.choice((1, 1, 1, 2, 3))):
                self._send(Outgoing(COMMANDS, message.name, body, ""), user)
        for day in range(1, rng.randrange(2, 5)):
            started = DayStarted(date=dt.date(2026, 1, day))
            body = wrap(
                started, id=f"day{day}", source="/tandem/scheduling", sequence=day, epoch=1, time=self.scheduler.now
            ).encode()
            self._send(Outgoing(EVENTS, started.name, body, ""), "scheduling", after=4.0 * day)
        self._send(Outgoing(EVENTS, DayStarted.name, b"not JSON", ""), "scheduling")
        for number in range(rng.choice((0, 1, 3, 5))):
            self.publishing += 1
            self.scheduler.start(self._first_aid(f"aid{number}", members))

    def _send(self, message: Outgoing, user: str, after: float = 0.0) -> None:
        self.publishing += 1
        self.scheduler.start(self._publish(message, user, after + self.rng.uniform(0, 12)))

    async def _first_aid(self, id: str, members: list[str]) -> None:
        """One or two people at once see what lies in quarantine, and correct it, give it up or hand it back."""
        rng = self.rng
        await sleep(self.scheduler.now + dt.timedelta(seconds=rng.uniform(8, 45)))
        service = rng.choice(self.services)
        kinds = (KEPT, LIGHT, HEAVY)
        lying = [
            record.subject.split("/")[1]
            for record in self.databases[service.name].records.values()
            if record.kind in kinds and (record.state or {}).get("status") == "quarantine"
        ]
        for number in range(rng.choice((1, 1, 2)) if lying else 0):
            chosen, language = rng.choice(lying), service.contracts
            right = {"book": rng.choice(("b0", "b1")), "member": rng.choice(members), "back_by": "2026-01-02"}
            message, user = rng.choice(
                (
                    (language.EditQuarantined(id=chosen, corrected=right, why="?"), "office"),
                    (language.EditQuarantined(id=chosen, corrected={}, why="?"), "office"),
                    (language.DiscardQuarantined(id=chosen, why="?"), "ops"),
                    (language.ReplayQuarantined(id=chosen), "ops"),
                )
            )
            body = wrap(message, id=f"{id}.{number}", source=f"/{user}", time=self.scheduler.now).encode()
            for _ in range(rng.choice((1, 2))):
                self.broker.publish(Outgoing(COMMANDS, message.name, body, ""), user)
        self.publishing -= 1

    async def _publish(self, message: Outgoing, user: str, after: float) -> None:
        await sleep(self.scheduler.now + dt.timedelta(seconds=after))
        self.broker.publish(message, user)
        self.publishing -= 1

    # The run

    def run(self) -> None:
        """Faults first; then they stop, and everything must settle. Raises StuckError."""
        try:
            self._run()
        finally:
            for task in self.scheduler.tasks:
                task.coroutine.close()

    def _run(self) -> None:
        begun = self.scheduler.now
        self.scheduler.start(self._shuffle())
        while self.scheduler.now < begun + dt.timedelta(seconds=self.faulty_seconds):
            self.scheduler.step()
        self.faults.on = False
        quiet = 0
        while quiet < 200:
            self.scheduler.step()
            quiet = quiet + 1 if self.settled else 0
            late = self.scheduler.now > begun + dt.timedelta(seconds=LIVELY_SECONDS)
            if late or self.scheduler.steps > MOST_STEPS * len(self.services):
                raise StuckError(self.what_is_open())

    async def _shuffle(self) -> None:
        """Messages overtake each other in their queues, and some come twice."""
        while self.faults.on:
            await sleep(self.scheduler.now + dt.timedelta(seconds=1))
            for queue in self.broker.queues.values():
                if self.rng.random() < 0.3:
                    messages = list(queue)
                    self.rng.shuffle(messages)
                    queue.clear()
                    queue.extend(messages)
                if queue and self.rng.random() < 0.1:
                    again = self.rng.choice(list(queue))
                    queue.append(dataclasses.replace(again, number=self.broker.numbers()))

    @property
    def settled(self) -> bool:
        """Whether nothing moves and nothing is owed any more."""
        return not self.publishing and next(self._open(), None) is None

    def what_is_open(self) -> str:
        """What is still owed, in words; empty when nothing is."""
        return "; ".join(self._open())

    def _open(self) -> Iterator[str]:
        yield from (name for name, queue in self.broker.queues.items() if queue and not name.endswith("quarantine"))
        yield from (f"{owner} unacknowledged" for owner, c in self.connections.items() if c.unacknowledged)
        for name, database in self.databases.items():
            if database.outbox:
                yield f"{name} outbox"
            for record in database.records.values():
                status = (record.state or {}).get("status")
                working = record.kind in (LIGHT, HEAVY) and status != "quarantine"
                if working or record.kind == RELEASE or (record.kind == "_kept" and status in ("ready", "retry")):
                    yield f"{name} {record.subject} {json.dumps(record.state)[:200]}"
