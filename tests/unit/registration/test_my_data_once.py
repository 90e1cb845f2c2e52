"""There is one request for own data a person, one answer a service, one who fetches it, and the audit says so."""

import base64
import datetime as dt
import json
import re
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given as of_any

from services.registration.model import Person
from services.registration.model.my_data import DataPart, DataRequest, part_id
from services.registration.my_data import FETCH_DAYS
from services.registration.service import service
from shared.contracts import evaluation, matching, scheduling
from shared.contracts import registration as r
from shared.contracts.base import Holding, PersonShown, ShowPerson
from shared.contracts.scheduling import DayStarted
from shared.runtime import showing
from shared.runtime.batch import TODAY as TODAYS
from shared.runtime.engine import Limits
from shared.runtime.ids import keyed_id
from shared.runtime.item import Item
from shared.runtime.ports import Unavailable
from shared.runtime.readers import Readers
from shared.runtime.shown import Shown
from tests.support.reference import By, Scenario, given
from tests.unit.registration.test_my_data import House, a_house_with_a_mentor, asks
from tests.unit.registration.test_registration import MENTOR, OTHER, TODAY, mentee, mentor, opening, topic
from tests.unit.runtime.audited import entries, links
from tests.unit.runtime.engine_in_memory import KEY as HOUSE_KEY
from tests.unit.runtime.engine_in_memory import Replica

DAY = dt.timedelta(days=1)
SHOWN: tuple[type[PersonShown], ...] = (
    evaluation.PersonShown,
    matching.PersonShown,
    r.PersonShown,
    scheduling.PersonShown,
)


def asking(who: str = MENTOR) -> By:
    return By(r.ShowMyData(participant_id=who), actor=who, sender="person")


def asked() -> Scenario:
    return given(service, topic(), opening(), mentor(), mentee(), today=TODAY).when(asking())


def requests(scenario: Scenario) -> list[DataRequest]:
    return [a for a in scenario.reference.state.values() if isinstance(a, DataRequest)]


def parts(scenario: Scenario) -> list[DataPart]:
    return [a for a in scenario.reference.state.values() if isinstance(a, DataPart)]


def part(scenario: Scenario, of: type[PersonShown], number: int, parts: int, *answer: int, says: str = "") -> By:
    """A part of an answer: which question it answers, and which attempt it is of."""
    [request] = requests(scenario)
    asked, attempt = (*answer, 0, 0)[:2]
    holding = Holding(kind="thing", programme_id="pilot", id="1", fields={"says": says})
    fields: dict[str, Any] = {"service": of.owner, "number": number, "parts": parts, "holdings": (holding,)}
    return By(of(request_id=request.id, asked=asked, attempt=attempt, **fields))


def answered(scenario: Scenario) -> list[By]:
    return [part(scenario, of, 0, 1, requests(scenario)[0].asked, 1) for of in SHOWN]


# One request


def test_who_asks_again_the_same_day_gets_a_new_token_for_the_same_request_and_nobody_is_asked_again() -> None:
    scenario = asked()
    first = scenario.one(r.MyDataAsked)
    for _ in range(20):
        scenario.when(asking()).then(r.MyDataAsked)
    last = scenario.one(r.MyDataAsked)
    assert (last.request_id, last.fetch_until) == (first.request_id, first.fetch_until)
    assert last.token != first.token
    scenario.given(*answered(scenario)).when(asking()).then(r.MyDataAsked)
    assert len(requests(scenario)) == 1
    assert len(parts(scenario)) == len(SHOWN), "what was collected stays"
    scenario.again().then_nothing()


def test_somebody_else_has_a_request_of_their_own() -> None:
    scenario = asked().given(asking(OTHER))
    assert len(requests(scenario)) == 2


def test_on_a_later_day_all_is_collected_anew_under_the_same_request_and_what_there_was_goes() -> None:
    scenario = asked()
    scenario.given(*answered(scenario), TODAY + DAY).when(asking())
    assert [isinstance(message, ShowPerson) for message in scenario.told] == [False, True, True, True, True]
    assert scenario.one(r.MyDataAsked).fetch_until == TODAY + (FETCH_DAYS + 1) * DAY
    [request] = requests(scenario)
    assert (parts(scenario), request.told, len(request.waits_for)) == ([], {}, 4)
    stale = [part(scenario, of, 0, 1, 0, 9) for of in SHOWN]
    scenario.when(*stale)
    assert parts(scenario) == [], "what was answered before is not taken for what is held now"
    scenario.given(*answered(scenario))
    assert requests(scenario)[0].waits_for == ()


def test_who_comes_to_another_programme_meanwhile_is_asked_for_there_too() -> None:
    scenario = asked().given(opening(programme_id="second"), mentor(programme_id="second")).when(asking())
    wanted = [message for message in scenario.told if isinstance(message, ShowPerson)]
    assert {len(message.people) for message in wanted} == {2}
    assert len(requests(scenario)) == 1


