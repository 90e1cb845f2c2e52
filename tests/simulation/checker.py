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
from shared.runtime.aggregate import Aggregate, Seen
from shared.runtime.days import rows_of
from shared.runtime.decision import Context, DueReached, Wait
from shared.runtime.ports import Change
from shared.runtime.replay import replay_rows
from shared.runtime.table import Ask, Fact, Piece, Service
from tests.simulation.world import KEY, ROLES, World
from tests.support.shop import Closed, Member

COUNTED = (".day-handled.v1", ".quarantine-replayed.v1")
"""Events that hold a count of the engine's own: not to be decided again."""


REJECTED = ".command-rejected.v1"
LATE = 200
"""So many changes may be committed between a decision's reading and its own commit."""


class WrongError(AssertionError):
    """The run broke a promise; says which."""


def _keyed(*parts: str) -> str:
    text = json.dumps([str(part) for part in parts], ensure_ascii=False, separators=(",", ":")).encode()
    return str(uuid.UUID(bytes=hmac.new(KEY, text, hashlib.sha256).digest()[:16], version=5))


def _key_of(body: bytes) -> str:
    try:
        read = json.loads(body)
        return f"{read['source']}|{read['id']}"
    except (ValueError, KeyError, TypeError):
        return f"raw|{_keyed('raw', body.hex())}"


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


