"""Erasing people from a service: everything that names them goes, and what still travels is dropped on arrival."""

import asyncio
import datetime as dt
import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from shared.contracts.base import Command, Office, Participation, Text
from shared.contracts.parts import NOBODY
from shared.contracts.registration import ErasureOrdered
from shared.runtime.adapters.memory import MemoryStore
from shared.runtime.attention import Attention
from shared.runtime.batch import TODAY, Retries
from shared.runtime.decision import Context, Decision, Internal, Outcome, Start
from shared.runtime.engine import Limits
from shared.runtime.erasing import Erasure
from shared.runtime.ids import derived_id
from shared.runtime.ports import Change, Record, Snapshot
from shared.runtime.table import Again, Ask, Concerns, Job, Piece, Reader, Service
from shared.runtime.tombstones import COUNTER
from tests.support.left import left_of
from tests.support.reference import By
from tests.support.shop import (
    LEDGER,
    LIBRARY,
    Book,
    Join,
    Joined,
    Lend,
    Lent,
    Member,
    Return,
    library,
)
from tests.unit.runtime.engine_in_memory import Replica, namespace

ANNA, BEN = derived_id("participant", 1), derived_id("participant", 2)
BACK = dt.date(2027, 2, 1)
AT_ONCE = Limits(settling=0)


def order(*people: str, id: str = "e") -> ErasureOrdered:
    whom = tuple(Participation(participant_id=who, programme_id="c") for who in people or (ANNA,))
    return ErasureOrdered(erasure_id=derived_id("erasure", id), people=whom)


def library_of_two(service: Service = LIBRARY, limits: Limits = AT_ONCE) -> Replica:
    return Replica(service, limits=limits)


async def both_lend(replica: Replica) -> None:
    await replica.play(
        *(Join(club="c", member=who) for who in (ANNA, BEN)),
        *(Lend(book=f"b-{n}", member=who, back_by=BACK) for n, who in enumerate((ANNA, BEN))),
    )


async def erase(replica: Replica, *people: str, seconds: float = 2) -> list[str]:
    """Order it, and let the job search until nothing is left; the types of what was said."""
    replica.send(order(*people), "registration")
    await replica.settle()
    for _ in range(8):
        await replica.after(seconds)
    return replica.types()


async def test_everything_that_names_somebody_goes_and_what_is_left_of_others_is_said_again() -> None:
    replica = library_of_two()
    await both_lend(replica)
    assert left_of(replica.database, [ANNA])
    assert await erase(replica) == ["library.returned.v1", "library.people-erased.v1"]
    assert left_of(replica.database, [ANNA]) == []
    kept = replica.aggregates()
    assert (kept["book/b-0"]["holder"], kept["book/b-1"]["holder"]) == (None, BEN)
    assert f"member/{BEN}" in kept


async def test_the_proof_names_nobody_and_a_tombstone_leads_to_nobody() -> None:
    replica = library_of_two()
    await both_lend(replica)
    await erase(replica)
    [tombstone] = [r for r in replica.database.records.values() if r.kind == "_tombstone"]
    assert tombstone.state == {"id": tombstone.subject.partition("/")[2], "programme": None, "due": None}
    assert ANNA not in json.dumps([replica.logged, tombstone.subject])
    said = [w for c in replica.database.history for w in c.outbox if w.key == "library.people-erased.v1"]
    assert json.loads(said[0].body)["data"] == {"erasure_id": derived_id("erasure", "e"), "service": "library"}


async def test_a_service_that_declares_nothing_is_found_out_by_the_search() -> None:
    replica = library_of_two(replace(LIBRARY, concerns=()))
    await both_lend(replica)
    await erase(replica)
    assert left_of(replica.database, [ANNA]) == ["book/b-0", f"member/{ANNA}"]


async def test_an_order_that_comes_again_is_confirmed_again() -> None:
    replica = library_of_two()
    await both_lend(replica)
    await erase(replica)
    assert await erase(replica) == ["library.people-erased.v1"]
    replica.send(order(), "registration", id="twice")
    replica.send(order(), "registration", id="twice")
    await replica.after(1)
    assert replica.types() == ["library.people-erased.v1"]


