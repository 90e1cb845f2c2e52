"""Titles, places, people and the kind of an absence reach no store and no log, whatever becomes of the message.

A secret is planted in good, bad, too large, waiting, failing and poisonous messages of a calendar; then everything that
the service's database, its queues and its log hold is searched for it.
"""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from services.scheduling.service import service
from shared.contracts import scheduling as s
from shared.contracts.calendar import BusyTimesPublished
from shared.runtime.decision import Context
from shared.runtime.ports import Delivery
from shared.runtime.table import Fact
from tests.unit.runtime.engine_in_memory import Replica
from tests.unit.scheduling.calendars import event, free_busy, text_of
from tests.unit.scheduling.people import FORMED, MENTOR, STRANGER, TODAY, person, programme

SECRET = "Geheim-4711"
KIND = "OOF"
NAME = BusyTimesPublished.name
EVENTS = text_of(
    f"X-WR-CALNAME:{SECRET}",
    *event(
        f"SUMMARY:{SECRET}",
        f"LOCATION:{SECRET}",
        f"ATTENDEE;CN={SECRET}:mailto:{SECRET}@example.org",
        f"X-MICROSOFT-CDO-BUSYSTATUS:{KIND}",
        "DTSTART:20270301T090000",
        "DURATION:PT1H",
        uid=SECRET,
    ),
)


def body(data: Any, **envelope: Any) -> bytes:
    fields = {
        "specversion": "1.0",
        "id": "calendar-1",
        "source": "/calendar",
        "type": f"tandem.{NAME}",
        "subject": f"calendar/{SECRET}",
        "sequence": 1,
        "data": data,
        "title": SECRET,
    }
    return json.dumps({name: value for name, value in (fields | envelope).items() if value is not None}).encode()


