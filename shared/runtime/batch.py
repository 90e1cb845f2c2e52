"""Deciding a batch: pure, in order, one change at the end.

Messages of one batch see each other's changes, and each aggregate is written once. What a loader asks for and the batch
does not know yet is raised as `NotRead`; the engine reads it for the whole batch and asks again.
"""

import contextlib
import datetime as dt
import json
import traceback
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from shared.contracts import base
from shared.contracts.base import Command, Contract, Event
from shared.contracts.parts import Purpose
from shared.runtime import trace
from shared.runtime.aggregate import Aggregate
from shared.runtime.audit import Deed
from shared.runtime.days import BEFORE_TIME, Today
from shared.runtime.decision import Decision, DueReached, Get, Internal, Start, Wait, refuse
from shared.runtime.deeds import deed_of, doer_of
from shared.runtime.envelope import wrap
from shared.runtime.ids import derived_id, keyed_id
from shared.runtime.item import Item
from shared.runtime.journal import Entry, Said
from shared.runtime.known import Known
from shared.runtime.ports import Change, Outgoing, Record, Worked
from shared.runtime.programme_keys import KeyAway, NoKeys, ProgrammeKey, ProgrammeKeys, fingerprint_of, subject_of
from shared.runtime.reasons import GONE
from shared.runtime.retention import comes_back, never_comes
from shared.runtime.table import Service
from shared.runtime.tombstones import COUNTER

A = TypeVar("A", bound=Aggregate)

COMMANDS, EVENTS = base.COMMANDS, base.EVENTS
MAX_MESSAGE = 1024 * 1024
TODAY = "_today/today"
LONGEST_REASON = 500
"""Characters of a reason: a notice must always fit the broker's limit."""
KEPT = "_kept"
RELEASE = "_release"
"""Kinds of the engine's own records: a message kept for later, and word that a subject has come that some wait for."""
LIGHT = "_job"
HEAVY = "_heavy"
"""Kinds of jobs: done here at once, and those that a process of their own works on."""
CLAIM = dt.timedelta(seconds=10)
"""How long an outbox document belongs to the replica that wrote it, unless that renews its claim."""

AWAY = dt.timedelta(minutes=1)
"""How long a message is kept whose programme's key is away, before it is looked for again."""


class NotRead(Exception):
    """A loader asked for subjects that the batch has not read yet."""

    def __init__(self, subjects: Collection[str]) -> None:
        super().__init__(", ".join(subjects))
        self.subjects = frozenset(subjects)


class Undeclared(Exception):
    """A decision did what its row does not declare; says what to add to the table."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who decides: the service, its epoch and key, the replica's lane, and who holds the keys of programmes."""

    service: Service
    key: bytes
    epoch: int = 1
    lane: int = 0
    keys: ProgrammeKeys = field(default_factory=NoKeys)

    @property
    def source(self) -> str:
        """The CloudEvents source of the service."""
        return f"/tandem/{self.service.name}"


@dataclass(frozen=True, slots=True)
class Retries:
    """How a failing message is tried again: delays in seconds; after the last it is quarantined."""

    delays: tuple[float, ...] = (1, 5, 30, 120, 600)


