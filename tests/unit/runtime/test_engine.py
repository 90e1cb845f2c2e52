"""What the engine promises of one message, on servers in memory; what it promises under faults is the simulation's."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from shared.contracts.base import Command, Event
from shared.runtime.batch import COMMANDS, Retries
from shared.runtime.decision import Decision, Outcome, Wait
from shared.runtime.engine import Limits
from shared.runtime.envelope import wrap
from shared.runtime.ports import Outgoing
from shared.runtime.table import Ask, Service
from tests.support.shop import LEDGER, LIBRARY, Join, Joined, Lend, Lent, Return, library
from tests.unit.runtime.engine_in_memory import Replica, namespace

BACK = dt.date(2027, 2, 1)


class Ask5(Command, name="library.ask5.v1", senders=("person",), private=True):
    """A question whose answer is nobody else's."""

    member: str


class Answer5(Event, name="library.answer5.v1", about="member/{member}", stateful=False, private=True):
    """The answer."""

    member: str


def with_join(decide: Any) -> Service:
    """The library with another way to join."""
    rows = tuple(
        replace(row, decide=decide) if isinstance(row, Ask) and row.on is Join else row for row in LIBRARY.rows
    )
    return replace(LIBRARY, rows=rows)


def fails_for_seven(message: Join, state: Any, context: Any) -> Outcome:
    if message.member == "m7":
        raise ValueError("nobody may read m7 here")
    [row] = [row for row in LIBRARY.rows if isinstance(row, Ask) and row.on is Join]
    return row.decide(message, state, context)


async def test_a_command_is_answered_once_however_often_it_comes() -> None:
    replica = Replica(LIBRARY)
    for _ in range(3):
        replica.send(Join(club="c", member="m"), id="1", correlationid="c1")
    await replica.settle()
    replica.send(Join(club="c", member="m"), id="1", correlationid="c1")
    await replica.settle()
    [said] = replica.take()
    assert (said["type"], said["subject"], said["sequence"]) == ("tandem.library.joined.v1", "member/m", 1)
    assert (said["correlationid"], said["causationid"], said["source"]) == ("c1", "1", "/tandem/library")
    assert replica.seen["any", "duplicate"] == 3


async def test_a_failing_handler_is_tried_again_ever_later_and_harms_no_other_message() -> None:
    replica = Replica(with_join(fails_for_seven))
    for number in range(5, 10):
        replica.send(Join(club="c", member=f"m{number}"))
    await replica.settle()
    assert replica.types() == ["library.joined.v1"] * 4
    delays = Retries().delays
    for attempt, delay in enumerate(delays, start=1):
        [kept] = replica.kept("retry")
        assert kept["attempts"] == attempt
        await replica.after(delay - 0.5)
        assert replica.kept("retry")[0]["attempts"] == attempt, "too early"
        await replica.after(1)
    assert not replica.kept("retry")
    [kept] = replica.kept("quarantine")
    assert kept["reason"].startswith("ValueError in fails_for_seven (test_engine.py:")


async def test_what_ops_see_of_a_quarantined_message_is_no_word_of_it() -> None:
    replica = Replica(with_join(fails_for_seven))
    replica.send(Join(club="c", member="m7"))
    for delay in (0, *Retries().delays):
        await replica.after(delay + 1)
    [notice] = replica.take("library.quarantine")
    assert set(notice) == {"id", "message", "type", "service", "reason", "since"}
    assert (notice["type"], notice["service"]) == ("library.join.v1", "library")
    assert "m7" not in json.dumps([notice, replica.logged])


async def test_what_a_release_mends_is_handed_back_with_its_sender_and_handled_once() -> None:
    replica = Replica(with_join(fails_for_seven))
    replica.send(Join(club="c", member="m7"), id="seven")
    for delay in (0, *Retries().delays):
        await replica.after(delay + 1)
    [notice] = replica.take("library.quarantine")
    mended = replica.changed(LIBRARY)
    mended.send(library.ReplayQuarantined(id=notice["id"]), "ops")
    await mended.settle()
    said = mended.take()
    assert [event["type"] for event in said] == ["tandem.library.quarantine-replayed.v1", "tandem.library.joined.v1"]
    assert said[0]["data"]["count"] == 1
    assert said[1]["causationid"] == "seven"
    assert not mended.kept("quarantine")
    assert mended.take("library.quarantine") == []
    mended.send(library.ReplayQuarantined(id="*"), "ops")
    await mended.settle()
    assert [event["data"].get("count") for event in mended.take()] == [0]


