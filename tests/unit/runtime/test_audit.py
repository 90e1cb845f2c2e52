"""What the audit says: who did what when, of what, without contents; and of what it says nothing."""

import json
from dataclasses import replace
from typing import Any

from shared.runtime.adapters.memory import MemoryDatabase
from shared.runtime.audit import Deed, entries_of
from shared.runtime.decision import NOTHING, Decision
from shared.runtime.reading import Reading, read_body
from shared.runtime.table import Ask
from tests.support.shop import LIBRARY, Close, Join, Lend, Return, library
from tests.unit.runtime.audited import DAY, day, entries, holds, joined, links, seals
from tests.unit.runtime.engine_in_memory import KEY, Replica
from tests.unit.runtime.stuck import SECRETIVE, WHY, Confess, a_fact, a_join, stuck


async def test_an_entry_says_who_did_what_when_on_what_and_how_it_ended_and_no_id_in_clear() -> None:
    replica = Replica(LIBRARY)
    replica.send(Join(club="a-club", member="anna-maier"), actor="anna-maier")
    replica.send(Close(club="a-club"), "portal", actor="somebody-else")
    await replica.settle()
    join, close = entries(replica)
    assert (join["role"], join["what"], join["result"], join["codes"]) == ("person", Join.name, "handled", [])
    assert join["time"] == replica.clock.now().isoformat()
    assert [subject.split("/")[0] for subject in join["on"]] == ["member"], "guards are the replica's own"
    assert (close["what"], close["result"], close["codes"]) == (Close.name, "refused", ["not_allowed"])
    assert join["who"] != close["who"]
    text = json.dumps([links(replica), seals(replica)])
    assert not [word for word in ("anna", "a-club", "somebody", "portal") if word in text]


async def test_who_has_the_key_finds_a_person_and_nobody_else_sees_that_two_links_speak_of_one() -> None:
    replica = Replica(LIBRARY)
    await joined(replica, "m")
    await replica.after(1)
    replica.send(Return(book="b", member="m"), actor="m")
    await replica.settle()
    first, second = links(replica)
    [[one], [two]] = first["entries"], second["entries"]
    assert one["who"] != two["who"]
    for link, entry in ((first, one), (second, two)):
        [again] = entries_of([_deed("m")], KEY, link["chain"], link["at"])
        assert again["who"] == entry["who"]


def _deed(who: str) -> Any:
    return Deed("", "person", who, "", (), "handled")


async def test_a_refusal_that_wrote_nothing_names_what_it_was_about_and_its_codes() -> None:
    replica = Replica(LIBRARY)
    await joined(replica, "m")
    replica.send(Return(book="b", member="m"), actor="m")
    await replica.settle()
    entry = entries(replica)[-1]
    assert (entry["result"], entry["codes"]) == ("refused", ["not_lent"])
    assert [subject.split("/")[0] for subject in entry["on"]] == ["book", "member"]


async def test_what_waits_or_fails_is_told_each_time_that_it_is_decided() -> None:
    replica = Replica(LIBRARY)
    replica.send(Lend(book="b", member="m", back_by=DAY))
    await replica.settle()
    await joined(replica, "m")
    lends = [entry["result"] for entry in entries(replica) if entry["what"] == Lend.name]
    assert lends == ["waiting", "handled"]
    broken, id = await a_join()
    results = [entry["result"] for entry in entries(broken)]
    assert results == ["retry"] * 5 + ["quarantined"]
    broken.send(library.DiscardQuarantined(id=id, why=WHY), "ops", actor="ops-7")
    await broken.settle()
    told = [(entry["role"], entry["what"], entry["result"]) for entry in entries(broken)[-2:]]
    assert told == [
        ("ops", library.DiscardQuarantined.name, "handled"),
        ("person", Join.name, "discarded"),
    ]
    assert holds(broken)


async def test_first_aid_has_links_also_the_reading_of_a_body() -> None:
    replica, id = await a_join()
    before = len(entries(replica))
    await read_body(replica.engine, id, Reading(actor="office-3", why=WHY))
    right = {"club": "c", "member": "m"}
    replica.send(library.EditQuarantined(id=id, corrected=right, why=WHY), "office", actor="office-3")
    await replica.settle()
    replica.send(library.ReplayQuarantined(id="*"), "ops")
    await replica.settle()
    aid = [(entry["role"], entry["what"]) for entry in entries(replica)[before:]]
    assert aid[0] == ("office", "read-quarantined")
    assert ("office", library.EditQuarantined.name) in aid
    assert ("ops", library.ReplayQuarantined.name) in aid
    assert WHY not in json.dumps(links(replica))
    assert holds(replica)


async def test_what_is_private_leaves_no_trace_not_even_refused_failed_or_unknown() -> None:
    replica = Replica(SECRETIVE)
    await stuck(replica, Confess(member="m"), actor="m")
    replica.send(Confess(member="m"), "office", actor="m")
    [kept] = [subject for subject in replica.database.records if subject.startswith("_kept/")]
    await replica.settle()
    assert links(replica) == []
    mended = replica.changed(replace(SECRETIVE, rows=(*LIBRARY.rows, Ask(Confess, _none, _nothing))))
    mended.send(library.DiscardQuarantined(id=kept.split("/")[1], why=WHY), "ops")
    await mended.settle()
    assert [entry["role"] for entry in entries(mended)] == ["ops"]
    unknown = Replica(LIBRARY)
    unknown.send_raw(
        json.dumps(
            {"specversion": "1.0", "id": "1", "source": "/portal", "type": "tandem.library.confess.v2", "data": {}}
        ).encode()
    )
    await unknown.settle()
    assert links(unknown) == []


def _none(message: Any, get: Any) -> None:
    return None


def _nothing(message: Any, state: None, context: Any) -> Decision:
    return NOTHING


async def test_neither_services_nor_days_nor_facts_have_links() -> None:
    replica = Replica(LIBRARY)
    replica.send(library.SayStateAgain(), "ledger")
    await replica.settle()
    await day(replica, DAY)
    reader, _ = await a_fact()
    assert (links(replica), links(reader)) == ([], [])
    replica.send(library.SayStateAgain(), "ops")
    await replica.settle()
    assert [entry["role"] for entry in entries(replica)] == ["ops"]


async def test_erasing_a_person_everywhere_else_leaves_an_audit_that_holds_and_names_nobody() -> None:
    replica = Replica(LIBRARY)
    await joined(replica, "anna-maier", "m")
    await day(replica, DAY)
    database: MemoryDatabase = replica.database
    for subject in [key for key in database.records if "anna-maier" in key]:
        del database.records[subject]
    assert holds(replica).entries == 2
    assert "anna-maier" not in json.dumps([links(replica), seals(replica)])
