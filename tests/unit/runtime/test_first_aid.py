"""What people do with what lies in quarantine: each does it, refuses, and stays quiet when it is done already."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from shared.contracts.base import Command
from shared.contracts.scheduling import DayStarted
from shared.runtime.adapters.memory import MemoryDeliveries, MemoryStore
from shared.runtime.batch import Retries
from shared.runtime.item import Desk
from shared.runtime.ports import Change, Conflict, Outgoing
from shared.runtime.table import Ask, Job, Service
from tests.support.shop import LEDGER, LIBRARY, Close, Join, Joined, Lend, Lent, ledger, library
from tests.unit.runtime.engine_in_memory import KEY, ROLES, START, Replica, namespace

WHY = "defect 12"


class Confess(Command, name="library.confess.v1", senders=("person",), private=True):
    """Tell something that nobody else may read."""

    member: str


def fails(message: Any, state: Any, context: Any) -> Any:
    raise ValueError("a defect")


def failing(service: Service, *kinds: type[Command]) -> Service:
    """The same service, which fails at these commands."""
    rows = tuple(
        replace(row, decide=fails) if isinstance(row, Ask) and row.on in kinds else row for row in service.rows
    )
    return replace(service, rows=rows)


SECRETIVE = replace(
    LIBRARY,
    contracts=namespace("library", library, Confess=Confess),
    rows=(*LIBRARY.rows, Ask(Confess, lambda message, get: None, fails)),
)


async def stuck(replica: Replica, *messages: Command, **fields: Any) -> list[dict[str, Any]]:
    """Notices of messages that failed as often as they may."""
    for message in messages:
        replica.send(message, **fields)
    for delay in (0, *Retries().delays):
        await replica.after(delay + 1)
    return replica.take(f"{replica.service.name}.quarantine")


async def a_join(**fields: Any) -> tuple[Replica, str]:
    """A mended library in whose quarantine a command to join lies, and its id there."""
    replica = Replica(failing(LIBRARY, Join))
    [notice] = await stuck(replica, Join(club="wrong", member="m"), id="join", correlationid="waits", **fields)
    return replica.changed(LIBRARY), notice["id"]


async def a_fact() -> tuple[Replica, str]:
    """A ledger in whose quarantine a fact of the wrong shape lies, and its id there."""
    replica = Replica(LEDGER)
    wrong = {"specversion": "1.0", "id": "lent", "source": "/tandem/library", "type": f"tandem.{Lent.name}"}
    body = json.dumps({**wrong, "sequence": 7, "epoch": 2, "data": {"book": "b", "holder": 5, "lent": 1}})
    replica.broker.publish(Outgoing("tandem.events", Lent.name, body.encode(), "lent"), "library")
    await replica.settle()
    [notice] = replica.take("ledger.quarantine")
    return replica, notice["id"]


def actions(replica: Replica) -> list[dict[str, Any]]:
    """The record of what people did."""
    return [r.state or {} for r in replica.database.records.values() if r.kind == "_action"]


# Correct


async def test_a_corrected_copy_is_decided_with_sender_and_correlation_of_the_original() -> None:
    replica, id = await a_join(actor="p-1")
    edit = library.EditQuarantined(id=id, corrected={"club": "c", "member": "m"}, why=WHY)
    replica.send(edit, "office", actor="o-17", correlationid="mine")
    await replica.settle()
    edited, joined = replica.take()
    assert edited["type"] == "tandem.library.quarantine-edited.v1"
    assert edited["correlationid"] == "mine"
    assert edited["data"] == {
        "id": id,
        "message": "join",
        "replaced_by": joined["causationid"],
        "actor": "o-17",
    }
    assert joined["type"] == f"tandem.{Joined.name}"
    assert joined["correlationid"] == "waits"
    assert joined["data"]["club"] == "c"
    assert replica.take("library.quarantine") == [], "the notice is gone with it"
    [action] = actions(replica)
    assert (action["what"], action["actor"], action["why"]) == ("edited", "o-17", WHY)
    assert action["replaced_by"] == joined["causationid"]
    replica.send(Join(club="wrong", member="m"), id="join")
    await replica.settle()
    assert replica.take() == [], "the original is not taken again"
    assert replica.database.pinned == set(), "and forgotten after thirty days, like all that was handled"


async def test_the_same_correction_gives_the_same_copy_and_another_one_another() -> None:
    made = []
    for member in ("m", "m", "n"):
        replica, id = await a_join()
        replica.send(library.EditQuarantined(id=id, corrected={"club": "c", "member": member}, why=WHY), "office")
        await replica.settle()
        made.append(replica.take()[0]["data"]["replaced_by"])
    assert made[0] == made[1] != made[2]


async def test_a_corrected_fact_keeps_its_place_in_the_history_of_its_subject() -> None:
    replica, id = await a_fact()
    right = {"book": "b", "holder": "m", "lent": 1}
    replica.send(ledger.EditQuarantined(id=id, corrected=right, why=WHY), "office")
    await replica.settle()
    assert replica.types() == ["ledger.quarantine-edited.v1"]
    assert replica.aggregates()["line/b"]["seen"] == {"epoch": 2, "sequence": 7}


async def test_a_correction_does_not_change_what_a_fact_is_about() -> None:
    replica = Replica(LEDGER)
    replica.send(Joined(member="m", club="c"), source="/somebody-else", actor="m", sequence=1, subject="member/m")
    await replica.settle()
    [notice] = replica.take("ledger.quarantine")
    wrong_file = {"member": "n", "club": "c"}
    replica.send(ledger.EditQuarantined(id=notice["id"], corrected=wrong_file, why=WHY), "office")
    await replica.settle()
    assert code_of(replica) == "another_subject"
    assert len(replica.kept("quarantine")) == 1


async def test_what_lies_under_a_wrong_key_may_be_private_and_is_not_to_be_edited() -> None:
    replica = Replica(SECRETIVE)
    body = b'{"specversion":"1.0","id":"1","source":"/portal","type":"tandem.library.confess.v1","data":{"member":"m"}}'
    replica.send_raw(body, key=Join.name)
    await replica.settle()
    [notice] = replica.take("library.quarantine")
    corrected = {"club": "c", "member": "m"}
    replica.send(library.EditQuarantined(id=notice["id"], corrected=corrected, why=WHY), "office")
    await replica.settle()
    assert code_of(replica) == "not_to_be_edited"
    assert replica.seen["private", "quarantined"] == 1, "no figure of its own"


async def test_a_corrected_fact_has_its_sender_s_own_source_and_speaks_for_nobody() -> None:
    replica = Replica(LEDGER)
    replica.send(Joined(member="m", club="c"), source="/somebody-else", actor="m", sequence=1)
    await replica.settle()
    [kept] = replica.kept("quarantine")
    assert kept["reason"].startswith("wrong_source")
    [notice] = replica.take("ledger.quarantine")
    corrected = {"member": "m", "club": "c"}
    replica.send(ledger.EditQuarantined(id=notice["id"], corrected=corrected, why=WHY), "office")
    await replica.settle()
    assert replica.types() == ["ledger.quarantine-edited.v1"]
    assert "known/m" in replica.aggregates()


async def test_what_could_not_be_read_at_all_can_be_written_anew_for_who_sent_it() -> None:
    replica = Replica(LIBRARY)
    replica.broker.publish(Outgoing("tandem.commands", Join.name, b"\xff not JSON", "x"), "portal")
    await replica.settle()
    [notice] = replica.take("library.quarantine")
    corrected = {"club": "c", "member": "m"}
    replica.send(library.EditQuarantined(id=notice["id"], corrected=corrected, why=WHY), "office")
    await replica.settle()
    assert replica.types() == ["library.quarantine-edited.v1", Joined.name]


@pytest.mark.parametrize(
    ("corrected", "field", "code"),
    [
        ({"club": "c"}, "member", "missing"),
        ({"club": 5, "member": "m"}, "club", "string_type"),
        ({"club": "c", "member": "m", "more": 1}, "more", "extra_forbidden"),
    ],
)
async def test_a_wrong_correction_is_refused_and_nothing_is_lost(
    corrected: dict[str, Any], field: str, code: str
) -> None:
    replica, id = await a_join()
    before = replica.kept("quarantine")
    replica.send(library.EditQuarantined(id=id, corrected=corrected, why=WHY), "office")
    await replica.settle()
    [refused] = replica.take()
    [reason] = refused["data"]["reasons"]
    assert (reason["field"], reason["code"]) == (field, code)
    assert replica.kept("quarantine") == before
    assert actions(replica) == []


async def test_a_fact_without_a_place_in_its_history_can_be_said_again_by_its_owner_only() -> None:
    replica = Replica(LEDGER)
    replica.broker.publish(Outgoing("tandem.events", Lent.name, b"{}", "x"), "library")
    await replica.settle()
    [notice] = replica.take("ledger.quarantine")
    right = {"book": "b", "holder": "m", "lent": 1}
    replica.send(ledger.EditQuarantined(id=notice["id"], corrected=right, why=WHY), "office")
    await replica.settle()
    assert code_of(replica) == "no_sequence"


async def test_what_came_from_inside_and_what_is_confidential_is_not_corrected() -> None:
    replica = Replica(SECRETIVE)
    [notice] = await stuck(replica, Confess(member="m"), reply_to="portal.replies")
    replica.send(library.EditQuarantined(id=notice["id"], corrected={"member": "n"}, why=WHY), "office")
    await replica.settle()
    assert code_of(replica) == "not_to_be_edited"
    replica, id = await a_job()
    replica.send(library.EditQuarantined(id=id, corrected={}, why=WHY), "office")
    await replica.settle()
    assert code_of(replica) == "not_to_be_edited"


def code_of(replica: Replica) -> str:
    """The one reason of the one refusal that was said."""
    [refused] = replica.take()
    [reason] = refused["data"]["reasons"]
    return str(reason["code"])


# Give up


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


async def a_job() -> tuple[Replica, str]:
    """A library in whose quarantine a job lies that somebody waits for, and its id there."""

    def nothing_counts(inputs: Any) -> Any:
        raise ValueError("a defect")

    rows = tuple(
        replace(row, work=nothing_counts) if isinstance(row, Job) and row.name == "count" else row
        for row in LIBRARY.rows
    )
    replica = Replica(replace(LIBRARY, rows=rows))
    replica.send(Close(club="c"), "office", correlationid="waits")
    await replica.settle()
    for _ in range(10):
        await replica.after(60)
    [notice] = replica.take("library.quarantine")
    replica.take()
    return replica, notice["id"]


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


async def test_a_day_is_not_discarded() -> None:
    replica = Replica(LIBRARY, replace(Replica(LIBRARY).limits, job_attempts=1))
    replica.send(DayStarted(date=dt.date(2027, 1, 12)), sequence=1, epoch=1)
    await replica.engine.intake()
    [job] = [r for r in replica.database.records.values() if r.kind == "_job"]
    state = {**(job.state or {}), "attempts": 1}
    await replica.engine.commit(replica.engine.bookkeeping(writes=(replace(job, version=2, state=state),)))
    await replica.settle()
    [notice] = replica.take("library.quarantine")
    replica.send(library.DiscardQuarantined(id=notice["id"], why=WHY), "ops")
    await replica.settle()
    assert code_of(replica) == "day_not_to_be_discarded"


# Who may, and who was faster


@pytest.mark.parametrize("user", ["portal", "library", "ops"])
async def test_only_who_may_read_personal_data_corrects(user: str) -> None:
    replica, id = await a_join()
    replica.send(library.EditQuarantined(id=id, corrected={"club": "c", "member": "m"}, why=WHY), user)
    await replica.settle()
    assert code_of(replica) == "not_allowed"


@pytest.mark.parametrize("actor", ["anna.maier@example.org", "Anna Maier", ""])
async def test_a_name_is_no_word_for_who_acts(actor: str) -> None:
    replica, id = await a_join()
    body = {"id": id, "why": WHY}
    if not actor:
        replica.send(library.DiscardQuarantined(**body), "ops")
        await replica.settle()
        assert replica.take()[0]["data"]["actor"] == "ops", "the role, where nobody is named"
        return
    replica.send(library.DiscardQuarantined(**body), "ops", actor=actor)
    await replica.settle()
    assert code_of(replica) == "not_opaque"


def commands(id: str) -> dict[str, tuple[Command, str]]:
    """Everything that can be done with one message, and who does it."""
    return {
        "replay": (library.ReplayQuarantined(id=id), "ops"),
        "edit": (library.EditQuarantined(id=id, corrected={"club": "c", "member": "m"}, why=WHY), "office"),
        "discard": (library.DiscardQuarantined(id=id, why=WHY), "ops"),
    }


@pytest.mark.parametrize("second", ["replay", "edit", "discard"])
@pytest.mark.parametrize("first", ["replay", "edit", "discard"])
async def test_whatever_is_done_twice_has_one_effect(first: str, second: str) -> None:
    replica, id = await a_join()
    for name in (first, second):
        message, user = commands(id)[name]
        replica.send(message, user)
    await replica.settle()
    said = replica.take()
    types = [event["type"].split(".")[2] for event in said]
    effects = types.count("joined") + sum(
        reason["code"] == "discarded" for event in said for reason in event["data"].get("reasons", ())
    )
    assert effects == 1
    assert replica.kept("quarantine") == []


class Overtaken(MemoryStore):
    """Right before this one's first change of a quarantined message somebody else's is committed."""

    between: Any = None

    async def commit(self, change: Change) -> None:
        touches = any(r.kind == "_kept" and (r.state or {}).get("status") == "ready" for r in change.writes)
        if touches and self.between is not None:
            between, self.between = self.between, None
            await between()
            with pytest.raises(Conflict):
                self.database.check(change)
        await super().commit(change)


@pytest.mark.parametrize("slow", ["replay", "edit", "discard"])
@pytest.mark.parametrize("fast", ["replay", "edit", "discard"])
async def test_two_operators_at_the_same_moment_are_decided_once(slow: str, fast: str) -> None:
    """Both have read the message in quarantine; the slow one's change comes after the fast one's."""
    replica, id = await a_join()
    other = replica.beside()
    store = Overtaken(replica.database)

    async def the_other_acts() -> None:
        message, user = commands(id)[fast]
        other.send(message, user)
        await other.settle()

    store.between = the_other_acts
    replica.engine.store = store
    message, user = commands(id)[slow]
    replica.send(message, user)
    for _ in range(3):
        await replica.settle()
    assert store.between is None, "the race did not happen"
    said = replica.take()
    types = [event["type"].split(".")[2] for event in said]
    rejected = [reason["code"] for event in said for reason in event["data"].get("reasons", ())]
    assert types.count("joined") + rejected.count("discarded") == 1
    assert rejected.count("not_in_quarantine") == (slow != "replay")
    assert [event["data"]["count"] for event in said if "count" in event["data"]] == (
        {"replay": [1, 0] if fast == "replay" else [0]}.get(slow) or ([1] if fast == "replay" else [])
    )
    assert replica.kept("quarantine") == []


class Late(MemoryDeliveries):
    """Right before this one's first notices arrive, somebody else acts."""

    between: Any = None

    async def publish(self, messages: Sequence[Outgoing]) -> list[bool]:
        if self.between is not None and any(message.key.endswith(".quarantine") for message in messages):
            between, self.between = self.between, None
            await between()
        return await super().publish(messages)