def test_when_its_week_is_over_the_next_one_is_another_request() -> None:
    scenario = asked()
    first = scenario.one(r.MyDataAsked)
    scenario.given(first.fetch_until + DAY)
    assert requests(scenario) == []
    assert scenario.when(asking()).one(r.MyDataAsked).request_id != first.request_id
    people = [a for a in scenario.reference.state.values() if isinstance(a, Person)]
    assert {person.data_request for person in people} == {None, requests(scenario)[0].id}


async def test_the_newest_token_alone_is_good_and_after_fetching_it_may_be_asked_for_again() -> None:
    house, who = await a_house_with_a_mentor()
    old, new = (await asks(house, who))["token"], (await asks(house, who))["token"]
    assert (await house.fetch(old)).status_code == 404
    guessed = f"{new.partition('.')[0]}.{keyed_id(HOUSE_KEY, 'guessed')}"
    for wrong in (guessed, new.partition(".")[0]):
        assert (await house.fetch(wrong)).status_code == 404
    assert (await house.fetch(new)).status_code == 200
    again = (await asks(house, who))["token"]
    assert "a word of mine" in (await house.fetch(again)).text
    held = house.registration.aggregates()
    assert sum(subject.startswith("data-request/") for subject in held) == 1
    assert not [subject for subject in held if subject.startswith("data-part/")]
    assert not [token for token in (old, new, again) if token.partition(".")[2] in json.dumps(held)]


async def test_two_who_ask_at_once_share_one_request() -> None:
    house, who = await a_house_with_a_mentor()
    for _ in range(30):
        house.send(r.ShowMyData(participant_id=who), "portal", reply_to="portal.replies", actor=who)
    await house.settle()
    answers = house.registration.take("portal.replies")
    assert (len(answers), len({answer["data"]["request_id"] for answer in answers})) == (30, 1)
    fetched = [(await house.fetch(answer["data"]["token"])).status_code for answer in answers]
    assert fetched.count(200) == 1


# One answer of each service


def test_parts_of_two_answers_are_never_put_together() -> None:
    scenario = asked()
    own = r.PersonShown
    scenario.given(part(scenario, own, 0, 3, 0, 2, says="old 0"), part(scenario, own, 1, 3, 0, 2, says="old 1"))
    scenario.given(TODAY + DAY)
    assert requests(scenario)[0].asked == 1
    scenario.given(part(scenario, own, 0, 2, 1, 2, says="new 0"))
    assert "registration" in requests(scenario)[0].waits_for
    assert [p.holdings[0].fields["says"] for p in parts(scenario)] == ["new 0"], "the older ones went"
    scenario.given(part(scenario, own, 2, 3, 0, 2, says="old 2"))
    assert "registration" in requests(scenario)[0].waits_for
    scenario.given(part(scenario, own, 1, 2, 1, 2, says="new 1"))
    assert "registration" not in requests(scenario)[0].waits_for
    assert sorted(str(p.holdings[0].fields["says"]) for p in parts(scenario)) == ["new 0", "new 1"]
    scenario.given(part(scenario, own, 0, 1, 2, 2, says="newer"))
    assert len(parts(scenario)) == 2, "what is told whole stays as it is"


def test_an_answer_that_is_slow_may_still_be_told_whole_after_it_was_asked_for_again() -> None:
    scenario = asked()
    scenario.given(part(scenario, r.PersonShown, 0, 2, 0, 2), TODAY + DAY, part(scenario, r.PersonShown, 1, 2, 0, 2))
    assert "registration" not in requests(scenario)[0].waits_for


ANSWERS = {(0, 1): 3, (0, 4): 2, (1, 2): 2, (2, 2): 1}
ALL = [(answer, number) for answer, many in ANSWERS.items() for number in range(many)]


@of_any(st.lists(st.sampled_from(ALL), max_size=20))
def test_however_parts_are_doubled_and_shuffled_what_is_complete_is_one_answer(
    came: list[tuple[tuple[int, int], int]],
) -> None:
    request = DataRequest(id="q", people=(), waits_for=("matching",), fetch_until=TODAY)
    kept: set[str] = set()
    for answer, number in came:
        if not request.takes("matching", answer):
            continue
        if answer > request.answers.get("matching", (0, 0)):
            kept -= set(request.parts)
        kept.add(part_id("q", "matching", answer, number))
        request = request.with_part("matching", answer, number, ANSWERS[answer])
    assert kept == set(request.parts)
    if not request.waits_for:
        answer = request.answers["matching"]
        assert request.told["matching"] == tuple(range(ANSWERS[answer]))


