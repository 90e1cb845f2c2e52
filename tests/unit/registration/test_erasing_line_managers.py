"""Who is erased goes from what others named them by: as a superior, and as the line manager who is asked by mail."""

import datetime as dt
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from services.registration.concerns import named_by_key
from services.registration.model.release import address_id
from services.registration.service import service
from shared.contracts import matching
from shared.contracts import registration as r
from shared.contracts.base import Command
from shared.contracts.parts import RegistrationRules, Rules
from shared.runtime.engine import Limits
from shared.runtime.ids import keyed_id
from shared.runtime.table import Ask
from tests.support.erased import left_in
from tests.support.left import left_of
from tests.support.reference import KEY, By, Scenario, given, said
from tests.unit.registration.test_erasing_people import asks, confirmed, id_of
from tests.unit.registration.test_registration import MENTOR, TODAY, mentee, mentor, opening, topic
from tests.unit.runtime.engine_in_memory import KEY as HOUSE_KEY
from tests.unit.runtime.engine_in_memory import Replica
from tests.unit.runtime.stuck import fails
from tests.unit.test_erased_everywhere import DAY, FIRST, House

LEADER = keyed_id(KEY, "participant", "pilot", "head-1")
ASKS = Rules(registration=RegistrationRules(release_by_manager=True, release_days=5))
MAIL = "head.one@example.org"
ELSEWHERE = keyed_id(HOUSE_KEY, "participant", "second", "P-1")
HEAD = keyed_id(HOUSE_KEY, "participant", "pilot", "head-1")


def keyed(*parts: object) -> str:
    return keyed_id(KEY, *parts)


def leader(**changes: Any) -> r.RegisterMentee:
    return mentee("head-1", **{"mail": MAIL, "releaser_mail": "head.two@example.org"} | changes)


async def a_house() -> House:
    """A leader takes part in one programme; in another somebody names them as the line manager who is asked."""
    house = House()
    await house.day(FIRST)
    for command in (topic(), opening(rules=ASKS), opening(programme_id="second", rules=ASKS)):
        house.send(command, "office")
    house.send(leader(), "portal")
    house.send(mentor(programme_id="second", releaser_mail="Head.One@Example.org"), "portal")
    house.send(mentee("P-3", programme_id="second", releaser_mail="head.two@example.org"), "portal")
    await house.settle()
    return house


def open_releases(house: House) -> dict[str, Any]:
    found = house.replicas["registration"].aggregates()
    return {s.partition("/")[2]: a for s, a in found.items() if s.startswith("release/") and a["status"] == "asked"}


async def test_the_address_of_who_is_erased_goes_from_what_others_asked_however_it_was_written() -> None:
    house = await a_house()
    assert house.left([MAIL, "Head.One@Example.org"])
    house.said.clear()
    house.send(r.ErasePerson(participant_id=HEAD), "portal", HEAD)
    for number in range(1, 5):
        await house.day(FIRST + number * DAY)
    assert house.types().count(r.PersonErased.name) == 1
    assert house.left([HEAD, MAIL, "Head.One@Example.org", address_id(MAIL, partial(keyed_id, HOUSE_KEY))]) == {}
    told = [event["data"] for event in house.said if event["type"].endswith(r.OfficeAttentionNeeded.name)]
    assert [(t["what"], t["whom"]) for t in told] == [("release-unasked", [f"participant/{ELSEWHERE}"])]
    letters = [event["data"] for event in house.said if event["type"].endswith(r.PersonAddressed.name)]
    assert [t["topic"] for t in letters if t["to"] == ELSEWHERE] == ["release-unasked"]
    mails = [e["data"]["releaser_mail"] for e in house.said if e["type"].endswith(r.ReleaseAsked.name)]
    assert mails == [None], "who writes to the line manager hears that there is none"
    left = open_releases(house)
    assert left[ELSEWHERE]["releaser_mail"] is None
    assert [a["releaser_mail"] for id, a in left.items() if id != ELSEWHERE] == ["head.two@example.org"]
    people = house.replicas["registration"].aggregates()
    assert people[f"participant/{ELSEWHERE}"]["status"] == "registered"
    house.send(r.GrantRelease(participant_id=ELSEWHERE), "office")
    await house.settle()
    assert house.types()[-1] == r.OfficeAttentionNeeded.name
    assert house.said[-1]["data"]["status"] == "settled"


async def test_every_address_that_somebody_has_in_any_programme_goes_and_changes_no_more_once_it_is_asked_for() -> None:
    house = await a_house()
    house.send(leader(programme_id="second", mail="head@second.example.org"), "portal")
    house.send(mentor("P-4", programme_id="second", releaser_mail="head@second.example.org"), "portal")
    await house.settle()
    house.send(r.ErasePerson(participant_id=HEAD), "portal", HEAD)
    await house.settle()
    house.said.clear()
    house.send(r.ChangeContact(participant_id=HEAD, display_name="Head", mail="new@example.org"), "office")
    await house.settle()
    [refused] = [event["data"] for event in house.said if event["type"].endswith(r.CommandRejected.name)]
    assert [reason["code"] for reason in refused["reasons"]] == ["withdrawn"]
    for number in range(1, 5):
        await house.day(FIRST + number * DAY)
    assert house.types().count(r.PersonErased.name) == 1
    assert house.left(["head@second.example.org", MAIL, "Head.One@Example.org"]) == {}


def asked() -> Scenario:
    named = mentor(releaser_mail=MAIL)
    return given(service, topic(), opening(rules=ASKS), leader(), named, asks(LEADER), today=TODAY)