async def test_only_ops_hand_back() -> None:
    replica = Replica(LIBRARY)
    replica.send(library.ReplayQuarantined(id="*"), "portal")
    await replica.settle()
    [said] = replica.take()
    assert said["data"]["reasons"][0]["code"] == "not_allowed"


@pytest.mark.parametrize("user", ["office", "library", "mail", None])
async def test_a_command_is_refused_for_whom_it_does_not_name(user: str | None) -> None:
    replica = Replica(LIBRARY)
    message = Join(club="c", member="m")
    envelope = wrap(message, id="1", source=f"/{user}", time=replica.clock.now())
    replica.broker.publish(Outgoing(COMMANDS, message.name, envelope.encode(), "1"), user)
    await replica.settle()
    assert replica.types() == ["library.command-rejected.v1"]
    assert not [r for r in replica.database.records.values() if r.kind == "member"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"not JSON", "not_json"),
        (b"{}", "not_an_envelope"),
        (b'{"specversion":"1.0","id":"1","source":"/x","type":"tandem.library.joinn.v1","data":{}}', "unknown_type"),
    ],
)
async def test_what_can_never_be_decided_lies_in_quarantine_at_once(body: bytes, reason: str) -> None:
    replica = Replica(LIBRARY)
    replica.send_raw(body)
    replica.send_raw(body)
    replica.send(Join(club="c", member="m"))
    await replica.settle()
    [kept] = replica.kept("quarantine")
    assert kept["reason"].startswith(reason)
    assert replica.types() == ["library.joined.v1"]


async def test_a_fact_of_the_wrong_shape_or_without_a_sequence_lies_in_quarantine() -> None:
    replica = Replica(LEDGER)
    replica.send(Joined(member="m", club="c"), "library")
    wrong = json.dumps(
        {
            "specversion": "1.0",
            "id": "2",
            "source": "/tandem/library",
            "type": "tandem.library.joined.v1",
            "sequence": 1,
            "data": {"member": 5},
        }
    ).encode()
    replica.send_raw(wrong, "events", "library.joined.v1")
    await replica.settle()
    reasons = sorted(kept["reason"] for kept in replica.kept("quarantine"))
    assert reasons[0].startswith("no_sequence")
    assert reasons[1] == "wrong_shape: data does not fit library.joined.v1 (member: string_type; club: missing)"


async def test_a_refusal_comes_also_to_who_chose_the_longest_id() -> None:
    replica = Replica(LIBRARY)
    id = replica.send(Join(club="c", member="m"), "office", id="x" * 256)
    await replica.settle()
    [refused] = replica.take()
    assert refused["type"].endswith(".command-rejected.v1")
    assert (refused["correlationid"], len(refused["subject"])) == (id, len("command/") + 64)


async def test_a_command_of_the_wrong_shape_is_refused_field_by_field_in_both_languages() -> None:
    replica = Replica(LIBRARY)
    body = json.dumps(
        {
            "specversion": "1.0",
            "id": "2",
            "source": "/portal",
            "type": "tandem.library.join.v1",
            "data": {"member": 5, "more": 1},
        }
    ).encode()
    replica.send_raw(body, "commands", "library.join.v1")
    await replica.settle()
    [said] = replica.take()
    reasons = {r["field"]: r for r in said["data"]["reasons"]}
    assert {field: r["code"] for field, r in reasons.items()} == {
        "club": "missing",
        "member": "string_type",
        "more": "extra_forbidden",
    }
    assert all(r["message"]["de"] != r["message"]["en"] for r in reasons.values())


async def test_what_a_row_does_not_declare_is_never_said() -> None:
    def talkative(message: Join, state: Any, context: Any) -> Outcome:
        return Decision(messages=(Lent(book="b", holder="m", lent=1),))

    replica = Replica(with_join(talkative))
    replica.send(Join(club="c", member="m"))
    await replica.settle()
    assert replica.types() == []
    [kept] = replica.kept("retry")
    assert kept["reason"].endswith("the row does not declare Lent; add it to says=")


