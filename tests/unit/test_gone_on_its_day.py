"""A programme ends in all four services: what was kept goes by purpose, each on its day; the published report stays."""

import datetime as dt
from typing import Any

from shared.contracts import evaluation as e
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import TYPE_PREFIX
from shared.contracts.parts import RetentionRules
from shared.runtime.ids import keyed_id
from tests.unit.runtime.engine_in_memory import KEY
from tests.unit.test_erased_everywhere import DAY, House, a_house

LAST = dt.date(2027, 7, 14)
RETENTION = RetentionRules(people_days=90, answers_days=120, tandems_days=180, archive_offer=True, offer_days=30)
PEOPLE, ANSWERS, TANDEMS = (LAST + days * DAY for days in (90, 120, 180))
KEYS = ("M-0", "M-1", "N-0", "N-1")
IDS = tuple(keyed_id(KEY, "participant", "pilot", key) for key in KEYS)
VALUES = (
    *IDS,
    *(keyed_id(KEY, "position", key) for key in KEYS),
    *("Mentor M-0", "Mentor M-1", "m-0@example.org", "m-1@example.org", "I tinker with radios", "we are punctual"),
    "a podcast",
)


async def an_ended_house() -> House:
    """The term is over, everybody was asked finally, and the report is made."""
    house = await a_house(retention=RETENTION)
    for days in (-1, 1, 2, 8, 14, 15, 16, 17, 18, 19, 20):
        await house.day(LAST + days * DAY)
    assert e.ReportPublished.name in house.types()
    return house


def left(house: House) -> dict[str, list[str]]:
    """What each service holds of anybody, beside inbox and journal, which forget by themselves within 30 days."""
    for replica in house.replicas.values():
        replica.database.forget()
        replica.database.history.clear()
    return house.left(VALUES)


def kept(house: House, service: str) -> set[str]:
    """The kinds of what a service remembers of the programme."""
    records = house.replicas[service].database.records.values()
    return {each.kind for each in records if each.state is not None and each.programme == "pilot"}


def said(house: House, kind: str) -> list[dict[str, Any]]:
    return [event["data"] for event in house.said if event["type"] == f"{TYPE_PREFIX}{kind}"]


async def test_what_was_kept_goes_by_purpose_on_its_day_and_the_published_report_stays() -> None:
    house = await an_ended_house()
    report = said(house, e.ReportPublished.name)[-1]
    assert set(left(house)) == {"registration", "matching", "scheduling", "evaluation"}
    await house.day(PEOPLE - 32 * DAY)
    [offered] = said(house, r.ArchiveOffered.name)
    assert offered["until"] == (PEOPLE - 2 * DAY).isoformat()
    await house.day(PEOPLE - DAY)
    assert said(house, r.RetentionDue.name) == []
    await house.day(PEOPLE)
    assert kept(house, "registration") <= {"programme", "guard", "archive-offer", "attention", "took-part"}
    assert not kept(house, "matching") & {"candidate", "seat", "wishes", "reserve", "proof", "proof-part"}
    assert not kept(house, "scheduling") & {"participant", "attendance", "delegate", "diary"}
    assert {"tandem", "meeting", "agreement"} <= kept(house, "scheduling"), "kept for another purpose"
    assert "answer" in kept(house, "evaluation")
    await house.day(ANSWERS)
    of_tandems = {
        "tandem",
        "tandem-topics",
        "topic-search",
        "held",
        "counted",
        "goals",
        "signs",
        "exceptional",
        "kick-off",
    }
    assert kept(house, "evaluation") <= {"programme", "report", "attention", *of_tandems}
    assert "tandem" in kept(house, "matching")
    await house.day(TANDEMS)
    assert left(house) == {}
    assert kept(house, "registration") <= {"programme", "guard", "archive-offer", "attention"}
    await house.day(TANDEMS + DAY)
    assert len(said(house, r.ProgrammeArchived.name)) == 1
    for kind in (e.RetentionCarriedOut, m.RetentionCarriedOut, r.RetentionCarriedOut, s.RetentionCarriedOut):
        assert said(house, kind.name)[-1]["purposes"] == ["people", "tandems", "answers"]
    assert left(house) == {}
    [stays] = [a for subject, a in house.replicas["evaluation"].aggregates().items() if subject == "report/pilot"]
    assert stays["said"]["answers"] == report["answers"]
    house.said.clear()
    house.send(e.RequestReport(programme_id="pilot"), "office")
    await house.settle()
    assert [reason["code"] for reason in said(house, e.CommandRejected.name)[0]["reasons"]] == ["gone"]


async def test_a_service_that_was_down_carries_it_out_on_its_return_and_only_then_the_programme_is_archived() -> None:
    house = await an_ended_house()
    house.asleep.add("matching")
    for day in (PEOPLE, ANSWERS, TANDEMS, TANDEMS + DAY):
        await house.day(day)
    assert set(left(house)) == {"matching"}
    assert r.ProgrammeArchived.name not in house.types()
    house.asleep.clear()
    await house.day(TANDEMS + 2 * DAY)
    await house.day(TANDEMS + 3 * DAY)
    assert left(house) == {}
    assert house.types().count(r.ProgrammeArchived.name) == 1


async def test_evaluation_that_was_down_since_the_end_makes_the_report_before_it_deletes_what_it_is_made_of() -> None:
    house = await a_house(retention=RETENTION)
    house.asleep.add("evaluation")
    for day in (LAST + DAY, PEOPLE, PEOPLE + 32 * DAY, TANDEMS):
        await house.day(day)
    house.asleep.clear()
    for days in range(1, 30):
        await house.day(TANDEMS + days * DAY)
    assert left(house) == {}
    [report] = said(house, e.ReportPublished.name)
    assert report["final"]
    assert house.types().count(r.ProgrammeArchived.name) == 1


async def test_a_late_event_of_a_programme_brings_nothing_back() -> None:
    house = await an_ended_house()
    scheduling = house.replicas["scheduling"]
    late = next(event for event in house.said if event["type"] == f"{TYPE_PREFIX}{r.ParticipantRegistered.name}")
    for day in (PEOPLE, ANSWERS, TANDEMS):
        await house.day(day)
    assert left(house) == {}
    formed = m.TandemFormed(
        tandem_id=keyed_id(KEY, "late"),
        programme_id="pilot",
        mentor=IDS[0],
        mentee=IDS[2],
        score=1,
        reasons=(),
        status="running",
        formed_on=LAST,
        ends_on=LAST,
    )
    held = s.MeetingHeld(
        meeting_id=keyed_id(KEY, "late meeting"),
        tandem_id=formed.tandem_id,
        programme_id="pilot",
        mentor=IDS[0],
        mentee=IDS[2],
        date=LAST,
        start=600,
        minutes=90,
        zone="Europe/Berlin",
        status="held",
        number=2,
        topics=(),
    )
    house.replicas["registration"].send(r.ParticipantChanged.model_validate(late["data"]), sequence=99, epoch=1)
    scheduling.send(formed, sequence=1, epoch=1)
    scheduling.send(held, sequence=1, epoch=1)
    await house.settle()
    assert left(house) == {}
    assert all(replica.kept("waiting") == [] for replica in house.replicas.values()), "nobody waits for what is gone"
