"""All four services in memory on one broker: a person asks for what is held on them, and fetches it once."""

import asyncio
import base64
import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin
from zoneinfo import ZoneInfo

import httpx
import pytest
from pydantic import BaseModel, SecretStr

from services.evaluation.model import Answer, Survey
from services.registration.my_data_page import MY_DATA, MyData, ServiceHolds, page, words
from services.registration.service import service
from shared.contracts import hr, matching, scheduling
from shared.contracts import registration as r
from shared.contracts.base import Contract, Holding
from shared.local.system import ROOT
from shared.runtime import discovery
from shared.runtime.attention import Attention
from shared.runtime.engine import Limits
from shared.runtime.erasing import concerns_of
from shared.runtime.http import Http
from shared.runtime.ids import keyed_id
from shared.runtime.ports import Intake, Record
from shared.runtime.programme_keys import fingerprint_of
from shared.runtime.table import HIDDEN, all_of_it, nothing_shown
from shared.runtime.watch import Metrics
from tests.support.privacy import leaks
from tests.support.reference import By, given
from tests.unit.registration.test_registration import MENTOR, TODAY, mentor, opening, topic
from tests.unit.runtime.engine_in_memory import KEY, Replica

pytestmark = pytest.mark.filterwarnings("error")
SENT_WITH_PAGES = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "content-security-policy": "frame-ancestors 'none'",
}


class House:
    """Every service with a replica, on one broker; `send` and `settle`, and registration's HTTP side."""

    def __init__(self) -> None:
        first, *others = (s for s in discovery.load_all())
        self.replicas = {first.name: Replica(first, Limits())}
        one = self.replicas[first.name]
        for other in others:
            self.replicas[other.name] = Replica(other, Limits(), broker=one.broker)
        self.registration = self.replicas["registration"]
        self.zone: ZoneInfo | None = None

    def send(self, message: Contract, user: str, **more: Any) -> str:
        return self.registration.send(message, user, **more)

    async def settle(self) -> None:
        """Until nobody has anything to do."""
        for _ in range(20):
            waiting = sum(len(queue) for name, queue in self.registration.broker.queues.items() if _taken(name))
            for replica in self.replicas.values():
                await replica.settle()
            if not waiting:
                return
        raise AssertionError("it never settles")

    async def ask(self, method: str, path: str, **headers: str) -> httpx.Response:
        async def nobody(scope: Any, receive: Any, send: Any) -> None:
            raise AssertionError("only the lifespan goes further in")

        async def ready() -> dict[str, str]:
            return {}

        http = Http(
            engine=self.registration.engine,
            metrics=Metrics(),
            ready=ready,
            asyncapi=dict,
            inner=nobody,
            office_token=SecretStr("office"),
            zone=self.zone,
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=http), base_url="http://registration") as client:
            return await client.request(method, path, headers=headers)

    async def fetch(self, token: str, **headers: str) -> httpx.Response:
        """Press the button of the page, or do as a program does."""
        return await self.ask("POST", f"/my-data/{token}", **headers)


def _taken(queue: str) -> bool:
    service, _, kind = queue.partition(".")
    return service in discovery.service_names() and kind in get_args(Intake)


async def a_house_with_a_mentor() -> tuple[House, str]:
    house = House()
    for message in (
        topic(),
        opening(registration_closes="2030-02-05", term={"starts": "2030-03-01", "ends": "2030-07-14"}),
    ):
        house.send(message, "office")
    house.send(mentor(about_me="a word of mine", mail="mentor-one@example.org"), "portal")
    await house.settle()
    [told] = [m for m in house.registration.take() if m["type"].endswith("participant-registered.v1")]
    return house, told["data"]["participant_id"]


async def asks(house: House, who: str) -> dict[str, Any]:
    house.send(r.ShowMyData(participant_id=who), "portal", reply_to="portal.replies", actor=who)
    await house.settle()
    [answer] = house.registration.take("portal.replies")
    return dict(answer["data"])


