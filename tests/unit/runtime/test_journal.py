"""What the journal keeps of messages, and what it must not."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

from shared.contracts.base import Command, Event
from shared.contracts.scheduling import DayStarted
from shared.runtime.decision import Decision, Outcome
from shared.runtime.journal import Entry, mark, packed, unpacked
from shared.runtime.table import Ask
from tests.support.shop import LEDGER, LIBRARY, Close, Join, Lend, library
from tests.unit.runtime.engine_in_memory import Replica, namespace
from tests.unit.runtime.test_jobs import with_count

BACK = dt.date(2027, 2, 1)


class Whisper(Command, name="library.whisper.v1", senders=("person",), private=True):
    """Something that nobody else may learn."""

    member: str


class Heard(Event, name="library.heard.v1", about="member/{member}", stateful=False, private=True):
    """The answer."""

    member: str


def journal(replica: Replica) -> list[Entry]:
    return [entry for change in replica.database.history for entry in change.journal]


async def told(replica: Replica, correlation: str) -> list[tuple[str, str]]:
    return [(t.entry.type, t.entry.result) for t in await replica.engine.store.trace(correlation, 100)]


async def test_a_command_leaves_its_id_cause_time_result_and_what_it_led_to() -> None:
    replica = Replica(LIBRARY)
    replica.send(Join(club="c", member="m"), id="1", correlationid="c1", causationid="click")
    await replica.settle()
    [said] = replica.take()
    [traced] = await replica.engine.store.trace("c1", 10)
    entry = traced.entry
    assert (entry.id, entry.causation, entry.type, entry.result) == ("1", "click", "library.join.v1", "handled")
    assert entry.said == ((said["id"], "library.joined.v1"),)
    assert entry.received == replica.clock.now().isoformat()
    assert (traced.replica, traced.published) == ("library-1", True)


async def test_what_waits_and_what_fails_has_an_entry_each_time_with_the_reason() -> None:
    replica = Replica(LIBRARY)
    replica.send(Lend(book="b", member="m", back_by=BACK), id="2", correlationid="c2")
    await replica.settle()
    replica.send(Join(club="c", member="m"))
    await replica.settle()
    assert await told(replica, "c2") == [("library.lend.v1", "waiting"), ("library.lend.v1", "handled")]
    assert next(entry for entry in journal(replica) if entry.id == "2").reason == "waits for member"


async def test_a_job_stands_between_who_started_it_and_what_its_pieces_say() -> None:
    replica = Replica(LIBRARY)
    replica.send(Join(club="c", member="m"))
    replica.send(Close(club="c"), "office", id="3", correlationid="c3")
    await replica.settle()
    entries = {entry.type: entry for entry in journal(replica) if entry.correlation == "c3"}
    close, job, piece = (entries[type] for type in ("library.close.v1", "job:count", "piece:Counted"))
    assert close.said == ((job.id, "job:count"),)
    assert (job.causation, job.result, piece.causation) == ("3", "done", job.id)
    assert [type for _, type in piece.said] == ["library.closed.v1"]


async def test_the_end_of_what_the_runtime_does_by_a_job_stands_under_the_job() -> None:
    def broken(inputs: Any) -> Any:
        raise RuntimeError

    async def until_given_up(replica: Replica) -> None:
        for _ in range(10):
            await replica.after(60)

    replica = Replica(with_count(broken))
    replica.send(Close(club="c"), "office")
    await until_given_up(replica)
    [stuck] = [subject for subject in replica.database.records if subject.startswith("_job/")]
    id = stuck.partition("/")[2]
    common: Any = library
    for command, job, end in (
        (common.SayStateAgain(), "job:_say", "piece:Said"),
        (common.ReplayQuarantined(id=id, why="w"), "job:_replay", "piece:Replayed"),
        (common.DiscardQuarantined(id=id, why="w"), "job:count", "piece:GivenUp"),
    ):
        replica.send(command, "ops")
        await until_given_up(replica)
        jobs = {entry.id for entry in journal(replica) if entry.type == job}
        assert {entry.causation in jobs for entry in journal(replica) if entry.type == end} == {True}, end


async def test_what_is_private_leaves_no_entry_not_even_that_it_came() -> None:
    """Survey answers, wishes and vetoes: neither what was said nor who said it, nor when."""

    def hear(message: Whisper, state: None, context: Any) -> Outcome:
        return Decision(messages=(Heard(member=message.member),))

    more = namespace("library", library, Whisper=Whisper, Heard=Heard)
    row = Ask(Whisper, lambda message, get: None, hear, says=(Heard,))
    replica = Replica(replace(LIBRARY, contracts=more, rows=(*LIBRARY.rows, row)))
    replica.send(Whisper(member="m"), reply_to="portal.replies")
    replica.send(Whisper(member="m"), "office")
    envelope = b'{"specversion":"1.0","id":"1","source":"/x","type":"tandem.library.whisper.v1","data":{}}'
    replica.send_raw(envelope, key=Join.name)
    await replica.settle()
    assert replica.types("portal.replies") == ["library.heard.v1"]
    assert len(replica.kept("quarantine")) == 1, "by the wrong way, and still nobody's business"
    assert journal(replica) == []
    counted = {label: count for label, count in replica.seen.items() if label[0] in (Whisper.name, "private")}
    assert set(counted) <= {("private", "quarantined")}, "what went well is not counted: it would say when"


async def test_a_date_leaves_an_entry_only_if_it_said_something() -> None:
    """Who is woken by a date may be who has not answered yet."""
    replica = Replica(LIBRARY)
    replica.send(Join(club="c", member="m"))
    replica.send(Lend(book="b", member="m", back_by=dt.date(2027, 1, 12)))
    await replica.settle()
    replica.send(DayStarted(date=dt.date(2027, 1, 12)), "scheduling", sequence=1, epoch=1)
    await replica.settle()
    [woken] = [entry for entry in journal(replica) if entry.type == "due:book"]
    assert [type for _, type in woken.said] == ["library.reminded.v1"]
    await replica.engine.handle([replica.engine.desk.from_due("book/b", dt.date(2027, 1, 13))])
    assert [entry.type for entry in journal(replica)].count("due:book") == 1


async def test_a_command_that_this_release_does_not_know_leaves_no_entry_and_no_id_of_its_sender() -> None:
    """It may be a private one of a later release."""
    replica = Replica(LIBRARY)
    replica.broker.declare("library.commands", "tandem.commands", [Whisper.name])
    replica.send(Whisper(member="m"), id="mine", correlationid="about-me")
    await replica.settle()
    [kept] = replica.kept("quarantine")
    told = json.dumps([replica.logged, replica.take("library.quarantine"), {**kept, "stored": None}])
    assert "unknown_type" in told
    assert "mine" not in told
    assert "about-me" not in told
    assert journal(replica) == []
    assert replica.seen["private", "quarantined"] == 1, "no figure of its own"


async def test_a_type_that_a_sender_invented_is_not_repeated() -> None:
    replica = Replica(LEDGER)
    body = b'{"specversion":"1.0","id":"1","source":"/x","type":"tandem.library.mister-x.v1","data":{}}'
    replica.send_raw(body, "events")
    await replica.settle()
    [entry] = journal(replica)
    assert (entry.type, entry.result) == ("unknown", "quarantined")


def test_entries_come_back_from_a_small_document_as_they_were() -> None:
    plain = Entry("1", "library.join.v1", "a", "handled", "2027-01-11T09:00:00+00:00")
    full = replace(plain, id="2", causation="1", attempts=3, reason="KeyError", said=(("3", "x"), ("4", "y")))
    other = replace(plain, correlation="b")
    document = packed((plain, full, other))
    assert unpacked(document, "a") == [plain, full]
    assert unpacked(document, "b") == [other]
    assert document["marks"] == sorted((mark("a"), mark("b")))
    assert unpacked({**document, "of": ["c", "d"]}, "a") == [], "a mark that another id has too"
