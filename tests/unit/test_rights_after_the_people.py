"""A programme's people have gone, and other services keep the rest for longer: who they were may see and erase it."""

import datetime as dt
from typing import Any

import pytest

from shared.contracts import registration as r
from shared.contracts.parts import RetentionRules, Term
from shared.runtime.ids import keyed_id
from tests.unit.registration.test_registration import mentor, opening
from tests.unit.runtime.engine_in_memory import KEY
from tests.unit.test_erased_everywhere import DAY, WHO, House, a_house

LAST = dt.date(2027, 7, 14)
PEOPLE, GONE = LAST + 90 * DAY, LAST + 180 * DAY
SECOND = keyed_id(KEY, "participant", "second", "M-0")
WROTE = "I tinker with radios"


async def without_people(*, again: bool = False) -> House:
    """All services have deleted the people of a programme; with `again` somebody takes part in another one by then."""
    house = await a_house(retention=RetentionRules(people_days=90, tandems_days=180, answers_days=180))
    for date in (LAST + DAY, LAST + 6 * DAY, LAST + 27 * DAY):
        await house.day(date)
    if again:
        term = Term(starts=dt.date(2027, 12, 20), ends=dt.date(2028, 5, 1))
        house.send(opening(programme_id="second", term=term, registration_closes=dt.date(2027, 12, 10)), "office")
        house.send(mentor("M-0", programme_id="second"), "portal")
    for date in (PEOPLE, PEOPLE + DAY):
        await house.day(date)
    assert f"participant/{WHO}" not in house.replicas["registration"].aggregates()
    assert set(house.left((WHO, WROTE))) == {"registration", "matching", "scheduling", "evaluation"}
    house.said.clear()
    return house


async def erased(house: House, since: dt.date) -> None:
    for days in range(1, 5):
        await house.day(since + days * DAY)


def rejected(house: House) -> list[str]:
    found = [event["data"] for event in house.said if event["type"].endswith(r.CommandRejected.name)]
    return [reason["code"] for each in found for reason in each["reasons"]]


async def asks_to_see(house: House, who: str) -> None:
    """Somebody asks, every service is asked and answers, each by a private queue."""
    house.send(r.ShowMyData(participant_id=who), "portal", who)
    for _ in range(4):
        await house.settle()


def shown(house: House) -> set[tuple[str, str, str]]:
    """What was collected of somebody: the service, the kind, and in which programme."""
    parts = [a for s, a in house.replicas["registration"].aggregates().items() if s.startswith("data-part/")]
    return {(part["service"], held["kind"], held["programme_id"] or "") for part in parts for held in part["holdings"]}


def collected(house: House) -> str:
    parts: list[Any] = [a for s, a in house.replicas["registration"].aggregates().items() if s.startswith("data-part/")]
    return str(parts)


@pytest.mark.parametrize("user", ["portal", "office"])
async def test_who_took_part_in_one_programme_is_erased_also_when_its_people_have_gone(user: str) -> None:
    house = await without_people()
    house.send(r.ErasePerson(participant_id=WHO), user, WHO if user == "portal" else None)
    await house.settle()
    assert r.ErasureRequested.name in house.types()
    await erased(house, PEOPLE + DAY)
    assert house.types().count(r.PersonErased.name) == 1
    assert house.left() == {}
    assert rejected(house) == []


async def test_nobody_else_has_them_erased_or_sees_their_data() -> None:
    house = await without_people()
    other = keyed_id(KEY, "participant", "pilot", "M-1")
    house.send(r.ErasePerson(participant_id=WHO), "portal", other)
    house.send(r.ShowMyData(participant_id=WHO), "portal", other)
    await house.settle()
    private = [reason["code"] for e in house.replicas["registration"].take("portal.replies") for reason in _reasons(e)]
    assert [*rejected(house), *private].count("not_yours") == 2
    assert r.ErasureRequested.name not in house.types()


def _reasons(event: dict[str, Any]) -> list[dict[str, Any]]:
    return list(event["data"].get("reasons", ()))


async def test_who_took_part_in_one_programme_sees_what_is_kept_for_longer() -> None:
    house = await without_people()
    await asks_to_see(house, WHO)
    assert {
        ("registration", "person", ""),
        ("registration", "took-part", "pilot"),
        ("matching", "tandem", "pilot"),
        ("scheduling", "agreement", "pilot"),
        ("evaluation", "survey", "pilot"),
    } <= shown(house)
    assert WROTE in collected(house)


async def test_who_takes_part_in_another_programme_sees_and_erases_what_is_kept_of_the_first_as_well() -> None:
    house = await without_people(again=True)
    await asks_to_see(house, SECOND)
    assert {("scheduling", "agreement", "pilot"), ("registration", "participant", "second")} <= shown(house)
    house.send(r.ErasePerson(participant_id=SECOND), "portal", SECOND)
    await erased(house, PEOPLE + DAY)
    assert house.types().count(r.PersonErased.name) == 1
    assert house.left() == {}
    assert house.left((SECOND,)) == {}


async def test_asked_as_who_they_were_the_other_programme_is_left_in_order_and_they_hear_it_there() -> None:
    house = await without_people(again=True)
    house.send(r.ErasePerson(participant_id=WHO), "portal", WHO)
    await house.settle()
    told = [event["data"] for event in house.said if event["type"].endswith(r.PersonAddressed.name)]
    assert [(each["to"], each["topic"]) for each in told] == [(SECOND, "withdrew")]
    assert "your data is being erased" in told[0]["subject_line"]["en"]
    await erased(house, PEOPLE + DAY)
    assert house.types().count(r.PersonErased.name) == 1
    assert house.left() == {}
    assert house.left((SECOND,)) == {}


async def test_when_nothing_is_kept_of_a_programme_any_more_registration_knows_nobody_of_it() -> None:
    house = await without_people(again=True)
    for days in range(3):
        await house.day(GONE + days * DAY)
    for replica in house.replicas.values():
        replica.database.forget()
        replica.database.history.clear()
    assert house.left((WHO, WROTE)) == {}
    house.send(r.ErasePerson(participant_id=WHO), "portal", WHO)
    await house.settle()
    assert rejected(house) == ["unknown_participant"]
    house.send(r.ErasePerson(participant_id=SECOND), "portal", SECOND)
    await house.settle()
    assert r.ErasureRequested.name in house.types(), "of the second one they are"


async def test_who_has_come_again_is_refused_in_the_same_way_as_before_and_registered_once() -> None:
    """That somebody took part is no registration: the person alone knows of it."""
    house = await without_people(again=True)
    house.send(mentor("M-0", programme_id="second"), "portal")
    house.send(mentor("M-1", programme_id="second"), "portal")
    await house.settle()
    assert rejected(house) == ["already_registered"]
    [came] = [event["data"] for event in house.said if event["type"].endswith(r.ParticipantRegistered.name)]
    assert came["participant_id"] == keyed_id(KEY, "participant", "second", "M-1")
    house.send(
        r.JoinAgain(programme_id="second", participant_id=WHO, privacy_notice="1", voluntary=True), "portal", WHO
    )
    await house.settle()
    assert rejected(house) == ["already_registered", "not_waiting"]
