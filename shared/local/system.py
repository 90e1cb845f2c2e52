"""The whole of Tandem on one machine: broker, database, and each service as processes of its own."""

import asyncio
import contextlib
import ctypes
import fcntl
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, Self

import httpx

from shared.local.errors import LocalServerError
from shared.local.folders import private_folder, secret, write_private
from shared.local.mongo import EXTERNAL_URL, LocalMongo
from shared.local.ports import Ports
from shared.local.process import last_words
from shared.local.rabbit import LocalRabbit
from shared.runtime import discovery, topology

ROOT = Path(__file__).parents[2]
START_LIMIT = 30.0
STOP_LIMIT = 10.0
AT_ONCE = 5.0
"""A replica that lived for fewer seconds ended at once."""
PASSED_ON = ("TANDEM_DRIVER",)
"""What the environment of `up` and `demo` may choose for the services; everything else is the system's own."""
_SET_PARENT_DEATH_SIGNAL = 1


@dataclass
class Replica:
    """One process of a service: its name, its port, and how often it was started.

    `logged`: how many bytes its log had before.
    """

    service: str
    name: str
    port: int
    lane: int
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    log: IO[bytes] | None = None
    logged: int = 0
    begun: float = 0.0
    quick: int = 0
    again: float | None = None

    @property
    def url(self) -> str:
        """Address of its HTTP side."""
        return f"http://127.0.0.1:{self.port}"

    def may_start(self, now: float) -> bool:
        """Whether a replica that ended is to be started again: a little later each time that it ended at once."""
        if self.again is None:
            self.quick = self.quick + 1 if now - self.begun < AT_ONCE else 0
            self.again = now + pause(self.quick)
        return now >= self.again


def pause(quick: int) -> float:
    """Seconds before a replica is started again that ended at once so many times in a row."""
    return min(10.0, 0.25 * 2 ** (quick - 1)) if quick else 0.0


