"""Whose word counts for what: types, routing keys, ids, and names that others chose."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from services.registration.service import service as registration_service
from shared.contracts import registration
from shared.contracts.base import Command, Contract, Event
from shared.contracts.scheduling import DayStarted
from shared.runtime import topology
from shared.runtime.asyncapi import schema
from shared.runtime.batch import COMMANDS, EVENTS
from shared.runtime.days import Today
from shared.runtime.decision import NOTHING
from shared.runtime.envelope import wrap
from shared.runtime.examples import example
from shared.runtime.ports import Outgoing
from shared.runtime.reasons import MOST_REASONS
from shared.runtime.speaker import source_of
from shared.runtime.table import Ask, Fact
from tests.support.shop import LEDGER, LIBRARY, Join, Joined, Lend, library
from tests.unit.runtime.engine_in_memory import KEY, Replica

DAY = dt.date(2031, 1, 1)


def enveloped(message: Contract, **fields: Any) -> bytes:
    return wrap(
        message, **{"id": "1", "source": "/portal", "time": dt.datetime(2027, 1, 1, tzinfo=dt.UTC)} | fields
    ).encode()


async def test_a_command_s_right_cannot_be_used_to_say_an_event() -> None:
    """The broker checks the routing key alone; the body could pretend to be anything."""
    replica = Replica(LIBRARY)
    forged = enveloped(DayStarted(date=DAY), sequence=1, epoch=9)
    replica.broker.publish(Outgoing(COMMANDS, Join.name, forged, ""), "portal")
    await replica.settle()
    assert Today(id="today", date=DAY).subject not in replica.database.records
    [kept] = replica.kept("quarantine")
    assert kept["reason"].startswith("wrong_key")


async def test_a_command_under_another_command_s_key_is_not_taken() -> None:
    replica = Replica(LIBRARY)
    replica.broker.publish(Outgoing(COMMANDS, Lend.name, enveloped(Join(club="c", member="m")), ""), "portal")
    await replica.settle()
    assert replica.types() == []
    assert replica.kept("quarantine")[0]["reason"].startswith("wrong_key")


@pytest.mark.parametrize("rest", ["/piece", "/due", "//tandem/library", "/event|library"])
async def test_nobody_can_use_up_another_s_ids(rest: str) -> None:
    replica = Replica(LIBRARY)
    replica.send(Join(club="c", member="a"), "portal", id="day.library.2027-01-12")
    for number, id in enumerate(("day.library.2027-01-12", "1")):
        body = enveloped(Join(club="c", member=f"m{number}"), source=f"/portal{rest}", id=id)
        replica.broker.publish(Outgoing(COMMANDS, Join.name, body, ""), "portal")
    body = enveloped(Join(club="c", member="m7"), source=f"/office{rest}", id="1")
    replica.broker.publish(Outgoing(COMMANDS, Join.name, body, ""), "office")
    await replica.settle()
    assert sorted(replica.types()) == ["library.command-rejected.v1", *["library.joined.v1"] * 3]
    replica.send(DayStarted(date=dt.date(2027, 1, 12)), sequence=1, epoch=1)
    await replica.settle()
    assert replica.types() == ["library.day-handled.v1", "library.audit-sealed.v1"]


def sent(replica: Replica, message: Contract, user: str | None, **fields: Any) -> None:
    """Publish an envelope as a user, whatever it says of itself."""
    exchange = COMMANDS if isinstance(message, Command) else EVENTS
    replica.broker.publish(Outgoing(exchange, message.name, enveloped(message, **fields), ""), user)


@pytest.mark.parametrize(
    ("user", "fields", "code"),
    [
        ("portal", {"source": "/office"}, "wrong_source"),
        ("portal", {"source": "/portals"}, "wrong_source"),
        ("portal", {"source": "portal"}, "wrong_source"),
        ("portal", {"source": "/tandem/library"}, "wrong_source"),
        ("portal", {"source": "/tandem/portal"}, "wrong_source"),
        (None, {"source": "/portal"}, "not_allowed"),
    ],
)
async def test_a_command_is_refused_whose_source_is_not_its_sender_s(
    user: str | None, fields: dict[str, str], code: str
) -> None:
    replica = Replica(LIBRARY)
    sent(replica, Join(club="c", member="m"), user, actor="m", **fields)
    await replica.settle()
    [said] = replica.take()
    [reason] = said["data"]["reasons"]
    assert (said["type"], reason["code"]) == ("tandem.library.command-rejected.v1", code)
    assert (reason["field"], "/portal" in reason["message"]["en"]) == (
        ("source", True) if code == "wrong_source" else ("", False)
    )
    assert not replica.database.records.get("member/m")


@pytest.mark.parametrize("source", ["/portal", "/portal/intranet", "/portal/intranet/3"])
async def test_a_sender_with_several_parts_names_them_behind_its_own_source(source: str) -> None:
    replica = Replica(LIBRARY)
    sent(replica, Join(club="c", member="m"), "portal", actor="m", source=source)
    await replica.settle()
    assert replica.types() == ["library.joined.v1"]


class Audit(Command, name="library.audit.v1", senders=("person", "delegate", "office", "ops", "service", "hr")):
    """Something that everybody may ask for."""

    club: str


@pytest.mark.parametrize("user", ["portal", "delegates", "office", "ops", "matching", "hr"])
async def test_only_who_speaks_for_people_names_an_actor(user: str) -> None:
    row = Ask(Audit, lambda message, get: None, lambda message, state, context: NOTHING)
    replica = Replica(replace(LIBRARY, rows=(*LIBRARY.rows, row)))
    source = source_of(user, topology.roles()[user])
    sent(replica, Audit(club="c"), user, id="1", source=source)
    sent(replica, Audit(club="c"), user, id="2", source=source, actor="somebody")
    await replica.settle()
    refused = [said["data"]["command_id"] for said in replica.take()]
    assert refused == (["2"] if user in ("matching", "hr") else [])


@pytest.mark.parametrize(
    ("user", "fields", "reason"),
    [
        ("hr", {}, "not_the_owner: only the user library says library.joined.v1"),
        ("ledger", {"source": "/tandem/ledger"}, "not_the_owner"),
        (None, {}, "not_the_owner"),
        (
            "library",
            {"source": "/tandem/ledger"},
            "wrong_source: the source of an event from library is /tandem/library",
        ),
        ("library", {"source": "/library"}, "wrong_source"),
        ("library", {"actor": "m"}, "wrong_actor"),
    ],
)
async def test_an_event_that_is_not_its_owner_s_own_word_lies_in_quarantine(
    user: str | None, fields: dict[str, str], reason: str
) -> None:
    replica = Replica(LEDGER)
    sent(replica, Joined(member="m", club="c"), user, **{"source": "/tandem/library", "sequence": 1, **fields})
    await replica.settle()
    [kept] = replica.kept("quarantine")
    assert kept["reason"].startswith(reason)
    assert "known/m" not in replica.database.records
    replica.send(Joined(member="m", club="c"), sequence=1)
    await replica.settle()
    assert "known/m" in replica.database.records, "what the owner says is heard all the same"


class Moved(Event, name="hr.person-moved.v1", about="person/{person}"):
    """A fact of an outside service's own."""

    person: str


