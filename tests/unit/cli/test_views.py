"""What the services answer together, also when one of them is away."""

import time

import httpx
import pytest
import typer

from shared.cli.acting import BY
from shared.cli.addresses import Addresses
from shared.cli.client import ClientError
from shared.cli.views import OFFICE_TOKEN, PAUSES, answers, asked, rights
from shared.contracts.registration.asked import CatalogueAsked
from shared.runtime.readers import HEADER

ADDRESSES = Addresses({"TANDEM_HTTP_REGISTRATION": "http://registration", OFFICE_TOKEN: "of a test"}, "a test")
SERVICES = {"matching": "http://matching", "registration": "http://registration"}


def away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def half(request: httpx.Request) -> httpx.Response:
    return away(request) if request.url.host == "registration" else httpx.Response(200, json=[])


def test_a_service_that_is_away_hides_no_other_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with httpx.Client(transport=httpx.MockTransport(half)) as client:
        assert [name for name, _ in answers(client, SERVICES, "/quarantine")] == ["matching"]
    assert "registration does not answer at http://registration" in capsys.readouterr().err


def test_when_none_answers_it_is_an_error() -> None:
    with httpx.Client(transport=httpx.MockTransport(away)) as client, pytest.raises(ClientError, match="matching"):
        list(answers(client, SERVICES, "/quarantine"))


@pytest.mark.parametrize(("away", "answered"), [(2, True), (len(PAUSES) + 1, False)])
def test_a_question_that_meets_a_database_away_for_a_moment_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, away: int, answered: bool
) -> None:
    waited: list[float] = []
    answers = iter([httpx.Response(503, json={"error": "the database is away; try again"})] * away)
    monkeypatch.setattr(httpx, "post", lambda *_, **__: next(answers, httpx.Response(200, json={"found": []})))
    monkeypatch.setattr(time, "sleep", waited.append)
    if answered:
        assert asked(ADDRESSES, "registration", "catalogue", CatalogueAsked(programme_id="pilot")) == {"found": []}
    else:
        with pytest.raises(ClientError, match="the database is away"):
            asked(ADDRESSES, "registration", "catalogue", CatalogueAsked(programme_id="pilot"))
    assert waited == list(PAUSES[:away])


def test_who_asks_is_named_beside_the_token_where_somebody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BY, raising=False)
    told = Addresses({"TANDEM_HR_TOKEN": "t", BY: "h-3"}, "env")
    right = {"Authorization": "Bearer t"}
    assert rights(Addresses({"TANDEM_HR_TOKEN": "t"}, "env"), "TANDEM_HR_TOKEN") == right
    assert rights(told, "TANDEM_HR_TOKEN") == right | {HEADER: "h-3"}
    assert rights(told, "TANDEM_HR_TOKEN", "h-4") == right | {HEADER: "h-4"}
    monkeypatch.setenv(BY, "HR clerk 3")
    with pytest.raises(typer.BadParameter, match="opaque id"):
        rights(told, "TANDEM_HR_TOKEN")