@dataclass(frozen=True, slots=True)
class _Decided:
    aggregates: dict[str, Aggregate | None]
    sequences: dict[str, int]
    letters: list[Outgoing]
    jobs: list[Start]
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one message and what it led to.

    `handled`, `waiting`, `retry`, `quarantined`, `discarded`, or `erased`: it named somebody who was erased.
    """

    item: Item
    result: str
    said: tuple[Said, ...] = ()
    reason: str = ""
    attempts: int = 1

    def entry(self, now: dt.datetime) -> Entry | None:
        """What the journal keeps of it, if anything: nothing private or dropped, no date that said nothing."""
        item = self.item
        if item.private or self.result == "erased":
            return None
        if self.result == "handled" and not self.said and isinstance(item.message, Internal):
            return None
        return Entry(
            id=item.id,
            type=item.label,
            correlation=item.correlation or item.id,
            result=self.result,
            received=(item.received or now).isoformat(),
            causation=item.causation,
            attempts=self.attempts,
            reason=self.reason,
            said=self.said,
        )

    def worked(self, now: dt.datetime) -> Worked | None:
        """What whoever makes spans is told of it, if anything."""
        entry = self.entry(now)
        return Worked(entry, self.item.traceparent, self.item.stored.get("intake", "")) if entry else None


@dataclass(slots=True)
class Batch:
    """What is known and decided so far. Times are ISO timestamps and serve bookkeeping only."""

    who: Identity
    now: dt.datetime
    retries: Retries
    entries: dict[str, Known] = field(default_factory=dict)
    inbox: list[str] = field(default_factory=list)
    pins: list[str] = field(default_factory=list)
    unpins: list[str] = field(default_factory=list)
    forgets: list[str] = field(default_factory=list)
    outbox: list[Outgoing] = field(default_factory=list)
    kept: dict[str, Record] = field(default_factory=dict)
    jobs: list[Record] = field(default_factory=list)
    deletes: list[tuple[str, int]] = field(default_factory=list)
    releases: set[str] = field(default_factory=set)
    results: list[Result] = field(default_factory=list)
    keyed: dict[tuple[str, ...], str] = field(default_factory=dict)
    """Keyed ids that loaders asked for: they are asked several times."""
    keys: dict[str, bytes | None] = field(default_factory=dict)
    """The keys of programmes that were asked for; None: destroyed."""
    deeds: list[Deed] = field(default_factory=list)
    gone: Mapping[str, frozenset[Purpose]] = field(default_factory=dict)
    """The purposes whose time is over, by programme."""

    def add(self, asked: Collection[str], records: dict[str, Record]) -> None:
        """Take over what was read; what was asked for and not found is known not to exist."""
        for subject in asked:
            if subject not in self.entries:
                record = records.get(subject) or Record(subject=subject, kind=subject.split("/")[0])
                self.entries[subject] = Known(record)

    @property
    def today(self) -> dt.date:
        """The service's day, as the batch knows it."""
        entry = self.entries.get(TODAY)
        today = entry.as_kind(Today) if entry else None
        return today.date if today else BEFORE_TIME

    @property
    def tombstones(self) -> int:
        """The version of the counter of tombstones, as the batch read it."""
        return self.entries[COUNTER].record.version

    def sealed(self, programme: str, *parts: object) -> str | None:
        """The id under a programme's key, which is made where it is first needed; None: it was destroyed.

        Raises NotRead, and KeyAway.
        """
        if programme not in self.keys:
            subject = subject_of(programme)
            if subject not in self.entries:
                raise NotRead({subject})
            self.keys[programme] = self._key_of(programme, self.entries[subject])
        key = self.keys[programme]
        return keyed_id(key, *parts) if key is not None else None

    def _key_of(self, programme: str, entry: Known) -> bytes | None:
        """The key as it is now. What was decided with it may be committed after it was destroyed: that leads to nobody.

        Its fingerprint is written with whatever first needs it; of two that need it at once one writes it, and the
        other decides again.
        """
        known = entry.as_kind(ProgrammeKey)
        if known is not None and known.destroyed:
            return None
        key = self.who.keys.key(programme, known.fingerprint if known else None)
        if known is None and key is not None:
            entry.become(ProgrammeKey(id=programme, fingerprint=fingerprint_of(key, programme)))
        return key

    def seal(self, item: Item) -> None:
        """Find what the inbox is to call an unlinkable message. Raises NotRead, and KeyAway."""
        declared = self.who.service.sealed
        if declared is None or not isinstance(item.message, Command):
            return
        programme = declared.unlinkable[type(item.message)](item.message, _Get(self, {}))
        item.sealed = None
        if programme is not None:
            id = self.sealed(programme, "message", item.key)
            item.sealed = f"command|{id}" if id is not None else ""

    def missing(self, items: Sequence[Item]) -> set[str]:
        """What the loaders of these items ask for and nobody has read yet (as far as they get)."""
        asked = {TODAY, COUNTER} - self.entries.keys()
        for item in items:
            if item.message is None:
                continue
            if isinstance(item.message, DueReached) and item.message.subject not in self.entries:
                asked.add(item.message.subject)
            for row in item.rows:
                try:
                    row.load(item.message, _Get(self, {}))
                except NotRead as more:
                    asked |= more.subjects
                except Exception:  # noqa: BLE001, S112 - it will fail again when it is decided, and be counted there
                    continue
        return asked

    def decide(self, item: Item) -> None:
        """Decide one message and take over what it says. Raises NotRead, having changed nothing."""
        if item.fault is not None:
            self.quarantine(item, item.fault)
            return
        try:
            outcome = self._outcome(item)
        except NotRead:
            raise
        except KeyAway as error:
            self.postpone(item, f"key_away: {error}")
            return
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is counted against its message
            self.fail(item, place(error))
            return
        if isinstance(outcome, Wait):
            self._park(item, outcome.subject)
        else:
            self._apply(item, outcome)

    def _outcome(self, item: Item) -> "Wait | _Decided":
        """Run every row of the message; later rows see what earlier ones changed. Changes nothing in the batch."""
        overlay: dict[str, Aggregate | None] = {}
        said: list[Contract] = []
        jobs: list[Start] = []
        codes: list[str] = []
        context = item.context(self.today, self.who.key, self.who.epoch, self.sealed)
        if item.preset is not None:
            said += self._refusal(item, item.preset, codes)
        elif isinstance(item.message, DueReached) and not self._still_due(item.message):
            pass
        elif item.message is not None:
            for row in item.rows:
                state = row.load(item.message, _Get(self, overlay))
                outcome = row.decide(item.message, state, context)
                if self.gone and never_comes(self.who.service, self.gone, item.message, outcome):
                    return self._too_late(item)
                if isinstance(outcome, Wait):
                    if outcome.subject not in self.entries:
                        raise NotRead({outcome.subject})
                    return outcome
                _check(row.says, row.starts, outcome)
                overlay.update(outcome.becomes())
                said += self._refusal(item, outcome, codes)
                said += outcome.messages
                jobs += outcome.jobs
        unread = [subject for subject in overlay if subject not in self.entries]
        if unread:
            raise NotRead(unread)
        if self.gone and not item.spared and comes_back(self.who.service, self.gone, overlay, self.entries):
            return self._too_late(item)
        sequences: dict[str, int] = {}
        letters = self._letters(item, overlay, said, sequences)
        return _Decided(overlay, sequences, letters, jobs, tuple(codes))

    def _too_late(self, item: Item) -> _Decided:
        """Nothing comes of what a programme keeps no more; whoever sent a command hears that."""
        codes: list[str] = []
        said = self._refusal(item, refuse(GONE), codes) if isinstance(item.message, Command) else []
        return _Decided({}, {}, self._letters(item, {}, said, {}), [], tuple(codes))

    def _still_due(self, message: DueReached) -> bool:
        """Whether nothing has moved or ended the date since the day's cursor read it."""
        if message.subject not in self.entries:
            raise NotRead({message.subject})
        kind = self.who.service.dues[message.subject.split("/")[0]].aggregate
        aggregate = self.entries[message.subject].as_kind(kind)
        return aggregate is not None and aggregate.due is not None and aggregate.due <= message.date

    def _refusal(self, item: Item, decision: Decision, codes: list[str]) -> list[Contract]:
        if not decision.refusals:
            return []
        codes += [reason.code for reason in decision.refusals]
        return [self.who.service.common_rejection(item.id, item.type, decision.refusals)]

    def _letters(
        self, item: Item, overlay: dict[str, Aggregate | None], said: Sequence[Contract], sequences: dict[str, int]
    ) -> list[Outgoing]:
        """Envelopes with derived ids: by subject and sequence where state changes, else by cause and index."""
        who = self.who
        letters: list[Outgoing] = []
        for index, message in enumerate(said):
            subject: str | None = None
            sequence: int | None = None
            if isinstance(message, Event):
                subject = message.subject
                if message.stateful:
                    if overlay.get(subject) is None:
                        raise Undeclared(f"{message.name} is about {subject}, which the decision does not write")
                    sequence = sequences.get(subject, self.entries[subject].record.sequence) + 1
                    sequences[subject] = sequence
            if sequence is not None:
                id = derived_id(who.source, who.epoch, subject, sequence, message.name)
            else:
                id = derived_id(who.source, who.epoch, item.key, message.name, index)
            private = isinstance(message, Event) and (item.private or message.private)
            body = wrap(
                message,
                id=id,
                source=who.source,
                subject=subject,
                time=item.time,
                correlationid=item.correlation,
                causationid=item.id,
                sequence=sequence,
                epoch=who.epoch if sequence is not None else None,
                traceparent=trace.child(item.traceparent, item.correlation, id),
            ).encode()
            if len(body) > MAX_MESSAGE:
                raise Undeclared(f"{message.name} is {len(body)} bytes long; the broker takes {MAX_MESSAGE}")
            if private:
                if item.reply_to:
                    letters.append(Outgoing("", item.reply_to, body, id))
            else:
                exchange = COMMANDS if isinstance(message, Command) else EVENTS
                letters.append(Outgoing(exchange, message.name, body, id))
        return letters

    def _apply(self, item: Item, decided: "_Decided") -> None:
        for subject, aggregate in decided.aggregates.items():
            if self.entries[subject].become(aggregate):
                self.releases.add(subject)
        for subject, sequence in decided.sequences.items():
            entry = self.entries[subject]
            entry.record = replace(entry.record, sequence=sequence)
        self.outbox += decided.letters
        # What goes to somebody's reply queue is theirs alone.
        said = [(letter.id, letter.key) for letter in decided.letters if letter.exchange]
        for number, start in enumerate(decided.jobs):
            job = self._job(item, number, start)
            self.jobs.append(job)
            said.append((job.subject.removeprefix("_job/"), f"job:{start.job}"))
        self._done(item)
        given_up = item.kept is not None and (item.kept.state or {}).get("discarded")
        became = "erased" if item.erased else "discarded" if given_up else "handled"
        self._became(item, became, said=tuple(said), on=decided.aggregates, codes=decided.codes)

    def _became(
        self,
        item: Item,
        result: str,
        *,
        said: tuple[Said, ...] = (),
        reason: str = "",
        on: Collection[str] = (),
        codes: tuple[str, ...] = (),
    ) -> None:
        doer = doer_of(item)
        if doer is not None:
            self.deeds.append(deed_of(item, doer, self.now, result, on or self._looked_at(item), codes))
        before = (item.kept.state or {}).get("attempts", 0) if item.kept else 0
        # A fault's text may quote what a sender made up: its code says enough.
        why = item.fault.split(":")[0] if item.fault else reason[:LONGEST_REASON]
        self.results.append(Result(item, result, said, why if result != "handled" else "", before + 1))

    def _looked_at(self, item: Item) -> list[str]:
        """The subjects that a message's loaders ask for; as far as they get, where they fail."""
        get = _Noting(self, {})
        for row in item.rows if item.message is not None else ():
            with contextlib.suppress(Exception):
                row.load(item.message, get)
        return list(dict.fromkeys(get.asked))

    def _job(self, item: Item, number: int, start: Start) -> Record:
        id = derived_id(item.key, number, start.job, start.ref)
        state = {
            "job": start.job,
            "ref": start.ref,
            "cause": "" if item.private else item.id,
            "correlation": item.correlation,
            "time": item.time.isoformat(),
            "reply_to": item.reply_to,
            "traceparent": item.traceparent,
            "attempts": 0,
            "tries": 0,
            "since": self.now.isoformat(),
        }
        job = self.who.service.jobs.get(start.job)
        kind = HEAVY if job is not None and job.heavy else LIGHT
        return Record(subject=f"_job/{id}", kind=kind, version=1, state=state, due=self.now.isoformat())

    def _done(self, item: Item) -> None:
        if item.kept is None:
            # The key of a date would name who was erased, and it would be dropped again anyway.
            self.inbox += [] if item.erased and item.key.startswith("due|") else [item.noted]
        else:
            self.deletes.append((item.kept.subject, item.kept.version))
            # What lies there by now may be a corrected copy, whose own id came by no broker.
            pinned = (item.kept.state or {}).get("inbox", item.noted)
            if not item.sealed or pinned == item.sealed:
                self.unpins.append(pinned)
            else:
                # It came while its programme's key was away.
                self.forgets.append(pinned)
                self.inbox.append(item.sealed)

    def _park(self, item: Item, subject: str) -> None:
        """Keep the message until `subject` is written; the mark on the subject makes both sides conflict."""
        self.entries[subject].mark()
        reason = f"waits for {subject.split('/')[0]}"
        self._keep(item, "waiting", reason=reason, awaits=subject)
        self._became(item, "waiting", reason=reason)

    def fail(self, item: Item, reason: str) -> None:
        """Keep a message whose handler failed: for a later attempt, or in quarantine after the last."""
        attempts = (item.kept.state or {}).get("attempts", 0) if item.kept else 0
        if attempts >= len(self.retries.delays):
            self.quarantine(item, reason, attempts + 1)
            return
        due = self.now + dt.timedelta(seconds=self.retries.delays[attempts])
        self._keep(item, "retry", reason=reason, attempts=attempts + 1, due=due.isoformat())
        self._became(item, "retry", reason=reason)

    def postpone(self, item: Item, reason: str) -> None:
        """Keep a message until what it needs from outside is back: nothing counts against it, however long that is."""
        attempts = (item.kept.state or {}).get("attempts", 0) if item.kept else 0
        due = self.now + AWAY
        self._keep(item, "retry", reason=reason, attempts=attempts, due=due.isoformat())
        self._became(item, "retry", reason=reason)

    def quarantine(self, item: Item, reason: str, attempts: int = 0) -> None:
        """Keep a message until a person decides, and say so with a notice that has no body."""
        record = self._keep(item, "quarantine", reason=reason, attempts=attempts)
        state = record.state or {}
        notice = notice_of(self.who.service.name, record.subject, state)
        self.outbox.append(Outgoing("", f"{self.who.service.name}.quarantine", notice, record.subject))
        self._became(item, "quarantined", reason=reason)

    def _keep(
        self,
        item: Item,
        status: str,
        *,
        reason: str,
        awaits: str | None = None,
        attempts: int = 0,
        due: str | None = None,
    ) -> Record:
        before = (item.kept.state or {}) if item.kept else {}
        state = {
            "id": item.shown,
            "type": item.type,
            "status": status,
            "reason": reason[:LONGEST_REASON],
            "since": before.get("since", self.now.isoformat()),
            "attempts": attempts,
            "correlation": item.shown_correlation,
            "fields": list(item.fields),
            "inbox": before.get("inbox", item.noted),
            "stored": item.stored,
        }
        subject = item.kept.subject if item.kept else f"{KEPT}/{keyed_id(self.who.key, item.key)}"
        version = item.kept.version + 1 if item.kept else 1
        record = Record(subject=subject, kind=KEPT, version=version, state=state, due=due, awaits=awaits)
        self.kept[subject] = record
        # Of what cannot be read only the code is logged: the rest may quote what a sender made up.
        if item.kept is None:
            # Remembered as long as it is kept, however long that is.
            self.pins.append(item.noted)
        return record

    def change(self, token: str, owner: str) -> Change | None:
        """Everything decided, as one transaction; None if there is nothing to write."""
        changed = [entry.written() for entry in self.entries.values() if entry.dirty]
        gone = [entry.record for entry in self.entries.values() if entry.gone and entry.record.version]
        writes = [*self.kept.values(), *self.jobs, *self._released(token), *changed]
        deletes = [*self.deletes, *((record.subject, record.version) for record in gone)]
        if not (writes or self.inbox or deletes or self.outbox):
            return None
        return Change(
            token=token,
            owner=owner,
            at=self.now.isoformat(),
            until=(self.now + CLAIM).isoformat(),
            writes=tuple(writes),
            deletes=tuple(deletes),
            inbox=tuple(self.inbox),
            pins=tuple(self.pins),
            unpins=tuple(self.unpins),
            forgets=tuple(self.forgets),
            outbox=tuple(self.outbox),
            journal=tuple(filter(None, (result.entry(self.now) for result in self.results))),
        )

    def _released(self, token: str) -> list[Record]:
        """Word that these subjects have come; one small record each, however many wait for it."""
        now = self.now.isoformat()
        return [
            Record(f"{RELEASE}/{token}.{number}", RELEASE, version=1, state={"awaited": subject}, due=now)
            for number, subject in enumerate(sorted(self.releases))
        ]