async def test_an_event_about_what_is_not_written_is_never_said() -> None:
    def careless(message: Join, state: Any, context: Any) -> Outcome:
        return Decision(messages=(Joined(member=message.member, club="c"),))

    replica = Replica(with_join(careless))
    replica.send(Join(club="c", member="m"))
    await replica.settle()
    assert replica.types() == []
    assert "which the decision does not write" in replica.kept("retry")[0]["reason"]


async def test_what_came_before_its_cause_waits_and_follows_it() -> None:
    replica = Replica(LIBRARY)
    replica.send(Lend(book="b", member="m", back_by=BACK))
    await replica.settle()
    assert len(replica.kept("waiting")) == 1
    assert replica.types() == []
    await replica.after(100_000)
    assert len(replica.kept("waiting")) == 1, "waiting is not failing"
    replica.send(Join(club="c", member="m"))
    await replica.settle()
    assert replica.types() == ["library.joined.v1", "library.lent.v1"]
    assert not replica.kept("waiting")


async def test_who_waits_again_for_what_has_come_is_not_asked_over_and_over() -> None:
    asked: list[str] = []

    def never_content(message: Lend, state: Any, context: Any) -> Outcome | Wait:
        asked.append(message.book)
        return Wait(f"member/{message.member}")

    rows = tuple(
        replace(row, decide=never_content) if isinstance(row, Ask) and row.on is Lend else row for row in LIBRARY.rows
    )
    replica = Replica(replace(LIBRARY, rows=rows), Limits(batch=4))
    for number in range(10):
        replica.send(Lend(book=f"b{number}", member="m", back_by=BACK))
    await replica.settle()
    replica.send(Join(club="c", member="m"))
    await replica.settle()
    assert sorted(asked) == sorted(f"b{number}" for number in range(10) for _ in range(2))
    assert len(replica.kept("waiting")) == 10


async def test_messages_of_one_batch_see_each_other_and_each_aggregate_is_written_once() -> None:
    replica = Replica(LIBRARY)
    replica.send(Join(club="c", member="m"))
    for _ in range(3):
        replica.send(Lend(book="b", member="m", back_by=BACK))
        replica.send(Return(book="b", member="m"))
    await replica.engine.intake()
    [change] = replica.database.history
    assert [record.subject for record in change.writes].count("book/b") == 1
    await replica.settle()
    assert [e["sequence"] for e in replica.take() if e["subject"] == "book/b"] == [1, 2, 3, 4, 5, 6]


async def test_what_nobody_else_may_learn_is_answered_on_the_senders_own_queue_only() -> None:
    def answer(message: Ask5, state: None, context: Any) -> Outcome:
        return Decision(messages=(Answer5(member=message.member),))

    more = namespace("library", library, Ask5=Ask5, Answer5=Answer5)
    row = Ask(Ask5, lambda message, get: None, answer, says=(Answer5,))
    replica = Replica(replace(LIBRARY, contracts=more, rows=(*LIBRARY.rows, row)))
    replica.send(Ask5(member="m"), reply_to="portal.replies", id="my own id")
    replica.send(Ask5(member="m"), reply_to="office.replies")
    replica.send(Ask5(member="m"))
    await replica.settle()
    assert replica.types() == []
    assert replica.types("portal.replies") == ["library.answer5.v1"]
    assert replica.types("office.replies") == []
    assert not [key for key in replica.database.inbox if "my own id" in key]


async def test_intake_pauses_while_the_outbox_is_too_long() -> None:
    replica = Replica(LIBRARY, Limits(batch=2, backlog=4))
    for number in range(8):
        replica.send(Join(club="c", member=f"m{number}"))
    for _ in range(6):
        await replica.engine.intake()
    assert len(replica.broker.queues["library.commands"]) == 4
    await replica.settle()
    assert len(replica.types()) == 8


async def test_a_message_too_large_for_the_broker_is_never_said_and_named() -> None:
    def verbose(message: Join, state: Any, context: Any) -> Outcome:
        [row] = [row for row in LIBRARY.rows if isinstance(row, Ask) and row.on is Join]
        outcome = row.decide(message, state, context)
        assert isinstance(outcome, Decision)
        return replace(outcome, messages=(Joined(member=message.member, club="c" * 1_100_000),))

    replica = Replica(with_join(verbose))
    replica.send(Join(club="c", member="m"))
    await replica.settle()
    assert "the broker takes 1048576" in replica.kept("retry")[0]["reason"]
