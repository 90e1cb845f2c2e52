"""Judges a run from what was committed and what passed: shares the tables with the engine, and nothing else.

It replays each service's committed changes in one thread, one message after the other, and compares state and words.
"""

import base64
import datetime as dt
import hashlib
import hmac
import json
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.base import Command, Contract
from shared.contracts.registration import ClosedSet
from shared.runtime.actions import Action
from shared.runtime.aggregate import Aggregate, Seen
from shared.runtime.batch import EVENTS
from shared.runtime.decision import Context, Decision, DueReached, Wait
from shared.runtime.every_row import every_row
from shared.runtime.held import Held, HeldJob, HeldMessage
from shared.runtime.ports import Change
from shared.runtime.replay import GivenUp
from shared.runtime.table import Ask, Fact, Piece, Service
from tests.simulation.world import CLUMSY, KEY, KILLER, ROLES, World
from tests.support.shop import Closed, Member

COUNTED = (".day-handled.v1", ".quarantine-replayed.v1")
"""Events that hold a count of the engine's own: not to be decided again."""


REJECTED = ".command-rejected.v1"
JOBS = ("_job", "_heavy")
HELD: dict[str, type[Held]] = {"_kept": HeldMessage, "_job": HeldJob, "_heavy": HeldJob}
POISONED = '"book":"refused"'
LATE = 200
"""So many changes may be committed between a decision's reading and its own commit."""


class WrongError(AssertionError):
    """The run broke a promise; says which."""


def _keyed(*parts: str) -> str:
    text = json.dumps([str(part) for part in parts], ensure_ascii=False, separators=(",", ":")).encode()
    return str(uuid.UUID(bytes=hmac.new(KEY, text, hashlib.sha256).digest()[:16], version=5))


def _keys_of(exchange: str, body: bytes, user: str | None) -> set[str]:
    """What an inbox calls a message."""
    try:
        read = json.loads(body)
        place = f"{read['source']}|{read['id']}"
    except (ValueError, KeyError, TypeError):
        return {f"raw|{_keyed('raw', body.hex())}"}
    if exchange == EVENTS:
        return {f"event|{read['type'].split('.')[1]}|{place}"}
    return {f"command|{_keyed(str(user), read['source'], read['id'])}"}


@dataclass
class _Get:
    state: dict[str, Aggregate]
    lane: int

    def __call__(self, aggregate: Any, id: str, /) -> Any:
        return self.state.get(f"{aggregate.kind}/{id}")

    def all(self, aggregate: Any, ids: Any, /) -> Any:
        return tuple(self(aggregate, id) for id in ids)

    def keyed(self, *parts: object) -> str:
        return _keyed(*(str(part) for part in parts))


@dataclass(frozen=True)
class Said:
    """One message as it must stand in the outbox: its contract and data, its cause and correlation."""

    name: str
    data: Any
    cause: str
    correlation: str