class _Get:
    """The `Get` of one loader run: reads the overlay of its message, then the batch."""

    __slots__ = ("_batch", "_overlay")

    def __init__(self, batch: Batch, overlay: dict[str, Aggregate | None]) -> None:
        self._batch = batch
        self._overlay = overlay

    def __call__(self, aggregate: type[A], id: str, /) -> A | None:
        subject = f"{aggregate.kind}/{id}"
        if subject in self._overlay:
            changed = self._overlay[subject]
            return changed if isinstance(changed, aggregate) else None
        entry = self._batch.entries.get(subject)
        if entry is None:
            raise NotRead({subject})
        return entry.as_kind(aggregate)

    def all(self, aggregate: type[A], ids: Sequence[str], /) -> tuple[A | None, ...]:
        self._read({f"{aggregate.kind}/{id}" for id in ids})
        return tuple(self(aggregate, id) for id in ids)

    def ahead(self, *asked: tuple[type[Aggregate], str]) -> None:
        self._read({f"{aggregate.kind}/{id}" for aggregate, id in asked})

    def _read(self, subjects: set[str]) -> None:
        unread = {s for s in subjects if s not in self._overlay and s not in self._batch.entries}
        if unread:
            raise NotRead(unread)

    def keyed(self, *parts: object) -> str:
        text = tuple(map(str, parts))
        known = self._batch.keyed.get(text)
        if known is None:
            known = self._batch.keyed[text] = keyed_id(self._batch.who.key, *text)
        return known

    def sealed(self, programme: str, *parts: object) -> str | None:
        return self._batch.sealed(programme, *parts)

    @property
    def lane(self) -> int:
        return self._batch.who.lane