async def test_no_notice_is_left_of_what_somebody_else_gave_up_meanwhile() -> None:
    replica = Replica(failing(LIBRARY, Join))
    first, second = await stuck(replica, Join(club="c", member="m"), Join(club="c", member="n"))
    other = replica.beside()
    broker = Late(replica.broker, "library")

    async def the_other_discards() -> None:
        other.send(library.DiscardQuarantined(id=second["id"], why=WHY), "ops")
        await other.settle()

    broker.between = the_other_discards
    replica.engine.broker = replica.engine.outbox.broker = broker
    replica.send(library.DiscardQuarantined(id=first["id"], why=WHY), "ops")
    await replica.settle()
    assert broker.between is None, "the race did not happen"
    assert replica.kept("quarantine") == []
    assert replica.take("library.quarantine") == []


async def test_what_was_handed_back_is_counted_once_though_its_notices_have_to_wait_for_the_broker() -> None:
    replica, id = await a_join()
    replica.broker.publish(Outgoing("", "library.quarantine", b"{}", "stale"))
    replica.send(library.ReplayQuarantined(id=id, why=WHY), "ops")
    await replica.engine.intake()
    broker, replica.engine.broker = replica.engine.broker, MemoryDeliveries(replica.broker, "library", connected=False)
    assert await replica.jobs.light()
    replica.engine.broker = broker
    await replica.after(10)
    assert [event["data"]["count"] for event in replica.take() if "count" in event["data"]] == [1]
    assert replica.take("library.quarantine") == []