@dataclass
class Replay:
    """One service's committed history, decided again in one thread."""

    service: Service
    lanes: dict[str, int]
    bodies: dict[str, tuple[bytes, str | None]]
    healthy_quarantined: int = 0
    jobs: list[tuple[str, str]] = field(default_factory=list)
    aided: dict[str, Held] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)
    days: list[tuple[int, dt.date]] = field(default_factory=list)
    changes: int = 0
    state: dict[str, Aggregate] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    awaits: dict[str, str | None] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    correlation: str = ""
    day: Aggregate | None = None
    day_before: Aggregate | None = None
    earlier: list[dict[str, Aggregate]] = field(default_factory=lambda: [{}])

    def __post_init__(self) -> None:
        service = self.service
        rows = every_row(service)
        self.routes: dict[str, list[Any]] = defaultdict(list)
        for row in rows:
            if isinstance(row, Ask | Fact):
                self.routes[row.on.name].append(row)
            elif isinstance(row, Piece):
                self.routes[row.on.__name__].append(row)

    def change(self, change: Change) -> None:
        """Replay one committed change. Raises WrongError."""
        for key in (*change.inbox, *change.pins):
            if key in self.known:
                raise WrongError(f"{self.service.name}: {key} had its effect twice")
        self.known.update(change.inbox, change.pins)
        before = self.state
        # A decision may know the service's day as it was when its batch was read, a little before it was committed.
        days = [state.get("_today/today") for state in (*self.earlier, self.state)]
        first: WrongError | None = None
        for day in dict.fromkeys(reversed(days)):
            self.state = dict(before)
            self.day, self.day_before = day, before.get("_today/today")
            try:
                self._compare(change, self._outcome(change))
            except WrongError as error:
                first = first or error
            else:
                self._keep(change)
                self.earlier = [*self.earlier[-LATE:], dict(self.state)]
                return
        raise first or WrongError("nothing to replay")

    def _outcome(self, change: Change) -> list[Said]:
        """What the change's messages decide, one after the other."""
        kept_now = {record.subject: record.state or {} for record in change.writes if record.kind == "_kept"}
        said: list[Said] = []
        self.jobs, self.aided = [], {}
        lane = self.lanes[change.owner]
        self.refused = {json.loads(m.body)["causationid"] for m in change.outbox if m.key.endswith(REJECTED)}
        for subject, _ in change.deletes:
            if subject.startswith("_kept/") and self.records[subject].get("discarded"):
                said += self._given_up(subject, lane)
            elif subject.startswith("_kept/"):
                said += self._decide(*self._stored(self.records[subject]), lane)
        # Who waits did not see its cause, which came later in the same batch if it came in it at all.
        for key in (*change.pins, *change.inbox):
            kept = kept_now.get(f"_kept/{_keyed(key)}")
            if kept is not None and kept["status"] != "waiting":
                continue
            message, context = self._message(key)
            if message is not None:
                said += self._decide(message, context, lane, waits=kept is not None)
        return said

    def _given_up(self, subject: str, lane: int) -> list[Said]:
        """Who sent a discarded command is told, and who waits for a discarded piece of a job; of facts nobody."""
        stored = self.records[subject]["stored"]
        if "piece" in stored:
            self.correlation = stored["correlation"] or stored["id"]
            message = GivenUp(id=subject.split("/")[1], message=stored["id"])
            return self._decide(message, self._context(stored["id"]), lane)
        body = stored.get("body", "").encode()
        if stored["intake"] == "events" or not body.startswith(b"{"):
            return []
        read = json.loads(body)
        return [Said("rejected", None, read["id"], read.get("correlationid") or read["id"])]

    def _explain(self, kept: dict[str, Any]) -> None:
        """What is kept as failed must have a reason that the workload gave it."""
        stored, reason = kept["stored"], kept["reason"]
        body = stored.get("body", "")
        if "piece" not in stored and _keys_of("", body.encode(), None).pop().startswith("raw|"):
            expected = reason.startswith("not_json")
        elif CLUMSY in body:
            expected = reason.startswith("ValueError")
        elif POISONED in body:
            expected = reason.startswith("refused_by_database")
        else:
            expected = reason.startswith("killed_its_process")
            # Random crashes may hit the same healthy message three times; an engine at fault does it all the time.
            self.healthy_quarantined += KILLER not in body
        if not expected or self.healthy_quarantined > 1:
            raise WrongError(f"{self.service.name}: {kept['type']} is in {kept['status']} without a cause: {reason}")

    def _notices(self, change: Change) -> None:
        """Each message that goes to quarantine is noticed once, in the same transaction."""
        for record in change.writes:
            fresh = (self.records.get(record.subject) or {}).get("status") != "quarantine"
            if (record.state or {}).get("status") == "quarantine" and fresh:
                notices = [m for m in change.outbox if m.exchange == "" and m.id == record.subject]
                if len(notices) != 1 or "stored" in json.loads(notices[0].body):
                    raise WrongError(
                        f"{self.service.name}: {record.subject} is in quarantine, with {len(notices)} notices"
                    )

    def _keep(self, change: Change) -> None:
        self._notices(change)
        for record in change.writes:
            if record.kind == "_kept" and (record.state or {})["status"] in ("retry", "quarantine"):
                self._explain(record.state or {})
        self.changes += 1
        for record in change.writes:
            self.written[record.subject] = self.changes
            if record.subject == "_today/today" and record.state is not None:
                self.days.append((self.changes, dt.date.fromisoformat(record.state["date"])))
        for record in change.writes:
            if self.versions.get(record.subject, 0) != record.version - 1:
                raise WrongError(f"{self.service.name}: {record.subject} was overwritten: a lost update")
            self.versions[record.subject] = record.version
            self.records[record.subject] = record.state or {}
            self.awaits[record.subject] = record.awaits
            kind = HELD.get(record.kind)
            if kind is not None:
                self.state[record.subject] = kind.from_stored(record.subject, record.state or {})
        for subject, version in change.deletes:
            if self.versions.get(subject) != version:
                raise WrongError(f"{self.service.name}: {subject} was deleted although it had changed")
            self.versions.pop(subject)
            self.records.pop(subject)
            self.state.pop(subject, None)

    def _stored(self, state: dict[str, Any]) -> tuple[Any, Context]:
        stored = state["stored"]
        if "piece" in stored:
            return self._message(f"piece|{stored['id']}")
        body = base64.b64decode(stored["base64"]) if "base64" in stored else stored["body"].encode()
        return self._read(body, stored["user"])

    def _message(self, key: str) -> tuple[Any, Context]:
        kind, _, rest = key.partition("|")
        self.correlation = rest
        if kind == "due":
            subject, _, date = rest.rpartition("@")
            return DueReached(subject=subject, date=dt.date.fromisoformat(date)), self._context(rest)
        if kind != "piece":
            body, user = self.bodies[key]
            return self._read(body, user)
        if rest.startswith("gone."):
            id = rest.removeprefix("gone.")
            self.correlation = self.records[f"_job/{id}"]["correlation"]
            return GivenUp(id=id, message=id), self._context(rest)
        if rest.startswith(("day.", "replay.")):
            return None, self._context(rest)
        job, _, number = rest.split(".")
        record = self.records.get(f"_job/{job}", {})
        if "chosen" not in record:
            raise WrongError(f"{self.service.name}: a piece of {job} was handed over, and no result was chosen")
        self.correlation = record["correlation"]
        chosen = record["chosen"]
        prefix = f"_result/{job}.{chosen}."
        pieces = [p for name in sorted(self.records) if name.startswith(prefix) for p in self.records[name]["pieces"]]
        name, data = pieces[int(number)]
        return self.routes[name][0].on.model_validate(data), self._context(rest)

    def _read(self, body: bytes, user: str | None) -> tuple[Any, Context]:
        read = json.loads(body)
        name = read["type"].removeprefix("tandem.")
        contract: type[Contract] = self.routes[name][0].on
        seen = Seen(epoch=read.get("epoch", 0), sequence=read.get("sequence", 0))
        self.correlation = read.get("correlationid") or read["id"]
        context = self._context(read["id"], seen, user, read.get("actor"), read.get("time"))
        if issubclass(contract, Command) and context.sender not in contract.senders:
            return "refused", context
        return contract.model_validate(read["data"]), context

    def _context(
        self,
        id: str,
        seen: Seen | None = None,
        user: str | None = None,
        actor: str | None = None,
        time: str | None = None,
    ) -> Context:
        now = self.state.get("_today/today")
        # A day that began earlier in the same batch counts at once.
        today: Any = self.day if now == self.day_before else now
        return Context(
            id=id,
            time=dt.datetime.fromisoformat(time) if time else dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
            actor=actor,
            today=today.date if today else dt.date.min,
            sender=ROLES.get(user or ""),
            seen=seen or Seen(),
            key=KEY,
        )

    def _decide(self, message: Any, context: Context, lane: int, *, waits: bool = False) -> list[Said]:
        rejected = Said("rejected", None, context.id, self.correlation)
        if message == "refused":
            return [rejected]
        if isinstance(message, DueReached):
            due = self.state.get(message.subject)
            if due is None or due.due is None or due.due > message.date:
                return []
            rows: list[Any] = [self.service.dues[message.subject.split("/")[0]]]
        else:
            rows = self.routes[getattr(message, "name", "") or type(message).__name__]
        said: list[Said] = []
        for row in rows:
            load = row.loader if isinstance(message, DueReached) else row.load
            outcome = row.decide(message, load(message, _Get(self.state, lane)), context)
            if isinstance(outcome, Wait) != waits:
                raise WrongError(f"{self.service.name}: {message!r} waited, or did not, against the order of commits")
            if isinstance(outcome, Wait):
                return []
            if context.id in self.refused and not outcome.refusals:
                # A refusal changes nothing, so it guards nothing: it may stand in the order where it was read.
                if not any(self._refuses(row, message, context, state, lane) for state in self.earlier):
                    raise WrongError(f"{self.service.name}: {message!r} was refused, and nothing explains it")
                return [rejected]
            self.jobs += [(start.job, start.ref) for start in outcome.jobs]
            self.state.update((aggregate.subject, aggregate) for aggregate in outcome.state)
            self.aided |= {held.subject: held for held in outcome.state if isinstance(held, Held)}
            if getattr(message, "private", False):
                continue  # answered on the sender's own queue
            said += [rejected] if outcome.refusals else []
            said += [Said(m.name, m.model_dump(mode="json"), context.id, self.correlation) for m in outcome.messages]
        return said

    @staticmethod
    def _refuses(row: Any, message: Any, context: Context, state: dict[str, Aggregate], lane: int) -> bool:
        outcome = row.decide(message, row.load(message, _Get(state, lane)), context)
        return not isinstance(outcome, Wait) and bool(outcome.refusals)

    def _compare(self, change: Change, said: list[Said]) -> None:
        for record in change.writes:
            held = self.aided.get(record.subject)
            if held is not None and held.to_store() != record.state:
                raise WrongError(f"{self.service.name}: {record.subject} is {record.state}, in order it is {held!r}")
            if record.kind.startswith("_") or record.kind == "day" or record.state is None:
                continue
            mine = self.state.get(record.subject)
            if mine is None or mine.model_dump(mode="json") != record.state:
                raise WrongError(f"{self.service.name}: {record.subject} is {record.state}, in order it is {mine!r}")
        told = []
        for letter in change.outbox:
            if letter.exchange and not letter.key.endswith(COUNTED):
                read = json.loads(letter.body)
                rejected = letter.key.endswith(REJECTED)
                told.append(
                    Said(
                        "rejected" if rejected else letter.key,
                        None if rejected else read["data"],
                        read["causationid"],
                        read["correlationid"],
                    )
                )
        if told != said:
            raise WrongError(f"{self.service.name}: said {told}, in order it says {said}")
        started = [
            (r.state["job"], r.state["ref"]) for r in change.writes if r.kind in JOBS and r.version == 1 and r.state
        ]
        if sorted(started) != sorted(self.jobs):
            raise WrongError(f"{self.service.name}: started {started}, in order it starts {self.jobs}")

    def nobody_overslept(self) -> None:
        """Whoever was due when a day began was woken on it: its row has nothing left to do."""
        for subject, aggregate in self.state.items():
            kind = subject.split("/")[0]
            if aggregate.due is None or kind not in self.service.dues:
                continue
            dates = [date for at, date in self.days if at > self.written.get(subject, 0) and date >= aggregate.due]
            if not dates:
                continue
            row = self.service.dues[kind]
            message = DueReached(subject=subject, date=max(dates))
            outcome = row.decide(message, row.loader(message, _Get(self.state, 0)), self._context(subject))
            if isinstance(outcome, Decision) and (outcome.state or outcome.messages):
                raise WrongError(f"{self.service.name}: {subject} was due on {aggregate.due} and was never woken")
        latest, said = (self.records.get(name) for name in ("_today/today", f"day/{self.service.name}"))
        if latest is not None and (said is None or said["date"] < latest["date"]):
            raise WrongError(f"{self.service.name}: {latest['date']} was never said to be handled")


