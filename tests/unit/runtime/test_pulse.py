import datetime as dt
import json

import pytest

from shared.contracts.evaluation import SubmitAnswers
from shared.runtime.adapters.inspection import Inspection, expected
from shared.runtime.batch import HEAVY, LIGHT
from shared.runtime.ops import Hand, Ops, Release, ReplicaStatus
from shared.runtime.overview import MOST_JOBS, Overview, job_of, replica_of, waits_of
from shared.runtime.ports import Observer, Record, Unavailable
from shared.runtime.pulse import LONGEST, MOST_PROBLEMS, Pulse
from shared.runtime.release import differing, release
from tests.support.shop import LIBRARY, Close, Join, Lend
from tests.unit.runtime.engine_in_memory import START, HandClock, Replica
from tests.unit.runtime.test_jobs import with_count

RELEASE = Release(version="1")


def watched(replica: Replica) -> Pulse:
    pulse = Pulse(replica.clock.now)
    replica.engine.observer = pulse.beside(replica.engine.observer)
    return pulse


def told(pulse: Pulse, replica: Replica) -> ReplicaStatus:
    backlog, hands = replica.engine.outbox.backlog, replica.jobs.hands.values()
    return pulse.status(release=RELEASE, down={}, backlog=backlog, hands=hands)


async def test_a_replica_tells_how_much_it_handled_how_fast_and_how_old_it_was() -> None:
    replica = Replica(LIBRARY)
    pulse = watched(replica)
    for number in range(3):
        replica.send(Join(club="c", member=f"m{number}"))
    replica.clock.at += dt.timedelta(seconds=2)
    await replica.settle()
    status = told(pulse, replica)
    assert (status.handled, status.batch, status.rate) == (3, 3, 1.5)
    assert status.received["commands"].age == 2
    assert "events" not in status.received
    replica.clock.at += dt.timedelta(seconds=2)
    later = told(pulse, replica)
    assert (later.handled, later.rate, later.batch) == (3, 0, 3), "what a batch took stays until there is a new one"


async def test_what_goes_wrong_is_told_without_its_content_and_no_more_than_the_last_few() -> None:
    replica = Replica(LIBRARY)
    pulse = watched(replica)
    for number in range(MOST_PROBLEMS + 3):
        replica.send_raw(b"a name is in here %d" % number)
        await replica.settle()
    status = told(pulse, replica)
    assert len(status.problems) == MOST_PROBLEMS
    assert {(p.result, p.type) for p in status.problems} == {("quarantined", "unknown")}
    assert "a name" not in status.model_dump_json()


def test_a_sign_of_life_stays_small_whatever_went_wrong() -> None:
    pulse = Pulse(HandClock().now)
    watch = pulse.beside(Observer())
    for _ in range(100):
        watch.log("failed", type="t" * 10_000, id="i" * 10_000, reason="r" * 10_000)
        watch.log("handled", type="t", id="i")
    status = pulse.status(release=RELEASE, down={}, backlog=0, hands=())
    assert len(status.model_dump_json()) < MOST_PROBLEMS * (3 * LONGEST + 200) + 1000


async def test_a_service_tells_its_jobs_replicas_problems_and_what_is_missing() -> None:
    replica = Replica(with_count(_raises))
    pulse = watched(replica)
    replica.send(Close(club="c"), "office")
    await replica.engine.intake()
    document = {"_id": "library-1", "at": replica.clock.now(), "status": told(pulse, replica).model_dump(mode="json")}

    async def inspect() -> Inspection:
        indexes = (expected() - {"state.by_due"}) | {"kept.mine", "kept._id_"}
        return Inspection("8.0", replica.clock.now(), indexes, (document, {"_id": "old", "at": START}), ())

    overview = Overview(replica.engine, inspect, lambda: {"broker": "away"}, "Europe/Berlin", "command")
    found = Ops.model_validate_json((await overview()).model_dump_json())
    assert (found.database.missing, found.database.foreign) == (("state.by_due",), ("kept.mine",))
    assert [(job.job, job.stage) for job in found.jobs] == [("count", "waiting")]
    assert [(r.name, r.status is not None) for r in found.replicas] == [("library-1", True), ("old", False)]
    assert found.down == {"broker": "away"}
    assert found.counts["jobs"] == 1
    await replica.settle()
    document["status"] = told(pulse, replica).model_dump(mode="json")
    [problem] = (await overview()).problems
    assert (problem.result, problem.type) == ("failed", "job:count")
    assert "nobody may read" not in json.dumps(document["status"])


def _raises(inputs: object) -> object:
    raise RuntimeError("nobody may read this")


async def test_a_job_in_hand_is_told_with_its_progress_and_forgotten_when_it_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replica = Replica(LIBRARY)
    replica.send(Join(club="c", member="m"))
    replica.send(Close(club="c"), "office")
    seen: list[tuple[str, str, int | None]] = []
    handle = replica.engine.handle

    async def watch(items: object) -> None:
        seen.extend((hand.job, hand.stage, hand.total) for hand in replica.jobs.hands.values())
        await handle(items)  # type: ignore[arg-type]

    monkeypatch.setattr(replica.engine, "handle", watch)
    await replica.settle()
    assert ("count", "handing over", 1) in seen
    assert not replica.jobs.hands