# Hand back


async def test_filters_hand_back_what_they_name_and_the_record_says_what_was_asked() -> None:
    replica = Replica(failing(LIBRARY, Join, Lend))
    await stuck(replica, Join(club="c", member="m"), Lend(book="b", member="m", back_by=START.date()))
    mended = replica.changed(LIBRARY)
    mended.send(library.ReplayQuarantined(id="*", type=Join.name, code="ValueError", why=WHY), "ops", actor="o-17")
    mended.send(library.ReplayQuarantined(id="*", until=START - dt.timedelta(hours=1)), "ops")
    mended.send(library.ReplayQuarantined(id="*", since=START + dt.timedelta(days=1)), "ops")
    await mended.settle()
    said = mended.take()
    assert sorted(event["data"]["count"] for event in said if "count" in event["data"]) == [0, 0, 1]
    assert [kept["type"] for kept in mended.kept("quarantine")] == [Lend.name]
    [action] = [action for action in actions(mended) if action["why"]]
    assert action["wanted"] == {"type": Join.name, "code": "ValueError"}
    assert (action["target"], action["count"], action["actor"]) == ("*", 1, "o-17")


async def test_a_job_of_the_release_before_hands_back_what_it_named() -> None:
    replica, id = await a_join()
    replica.send(library.ReplayQuarantined(id=id), "ops")
    await replica.engine.intake()
    [job] = [r for r in replica.database.records.values() if r.kind == "_job"]
    older = replace(job, version=job.version + 1, state={**(job.state or {}), "ref": id})
    await replica.engine.commit(replica.engine.bookkeeping(writes=(older,)))
    await replica.settle()
    assert [event["data"].get("count") for event in replica.take()] == [1, None]


