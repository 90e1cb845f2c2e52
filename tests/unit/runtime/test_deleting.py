"""A decision that deletes: guarded like a write, right within a batch, and nobody who waits sleeps for ever."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.base import Command, Event
from shared.contracts.parts import NOBODY
from shared.runtime.adapters.memory import MemoryStore
from shared.runtime.decision import NOTHING, Context, Decision, Outcome
from shared.runtime.engine import Limits
from shared.runtime.ports import Change
from shared.runtime.table import Ask, Concerns, Service, TableError
from tests.support.reference import given as scenario
from tests.support.shop import LIBRARY, Book, Join, Joined, Lend, Lent, Member, joining, library
from tests.unit.runtime.engine_in_memory import Replica, namespace
from tests.unit.runtime.test_engine import BACK


class Leave(Command, name="library.leave.v1", senders=("person",)):
    """Be no member any more."""

    club: str
    member: str


class Left(Event, name="library.left.v1", about="member/{member}"):
    """Somebody left."""

    member: str


def leave(message: Leave, state: tuple[Any, Member | None], context: Context) -> Outcome:
    member = state[1] or Member(id=message.member, programme=message.club, club=message.club)
    return Decision(deletes=(member,))


def with_leave(decide: Any = leave, says: tuple[type[Event], ...] = ()) -> Service:
    row = Ask(Leave, joining, decide, says=says)
    return replace(LIBRARY, contracts=namespace("library", library, Leave=Leave, Left=Left), rows=(*LIBRARY.rows, row))


JOIN, LEAVE = Join(club="c", member="m"), Leave(club="c", member="m")
LEND = Lend(book="b", member="m", back_by=BACK)


def awaits(replica: Replica, subject: str) -> bool:
    return replica.database.records[subject].awaited


async def test_a_deleted_aggregate_is_gone_and_what_comes_after_it_begins_anew() -> None:
    replica = Replica(with_leave())
    await replica.play(JOIN)
    await replica.play(LEAVE)
    assert "member/m" not in replica.database.records
    [said] = await replica.play(JOIN)
    assert (said["type"], said["sequence"]) == ("tandem.library.joined.v1", 1)


async def test_joining_leaving_and_joining_in_one_batch_is_as_one_after_the_other() -> None:
    replica = Replica(with_leave())
    await replica.play(JOIN)
    for message in (LEAVE, Join(club="d", member="m")):
        replica.send(message)
    await replica.settle()
    [said] = replica.take()
    assert (said["sequence"], said["data"]["club"]) == (1, "d")
    assert replica.aggregates()["member/m"]["club"] == "d"


async def test_what_was_never_stored_is_deleted_without_a_trace() -> None:
    replica = Replica(with_leave())
    replica.send(JOIN)
    replica.send(LEAVE)
    await replica.settle()
    assert replica.types() == ["library.joined.v1"]
    await replica.play(LEAVE)
    assert "member/m" not in replica.database.records
    assert not replica.kept("retry")


@dataclass
class Meanwhile(MemoryStore):
    """A store in which something happens between a batch's reading and its commit."""

    happens: list[Any] = field(default_factory=list)

    async def commit(self, change: Change) -> None:
        if self.happens and change.deletes:
            await self.happens.pop()()
        await super().commit(change)


async def test_a_deletion_is_guarded_by_the_version_that_was_read() -> None:
    replica = Replica(with_leave())
    await replica.play(JOIN)
    store = replica.engine.store = Meanwhile(replica.database)

    async def changes() -> None:
        before = replica.database.records["member/m"]
        replica.database.records["member/m"] = replace(before, version=before.version + 1)

    store.happens = [changes]
    await replica.play(LEAVE)
    assert replica.seen["conflict", "again"] == 1
    assert "member/m" not in replica.database.records