async def test_everything_that_is_held_on_somebody_is_shown_to_them_once() -> None:
    house, who = await a_house_with_a_mentor()
    house.send(matching.NameWishes(participant_id=who, vetoes=(MENTOR,)), "portal", actor=who)
    answer = await asks(house, who)
    assert [m["type"] for m in house.registration.take() if "person-shown" in m["type"]] == []
    document = (await house.fetch(answer["token"])).json()
    found = json.dumps(document)
    assert "a word of mine" in found
    assert "mentor-one@example.org" in found
    kinds = {(s["service"], h["kind"]) for s in document["services"] for h in s["holdings"]}
    assert {("registration", "contact"), ("registration", "participant"), ("matching", "wishes")} <= kinds
    again = await house.fetch(answer["token"])
    assert again.status_code == 404
    assert not [subject for subject in house.registration.aggregates() if subject.startswith("data-part/")]


async def test_of_two_who_fetch_at_once_one_gets_it() -> None:
    house, who = await a_house_with_a_mentor()
    token = (await asks(house, who))["token"]
    both = await asyncio.gather(*(house.fetch(token) for _ in range(2)))
    assert sorted(answer.status_code for answer in both) == [200, 404]


async def test_whoever_opens_the_address_takes_nothing_and_is_shown_a_button_that_does() -> None:
    """A link preview and a mail scanner open addresses as well."""
    house, who = await a_house_with_a_mentor()
    address = f"/my-data/{(await asks(house, who))['token']}"
    languages = (("de-DE,de;q=0.9", "de", "Meine Daten jetzt abrufen"), ("en-GB", "en", "Fetch my data now"))
    for wanted, language, button in languages:
        page = await house.ask("GET", address, **{"accept": "text/html", "accept-language": wanted})
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        for part in (f'<html lang="{language}">', '<form method="post">', f">{button}</button>", "<title>", "<h1>"):
            assert part in page.text, part
        assert not re.search(r"<script|https?:|src=|href=", page.text), "it needs no network"
        assert "a word of mine" not in page.text
        assert SENT_WITH_PAGES.items() <= dict(page.headers).items()
    program = await house.ask("GET", address, accept="*/*")
    assert (program.status_code, program.headers["allow"]) == (405, "POST")
    assert "POST" in program.json()["error"]
    assert (await house.ask("HEAD", address)).status_code == 404
    fetched = await house.ask("POST", address, accept="text/html")
    assert (fetched.status_code, "a word of mine" in fetched.text) == (200, True)
    assert SENT_WITH_PAGES.items() <= dict(fetched.headers).items()


async def test_who_comes_too_late_reads_that_it_was_fetched_and_may_be_asked_for_again() -> None:
    house, who = await a_house_with_a_mentor()
    address = f"/my-data/{(await asks(house, who))['token']}"
    await house.ask("POST", address)
    for method, path in (("GET", address), ("POST", address), ("GET", "/my-data/guessed")):
        page = await house.ask(method, path, **{"accept": "text/html", "accept-language": "en"})
        assert (page.status_code, "<form" in page.text) == (404, False)
        assert "fetched already" in page.text


async def test_the_page_is_in_the_language_that_is_asked_for_and_holds_the_data() -> None:
    house, who = await a_house_with_a_mentor()
    for language, title in (("de-DE,de;q=0.9,en;q=0.5", "Ihre Daten in Tandem"), ("en", "Your data in Tandem")):
        token = (await asks(house, who))["token"]
        page = await house.fetch(token, **{"accept": "text/html", "accept-language": language})
        assert page.headers["content-type"].startswith("text/html")
        assert title in page.text
        assert "a word of mine" in page.text


async def test_while_a_service_is_down_the_document_is_not_complete_and_it_is_asked_again_by_the_day() -> None:
    house, who = await a_house_with_a_mentor()
    matching_ = house.replicas.pop("matching")
    token = None
    house.send(r.ShowMyData(participant_id=who), "portal", reply_to="portal.replies", actor=who)
    for replica in house.replicas.values():
        await replica.settle()
    [answer] = house.registration.take("portal.replies")
    token = answer["data"]["token"]
    for replica in (*house.replicas.values(), *house.replicas.values()):
        await replica.settle()
    assert (await house.fetch(token)).status_code == 202
    page = await house.ask("GET", f"/my-data/{token}", accept="text/html")
    assert (page.status_code, "<form" in page.text, "in einer Minute" in page.text) == (202, False, True)
    house.replicas["matching"] = matching_
    await house.settle()
    assert (await house.fetch(token)).status_code == 200


