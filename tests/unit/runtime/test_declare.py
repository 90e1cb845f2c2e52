"""What a deployment declares once: wrong settings are one line, what is away is waited for."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure, ServerSelectionTimeoutError

from shared.runtime import declare, discovery, topology
from shared.runtime.declare import DeclareError

RIGHT = {
    **{f"TANDEM_PASSWORD_{user.upper()}": "secret" for user in topology.users()},
    "TANDEM_MANAGEMENT_URL": "http://127.0.0.1:1",
    "TANDEM_RABBITMQ_PASSWORD": "any/thing @all",
    "TANDEM_MONGO_URL": "mongodb://127.0.0.1:1/?replicaSet=tandem",
    "TANDEM_MONGO_PASSWORD": "any/thing @all",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in RIGHT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(declare, "PAUSE", 0.0)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("TANDEM_PASSWORD_MATCHING", "", "set TANDEM_PASSWORD_MATCHING"),
        ("TANDEM_PASSWORD_PORTAL", "a/b", "TANDEM_PASSWORD_PORTAL stands in addresses"),
        ("TANDEM_MANAGEMENT_URL", "", "set TANDEM_MANAGEMENT_URL"),
        ("TANDEM_MANAGEMENT_URL", "http://u:a/b@h:1", "TANDEM_MANAGEMENT_URL is no address"),
        ("TANDEM_MANAGEMENT_URL", "rabbitmq:15672", "TANDEM_MANAGEMENT_URL is no address"),
        ("TANDEM_RABBITMQ_PASSWORD", "", "set TANDEM_RABBITMQ_PASSWORD"),
        ("TANDEM_MONGO_PASSWORD", "", "set TANDEM_MONGO_PASSWORD"),
        ("TANDEM_PASSWORD_PORTAL_FILE", "/nowhere/portal", "TANDEM_PASSWORD_PORTAL_FILE cannot be read"),
        ("TANDEM_MONGO_PASSWORD_FILE", "/nowhere/mongo", "TANDEM_MONGO_PASSWORD_FILE cannot be read"),
    ],
)
def test_a_wrong_environment_is_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        declare.main()
    assert ended.value.code == 2
    [line] = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("tandem: ")
    assert says in line


async def test_a_broker_that_stays_away_is_one_line() -> None:
    with pytest.raises(DeclareError, match="management interface does not answer"):
        await declare.declare(patience=0)


@pytest.mark.parametrize("url", ["mongodb://u:a/b@h:1", "http://h:27017"])
async def test_an_address_of_a_database_that_is_none_is_one_line(url: str) -> None:
    with pytest.raises(DeclareError, match="TANDEM_MONGO_URL is no address"):
        await declare.declare_database(url, "any/thing", declare.passwords())


def asked_of(monkeypatch: pytest.MonkeyPatch, *errors: Exception) -> list[str]:
    """Let the database fail so often, then do what it is asked: the users that it was asked to make."""
    asked: list[str] = []
    left = list(errors)

    async def command(self: object, what: dict[str, object]) -> None:
        asked.append(str(what["createUser"]))
        if left:
            raise left.pop(0)

    monkeypatch.setattr(AsyncDatabase, "command", command)
    return asked


async def make_users() -> None:
    await declare.declare_database(RIGHT["TANDEM_MONGO_URL"], "any/thing", declare.passwords())


async def test_a_database_that_is_away_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = asked_of(monkeypatch, *[ServerSelectionTimeoutError("a long story")] * 2)
    await declare.patiently(make_users, 60)
    first, *_ = services = discovery.service_names()
    assert asked == [first, first, *services]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ServerSelectionTimeoutError("a long story"), "the database does not answer"),
        (OperationFailure("no", 18), r"refused the user evaluation \(code 18\)"),
    ],
)
async def test_a_database_that_stays_away_or_refuses_is_one_line(
    monkeypatch: pytest.MonkeyPatch, error: Exception, says: str
) -> None:
    asked = asked_of(monkeypatch, error)
    with pytest.raises(DeclareError, match=says):
        await declare.patiently(make_users, 0)
    assert len(asked) == 1


async def test_a_broker_that_is_just_starting_is_asked_again_and_gets_every_user() -> None:
    codes, bodies = [503, 204], []

    class Broker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(codes[min(len(bodies), len(codes)) - 1])
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing of it is for the eye."""

    with HTTPServer(("127.0.0.1", 0), Broker) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        await declare.patiently(lambda: declare.declare_broker(url, "any/thing", declare.passwords()), 60)
        server.shutdown()
    assert len(bodies) == 2
    assert {user["name"] for user in json.loads(bodies[-1])["users"]} == set(topology.users())
