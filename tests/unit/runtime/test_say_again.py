"""An owner says again what it published, when it is asked and when its epoch is raised."""

from collections import Counter
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from shared.runtime.batch import COMMANDS
from shared.runtime.engine import Limits
from shared.runtime.epoch import EpochError, overtaken, take_up
from shared.runtime.table import Copies, Service, TableError
from tests.support.shop import LEDGER, LIBRARY, Book, Close, Join, Joined, Lend, Lent, Line, Return, library
from tests.unit.runtime.engine_in_memory import START, Replica

BACK = START.date()
AGAIN: Any = library.SayStateAgain
SAID = "library.state-said-again.v1"


async def a_lending_library(limits: Limits | None = None) -> Replica:
    """Two members of a closed club, one of whom has the book that the other brought back."""
    replica = Replica(LIBRARY, limits or Limits())
    lending = [Join(club="c", member=m) for m in ("m", "n")]
    await replica.play(
        *lending,
        Lend(book="b", member="m", back_by=BACK),
        Return(book="b", member="m"),
        Lend(book="b", member="n", back_by=BACK),
        Close(club="c"),
    )
    return replica


def versions(said: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    return {event["subject"]: (event["epoch"], event["sequence"]) for event in said if "sequence" in event}


async def test_everything_published_is_said_again_as_it_is_now_and_nothing_is_written() -> None:
    replica = await a_lending_library()
    before = dict(replica.database.records)
    id = replica.send(AGAIN(), "ops")
    await replica.settle()
    *said, answer = replica.take()
    assert versions(said) == {"member/m": (1, 1), "member/n": (1, 1), "club/c": (1, 1), "book/b": (1, 3)}
    [book] = [event for event in said if event["subject"] == "book/b"]
    assert (book["type"], book["data"]) == (f"tandem.{Lent.name}", {"book": "b", "holder": "n", "lent": 2})
    assert (answer["type"], answer["data"]["count"]) == (f"tandem.{SAID}", 4)
    assert {event["correlationid"] for event in (*said, answer)} == {id}
    assert replica.database.records == before


async def test_only_a_programme_s_subjects_are_said_where_one_is_named() -> None:
    replica = await a_lending_library()
    replica.send(AGAIN(programme_id="c"), "ops")
    await replica.settle()
    *said, answer = replica.take()
    assert {event["subject"] for event in said} == {"member/m", "member/n", "club/c"}
    assert answer["data"] == {"service": "library", "programme_id": "c", "count": 3}


async def test_what_is_said_again_goes_out_in_bounded_transactions() -> None:
    replica = await a_lending_library(Limits(batch=5))
    for number in range(20):
        replica.send(Join(club="d", member=f"d{number:02}"))
    await replica.settle()
    replica.take()
    sizes: list[int] = []
    commit = replica.engine.store.commit

    async def counting(change: Any) -> None:
        sizes.append(len(change.outbox))
        await commit(change)

    replica.engine.store.commit = counting  # type: ignore[method-assign]
    replica.send(AGAIN(programme_id="d"), "ops")
    await replica.settle()
    assert max(sizes) == 5
    assert Counter(replica.types()) == {Joined.name: 20, SAID: 1}


async def test_ops_and_services_may_ask_and_nobody_else() -> None:
    replica = await a_lending_library()
    replica.send(AGAIN(), "portal")
    await replica.settle()
    assert replica.types() == ["library.command-rejected.v1"]
    replica.send(AGAIN(), "library")
    await replica.settle()
    assert replica.types()[-1] == SAID


async def test_asked_again_it_says_new_messages_which_no_reader_takes_for_ones_put_aside() -> None:
    replica = await a_lending_library()
    ids = []
    for _ in range(2):
        replica.send(AGAIN(), "ops")
        await replica.settle()
        ids.append({event["id"] for event in replica.take()})
    assert not ids[0] & ids[1]


async def test_a_reader_that_is_behind_takes_over_and_one_that_is_not_stays() -> None:
    ledger = Replica(LEDGER)
    newest = Lent(book="b", holder="n", lent=2)
    ledger.send(newest, "library", sequence=3, epoch=1)
    await ledger.settle()
    assert ledger.aggregates()["line/b"]["holder"] == "n"
    for epoch, sequence, holder in ((1, 2, "n"), (1, 3, "n"), (2, 1, "m"), (1, 9, "m")):
        said = Lent(book="b", holder="x" if holder == "n" else "m", lent=1)
        ledger.send(said, "library", sequence=sequence, epoch=epoch)
        await ledger.settle()
        assert ledger.aggregates()["line/b"]["holder"] == holder, (epoch, sequence)


def at_epoch(replica: Replica, epoch: int, owner: str = "library-1") -> Replica:
    """The same servers under another epoch."""
    again, tokens = replica.changed(replica.service), count()
    again.engine.who = replace(again.engine.who, epoch=epoch)
    again.engine.owner = owner
    again.engine.token = lambda: f"{owner}.{epoch}.{next(tokens)}"
    return again


async def test_a_raised_epoch_says_everything_in_it_once_however_many_replicas_start() -> None:
    replica = await a_lending_library()
    await take_up(replica.engine)
    await replica.settle()
    assert replica.types() == [], "a first start says nothing"
    raised = at_epoch(replica, 2)
    other = at_epoch(replica, 2, "library-2")
    await take_up(raised.engine)
    await take_up(other.engine)
    await raised.settle()
    said = raised.take()
    assert versions(said)["book/b"] == (2, 3)
    assert [event["type"] for event in said].count(f"tandem.{SAID}") == 1
    await take_up(at_epoch(replica, 2).engine)
    await raised.settle()
    assert raised.types() == [], "and a restart under it nothing more"


async def test_a_restored_reader_asks_the_owners_whom_it_reads() -> None:
    ledger = Replica(LEDGER)
    ledger.broker.declare("asked", COMMANDS, [AGAIN.name])
    await take_up(ledger.engine)
    raised = at_epoch(ledger, 2)
    await take_up(raised.engine)
    await raised.settle()
    [asked] = raised.take("asked")
    assert (asked["type"], asked["data"]) == (f"tandem.{AGAIN.name}", {"programme_id": None})


async def test_a_lower_epoch_than_the_database_was_run_with_is_refused() -> None:
    replica = at_epoch(Replica(LIBRARY), 3)
    await take_up(replica.engine)
    with pytest.raises(EpochError, match="run with epoch 3, and TANDEM_EPOCH is 2: set it to 3"):
        await take_up(at_epoch(replica, 2).engine)


def test_a_copy_keeps_how_far_it_followed_and_follows_another_owner() -> None:
    with pytest.raises(TableError, match="give it the field `seen"):
        Service(name="library", contracts=library, rows=(), copies=(Copies(Book, Lent),))
    with pytest.raises(TableError, match="a copy follows another owner"):
        Service(name="library", contracts=library, rows=(), copies=(Copies(Line, Lent),))


async def test_what_is_said_again_can_be_read_by_any_reader_of_the_type() -> None:
    """An envelope of its own, with what an event has: source, subject, time, trace."""
    replica = await a_lending_library()
    replica.send(AGAIN(), "ops", traceparent="00-" + "a" * 32 + "-" + "b" * 16 + "-01")
    await replica.settle()
    said = replica.take()
    assert {event["source"] for event in said} == {"/tandem/library"}
    assert all(event["traceparent"].split("-")[1] == "a" * 32 for event in said)


async def test_a_replica_of_an_earlier_epoch_is_told_to_end() -> None:
    replica = Replica(LIBRARY)
    await take_up(replica.engine)
    raised = at_epoch(replica, 2)
    assert await overtaken(replica.engine) is None
    await take_up(raised.engine)
    assert "set TANDEM_EPOCH to 2" in (await overtaken(replica.engine) or "")
    assert await overtaken(raised.engine) is None


async def test_a_raised_epoch_counts_also_on_a_database_that_knows_none() -> None:
    raised = at_epoch(await a_lending_library(), 2)
    await take_up(raised.engine)
    await raised.settle()
    assert SAID in raised.types()