def test_the_order_names_the_address_by_a_digest_also_when_the_contact_is_gone_and_the_proof_does_not() -> None:
    scenario = asked()
    for number in (1, 2):
        order = scenario.when(TODAY + number * DAY).one(r.ErasureOrdered)
        assert order.addresses == (address_id(MAIL, keyed),)
        assert MAIL not in order.model_dump_json()
        scenario.reference.state.pop(f"contact/{LEADER}", None)
    scenario.given(*confirmed(scenario))
    assert address_id(MAIL, keyed) not in scenario.reference.state[f"erasure/{id_of(scenario)}"].model_dump_json()


def taken_out(scenario: Scenario) -> Scenario:
    found = scenario.reference.state[f"release/{MENTOR}"]
    [concerns] = [c for c in service.concerns if isinstance(found, c.aggregate)]
    left = concerns.without(found, frozenset({address_id(MAIL, keyed)}))
    assert left is not None
    assert concerns.without(found, frozenset({MENTOR})) is None
    assert concerns.people(left) == {MENTOR}
    scenario.reference.state[left.subject] = left
    return scenario


def test_when_nobody_is_left_to_be_asked_the_office_hears_of_it_once_on_the_next_day() -> None:
    scenario = taken_out(asked())
    told = scenario.when(TODAY + DAY)
    told.then_among(
        said(r.OfficeAttentionNeeded, what="release-unasked", whom=(f"participant/{MENTOR}",)),
        said(r.PersonAddressed, to=MENTOR, topic="release-unasked"),
    )
    scenario.when(TODAY + 2 * DAY).then(r.ErasureOrdered)


def test_where_the_office_looks_after_the_release_already_it_is_not_told_again() -> None:
    named = mentor(releaser_mail=MAIL)
    scenario = given(service, topic(), opening(rules=ASKS), named, TODAY + 7 * DAY, today=TODAY)
    assert left_in(scenario, "release-silent")
    taken_out(scenario).when(TODAY + 8 * DAY)
    assert [m for m in scenario.told if isinstance(m, r.OfficeAttentionNeeded) and m.what == "release-unasked"] == []


def test_a_release_that_is_decided_keeps_nothing_of_the_address() -> None:
    scenario = given(service, topic(), opening(rules=ASKS), mentor(releaser_mail=MAIL), today=TODAY)
    scenario.given(By(r.GrantRelease(participant_id=MENTOR), sender="office"))
    assert left_in(scenario, MAIL, address_id(MAIL, keyed)) == []


async def erased(stuck: Command) -> tuple[Replica, list[str]]:
    """A command of somebody else that a defect keeps in quarantine, until the leader whom it names is erased."""
    replica = Replica(service, Limits(settling=0))
    await replica.play(TODAY, topic(), opening(), mentee("head-1", mail=MAIL), mentor("P-8"))
    rows = (replace(each, decide=fails) if isinstance(each, Ask) else each for each in service.rows)
    broken = replica.changed(replace(service, rows=tuple(rows)))
    broken._ids = replica._ids
    broken.send(stuck, "portal", correlationid="c", actor=keyed_id(HOUSE_KEY, "participant", "pilot", "P-8"))
    for _ in range(8):
        await broken.after(1000)
    assert len(broken.kept("quarantine")) == 1
    mended = broken.changed(service)
    mended._ids, mended._heard = replica._ids, replica._heard
    said = await mended.play(asks(HEAD))
    for number in (1, 2):
        said += await mended.play(TODAY + number * DAY)
        await mended.after(5)
        said += mended.take()
    refused = [event["data"] for event in said if event["type"].endswith(r.CommandRejected.name)]
    return mended, [reason["code"] for each in refused for reason in each["reasons"]]


@pytest.mark.parametrize(
    "stuck",
    [
        mentor("P-9", superiors=("head-1",)),
        mentor("P-9", releaser_mail=MAIL.upper()),
        r.GrantRelease(participant_id=keyed_id(HOUSE_KEY, "participant", "pilot", "P-8"), superior="head-1"),
    ],
    ids=["as a superior", "by address", "as who decides"],
)
async def test_what_somebody_else_sent_and_names_the_erased_is_dropped_where_it_is_kept(stuck: Command) -> None:
    mended, refused = await erased(stuck)
    assert refused == ["erased"], "its sender hears that it is dropped"
    assert f"participant/{HEAD}" not in mended.aggregates()
    assert mended.kept("quarantine") == []
    mended.database.forget()
    mended.database.history.clear()
    assert left_of(mended.database, ["head-1", MAIL, MAIL.upper()]) == []


async def test_what_names_another_superior_stays_kept() -> None:
    mended, refused = await erased(mentor("P-9", superiors=("head-2",)))
    assert (len(mended.kept("quarantine")), refused) == (1, [])


@pytest.mark.parametrize("data", [{"superiors": "head-1"}, {"superiors": [1, None]}, {"superior": 7}])
def test_what_is_no_personnel_key_names_nobody(data: dict[str, Any]) -> None:
    assert named_by_key(data, ["pilot"], keyed) == set()


def test_a_confirmation_of_another_service_does_not_touch_the_addresses() -> None:
    scenario = asked().given(TODAY + dt.timedelta(days=1))
    scenario.when(matching.PeopleErased(erasure_id=id_of(scenario), service="matching")).then_nothing()
    assert scenario.when(TODAY + 2 * DAY).one(r.ErasureOrdered).addresses == (address_id(MAIL, keyed),)