@pytest.mark.parametrize(
    ("user", "source", "fault"),
    [
        ("hr", "/hr", None),
        ("hr", "/hr/personnel", None),
        ("hr", "/tandem/hr", "wrong_source"),
        ("calendar", "/hr", "not_the_owner"),
    ],
)
async def test_a_fact_from_outside_has_its_own_system_s_source(user: str, source: str, fault: str | None) -> None:
    row = Fact(Moved, lambda message, get: None, lambda message, state, context: NOTHING)
    replica = Replica(replace(LEDGER, rows=(*LEDGER.rows, row)))
    sent(replica, Moved(person="p"), user, source=source, sequence=1)
    await replica.settle()
    assert [kept["reason"].split(":")[0] for kept in replica.kept("quarantine")] == ([fault] if fault else [])


async def test_a_type_that_somebody_invented_is_no_label_and_stands_in_no_log() -> None:
    replica = Replica(LEDGER)
    body = json.dumps(
        {"specversion": "1.0", "id": "1", "source": "/x", "type": "tandem.x.somebody-by-name.v1", "data": {}}
    ).encode()
    replica.send_raw(body, "events")
    await replica.settle()
    assert replica.seen["unknown", "quarantined"] == 1
    assert "somebody" not in json.dumps([replica.logged, [list(key) for key in replica.seen]])