# What is recorded


async def test_who_and_why_are_forgotten_when_the_year_after_has_ended() -> None:
    replica, id = await a_join()
    replica.send(library.DiscardQuarantined(id=id, why=WHY), "ops", actor="o-17")
    await replica.settle()
    for number, date in enumerate((dt.date(2028, 12, 31), dt.date(2029, 1, 1)), start=1):
        [action] = actions(replica)
        assert (action["actor"], action["why"]) == ("o-17", WHY)
        replica.send(DayStarted(date=date), sequence=number, epoch=1)
        await replica.settle()
    [action] = actions(replica)
    assert (action["what"], action["target"], action["actor"], action["why"]) == ("discarded", id, None, None)


async def test_what_is_done_with_a_command_that_nobody_takes_is_recorded_before_it_is_done() -> None:
    replica = Replica(LIBRARY)
    noted = library.NoteUnrouted(message="x", type="library.gone.v1", what="discarded", why=WHY)
    replica.send(noted, "office", actor="o-17", correlationid="waits")
    replica.send(noted, "ops")
    await replica.settle()
    said, refused = replica.take()
    assert said["data"] == {"message": "x", "type": "library.gone.v1", "what": "discarded", "actor": "o-17"}
    assert said["correlationid"] == "waits"
    assert refused["data"]["reasons"][0]["code"] == "not_allowed"
    [action] = actions(replica)
    assert (action["what"], action["why"]) == ("unrouted-discarded", WHY)


async def test_no_event_of_first_aid_holds_a_word_of_a_body_or_a_reason() -> None:
    replica, id = await a_join()
    for message, user in commands(id).values():
        replica.send(message, user)
    await replica.settle()
    events = [event for event in replica.take() if ".quarantine-" in event["type"]]
    assert len(events) >= 2
    assert WHY not in json.dumps(events)
    assert "wrong" not in json.dumps(events)


def test_the_desk_of_a_service_takes_every_command_of_first_aid() -> None:
    names = Desk(LIBRARY, ROLES, KEY).names
    for name in ("replay-quarantined", "edit-quarantined", "discard-quarantined", "note-unrouted"):
        assert f"library.{name}.v1" in names
