"""A certificate: asked for by the person, with the topics that they release, fetched once; no performance, no name."""

import json
from typing import Any

import httpx
import pytest

from services.evaluation.certificates.model import Certificate
from services.evaluation.service import service
from shared.contracts import evaluation as e
from shared.runtime.http import Http
from shared.runtime.watch import Metrics
from tests.support.reference import By, Scenario
from tests.unit.evaluation.extras import MET, by, met, tandems
from tests.unit.evaluation.people import DAY, ENDS, PROGRAMME, STARTS, a_programme, formed, held, person, tandem_id
from tests.unit.runtime.engine_in_memory import Replica


def requesting(name: str = "mentor 1", *topics: str, tandem: int = 1) -> By:
    return by(name, e.RequestCertificate(tandem_id=tandem_id(tandem), participant_id=person(name), topics=topics))


def a_tandem() -> Scenario:
    return a_programme(*tandems(1, 2), MET, met(1, "calendar", "chat"))


def certificate(scenario: Scenario) -> Certificate:
    [found] = [each for each in scenario.reference.state.values() if isinstance(each, Certificate)]
    return found


def test_somebody_asks_for_a_certificate_and_gets_a_token_for_a_week_in_private() -> None:
    scenario = a_tandem().when(requesting("mentor 1", "calendar"))
    ready = scenario.one(e.CertificateReady)
    assert ready.fetch_until == MET + 7 * DAY
    assert e.RequestCertificate.private
    kept = certificate(scenario)
    assert (kept.role, kept.topics, kept.first_day, kept.last_day) == ("mentor", ("calendar",), STARTS, None)
    assert ready.token not in kept.model_dump_json()


def test_of_a_tandem_that_is_over_the_whole_period_is_told_and_nothing_of_how_it_ended() -> None:
    for status, last in (("completed", ENDS), ("ended", MET)):
        scenario = a_tandem().given(formed(1, status=status, ends_on=last))  # type: ignore[arg-type]
        scenario.when(requesting("mentee 1")).then(e.CertificateReady)
        kept = certificate(scenario)
        assert (kept.role, kept.last_day) == ("mentee", last)
        assert status not in kept.model_dump_json()


@pytest.mark.parametrize(
    "command",
    [
        requesting("mentor 2"),
        requesting("mentor 1", tandem=9),
        By(requesting("mentor 1").message, actor=person("mentee 1")),
    ],
)
def test_nobody_asks_for_another_s_certificate(command: By) -> None:
    a_tandem().when(command).then_refused("not_yours")


def test_only_topics_of_the_tandem_s_meetings_are_certified_and_the_refusal_names_them() -> None:
    scenario = a_tandem().when(requesting("mentor 1", "calendar", "robots"))
    scenario.then_refused("unknown_topic")
    [reason] = scenario.told[0].reasons  # type: ignore[attr-defined]
    assert reason.field == "topics.1"
    assert "calendar, chat" in reason.message.en


def test_asked_again_the_newest_token_alone_is_good() -> None:
    scenario = a_tandem()
    first = scenario.when(requesting()).one(e.CertificateReady)
    before = certificate(scenario)
    second = scenario.when(requesting("mentor 1", "chat")).one(e.CertificateReady)
    after = certificate(scenario)
    assert first.certificate_id == second.certificate_id
    assert first.token != second.token
    assert before.token != after.token
    assert after.topics == ("chat",)


def test_what_nobody_fetches_is_deleted_after_its_last_day() -> None:
    scenario = a_tandem().given(requesting(), MET + 7 * DAY)
    assert certificate(scenario)
    scenario.given(MET + 8 * DAY)
    assert not [each for each in scenario.reference.state.values() if isinstance(each, Certificate)]


async def served(*topics: str) -> tuple[Replica, httpx.AsyncClient, str]:
    """Evaluation with a certificate that lies ready, a browser or program, and the token."""
    replica = Replica(service)
    meetings = [held(1, number) for number in range(1, 4)]
    await replica.play(STARTS, PROGRAMME, *tandems(1), MET, *meetings, met(1, "calendar", "chat", number=4))
    await replica.play(requesting("mentor 1", *topics))
    [answer] = replica.take("portal.replies")
    assert answer["type"].endswith(e.CertificateReady.name)

    async def ready() -> dict[str, str]:
        return {}

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("nothing goes further in")

    http = Http(replica.engine, Metrics(), ready, dict, inner)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=http), base_url="http://evaluation")
    return replica, client, answer["data"]["token"]


async def test_it_goes_out_once_as_data_that_says_role_period_topics_programme_and_office_and_no_figure() -> None:
    replica, client, token = await served("calendar")
    async with client:
        assert (await client.get(f"/certificates/{token}")).status_code == 405, "opening the address takes nothing"
        document = (await client.post(f"/certificates/{token}")).json()
        assert document == {
            "participant_id": person("mentor 1"),
            "name": f"urn:uuid:{person('mentor 1')}",
            "programme": {"de": "Pilot", "en": "Pilot"},
            "role": "mentor",
            "first_day": STARTS.isoformat(),
            "last_day": None,
            "topics": [{"de": "Kalender-App", "en": "Calendar app"}],
            "office": {"name": "Office", "phone": "089 1", "mail": "office@example.org", "deputy_mail": None},
        }
        assert (await client.post(f"/certificates/{token}")).status_code == 404
    [kept] = [state for subject, state in replica.aggregates().items() if subject.startswith("certificate/")]
    assert kept["topics"] == []


@pytest.mark.parametrize(
    ("language", "says"),
    [
        (
            "de-DE,de",
            ("Teilnahmebestätigung", "Mentor:in im Reverse Mentoring", "seit 15. Februar 2027", "Kalender-App"),
        ),
        (
            "en",
            ("Certificate of participation", "mentor in reverse mentoring", "since 15 February 2027", "Calendar app"),
        ),
    ],
)
async def test_as_a_page_it_can_be_printed_in_german_and_english_with_a_line_for_the_name(
    language: str, says: tuple[str, ...]
) -> None:
    _, client, token = await served("calendar")
    headers = {"accept": "text/html", "accept-language": language}
    async with client:
        door = await client.get(f"/certificates/{token}", headers=headers)
        assert door.status_code == 200
        assert '<form method="post">' in door.text
        page = (await client.post(f"/certificates/{token}", headers=headers)).text
        assert all(words in page for words in says)
        assert "http" not in page.replace("http-equiv", ""), "it loads nothing"
        assert "<script" not in page
        assert person("mentor 1") not in page
        assert "chat" not in page, "a topic that was not released"
        assert "Office" in page
        gone = await client.get(f"/certificates/{token}", headers=headers)
        assert gone.status_code == 404


async def test_a_wrong_or_an_older_token_fetches_nothing() -> None:
    replica, client, token = await served()
    await replica.play(requesting("mentor 1"))
    async with client:
        for wrong in (token, token[:-1], token.partition(".")[0], "x"):
            assert (await client.post(f"/certificates/{wrong}")).status_code == 404, wrong


async def test_that_it_went_out_stands_in_the_audit_and_no_word_of_it() -> None:
    replica, client, token = await served("calendar")
    async with client:
        await client.post(f"/certificates/{token}")
    await replica.settle()
    audit = json.dumps([r.state for r in replica.database.records.values() if r.kind.startswith("_")], default=str)
    assert "calendar" not in audit.lower()
    assert token not in audit
