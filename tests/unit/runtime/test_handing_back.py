"""One hand back hands back once, however often its job has to begin again, and notices what is left in the end."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from shared.runtime.adapters.memory import MemoryDeliveries, MemoryStore
from shared.runtime.jobs import Jobs
from shared.runtime.ports import BrokerUnavailable, Change, Outgoing
from tests.support.shop import LIBRARY, Join, library
from tests.unit.runtime.engine_in_memory import Here, Replica
from tests.unit.runtime.stuck import WHY, a_join, actions, failing, stuck


def counts(replica: Replica) -> list[int]:
    """How many were handed back, as it was said."""
    return [event["data"]["count"] for event in replica.take() if "count" in event["data"]]


class Unrenewed(MemoryDeliveries):
    """Never empties the queue of notices."""

    tried = 0

    async def clear_notices(self) -> None:
        self.tried += 1
        raise BrokerUnavailable("it is busy")


async def test_while_notices_cannot_be_renewed_nothing_is_handed_back_a_second_time() -> None:
    replica = Replica(failing(LIBRARY, Join))
    await stuck(replica, Join(club="c", member="m"))
    for number in range(8):
        replica.send(Join(club="c", member=f"later{number}"))  # of before the command, in quarantine after it
    await replica.settle()
    broker = replica.engine.broker = Unrenewed(replica.broker, "library")
    replica.send(library.ReplayQuarantined(id="*", why=WHY), "ops")
    for _ in range(60):
        await replica.after(60)
    assert broker.tried > 2
    assert counts(replica) == [1]
    assert len(replica.take("library.quarantine")) == 1 + 8, "each failed once more, and none was asked for again"


async def test_what_comes_to_quarantine_after_the_command_is_not_handed_back() -> None:
    replica, _ = await a_join()
    replica.send(library.ReplayQuarantined(id="*", until=replica.clock.at + dt.timedelta(days=1)), "ops")
    await replica.engine.intake()
    replica.clock.at += dt.timedelta(minutes=1)
    replica.send_raw(b"{")
    await replica.engine.intake()
    await replica.settle()
    assert counts(replica) == [1]
    [left] = replica.kept("quarantine")
    assert left["reason"].startswith("not_json")


async def test_what_is_named_is_handed_back_whatever_the_clocks_say() -> None:
    replica, id = await a_join()
    replica.clock.at -= dt.timedelta(hours=1)
    replica.send(library.ReplayQuarantined(id=id), "ops")
    await replica.settle()
    assert counts(replica) == [1]


class Leaving(MemoryStore):
    """Its replica is told to stop when it has handed one back."""

    jobs: Jobs

    async def commit(self, change: Change) -> None:
        await super().commit(change)
        if any(r.kind == "_kept" and (r.state or {}).get("status") == "ready" for r in change.writes):
            self.jobs.stopping = True


async def test_a_hand_back_that_another_replica_goes_on_with_counts_all_and_takes_none_twice() -> None:
    replica = Replica(failing(LIBRARY, Join))
    await stuck(replica, *(Join(club="c", member=f"m{number}") for number in range(3)))
    store = Leaving(replica.database)
    store.jobs = replica.jobs
    replica.engine.store = store
    replica.send(library.ReplayQuarantined(id="*", why=WHY), "ops")
    await replica.engine.intake()
    await replica.jobs.light()
    [back] = [r for r in replica.database.records.values() if (r.state or {}).get("status") == "ready"]
    failed = replace(back, version=back.version + 1, state={**(back.state or {}), "status": "quarantine"}, due=None)
    await replica.engine.commit(replica.engine.bookkeeping(writes=(failed,)))
    other = replica.beside()
    await Jobs(other.engine, Here()).light()
    assert replica.database.records[back.subject] == failed
    await other.settle()
    assert counts(other) == [3]
    assert [action["count"] for action in actions(other)] == [3]


class Outlived(MemoryStore):
    """Right before its replica hands the first one back, somebody else takes the job over."""

    over = False

    async def commit(self, change: Change) -> None:
        if not self.over and any(r.kind == "_kept" and (r.state or {}).get("status") == "ready" for r in change.writes):
            self.over = True
            [job] = [r for r in self.database.records.values() if r.kind == "_job"]
            taken = replace(change, writes=(replace(job, version=job.version + 1),), token="somebody else's")
            await super().commit(taken)
        await super().commit(change)


async def test_who_lost_the_job_hands_nothing_back_and_does_not_say_that_it_is_done() -> None:
    replica = Replica(failing(LIBRARY, Join))
    await stuck(replica, Join(club="c", member="m"), Join(club="c", member="n"))
    replica.engine.store = store = Outlived(replica.database)
    replica.send(library.ReplayQuarantined(id="*", why=WHY), "ops")
    await replica.engine.intake()
    assert await replica.jobs.light()
    assert store.over
    assert len(replica.kept("quarantine")) == 2
    await replica.after(60)
    assert counts(replica) == [2]


class Unconfirmed(MemoryDeliveries):
    """Loses the first notices that it is given, and says so."""

    lost = 0

    async def publish(self, messages: Sequence[Outgoing]) -> list[bool]:
        if not self.lost and any(message.key.endswith(".quarantine") for message in messages):
            self.lost = len(messages)
            return [False] * len(messages)
        return await super().publish(messages)


async def test_a_notice_that_was_not_confirmed_is_sent_again() -> None:
    replica = Replica(failing(LIBRARY, Join))
    first, second = await stuck(replica, Join(club="c", member="m"), Join(club="c", member="n"))
    broker = replica.engine.broker = Unconfirmed(replica.broker, "library")
    replica.send(library.DiscardQuarantined(id=first["id"], why=WHY), "ops")
    await replica.settle()
    await replica.after(10)
    assert broker.lost == 1
    assert [notice["id"] for notice in replica.take("library.quarantine")] == [second["id"]]