@dataclass
class Replay:
    """One service's committed history, decided again in one thread."""

    service: Service
    lanes: dict[str, int]
    bodies: dict[str, tuple[bytes, str | None]]
    state: dict[str, Aggregate] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    awaits: dict[str, str | None] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    day: Aggregate | None = None
    day_before: Aggregate | None = None
    earlier: list[dict[str, Aggregate]] = field(default_factory=lambda: [{}])

    def __post_init__(self) -> None:
        rows = (*self.service.rows, *rows_of(self.service), *replay_rows(self.service))
        self.routes: dict[str, list[Any]] = defaultdict(list)
        for row in rows:
            if isinstance(row, Ask | Fact):
                self.routes[row.on.name].append(row)
            elif isinstance(row, Piece):
                self.routes[row.on.__name__].append(row)

    def change(self, change: Change) -> None:
        """Replay one committed change. Raises WrongError."""
        for key in change.inbox:
            if key in self.known:
                raise WrongError(f"{self.service.name}: {key} had its effect twice")
        self.known.update(change.inbox)
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

    def _outcome(self, change: Change) -> list[tuple[str, Any]]:
        """What the change's messages decide, one after the other."""
        kept_now = {record.subject: record.state or {} for record in change.writes if record.kind == "_kept"}
        said: list[tuple[str, Any]] = []
        lane = self.lanes[change.owner]
        self.refused = {json.loads(m.body)["causationid"] for m in change.outbox if m.key.endswith(REJECTED)}
        for subject, _ in change.deletes:
            if subject.startswith("_kept/"):
                said += self._decide(*self._stored(self.records[subject]), lane)
        for key in change.inbox:
            kept = kept_now.get(f"_kept/{_keyed(key)}")
            if kept is not None and kept["status"] != "waiting":
                continue
            message, context = self._message(key)
            if message is not None:
                said += self._decide(message, context, lane, waits=kept is not None)
        return said

    def _keep(self, change: Change) -> None:
        for record in change.writes:
            if self.versions.get(record.subject, 0) != record.version - 1:
                raise WrongError(f"{self.service.name}: {record.subject} was overwritten: a lost update")
            self.versions[record.subject] = record.version
            self.records[record.subject] = record.state or {}
            self.awaits[record.subject] = record.awaits
        for subject, version in change.deletes:
            if self.versions.get(subject) != version:
                raise WrongError(f"{self.service.name}: {subject} was deleted although it had changed")
            self.versions.pop(subject)
            self.records.pop(subject)
        for subject in change.releases:
            for name in [name for name in self.records if self.awaits.get(name) == subject]:
                self.versions[name] += 1
                self.awaits[name] = None

    def _stored(self, state: dict[str, Any]) -> tuple[Any, Context]:
        stored = state["stored"]
        if "piece" in stored:
            return self._message(f"piece|{stored['id']}")
        body = base64.b64decode(stored["base64"]) if "base64" in stored else stored["body"].encode()
        return self._read(body, stored["user"])

    def _message(self, key: str) -> tuple[Any, Context]:
        kind, _, rest = key.partition("|")
        if kind == "due":
            subject, _, date = rest.rpartition("@")
            return DueReached(subject=subject, date=dt.date.fromisoformat(date)), self._context(rest)
        if kind != "piece":
            body, user = self.bodies[key]
            return self._read(body, user)
        if rest.startswith(("day.", "replay.")):
            return None, self._context(rest)
        job, _, number = rest.split(".")
        chosen = self.records[f"_job/{job}"]["chosen"]
        prefix = f"_result/{job}.{chosen}."
        pieces = [p for name in sorted(self.records) if name.startswith(prefix) for p in self.records[name]["pieces"]]
        name, data = pieces[int(number)]
        return self.routes[name][0].on.model_validate(data), self._context(rest)

    def _read(self, body: bytes, user: str | None) -> tuple[Any, Context]:
        read = json.loads(body)
        name = read["type"].removeprefix("tandem.")
        contract: type[Contract] = self.routes[name][0].on
        seen = Seen(epoch=read.get("epoch", 0), sequence=read.get("sequence", 0))
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

    def _decide(self, message: Any, context: Context, lane: int, *, waits: bool = False) -> list[tuple[str, Any]]:
        if message == "refused":
            return [("rejected", None)]
        if isinstance(message, DueReached):
            rows: list[Any] = [self.service.dues[message.subject.split("/")[0]]]
        else:
            rows = self.routes[getattr(message, "name", "") or type(message).__name__]
        said: list[tuple[str, Any]] = []
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
                return [("rejected", None)]
            self.state.update((aggregate.subject, aggregate) for aggregate in outcome.state)
            if getattr(message, "private", False):
                continue  # answered on the sender's own queue
            said += [("rejected", None)] if outcome.refusals else []
            said += [(m.name, m.model_dump(mode="json")) for m in outcome.messages]
        return said

    @staticmethod
    def _refuses(row: Any, message: Any, context: Context, state: dict[str, Aggregate], lane: int) -> bool:
        outcome = row.decide(message, row.load(message, _Get(state, lane)), context)
        return not isinstance(outcome, Wait) and bool(outcome.refusals)

    def _compare(self, change: Change, said: list[tuple[str, Any]]) -> None:
        for record in change.writes:
            if record.kind.startswith("_") or record.kind == "day" or record.state is None:
                continue
            mine = self.state.get(record.subject)
            if mine is None or mine.model_dump(mode="json") != record.state:
                raise WrongError(f"{self.service.name}: {record.subject} is {record.state}, in order it is {mine!r}")
        told = []
        for letter in change.outbox:
            if letter.exchange and not letter.key.endswith(COUNTED):
                rejected = letter.key.endswith(REJECTED)
                told.append(("rejected", None) if rejected else (letter.key, json.loads(letter.body)["data"]))
        if told != said:
            raise WrongError(f"{self.service.name}: said {told}, in order it says {said}")


def check(world: World) -> None:
    """Judge a finished run. Raises WrongError with the first broken promise."""
    bodies: dict[str, tuple[bytes, str | None]] = {}
    for _, _, body, user in world.broker.passed:
        bodies.setdefault(_key_of(body), (body, user))
        bodies.setdefault(f"private|{_keyed(_key_of(body))}", (body, user))
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
            if aggregate is not None and aggregate.model_dump(mode="json") != record.state:
                raise WrongError(f"{service.name}: {subject} ended differently")
        _everything_arrived(world, service.name, replay.known)
    _sequences(world)
    if "library" in replays:
        _agreed(world)


def _names(body: bytes) -> set[str]:
    """What an inbox may call a message: a private one is known by a keyed name."""
    key = _key_of(body)
    return {key, f"private|{_keyed(key)}"}


def _everything_arrived(world: World, service: str, known: set[str]) -> None:
    for exchange, key, body, _ in world.broker.passed:
        queues = world.broker.bindings.get((exchange, key), set())
        if (
            any(queue.split(".")[0] == service for queue in queues)
            and not {_key_of(body), f"private|{_keyed(_key_of(body))}"} & known
        ):
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
