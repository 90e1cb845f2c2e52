"""A person's own data on real servers: collected by private replies, fetched once over HTTP, and in no event."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aio_pika
import httpx
import pytest
import pytest_asyncio
from aio_pika.abc import AbstractQueue

from shared import client
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.local.system import LocalSystem
from shared.runtime.batch import EVENTS
from tests.support.lives import Lives, Person, comes
from tests.support.searched import found_in, named_in
from tests.support.town import town_of
from tests.support.waiting import until

# The same in memory is tests/unit/registration/test_my_data.py.
pytestmark = [pytest.mark.long, pytest.mark.xdist_group("own-data"), pytest.mark.asyncio(loop_scope="module")]


@dataclass
class Asking:
    """Somebody who may ask, how they fetch, and a queue in which every event lies."""

    lives: Lives
    person: Person
    events: AbstractQueue
    http: httpx.AsyncClient

    async def ask(self) -> str:
        """Ask for everything; the token of the private reply."""
        answer = await self.lives.ask(self.person, r.ShowMyData(participant_id=self.person.id))
        assert answer.name == r.MyDataAsked.name
        token: str = answer.data["token"]
        return token

    async def fetch(self, token: str, **headers: str) -> httpx.Response:
        """Fetch it as soon as every service has answered."""

        async def collected() -> httpx.Response | None:
            answer = await self.http.post(f"/my-data/{token}", headers=headers)
            return None if answer.status_code == 202 else answer

        found: httpx.Response = await until(collected, "a service does not answer")
        return found

    async def said(self) -> list[dict[str, Any]]:
        """All events since the last look."""
        found = []
        while (message := await self.events.get(fail=False, no_ack=True)) is not None:
            found.append(json.loads(message.body))
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asking(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Asking]:
    system = LocalSystem(tmp_path_factory.mktemp("own-data") / "system")
    async with (
        town_of(system) as town,
        client.Client(system.amqp_url("portal")) as portal,
        await aio_pika.connect(system.rabbit.amqp_url()) as admin,
        httpx.AsyncClient(base_url=system.replicas["registration-1"].url, trust_env=False) as http,
    ):
        people = [Person("mentor", 0), Person("mentee", 0)]
        lives = Lives(town, portal, people)
        for programme in ("pilot", "second"):
            await town.open(programme, places=10)
        for person in people:
            await comes(lives, person)
        mentor, mentee = people
        await lives.ask(mentor, m.NameWishes(participant_id=mentor.id, vetoes=(mentee.id,)))
        await lives.ask(mentee, m.NameWishes(participant_id=mentee.id, vetoes=(mentor.id,)))
        events = await (await admin.channel()).declare_queue(auto_delete=True)
        await events.bind(EVENTS, "#")
        yield Asking(lives, mentor, events, http)


async def test_a_person_fetches_all_that_every_service_holds_on_them_once(asking: Asking) -> None:
    mentor, mentee = asking.lives.people
    token = await asking.ask()
    answer = await asking.fetch(token)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    document = answer.json()
    assert set(document["participants"]) == set(mentor.ids.values())
    held = {(part["service"], one["kind"]): one["fields"] for part in document["services"] for one in part["holdings"]}
    assert held["registration", "contact"]["about_me"] == f"what {mentor.name} writes of themselves"
    assert held["matching", "wishes"]["vetoes"] == [mentee.id]
    assert {service for service, _ in held} == {"evaluation", "matching", "registration", "scheduling"}
    assert (await asking.fetch(token)).status_code == 404
    assert {(await asking.http.post(f"/my-data/{guess}")).status_code for guess in ("", mentor.id, "x")} == {404}
    assert await found_in(asking.lives.town.system, [token]) == [], "the token is known to the person alone"


async def test_the_page_speaks_the_language_that_is_wanted_and_holds_the_data(asking: Asking) -> None:
    for language, words in (("de-DE,de;q=0.9", "Ihre Daten in Tandem"), ("en-GB", "Your data in Tandem")):
        page = await asking.fetch(await asking.ask(), **{"accept": "text/html", "accept-language": language})
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert words in page.text
        assert f"what {asking.person.name} writes of themselves" in page.text


async def test_the_address_shows_a_button_and_takes_nothing(asking: Asking) -> None:
    token = await asking.ask()

    async def collected() -> httpx.Response | None:
        answer = await asking.http.get(f"/my-data/{token}", headers={"accept": "text/html"})
        return None if answer.status_code == 202 else answer

    page = await until(collected, "a service does not answer")
    assert (page.status_code, '<form method="post">' in page.text) == (200, True)
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert (await asking.http.get(f"/my-data/{token}")).status_code == 405
    assert (await asking.http.post(f"/my-data/{token}")).status_code == 200


async def test_nothing_of_it_is_an_event(asking: Asking) -> None:
    await asking.said()
    token = await asking.ask()
    await asking.fetch(token)
    # What was said before this answer lies in the queue by now.
    await asking.lives.ask(asking.person, r.ChangeAboutMe(participant_id=asking.person.id, about_me="another word"))
    said = await asking.said()
    assert {event["type"].split(".", 1)[1] for event in said} == {r.ContactRecorded.name, r.PersonAddressed.name}
    assert not named_in(json.dumps(said), [token, "another word"])