async def test_an_order_for_somebody_of_whom_nothing_is_known_is_confirmed() -> None:
    replica = library_of_two()
    assert await erase(replica) == ["library.people-erased.v1"]


# What still travels


async def test_an_event_that_names_somebody_who_was_erased_is_acknowledged_and_counted() -> None:
    replica = Replica(LEDGER, limits=AT_ONCE)
    await erase(replica)
    replica.send(Joined(member=ANNA, club="c"), sequence=1)
    replica.send(Lent(book="b", holder=BEN, lent=1), sequence=1)
    await replica.settle()
    assert replica.seen["library.joined.v1", "erased"] == 1
    assert set(replica.aggregates()) == {"line/b"}
    assert left_of(replica.database, [ANNA]) == []


async def test_a_command_that_names_somebody_who_was_erased_is_refused_in_words() -> None:
    replica = library_of_two()
    await erase(replica)
    replica.send(Join(club="c", member=ANNA), correlationid="c1")
    replica.send(Join(club="c", member=BEN), actor=ANNA)
    await replica.settle()
    first, second = replica.take()
    assert first["correlationid"] == "c1"
    for said in (first, second):
        [reason] = said["data"]["reasons"]
        assert (said["type"], reason["code"]) == ("tandem.library.command-rejected.v1", "erased")
        assert reason["message"]["de"].startswith("Diese Person wurde gelöscht")
    assert replica.aggregates() == {}
    assert left_of(replica.database, [ANNA]) == []


class Whisper(Command, name="library.whisper.v1", senders=("person",), private=True):
    """Something that is nobody else's."""

    member: str


def nothing(message: Any, get: Any) -> None:
    return None


def say_nothing(message: Any, state: None, context: Context) -> Outcome:
    return Decision()


async def test_who_sent_a_private_command_hears_of_it_alone() -> None:
    whispering = replace(
        LIBRARY,
        contracts=namespace("library", library, Whisper=Whisper),
        rows=(*LIBRARY.rows, Ask(Whisper, nothing, say_nothing)),
    )
    replica = library_of_two(whispering)
    await erase(replica)
    replica.send(Whisper(member=ANNA), reply_to="portal.replies")
    await replica.settle()
    assert replica.types() == []
    [said] = replica.take("portal.replies")
    assert said["data"]["reasons"][0]["code"] == "erased"


@pytest.mark.parametrize("body", ["{who}", '{{"type":"tandem.library.join.v1","data":{{"member":"{who}"}}}}'])
async def test_what_cannot_be_read_and_names_somebody_who_was_erased_is_not_kept(body: str) -> None:
    replica = library_of_two()
    await erase(replica)
    replica.send_raw(body.format(who=ANNA).encode(), "commands", "library.join.v1")
    replica.send_raw(b"\xff" + ANNA.encode(), "commands", "library.join.v1")
    await replica.settle()
    assert not replica.kept("quarantine")
    assert left_of(replica.database, [ANNA]) == []


async def test_an_id_in_capitals_or_escaped_is_known_too() -> None:
    replica = library_of_two()
    await erase(replica)
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in ANNA)
    for number, who in enumerate((ANNA.upper(), escaped)):
        envelope = f'{{"id":"{number}","source":"/portal","type":"tandem.library.join.v1","data":{{"member":"{who}"}}}}'
        replica.send_raw(envelope.encode(), "commands", "library.join.v1")
    await replica.settle()
    assert replica.seen["library.join.v1", "erased"] == 2


async def test_what_only_stems_from_somebody_who_was_erased_is_about_others_and_decided() -> None:
    replica = library_of_two()
    await erase(replica)
    replica.send(Join(club="c", member=BEN), correlationid=f"participant/{ANNA}@2027-01-11")
    await replica.settle()
    assert f"member/{BEN}" in replica.aggregates()


