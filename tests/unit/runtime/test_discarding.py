"""What lies in quarantine is given up: whoever waits for it hears of it, and nothing is left of it."""

import datetime as dt
import json
from dataclasses import replace

import pytest

from shared.contracts.scheduling import DayStarted
from shared.runtime.discovery import load_all
from shared.runtime.jobs import ENDS
from shared.runtime.table import Job, Piece, Service
from tests.support.shop import LIBRARY, Close, Closed, Counted, Join, ledger, library
from tests.unit.runtime.engine_in_memory import Replica
from tests.unit.runtime.stuck import SECRETIVE, WHY, Confess, a_fact, a_job, a_join, actions, code_of, fails, stuck


@pytest.mark.proves("S15")
async def test_a_discarded_command_is_refused_to_its_sender_and_gone() -> None:
    replica, id = await a_join()
    replica.send(library.DiscardQuarantined(id=id, why=WHY), "ops", actor="o-17", correlationid="mine")
    await replica.settle()
    discarded, rejected = replica.take()
    assert (discarded["type"], discarded["correlationid"]) == ("tandem.library.quarantine-discarded.v1", "mine")
    assert discarded["data"] == {"id": id, "message": "join", "actor": "o-17"}
    assert (rejected["type"], rejected["correlationid"]) == ("tandem.library.command-rejected.v1", "waits")
    assert rejected["data"]["command_id"] == "join"
    assert [reason["code"] for reason in rejected["data"]["reasons"]] == ["discarded"]
    assert not [r for r in replica.database.records.values() if r.kind == "_kept"]
    assert replica.take("library.quarantine") == []
    replica.send(Join(club="c", member="m"), id="join")
    await replica.settle()
    assert replica.take() == [], "what was answered is not taken again"
    assert await ended(replica, "waits", Join.name) == "discarded"


async def test_a_discarded_confidential_command_is_answered_in_private() -> None:
    replica = Replica(SECRETIVE)
    [notice] = await stuck(replica, Confess(member="m"), id="secret", reply_to="portal.replies")
    replica.send(library.DiscardQuarantined(id=notice["id"], why=WHY), "ops")
    await replica.settle()
    assert "secret" not in json.dumps([*replica.take(), *actions(replica)])
    [answer] = replica.take("portal.replies")
    assert answer["data"]["reasons"][0]["code"] == "discarded"


async def test_what_no_table_knows_may_be_confidential_and_is_answered_in_private() -> None:
    replica = Replica(SECRETIVE)
    replica.broker.declare("library.commands", "tandem.commands", [Confess.name])
    older = replica.changed(LIBRARY)
    older.send(Confess(member="m"), id="secret", reply_to="portal.replies")
    await older.settle()
    [notice] = older.take("library.quarantine")
    older.send(library.DiscardQuarantined(id=notice["id"], why=WHY), "ops")
    await older.settle()
    assert older.types() == ["library.quarantine-discarded.v1"]
    [answer] = older.take("portal.replies")
    assert answer["data"]["reasons"][0]["code"] == "discarded"


async def test_a_discarded_fact_has_nobody_to_answer() -> None:
    replica, id = await a_fact()
    replica.send(ledger.DiscardQuarantined(id=id, why=WHY), "office")
    await replica.settle()
    assert replica.types() == ["ledger.quarantine-discarded.v1"]
    assert replica.kept("quarantine") == []


async def test_who_waits_for_a_discarded_job_hears_of_its_end() -> None:
    replica, id = await a_job()
    replica.send(library.DiscardQuarantined(id=id, why=WHY), "ops", correlationid="mine")
    await replica.settle()
    said = replica.take()
    assert [event["type"] for event in said] == ["tandem.library.quarantine-discarded.v1"] * 2
    assert [event["correlationid"] for event in said] == ["mine", "waits"]
    assert not [r for r in replica.database.records.values() if r.kind in ("_job", "_result")]
    await replica.after(600)
    assert replica.take() == []
    assert await ended(replica, "waits", "job:count") == "discarded"


