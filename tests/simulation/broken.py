"""Engines broken on purpose, each by an adapter or a table: the simulation must catch every one."""

import dataclasses
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from services.matching.candidates import know_participant
from services.matching.model import Candidate
from services.matching.rounds import propose
from services.matching.service import service as matching
from services.matching.solution import Propose
from services.matching.to_solve import solving
from services.registration.model import Question, TopicProposal
from services.registration.service import service as registration
from services.registration.suggesting import Suggested
from services.registration.topic_proposals import say_proposed
from shared.contracts.registration import (
    AnswerQuestion,
    JoinAgain,
    OfficeAttentionNeeded,
    ParticipantChanged,
    ParticipantRegistered,
    ParticipantWithdrew,
)
from shared.runtime.adapters.memory import MemoryDatabase, MemoryStore
from shared.runtime.aggregate import Aggregate, Seen
from shared.runtime.attention import Attention
from shared.runtime.closed_set import Guard
from shared.runtime.decision import NOTHING, Context, Decision
from shared.runtime.ports import Change, Outgoing, Record, Snapshot
from shared.runtime.table import Ask, Fact, Job, Piece, Row, Service
from tests.simulation.world import World
from tests.support.shop import LEDGER, LIBRARY, BookState, Join, Lend, Lent, Line, Returned


class NoInbox(MemoryStore):
    """Knows no message, and takes each again."""

    async def read(self, keys: Collection[str], subjects: Collection[str]) -> Snapshot:
        found = await super().read(keys, subjects)
        return Snapshot(frozenset(), found.records)

    async def commit(self, change: Change) -> None:
        self.database.inbox.difference_update(change.inbox)
        await super().commit(change)


class NoOutbox(MemoryStore):
    """Forgets at once what was to be said."""

    async def commit(self, change: Change) -> None:
        await super().commit(change)
        self.database.outbox.pop(change.token)


class NoVersionGuard(MemoryStore):
    """Overwrites whatever is there."""

    guarded: tuple[str, ...] = ()

    async def commit(self, change: Change) -> None:
        records = self.database.records
        for record in change.writes:
            if record.subject in records and not record.subject.startswith(self.guarded or ("\0",)):
                records[record.subject] = dataclasses.replace(records[record.subject], version=record.version - 1)
        await super().commit(change)


class NoFence(MemoryStore):
    """Lets whoever comes last write a job's document, also who has lost the lease."""

    async def commit(self, change: Change) -> None:
        records = self.database.records
        for record in change.writes:
            if record.kind == "_job" and record.version > 1:
                before = records.get(record.subject, record)
                records[record.subject] = dataclasses.replace(before, version=record.version - 1)
        await super().commit(change)


class NoAttemptToken(MemoryStore):
    """Takes every unknown commit for one that happened."""

    async def committed(self, token: str) -> bool:
        return True


class NoNotices(MemoryStore):
    """Quarantines without a word."""

    async def commit(self, change: Change) -> None:
        outbox = tuple(letter for letter in change.outbox if not letter.key.endswith(".quarantine"))
        await super().commit(dataclasses.replace(change, outbox=outbox))


class NoDates(MemoryStore):
    """Never finds anything whose day has come."""

    async def due(self, kinds: Collection[str], until: str, after: str, limit: int) -> list[Record]:
        return await super().due([kind for kind in kinds if kind.startswith("_")], until, after, limit)


class WrongCorrelation(MemoryStore):
    """Answers under its own number instead of the asker's."""

    async def commit(self, change: Change) -> None:
        def own(letter: Outgoing) -> Outgoing:
            if not letter.exchange:
                return letter
            read = json.loads(letter.body)
            return dataclasses.replace(letter, body=json.dumps({**read, "correlationid": read["id"]}).encode())

        await super().commit(dataclasses.replace(change, outbox=tuple(map(own, change.outbox))))


class NoGivingBack(MemoryStore):
    """Counts against a job also what only could not go on."""

    async def commit(self, change: Change) -> None:
        def counted(record: Record) -> Record:
            state, before = record.state or {}, self.database.records.get(record.subject)
            if before is None or record.kind not in ("_job", "_heavy") or "owner" in state:
                return record
            return dataclasses.replace(record, state={**state, "attempts": (before.state or {})["attempts"]})

        await super().commit(dataclasses.replace(change, writes=tuple(map(counted, change.writes))))