@dataclass
class LocalSystem:
    """Broker, database and services under one folder; an async context manager. One folder is one system.

    `scale` is the number of replicas by service (default 1); `days` says where days come from. A replica that ends
    unasked is started again under its name. Passwords, keys and tokens are made under the folder with mode 600.
    `env` changes a replica's environment, `mongo_urls` puts another address (a proxy) in the place of a service's
    database.
    """

    folder: Path
    scale: Mapping[str, int] = field(default_factory=dict)
    days: Literal["clock", "command"] = "command"
    env: Mapping[str, str] = field(default_factory=dict)
    mongo_urls: Mapping[str, str] = field(default_factory=dict)
    replicas: dict[str, Replica] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        if "TANDEM_AMQP_URL" in os.environ and EXTERNAL_URL in os.environ:
            raise LocalServerError(
                f"the environment holds the addresses of a Tandem that runs ({EXTERNAL_URL} beside TANDEM_AMQP_URL): "
                f"use `--against`, or unset {EXTERNAL_URL}"
            )
        try:
            self.folder = private_folder(self.folder)
        except OSError as error:
            raise self._unwritable(error) from None
        self.rabbit = LocalRabbit(self.folder / "rabbitmq")
        self.mongo = LocalMongo(self.folder / "mongodb", auth=EXTERNAL_URL not in os.environ)
        self.services = discovery.service_names()
        unknown = set(self.scale) - set(self.services)
        if unknown:
            raise LocalServerError(
                f"no service is called {', '.join(sorted(unknown))}; there are {', '.join(self.services)}"
            )
        self._ports = Ports()
        self._databases: dict[str, str] = {}
        self._watch: asyncio.Task[None] | None = None
        self._lock: int | None = None

    # What others need to connect

    def secret(self, name: str) -> str:
        """A password, key or token of this system, made on first use."""
        return secret(self.folder / "secrets", name)

    def amqp_url(self, user: str) -> str:
        """Where a user of the broker connects."""
        return self.rabbit.amqp_url(user, self.secret(f"broker-{user}"))

    def database(self, service: str) -> str:
        """The name of a service's database; on a server that is not this system's own, this folder's alone."""
        if EXTERNAL_URL not in os.environ:
            return database_of(service)
        return f"tandem-{hashlib.sha256(str(self.folder).encode()).hexdigest()[:10]}-{service}"

    def addresses(self) -> dict[str, str]:
        """Everything that a command needs to work with this system, as environment variables."""
        found = {
            "TANDEM_AMQP_URL": self.rabbit.amqp_url(),
            "TANDEM_MONGO_URL": self.mongo.url,
            "TANDEM_MANAGEMENT_URL": self.rabbit.management_url,
            "TANDEM_OFFICE_TOKEN": self.secret("office-token"),
            "TANDEM_OPS_TOKEN": self.secret("ops-token"),
            "TANDEM_HR_TOKEN": self.secret("hr-token"),
            "TANDEM_DAYS": self.days,
        }
        for user in topology.people():
            found[f"TANDEM_AMQP_URL_{user.upper()}"] = self.amqp_url(user)
        for replica in reversed(self.replicas.values()):
            found[f"TANDEM_HTTP_{replica.service.upper()}"] = replica.url
        return found

    def write_env(self) -> Path:
        """Write `env`, the file that `--against` reads."""
        path = self.folder / "env"
        write_private(path, "".join(f"{name}={value}\n" for name, value in self.addresses().items()))
        return path

    # Life

    async def start(self) -> None:
        """Start everything and wait until each service is ready. Raises LocalServerError in one line."""
        self._take_folder()
        for failed in await asyncio.gather(self.rabbit.start(), self.mongo.start(), return_exceptions=True):
            if failed is not None:
                raise failed
        await self._declare()
        for service in self.services:
            password = self.secret(f"database-{service}")
            self._databases[service] = await self.mongo.create_user(service, password, self.database(service))
        lane = 0
        for service in self.services:
            for number in range(1, self.scale.get(service, 1) + 1):
                replica = Replica(service, f"{service}-{number}", self._ports.take(), lane % 16)
                self.replicas[replica.name] = replica
                self._spawn(replica)
                lane += 1
        await self.ready()
        self._watch = asyncio.create_task(self._keep_alive())
        self.write_env()

    def _unwritable(self, error: OSError) -> LocalServerError:
        return LocalServerError(
            f"{self.folder} cannot be written ({error.strerror}); name another folder with --folder"
        )

    def _take_folder(self) -> None:
        """Hold the folder until the end. Raises LocalServerError when another system has it."""
        try:
            lock = os.open(self.folder / "system.lock", os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise self._unwritable(error) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            free = False
        else:
            # A starter that was killed holds nothing any more, but its servers may need a moment to end.
            free = not self.rabbit.running
        if not free:
            os.close(lock)
            raise LocalServerError(f"Tandem already runs in {self.folder}; stop it first, or choose another folder")
        self._lock = lock

    async def stop(self) -> None:
        """End the services in good order, then database and broker; nothing that another system started."""
        if self._lock is None:
            return
        if self._watch is not None:
            self._watch.cancel()
        for replica in self.replicas.values():
            if replica.process is not None:
                replica.process.terminate()
        limit = time.monotonic() + STOP_LIMIT
        for replica in self.replicas.values():
            if replica.process is not None:
                while replica.process.poll() is None and time.monotonic() < limit:
                    await asyncio.sleep(0.02)
                replica.process.kill()
                replica.process.wait()
            if replica.log is not None:
                replica.log.close()
        await asyncio.gather(self.rabbit.stop(), self.mongo.stop())
        self._ports.release()
        with contextlib.suppress(FileNotFoundError):
            (self.folder / "env").unlink()
        os.close(self._lock)
        self._lock = None

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def ready(self, limit: float = START_LIMIT) -> None:
        """Wait until every replica says that it can work. Raises LocalServerError that names one which does not."""
        end = time.monotonic() + limit
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            for replica in self.replicas.values():
                while not await self._answers(client, replica):
                    ended = replica.process is not None and replica.process.poll() is not None and self._watch is None
                    if ended or time.monotonic() > end:
                        log = self.log_of(replica.name)
                        said = last_words(log, replica.logged)
                        raise LocalServerError(f"{replica.name} did not get ready: {said} (see {log})")
                    await asyncio.sleep(0.05)

    @staticmethod
    async def _answers(client: httpx.AsyncClient, replica: Replica) -> bool:
        try:
            return (await client.get(f"{replica.url}/health/ready")).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self, name: str) -> None:
        """SIGKILL one replica, as a power cut would; it is started again under its name."""
        process = self.replicas[name].process
        if process is not None:
            process.send_signal(signal.SIGKILL)

    async def _declare(self) -> None:
        """Exchanges, queues, bindings, policies, users and rights, as the tables and contracts say."""
        passwords = {user: self.secret(f"broker-{user}") for user in topology.users()}
        await self.rabbit.define(topology.definitions(passwords))

    def _environment(self, replica: Replica) -> dict[str, str]:
        service = replica.service
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")},
            "PYTHONPATH": str(ROOT),
            "TANDEM_AMQP_URL": self.amqp_url(service),
            "TANDEM_MONGO_URL": self.mongo_urls.get(service, self._databases[service]),
            "TANDEM_DATABASE": self.database(service),
            "TANDEM_KEY": self.secret("key"),
            "TANDEM_OFFICE_TOKEN": self.secret("office-token"),
            "TANDEM_OPS_TOKEN": self.secret("ops-token"),
            "TANDEM_HR_TOKEN": self.secret("hr-token"),
            "TANDEM_ERASURES": str(self.folder / "erasures"),
            "TANDEM_PROGRAMME_KEYS": str(self.folder / "programme-keys"),
            "TANDEM_HTTP_PORT": str(replica.port),
            "TANDEM_REPLICA": replica.name,
            "TANDEM_LANE": str(replica.lane),
            "TANDEM_DAYS": self.days,
            **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
            **self.env,
        }

    def log_of(self, name: str) -> Path:
        """Where a replica's log lines go."""
        return private_folder(self.folder / "log") / f"{name}.jsonl"

    def _spawn(self, replica: Replica) -> None:
        if replica.log is None:
            replica.log = self.log_of(replica.name).open("ab")
            replica.logged = replica.log.tell()
        replica.process = subprocess.Popen(
            [sys.executable, "-m", "shared.runtime.host", replica.service],
            env=self._environment(replica),
            stdin=subprocess.DEVNULL,
            stdout=replica.log,
            stderr=replica.log,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        replica.starts += 1
        replica.begun, replica.again = time.monotonic(), None

    async def _keep_alive(self) -> None:
        """Start again what ended unasked; one that cannot be started keeps no other from it."""
        while True:
            for replica in self.replicas.values():
                ended = replica.process is not None and replica.process.poll() is not None
                if ended and replica.may_start(time.monotonic()):
                    try:
                        self._spawn(replica)
                    except OSError as error:
                        print(f"tandem: {replica.name} cannot be started: {error}", file=sys.stderr, flush=True)
                        replica.begun, replica.again = time.monotonic(), None
            await asyncio.sleep(0.1)


def database_of(service: str) -> str:
    """The name of a service's own database."""
    return f"tandem-{service}"


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
