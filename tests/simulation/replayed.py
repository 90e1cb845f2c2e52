"""One service's committed history, decided again in one thread, one message after the other: state and words.

Shares the tables with the engine, and nothing else.
"""

import base64
import datetime as dt
import json
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from shared.contracts.base import Command, Contract
from shared.contracts.registration import ErasureOrdered
from shared.runtime.aggregate import Aggregate, Seen
from shared.runtime.decision import Context, Decision, DueReached, Wait
from shared.runtime.every_row import every_row
from shared.runtime.held import Held, HeldJob, HeldMessage
from shared.runtime.ports import Change
from shared.runtime.programme_keys import Sealed, nothing_sealed
from shared.runtime.replay import GivenUp
from shared.runtime.table import Ask, Fact, Piece, Service
from tests.simulation.erased import LATELY, Graves, named, piece_of, text_of
from tests.simulation.messages import WrongError, keyed
from tests.simulation.quarantined import Quarantined
from tests.simulation.world import KEY, ROLES

COUNTED = (".day-handled.v1", ".quarantine-replayed.v1", ".audit-sealed.v1")
"""Events that hold a count or hash of the engine's own: not to be decided again."""


REJECTED = ".command-rejected.v1"
JOBS = ("_job", "_heavy")
HELD: dict[str, type[Held]] = {"_kept": HeldMessage, "_job": HeldJob, "_heavy": HeldJob}
PROGRAMME = "programme"
LATE = 200
"""So many changes may be committed between a decision's reading and its own commit."""