def data(**changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "participant_id": MENTOR,
        "programme_id": "pilot",
        "window_from": "2027-02-15",
        "window_until": "2027-07-15",
        "icalendar": EVENTS,
        "summary": SECRET,
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


INTERVAL = {"start": "2027-03-01T09:00:00+01:00", "end": "2027-03-01T10:00:00+01:00", "title": SECRET}
GOOD = {
    "a calendar": body(data()),
    "free and busy": body(data(icalendar=free_busy("20270301T090000Z/PT1H", kind=f"X-{SECRET}"))),
    "intervals": body(data(icalendar=None, intervals=[INTERVAL])),
    "too many events": body(data(icalendar=text_of(*event(f"SUMMARY:{SECRET}", "DTSTART:20270301") * 2_001))),
    "nearly too large": body(data(icalendar=EVENTS.replace("SUMMARY:", f"SUMMARY:{'x' * 1_000_000}"))),
    "no calendar": body(data(icalendar=f"{SECRET}\r\n{EVENTS}")),
    "a zone that nobody knows": body(data(icalendar=EVENTS.replace("DTSTART", f"DTSTART;TZID={SECRET}"))),
    "of nobody": body(data(participant_id=STRANGER)),
}
BAD = {
    "no sequence": body(data(), sequence=None),
    "a wrong window": body(data(window_from=SECRET)),
    "a wrong person": body(data(participant_id=SECRET)),
    "a text that is none": body(data(icalendar=[SECRET])),
    "both": body(data(intervals=[INTERVAL])),
    "a wrong interval": body(data(icalendar=None, intervals=[INTERVAL | {"start": SECRET}])),
    "no object": body(SECRET),
    "no envelope": body(data(), specversion="0.3"),
    "no JSON": f'{{"data": "{SECRET}'.encode(),
    "no UTF-8": b"\xff\xfe" + SECRET.encode(),
    "another type": body(data(), type="tandem.registration.participant-registered.v1"),
    "an unknown type": body(data(), type="tandem.calendar.titles-published.v1"),
    "another source": body(data(), source=f"/calendar/{SECRET}", actor=SECRET),
}


def everything(replica: Replica) -> str:
    """All that the database, the broker and the log hold, bodies in base64 too."""
    database = replica.database
    found = [repr(vars(database)), repr(replica.logged), repr(replica.seen)]
    for queue in replica.broker.queues.values():
        found += [message.body.decode(errors="replace") for message in queue]
    kept = [record.state or {} for record in database.records.values() if record.kind == "_kept"]
    found += [
        base64.b64decode(state["stored"]["base64"]).decode(errors="replace")
        for state in kept
        if "base64" in state.get("stored", {})
    ]
    return "\n".join(found)


async def a_replica(table: Any = service) -> Replica:
    replica = Replica(table)
    await replica.play(TODAY, programme(), person(MENTOR), FORMED)
    return replica


def failing() -> Any:
    def fails(message: Any, state: Any, context: Context) -> Any:
        raise ArithmeticError(message.icalendar)

    rows = [
        replace(row, decide=fails) if isinstance(row, Fact) and row.on is BusyTimesPublished else row
        for row in service.rows
    ]
    return replace(service, rows=tuple(rows))


async def search(replica: Replica) -> None:
    found = everything(replica)
    # Where an id of the sender's own says so, nobody can know it: the source of one case names it.
    assert SECRET not in found.replace(f"/calendar/{SECRET}", "")
    assert KIND not in found


@pytest.mark.parametrize("case", GOOD | BAD)
async def test_no_title_is_kept_of_any_message(case: str) -> None:
    replica = await a_replica()
    replica.send_raw((GOOD | BAD)[case], "events", NAME)
    await replica.settle()
    await search(replica)
    assert bool(replica.kept("quarantine")) is (case in BAD), "nothing is lost silently"
    assert bool(replica.kept("waiting")) is (case == "of nobody")


@pytest.mark.parametrize("case", GOOD)
async def test_no_title_is_kept_of_a_message_whose_handler_fails_until_it_lies_in_quarantine(case: str) -> None:
    replica = await a_replica(failing())
    replica.send_raw(GOOD[case], "events", NAME)
    await replica.settle()
    assert replica.kept("retry")
    await search(replica)
    for _ in range(8):
        await replica.after(3600)
    [held] = replica.kept("quarantine")
    await search(replica)
    # A release mends it: what is left is enough to be decided by.
    mended = replica.changed(service)
    mended.send(s.ReplayQuarantined(id="*", why="mended"), "ops", reply_to="ops.replies", actor="ops-1")
    await mended.settle()
    await search(mended)
    assert not mended.kept("quarantine")
    assert held["stored"]["body"]


async def test_a_message_that_kills_its_process_leaves_no_title() -> None:
    replica = await a_replica()
    delivery = Delivery(tag=None, intake="events", body=GOOD["a calendar"], key=NAME, user="calendar", reply_to=None)
    for _ in range(4):
        item = replica.engine.desk.from_delivery(delivery)
        item.fault = "killed_its_process: for the test"
        await replica.engine.handle([item])
    await search(replica)


async def test_what_was_kept_without_its_body_says_why_and_can_be_given_up() -> None:
    replica = await a_replica()
    replica.send_raw(BAD["a wrong window"], "events", NAME)
    await replica.settle()
    [held] = replica.kept("quarantine")
    assert held["reason"].startswith("wrong_shape: data does not fit calendar.busy-times-published.v1 (window_from")
    assert "its body was not kept" in held["reason"]
    replica.send(s.ReplayQuarantined(id="*", why="again"), "ops", reply_to="ops.replies", actor="ops-1")
    await replica.settle()
    [again] = replica.kept("quarantine")
    assert again["reason"] == held["reason"]
    id = next(r.subject for r in replica.database.records.values() if r.kind == "_kept").removeprefix("_kept/")
    replica.send(s.DiscardQuarantined(id=id, why="gone"), "ops", reply_to="ops.replies", actor="ops-1")
    await replica.settle()
    assert not replica.kept("quarantine")


async def test_what_is_good_is_known_as_before() -> None:
    replica = await a_replica()
    replica.send_raw(GOOD["a calendar"], "events", NAME)
    await replica.settle()
    assert len(replica.aggregates()[f"busy-times/{MENTOR}"]["busy"]) == 1
