"""Judges a run from what was committed and what passed.

Each service's history is decided again by itself (`replayed.py`); here is what holds across services and to the end.
"""

import datetime as dt
import hashlib
import json
from collections import defaultdict

from shared.contracts.registration import ClosedSet
from shared.runtime.actions import Action
from shared.runtime.adapters.memory import MemoryDatabase
from shared.runtime.audit_check import BrokenError, Known, checked
from shared.runtime.batch import EVENTS
from shared.runtime.engine import Engine
from shared.runtime.seals import Seal, content_of
from tests.simulation.messages import WrongError, keys_of
from tests.simulation.replayed import Replay
from tests.simulation.world import World
from tests.support.shop import Closed, Member


def check(world: World) -> None:
    """Judge a finished run. Raises WrongError with the first broken promise."""
    bodies: dict[str, tuple[bytes, str | None]] = {}
    for exchange, _, body, user in world.broker.passed:
        for key in called(world, exchange, body, user):
            bodies.setdefault(key, (body, user))
    published = {body for _, _, body, _ in world.broker.passed}
    replays = {}
    for service in world.services:
        database = world.databases[service.name]
        replay = replays[service.name] = Replay(service, world.lanes, bodies, world.sealed)
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
        _audited(service.name, database)
        replay.nobody_overslept()
        _noticed(world, service.name)
        _everything_arrived(world, service.name, replay.known)
    _sequences(world)
    if "library" in replays:
        _agreed(world)


def _audited(service: str, database: MemoryDatabase) -> None:
    """Every chain holds, and has the links that were committed, in the order of commits."""
    seals = [content_of(r.state or {}) for _, r in sorted(database.records.items()) if r.kind == Seal.kind]
    newest = max((dt.date.fromisoformat(seal["date"]) for seal in seals), default=dt.date.min)
    known = Known(newest, Engine.audit_years)
    try:
        checked(service, seals, [database.audit[id].document() for id in sorted(database.audit)], known)
    except BrokenError as error:
        raise WrongError(f"{service}: {error}") from None
    committed = [change.audit for change in database.history if change.audit is not None]
    if sorted(committed, key=lambda link: link.chain) != [database.audit[id] for id in sorted(database.audit)]:
        raise WrongError(f"{service}: the audit's chains are not in the order of commits")


def _noticed(world: World, service: str) -> None:
    """Whatever lies in quarantine stands in the queue that ops watch, whoever took what out of it."""
    noticed = {json.loads(message.body)["id"] for message in world.broker.queues[f"{service}.quarantine"]}
    for subject, record in world.databases[service].records.items():
        if (record.state or {}).get("status") == "quarantine" and subject.split("/")[1] not in noticed:
            raise WrongError(f"{service}: {subject} is in quarantine, and no notice is left of it")


def called(world: World, exchange: str, body: bytes, user: str | None) -> set[str]:
    """What an inbox calls a message, also one that leads to nobody once its programme's key is destroyed."""
    keys = keys_of(exchange, body, user)
    sealed = (world.sealed(programme, "message", key) for programme in world.sealing.keys for key in keys)
    return keys if exchange == EVENTS else keys | {f"command|{id}" for id in sealed}


def _everything_arrived(world: World, service: str, known: set[str]) -> None:
    for exchange, key, body, user in world.broker.passed:
        queues = world.broker.bindings.get((exchange, key), set())
        if any(queue.split(".")[0] == service for queue in queues) and not called(world, exchange, body, user) & known:
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