@dataclass
class _Get:
    state: dict[str, Aggregate]
    lane: int
    under: Sealed = nothing_sealed

    def __call__(self, aggregate: Any, id: str, /) -> Any:
        return self.state.get(f"{aggregate.kind}/{id}")

    def all(self, aggregate: Any, ids: Any, /) -> Any:
        return tuple(self(aggregate, id) for id in ids)

    def ahead(self, *asked: tuple[type[Aggregate], str]) -> None:
        return None

    def keyed(self, *parts: object) -> str:
        return keyed(*(str(part) for part in parts))

    def sealed(self, programme: str, *parts: object) -> str | None:
        return self.under(programme, *parts)


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
    sealed: Sealed = nothing_sealed
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
    writes: set[str] = field(default_factory=set)
    told: dict[str, tuple[list[Any], str]] = field(default_factory=dict)
    held: dict[str, tuple[list[Any], str]] = field(default_factory=dict)
    correlation: str = ""
    day: Aggregate | None = None
    day_before: Aggregate | None = None
    earlier: list[dict[str, Aggregate]] = field(default_factory=lambda: [{}])
    programmes: list[dict[str, Aggregate]] = field(default_factory=lambda: [{}])

    def __post_init__(self) -> None:
        service = self.service
        self.quarantined = Quarantined(service.name)
        self.graves = Graves()
        self.buried: frozenset[str] = frozenset()
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
        before, written = self.state, {record.subject for record in change.writes}
        self.writes = written
        # A decision may know the service's day as it was when its batch was read, a little before it was committed.
        days = [state.get("_today/today") for state in (*self.earlier, self.state)]
        first: WrongError | None = None
        # Who was erased a moment ago may still have been found when the batch was read. And what people ask for only
        # reads their programme, which all of them share: it may have ended since. What a change writes is guarded.
        lately = product(reversed(self.programmes), dict.fromkeys(reversed(days)), self.graves.lately)
        for programmes, day, buried in lately:
            read = {s: a for s, a in programmes.items() if self.versions.get(s) and s not in written}
            self.state, self.buried = before | read, buried
            self.day, self.day_before = day, before.get("_today/today")
            try:
                self._compare(change, self._outcome(change))
                self._left_nothing_out(before | read, written | {subject for subject, _ in change.deletes})
            except WrongError as error:
                first = first or error
            else:
                self.state |= {subject: before[subject] for subject in read}
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
                message, context = self._stored(self.records[subject])
                said += self._decide(message, context, lane) if message is not None else []
        # Who waits did not see its cause, which came later in the same batch if it came in it at all.
        for key in (*change.pins, *change.inbox):
            kept = kept_now.get(f"_kept/{keyed(key)}")
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

    def _keep(self, change: Change) -> None:
        self.quarantined.look(change, self.records)
        self.graves.look(change)
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
            if record.kind in JOBS and (last := self.records[record.subject].get("told")):
                id = f"told.{record.subject.removeprefix('_job/')}.{last['number']}"
                piece, _ = self.told.setdefault(id, (last["piece"], self.records[record.subject]["correlation"]))
                if piece != last["piece"]:
                    raise WrongError(f"{self.service.name}: {id} was told as {piece} and as {last['piece']}")
            id = (record.state or {}).get("inbox", "") if record.kind == "_kept" else ""
            if id.startswith("piece|") and "chosen" in self.records.get(f"_job/{id[6:].partition('.')[0]}", {}):
                self.held[id[6:]] = self._handed(id[6:])
            kind = HELD.get(record.kind)
            if kind is not None:
                self.state[record.subject] = kind.from_stored(record.subject, record.state or {})
        if any(record.kind == PROGRAMME for record in change.writes):
            now = {subject: it for subject, it in self.state.items() if subject.startswith(f"{PROGRAMME}/")}
            self.programmes = [*self.programmes[1 - LATELY :], now]
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
        if rest.startswith(("day.", "replay.", "seal.")):
            return None, self._context(rest)
        if rest.startswith("told."):
            if rest not in self.told:
                raise WrongError(f"{self.service.name}: {rest} was said, and no job told it while it held its lease")
            (name, data), self.correlation = self.told[rest]
            return self.routes[name][0].on.model_validate(data), self._context(rest)
        if (erasing := piece_of(self.service, rest, self.state, self.records)) is not None:
            job, piece = erasing
            self.correlation = self.records[f"_job/{job}"]["correlation"]
            return piece, self._context(rest)
        (name, data), self.correlation = self._handed(rest)
        row = self.routes[name][0]
        if not row.for_others and named(text_of(data, self.correlation), self.buried):
            return None, self._context(rest)
        return row.on.model_validate(data), self._context(rest)

    def _handed(self, rest: str) -> tuple[list[Any], str]:
        """A piece as its job handed it over; one that ops held may be decided when its job has long been gone."""
        job, _, number = rest.split(".")
        record = self.records.get(f"_job/{job}", {})
        if "chosen" not in record:
            if rest not in self.held:
                raise WrongError(f"{self.service.name}: a piece of {job} was handed over, and no result was chosen")
            return self.held[rest]
        prefix = f"_result/{job}.{record['chosen']}."
        pieces = [p for name in sorted(self.records) if name.startswith(prefix) for p in self.records[name]["pieces"]]
        return pieces[int(number)], record["correlation"]

    def _read(self, body: bytes, user: str | None) -> tuple[Any, Context]:
        read = json.loads(body)
        name = read["type"].removeprefix("tandem.")
        contract: type[Contract] = self.routes[name][0].on
        seen = Seen(epoch=read.get("epoch", 0), sequence=read.get("sequence", 0))
        self.correlation = read.get("correlationid") or read["id"]
        context = self._context(read["id"], seen, user, read.get("actor"), read.get("time"))
        if issubclass(contract, Command) and context.sender not in contract.senders:
            return "refused", context
        if contract is not ErasureOrdered and named(body.decode(), self.buried):
            # What names somebody who was erased is dropped; whoever sent a command hears that it is refused.
            answered = issubclass(contract, Command) and not contract.private
            return "refused" if answered else None, context
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
            sealed=self.sealed,
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
            outcome = row.decide(message, load(message, _Get(self.state, lane, self.sealed)), context)
            if isinstance(outcome, Wait) != waits:
                raise WrongError(f"{self.service.name}: {message!r} waited, or did not, against the order of commits")
            if isinstance(outcome, Wait):
                return []
            private = getattr(message, "private", False)
            # What is answered on the sender's own queue was refused where nothing that it writes was written.
            unwritten = private and outcome.state and self.writes.isdisjoint(a.subject for a in outcome.state)
            if (context.id in self.refused or unwritten) and not outcome.refusals:
                # A refusal changes nothing, so it guards nothing: it may stand in the order where it was read.
                if not any(self._refuses(row, message, context, state, lane) for state in self.earlier):
                    raise WrongError(f"{self.service.name}: {message!r} was refused, and nothing explains it")
                return [] if private else [rejected]
            self.jobs += [(start.job, start.ref) for start in outcome.jobs]
            self.state.update((aggregate.subject, aggregate) for aggregate in outcome.state)
            for aggregate in outcome.deletes:
                self.state.pop(aggregate.subject, None)
            self.aided |= {held.subject: held for held in outcome.state if isinstance(held, Held)}
            if private:
                continue  # answered on the sender's own queue
            said += [rejected] if outcome.refusals else []
            said += [Said(m.name, m.model_dump(mode="json"), context.id, self.correlation) for m in outcome.messages]
        return said

    def _refuses(self, row: Any, message: Any, context: Context, state: dict[str, Aggregate], lane: int) -> bool:
        outcome = row.decide(message, row.load(message, _Get(state, lane, self.sealed)), context)
        return not isinstance(outcome, Wait) and bool(outcome.refusals)

    def _compare(self, change: Change, said: list[Said]) -> None:
        for record in change.writes:
            held = self.aided.get(record.subject)
            if held is not None and held.to_store() != record.state:
                raise WrongError(f"{self.service.name}: {record.subject} is {record.state}, in order it is {held!r}")
            if record.kind.startswith("_") or record.kind in ("day", "seal") or record.state is None:
                continue
            mine = self.state.get(record.subject)
            if mine is None or mine.model_dump(mode="json") != record.state:
                raise WrongError(f"{self.service.name}: {record.subject} is {record.state}, in order it is {mine!r}")
        for subject, _ in change.deletes:
            if not subject.startswith("_") and (mine := self.state.get(subject)) is not None:
                raise WrongError(f"{self.service.name}: {subject} was deleted, in order it is {mine!r}")
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

    def _left_nothing_out(self, before: dict[str, Aggregate], written: set[str]) -> None:
        """Whatever becomes another by what was decided is written: else it was decided from something else."""
        for subject in self.state.keys() | before.keys():
            mine, was = self.state.get(subject), before.get(subject)
            if mine is was or mine == was or subject in written or subject.startswith(("_", "day/", "seal/")):
                continue
            raise WrongError(f"{self.service.name}: {subject} was left as it is, in order it is {mine!r}")

    def nobody_overslept(self) -> None:
        """Whoever was due when a day began was woken on it: its row has nothing left to do.

        Unless just that is in quarantine, which is judged by whoever looks at quarantine.
        """
        stuck = {
            record["stored"]["data"]["subject"]
            for name, record in self.records.items()
            if name.startswith("_kept/")
            and record.get("status") == "quarantine"
            and record["stored"].get("piece") == DueReached.__name__
        }
        for subject, aggregate in self.state.items():
            kind = subject.split("/")[0]
            if aggregate.due is None or kind not in self.service.dues or subject in stuck:
                continue
            dates = [date for at, date in self.days if at > self.written.get(subject, 0) and date >= aggregate.due]
            if not dates:
                continue
            row = self.service.dues[kind]
            message = DueReached(subject=subject, date=max(dates))
            outcome = row.decide(message, row.loader(message, _Get(self.state, 0, self.sealed)), self._context(subject))
            if isinstance(outcome, Decision) and (outcome.state or outcome.messages):
                raise WrongError(f"{self.service.name}: {subject} was due on {aggregate.due} and was never woken")
        latest, said = (self.records.get(name) for name in ("_today/today", f"day/{self.service.name}"))
        if latest is not None and (said is None or said["date"] < latest["date"]):
            raise WrongError(f"{self.service.name}: {latest['date']} was never said to be handled")
