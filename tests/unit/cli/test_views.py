"""What the services answer together, also when one of them is away."""

import httpx
import pytest

from shared.cli.client import ClientError
from shared.cli.views import answers

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
