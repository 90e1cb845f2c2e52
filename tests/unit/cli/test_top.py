"""What top shows, on the narrowest terminal and on a wide one, and what it says when something is away."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from rich.console import Console

from shared.cli.addresses import AddressError, Addresses
from shared.cli.client import ClientError
from shared.cli.management import login
from shared.cli.top.asking import Asking, Heard
from shared.cli.top.command import look
from shared.cli.top.picture import Picture, picture
from shared.cli.top.screen import screen
from shared.runtime.ops import Database, Hand, Job, Ops, Problem, Received, Release, Replica, ReplicaStatus
from shared.runtime.topology import UNROUTED
from tests.unit.cli.test_command_line import env

NOW = dt.datetime(2027, 3, 10, 12, tzinfo=dt.UTC)
LONG = "refused_by_database: [bold]a reason[/bold] that is much longer than any terminal is wide " * 3
NAMES = ("evaluation", "matching", "registration", "scheduling")


def queue(name: str, **fields: Any) -> dict[str, Any]:
    stats = {"publish_details": {"rate": 0.0, "avg_rate": 1234.5}, "ack_details": {"rate": 3.25}}
    return {"name": name, "messages": 100_000, "consumers": 1, "message_stats": stats} | fields


def told(service: str) -> Ops:
    status = ReplicaStatus(
        at=NOW,
        started=NOW,
        release=Release(version="0.1.0"),
        rate=250.4,
        batch=99.5,
        seconds=0.1234,
        received={"commands": Received(at=NOW, age=75.2)},
        hands=(Hand(id="1", job="solve", since=NOW, stage="handing over", done=500, total=5000),),
        problems=tuple(
            Problem(at=NOW, result=result, type=f"{service}.a-rather-long-name.v1", id="1", reason=LONG)
            for result in ("quarantined", "retry")
        ),
    )
    red = status.model_copy(update={"down": {"broker": "the broker is away (TimeoutError)"}, "problems": ()})
    job = Job(id="1", job="solve", heavy=True, since=NOW, owner=f"{service}-1", lease=NOW, stage="handing over")
    return Ops(
        service=service,
        answered_by=f"{service}-1",
        now=NOW,
        release=Release(version="0.1.0"),
        database=Database(clock=NOW),
        counts={"outbox": 12, "outbox_age": 75, "waiting": 10_000, "retry": 12, "quarantined": 1234, "jobs": 8},
        replicas=(
            Replica(name=f"{service}-1", at=NOW, status=status),
            Replica(name=f"{service}-2", at=NOW, status=red),
            Replica(name=f"{service}-3", at=NOW - dt.timedelta(minutes=1), status=status),
        ),
        jobs=tuple(job.model_copy(update={"id": str(number), "done": 500, "total": 5000}) for number in range(8)),
    )


def everything() -> Picture:
    heard = [Heard(name, told(name)) for name in NAMES[1:]]
    heard.append(Heard("evaluation", trouble="does not answer at http://evaluation.example.org:8080 (ConnectTimeout)"))
    kinds = ("commands", "events", "quarantine")
    queues = [queue(f"{name}.{kind}") for name in NAMES for kind in kinds] + [queue(UNROUTED, consumers=0)]
    return picture(NOW, queues, heard, ["the broker's management does not answer"])


def drawn(shown: Picture, width: int) -> list[str]:
    console = Console(width=width, height=60, file=None, record=True, force_terminal=False)
    with console.capture() as capture:
        console.print(screen(shown))
    return capture.get().splitlines()


@pytest.mark.parametrize("width", [80, 100, 132, 200])
def test_nothing_breaks_and_no_figure_is_cut_on_any_screen(width: int) -> None:
    lines = drawn(everything(), width)
    text = "\n".join(lines)
    assert max(map(len, lines)) <= width
    for name in NAMES:
        [row] = [line for line in lines if line.startswith(f"{name}.commands")]
        assert row.split()[1:4] == ["100,000", "1,234", "3.2"], row
    assert "quar" in text
    assert "1,234" in text
    figures = [line for line in lines if "…" in line]
    assert all("refused_by_database" in line or "rather" in line or "…" in line[60:] for line in figures), figures
    assert "500/5,000" in text


def test_a_service_that_is_down_is_shown_with_the_notices_that_the_broker_still_has() -> None:
    shown = everything()
    [row] = [row for row in shown.services if row.name == "evaluation"]
    assert (row.alive, row.quarantined) == (0, 100_000)
    text = "\n".join(drawn(shown, 80))
    assert "evaluation" in text
    assert "down" in text
    assert "ConnectTimeout" in text.replace("\n", "")


def test_what_waits_in_one_service_does_not_hide_what_is_worked_on_in_another() -> None:
    def jobs(service: str, *stages: str) -> Heard:
        since = [NOW - dt.timedelta(minutes=number) for number in range(len(stages))]
        made = [Job(id=s, job=s, heavy=True, since=at, stage=s) for s, at in zip(stages, since, strict=True)]
        return Heard(service, told(service).model_copy(update={"jobs": tuple(made)}))

    heard = [jobs("matching", "waiting", "quarantine"), jobs("scheduling", "working", "handing over")]
    shown = [row.job.stage for row in picture(NOW, [], heard, []).jobs]
    assert shown == ["handing over", "working", "quarantine", "waiting"]


def test_replicas_are_counted_as_ready_red_or_silent() -> None:
    [row] = [row for row in everything().services if row.name == "matching"]
    assert (row.ready, row.alive, row.silent) == (1, 2, 1)
    assert "matching-2: the broker is away" in row.trouble
    assert (row.rate, row.batch, row.seconds) == (500.8, 99.5, 0.1234)


def test_a_broker_that_knows_no_figures_yet_and_a_service_of_an_older_release_are_shown() -> None:
    old = told("matching").model_copy(update={"replicas": (Replica(name="matching-1", at=NOW),)})
    shown = picture(NOW, [{"name": "matching.commands"}], [Heard("matching", old)])
    assert (shown.queues[0].depth, shown.services[0].alive, shown.services[0].ready) == (0, 1, 0)
    assert drawn(shown, 80)


def test_a_picture_goes_through_json_unchanged() -> None:
    shown = everything()
    assert Picture.model_validate_json(shown.model_dump_json()) == shown


def addresses(**changes: str) -> Addresses:
    values = dict(line.split("=", 1) for line in env("amqp://ops:secret@127.0.0.1:1/").split())
    return Addresses(values | changes, "env")


Answering = Callable[[httpx.Request], httpx.Response]


def serving(asking: Asking, answer: Answering) -> Asking:
    """Let this answer in the servers' place."""
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    asking._client = client
    asking.management = type(asking.management)(client, "http://broker", "ops", "secret")
    return asking