def reads(batch: Batch) -> Get:
    """The same for who only looks: of what was not read yet it raises NotRead."""
    return _Get(batch, {})


class _Noting(_Get):
    """The same, and what it was asked for."""

    __slots__ = ("asked",)

    def __init__(self, batch: Batch, overlay: dict[str, Aggregate | None]) -> None:
        super().__init__(batch, overlay)
        self.asked: list[str] = []

    def __call__(self, aggregate: type[A], id: str, /) -> A | None:
        self.asked.append(f"{aggregate.kind}/{id}")
        return super().__call__(aggregate, id)


def _check(says: frozenset[type[Contract]], starts: frozenset[str], decision: Decision) -> None:
    for message in decision.messages:
        if type(message) not in says:
            raise Undeclared(f"the row does not declare {type(message).__name__}; add it to says=")
    for start in decision.jobs:
        if start.job not in starts:
            raise Undeclared(f"the row does not declare the job {start.job!r}; add it to starts=")
    for subject in {a.subject for a in decision.state} & {a.subject for a in decision.deletes}:
        raise Undeclared(f"the decision both writes and deletes {subject.split('/')[0]}; let it do one of them")


def place(error: BaseException) -> str:
    """Where and what, without the error's text: it may hold personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    where = f" in {last.name} ({last.filename.rsplit('/', 1)[-1]}:{last.lineno})" if last else ""
    detail = f": {error}" if isinstance(error, Undeclared) else ""
    return f"{type(error).__name__}{where}{detail}"


def notice_of(service: str, subject: str, state: dict[str, Any]) -> bytes:
    """The notice of a quarantined message: what ops may see."""
    notice = {
        "id": subject.removeprefix("_kept/").removeprefix("_job/"),
        "message": state.get("id", ""),
        "type": state.get("type", ""),
        "service": service,
        "reason": state["reason"],
        "since": state["since"],
    }
    return json.dumps(notice, ensure_ascii=False).encode()
