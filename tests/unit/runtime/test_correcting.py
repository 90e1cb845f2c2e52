"""A corrected copy in the place of what lies in quarantine."""

from typing import Any

import pytest

from shared.runtime.ports import Outgoing
from tests.support.shop import LEDGER, LIBRARY, Join, Joined, Lent, ledger, library
from tests.unit.runtime.engine_in_memory import Replica
from tests.unit.runtime.stuck import SECRETIVE, WHY, Confess, a_fact, a_job, a_join, actions, code_of, stuck


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


@pytest.mark.parametrize("source", [b'"source":"/portal",', b""], ids=["an envelope", "without a source"])
async def test_what_lies_under_a_wrong_key_may_be_private_and_is_not_to_be_edited(source: bytes) -> None:
    replica = Replica(SECRETIVE)
    body = b'{"specversion":"1.0","id":"1",' + source + b'"type":"tandem.library.confess.v1","data":{"member":"m"}}'
    replica.send_raw(body, key=Join.name)
    await replica.settle()
    [notice] = replica.take("library.quarantine")
    corrected = {"club": "c", "member": "m"}
    replica.send(library.EditQuarantined(id=notice["id"], corrected=corrected, why=WHY), "office")
    await replica.settle()
    assert code_of(replica) == "not_to_be_edited"
    assert ("library.confess.v1", "quarantined") not in replica.seen, "no figure of its own"


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