def check(world: World) -> None:
    """Judge a finished run. Raises WrongError with the first broken promise."""
    bodies: dict[str, tuple[bytes, str | None]] = {}
    for exchange, _, body, user in world.broker.passed:
        for key in _keys_of(exchange, body, user):
            bodies.setdefault(key, (body, user))
    published = {body for _, _, body, _ in world.broker.passed}
    replays = {}
    for service in world.services:
        database = world.databases[service.name]
        replay = replays[service.name] = Replay(service, world.lanes, bodies)
        for change in database.history:
            replay.change(change)
            for letter in change.outbox:
                if letter.body not in published:
                    raise WrongError(f"{service.name}: {letter.key} was decided and never said")
        for subject, record in database.records.items():
            if record.kind == "_kept" and record.awaits is not None:
                awaited = database.records.get(record.awaits)
                if awaited is not None and awaited.state is not None:
                    raise WrongError(f"{service.name}: {subject} sleeps, but {record.awaits} has come")
            aggregate = replay.state.get(subject)
            counted = {"count": (record.state or {}).get("count")} if record.kind == Action.kind else {}
            if aggregate is not None and {**aggregate.to_store(), **counted} != record.state:
                raise WrongError(f"{service.name}: {subject} ended differently")
        replay.nobody_overslept()
        _noticed(world, service.name)
        _everything_arrived(world, service.name, replay.known)
    _sequences(world)
    if "library" in replays:
        _agreed(world)


