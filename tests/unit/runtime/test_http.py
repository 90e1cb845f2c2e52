import base64
import json
from typing import Any

import httpx
import pytest
from pydantic import BaseModel, SecretStr

from shared.runtime.aggregate import Aggregate
from shared.runtime.batch import COMMANDS
from shared.runtime.engine import Limits
from shared.runtime.envelope import wrap
from shared.runtime.http import Http
from shared.runtime.ports import Outgoing, Unavailable
from shared.runtime.table import View
from shared.runtime.watch import Metrics
from tests.support.shop import LIBRARY, Join, Member
from tests.unit.runtime.engine_in_memory import Replica

OPS = {"Authorization": "Bearer ops-token"}
OFFICE = {"Authorization": "Bearer office-token"}


class Club(BaseModel):
    programme: str
    members: list[str]


def build(programme: str, found: dict[type[Aggregate], list[Any]]) -> Club:
    return Club(programme=programme, members=[member.id for member in found[Member]])


class Served:
    """A service's pages, its replica, and what keeps it from being ready."""

    def __init__(self, **changes: Any) -> None:
        from dataclasses import replace

        self.replica = Replica(replace(LIBRARY, view=View((Member,), build)), Limits())
        self.down: dict[str, str] = {}
        fields: dict[str, Any] = {"office_token": SecretStr("office-token"), "ops_token": SecretStr("ops-token")}
        self.http = Http(
            engine=self.replica.engine,
            metrics=Metrics(),
            ready=self._ready,
            asyncapi=lambda: {"asyncapi": "3.0.0"},
            inner=self.http_never_asks,
            **(fields | changes),
        )

    async def _ready(self) -> dict[str, str]:
        return self.down

    @staticmethod
    async def http_never_asks(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("only the lifespan goes further in")

    async def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.http)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.request(method, path, **options)


async def test_health_is_asked_each_time_and_says_what_is_away() -> None:
    served = Served()
    assert (await served("GET", "/health/live")).json() == {"status": "UP"}
    assert (await served("GET", "/health/ready")).status_code == 200
    served.down = {"broker": "memory alarm"}
    answer = await served("GET", "/actuator/health/readiness")
    assert (answer.status_code, answer.json()) == (503, {"status": "DOWN", "broker": "memory alarm"})
    assert (await served("GET", "/actuator/health/liveness")).status_code == 200


@pytest.mark.parametrize(("path", "right"), [("/programmes/c", OFFICE), ("/quarantine", OPS), ("/holdings", OPS)])
async def test_a_page_is_closed_without_its_own_token(path: str, right: dict[str, str]) -> None:
    served = Served()
    wrong = OPS if right is OFFICE else OFFICE
    assert (await served("GET", path)).status_code == 401
    assert (await served("GET", path, headers=wrong)).status_code == 401
    assert (await served("GET", path, headers={"Authorization": "Bearer ümlaut".encode()})).status_code == 401
    assert (await served("GET", path, headers=right)).status_code == 200
    shut = Served(office_token=None, ops_token=None)
    assert (await shut("GET", path, headers=right)).status_code == 403


async def test_the_view_shows_what_the_service_knows_of_a_programme() -> None:
    served = Served()
    served.replica.send(Join(club="c", member="m2"))
    served.replica.send(Join(club="c", member="m1"))
    served.replica.send(Join(club="other", member="m3"))
    await served.replica.settle()
    answer = await served("GET", "/programmes/c", headers=OFFICE)
    assert answer.json() == {"programme": "c", "members": ["m1", "m2"]}


async def test_the_quarantine_is_listed_without_bodies() -> None:
    served = Served()
    served.replica.send_raw(b"not JSON, with a name in it")
    await served.replica.settle()
    answer = await served("GET", "/quarantine", headers=OPS)
    [row] = answer.json()
    assert set(row) == {"id", "message", "type", "service", "reason", "since"}
    assert "a name in it" not in answer.text


async def test_holdings_show_ids_and_versions_and_never_a_state() -> None:
    served = Served()
    served.replica.send(Join(club="a club", member="m1"))
    await served.replica.settle()
    assert "member" in (await served("GET", "/holdings", headers=OPS)).json()["publishes"]
    digest = (await served("GET", "/holdings/member", headers=OPS)).json()
    assert (digest["count"], len(digest["digest"])) == (1, 64)
    rows = (await served("GET", "/holdings/member/rows?after=m0", headers=OPS)).json()
    assert rows == {"rows": [["m1", "a club", 1, 1, False]], "after": None}
    assert (await served("GET", "/holdings/member/rows?after=m1", headers=OPS)).json()["rows"] == []
    assert (await served("GET", "/holdings/chair", headers=OPS)).status_code == 404


async def test_known_tells_which_messages_were_neither_handled_nor_kept() -> None:
    served = Served()
    taken, never = (
        wrap(Join(club="c", member="m"), id=id, source="/portal", time=served.replica.clock.now()).encode()
        for id in ("taken", "never")
    )
    served.replica.broker.publish(Outgoing(COMMANDS, Join.name, taken, "taken"), "portal")
    served.replica.send_raw(b"unreadable")
    await served.replica.settle()
    asked = [
        {"intake": "commands", "key": Join.name, "user": user, "body": base64.b64encode(body).decode()}
        for user, body in (
            ("portal", taken),
            ("portal", never),
            ("portal", b"unreadable"),
            ("portal", b"another"),
            ("office", taken),
        )
    ]
    answer = await served("POST", "/known", headers=OPS, json={"messages": asked})
    assert answer.json() == {"unknown": [1, 3, 4]}, "ids are each sender's own"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"messages": [5]}',
        b'{"messages": [{"intake": "commands", "key": "k", "body": "%%%"}]}',
        b"x" * (9 << 20),
    ],
)
async def test_a_wrong_question_is_answered_with_what_to_send(content: bytes) -> None:
    answer = await Served()("POST", "/known", headers=OPS, content=content)
    assert answer.status_code == 400
    assert "send" in answer.json()["error"]


async def test_metrics_are_read_with_what_lies_in_the_store() -> None:
    served = Served()
    served.replica.send_raw(b"not JSON")
    await served.replica.settle()
    text = (await served("GET", "/metrics")).text
    assert 'tandem_store{what="quarantined"} 1.0' in text


async def test_an_absent_database_is_said_and_no_page_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    served = Served()

    async def away(*arguments: object) -> None:
        raise Unavailable("away")

    for name in ("counts", "find", "read", "quarantined"):
        monkeypatch.setattr(served.replica.engine.store, name, away)
    for method, path, headers in (
        ("GET", "/metrics", {}),
        ("GET", "/quarantine", OPS),
        ("GET", "/programmes/c", OFFICE),
    ):
        assert (await served(method, path, headers=headers)).status_code == 503


@pytest.mark.parametrize("ask", [("GET", "/"), ("POST", "/programmes/c"), ("DELETE", "/quarantine"), ("GET", "/known")])
async def test_what_is_no_page_names_those_that_are(ask: tuple[str, str]) -> None:
    answer = await Served()(*ask)
    assert answer.status_code == 404
    assert "/health/ready" in json.loads(answer.text)["error"]


async def test_the_asyncapi_document_is_served() -> None:
    assert (await Served()("GET", "/asyncapi")).json() == {"asyncapi": "3.0.0"}