async def test_a_type_as_long_as_a_book_is_no_envelope_and_its_notice_is_short() -> None:
    replica = Replica(LIBRARY)
    body = json.dumps(
        {"specversion": "1.0", "id": "1", "source": "/x", "type": f"tandem.library.{'a' * 600_000}.v1", "data": {}}
    ).encode()
    replica.send_raw(body)
    await replica.settle()
    [notice] = replica.take("library.quarantine")
    assert notice["reason"].startswith("not_an_envelope")
    assert len(json.dumps(notice)) < 2000


async def test_a_message_that_a_release_learns_to_read_is_known_to_both() -> None:
    """Quarantined as unknown before, handled as a duplicate after, and then handed back: one effect."""
    before = Replica(replace(LIBRARY, rows=tuple(row for row in LIBRARY.rows if getattr(row, "on", None) is not Join)))
    body = enveloped(Join(club="c", member="m"), id="1")
    before.broker.declare("library.commands", COMMANDS, [Join.name])
    before.broker.publish(Outgoing(COMMANDS, Join.name, body, ""), "portal")
    await before.settle()
    [notice] = before.take("library.quarantine")
    after = before.changed(LIBRARY)
    after.broker.publish(Outgoing(COMMANDS, Join.name, body, ""), "portal")
    await after.settle()
    assert after.types() == [], "it is in quarantine, and known"
    after.send(library.ReplayQuarantined(id=notice["id"]), "ops")
    await after.settle()
    assert after.types() == ["library.quarantine-replayed.v1", "library.joined.v1"]
    assert not after.database.pinned


async def test_a_field_s_name_that_somebody_invented_is_not_told_to_everybody_and_not_a_thousand_times() -> None:
    replica = Replica(LIBRARY)
    data = {"club": "c", "member": "m", "Some Body": 1, **{f"more{n}": n for n in range(20_000)}}
    body = json.dumps(
        {"specversion": "1.0", "id": "1", "source": "/portal", "type": f"tandem.{Join.name}", "data": data}
    ).encode()
    replica.send_raw(body, key=Join.name)
    await replica.settle()
    [rejected] = replica.take()
    reasons = rejected["data"]["reasons"]
    assert len(reasons) == MOST_REASONS
    assert {reason["code"] for reason in reasons} == {"extra_forbidden"}
    assert "Some Body" not in json.dumps(rejected)


MISSPELT: list[tuple[type[Command], tuple[str, ...]]] = [
    (registration.ChangeRules, ("rules", "sheduling")),
    (registration.ChangeRules, ("rules", "matching", "seniorty_distance")),
    (registration.RegisterMentor, ("profile", "departement")),
    (registration.RegisterMentor, ("profile", "strengths", "0", "weight")),
    (registration.RegisterMentor, ("profile", "working_times", "0", "begin")),
    (registration.RegisterMentor, ("consents", "newsletter")),
]