async def test_a_kept_message_that_only_stems_from_them_does_not_keep_the_erasure_waiting() -> None:
    replica = library_of_two()
    replica.send(Lend(book="b", member=BEN, back_by=BACK), correlationid=f"participant/{ANNA}@2027-01-11")
    await replica.settle()
    assert await erase(replica) == ["library.people-erased.v1"]
    assert [state["status"] for state in replica.kept("waiting")] == ["waiting"]


async def test_a_date_of_somebody_who_was_erased_leaves_no_key_behind() -> None:
    replica = library_of_two()
    await erase(replica)
    await replica.engine.handle([replica.engine.desk.from_due(f"book/{ANNA}", BACK)])
    assert left_of(replica.database, [ANNA]) == []


@dataclass
class Counting(MemoryStore):
    """Counts what is asked of it."""

    asked: Counter[str] = field(default_factory=Counter)
    first: frozenset[str] = frozenset()

    async def read(self, keys: Collection[str], subjects: Collection[str]) -> Snapshot:
        self.asked["read"] += 1
        if TODAY in subjects:
            self.first = frozenset(subjects)
        return await super().read(keys, subjects)

    async def find(self, kind: str, programme: str | None, after: str, limit: int) -> list[Record]:
        self.asked[kind] += 1
        return await super().find(kind, programme, after, limit)


async def test_where_nobody_was_erased_nothing_is_read_for_it_but_a_counter_along_with_the_day() -> None:
    replica = library_of_two()
    replica.send(Join(club="other", member=ANNA))
    await replica.engine.intake()  # the chain of the audit has begun
    store = replica.engine.store = Counting(replica.database)
    replica.send(Join(club="c", member=BEN))
    await replica.engine.intake()
    assert set(store.asked) == {"read"}
    assert store.first >= {TODAY, COUNTER}
    assert not replica.engine.tombs.hashes


async def test_tombstones_are_read_again_only_when_their_counter_has_moved() -> None:
    replica = library_of_two()
    await erase(replica)
    other = replica.beside()
    store = other.engine.store = Counting(replica.database)
    for number in range(3):
        other.send(Join(club="c", member=derived_id(number)), id=f"{number}")
        await other.engine.intake()
    assert store.asked["_tombstone"] == 2, "a page, and that there is none after it"
    await erase(replica, BEN)
    other.send(Join(club="c", member=BEN), id="9")
    await other.engine.intake()
    assert store.asked["_tombstone"] == 4
    assert other.seen["library.join.v1", "erased"] == 1


# What is kept


def fails_for_anna(message: Join, state: Any, context: Context) -> Outcome:
    if message.member == ANNA:
        raise ValueError("a defect")
    [row] = [row for row in LIBRARY.rows if isinstance(row, Ask) and row.on is Join]
    return row.decide(message, state, context)


def failing() -> Service:
    rows = (replace(r, decide=fails_for_anna) if isinstance(r, Ask) and r.on is Join else r for r in LIBRARY.rows)
    return replace(LIBRARY, rows=tuple(rows))


async def test_messages_that_wait_or_are_tried_again_are_refused_and_gone() -> None:
    replica = library_of_two(failing())
    await replica.play(Lend(book="b", member=ANNA, back_by=BACK), Join(club="c", member=ANNA))
    assert {state["status"] for state in replica.kept("waiting") + replica.kept("retry")} == {"waiting", "retry"}
    said = await erase(replica, seconds=0.5)
    assert Counter(said) == {"library.command-rejected.v1": 2, "library.people-erased.v1": 1}
    assert left_of(replica.database, [ANNA]) == []


async def test_what_lies_in_quarantine_is_gone_with_its_notice() -> None:
    replica = library_of_two(failing())
    await replica.play(Join(club="c", member=ANNA))
    for delay in Retries().delays:
        await replica.after(delay + 1)
    replica.take()
    assert len(replica.kept("quarantine")) == 1
    await erase(replica)
    assert not replica.kept("quarantine")
    assert replica.take("library.quarantine") == []
    assert left_of(replica.database, [ANNA]) == []


