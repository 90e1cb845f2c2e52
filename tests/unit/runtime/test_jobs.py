"""What a job may do wrong, and what its lease and its dates promise."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.contracts.scheduling import DayStarted
from shared.runtime.adapters.memory import MemoryDeliveries
from shared.runtime.decision import Decision, Internal, Outcome
from shared.runtime.engine import Limits
from shared.runtime.jobs import ENDS
from shared.runtime.table import Again, Ask, Due, Job, Piece, Service
from tests.support.shop import LIBRARY, Book, Close, Closed, Counting, Join, Lend, Return, library
from tests.unit.runtime.engine_in_memory import Replica


class Stray(Internal):
    """A piece that no row takes."""


def raises(inputs: Any) -> Any:
    raise RuntimeError("nobody may read this")


class ProcessEnded(BaseException):
    """The process of a replica ends here and now."""


def ends(message: Any, state: Any, context: Any) -> Any:
    raise ProcessEnded


def strays(inputs: Any) -> Any:
    return (Stray(),)


def tells_strays(inputs: Any) -> Any:
    yield Stray()
    return ()


class Huge(Internal):
    """A piece that no database keeps."""

    number: int = 2**70


def refused(inputs: Any) -> Any:
    return (Huge(),)


class Wide(Internal):
    """A piece of which two fit into a document of the database, and three do not."""

    text: str = "x" * (7 << 20)


def three_wide(inputs: Any) -> Any:
    return (Wide(), Wide(), Wide())


def with_count(work: Callable[[Any], Any]) -> Service:
    own: dict[Any, type[Internal]] = {refused: Huge, three_wide: Wide}
    hands = (own[work],) if work in own else ()
    rows = tuple(
        replace(row, work=work, hands=(*row.hands, *hands)) if isinstance(row, Job) else row for row in LIBRARY.rows
    )
    more = tuple(Piece(on, lambda message, get: None, lambda message, state, context: Decision()) for on in hands)
    return replace(LIBRARY, rows=(*rows, *more))


@pytest.mark.parametrize(
    ("work", "reason"),
    [
        (raises, "RuntimeError"),
        (strays, "count hands Stray, which its row does not declare"),
        (tells_strays, "count hands Stray, which its row does not declare"),
        (refused, "Refused"),
    ],
)
async def test_a_job_that_goes_wrong_is_quarantined_alone_and_handed_back_after_a_release(
    work: Callable[[Any], Any], reason: str
) -> None:
    replica = Replica(with_count(work), Limits(job_attempts=3))
    replica.send(Close(club="c"), "office")
    await replica.settle()
    for _ in range(5):
        await replica.after(60)
    [notice] = replica.take("library.quarantine")
    assert reason in notice["reason"]
    assert "nobody" not in notice["reason"]
    assert notice["type"] == "job:count"
    replica.send(Join(club="d", member="m"))
    await replica.settle()
    assert replica.types() == ["library.joined.v1"]
    mended = replica.changed(LIBRARY)
    mended.send(library.ReplayQuarantined(id=notice["id"]), "ops")
    await mended.settle()
    assert Closed.name in mended.types()
    assert mended.take("library.quarantine") == []


async def test_a_result_that_no_document_holds_is_kept_in_several_and_handed_over_once() -> None:
    replica = Replica(with_count(three_wide))
    replica.send(Close(club="c"), "office")
    await replica.settle()
    assert replica.take("library.quarantine") == []
    assert replica.seen["piece:Wide", "handled"] == 3
    assert [record for record in replica.database.records.values() if record.kind in ("_job", "_result")] == []


async def test_a_job_whose_process_ends_each_time_is_quarantined_in_the_end() -> None:
    replica = Replica(LIBRARY, Limits(job_attempts=3))
    replica.send(Close(club="c"), "office")
    await replica.engine.intake()
    [job] = [record for record in replica.database.records.values() if record.kind == "_job"]
    dead = replace(job, version=2, state={**(job.state or {}), "attempts": 3 + ENDS})
    await replica.engine.commit(replica.engine.bookkeeping(writes=(dead,)))
    await replica.settle()
    [notice] = replica.take("library.quarantine")
    assert notice["reason"].startswith("killed_its_process")


async def test_a_job_outlives_a_message_that_ends_the_process_of_both_until_it_is_quarantined() -> None:
    rows = tuple(replace(row, decide=ends) if isinstance(row, Ask) and row.on is Lend else row for row in LIBRARY.rows)
    life = Replica(replace(LIBRARY, rows=rows))
    life.send(Close(club="c"), "office")
    await life.engine.intake()
    life.send(Lend(book="b", member="m", back_by=dt.date(2026, 1, 2)))
    ended = 0
    while True:
        run = life.jobs.worker.run

        async def beside(*arguments: Any, life: Replica = life, run: Any = run) -> Any:
            """The message comes while the job is in hand."""
            await life.engine.intake()
            return await run(*arguments)

        life.jobs.worker.run = beside  # type: ignore[method-assign, assignment]
        try:
            await life.jobs.light()
        except ProcessEnded:
            assert isinstance(life.engine.broker, MemoryDeliveries)
            life.engine.broker.lose()
            life = life.changed(life.service)
            await life.jobs.recover()
            ended += 1
        else:
            break
    assert ended == ENDS
    await life.settle()
    assert Closed.name in life.types()
    assert [notice["type"] for notice in life.take("library.quarantine")] == [Lend.name]


async def test_a_job_whose_process_a_neighbour_ended_has_all_its_attempts_left() -> None:
    replica = Replica(with_count(raises), Limits(job_attempts=3))
    replica.send(Close(club="c"), "office")
    await replica.engine.intake()
    [job] = [record for record in replica.database.records.values() if record.kind == "_job"]
    beside = replace(job, version=2, state={**(job.state or {}), "attempts": ENDS})
    await replica.engine.commit(replica.engine.bookkeeping(writes=(beside,)))
    for failures in (1, 2):
        await replica.after(60)
        assert replica.take("library.quarantine") == []
        state = replica.database.records[job.subject].state or {}
        assert (state["failures"], state["attempts"]) == (failures, ENDS + failures)
    await replica.after(60)
    [notice] = replica.take("library.quarantine")
    assert notice["reason"].startswith("RuntimeError")


async def test_a_job_that_is_handed_back_has_all_its_attempts_again() -> None:
    replica = Replica(with_count(raises), Limits(job_attempts=3))
    replica.send(Close(club="c"), "office")
    for _ in range(3):
        await replica.after(60)
    assert len(replica.take("library.quarantine")) == 1
    replica.send(library.ReplayQuarantined(id="*"), "ops")
    for _ in range(2):
        await replica.after(60)
    assert replica.take("library.quarantine") == []
    await replica.after(60)
    assert len(replica.take("library.quarantine")) == 1


async def test_a_job_that_cannot_finish_yet_begins_its_next_try_with_all_its_attempts() -> None:
    replica = Replica(with_count(lambda inputs: Again()), Limits(job_attempts=3))
    replica.send(Close(club="c"), "office")
    await replica.engine.intake()
    [job] = [record for record in replica.database.records.values() if record.kind == "_job"]
    failed = replace(job, version=2, state={**(job.state or {}), "attempts": 2, "failures": 2})
    await replica.engine.commit(replica.engine.bookkeeping(writes=(failed,)))
    await replica.settle()
    state = replica.database.records[job.subject].state or {}
    assert (state["tries"], state["attempts"], state["failures"]) == (1, 0, 0)


async def test_what_a_job_fails_at_is_not_told_as_an_end_of_its_process() -> None:
    replica = Replica(LIBRARY, Limits(job_attempts=3))
    replica.send(Close(club="c"), "office")
    await replica.engine.intake()
    [job] = [record for record in replica.database.records.values() if record.kind == "_job"]
    failed = replace(job, version=2, state={**(job.state or {}), "attempts": 3 + ENDS, "failures": 1})
    await replica.engine.commit(replica.engine.bookkeeping(writes=(failed,)))
    await replica.settle()
    assert Closed.name in replica.types()


async def test_a_replica_that_stops_gives_its_job_back_and_nothing_counts_against_it() -> None:
    replica = Replica(LIBRARY)
    replica.send(Close(club="c"), "office")
    await replica.engine.intake()
    [job] = [record for record in replica.database.records.values() if record.kind == "_job"]

    async def stopped(*arguments: Any) -> Any:
        replica.jobs.stopping = True
        await arguments[2]()

    replica.jobs.worker.run = stopped  # type: ignore[method-assign, assignment]
    await replica.jobs.light()
    record = replica.database.records[job.subject]
    assert (record.state or {})["attempts"] == 0
    other = replica.changed(LIBRARY)
    await other.settle()
    assert Closed.name in other.types()


async def test_a_worker_that_comes_late_leaves_no_result_behind() -> None:
    replica = Replica(LIBRARY)
    replica.send(Close(club="c"), "office")
    await replica.engine.intake()
    other, run = replica.changed(LIBRARY), replica.jobs.worker.run

    async def overtaken(*arguments: Any) -> Any:
        """While this one works, its lease runs out and somebody else does it all."""
        result = await run(*arguments)
        replica.clock.at += dt.timedelta(hours=1)
        await other.settle()
        return result

    replica.jobs.worker.run = overtaken  # type: ignore[method-assign, assignment]
    assert await replica.jobs.light()
    assert Closed.name in other.types()
    assert [subject for subject in replica.database.records if subject.startswith(("_result/", "_job/"))] == []


def told(replica: Replica) -> list[tuple[str, int]]:
    """How far the count came, as it was said, each with its message's id."""
    return [(m["id"], m["data"]["done"]) for m in replica.take() if m["type"].endswith(Counting.name)]