def _noticed(world: World, service: str) -> None:
    """Whatever lies in quarantine stands in the queue that ops watch, whoever took what out of it."""
    noticed = {json.loads(message.body)["id"] for message in world.broker.queues[f"{service}.quarantine"]}
    for subject, record in world.databases[service].records.items():
        if (record.state or {}).get("status") == "quarantine" and subject.split("/")[1] not in noticed:
            raise WrongError(f"{service}: {subject} is in quarantine, and no notice is left of it")


def _everything_arrived(world: World, service: str, known: set[str]) -> None:
    for exchange, key, body, user in world.broker.passed:
        queues = world.broker.bindings.get((exchange, key), set())
        if any(queue.split(".")[0] == service for queue in queues) and not _keys_of(exchange, body, user) & known:
            raise WrongError(f"{service}: {key} never arrived: lost")


def _sequences(world: World) -> None:
    """Each owner's sequence is whole, and each event id has one content."""
    contents: dict[str, bytes] = {}
    sequences: dict[tuple[str, str], set[int]] = defaultdict(set)
    for exchange, _, body, _ in world.broker.passed:
        if not exchange or not body.startswith(b"{"):
            continue
        read = json.loads(body)
        key = f"{read['source']}|{read['id']}"
        if contents.setdefault(key, body) != body:
            raise WrongError(f"{key} was said with two contents")
        if "sequence" in read and "subject" in read:
            numbers = sequences[read["source"], read["subject"]]
            numbers.add(read["sequence"])
    for (source, subject), numbers in sequences.items():
        if numbers != set(range(1, len(numbers) + 1)):
            raise WrongError(f"{source} {subject}: the sequence has gaps: {sorted(numbers)}")


