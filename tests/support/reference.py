"""A reference interpreter of a service's table: one thread, one message at a time, no batches, no database.

It shares nothing with the engine but the table's types, so it can judge the engine. `given/when/then` speak through it.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any, Self, TypeVar

from pydantic import BaseModel

from shared.contracts.base import Contract, Event, Role
from shared.runtime.adapters.memory_keys import MemoryKeys
from shared.runtime.aggregate import Aggregate, Seen
from shared.runtime.decision import Context, Decision, DueReached, Internal, Start, Wait
from shared.runtime.ids import keyed_id
from shared.runtime.programme_keys import Sealed, nothing_sealed
from shared.runtime.table import RETAIN_JOB, Again, Ask, Fact, Language, Piece, Service
from shared.runtime.telling import finished

A = TypeVar("A", bound=Aggregate)
C = TypeVar("C", bound=Contract)

KEY = b"a key for tests"


class _Get:
    def __init__(self, state: dict[str, Aggregate], lane: int, sealed: Sealed = nothing_sealed) -> None:
        self._state = state
        self.lane = lane
        self._sealed = sealed

    def __call__(self, aggregate: type[A], id: str, /) -> A | None:
        found = self._state.get(f"{aggregate.kind}/{id}")
        return found if isinstance(found, aggregate) else None

    def all(self, aggregate: type[A], ids: Sequence[str], /) -> tuple[A | None, ...]:
        return tuple(self(aggregate, id) for id in ids)

    def ahead(self, *asked: tuple[type[Aggregate], str]) -> None:
        return None

    def keyed(self, *parts: object) -> str:
        return keyed_id(KEY, *parts)

    def sealed(self, programme: str, *parts: object) -> str | None:
        return self._sealed(programme, *parts)


class _Reader:
    def __init__(self, state: dict[str, Aggregate], today: dt.date) -> None:
        self._state = state
        self.today = today

    async def get(self, aggregate: type[A], id: str, /) -> A | None:
        return _Get(self._state, 0)(aggregate, id)

    async def all(self, aggregate: type[A], ids: Sequence[str], /) -> list[A | None]:
        return list(_Get(self._state, 0).all(aggregate, ids))

    async def find(self, aggregate: type[A], programme: str | None, /) -> list[A]:
        kind = [a for a in self._state.values() if isinstance(a, aggregate)]
        found = [a for a in kind if programme is None or a.programme == programme]
        return sorted(found, key=lambda a: a.id)


@dataclass(frozen=True)
class Heard:
    """A message as it comes in: a contract with what its envelope says."""

    message: Contract | Internal
    id: str
    actor: str | None = None
    sender: Role | None = None
    seen: Seen = field(default_factory=Seen)
    time: dt.datetime = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)


def _now(awaitable: Awaitable[Any]) -> Any:
    """Run a coroutine that never really waits, without an event loop."""
    try:
        next(iter(awaitable.__await__()))
    except StopIteration as done:
        return done.value
    raise AssertionError("the inputs of a job may await nothing but its reader")


@dataclass
class Reference:
    """Runs one service's table. `feed` decides a message and all that follows from it inside the service."""

    service: Service
    today: dt.date = dt.date(2026, 1, 1)
    lane: int = 0
    epoch: int = 1
    state: dict[str, Aggregate] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    parked: dict[str, list[Heard]] = field(default_factory=lambda: defaultdict(list))
    handled: set[str] = field(default_factory=set)
    said: list[tuple[Contract, int | None]] = field(default_factory=list)
    jobs: list[Start] = field(default_factory=list)
    unfinished: list[Start] = field(default_factory=list)
    retained: list[str] = field(default_factory=list)
    """What the runtime's own job of retention was started with: its work is the engine's."""
    keys: MemoryKeys = field(default_factory=MemoryKeys)

    def sealed(self, programme: str, *parts: object) -> str | None:
        """The id under a programme's key."""
        key = self.keys.key(programme, None)
        return keyed_id(key, *parts) if key is not None else None

    def feed(self, heard: Heard) -> list[Contract]:
        """Decide a message, then the jobs and woken messages that follow; returns what was said, in order."""
        before = len(self.said)
        if heard.id not in self.handled:
            self.handled.add(heard.id)
            self._decide(heard)
            self._work()
        return [message for message, _ in self.said[before:]]

    def start_day(self, date: dt.date) -> list[Contract]:
        """Start a day and hand every due aggregate to its row."""
        before = len(self.said)
        self.today = date
        kinds = self.service.dues
        due = [a for a in self.state.values() if a.kind in kinds and a.due is not None and a.due <= date]
        for aggregate in sorted(due, key=lambda a: a.subject):
            self._decide(Heard(DueReached(subject=aggregate.subject, date=date), id=f"{aggregate.subject}|{date}"))
        self._work()
        return [message for message, _ in self.said[before:]]

    def try_again(self) -> list[Contract]:
        """Time passes: the jobs that could not finish are tried again."""
        before = len(self.said)
        self.jobs, self.unfinished = [*self.jobs, *self.unfinished], []
        self._work()
        return [message for message, _ in self.said[before:]]

    def _rows(self, message: Contract | Internal) -> Iterator[tuple[Any, Any, tuple[type[Contract], ...]]]:
        if isinstance(message, DueReached):
            row = self.service.dues[message.subject.split("/")[0]]
            yield row.loader, row.decide, row.says
            return
        for row_ in self.service.rows:
            if isinstance(row_, Ask | Fact | Piece) and row_.on is type(message):
                says = row_.says
                yield row_.load, row_.decide, says

    def _decide(self, heard: Heard) -> None:
        context = Context(
            id=heard.id,
            time=heard.time,
            today=self.today,
            actor=heard.actor,
            sender=heard.sender,
            seen=heard.seen,
            key=KEY,
            sealed=self.sealed,
            epoch=self.epoch,
        )
        decisions: list[Decision] = []
        for load, decide, says in self._rows(heard.message):
            outcome = decide(heard.message, load(heard.message, _Get(self.state, self.lane, self.sealed)), context)
            if isinstance(outcome, Wait):
                self.parked[outcome.subject].append(heard)
                return
            undeclared = [m for m in outcome.messages if type(m) not in says]
            assert not undeclared, f"{decide.__name__} says {undeclared[0].name}, which its row does not declare"
            decisions.append(outcome)
        for decision in decisions:
            self._apply(heard, decision)

    def _apply(self, heard: Heard, decision: Decision) -> None:
        written = {aggregate.subject: aggregate for aggregate in decision.state}
        gone = {aggregate.subject for aggregate in decision.deletes}
        assert not gone & written.keys(), f"both written and deleted: {sorted(gone & written.keys())}"
        self.state.update(written)
        for subject in gone:
            self.state.pop(subject, None)
            self.sequences.pop(subject, None)
        if decision.refusals:
            rejected = self.service.common_rejection(heard.id, getattr(heard.message, "name", ""), decision.refusals)
            self.said.append((rejected, None))
        for message in decision.messages:
            sequence = None
            if isinstance(message, Event) and message.stateful:
                assert message.subject in written, f"{message.name} is about {message.subject}, which is not written"
                self.sequences[message.subject] += 1
                sequence = self.sequences[message.subject]
            self.said.append((message, sequence))
        self.jobs.extend(decision.jobs)
        for subject in (*written, *sorted(gone)):
            for woken in self.parked.pop(subject, []):
                self._decide(woken)

    def _work(self) -> None:
        tries: dict[Start, int] = defaultdict(int)
        while self.jobs:
            start = self.jobs.pop(0)
            if start.job == RETAIN_JOB:
                self.retained.append(start.ref)
                continue
            row = self.service.jobs[start.job]
            inputs = _now(row.inputs(start.ref, _Reader(self.state, self.today)))
            work = row.work
            if isinstance(work, str):
                module, _, function = work.partition(":")
                work = getattr(import_module(module), function)
            told: list[Internal] = []
            result = finished(work(inputs), told.append)
            for number, piece in enumerate(told):
                self._decide(Heard(piece, id=f"told|{start.job}/{start.ref}|{tries[start]}|{number}"))
            pieces = result.pieces if isinstance(result, Again) else result
            tries[start] += 1
            for number, piece in enumerate(pieces):
                self._decide(Heard(piece, id=f"{start.job}/{start.ref}|{tries[start]}|{number}"))
            if isinstance(result, Again):
                if tries[start] > 3:
                    self.unfinished.append(start)
                    continue
                self.jobs.append(start)