async def test_what_the_office_was_told_of_somebody_is_settled_and_names_nobody() -> None:
    replica = library_of_two()
    for id, whom in (("one", (f"member/{ANNA}",)), ("two", (f"member/{ANNA}", f"member/{BEN}"))):
        attention = Attention(
            id=id,
            programme="c",
            what="late",
            whom=whom,
            text=Text(de="Etwas wartet.", en="Something waits."),
            by=BACK,
            due=BACK,
            office=Office(name="Office", phone="089 1", mail="office@example.org"),
        )
        record = Record(attention.subject, attention.kind, 1, 1, attention.to_store(), "c")
        replica.database.records[record.subject] = record
    said = await erase(replica)
    assert said == ["library.office-attention-needed.v1"] * 2 + ["library.people-erased.v1"]
    one, two = (replica.aggregates()[f"attention/{id}"] for id in ("one", "two"))
    assert (one["status"], one["whom"]) == ("settled", [f"member/{NOBODY}"])
    assert (two["status"], two["whom"]) == ("open", [f"member/{NOBODY}", f"member/{BEN}"])


STEPS: list[Command] = [
    *(Join(club="c", member=who) for who in (ANNA, BEN)),
    *(Lend(book="b", member=who, back_by=BACK) for who in (ANNA, BEN)),
    Return(book="b", member=ANNA),
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(STEPS), max_size=10), st.integers(0, 10), st.integers(1, 6))
async def test_whenever_the_order_comes_nothing_of_them_is_left_and_nothing_of_others_is_lost(
    steps: list[Command], at: int, batch: int
) -> None:
    replica = library_of_two(limits=Limits(settling=0, batch=batch))
    for step in steps[:at]:
        replica.send(step)
    replica.send(order(), "registration")
    for step in steps[at:]:
        replica.send(step)
    for _ in range(6):
        await replica.after(3)
    assert left_of(replica.database, [ANNA]) == []
    assert replica.types().count("library.people-erased.v1") == 1
    assert (f"member/{BEN}" in replica.aggregates()) is (STEPS[1] in steps)
    assert not replica.kept("quarantine")


# What is under way


class Part(Command, name="library.part.v1", senders=("person",)):
    """Let somebody go, in a job."""

    member: str


class Parted(Internal):
    """Somebody may go."""

    member: str


class Who(BaseModel):
    """Whom the job works for, and whether it can end."""

    member: str
    ready: bool


def parting(ready: list[bool], discardable: bool = False) -> Service:
    """A library whose job works for one person until it is ready, or fails while nobody says so."""

    async def who(ref: str, read: Reader) -> Who:
        if not ready:
            raise LookupError("a defect")
        return Who(member=ref, ready=ready[-1])

    def work(inputs: Who) -> tuple[Parted, ...] | Again:
        return (Parted(member=inputs.member),) if inputs.ready else Again((Parted(member=inputs.member),))

    def begin(message: Part, state: None, context: Context) -> Outcome:
        return Decision(jobs=(Start("part", message.member),))

    rows = (
        Ask(Part, nothing, begin, starts=("part",)),
        Job("part", who, work, hands=(Parted,), discardable=discardable),
        Piece(Parted, nothing, say_nothing),
    )
    return replace(LIBRARY, contracts=namespace("library", library, Part=Part), rows=(*LIBRARY.rows, *rows))


async def test_a_job_that_works_for_somebody_ends_first() -> None:
    ready = [False]
    replica = library_of_two(parting(ready))
    await replica.play(Part(member=ANNA))
    assert "library.people-erased.v1" not in await erase(replica)
    ready.append(True)
    for _ in range(6):
        await replica.after(30)
    assert replica.types() == ["library.people-erased.v1"]
    assert left_of(replica.database, [ANNA]) == []