async def test_what_a_job_tells_is_said_when_the_lease_is_renewed_and_only_the_newest() -> None:
    replica = Replica(LIBRARY)
    replica.send(Join(club="c", member="m"))
    replica.send(Close(club="c"), "office")
    await replica.engine.intake()
    run = replica.jobs.worker.run

    async def hasty(job: Any, inputs: Any, beat: Any, tell: Any) -> Any:
        """Tells twice between two beats, and once more before it ends."""
        result = await run(job, inputs, beat, lambda piece: None)
        for done in (1, 2):
            tell(("CountedSoFar", {"club": "c", "done": done}))
        await beat()
        await beat()
        tell(("CountedSoFar", {"club": "c", "done": 3}))
        return result

    replica.jobs.worker.run = hasty  # type: ignore[method-assign]
    await replica.settle()
    assert [done for _, done in told(replica)] == [2]


async def test_who_lost_the_lease_says_nothing_more_and_who_goes_on_says_nothing_under_the_same_id() -> None:
    replica = Replica(LIBRARY)
    replica.send(Close(club="c"), "office")
    await replica.engine.intake()
    other, run = replica.changed(LIBRARY), replica.jobs.worker.run

    async def overtaken(job: Any, inputs: Any, beat: Any, tell: Any) -> Any:
        tell(("CountedSoFar", {"club": "c", "done": 7}))
        await beat()
        replica.clock.at += dt.timedelta(hours=1)
        await other.settle()
        tell(("CountedSoFar", {"club": "c", "done": 8}))
        await beat()
        return await run(job, inputs, beat, tell)

    replica.jobs.worker.run = overtaken  # type: ignore[method-assign]
    await replica.settle()
    said = told(replica)
    assert sorted(dict(said).values()) == [0, 0, 7]
    assert len(set(said)) == 3