@dataclass(frozen=True)
class Said:
    """What a test expects to be said: a type, and the fields that matter."""

    type: type[Contract]
    fields: dict[str, object]

    def matches(self, message: Contract) -> bool:
        """Whether the message is of the type and has the fields' values."""
        return type(message) is self.type and all(getattr(message, k) == v for k, v in self.fields.items())


def said(type: type[Contract], **fields: object) -> Said:
    """Expect a message of a type with these fields."""
    return Said(type, fields)


@dataclass(frozen=True)
class By:
    """A message with who sent it: `By(message, actor=…, sender="office", sequence=2)`."""

    message: Contract | Internal
    actor: str | None = None
    sender: Role | None = None
    sequence: int | None = None
    id: str | None = None


Step = Contract | Internal | By | dt.date


class Scenario:
    """`given(service, …).when(…).then(…)`: what came before, what comes, what is said; state stays private.

    A step is a message, a `By` (message with sender), or a date (that day starts). Commands come by default from the
    first role that may send them, events with the next sequence of their subject.
    """

    def __init__(self, service: Service, today: dt.date = dt.date(2026, 1, 1)) -> None:
        self.reference = Reference(service, today=today)
        self.told: list[Contract] = []
        self.last: By | None = None
        self._count = 0
        self._sequences: dict[str, int] = defaultdict(int)

    def given(self, *steps: Step) -> Self:
        """What came before."""
        for step in steps:
            self._take(step)
        return self

    def when(self, *steps: Step) -> Self:
        """What comes; `then` speaks of what this says."""
        self.told = [message for step in steps for message in self._take(step)]
        return self

    def again(self) -> Self:
        """The last message comes a second time, with the same id."""
        assert self.last is not None
        self.told = self._take(self.last)
        return self

    def later(self) -> Self:
        """Time passes: what could not finish is tried again."""
        self.told = self.reference.try_again()
        return self

    def then(self, *expected: Said | type[Contract] | Contract) -> Self:
        """Exactly these were said, in this order."""
        names = [message.name for message in self.told]
        assert len(self.told) == len(expected), f"said {names}"
        for message, want in zip(self.told, expected, strict=True):
            self._compare(message, want, names)
        return self

    def then_among(self, *expected: Said | type[Contract] | Contract) -> Self:
        """These were said, among others, in any order."""
        names = [message.name for message in self.told]
        for want in expected:
            fits = [m for m in self.told if self._fits(m, want)]
            assert fits, f"{want} is not among {names}: {self.told}"
        return self

    def then_nothing(self) -> Self:
        """Nothing was said."""
        assert self.told == [], f"said {[message.name for message in self.told]}"
        return self

    def then_refused(self, *codes: str) -> Self:
        """The command was refused with these codes, in any order."""
        assert len(self.told) == 1, f"said {[message.name for message in self.told]}"
        reasons = getattr(self.told[0], "reasons", None)
        assert reasons is not None, f"said {self.told[0].name}"
        assert sorted(r.code for r in reasons) == sorted(codes)
        return self

    def answer(self, question: str, asked: BaseModel) -> Any:
        """What the service answers to one of its questions, as it stands."""
        [found] = [each for each in self.reference.service.questions if each.name == question]
        reader = _Reader(self.reference.state, self.reference.today)
        return _now(found.answer(asked, reader, partial(keyed_id, KEY)))

    def opened(self, path: str, rest: str = "", address: str = "", **asked: str) -> str | None:
        """What the service shows to anybody under a path, as it stands; None where there is nothing."""
        [page] = [each for each in self.reference.service.open_pages if each.path == path]
        found = _now(page.write(rest, asked, _Reader(self.reference.state, self.reference.today), address))
        return None if found is None else str(found.text)

    def document(self, name: str, programme: str, language: Language) -> BaseModel | None:
        """What one of the service's documents is made of, as it stands."""
        [found] = [each for each in self.reference.service.documents if each.name == name]
        reader = _Reader(self.reference.state, self.reference.today)
        made: BaseModel | None = _now(found.find(programme, language, reader))
        return made

    def one(self, type: type[C]) -> C:
        """The one message of a type that was said."""
        found = [message for message in self.told if isinstance(message, type)]
        assert len(found) == 1, f"said {[message.name for message in self.told]}"
        return found[0]

    def _take(self, step: Step) -> list[Contract]:
        if isinstance(step, dt.date):
            return self.reference.start_day(step)
        by = step if isinstance(step, By) else By(step)
        message = by.message
        self._count += 1
        id = by.id or str(uuid.UUID(int=self._count))
        self.last = By(message, by.actor, by.sender, by.sequence, id)
        sender, seen = by.sender, Seen()
        if isinstance(message, Event):
            sequence = by.sequence or self._sequences[message.subject] + 1
            self._sequences[message.subject] = max(sequence, self._sequences[message.subject])
            seen = Seen(epoch=1, sequence=sequence)
            self.last = By(message, by.actor, by.sender, sequence, id)
        elif sender is None and not isinstance(message, Internal):
            sender = min(message.senders)  # type: ignore[attr-defined]
        return self.reference.feed(Heard(message, id=id, actor=by.actor, sender=sender, seen=seen))

    @staticmethod
    def _fits(message: Contract, want: "Said | type[Contract] | Contract") -> bool:
        if isinstance(want, Said):
            return want.matches(message)
        return type(message) is want if isinstance(want, type) else message == want

    def _compare(self, message: Contract, want: "Said | type[Contract] | Contract", names: list[str]) -> None:
        assert self._fits(message, want), f"expected {want}, said {names}: {message}"


def given(service: Service, *steps: Step, today: dt.date = dt.date(2026, 1, 1)) -> Scenario:
    """Begin a scenario with what came before."""
    return Scenario(service, today).given(*steps)