async def ended(replica: Replica, correlation: str, type: str) -> str:
    """What the journal says last of a message or a job."""
    found = await replica.engine.store.trace(correlation, 100)
    return [traced.entry.result for traced in found if traced.entry.type == type][-1]


async def its_job_is_discarded(replica: Replica) -> None:
    """The one job that began has ended its process too often, and ops give it up."""
    [job] = [r for r in replica.database.records.values() if r.kind == "_job"]
    state = {**(job.state or {}), "attempts": 1 + ENDS}
    await replica.engine.commit(replica.engine.bookkeeping(writes=(replace(job, version=2, state=state),)))
    await replica.settle()
    [notice] = replica.take("library.quarantine")
    replica.send(library.DiscardQuarantined(id=notice["id"], why=WHY), "ops")
    await replica.settle()


async def test_a_day_is_not_discarded() -> None:
    replica = Replica(LIBRARY, replace(Replica(LIBRARY).limits, job_attempts=1))
    replica.send(DayStarted(date=dt.date(2027, 1, 12)), sequence=1, epoch=1)
    await replica.engine.intake()
    await its_job_is_discarded(replica)
    assert code_of(replica) == "not_to_be_discarded"


def lasting(service: Service) -> Service:
    """The same service, whose jobs nothing starts again."""
    rows = tuple(replace(row, discardable=False) if isinstance(row, Job) else row for row in service.rows)
    return replace(service, rows=rows)


async def test_a_job_that_no_command_starts_again_is_not_discarded_but_handed_back() -> None:
    mended, id = await a_job()
    replica = mended.changed(lasting(LIBRARY))
    replica.send(library.DiscardQuarantined(id=id, why=WHY), "ops")
    await replica.settle()
    assert code_of(replica) == "not_to_be_discarded"
    assert actions(replica) == [], "nothing was done"
    replica.send(library.ReplayQuarantined(id=id), "ops")
    await replica.settle()
    assert Closed.name in replica.types()


async def test_a_job_whose_row_is_not_in_this_release_is_not_discarded() -> None:
    mended, id = await a_job()
    rows = tuple(row for row in LIBRARY.rows if not isinstance(row, Job) and getattr(row, "on", None) is not Close)
    replica = mended.changed(replace(LIBRARY, rows=rows))
    replica.send(library.DiscardQuarantined(id=id, why=WHY), "ops")
    await replica.settle()
    assert code_of(replica) == "not_to_be_discarded"


@pytest.mark.parametrize("again", [True, False])
async def test_a_piece_of_a_job_is_discarded_only_where_its_job_is(again: bool) -> None:
    rows = tuple(
        replace(row, decide=fails) if isinstance(row, Piece) and row.on is Counted else row for row in LIBRARY.rows
    )
    broken = replace(LIBRARY, rows=rows)
    replica = Replica(broken if again else lasting(broken))
    [notice] = await stuck(replica, Close(club="c"), user="office")
    replica.take()
    replica.send(library.DiscardQuarantined(id=notice["id"], why=WHY), "ops")
    await replica.settle()
    if not again:
        assert code_of(replica) == "not_to_be_discarded"
    assert len(replica.kept("quarantine")) == (not again)


async def test_a_hand_back_that_is_stuck_itself_is_discarded() -> None:
    replica = Replica(LIBRARY, replace(Replica(LIBRARY).limits, job_attempts=1))
    replica.send(library.ReplayQuarantined(id="*"), "ops")
    await replica.engine.intake()
    await its_job_is_discarded(replica)
    assert replica.types() == ["library.quarantine-discarded.v1"] * 2


def test_only_what_a_command_starts_again_may_be_discarded() -> None:
    found = {(service.name, row.name) for service in load_all() for row in service.jobs.values() if row.discardable}
    assert found == {("registration", "say-bucket"), ("evaluation", "report")}