def test_a_job_that_nobody_has_is_waiting_and_one_with_a_result_is_being_handed_over() -> None:
    state = {"job": "solve", "since": START.isoformat(), "attempts": 0, "tries": 0}
    record = Record("_job/1", HEAVY, 1, state=state, due=START.isoformat())
    assert (job_of(record, {}).stage, job_of(record, {}).owner) == ("waiting", "")
    owned = {**state, "attempts": 1, "owner": "matching-1"}
    assert job_of(Record("_job/1", HEAVY, 1, state=owned), {}).stage == "working"
    assert job_of(Record("_job/1", HEAVY, 1, state={**owned, "chosen": "x"}), {}).stage == "handing over"
    assert job_of(Record("_job/1", HEAVY, 1, state={**owned, "status": "quarantine"}), {}).stage == "quarantine"


def test_what_another_release_wrote_and_this_one_cannot_read_leaves_the_replica_without_a_status() -> None:
    assert replica_of({"_id": "a", "at": START, "status": {"at": "yesterday"}}).status is None


def test_an_installed_package_of_another_version_than_locked_is_named_and_a_missing_one_is_none() -> None:
    lock = "# tools\nhttpx[http2]==1.0 ; python_version > '3'\nPyYAML==6.0\nabsent==1\n"
    assert differing(lock, {"httpx": "1.1", "pyyaml": "6.0"}) == ("httpx 1.1, locked 1.0",)


def test_what_runs_here_is_as_locked() -> None:
    found = release()
    assert found.differs == ()
    assert len(found.code) == len(found.lock) == 12
    assert found.version


async def test_what_waits_is_told_by_type_subject_and_correlation_and_without_its_content() -> None:
    replica = Replica(LIBRARY)
    replica.send(Lend(book="nobody may read this", member="m", back_by=START.date()), correlationid="asked")
    await replica.settle()
    [record] = [record for record in replica.database.records.values() if record.awaits]

    async def inspect() -> Inspection:
        return Inspection("8.0", START, expected(), (), ({"state": record.state, "awaits": record.awaits},))

    overview = Overview(replica.engine, inspect, dict, "Europe/Berlin", "clock")
    found = Ops.model_validate_json((await overview()).model_dump_json())
    [waits] = found.waits
    assert (waits.type, waits.correlation, waits.awaits) == ("library.lend.v1", "asked", "member/m")
    assert waits.since == found.waiting_since
    assert "nobody may read" not in found.model_dump_json()


def test_of_what_is_private_or_of_another_release_nothing_is_told_that_waits() -> None:
    state = {"correlation": "c", "since": START.isoformat()}
    types = (SubmitAnswers.name, "library.unheard-of.v1", Lend.name)
    documents = [{"state": {**state, "type": type}, "awaits": "survey/s"} for type in types]
    found = list(waits_of(documents, {SubmitAnswers.name: SubmitAnswers, Lend.name: Lend}))
    assert [waits.type for waits in found] == [Lend.name]


async def test_of_many_jobs_the_oldest_are_told_whatever_their_ids() -> None:
    replica = Replica(LIBRARY)
    begun = [START + dt.timedelta(minutes=MOST_JOBS + 5 - number) for number in range(MOST_JOBS + 5)]
    for number, since in enumerate(begun):
        state = {"job": "count", "since": since.isoformat()}
        replica.database.records[f"_job/{number:03}"] = Record(f"_job/{number:03}", LIGHT, 1, state=state)

    late = {"job": "solve", "since": (max(begun) + dt.timedelta(hours=1)).isoformat()}
    replica.database.records["_job/late"] = Record("_job/late", HEAVY, 1, state=late)

    async def inspect() -> Inspection:
        return Inspection("8.0", START, expected(), (), ())

    found = await Overview(replica.engine, inspect, dict, "Europe/Berlin", "clock")()
    assert [job.since for job in found.jobs if not job.heavy] == sorted(begun)[:MOST_JOBS]
    assert [job.id for job in found.jobs if job.heavy] == ["late"], "what waits does not hide a round"


async def test_what_waits_or_is_in_quarantine_never_hides_what_a_replica_has_in_hand() -> None:
    replica = Replica(LIBRARY)

    def put(id: str, minutes: int, **state: object) -> None:
        since = (START + dt.timedelta(minutes=minutes)).isoformat()
        job = Record(f"_job/{id}", LIGHT, 1, state={"job": "count", "since": since, **state})
        replica.database.records[job.subject] = job

    for number in range(MOST_JOBS):
        put(f"stopped{number}", number, status="quarantine")
        put(f"waits{number}", MOST_JOBS + number)
    put("late", 3 * MOST_JOBS, owner="library-1", attempts=1)
    hands = [Hand(id=id, job="count", since=START, done=3, total=7) for id in ("late", "waits0", "ended")]
    pulse = Pulse(replica.clock.now)
    status = pulse.status(release=RELEASE, down={}, backlog=0, hands=hands).model_dump(mode="json")

    async def inspect() -> Inspection:
        alive = {"_id": "library-1", "at": START, "status": status}
        return Inspection("8.0", START, expected(), (alive,), ())

    found = (await Overview(replica.engine, inspect, dict, "Europe/Berlin", "clock")()).jobs
    assert [job.id for job in found] == [*(f"waits{number}" for number in range(MOST_JOBS)), "late"]
    assert (found[-1].stage, found[-1].done, found[-1].total) == ("working", 3, 7)


async def test_an_absent_database_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async def away() -> Inspection:
        raise Unavailable("away")

    replica = Replica(LIBRARY)
    with pytest.raises(Unavailable):
        await Overview(replica.engine, away, dict, "Europe/Berlin", "clock")()
