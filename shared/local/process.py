"""One server process of this machine's own, under a folder, kept by a supervisor that outlives no owner."""

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from shared.local import supervisor
from shared.local.errors import LocalServerError
from shared.local.folders import private_folder, write_private
from shared.local.ports import Ports

_POLL = 0.05


class ServerProcess:
    """Starts, stops and kills a server whose data lie under `folder`, also from another process than its starter's.

    `owner` is the pid with whose end the server ends; by default this process.
    """

    def __init__(self, name: str, folder: Path, owner: int | None = None) -> None:
        self.name = name
        self.folder = private_folder(folder)
        self._owner = owner if owner is not None else os.getpid()
        self._ports = Ports()
        self._supervisor: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What the server wrote to its standard output and error."""
        return self.folder / "server.log"

    @property
    def running(self) -> bool:
        """Whether a supervisor keeps this folder, here or in another process."""
        if self._supervisor is not None:
            return self._supervisor.poll() is None
        return self._supervisor_pid() is not None

    def pids(self, program: str = "") -> list[int]:
        """The server's living processes; only those of a program (`beam.smp`) when one is named."""
        found = supervisor.marked(str(self.folder))
        return supervisor.named(found, program) if program else found

    def ports(self, names: Sequence[str]) -> dict[str, int]:
        """Reserved ports by name: the same as last time as far as they are free.

        Raises LocalServerError when the server runs: its ports are written down, and stay so.
        """
        self._must_not_run()
        last = self.known_ports()
        ports = {name: self._ports.take(last.get(name)) for name in names}
        write_private(self.folder / "ports.json", json.dumps(ports))
        return ports

    def known_ports(self) -> dict[str, int]:
        """The ports of the last start, by name; empty before the first."""
        try:
            ports: dict[str, int] = json.loads((self.folder / "ports.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return ports

    async def start(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        ready: Callable[[], Awaitable[bool]],
        limit: float,
        grace: float,
        terminate: str = "",
    ) -> None:
        """Starts the command and waits until `ready` says so, at most `limit` seconds.

        Told to stop later, the program named `terminate` (else the command) gets SIGTERM, and SIGKILL after `grace` s.
        Raises LocalServerError, with the last line that the server wrote, when it ends or stays silent.
        """
        self._must_not_run()
        with self.log.open("wb") as log:
            self._supervisor = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", supervisor.__file__),
                    *(str(self.folder), str(self._owner), str(grace), terminate, "--", *command),
                ],
                env=dict(env),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        end = time.monotonic() + limit
        try:
            while not await ready():
                if self._supervisor.poll() is not None:
                    raise LocalServerError(f"{self.name} ended while starting: {self._last_words()}")
                if time.monotonic() > end:
                    raise LocalServerError(f"{self.name} is not ready after {limit:.0f} s: {self._last_words()}")
                await asyncio.sleep(_POLL)
        except BaseException:
            await self._end(signal.SIGUSR1)
            self._ports.release()
            raise

    async def stop(self) -> None:
        """Ends the server in good order and gives its ports back; does nothing when it does not run."""
        await self._end(signal.SIGTERM)
        self._ports.release()

    async def kill(self) -> None:
        """SIGKILL for the server and all it started; data and ports are kept for the next start."""
        await self._end(signal.SIGUSR1)

    async def _end(self, number: int) -> None:
        pid = self._supervisor.pid if self._supervisor is not None else self._supervisor_pid()
        while pid is not None and self.running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            await self._gone()
        self._supervisor = None

    async def _gone(self) -> None:
        while self.running:
            await asyncio.sleep(_POLL / 5)

    def _must_not_run(self) -> None:
        if self.running:
            raise LocalServerError(f"{self.name} already runs in {self.folder}; stop it first")

    def _supervisor_pid(self) -> int | None:
        """The pid in the folder's lock while somebody holds it."""
        try:
            lock = os.open(self.folder / "lock", os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(os.pread(lock, 20, 0) or b"0") or None
        else:
            return None
        finally:
            os.close(lock)

    def _last_words(self) -> str:
        if self._supervisor is not None and self._supervisor.returncode == supervisor.ALREADY_RUNNING:
            return f"another one runs in {self.folder}"
        return f"{last_words(self.log)} (see {self.log})"


def last_words(path: Path, start: int = 0) -> str:
    """The last line of a log that begins after so many bytes; of a line of ours only its reason, or what happened."""
    with path.open("rb") as log:
        log.seek(start)
        last = deque((line for line in log if line.strip()), maxlen=1)
    if not last:
        return "it wrote nothing"
    said = last[0].decode(errors="replace").strip()
    with contextlib.suppress(json.JSONDecodeError):
        line = json.loads(said)
        # Who ends before its log is set up, or by an exception, has said it in plain words.
        if isinstance(line, dict):
            said = str(line.get("reason") or line.get("event") or said)
    return " ".join(said.removeprefix("tandem: ").split())