def _agreed(world: World) -> None:
    """What follows from a book's state is what the ledger has; a closed club is whole."""
    library, ledger = (world.databases[name].records for name in ("library", "ledger"))
    for subject, record in library.items():
        if record.kind == "book" and record.state is not None:
            line = ledger.get(f"line/{record.state['id']}")
            mine = {k: record.state[k] for k in ("holder", "lent")}
            if line is None or {k: (line.state or {})[k] for k in mine} != mine:
                raise WrongError(f"{subject} is {mine}, the ledger has {line.state if line else None}")
    members = sorted(r.state["id"] for r in library.values() if r.kind == Member.kind and r.state is not None)
    for _, key, body, _ in world.broker.passed:
        if key == Closed.name:
            said = ClosedSet.model_validate(json.loads(body)["data"]["members"])
            if said.count != len(members) or said != _digest(members):
                raise WrongError(f"the club closed with {said.count} members, it has {len(members)}")
            if "audit/c" not in ledger:
                raise WrongError("the ledger never found the closed club whole")


def _digest(members: list[str]) -> ClosedSet:
    buckets = [0] * 256
    for member in members:
        hashed = hashlib.sha256(member.encode()).digest()
        buckets[hashed[0]] ^= int.from_bytes(hashed)
    return ClosedSet(count=len(members), buckets=tuple(f"{b:064x}" if b else "" for b in buckets))