async def test_nothing_of_it_stands_on_the_exchange_of_events_or_in_an_id() -> None:
    house, who = await a_house_with_a_mentor()
    house.registration.take()
    answer = await asks(house, who)
    for message in house.registration.take():
        assert leaks(message["type"].removeprefix("tandem."), message, ["a word of mine", answer["token"]]) == []
    assert answer["token"] not in json.dumps(house.registration.aggregates())


def _fields(model: type[BaseModel]) -> Iterator[str]:
    """The names of a model's fields, and of what stands in them."""
    for name, field in model.model_fields.items():
        if name not in HIDDEN:
            yield name
            for part in _models(field.annotation):
                yield from _fields(part)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def test_whatever_a_service_shows_has_words_in_both_languages() -> None:
    lacking = set()
    for shown in discovery.load_all():
        for concerns in concerns_of(shown):
            if concerns.shows is nothing_shown:
                continue
            kind = concerns.aggregate.kind
            names = {"kind.attention" if kind == "attention" else f"kind.{shown.name}.{kind}"}
            if concerns.shows is all_of_it:
                names |= {f"field.{name}" for name in _fields(concerns.aggregate)}
                names -= {f"field.{name}" for name in concerns.aggregate.hidden}
            lacking |= {name for name in names if name not in words}
    assert not lacking


