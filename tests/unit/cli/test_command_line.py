"""What people type: whatever is wrong with it is one line on standard error and exit code 2."""

import asyncio
import json
import re
import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self, cast

import httpx
import pytest
from aio_pika.abc import AbstractIncomingMessage

from shared.cli import acting, addresses, client, publish, quarantine, unrouted
from shared.cli.addresses import Addresses
from shared.cli.client import ClientError
from shared.cli.doctor import command as doctor
from shared.cli.main import COMMANDS, main
from shared.cli.publish import _answers
from shared.client import NoAnswer
from shared.contracts import registration as r
from shared.contracts.base import Command, Contract
from shared.contracts.calendar import BusyTimesPublished
from shared.contracts.scheduling import BusyTimesRefused
from shared.local.system import ROOT
from shared.runtime import topology
from shared.runtime.envelope import Envelope
from shared.runtime.tls import verified

TOPIC = {"topic_id": "chats", "area": "software", "label": {"de": "Chats", "en": "Chats"}}
ENVELOPE = {"specversion": "1.0", "id": "1", "source": "/x", "type": f"tandem.{r.AddTopic.name}", "data": TOPIC}
NOBODY = "amqp://u:p@127.0.0.1:1/"
STORY = str(ROOT / "tests" / "e2e" / "small.toml")