async def test_an_attempt_that_breaks_off_and_the_next_one_have_parts_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(showing, "PART_BYTES", 1)
    replica = Replica(service, Limits())
    await replica.play(TODAY, topic(), opening(), mentor())
    handle = replica.engine.handle
    told: list[dict[str, Any]] = []

    async def breaks_off_once(items: list[Item]) -> None:
        said = [item.stored["data"] for item in items if item.stored.get("piece") == Shown.__name__]
        if any(part["number"] == 1 for part in said) and len(told) == 1:
            told.append({})
            raise Unavailable("away")
        told.extend(said)
        await handle(items)

    monkeypatch.setattr(replica.engine, "handle", breaks_off_once)
    who = keyed_id(HOUSE_KEY, "participant", "pilot", "P-1")
    wanted = {"request_id": "q", "people": [{"programme_id": "pilot", "participant_id": who}], "asked": 3}
    replica.send(r.ShowPerson.model_validate(wanted), "registration", "registration.replies", correlationid="c")
    await replica.settle()
    await replica.after(60)
    first, broken_off, *second = told
    assert broken_off == {}
    assert (first["number"], first["parts"], first["asked"]) == (0, len(second), 3)
    assert [part["number"] for part in second] == list(range(len(second)))
    assert {(part["asked"], part["attempt"] > first["attempt"]) for part in second} == {(3, True)}


# The audit


async def test_the_audit_says_that_somebody_s_document_was_fetched_and_nothing_of_what_it_says() -> None:
    house, who = await a_house_with_a_mentor()
    token = (await asks(house, who))["token"]
    before = len(entries(house.registration))
    await house.ask("GET", f"/my-data/{token}", accept="text/html")
    assert len(entries(house.registration)) == before, "who opens the address has nothing yet"
    assert (await house.fetch(token)).status_code == 200
    assert (await house.fetch(token)).status_code == 404
    [deed] = entries(house.registration)[before:]
    assert (deed["role"], deed["what"], deed["result"], deed["on"]) == ("person", "took-my-data", "handled", [])
    written = json.dumps(links(house.registration))
    assert not [word for word in (who, token, "a word of mine", "mentor-one") if word in written]


async def test_each_fetched_document_is_a_deed_also_within_a_minute() -> None:
    house, who = await a_house_with_a_mentor()
    for _ in range(2):
        assert (await house.fetch((await asks(house, who))["token"])).status_code == 200
    assert [deed["what"] for deed in entries(house.registration)].count("took-my-data") == 2


async def test_what_the_audit_cannot_say_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    house, who = await a_house_with_a_mentor()
    token = (await asks(house, who))["token"]

    async def cannot(self: Readers, reading: object, id: str) -> None:
        raise Unavailable("the reading could not be recorded")

    monkeypatch.setattr(Readers, "record", cannot)
    answer = await house.fetch(token)
    assert (answer.status_code, "a word of mine" in answer.text) == (503, False)


# The page and its day


async def test_the_page_is_shown_within_no_other_and_loads_nothing_and_its_data_can_be_saved() -> None:
    house, who = await a_house_with_a_mentor()
    token = (await asks(house, who))["token"]
    door = await house.ask("GET", f"/my-data/{token}", accept="text/html")
    page = await house.fetch(token, accept="text/html")
    for shown, form in ((door, "'self'"), (page, "'none'")):
        assert shown.headers["content-security-policy"] == "frame-ancestors 'none'"
        assert shown.headers["x-content-type-options"] == "nosniff"
        [policy] = re.findall(r'Content-Security-Policy" content="([^"]+)"', shown.text)
        assert policy == f"default-src 'none'; style-src 'unsafe-inline'; form-action {form}; base-uri 'none'"
    [saved] = re.findall(r'<a download="tandem.json" href="data:application/json;base64,([^"]+)"', page.text)
    assert "a word of mine" in base64.b64decode(saved).decode()
    data = await house.ask("GET", "/my-data/none")
    assert (data.headers["x-content-type-options"], "content-security-policy" in data.headers) == ("nosniff", False)


async def started(house: House, day: dt.date) -> None:
    """The day has begun for registration, and nothing that was due on it is handled yet."""
    records = house.registration.database.records
    records[TODAYS] = replace(records[TODAYS], state={**(records[TODAYS].state or {}), "date": day.isoformat()})


async def a_house_with_days() -> tuple[House, str, dt.date]:
    house, who = await a_house_with_a_mentor()
    house.send(DayStarted(date=TODAY), "scheduling", sequence=1, epoch=1)
    await house.settle()
    answer = await asks(house, who)
    return house, answer["token"], dt.date.fromisoformat(answer["fetch_until"])


async def test_it_is_fetched_on_its_last_day_and_no_more_on_the_next_whatever_is_handled_of_that() -> None:
    house, token, last = await a_house_with_days()
    await started(house, last + DAY)
    page = await house.ask("GET", f"/my-data/{token}", accept="text/html")
    assert (page.status_code, "<form" in page.text) == (404, False)
    assert (await house.fetch(token)).status_code == 404
    await started(house, last)
    assert (await house.fetch(token)).status_code == 200


async def test_where_days_come_from_the_clock_its_day_counts_also_when_no_day_starts() -> None:
    house, token, last = await a_house_with_days()
    house.zone = ZoneInfo("Europe/Berlin")
    clock = house.registration.clock
    clock.at = dt.datetime.combine(last + DAY, dt.time(0, 30), ZoneInfo("Europe/Berlin"))
    assert (await house.fetch(token)).status_code == 404
    clock.at -= dt.timedelta(hours=1)
    assert (await house.fetch(token)).status_code == 200
