"""First aid by several people and under any order: who may, what it has for an effect, what is recorded of it."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from shared.contracts.base import Command
from shared.contracts.scheduling import DayStarted
from shared.runtime.adapters.memory import MemoryDeliveries, MemoryStore
from shared.runtime.item import Desk
from shared.runtime.ports import Change, Conflict, Outgoing
from tests.support.shop import LIBRARY, Join, Lend, library
from tests.unit.runtime.engine_in_memory import KEY, ROLES, START, Replica
from tests.unit.runtime.stuck import WHY, a_join, actions, code_of, failing, stuck

# Who may, and who was faster


@pytest.mark.parametrize("user", ["portal", "library", "ops"])
async def test_only_who_may_read_personal_data_corrects(user: str) -> None:
    replica, id = await a_join()
    replica.send(library.EditQuarantined(id=id, corrected={"club": "c", "member": "m"}, why=WHY), user)
    await replica.settle()
    assert code_of(replica) == "not_allowed"


@pytest.mark.parametrize("actor", ["anna.maier@example.org", "Anna Maier", "anna.maier", "anna_maier7", ""])
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
