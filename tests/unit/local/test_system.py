"""The whole system's own decisions: whose folder and databases, when a replica starts again, what a demo leaves."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console

from shared.cli.demo import command
from shared.local import LocalServerError
from shared.local.mongo import EXTERNAL_URL
from shared.local.system import AT_ONCE, LocalSystem, Replica, database_of, pause


@pytest.fixture(autouse=True)
def no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (EXTERNAL_URL, "TANDEM_AMQP_URL"):
        monkeypatch.delenv(name, raising=False)


def test_systems_on_a_server_of_somebody_else_have_databases_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LocalSystem(tmp_path / "one").database("matching") == database_of("matching")
    monkeypatch.setenv(EXTERNAL_URL, "mongodb://127.0.0.1:1/")
    names = [LocalSystem(tmp_path / name).database("matching") for name in ("one", "other", "one")]
    assert names[0] == names[2] != names[1]
    assert all(name.startswith("tandem-") and name.endswith("-matching") for name in names)


def test_the_addresses_of_what_runs_are_no_server_to_start_another_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sourced `.local/env`: a demo would write into what `up` runs."""
    monkeypatch.setenv(EXTERNAL_URL, "mongodb://127.0.0.1:1/")
    monkeypatch.setenv("TANDEM_AMQP_URL", "amqp://127.0.0.1:1/")
    with pytest.raises(LocalServerError, match="--against"):
        LocalSystem(tmp_path)


async def test_a_second_system_in_a_folder_is_refused_and_ends_nothing_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = LocalSystem(tmp_path), LocalSystem(tmp_path)
    first._take_folder()
    (tmp_path / "env").touch()

    async def ended() -> None:
        raise AssertionError("it ended a server that another system started")

    monkeypatch.setattr(second.rabbit, "stop", ended)
    monkeypatch.setattr(second.mongo, "stop", ended)
    with pytest.raises(LocalServerError, match="already runs"):
        async with second:
            pass
    assert (tmp_path / "env").exists()
    await first.stop()
    assert not (tmp_path / "env").exists()
    second._take_folder()


@pytest.fixture
def ended() -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("tandem: set the environment right: TANDEM_DRIVER\n", "set the environment right: TANDEM_DRIVER"),
        ('{"event": "waiting", "reason": "the database\\nis away"}\n', "the database is away"),
        ('Traceback\n{"event": "stopped"}\n', "stopped"),
        ("", "it wrote nothing"),
    ],
)
async def test_a_replica_that_does_not_get_ready_is_named_with_the_last_that_it_says(
    tmp_path: Path, ended: subprocess.Popen[bytes], line: str, said: str
) -> None:
    system = LocalSystem(tmp_path)
    log = system.log_of("matching-1")
    log.write_text("said by an earlier run\n", encoding="utf-8")
    replica = Replica("matching", "matching-1", 1, 0, logged=log.stat().st_size)
    with log.open("a", encoding="utf-8") as file:
        file.write(line)
    replica.process = ended
    system.replicas["matching-1"] = replica
    with pytest.raises(LocalServerError) as raised:
        await system.ready()
    assert str(raised.value) == f"matching-1 did not get ready: {said} (see {log})"


async def test_a_server_that_cannot_start_ends_the_one_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = LocalSystem(tmp_path)
    order: list[str] = []

    async def refuse() -> None:
        raise LocalServerError("no database")

    async def slow() -> None:
        await asyncio.sleep(0)
        order.append("broker is up")

    async def stop() -> None:
        order.append("broker is down")

    monkeypatch.setattr(system.mongo, "start", refuse)
    monkeypatch.setattr(system.rabbit, "start", slow)
    monkeypatch.setattr(system.rabbit, "stop", stop)
    with pytest.raises(LocalServerError, match="no database"):
        async with system:
            pass
    assert order == ["broker is up", "broker is down"]


def test_a_replica_starts_again_a_little_later_each_time_it_ends_at_once() -> None:
    assert [pause(quick) for quick in range(4)] == [0.0, 0.25, 0.5, 1.0]
    assert pause(50) == 10.0
    replica = Replica("matching", "matching-1", 1, 0, begun=100.0)
    waits = []
    for _ in range(3):
        ended = replica.begun + 1
        assert not replica.may_start(ended)
        assert replica.again is not None
        waits.append(replica.again - ended)
        assert replica.may_start(replica.again)
        replica.begun, replica.again = replica.again, None
    assert waits == [0.25, 0.5, 1.0]
    assert replica.may_start(replica.begun + AT_ONCE), "it lived long enough"


def a_process_that_ended() -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process


async def test_a_replica_that_cannot_be_started_does_not_end_the_watch_over_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    system = LocalSystem(tmp_path)
    started: list[str] = []
    done = asyncio.Event()

    def spawn(replica: Replica) -> None:
        if replica.name == "bad":
            raise OSError("no more processes")
        started.append(replica.name)
        replica.process = None
        done.set()

    monkeypatch.setattr(system, "_spawn", spawn)
    ended = a_process_that_ended()
    system.replicas = {name: Replica("matching", name, 1, 0, ended, begun=-100.0) for name in ("bad", "good")}
    watch = asyncio.create_task(system._keep_alive())
    async with asyncio.timeout(10):
        await done.wait()
    assert not watch.done()
    watch.cancel()
    assert started == ["good"]
    assert "bad cannot be started: no more processes" in capsys.readouterr().err


# A demo of its own


def logs(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in folder.glob(".local/demo-*/log/*.jsonl")]


@pytest.mark.parametrize(("error", "stays"), [(LocalServerError("no"), True), (asyncio.CancelledError(), False)])
async def test_a_demo_that_failed_leaves_its_logs_and_one_that_was_ended_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, stays: bool
) -> None:
    async def start(self: LocalSystem) -> None:
        self.log_of("matching-1").write_text("why", encoding="utf-8")
        raise error

    monkeypatch.setattr(LocalSystem, "start", start)
    monkeypatch.setattr(command, "ROOT", tmp_path)
    with pytest.raises(type(error)):
        async with command._running(None, Console(quiet=True)):
            pass
    assert logs(tmp_path) == ["why"] * stays


def test_a_demo_that_is_told_to_end_stops_in_good_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[str] = []

    async def run(*arguments: Any, **options: Any) -> dict[str, Any]:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.Event().wait()
        finally:
            stopped.append("in good order")
        return {}

    monkeypatch.setattr(command, "run", run)
    with pytest.raises(typer.Exit) as ended:
        command.demo(out=tmp_path / "out")
    assert ended.value.exit_code == 128 + signal.SIGTERM
    assert stopped == ["in good order"]