class NoTouchOfTheAwaited(MemoryStore):
    """Parks a message without writing the subject that it waits for."""

    async def commit(self, change: Change) -> None:
        kept = tuple(record for record in change.writes if not record.awaited)
        await super().commit(dataclasses.replace(change, writes=kept))


class NoNumberOfALink(MemoryStore):
    """Lets a link take the place of another in its chain."""

    async def commit(self, change: Change) -> None:
        if change.audit is not None:
            self.database.audit.pop(change.audit.id, None)
        await super().commit(change)


def _with(service: Service, kind: type, decide: Callable[..., Any]) -> Service:
    rows = tuple(
        dataclasses.replace(row, decide=decide) if isinstance(row, Ask | Fact) and row.on is kind else row
        for row in service.rows
    )
    return dataclasses.replace(service, rows=rows)


def _decide_of(service: Service, kind: type) -> Callable[..., Any]:
    return next(row.decide for row in service.rows if isinstance(row, Ask | Fact) and row.on is kind)


def _join_without_guard(message: Any, state: Any, context: Context) -> Any:
    outcome = _decide_of(LIBRARY, Join)(message, state, context)
    if not isinstance(outcome, Decision):
        return outcome
    return dataclasses.replace(outcome, state=tuple(a for a in outcome.state if not isinstance(a, Guard)))


def _lend_and_say_the_difference(message: Any, state: Any, context: Context) -> Any:
    outcome = _decide_of(LIBRARY, Lend)(message, state, context)
    if not isinstance(outcome, Decision) or not outcome.messages:
        return outcome
    said = tuple(m.model_copy(update={"lent": 1}) for m in outcome.messages)
    return dataclasses.replace(outcome, messages=said)


def _add_the_difference(message: BookState, line: Line | None, context: Context) -> Any:
    line = line or Line(id=message.book)
    if not line.seen < context.seen:
        return NOTHING
    more = message.lent if isinstance(message, Lent) else 0
    return Decision(state=(line.but(holder=message.holder, lent=line.lent + more, seen=context.seen),))


UNGUARDED = (_with(LIBRARY, Join, _join_without_guard), LEDGER)
DIFFERENCES = (
    _with(LIBRARY, Lend, _lend_and_say_the_difference),
    _with(_with(LEDGER, Lent, _add_the_difference), Returned, _add_the_difference),
)


@dataclass(frozen=True)
class Broken:
    """One way to break the engine."""

    store: Callable[[MemoryDatabase], MemoryStore] = MemoryStore
    services: tuple[Service, ...] = (LIBRARY, LEDGER)
    trips: int = 0

    def world(self, seed: int) -> World:
        """A run with it."""
        return World(seed, services=self.services, store=self.store, trips=self.trips)


class _NobodyPauses:
    """Reads for matching's jobs, and does not see that somebody pauses."""

    def __init__(self, read: Any) -> None:
        self._read = read
        self.today = read.today

    def __getattr__(self, name: str) -> Any:
        return getattr(self._read, name)

    async def find(self, aggregate: Any, programme: str | None, /) -> list[Any]:
        return [_awake(found) for found in await self._read.find(aggregate, programme)]


def _awake(found: Any) -> Any:
    return found.but(paused_since=None, paused_until=None) if isinstance(found, Candidate) else found


def _matching_that_ignores_pauses() -> Service:
    async def solving_all(ref: str, read: Any) -> Any:
        return await solving(ref, _NobodyPauses(read))

    def propose_anybody(message: Propose, state: Any, context: Context) -> Any:
        both = {side: getattr(state, side) for side in ("mentor", "mentee")}
        awake = {side: someone._replace(candidate=_awake(someone.candidate)) for side, someone in both.items()}
        outcome = propose(message, state._replace(**awake), context)
        assert isinstance(outcome, Decision)
        # The copies stay as they are: it is only looked away.
        really = {someone.candidate.id: someone.candidate for someone in both.values() if someone.candidate}
        kept = tuple(really.get(a.id, a) if isinstance(a, Candidate) else a for a in outcome.state)
        return dataclasses.replace(outcome, state=kept)

    rows: list[Row] = []
    for row in matching.rows:
        if isinstance(row, Job) and row.name == "solve":
            rows.append(dataclasses.replace(row, inputs=solving_all))
        elif isinstance(row, Piece) and row.on is Propose:
            rows.append(dataclasses.replace(row, decide=propose_anybody))
        else:
            rows.append(row)
    return dataclasses.replace(matching, rows=tuple(rows))


