"""Long work: taken under a lease, its result stored and chosen by one guarded write, then handed over piece by piece.

A worker that wakes up late loses the guarded write; two that finish give one result; whoever hands the pieces over, the
inbox makes each happen once.
"""

import datetime as dt
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shared.runtime.actions import Action
from shared.runtime.batch import HEAVY, LIGHT, TODAY, notice_of, place
from shared.runtime.clearing import Clearing
from shared.runtime.days import BEFORE_TIME, DAY_JOB
from shared.runtime.engine import MARKS, SUSPICIOUS, Engine, Limits, Stopped
from shared.runtime.erasing import ERASE_JOB, Erasure
from shared.runtime.held import Wanted
from shared.runtime.item import Item
from shared.runtime.journal import Entry
from shared.runtime.ops import Hand
from shared.runtime.ports import (
    BrokerUnavailable,
    Change,
    Conflict,
    Decided,
    LeaseLost,
    Outgoing,
    Piece,
    Pieces,
    Record,
    Unavailable,
    Worked,
    Worker,
    WorkFailed,
)
from shared.runtime.replay import NOTICE_JOB, REPLAY_JOB
from shared.runtime.replaying import hand_back, notice_again, wanted_by
from shared.runtime.retention import Over
from shared.runtime.say_again import EVERYTHING, SAY_JOB
from shared.runtime.saying import say_everything
from shared.runtime.sealing import seal_day
from shared.runtime.searching import Search, bury, hashes_of
from shared.runtime.showing import held_on
from shared.runtime.shown import SHOW_JOB
from shared.runtime.store_reader import PAGE, StoreReader
from shared.runtime.sweep import Sweep
from shared.runtime.table import RETAIN_JOB
from shared.runtime.telling import told_id, with_told
from shared.runtime.unlinking import unlink

ENDS = SUSPICIOUS + MARKS
"""So often a message ends its process before it is quarantined: whatever job was in hand each time is not to blame."""


class GivenBack(Exception):
    """The replica stops: somebody else goes on with the job."""


