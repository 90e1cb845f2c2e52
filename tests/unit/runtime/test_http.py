import base64
import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from pydantic import BaseModel, SecretStr

from shared.contracts.scheduling import DayStarted
from shared.runtime.aggregate import Aggregate
from shared.runtime.audit_check import BrokenError, Known, checked
from shared.runtime.audit_pages import LINKS
from shared.runtime.batch import COMMANDS
from shared.runtime.engine import Limits
from shared.runtime.envelope import wrap
from shared.runtime.http import Http
from shared.runtime.ports import Outgoing, Unavailable
from shared.runtime.table import Question, Reader, View
from shared.runtime.watch import Metrics
from tests.support.shop import LIBRARY, Join, Member
from tests.unit.runtime.engine_in_memory import Replica

OPS = {"Authorization": "Bearer ops-token"}
OFFICE = {"Authorization": "Bearer office-token"}


class WithStatus(Member, kind="member"):
    """A member as a table counts them that has a status."""

    status: str = ""


class Club(BaseModel):
    programme: str
    members: list[str]


def build(programme: str, found: dict[type[Aggregate], list[Any]]) -> Club:
    return Club(programme=programme, members=[member.id for member in found[Member]])


class Asked(BaseModel):
    members: list[str]


async def known(asked: Asked, read: Reader, keyed: Callable[..., str]) -> Club:
    found = await read.all(Member, asked.members)
    return Club(programme=keyed("club"), members=[member.id for member in found if member is not None])


class Served:
    """A service's pages, its replica, and what keeps it from being ready."""

    def __init__(self, **changes: Any) -> None:
        self.replica = Replica(
            replace(LIBRARY, view=View((Member,), build), questions=(Question("known", Asked, known),)), Limits()
        )
        self.down: dict[str, str] = {}
        fields: dict[str, Any] = {"office_token": SecretStr("office-token"), "ops_token": SecretStr("ops-token")}
        self.http = Http(
            engine=self.replica.engine,
            metrics=Metrics(),
            ready=self._ready,
            asyncapi=lambda: {"asyncapi": "3.0.0"},
            inner=self.http_never_asks,
            overview=self._overview,
            **(fields | changes),
        )

    async def _ready(self) -> dict[str, str]:
        return self.down

    @staticmethod
    async def _overview() -> Club:
        return Club(programme="p", members=[])

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


@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("/programmes/c", OFFICE),
        ("/quarantine", OPS),
        ("/quarantine/actions", OFFICE),
        ("/ops", OPS),
        ("/trace/c", OPS),
        ("/holdings", OPS),
        ("/audit", OPS),
        ("/audit/seals", OPS),
    ],
)
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


async def test_a_question_is_answered_to_who_holds_the_office_s_token_and_reads_only() -> None:
    served = Served()
    served.replica.send(Join(club="c", member="m1"))
    await served.replica.settle()
    asked = {"members": ["m2", "m1"]}
    answer = await served("POST", "/questions/known", json=asked, headers=OFFICE)
    assert (answer.status_code, answer.json()["members"]) == (200, ["m1"])
    assert (await served("POST", "/questions/known", json=asked, headers=OPS)).status_code == 401
    assert (await served("POST", "/questions/unknown", json=asked, headers=OFFICE)).status_code == 404
    wrong = await served("POST", "/questions/known", json={"member": "somebody's name"}, headers=OFFICE)
    assert (wrong.status_code, "somebody" in wrong.text) == (400, False)


async def test_the_quarantine_is_listed_without_bodies() -> None:
    served = Served()
    served.replica.send_raw(b"not JSON, with a name in it")
    await served.replica.settle()
    answer = await served("GET", "/quarantine", headers=OPS)
    [row] = answer.json()
    assert set(row) == {*("id", "message", "type", "service", "reason", "since"), "fields", "attempts", "correlation"}
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