@pytest.mark.parametrize(("command", "path"), MISSPELT)
async def test_a_misspelt_field_deep_inside_a_command_is_refused_by_its_path_and_not_lost(
    command: type[Command], path: tuple[str, ...]
) -> None:
    """Else what was meant would be set back to its default, and nobody would hear of it."""
    body = example(command) | {"source": "/office"}
    body.pop("actor", None)
    inside = body["data"]
    for part in path[:-1]:
        inside = inside[int(part)] if part.isdecimal() else inside.setdefault(part, {})
    inside[path[-1]] = 1
    replica = Replica(registration_service)
    replica.broker.publish(Outgoing(COMMANDS, command.name, json.dumps(body).encode(), ""), "office")
    await replica.settle()
    [rejected] = replica.take()
    found = [(reason["field"], reason["code"]) for reason in rejected["data"]["reasons"]]
    assert (".".join(path), "extra_forbidden") in found
    assert not jsonschema.Draft202012Validator(schema(command)).is_valid(body["data"]), "the schema says so too"


async def test_a_field_deep_inside_an_event_that_a_later_release_says_is_passed_over() -> None:
    data = example(registration.ProgrammeOpened)["data"]
    known = registration.ProgrammeOpened.from_data(data)
    data["rules"]["matching"]["later"] = 1
    assert registration.ProgrammeOpened.from_data(data) == known
    assert jsonschema.Draft202012Validator(schema(registration.ProgrammeOpened)).is_valid(data)


@pytest.mark.parametrize("body", [b'{"a": "\\ud800"}', b'{"a": "\xed\xa0\x80"}'])
async def test_half_a_character_is_refused_before_it_can_break_an_answer(body: bytes) -> None:
    replica = Replica(LIBRARY)
    replica.send_raw(body)
    await replica.settle()
    assert replica.kept("quarantine")[0]["reason"].startswith("not_json")


@pytest.mark.parametrize(
    ("given", "trace"),
    [
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "0af7651916cd43dd8448eb211c80319c"),
        ("nonsense" * 20, None),
        (None, None),
    ],
)
async def test_a_trace_goes_on_through_every_message_and_a_broken_one_harms_nothing(
    given: str | None, trace: str | None
) -> None:
    replica = Replica(LIBRARY)
    message = Lend(book="b", member="m", back_by=DAY)
    replica.send(Join(club="c", member="m"), correlationid="c1")
    fields = {"traceparent": given} if trace else {}
    body = json.loads(enveloped(message, correlationid="c1", **fields))
    if given is not None:
        body["traceparent"] = given
    replica.broker.publish(Outgoing(COMMANDS, message.name, json.dumps(body).encode(), ""), "portal")
    await replica.settle()
    joined, lent = (said["traceparent"].split("-") for said in replica.take())
    assert lent[0] == "00"
    assert lent[1] == (trace or joined[1]), "without one, the correlation says what belongs together"
    assert lent[2] != joined[2]
    assert lent[2] != (given or "").split("-")[-2:][0]


async def test_what_is_kept_stays_known_however_long_it_is_kept() -> None:
    replica = Replica(LIBRARY)
    lend = Lend(book="b", member="m", back_by=DAY)
    replica.send(lend, id="1")
    await replica.settle()
    replica.database.forget()
    replica.send(lend, id="1")
    await replica.settle()
    assert len(replica.kept("waiting")) == 1
    replica.send(Join(club="c", member="m"))
    replica.send(lend, id="1")
    await replica.settle()
    assert replica.types() == ["library.joined.v1", "library.lent.v1"]
    replica.send(lend, id="1")
    await replica.settle()
    assert replica.types() == []
    assert not replica.database.pinned


async def test_a_row_that_a_release_took_away_is_a_fault_of_its_message_alone() -> None:
    replica = Replica(LEDGER)
    desk = replica.engine.desk
    gone = [
        desk.from_due("gone/1", DAY),
        desk.from_piece("Gone", {}, id="j.0.0"),
        desk.from_piece("Whole", {}, id="j.0.1"),
    ]
    await replica.engine.handle(gone)
    replica.send(Joined(member="m", club="c"), "library", sequence=1, epoch=1)
    await replica.settle()
    reasons = sorted(kept["reason"].split(":")[0] for kept in replica.kept("quarantine"))
    assert reasons == ["unknown_row", "unknown_row", "wrong_shape"]
    assert "known/m" in replica.database.records
    assert KEY