def _choices(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Fields with a choice of words, and each word, of a model and what stands in it."""
    for name, field in model.model_fields.items():
        if name not in HIDDEN:
            yield from ((name, word) for word in _words(field.annotation))
            for part in _models(field.annotation):
                yield from _choices(part)


def _words(annotation: Any) -> Iterator[str]:
    for part in get_args(annotation):
        if get_origin(annotation) is Literal and isinstance(part, str):
            yield part
        else:
            yield from _words(part)


def test_every_state_and_role_that_a_service_shows_has_words() -> None:
    shown = [c.aggregate for service in discovery.load_all() for c in service.concerns if c.shows is all_of_it]
    keys = {f"value.{name}.{word}" for aggregate in shown for name, word in _choices(aggregate)}
    keys |= {f"value.attention.{name}.{word}" for name, word in _choices(Attention)}
    assert "value.status.registered" in keys
    assert {key for key in keys if key not in words} == set()


def html_of(service: str, kind: str, accepted: str = "de", **fields: Any) -> str:
    """The page of one holding, without its style and head."""
    held = ServiceHolds(service=service, holdings=(Holding(kind=kind, id="1", programme_id="pilot", fields=fields),))
    page_ = page(MyData(participants=(MENTOR,), services=(held,)), accepted)
    return " ".join(page_.partition("<h3>")[2].split())


def test_the_office_s_answer_is_called_so_and_one_s_own_answers_are_one_s_own() -> None:
    question = html_of("registration", "question", question="May I?", answer="Yes.")
    assert "<dt>Antwort der Programmleitung</dt><dd>Yes. </dd>" in question
    assert "Ihre Antworten" not in question
    assert "<dt>Ihre Antworten</dt>" in html_of("evaluation", "survey", answer={"comment": "Good."})


def test_the_page_is_for_readers_with_days_times_states_and_roles_in_words() -> None:
    times = [
        {"weekday": 0, "start": 540, "end": 1020, "at_home": False},
        {"weekday": 1, "start": 540, "end": 780, "at_home": True},
    ]
    fields: dict[str, Any] = {"status": "registered", "role": "mentor", "registered_on": "2027-01-11", "late": False}
    found = html_of("registration", "participant", profile={"working_times": times}, **fields)
    for text in (
        "angemeldet",
        "Mentor:in",
        "11. Januar 2027",
        "<li>Montag 9:00–17:00 </li>",
        "<li>Dienstag 9:00–13:00 zu Hause </li>",
        "<dd>nein </dd>",
    ):
        assert text in found, text
    english = html_of("registration", "participant", "en", profile={"working_times": times}, **fields)
    assert all(text in english for text in ("registered", "11 January 2027", "Monday 9:00–17:00"))
    assert "540" not in found
    assert "taken back" in html_of("matching", "proposal", "en", status="withdrawn", score=0)
    assert "14:05" in html_of("scheduling", "meeting", start=845, date="2027-03-01")


def test_the_page_leaves_out_what_is_empty_and_the_data_has_it() -> None:
    empty: dict[str, Any] = {"paused_since": None, "about_me": "", "strengths": [], "consents": {"reserve": None}}
    found = html_of("registration", "participant", line=0, **empty)
    assert found.count("<dt>") == 1
    assert "<dt>Platz in der Reihe</dt><dd>0 </dd>" in found
    assert "keine Angabe" in html_of("registration", "participant", **empty)
    holding = Holding(kind="participant", id="1", programme_id="pilot", fields=empty)
    held = ServiceHolds(service="registration", holdings=(holding,))
    whole = page(MyData(participants=(MENTOR,), services=(held,)), "de")
    [data] = re.findall(r"base64,([^\"]+)", whole)
    assert json.loads(base64.b64decode(data))["services"][0]["holdings"][0]["fields"] == empty


def test_what_somebody_wrote_is_shown_as_it_is_also_where_it_looks_like_markup_or_like_no_day() -> None:
    assert "<b>" not in html_of("registration", "question", question="<b>May I?</b>")
    assert "<dd>2027-13-99 </dd>" in html_of("registration", "question", question="2027-13-99")


async def test_what_is_not_handled_yet_and_what_the_office_was_told_stand_in_the_document_in_words() -> None:
    house, who = await a_house_with_a_mentor()
    house.send(r.AskOffice(programme_id="pilot", participant_id=who, question="May I?"), "portal", actor=who)
    house.send(hr.EmploymentChanged(employment_id="e-1", personnel_key="P-1", site="the site that is stuck"), "hr")
    page = await house.fetch((await asks(house, who))["token"], accept="text/html")
    text = " ".join(page.text.split())
    for part in (
        "Was der Programmleitung über Sie gemeldet wurde (pilot)",
        "<dt>Anlass</dt><dd>Ihre Frage wartet auf Antwort </dd>",
        "<dt>Stand</dt><dd>wartet auf die Programmleitung </dd>",
        "Eine Nachricht über Sie, die noch nicht verarbeitet ist",
        "<dt>Art</dt><dd>hr.employment-changed.v1 </dd>",
        "<dt>Aufbewahrt seit</dt><dd>11. Januar 2027 </dd>",
        "<dt>Stand</dt><dd>liegt in Quarantäne, bis jemand entscheidet </dd>",
        "the site that is stuck",
    ):
        assert part in text, part


def test_what_is_not_handled_yet_is_for_readers_in_both_languages() -> None:
    fields: dict[str, Any] = {"type": "step", "since": "2027-01-11", "status": "waiting", "names_others": True}
    german, english = (html_of("matching", "message", language, **fields) for language in ("de", "en"))
    assert "Nennt auch andere oder könnte es; der Inhalt steht deshalb nicht hier</dt><dd>ja" in german
    assert "ein Arbeitsschritt des Dienstes" in german
    assert "wartet auf eine andere Nachricht" in german
    assert "Names others too, or might; so its contents are left out here</dt><dd>yes" in english
    lacking = [s for s in ("waiting", "retry", "ready", "quarantine") if f"value.message.status.{s}" not in words]
    assert not lacking


@pytest.mark.parametrize("sealed", [True, False])
async def test_own_answers_are_shown_to_who_gave_them(sealed: bool) -> None:
    """Under the programme's key; or under the deployment's, as an earlier release took them."""
    house, who = await a_house_with_a_mentor()
    evaluation = house.replicas["evaluation"].engine
    key = evaluation.who.keys.key("pilot", None) if sealed else KEY
    assert key is not None
    day = dt.date(2030, 4, 1)
    fields: dict[str, Any] = {"questionnaire": "pulse", "version": 1, "side": "mentor", "programme": "pilot"}
    survey = Survey(id="s-1", participant=who, opens=day, closes=day, **fields)
    given_ = Answer(id=keyed_id(key, "answer", "s-1"), answers={"rating": 4}, comment="in my words", **fields)
    written = tuple(Record(a.subject, a.kind, 1, state=a.to_store(), programme=a.programme) for a in (survey, given_))
    await evaluation.commit(evaluation.bookkeeping(writes=written))
    document = (await house.fetch((await asks(house, who))["token"])).json()
    [held] = [
        h for s in document["services"] if s["service"] == "evaluation" for h in s["holdings"] if h["kind"] == "survey"
    ]
    assert (held["fields"]["answer"]["comment"], held["fields"]["answer"]["answers"]) == ("in my words", {"rating": 4})
    assert {"person", "cluster"}.isdisjoint(held["fields"]["answer"])


async def test_once_the_key_is_destroyed_nobody_is_shown_answers_and_the_page_says_why() -> None:
    house, who = await a_house_with_a_mentor()
    evaluation = house.replicas["evaluation"].engine
    day = dt.date(2030, 4, 1)
    fields: dict[str, Any] = {"questionnaire": "pulse", "version": 1, "side": "mentor", "programme": "pilot"}
    survey = Survey(id="s-1", participant=who, opens=day, closes=day, **fields)
    key = evaluation.who.keys.key("pilot", None)
    assert key is not None
    given_ = Answer(id=keyed_id(key, "answer", "s-1"), answers={"rating": 4}, comment="in my words", **fields)
    written = tuple(Record(a.subject, a.kind, 1, state=a.to_store(), programme=a.programme) for a in (survey, given_))
    await evaluation.commit(evaluation.bookkeeping(writes=written))
    evaluation.who.keys.destroy("pilot", fingerprint_of(key, "pilot"))
    page = " ".join((await house.fetch((await asks(house, who))["token"], accept="text/html")).text.split())
    assert "in my words" not in page
    assert "Ihre Antworten sind jetzt anonym" in page


async def test_what_hr_announced_is_shown_with_the_person_in_words() -> None:
    house, who = await a_house_with_a_mentor()
    last = hr.EmploymentEnded(employment_id="e-1", personnel_key="P-1", last_day=dt.date(2030, 6, 30))
    house.send(last, "hr", sequence=1, epoch=1)
    await house.settle()
    page = await house.fetch((await asks(house, who))["token"], accept="text/html")
    text = " ".join(page.text.split())
    assert "<dt>Was die Personalstelle gemeldet hat</dt>" in text
    assert "<dt>Letzter Arbeitstag</dt><dd>30. Juni 2030 </dd>" in text


def test_only_the_person_may_ask() -> None:
    scenario = given(service, topic(), opening(), mentor(), today=TODAY)
    scenario.when(By(r.ShowMyData(participant_id=MENTOR), actor="somebody-else")).then_refused("not_yours")


def test_who_has_not_answered_is_asked_again_each_day_and_what_nobody_fetched_goes() -> None:
    scenario = given(service, topic(), opening(), mentor(), today=TODAY)
    scenario.when(By(r.ShowMyData(participant_id=MENTOR), actor=MENTOR))
    asked = scenario.one(r.MyDataAsked)
    shown = scheduling.PersonShown(request_id=asked.request_id, service="scheduling", number=0, parts=1, holdings=())
    own = r.PersonShown(request_id=asked.request_id, service="registration", number=0, parts=2, holdings=())
    scenario.given(shown, own)
    next_day = TODAY.replace(day=TODAY.day + 1)
    scenario.when(next_day)
    assert {type(m).owner for m in scenario.told} == {"evaluation", "matching", "registration"}
    scenario.when(asked.fetch_until.replace(day=asked.fetch_until.day + 1)).then_nothing()
    scenario.when(shown).then_nothing()
    assert not [a for a in scenario.reference.state.values() if a.kind.startswith("data-")]


def test_the_page_for_portals_names_the_address_that_registration_itself_serves() -> None:
    """The gateway alone puts the service's name in front; `./tandem up` has none."""
    page = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")
    own = f"/{MY_DATA.path}/<token>"
    assert re.findall(r"^POST (\S+)$", page, flags=re.MULTILINE) == [own]
    assert f"`POST {own}`, {service.name}" in page
    assert f"`/{service.name}{own}`" in page, "through the gateway"