async def test_who_waits_for_what_is_deleted_is_decided_again_and_leaves_a_mark_of_its_own() -> None:
    replica = Replica(with_leave())
    await replica.play(LEND)
    assert awaits(replica, "member/m")
    await replica.play(LEAVE)
    [waits] = replica.kept("waiting")
    assert awaits(replica, "member/m")
    assert [m["type"] for m in await replica.play(JOIN)] == ["tandem.library.joined.v1", "tandem.library.lent.v1"]
    assert waits["reason"] == "waits for member"


async def test_a_message_that_begins_to_wait_while_the_subject_is_deleted_is_not_forgotten() -> None:
    replica = Replica(with_leave())
    await replica.play(JOIN)
    store = replica.engine.store = Meanwhile(replica.database)

    async def waits() -> None:
        record = replica.database.records["member/m"]
        # The mark that another replica's parked message leaves on the document.
        replica.database.records["member/m"] = replace(record, version=record.version + 1, awaited=True)

    store.happens = [waits]
    await replica.play(LEAVE)
    assert replica.seen["conflict", "again"] == 1
    released = [w for c in replica.database.history for w in c.writes if w.kind == "_release"]
    assert [(r.state or {})["awaited"] for r in released] == ["member/m"]


MESSAGES = st.lists(st.sampled_from([JOIN, LEAVE, LEND]), max_size=8)


@given(messages=MESSAGES, batch=st.integers(1, 8))
@settings(max_examples=60, deadline=None)
async def test_however_they_are_batched_nobody_sleeps_once_the_member_is_there(
    messages: list[Command], batch: int
) -> None:
    replica = Replica(with_leave(), limits=Limits(batch=batch))
    for message in (*messages, JOIN):
        replica.send(message)
    await replica.settle()
    assert not replica.kept("waiting")
    assert not replica.kept("retry")
    assert replica.database.records["member/m"].state is not None
    lends = sum(isinstance(message, Lend) for message in messages)
    lent = sum(type in ("library.lent.v1", "library.command-rejected.v1") for type in replica.types())
    assert lent >= lends


async def test_an_event_about_what_is_deleted_is_never_said() -> None:
    def leave_loudly(message: Leave, state: tuple[Any, Member | None], context: Context) -> Outcome:
        assert state[1] is not None
        return Decision(deletes=(state[1],), messages=(Left(member=message.member),))

    replica = Replica(with_leave(leave_loudly, says=(Left,)))
    await replica.play(JOIN, LEAVE)
    [kept] = replica.kept("retry")
    assert "library.left.v1 is about member/m, which the decision does not write" in kept["reason"]


async def test_what_is_both_written_and_deleted_is_a_defect_of_the_decision() -> None:
    def leave_and_stay(message: Leave, state: tuple[Any, Member | None], context: Context) -> Outcome:
        assert state[1] is not None
        return Decision(state=(state[1],), deletes=(state[1],))

    replica = Replica(with_leave(leave_and_stay))
    await replica.play(JOIN, LEAVE)
    [kept] = replica.kept("retry")
    assert "the decision both writes and deletes member" in kept["reason"]
    assert "member/m" in replica.aggregates()


def test_the_reference_deletes_as_the_engine_does() -> None:
    (
        scenario(with_leave(), JOIN, LEND)
        .when(LEAVE)
        .then_nothing()
        .when(Lend(book="c", member="m", back_by=BACK))
        .then_nothing()
        .when(JOIN)
        .then(Joined, Lent)
    )


def test_concerns_twice_or_with_a_wrong_signature_are_refused() -> None:
    book = Concerns(Book, lambda book: {book.holder or NOBODY})
    with pytest.raises(TableError, match="concerns people in Book is said twice"):
        replace(LIBRARY, concerns=(book, book))
    with pytest.raises(TableError, match=r"Book \(without\): .* takes 1 parameters, not 2"):
        replace(LIBRARY, concerns=(replace(book, without=lambda book: book),))  # type: ignore[arg-type,misc]


def test_a_decision_says_what_becomes_of_each_subject() -> None:
    member, book = Member(id="m", club="c"), Book(id="b")
    assert Decision(state=(member,), deletes=(book,)).becomes() == {"member/m": member, "book/b": None}
    assert NOTHING.becomes() == {}