@pytest.fixture
def tandem(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run a command line; its exit code."""

    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["tandem", *arguments])
        try:
            main()
        except SystemExit as ended:
            return int(ended.code or 0)
        return 0

    return run


def env(amqp: str = NOBODY) -> str:
    names = ("TANDEM_AMQP_URL", *(f"TANDEM_AMQP_URL_{user}" for user in ("PORTAL", "OFFICE", "OPS")))
    lines = [f"{name}={amqp}" for name in names]
    lines += [f"TANDEM_HTTP_{s}=http://127.0.0.1:1" for s in ("REGISTRATION", "MATCHING", "SCHEDULING", "EVALUATION")]
    lines += ["TANDEM_MANAGEMENT_URL=http://127.0.0.1:1", "TANDEM_OFFICE_TOKEN=t", "TANDEM_OPS_TOKEN=t"]
    return "\n".join([*lines, "TANDEM_DAYS=command", ""])


@pytest.mark.parametrize(
    "content",
    [
        "5",
        "null",
        '"specversion"',
        "[1]",
        "[" * 100_000,
        json.dumps({k: v for k, v in ENVELOPE.items() if k != "data"}),
        json.dumps(ENVELOPE | {"specversion": "0.3"}),
        json.dumps(ENVELOPE | {"time": "yesterday"}),
        json.dumps(ENVELOPE | {"type": f"tandem.{r.Withdraw.name}"}),
        json.dumps(ENVELOPE | {"data": 5}),
        json.dumps(TOPIC | {"area": "weather"}),
        json.dumps(TOPIC | {"label": {"de": "Chats", "en": "Chats", "fr": "Chats"}}),
        "\udcff",
    ],
)
def test_a_file_that_holds_no_such_message_is_refused_in_one_line(
    tandem: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    file = tmp_path / "message.json"
    file.write_bytes(content.encode(errors="surrogateescape"))
    assert tandem("publish", r.AddTopic.name, str(file)) == 2
    assert one_line(capsys).count(str(file)) == 1


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on standard error."""
    [line] = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("tandem: ")
    return line


def test_what_nobody_foresaw_is_not_told_as_warnings_only(
    tandem: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*given: object) -> None:
        raise ZeroDivisionError("nobody foresaw this")

    monkeypatch.setattr(doctor, "read_addresses", broken)
    assert tandem("doctor") == 2
    assert "nobody foresaw this" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["publish", r.AddTopic.name, "{folder}"], "cannot be read"),
        (["publish", r.AddTopic.name, "{folder}/nothing.json"], "cannot be read"),
        (["publish", r.AddTopic.name, "{topic}", "--against", "{env}"], "the broker does not answer at 127.0.0.1:1 "),
        (["publish", r.AddTopic.name, "{topic}", "--against", "{folder}"], "cannot be read"),
        (["publish", r.AddTopic.name, "{topic}", "--against", "{latin}"], "UTF-8"),
        (["publish", r.AddTopic.name, "{topic}", "--as", "nobody", "--against", "{env}"], "TANDEM_AMQP_URL_NOBODY"),
        (["round", "decline", "x", "--reason", "y"], "proposal_id"),
        (["round", "show", "x", "--against", "{env}"], "does not answer"),
        (["round"], ""),
        (["quarantine"], ""),
        (["quarantine", "list", "--against", "{env}"], "does not answer"),
        (["quarantine", "list", "--service", "nothing", "--against", "{env}"], "there are evaluation"),
        (["quarantine", "list", "--since", "soon", "--against", "{env}"], "2027-05-03"),
        (["quarantine", "show", "x", "--reason", "y", "--by", "Anna Maier", "--against", "{env}"], "opaque id"),
        (["quarantine", "show", "x", "--out", "{topic}", "--against", "{env}"], "--reason"),
        (["quarantine", "show", "x", "--reason", "y", "--against", "{env}"], "does not answer"),
        (["quarantine", "replay", "--why", "y"], "one id, or --all"),
        (["quarantine", "replay", "x"], "say why with --why"),
        (["quarantine", "replay", "--all", "--reason", "wrong_shape", "--against", "{env}"], "--code"),
        (["quarantine", "replay", "x", "--reason", "y", "--why", "z", "--against", "{env}"], "--why"),
        (["quarantine", "edit", "x", "{topic}"], "--reason"),
        (["quarantine", "edit", "x", "{latin}", "--reason", "y"], "UTF-8"),
        (
            ["quarantine", "edit", "x", "{topic}", "--reason", "y", "--service", "no", "--against", "{env}"],
            "no service",
        ),
        (["quarantine", "discard", "x", "--reason", " "], "--reason"),
        (["unrouted"], ""),
        (["unrouted", "list", "--against", "{env}"], "the broker does not answer at 127.0.0.1:1 "),
        (["unrouted", "take"], "one id, or --all"),
        (["unrouted", "take", "--all"], "--reason"),
        (["unrouted", "discard", "x"], "--reason"),
        (["doctor", "--repair", "--against", "{env}"], "does not answer"),
        (["doctor", "--yes"], "--repair"),
        (["status", "x", "--against", "{folder}"], "cannot be read"),
        (["top", "--once", "--against", "{env}"], "is Tandem running"),
        (["top", "--svg", "{folder}/x.svg", "--against", "{env}"], "--once"),
        (["top", "--interval", "0", "--against", "{env}"], "--interval"),
        (["doctor", "--against", "{folder}"], "cannot be read"),
        (["doctor", "--against", "{latin}"], "UTF-8"),
        (["demo", "--data", "{latin}"], "UTF-8"),
        (["demo", "--data", "{folder}"], "cannot be read"),
        (["demo", "--data", STORY, "--out", "{topic}"], "cannot be written"),
        (
            ["demo", "--data", STORY, "--out", "{folder}/out", "--against", "{env}"],
            "the broker does not answer at 127.0.0.1:1 ",
        ),
        (["demo", "--data", STORY, "--out", "{folder}/out", "--against", "{latin}"], "UTF-8"),
        (["contracts", "--out", "{topic}"], "cannot be written"),
        (["contracts", "--out", "/proc/nothing/here"], "cannot be written"),
        (["contracts", "--passwords", "{folder}"], "goes with --definitions"),
        (["contracts", "--definitions", "--passwords", "{folder}"], "password-portal cannot be read"),
        (["describe", "nothing"], "no service"),
        (["up", "--scale", "matching=0"], "1 to 16"),
        (["up", "--folder", "{topic}"], "name another folder with --folder"),
        (["up", "--folder", "/proc/nothing/here"], "name another folder with --folder"),
        (["nothing"], "no command"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    tandem: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    places = {name: tmp_path / name for name in ("topic", "env", "latin")}
    places["topic"].write_text(json.dumps(TOPIC), encoding="utf-8")
    places["env"].write_text(env(), encoding="utf-8")
    places["latin"].write_bytes(b"name = '\xff'\n")
    code = tandem(*(argument.format(folder=tmp_path, **places) for argument in arguments))
    if not says:
        assert code == 0
        assert "Usage" in capsys.readouterr().out
        return
    assert code == 2
    assert says in one_line(capsys)


@pytest.mark.parametrize(
    "url",
    ["", "foo", "amqp://", "http://u:p@127.0.0.1:5672/", "amqp://127.0.0.1:abc/", "amqp://[::1/", "amqp://u@h:0/"],
)
def test_an_address_that_is_none_is_refused_before_anybody_connects(
    tandem: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    (tmp_path / "env").write_text(env(url), encoding="utf-8")
    (tmp_path / "topic").write_text(json.dumps(TOPIC), encoding="utf-8")
    against = ["--against", str(tmp_path / "env")]
    assert tandem("publish", r.AddTopic.name, str(tmp_path / "topic"), *against) == 2
    assert "address" in one_line(capsys)
    assert tandem("demo", "--data", STORY, "--out", str(tmp_path / "out"), *against) == 2
    assert "address" in one_line(capsys)


async def test_a_broker_that_never_says_a_word_is_not_waited_for_without_an_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"amqp://u:p@127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(ClientError, match="does not answer at"):
            await client.connect(url, "somebody", "test", limit=0.2)
    assert asyncio.all_tasks() == {asyncio.current_task()}, "the driver goes on trying"


def serving(monkeypatch: pytest.MonkeyPatch, status: int, content: Any) -> list[str]:
    """Let every service answer this; the addresses that were asked."""
    asked: list[str] = []

    def get(url: str, **options: Any) -> httpx.Response:
        asked.append(url)
        given = {"content": content} if isinstance(content, bytes) else {"json": content}
        return httpx.Response(status, **given)

    monkeypatch.setattr(httpx, "get", get)
    return asked


@pytest.mark.parametrize("command", [["status"], ["round", "show"]])
@pytest.mark.parametrize(
    ("status", "content", "says"),
    [
        (200, {"status": "unknown", "names": {}}, "no programme 'a/b ?c'"),
        (404, {"error": "there is none"}, "there is none"),
        (401, {"error": "send the header"}, "refuses TANDEM_OFFICE_TOKEN"),
        (502, b"<html>", "502"),
    ],
)
def test_a_programme_that_nobody_opened_is_no_success(
    tandem: Callable[..., int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: list[str],
    status: int,
    content: Any,
    says: str,
) -> None:
    (tmp_path / "env").write_text(env(), encoding="utf-8")
    asked = serving(monkeypatch, status, content)
    assert tandem(*command, "a/b ?c", "--against", str(tmp_path / "env")) == 2
    assert says in one_line(capsys)
    assert asked[-1].endswith("/programmes/a%2Fb%20%3Fc")


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_service_that_is_away_hides_nothing_of_the_others(
    tandem: Callable[..., int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
) -> None:
    def get(url: str, **options: Any) -> httpx.Response:
        if "registration" in url:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, json={"seen": url.split("/")[2]})

    monkeypatch.setattr(httpx, "get", get)
    lines = re.sub(r"(TANDEM_HTTP_(\w+))=.*", lambda found: f"{found[1]}=http://{found[2].lower()}", env())
    (tmp_path / "env").write_text(lines, encoding="utf-8")
    assert tandem("status", "x", *options, "--against", str(tmp_path / "env")) == 2
    said = capsys.readouterr()
    assert all(name in said.out for name in ("matching", "scheduling", "evaluation"))
    assert "registration" not in said.out
    assert said.err.startswith("tandem: registration does not answer at http://registration")
    assert not options or set(json.loads(said.out)) == {"matching", "scheduling", "evaluation"}


BUSY = {
    "participant_id": "5a0c0f3e-6a39-5f0e-9d0a-0d7c0f2a1b11",
    "programme_id": "pilot",
    "window_from": "2027-02-15",
    "window_until": "2027-07-15",
    "intervals": [],
}


@pytest.mark.parametrize(
    ("message", "content", "options", "says"),
    [
        (BusyTimesPublished, BUSY, [], "--sequence"),
        (BusyTimesPublished, {"specversion": "1.0", "data": BUSY}, [], "--sequence"),
        (BusyTimesPublished, BUSY, ["--sequence", "0"], "equal to 1"),
        (r.AddTopic, TOPIC, ["--sequence", "1"], "only a fact"),
    ],
)
def test_what_would_be_quarantined_for_its_sequence_is_refused_before_it_is_sent(
    tandem: Callable[..., int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    message: type[Contract],
    content: dict[str, Any],
    options: list[str],
    says: str,
) -> None:
    (tmp_path / "fact").write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "env").write_text(env(), encoding="utf-8")
    given = (message.name, str(tmp_path / "fact"), *options, "--against", str(tmp_path / "env"))
    assert tandem("publish", *given) == 2
    assert says in one_line(capsys)


@pytest.mark.parametrize("refused", [True, False])
def test_a_fact_is_not_answered_and_only_what_is_wrong_with_it_is_told(
    tandem: Callable[..., int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    refused: bool,
) -> None:
    sent: list[Envelope] = []

    class Listening(client.Client):
        """Connects to nobody; the office reads what is wrong with the fact."""

        async def __aenter__(self) -> Self:
            assert list(self.urls) == ["office", "calendar"]
            assert BusyTimesRefused.name in self.keys
            return self

        async def __aexit__(self, *ended: object) -> None:
            return None

        def wrap(self, message: Contract, user: str, *, actor: str | None = None, id: str | None = None) -> Envelope:
            return Envelope(id="mine", source="/x", type=f"tandem.{message.name}", data={})

        async def publish(self, message: Envelope, user: str, *, command: bool = True, limit: float = 60.0) -> None:
            assert (user, command) == ("calendar", False)
            sent.append(message)

        async def answers(self, correlation: str, limit: float) -> AsyncIterator[Envelope]:
            if refused:
                data = {"code": "too_long", "message": {"de": "zu lang", "en": "too long"}}
                yield Envelope(id="1", source="/x", type=f"tandem.{BusyTimesRefused.name}", data=data)

    monkeypatch.setattr(publish, "Client", Listening)
    (tmp_path / "fact").write_text(json.dumps(BUSY), encoding="utf-8")
    (tmp_path / "env").write_text(env() + f"TANDEM_AMQP_URL_CALENDAR={NOBODY}\n", encoding="utf-8")
    given = ("--as", "calendar", "--sequence", "7", "--wait", "--against", str(tmp_path / "env"))
    assert tandem("publish", BusyTimesPublished.name, str(tmp_path / "fact"), *given) == (1 if refused else 0)
    assert [message.sequence for message in sent] == [7]
    assert ("too long (too_long)" if refused else "nothing was said against it") in one_line(capsys)


@pytest.mark.parametrize("refused", [True, False])
def test_a_refused_command_ends_with_1_and_its_reasons(
    tandem: Callable[..., int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    refused: bool,
) -> None:
    reason = {"field": "area", "code": "unknown_area", "message": {"de": "kein Gebiet", "en": "no area"}}

    class Answering(client.Client):
        """Connects to nobody; another command's refusal comes first, then the answer."""

        async def __aenter__(self) -> Self:
            return self

        async def __aexit__(self, *ended: object) -> None:
            return None

        def wrap(self, message: Contract, user: str, *, actor: str | None = None, id: str | None = None) -> Envelope:
            return Envelope(id="mine", source="/x", type=f"tandem.{message.name}", data={})

        async def publish(self, *sent: object, **options: object) -> None:
            return None

        async def answers(self, correlation: str, limit: float) -> AsyncIterator[Envelope]:
            name = r.CommandRejected.name if refused else r.TopicListed.name
            data = {"command_id": "mine" if refused else "other", "reasons": [reason, reason | {"field": ""}]}
            yield Envelope(id="1", source="/x", type=f"tandem.{name}", data=data)

    monkeypatch.setattr(publish, "Client", Answering)
    (tmp_path / "env").write_text(env(), encoding="utf-8")
    (tmp_path / "topic").write_text(json.dumps(TOPIC), encoding="utf-8")
    given = (r.AddTopic.name, str(tmp_path / "topic"), "--wait", "--against", str(tmp_path / "env"))
    assert tandem("publish", *given) == (1 if refused else 0)
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 1, "the answer itself"
    lines = ["tandem: area: no area (unknown_area)", "tandem: no area (unknown_area)"]
    assert said.err.splitlines() == (lines if refused else [])


@pytest.mark.parametrize(
    ("command", "on_behalf", "user"),
    [
        (r.PauseParticipation, False, "office"),
        (r.PauseParticipation, True, "portal"),
        (r.ProposeTopic, False, "office"),
        (r.GrantRelease, False, "office"),
        (r.ChangeConsents, False, "portal"),
        (r.RegisterMentor, False, "portal"),
        (r.AddTopic, False, "office"),
    ],
)
def test_what_is_about_a_participant_the_office_sends_unless_it_is_on_their_behalf(
    command: type[Command], on_behalf: bool, user: str
) -> None:
    assert publish.sender_of(command, on_behalf=on_behalf) == user


@pytest.mark.parametrize(
    ("code", "actor", "hints"), [("not_yours", None, 1), ("not_yours", "p", 0), ("paused", None, 0)]
)
def test_who_spoke_for_nobody_hears_how_to_name_a_participant_or_another_sender(
    code: str, actor: str | None, hints: int
) -> None:
    reason = {"field": "", "code": code, "message": {"de": "nein", "en": "no"}}
    event = Envelope(id="1", source="/x", type=f"tandem.{r.CommandRejected.name}", data={"reasons": [reason]})
    sent = Envelope(id="mine", source="/portal", type=f"tandem.{r.ChangeConsents.name}", data={}, actor=actor)
    said = publish._hint(event, "portal", sent)
    assert len(said) == hints
    assert all("--actor" in line and "--as" in line and "portal" in line for line in said)


def test_a_refusal_without_a_reason_is_no_success() -> None:
    bare = Envelope(id="1", source="/x", type=f"tandem.{r.CommandRejected.name}", data={"reasons": []})
    with pytest.raises(ClientError, match="refused"):
        acting.accepted(bare)


def test_a_time_that_no_calendar_has_here_is_shown_as_its_sender_wrote_it(capsys: pytest.CaptureFixture[str]) -> None:
    sent = "9999-12-31T23:59:59-01:00"
    acting.print_rows([{"id": "x", "sent": sent}], ("id", "sent"), as_json=False, none="")
    assert sent in capsys.readouterr().out


@pytest.mark.parametrize("id", ["0190b7a4-8d2e-7c3f-9a51-6f0e2d4c8b17", "x" * 120])
@pytest.mark.parametrize("width", ["40", "80", "200"])
def test_an_id_in_a_list_can_be_copied_however_narrow_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, id: str, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    row = {
        "id": id,
        "type": "registration.participant-registered.v1",
        "service": "registration",
        "reason": "wrong_shape: data.label.en, data.area, data.topic_id",
        "attempts": 12,
        "since": "2027-05-03T14:00:12.345678+02:00",
    }
    acting.print_rows([row], quarantine.COLUMNS, as_json=False, none="")
    said = capsys.readouterr().out
    assert id in said
    assert len(id) > 36 or width == "40" or max(map(len, said.splitlines())) <= int(width)
    assert width != "200" or len(id) > 36 or "2027-05-03T12:00Z" in said


def test_an_answer_is_its_owner_s_word_and_not_what_somebody_is_told() -> None:
    def said(name: str) -> Envelope:
        return Envelope(id="1", source="/x", type=f"tandem.{name}", data={})

    command = r.AddTopic.model_validate(TOPIC)
    assert _answers(said(r.TopicListed.name), command)
    assert _answers(said(r.CommandRejected.name), command)
    assert not _answers(said(r.PersonAddressed.name), command)
    assert not _answers(said("matching.round-opened.v1"), command)


def test_the_readme_s_table_names_every_command_and_no_other() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `\./tandem ([a-z-]+)", text, flags=re.MULTILINE)
    assert sorted(named) == sorted(COMMANDS)


@pytest.mark.parametrize(
    "command",
    [["status", "x"], ["top", "--once"], ["doctor"], ["quarantine", "show", "x"], ["publish", r.AddTopic.name]],
)
def test_a_folder_of_somebody_else_is_one_line(
    tandem: Callable[..., int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: list[str],
) -> None:
    def foreign(file: Path, *given: object, **options: object) -> str:
        raise PermissionError(13, "Permission denied", str(file))

    topic = tmp_path / "topic"
    topic.write_text(json.dumps(TOPIC), encoding="utf-8")
    theirs = tmp_path / "theirs" / "env"
    read, stat = Path.read_text, Path.stat
    monkeypatch.setattr(addresses, "DEFAULT", theirs)
    # As the system refuses it, also to root, who runs this where an image is built.
    monkeypatch.setattr(Path, "read_text", lambda f, *a, **o: (foreign if f == theirs else read)(f, *a, **o))
    monkeypatch.setattr(Path, "stat", lambda f, *a, **o: (foreign if f == theirs else stat)(f, *a, **o))
    assert tandem(*command, *([str(topic)] if command[0] == "publish" else [])) == 2
    assert "run this as its owner" in one_line(capsys)


def test_addresses_that_lack_a_line_say_which() -> None:
    with pytest.raises(Exception, match="add the line TANDEM_OPS_TOKEN="):
        Addresses({}, "x")["TANDEM_OPS_TOKEN"]


def test_definitions_hold_hashes_of_passwords_and_without_passwords_no_user(
    tandem: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for user in topology.users():
        (tmp_path / f"password-{user}").write_text(f"secret-of-{user}\n", encoding="utf-8")
    assert tandem("contracts", "--definitions", "--passwords", str(tmp_path)) == 0
    text = capsys.readouterr().out
    made = json.loads(text)
    assert "secret-of-" not in text
    assert {user["name"] for user in made["users"]} == {row["user"] for row in made["permissions"]}
    assert {user["name"] for user in made["users"]} == set(topology.users())
    assert tandem("contracts", "--definitions") == 0
    bare = json.loads(capsys.readouterr().out)
    assert (bare["users"], bare["permissions"], bare["topic_permissions"]) == ([], [], [])
    assert bare["queues"] == made["queues"]


def test_a_ca_that_cannot_be_read_is_said_before_anything_is_asked(
    tandem: Callable[..., int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TANDEM_TLS_CA", "")  # what the file says holds for the process: given back afterwards
    file = tmp_path / "env"
    file.write_text(f"{env()}TANDEM_TLS_CA=/nowhere/ca.pem\n", encoding="utf-8")
    assert tandem("status", "x", "--against", str(file)) == 2
    assert "TANDEM_TLS_CA names no CA's certificate (PEM): /nowhere/ca.pem" in one_line(capsys)
    verified.cache_clear()


def test_of_what_nobody_takes_no_body_is_shown_that_may_be_private() -> None:
    def may_be_read(key: str, type: str = "", body: bytes = b"") -> bool:
        body = body or Envelope(id="1", source="/portal", type=f"tandem.{type or key}", data={}).encode()
        message = SimpleNamespace(routing_key=key, body=body)
        return unrouted.may_be_read(unrouted.Lying(cast(AbstractIncomingMessage, message)))

    harmless, answers = "registration.close-registration.v1", "evaluation.submit-answers.v1"
    assert may_be_read(harmless)
    assert may_be_read(harmless, body=b'{"type":"tandem.registration.close-registration.v1","data":{}}'), "no source"
    assert may_be_read(harmless, body=b"no envelope")
    assert not may_be_read(harmless, body=b'{"type":"tandem.evaluation.submit-answers.v1","data":{}}'), "nor a source"
    assert not may_be_read(harmless, answers), "under a wrong key"
    assert not may_be_read(answers)
    assert not may_be_read(answers, harmless)
    assert not may_be_read("matching.name-wishes.v1")
    assert not may_be_read("evaluation.submit-answers.v2"), "of a later release"


def test_whoever_hands_thousands_back_is_told_that_the_service_goes_on_when_it_takes_long(
    tandem: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    class Slow(client.Client):
        """Connects to nobody; no answer ever comes."""

        async def __aenter__(self) -> Self:
            return self

        async def __aexit__(self, *ended: object) -> None:
            return None

        async def ask(self, command: Command, user: str, *, actor: str | None = None, limit: float = 0) -> Envelope:
            waited.append(limit)
            raise NoAnswer("no answer came", "1")

    row = {"id": "x", "service": "matching", "type": "t", "reason": "r", "since": "2027-05-03T14:00:00+00:00"}
    monkeypatch.setattr(acting, "Client", Slow)
    monkeypatch.setattr(quarantine, "listed", lambda *asked: [row] * 3_000)
    file = tmp_path / "env"
    file.write_text(env(), encoding="utf-8")
    assert tandem("quarantine", "replay", "--all", "--why", "y", "--against", str(file)) == 2
    first, last = capsys.readouterr().err.strip().splitlines()
    assert "3000" in first
    assert "goes on" in last
    assert tandem("quarantine", "replay", "x", "--why", "y", "--against", str(file)) == 2
    assert waited[0] == 20 * waited[1], "one message is waited for as before"