async def test_a_job_whose_process_may_have_ended_of_what_it_told_tells_nothing_more() -> None:
    replica = Replica(LIBRARY)
    replica.send(Close(club="c"), "office")
    await replica.engine.intake()
    [job] = [record for record in replica.database.records.values() if record.kind == "_job"]
    ended = replace(job, version=2, state={**(job.state or {}), "attempts": 2})
    await replica.engine.commit(replica.engine.bookkeeping(writes=(ended,)))
    await replica.settle()
    assert told(replica) == []


async def test_a_job_that_failed_waits_its_time_also_when_its_replica_starts_again() -> None:
    replica = Replica(with_count(raises), Limits(job_attempts=9))
    replica.send(Close(club="c"), "office")
    await replica.engine.intake()
    await replica.jobs.light()
    [failed] = [record for record in replica.database.records.values() if record.kind == "_job"]
    await replica.jobs.recover()
    assert replica.database.records[failed.subject] == failed


async def test_two_hand_backs_under_one_correlation_are_both_answered() -> None:
    replica = Replica(LIBRARY)
    for _ in range(2):
        replica.send(library.ReplayQuarantined(id="*"), "ops", correlationid="the same")
    await replica.settle()
    assert replica.types() == ["library.quarantine-replayed.v1"] * 2


@pytest.mark.parametrize("back", [True, False])
async def test_who_is_not_due_any_more_is_not_woken(back: bool) -> None:
    """A book is brought back, or lent for longer, between the day's reading and the due row's turn."""
    woken: list[str] = []

    def remind(message: Any, book: Book | None, context: Any) -> Outcome:
        woken.append(message.subject)
        [row] = [row for row in LIBRARY.rows if isinstance(row, Due)]
        return row.decide(message, book, context)

    rows = tuple(replace(row, decide=remind) if isinstance(row, Due) else row for row in LIBRARY.rows)
    replica = Replica(replace(LIBRARY, rows=rows))
    day = dt.date(2027, 1, 12)
    replica.send(Join(club="c", member="m"))
    replica.send(Lend(book="b", member="m", back_by=day))
    await replica.settle()
    due = replica.engine.desk.from_due("book/b", day)
    replica.send(Return(book="b", member="m"))
    if not back:
        replica.send(Lend(book="b", member="m", back_by=day + dt.timedelta(days=5)))
    await replica.settle()
    await replica.engine.handle([due])
    assert woken == []
    if not back:
        replica.send(DayStarted(date=day + dt.timedelta(days=5)), sequence=1, epoch=1)
        await replica.settle()
        assert woken == ["book/b"]