def _matching_that_hears_the_last_word() -> Service:
    """Takes what comes last for the newest."""
    kinds = (ParticipantRegistered, ParticipantChanged, ParticipantWithdrew)

    def know_anything(message: Any, state: Any, context: Context) -> Any:
        before = state.someone.candidate
        older = before.but(seen=Seen()) if before is not None else None
        return know_participant(message, state._replace(someone=state.someone._replace(candidate=older)), context)

    rows = tuple(
        dataclasses.replace(row, decide=know_anything)
        if isinstance(row, Fact) and row.on in kinds and row.decide is know_participant
        else row
        for row in matching.rows
    )
    return dataclasses.replace(matching, rows=rows)


def _without_a_refusal(message: Any, state: Any, context: Context) -> Any:
    """Answers a question as often as the office does."""
    question = state.question
    again = question.but(status="open", answer="") if question is not None else None
    return _decide_of(registration, AnswerQuestion)(message, state._replace(question=again), context)


def _under_another_id(message: Any, state: Any, context: Context) -> Any:
    """Registers who joins again under an id that does not follow from their role."""
    outcome = _decide_of(registration, JoinAgain)(message, state, context)
    if not isinstance(outcome, Decision) or outcome.refusals:
        return outcome
    before = state.kept.participant
    right = context.keyed("participant", message.programme_id, before.position, before.role)
    wrong = context.keyed("participant", message.programme_id, before.position)

    def renamed(said: Any) -> Any:
        return type(said).model_validate_json(said.model_dump_json().replace(right, wrong))

    written, messages = (tuple(map(renamed, all_)) for all_ in (outcome.state, outcome.messages))
    return dataclasses.replace(outcome, state=written, messages=messages)


def _for_nobody(message: Any, state: Any, context: Context) -> Any:
    """Says a proposal, and does not have the office decide on it."""
    outcome = say_proposed(message, state, context)
    assert isinstance(outcome, Decision)
    left = tuple(a for a in outcome.state if not isinstance(a, Attention))
    said = tuple(m for m in outcome.messages if not isinstance(m, OfficeAttentionNeeded))
    return dataclasses.replace(outcome, state=left, messages=said)


def _that_keeps(*kinds: type[Aggregate]) -> Service:
    concerns = tuple(each for each in registration.concerns if each.aggregate not in kinds)
    return dataclasses.replace(registration, concerns=concerns)


def _that_tells_nobody_of_proposals() -> Service:
    rows = tuple(
        dataclasses.replace(row, decide=_for_nobody) if isinstance(row, Piece) and row.on is Suggested else row
        for row in registration.rows
    )
    return dataclasses.replace(registration, rows=rows)


BROKEN_LIVES: dict[str, tuple[Service, ...]] = {
    "matching that hears the last word, not the newest": (registration, _matching_that_hears_the_last_word()),
    "matching that ignores pauses": (registration, _matching_that_ignores_pauses()),
    "a question that is answered twice": (_with(registration, AnswerQuestion, _without_a_refusal), matching),
    "what the erased asked and proposed is kept": (_that_keeps(Question, TopicProposal), matching),
    "who joins again is somebody else": (_with(registration, JoinAgain, _under_another_id), matching),
    "a proposal that waits for nobody": (_that_tells_nobody_of_proposals(), matching),
}
"""Tables of registration and matching that are broken: the judges of people's lives must catch each."""


BROKEN = {
    "no inbox": Broken(NoInbox),
    "no outbox": Broken(NoOutbox),
    "no version guard": Broken(NoVersionGuard),
    "no fence": Broken(NoFence),
    "no attempt token": Broken(NoAttemptToken),
    "events that carry differences": Broken(services=DIFFERENCES, trips=15),
    "no guard at the close": Broken(services=UNGUARDED),
    "no notice of the quarantined": Broken(NoNotices),
    "no dates": Broken(NoDates),
    "wrong correlation": Broken(WrongCorrelation),
    "no giving back": Broken(NoGivingBack),
    "no number of a link": Broken(NoNumberOfALink),
    "parking without touching the awaited": Broken(NoTouchOfTheAwaited),
}