@dataclass
class Jobs:
    """The job loops of one replica: `light` jobs are done here at once, a `heavy` one must not keep a day waiting."""

    engine: Engine
    worker: Worker
    pauses: tuple[float, ...] = field(default=(0.2, 0.5, 1, 2, 5, 10, 30))
    stopping: bool = False
    hands: dict[str, Hand] = field(default_factory=dict)
    """What is in hand, by the job's id: for whoever watches."""

    async def light(self) -> bool:
        """Take one light job that is due and work on it; whether there was one."""
        return await self._round(LIGHT)

    async def heavy(self) -> bool:
        """Take one heavy job that is due and work on it; whether there was one."""
        return await self._round(HEAVY)

    async def _round(self, kind: str) -> bool:
        engine = self.engine
        now = engine.clock.now()
        for record in await engine.store.due((kind,), now.isoformat(), "", 5):
            if self.stopping:
                return False
            state = record.state or {}
            mine = {**state, "attempts": state["attempts"] + 1, "owner": engine.owner}
            claimed = await self._write(record, mine, engine.limits.lease)
            if claimed is not None:
                await self._run(claimed)
                return True
        return False

    async def _run(self, record: Record) -> None:
        held = _Lease(record, self.engine.clock.now())
        state = record.state or {}
        # What was begun before this and neither failed nor was given back.
        ended = state["attempts"] - 1 - state.get("failures", 0)
        if ended >= self.engine.limits.job_attempts + ENDS:
            reason = f"killed_its_process: its process ended {ended} times while it was at work"
            await self._failed(record, reason, last=True)
            return
        self.hands[_id(record)] = _hand_of(record, held.since)
        try:
            await self._work(held, lambda: self._beat(held))
        except LeaseLost:
            return  # somebody else goes on with it
        except (GivenBack, Conflict, Unavailable, BrokerUnavailable):
            await self._give_back(held.record)
        except Stopped:
            raise
        except WorkFailed as error:
            await (self._give_back(held.record) if self.stopping else self._failed(held.record, str(error)))
        except Exception as error:  # noqa: BLE001 - whatever a job does wrong is counted against the job
            await self._failed(held.record, place(error))
        finally:
            self.hands.pop(_id(record), None)

    async def _beat(self, held: "_Lease") -> None:
        """Renew the lease when a third of it is over, or with what the work tells: who lost it says nothing any more.

        Raises LeaseLost, and GivenBack when the replica stops.
        """
        engine = self.engine
        if self.stopping:
            raise GivenBack
        told, held.told = held.told, None
        if told is not None:
            held.since = engine.clock.now()
            state = with_told(held.record.state or {}, told)
            held.record = await self._must_write(held.record, state, engine.limits.lease)
            await engine.handle([self._piece(held.record, *told, told_id(_id(held.record), state))])
        elif (engine.clock.now() - held.since).total_seconds() >= engine.limits.lease / 3:
            held.since = engine.clock.now()
            held.record = await self._must_write(held.record, held.record.state or {}, engine.limits.lease)

    async def _give_back(self, record: Record) -> None:
        """Let somebody take the job again, at once if this replica stops; nothing counts against it."""
        state = _free(record)
        state["attempts"] -= 1
        while True:
            try:
                await self._write(record, state, 0 if self.stopping else 1)
                return
            except Unavailable:
                if self.stopping:
                    return  # the lease runs out by itself
                await self.engine.clock.pause(0.5)

    async def _work(self, held: "_Lease", beat: Callable[[], Awaitable[None]]) -> None:
        state = held.record.state or {}
        if state["job"] == DAY_JOB:
            await self._day(held.record, beat)
        elif state.get("discarded"):
            gone = {"id": _id(held.record), "message": _id(held.record)}
            await self.engine.handle([self._piece(held.record, "GivenUp", gone, f"gone.{_id(held.record)}")])
        elif state["job"] == REPLAY_JOB:
            await self._replay(held, beat)
        elif state["job"] == NOTICE_JOB:
            await notice_again(self.engine, beat)
        elif state["job"] == SAY_JOB:
            await self._say_again(held.record, beat)
        elif state["job"] == SHOW_JOB:
            await self._show(held.record, beat)
        elif state["job"] == ERASE_JOB:
            if not await self._erase(held, beat):
                return
        elif state["job"] == RETAIN_JOB:
            if not await self._retain(held, beat):
                return
        elif "chosen" not in state:
            await self._choose(held, beat)
        state = held.record.state or {}
        if "chosen" in state and not state.get("discarded"):
            await self._hand(held, beat)
        if state.get("again") and not state.get("discarded"):
            kept = {k: v for k, v in state.items() if k not in ("chosen", "chunks", "pieces", "again")}
            pause = self.pauses[min(state["tries"], len(self.pauses) - 1)]
            await self._clear(f"_result/{_id(held.record)}.{state['chosen']}.")
            again = {**kept, "tries": state["tries"] + 1, "attempts": 0, "failures": 0}
            await self._must_write(held.record, again, pause, became="again")
        else:
            await self._clear(f"_result/{_id(held.record)}.")
            done = held.record
            forget = self.engine.bookkeeping(deletes=((done.subject, done.version),))
            await self._commit(forget, done, "discarded" if state.get("discarded") else "done")

    async def _choose(self, held: "_Lease", beat: Callable[[], Awaitable[None]]) -> None:
        """Do the work, store the whole result, then choose it by one guarded write to the job."""
        engine = self.engine
        state = held.record.state or {}
        row = engine.who.service.jobs.get(state["job"])
        if row is None:
            raise WorkFailed(f"{engine.who.service.name} has no Job row {state['job']} any more")
        inputs = await row.inputs(state["ref"], StoreReader(engine, await self._today(), beat))
        declared = {piece.__name__ for piece in row.hands}
        told: set[str] = set()

        def tell(piece: Piece) -> None:
            told.add(piece[0])
            # Where an earlier attempt may have died of what it told, nothing is told any more.
            if piece[0] in declared and state["attempts"] <= 2:
                held.told = piece

        result: Pieces = await self.worker.run(row, inputs, beat, tell)
        held.told, state = None, held.record.state or {}
        undeclared = ({name for name, _ in result.pieces} | told) - declared
        if undeclared:
            raise WorkFailed(f"{row.name} hands {', '.join(sorted(undeclared))}, which its row does not declare")
        attempt = engine.token()
        chunks = 0
        for number, chunk in enumerate(_chunks(result.pieces, engine.limits)):
            stored = Record(
                subject=f"_result/{_id(held.record)}.{attempt}.{number:06}",
                kind="_result",
                version=1,
                state={"pieces": [list(piece) for piece in chunk]},
            )
            # With a write of the job's own document: who comes late leaves nothing behind that nobody would clear.
            held.record = await self._must_write(held.record, state, engine.limits.lease, stored)
            await beat()
            chunks += 1
        many = len(result.pieces)
        chosen = {**state, "chosen": attempt, "chunks": chunks, "pieces": many, "again": result.again}
        held.record = await self._must_write(held.record, chosen, engine.limits.lease)

    async def _hand(self, held: "_Lease", beat: Callable[[], Awaitable[None]]) -> None:
        """Hand the chosen result over; doing it twice is harmless."""
        engine = self.engine
        state = held.record.state or {}
        self._tell(held.record, stage="handing over", total=state.get("pieces"))
        number = 0
        for chunk in range(state["chunks"]):
            subject = f"_result/{_id(held.record)}.{state['chosen']}.{chunk:06}"
            stored = (await engine.read((), (subject,))).records.get(subject)
            if stored is None:
                return  # whoever handed everything over has begun to clear
            items: list[Item] = []
            for piece, data in (stored.state or {})["pieces"]:
                items.append(self._piece(held.record, piece, data, f"{_id(held.record)}.{state['tries']}.{number}"))
                number += 1
            await self._handle(state, items, beat)
            self._tell(held.record, done=number)

    async def _handle(self, state: dict[str, Any], items: list[Item], beat: Callable[[], Awaitable[None]]) -> None:
        """Batches; alone and marked once an earlier attempt may have died of one of them."""
        engine = self.engine
        if state["attempts"] > 2:
            for item in items:
                await engine.room()
                await engine.handle_marked(item)
                await beat()
            return
        for start in range(0, len(items), engine.limits.batch):
            await engine.room()
            await engine.handle(items[start : start + engine.limits.batch])
            await beat()

    def _piece(self, record: Record, piece: str, data: dict[str, Any], id: str) -> Item:
        state = record.state or {}
        return self.engine.desk.from_piece(
            piece,
            data,
            id=id,
            correlation=state["correlation"],
            time=state["time"],
            reply_to=state["reply_to"],
            traceparent=state["traceparent"],
        )

    async def _day(self, job: Record, beat: Callable[[], Awaitable[None]]) -> None:
        """Hand every aggregate that is due on the day to its row, in pieces, say that the day is handled, and seal."""
        engine = self.engine
        state = job.state or {}
        date = dt.date.fromisoformat(state["ref"])
        kinds = tuple(engine.who.service.dues)
        after, count = "", 0
        while page := await engine.store.due(kinds, state["ref"], after, engine.limits.batch):
            await self._handle(state, [engine.desk.from_due(record.subject, date) for record in page], beat)
            after = page[-1].subject
            count += len(page)
            self._tell(job, done=count)
        await unlink(engine, date, state["time"], beat)
        done = {"date": state["ref"], "due_handled": count}
        id = f"day.{engine.who.service.name}.{state['ref']}"
        await engine.handle([engine.desk.from_piece("DayDone", done, id=id, time=state["time"])])
        await seal_day(engine, date, beat)

    def _tell(self, record: Record, **news: Any) -> None:
        hand = self.hands.get(_id(record))
        if hand is not None:
            self.hands[hand.id] = hand.model_copy(update=news)

    async def _replay(self, held: "_Lease", beat: Callable[[], Awaitable[None]]) -> None:
        """Hand back what is wanted, say how many, then notice only what is left.

        Noticing may have to wait for the broker: whoever goes on then hands nothing back a second time.
        """
        engine = self.engine
        state = held.record.state or {}
        action = await StoreReader(engine).get(Action, state["ref"])
        if action is None or action.count is None:
            # A job of the release before named the message itself.
            wanted = wanted_by(action, state["since"]) if action else Wanted(state["ref"])
            begun = (state.get("handed", 0), state.get("after", ""))
            count = await hand_back(engine, wanted, begun, beat, lambda ready, count: self._take(held, ready, count))
            done = {"id": wanted.id, "count": count, "action": action.id if action else ""}
            await engine.handle([self._piece(held.record, "Replayed", done, f"replay.{_id(held.record)}")])
        await notice_again(engine, beat)

    async def _take(self, held: "_Lease", ready: Record, count: int) -> bool:
        """Hand one back, together with how far the job has come; False if somebody else was faster with it."""
        state = {**(held.record.state or {}), "handed": count, "after": ready.subject}
        try:
            held.record = await self._must_write(held.record, state, self.engine.limits.lease, ready)
        except LeaseLost:
            now = (await self.engine.read((), (ready.subject,))).records.get(ready.subject)
            if now is not None and now.version == ready.version - 1:
                raise
            return False
        held.since = self.engine.clock.now()
        self._tell(held.record, done=count)
        return True

    async def _say_again(self, job: Record, beat: Callable[[], Awaitable[None]]) -> None:
        """Say again all that was published, then that it was said."""
        state = job.state or {}
        count = await say_everything(self.engine, state, _id(job), beat)
        said = {"programme_id": None if state["ref"] == EVERYTHING else state["ref"], "count": count}
        await self.engine.handle([self._piece(job, "Said", said, f"say.{_id(job)}")])

    async def _show(self, job: Record, beat: Callable[[], Awaitable[None]]) -> None:
        """Answer with all that is held on a person; nothing of it is stored here.

        Whoever takes the job has written it: by its version each attempt has parts of its own.
        """
        for shown in await held_on(self.engine, (job.state or {})["ref"], job.version, beat):
            id = f"show.{_id(job)}.{job.version}.{shown.number}"
            await self.engine.handle([self._piece(job, "Shown", shown.model_dump(mode="json"), id)])

    async def _erase(self, held: "_Lease", beat: Callable[[], Awaitable[None]]) -> bool:
        """Bury, wait until nothing can arrive that began before it, then search; whether nothing was found."""
        engine = self.engine
        state = held.record.state or {}
        erasure = Erasure.parse(state["ref"])
        if "buried" not in state:
            await bury(engine, hashes_of(engine, erasure))
            state = {**state, "buried": engine.clock.now().isoformat()}
            held.record = await self._must_write(held.record, state, engine.limits.lease)
        known = (_id(held.record), state["tries"], beat, state["time"], state["correlation"])
        return await self._sweep(held, Search(engine, *known, erasure=erasure), state["buried"])

    async def _retain(self, held: "_Lease", beat: Callable[[], Awaitable[None]]) -> bool:
        """Wait until nothing can arrive that began before the time was over, then let go; whether nothing was left."""
        state = held.record.state or {}
        known = (_id(held.record), state["tries"], beat, state["time"], state["correlation"])
        clearing = Clearing(self.engine, *known, over=Over.parse(state["ref"]), since=state["since"])
        return await self._sweep(held, clearing, state["since"])

    async def _sweep(self, held: "_Lease", sweep: Sweep, begun: str) -> bool:
        """Sweep once everything has settled that was begun before; again later, until nothing is found."""
        engine = self.engine
        state = held.record.state or {}
        since = (engine.clock.now() - dt.datetime.fromisoformat(begun)).total_seconds()
        pause = engine.limits.settling - since
        if pause <= 0:
            if await sweep.run():
                await sweep.say_done()
                return True
            pause = self.pauses[min(state["tries"], len(self.pauses) - 1)]
        again = {**(held.record.state or {}), "tries": state["tries"] + 1, "attempts": 0, "failures": 0}
        await self._must_write(held.record, again, pause, became="again")
        return False

    async def _failed(self, record: Record, reason: str, *, last: bool = False) -> None:
        """Try the job again later, or quarantine it after the last attempt.

        Only its own failures count: that its process ended may be a neighbour's doing.
        """
        engine = self.engine
        state = _free(record)
        state["failures"] = state.get("failures", 0) + (not last)
        engine.observer.seen(f"job:{state['job']}", "failed", 1)
        engine.observer.log("failed", type=f"job:{state['job']}", id=_id(record), reason=reason)
        try:
            if not last and state["failures"] < engine.limits.job_attempts:
                pause = self.pauses[min(state["failures"], len(self.pauses) - 1)]
                await self._write(record, state, pause, became="failed", reason=reason)
                return
            state |= {"status": "quarantine", "reason": reason, "type": f"job:{state['job']}", "id": _id(record)}
            failed = replace(record, version=record.version + 1, state=state, due=None)
            service = engine.who.service.name
            notice = Outgoing("", f"{service}.quarantine", notice_of(service, record.subject, state), record.subject)
            noticed = replace(engine.bookkeeping(writes=(failed,)), outbox=(notice,))
            await self._commit(noticed, record, "quarantined", reason)
        except (Conflict, Unavailable):
            return  # somebody else goes on with it, or whoever takes it when its lease runs out

    async def _today(self) -> dt.date:
        record = (await self.engine.read((), (TODAY,))).records.get(TODAY)
        return dt.date.fromisoformat((record.state or {})["date"]) if record and record.state else BEFORE_TIME

    async def _commit(self, change: Change, record: Record, became: str, reason: str = "") -> None:
        """Commit, with what became of the job for the journal; nothing of a job that does not say its cause."""
        engine = self.engine
        state = record.state or {}
        if not (became and state.get("cause")):
            await engine.commit(change)
            return
        entry = Entry(
            id=_id(record),
            type=f"job:{state['job']}",
            correlation=state["correlation"],
            result=became,
            received=state["since"],
            causation=state["cause"],
            attempts=state["attempts"],
            reason=reason,
        )
        before = engine.clock.now()
        await engine.commit(replace(change, journal=(entry,)))
        if engine.observer.decided is not None:
            worked = Worked(entry, state["traceparent"], "")
            engine.observer.decided(Decided(change.token, before, before, engine.clock.now(), (worked,)))

    async def _write(
        self, record: Record, state: dict[str, Any], due_in: float, *more: Record, became: str = "", reason: str = ""
    ) -> Record | None:
        """One guarded write to the job's document, and more with it; None if somebody else was first."""
        engine = self.engine
        due = (engine.clock.now() + dt.timedelta(seconds=due_in)).isoformat()
        written = replace(record, version=record.version + 1, state=state, due=due)
        try:
            await self._commit(engine.bookkeeping(writes=(written, *more)), record, became, reason)
        except Conflict:
            return None
        return written

    async def _must_write(
        self, record: Record, state: dict[str, Any], due_in: float, *more: Record, became: str = ""
    ) -> Record:
        written = await self._write(record, state, due_in, *more, became=became)
        if written is None:
            raise LeaseLost(record.subject)
        return written

    async def _clear(self, prefix: str) -> None:
        """Delete the results stored under a prefix; everything in them was handed over."""
        engine = self.engine
        while page := await engine.store.find("_result", None, prefix, 10):
            mine = [r for r in page if r.subject.startswith(prefix)]
            if mine:
                await engine.commit(engine.bookkeeping(deletes=tuple((r.subject, r.version) for r in mine)))
            if len(mine) < len(page):
                return

    async def recover(self) -> None:
        """Take back at once what an earlier life of this replica held under a lease."""
        engine = self.engine
        for kind in (LIGHT, HEAVY):
            after = ""
            while page := await engine.store.find(kind, None, after, PAGE):
                for record in page:
                    if record.due is not None and (record.state or {}).get("owner") == engine.owner:
                        await self._write(record, record.state or {}, 0)
                after = page[-1].subject


@dataclass
class _Lease:
    record: Record
    since: dt.datetime
    told: Piece | None = None
    """What the work told last, until the lease is next renewed."""


def _chunks(pieces: Sequence[Piece], limits: Limits) -> Iterator[list[Piece]]:
    """The pieces of a result in documents of a bounded size."""
    chunk: list[Piece] = []
    size = 0
    for piece in pieces:
        more = len(json.dumps(piece[1]))
        if chunk and (len(chunk) == limits.chunk or size + more > limits.chunk_bytes):
            yield chunk
            chunk, size = [], 0
        chunk.append(piece)
        size += more
    if chunk:
        yield chunk


def _free(record: Record) -> dict[str, Any]:
    """A job's state while nobody has it: whoever starts again takes back at once only what was under way."""
    return {k: v for k, v in (record.state or {}).items() if k != "owner"}


def _hand_of(record: Record, since: dt.datetime) -> Hand:
    state = record.state or {}
    return Hand(id=_id(record), job=state["job"], heavy=record.kind == HEAVY, since=since)


def _id(record: Record) -> str:
    return record.subject.removeprefix("_job/")