async def test_metrics_say_that_the_database_is_away_and_no_old_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    served = Served()
    assert "tandem_ready 1.0" in (await served("GET", "/metrics")).text

    async def away(*arguments: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(served.replica.engine.store, "counts", away)
    served.down = {"database": "away"}
    text = (await served("GET", "/metrics")).text
    assert "tandem_ready 0.0" in text
    assert "tandem_store{" not in text


async def test_a_view_shows_what_belongs_to_no_programme_with_each() -> None:
    served = Served()
    served.replica.send(Join(club="c", member="m1"))
    await served.replica.settle()
    who = served.replica.engine.who
    for view, shown in ((View((Member,), build), []), (View((), build, everywhere=(Member,)), ["m1"])):
        served.replica.engine.who = replace(who, service=replace(LIBRARY, view=view))
        assert (await served("GET", "/programmes/other", headers=OFFICE)).json()["members"] == shown


async def test_metrics_count_a_programme_in_steps_of_five_and_nothing_of_fewer() -> None:
    served = Served()
    for number in range(13):
        served.replica.send(Join(club="c" if number < 9 else "few", member=f"m{number}"))
    await served.replica.settle()
    served.replica.engine.who = replace(
        served.replica.engine.who, service=replace(LIBRARY, view=View((WithStatus,), build))
    )
    text = (await served("GET", "/metrics")).text
    assert 'tandem_programme{programme="c",status="",what="member"} 5.0' in text
    assert 'programme="few"' not in text
    served.replica.send(Join(club="c", member="m13"))
    await served.replica.settle()
    assert (await served("GET", "/metrics")).text.count("tandem_programme{") == 1, "counted once a minute at most"
    assert " 5.0" in (await served("GET", "/metrics")).text


@pytest.mark.parametrize(("zone", "shown"), [(ZoneInfo("Europe/Berlin"), True), (None, False)])
async def test_metrics_say_how_far_the_day_is_behind_where_days_come_from_the_clock(
    zone: ZoneInfo | None, shown: bool
) -> None:
    served = Served(zone=zone)
    today = dt.datetime.now(ZoneInfo("Europe/Berlin")).date()
    served.replica.send(DayStarted(date=today - dt.timedelta(days=3)), "scheduling", sequence=1, epoch=1)
    await served.replica.settle()
    found = re.findall(r"^tandem_days_behind (\S+)", (await served("GET", "/metrics")).text, flags=re.MULTILINE)
    assert [float(value) in (3.0, 4.0) for value in found] == [True] if shown else found == []


async def test_a_trace_is_told_to_ops_by_ids_and_results_alone() -> None:
    served = Served()
    served.replica.send(Join(club="c", member="secret"), id="1", correlationid="a/b c")
    await served.replica.settle()
    answer = await served("GET", "/trace/a%2Fb%20c", headers=OPS)
    [row] = answer.json()
    assert (row["id"], row["service"], row["result"], row["published"]) == ("1", "library", "handled", True)
    assert [said["type"] for said in row["said"]] == ["library.joined.v1"]
    assert "secret" not in answer.text
    assert (await served("GET", "/trace/nobody", headers=OPS)).json() == []


async def test_an_absent_database_is_said_and_no_page_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    served = Served()

    async def away(*arguments: object) -> None:
        raise Unavailable("away")

    for name in ("counts", "find", "read", "quarantined", "trace"):
        monkeypatch.setattr(served.replica.engine.store, name, away)
    for method, path, headers in (
        ("GET", "/trace/c", OPS),
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


READING = {"actor": "o-17", "why": "wrong shape"}


async def stuck(served: Served, name: str = Join.name) -> str:
    """The id of an unreadable message that came with a routing key."""
    served.replica.broker.publish(Outgoing(COMMANDS, name, b"not JSON, with a name in it", ""), "portal")
    await served.replica.settle()
    [row] = (await served("GET", "/quarantine", headers=OPS)).json()
    return str(row["id"])


async def test_a_body_is_shown_once_it_is_recorded_who_reads_it_and_why() -> None:
    served = Served()
    id = await stuck(served)
    answer = await served("POST", f"/quarantine/{id}", headers=OFFICE, json=READING)
    assert answer.json()["body"] == "not JSON, with a name in it"
    assert (answer.json()["sender"], answer.json()["key"]) == ("portal", Join.name)
    [action] = (await served("GET", "/quarantine/actions", headers=OFFICE)).json()
    assert (action["what"], action["target"], action["actor"], action["why"]) == ("read", id, "o-17", "wrong shape")
    assert action["at"] == served.replica.clock.now().isoformat().replace("+00:00", "Z")
    await served.replica.settle()
    [event] = served.replica.take()
    assert event["type"] == "tandem.library.quarantine-read.v1"
    assert event["data"] == {"id": id, "message": answer.json()["message"], "actor": "o-17"}


async def test_what_is_no_text_is_shown_as_base64() -> None:
    served = Served()
    served.replica.send_raw(b"\xff\xfe")
    await served.replica.settle()
    [row] = (await served("GET", "/quarantine", headers=OPS)).json()
    answer = await served("POST", f"/quarantine/{row['id']}", headers=OFFICE, json=READING)
    assert base64.b64decode(answer.json()["base64"]) == b"\xff\xfe"


@pytest.mark.parametrize("headers", [{}, OPS])
async def test_a_body_is_shown_to_nobody_without_the_right_and_nothing_is_recorded(headers: dict[str, str]) -> None:
    served = Served()
    id = await stuck(served)
    answer = await served("POST", f"/quarantine/{id}", headers=headers, json=READING)
    assert (answer.status_code, "a name in it" in answer.text) == (401, False)
    assert (await served("GET", "/quarantine/actions", headers=OFFICE)).json() == []


@pytest.mark.parametrize(
    "reading",
    [
        {},
        {"actor": "o-17"},
        {"actor": "o-17", "why": " "},
        {"actor": "anna@example.org", "why": "x"},
        {"actor": "Anna.Maier", "why": "x"},
        {"why": "x"},
    ],
)
async def test_who_does_not_say_who_and_why_is_shown_no_body(reading: dict[str, str]) -> None:
    served = Served()
    id = await stuck(served)
    answer = await served("POST", f"/quarantine/{id}", headers=OFFICE, json=reading)
    assert (answer.status_code, "a name in it" in answer.text) == (400, False)
    assert "opaque" in answer.json()["error"]


@pytest.mark.parametrize("name", [Join.name, "library.later.v1"])
async def test_what_may_be_confidential_is_shown_to_nobody(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A survey's answers are the evaluation's alone; and what the release does not know may be one of them."""
    monkeypatch.setattr(Join, "private", True)
    served = Served()
    served.replica.broker.declare("library.commands", COMMANDS, [name])
    id = await stuck(served, name)
    answer = await served("POST", f"/quarantine/{id}", headers=OFFICE, json=READING)
    assert (answer.status_code, "a name in it" in answer.text) == (403, False)
    assert (await served("GET", "/quarantine/actions", headers=OFFICE)).json() == []


async def test_what_is_gone_or_never_was_is_not_found() -> None:
    assert (await Served()("POST", "/quarantine/x", headers=OFFICE, json=READING)).status_code == 404


async def test_a_body_whose_reading_cannot_be_recorded_is_not_shown() -> None:
    served = Served()
    id = await stuck(served)

    async def forgetful(items: object) -> None:
        return

    served.replica.engine.handle = forgetful  # type: ignore[method-assign]
    answer = await served("POST", f"/quarantine/{id}", headers=OFFICE, json=READING)
    assert (answer.status_code, "a name in it" in answer.text) == (503, False)


async def test_the_same_is_served_as_a_page() -> None:
    answer = await Served(page=lambda: "<!DOCTYPE html>")("GET", "/asyncapi.html")
    assert (answer.text, answer.headers["content-type"]) == ("<!DOCTYPE html>", "text/html; charset=utf-8")


async def test_the_audit_is_shown_page_by_page_and_holds_as_it_is_shown() -> None:
    served = Served()
    replica = served.replica
    for number in range(LINKS + 2):
        replica.send(Join(club="c", member=f"m{number}"))
        await replica.settle()
    replica.send(DayStarted(date=dt.date(2027, 1, 12)), sequence=1, epoch=1)
    await replica.settle()
    first = (await served("GET", "/audit", headers=OPS)).json()
    rest = (await served("GET", "/audit", params={"after": first["after"]}, headers=OPS)).json()
    seals = (await served("GET", "/audit/seals", headers=OPS)).json()
    assert (len(first["links"]), len(rest["links"]), rest["after"], seals["after"]) == (LINKS, 2, None, None)
    known = Known(dt.date(2027, 1, 12), 3)
    assert checked("library", seals["seals"], [*first["links"], *rest["links"]], known).links == LINKS + 2


async def test_what_no_json_can_hold_is_shown_as_text_and_does_not_hold() -> None:
    served = Served()
    served.replica.send(Join(club="c", member="m"))
    await served.replica.settle()
    [(id, link)] = served.replica.database.audit.items()
    now = served.replica.clock.now()
    served.replica.database.audit[id] = replace(link, at=now)  # type: ignore[arg-type]
    [shown] = (await served("GET", "/audit", headers=OPS)).json()["links"]
    with pytest.raises(BrokenError):
        checked("library", [], [shown], Known(dt.date(2027, 1, 12), 3))