@pytest.mark.parametrize("discardable", [True, False])
async def test_a_job_in_quarantine_is_given_up_only_if_a_command_starts_it_again(*, discardable: bool) -> None:
    ready: list[bool] = []
    replica = library_of_two(parting(ready, discardable))
    await replica.play(Part(member=ANNA))
    for _ in range(12):
        await replica.after(31)
    [job] = [r for r in replica.database.records.values() if (r.state or {}).get("job") == "part"]
    assert (job.state or {})["status"] == "quarantine"
    replica.take()
    said = await erase(replica, seconds=31)
    assert ("library.people-erased.v1" in said) is discardable
    assert ("library.quarantine-discarded.v1" in said) is discardable
    assert (left_of(replica.database, [ANNA]) == []) is discardable


@dataclass
class Held(MemoryStore):
    """A replica's store whose next commit of a command takes place only later."""

    until: asyncio.Event = field(default_factory=asyncio.Event)

    async def commit(self, change: Change) -> None:
        if any(key.startswith("command|") for key in change.inbox):
            await self.until.wait()
        await super().commit(change)


async def test_a_batch_that_was_read_before_the_tombstone_and_committed_after_it_is_found() -> None:
    replica = library_of_two(limits=Limits())
    slow = replica.beside()
    store = slow.engine.store = Held(replica.database)
    slow.send(Join(club="c", member=ANNA))
    late = asyncio.create_task(slow.engine.intake())
    await asyncio.sleep(0)
    replica.send(order(), "registration")
    await replica.settle()
    assert COUNTER in replica.database.records, "buried"
    await replica.after(59)
    store.until.set()
    await late
    assert f"member/{ANNA}" in replica.aggregates(), "written after the tombstone"
    assert "library.people-erased.v1" not in replica.types()
    for _ in range(4):
        await replica.after(32)
    assert "library.people-erased.v1" in replica.types()
    assert left_of(replica.database, [ANNA]) == []


async def test_who_comes_again_while_the_search_is_under_way_is_found_by_the_next_one() -> None:
    """Without a time to settle the first search would find less than all: it is not the last one."""
    replica = library_of_two()
    await both_lend(replica)
    replica.send(order(), "registration")
    await replica.engine.intake()
    await replica.jobs.light()
    assert not any(r.kind == "member" and ANNA in r.subject for r in replica.database.records.values())
    record = Record(f"member/{ANNA}", "member", 1, 1, Member(id=ANNA, programme="c", club="c").to_store(), "c")
    replica.database.records[record.subject] = record
    for _ in range(4):
        await replica.after(2)
    assert left_of(replica.database, [ANNA]) == []
    assert "library.people-erased.v1" in replica.types()


# What a release does wrong


async def test_an_aggregate_that_keeps_naming_somebody_is_never_confirmed_and_seen_by_ops() -> None:
    kept = replace(
        LIBRARY, concerns=(*LIBRARY.concerns[:1], Concerns(Book, lambda b: {b.holder} - {None}, same, everywhere=True))
    )
    replica = library_of_two(kept)
    await both_lend(replica)
    said = await erase(replica, seconds=200)
    assert "library.people-erased.v1" not in said
    [stuck] = replica.kept("quarantine")
    assert stuck["type"] == "piece:TakeOut"
    assert stuck["reason"].startswith("LookupError in take_out")
    mended = replica.changed(LIBRARY)
    mended.send(library.ReplayQuarantined(id="*"), "ops")
    for _ in range(4):
        await mended.after(60)
    assert "library.people-erased.v1" in mended.types()
    assert left_of(mended.database, [ANNA]) == []


def same(book: Book, people: frozenset[str]) -> Book:
    return book


# Small things

IDS = st.uuids().map(str)
PROGRAMMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)


@given(IDS, st.lists(st.tuples(IDS, PROGRAMMES), min_size=1, max_size=4))
def test_an_erasure_is_read_as_it_was_written(id: str, people: list[tuple[str, str]]) -> None:
    erasure = Erasure(id, tuple(people))
    assert Erasure.parse(erasure.text()) == erasure
    assert erasure.ids == {who for who, _ in people}


async def test_somebody_s_books_come_back_only_once() -> None:
    replica = library_of_two()
    await both_lend(replica)
    await erase(replica)
    [refused] = await replica.play(By(Return(book="b-0", member=BEN)))
    assert refused["data"]["reasons"][0]["code"] == "not_lent"