def services_well(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=told("matching").model_dump_json())


@pytest.mark.parametrize(
    ("status", "content", "says"),
    [
        (401, {"error": "not_authorised", "reason": "Login failed"}, "refuses the password of ops"),
        (401, {"error": "not_authorised", "reason": "Not management user"}, "lacks the tag `monitoring`"),
    ],
)
async def test_what_asking_again_cannot_mend_ends_top_in_one_line(
    status: int, content: dict[str, str], says: str
) -> None:
    async with Asking(addresses()) as asking:
        await asking._client.aclose()
        serving(asking, lambda q: services_well(q) if q.url.host != "broker" else httpx.Response(status, json=content))
        with pytest.raises(ClientError, match=says):
            await look(asking)


async def test_a_management_that_is_away_is_shown_beside_what_the_services_tell() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "broker":
            raise httpx.ConnectError("refused")
        return services_well(request)

    async with Asking(addresses()) as asking:
        await asking._client.aclose()
        shown = await look(serving(asking, answer))
    assert "does not answer" in shown.trouble[0]
    assert all(row.alive for row in shown.services)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (httpx.Response(401, json={"error": "send the header"}), "refuses TANDEM_OPS_TOKEN"),
        (httpx.Response(403, json={"error": "closed: no token"}), "closed: no token"),
        (httpx.Response(502, text="<html>"), "answered 502"),
        (httpx.Response(200, text="<html>"), "no service of ours"),
    ],
)
async def test_a_service_that_does_not_tell_is_shown_with_the_reason(answer: httpx.Response, says: str) -> None:
    async with Asking(addresses()) as asking:
        await asking._client.aclose()
        queues = httpx.Response(200, json=[])
        heard = await look(serving(asking, lambda request: queues if request.url.host == "broker" else answer))
    assert all(says in row.trouble for row in heard.services)


async def test_a_service_that_is_only_slow_is_not_called_down() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "broker":
            return httpx.Response(200, json=[])
        raise httpx.ReadTimeout("not yet")

    async with Asking(addresses()) as asking:
        await asking._client.aclose()
        shown = await look(serving(asking, answer))
    assert all(row.slow for row in shown.services)
    text = "\n".join(drawn(shown, 80))
    assert "slow" in text
    assert "down" not in text


async def test_nobody_there_is_one_line() -> None:
    async with Asking(addresses()) as asking:
        with pytest.raises(ClientError, match="is Tandem running"):
            await look(asking)


def test_the_password_stands_in_the_address_in_a_variable_or_in_a_file(tmp_path: Any) -> None:
    (tmp_path / "word").write_text("from a file\n")
    assert login(addresses(), "ops") == ("ops", "secret")
    assert login(addresses(TANDEM_PASSWORD_OPS="p"), "ops") == ("ops", "p")
    assert login(addresses(TANDEM_PASSWORD_OPS_FILE=str(tmp_path / "word")), "ops") == ("ops", "from a file")
    with pytest.raises(AddressError, match="add the line TANDEM_PASSWORD_OPS="):
        login(Addresses({}, "env"), "ops")
    with pytest.raises(AddressError, match="no user and password"):
        login(Addresses({"TANDEM_AMQP_URL_OPS": "amqp://host/"}, "env"), "ops")
