"""A private MongoDB wire server for one machine: `TANDEM_MONGO_URL`, else a `mongod` on the path, else SecantusDB."""

import os
import shutil
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from pymongo import AsyncMongoClient
from pymongo.errors import ConnectionFailure, OperationFailure

from shared.local.errors import LocalServerError
from shared.local.folders import private_folder, secret, write_private
from shared.local.process import ServerProcess
from shared.local.tls import ServerTls
from shared.runtime.tls import Tls

EXTERNAL_URL = "TANDEM_MONGO_URL"

_START_LIMIT = 60.0
_GRACE = 15.0
_USER_EXISTS = 51003


class LocalMongo:
    """A private MongoDB under `folder`; an async context manager, or `start()` and `stop()`.

    With `auth` the server lets in only users with a password (SCRAM-SHA-256). It ends with the process `owner` (a
    pid; by default this process), however that ends. A second object on the same folder is a handle to the same
    server. With `tls` it speaks TLS alone. When `TANDEM_MONGO_URL` is set, that server is used as it is, and nothing is
    started, stopped or killed.
    """

    admin_user = "tandem-admin"

    def __init__(
        self, folder: Path | str, *, auth: bool = False, owner: int | None = None, tls: ServerTls | None = None
    ) -> None:
        self._tls = tls
        self._external = os.environ.get(EXTERNAL_URL)
        self._process = ServerProcess("MongoDB", Path(folder), owner)
        self._folder = self._process.folder
        self._auth = auth
        self._mongod = shutil.which("mongod")

    @property
    def running(self) -> bool:
        """Whether the server was started and has not ended; always so for an external one."""
        return self._external is not None or self._process.running

    @property
    def pid(self) -> int:
        """The server's pid. Raises LocalServerError when it does not run here."""
        try:
            return self._process.pids()[0]
        except IndexError:
            raise LocalServerError(f"no MongoDB runs in {self._folder}; start it first") from None

    @property
    def admin_password(self) -> str:
        """The random password of `admin_user`, made on first use and kept in the folder with mode 600."""
        return secret(self._folder / "secrets", "admin")

    @property
    def url(self) -> str:
        """Where to connect; with `auth`, as the administrator."""
        if self._external is not None:
            return self._external
        return self._address(self.admin_user, self.admin_password, "admin") if self._auth else self._address()

    async def start(self) -> None:
        """Starts the server on the data of its folder and waits until it can write; about a second.

        Raises LocalServerError, in one line, when it cannot be had.
        """
        if self._external is not None:
            return
        port = self._process.ports(("mongo",))["mongo"]
        if self._mongod is not None:
            await self._start_mongod(self._mongod, port)
        else:
            await self._start_secantus(port)

    async def stop(self) -> None:
        """Ends the server in good order; the data stay. An external one is left alone."""
        if self._external is None:
            await self._process.stop()

    async def kill(self) -> None:
        """SIGKILL, as a power cut would; `start()` brings the server back on the same data and port.

        Raises LocalServerError for an external server.
        """
        if self._external is not None:
            raise LocalServerError(f"{EXTERNAL_URL} names a server that is not ours to kill; unset it for this")
        await self._process.kill()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def create_user(self, name: str, password: str, database: str) -> str:
        """A user who reads and writes this database only, or a new password for it; the URL to connect as it.

        Without `auth` the URL names no user: the server knows of none, and drivers would be refused.
        """
        if not self._auth:
            return self.url
        roles = [{"role": "readWrite", "db": database}]
        async with self._client(self.url) as client:
            await _put_user(client, database, name, password, roles)
        return self._address(name, password, database)

    def _address(self, user: str = "", password: str = "", source: str = "") -> str:
        try:
            port = self._process.known_ports()["mongo"]
        except KeyError:
            raise LocalServerError(f"no MongoDB was started in {self._folder}; start it first") from None
        # Direct: one node needs no discovery, which would follow the name that the node believes to have.
        host, tls = ("localhost", "&tls=true") if self._tls else ("127.0.0.1", "")
        if not user:
            return f"mongodb://{host}:{port}/?directConnection=true{tls}"
        credentials = f"{quote(user, safe='')}:{quote(password, safe='')}"
        options = f"directConnection=true&authSource={quote(source, safe='')}&authMechanism=SCRAM-SHA-256{tls}"
        return f"mongodb://{credentials}@{host}:{port}/?{options}"

    def _client(self, url: str) -> "AsyncMongoClient[dict[str, object]]":
        options: dict[str, Any] = {"serverSelectionTimeoutMS": 500, "connectTimeoutMS": 500}
        if self._tls is None:
            return AsyncMongoClient(url, **options)
        # To its own server it shows the server's own certificate.
        with Tls(self._tls.ca, self._tls.cert, self._tls.key).for_mongo() as tls:
            return AsyncMongoClient(url, **options, **tls)

    async def _answers(self, url: str) -> bool:
        """Whether a writable server answers there."""
        try:
            async with self._client(url) as client:
                hello = await client.admin.command("hello")
        except ConnectionFailure:
            return False
        return bool(hello["isWritablePrimary"])

    async def _start_secantus(self, port: int) -> None:
        """SecantusDB, which commits durably only with `--sync-on-commit` and takes its first user without `--auth`."""
        command = [
            *(sys.executable, "-m", "secantus", "--host", "127.0.0.1", "--port", str(port)),
            *("--storage-path", str(private_folder(self._folder / "data"))),
            *("--sync-on-commit", "--cache-size", "256M", "--log-level", "WARNING"),
        ]
        if self._tls is not None:
            command += [
                "--tls-cert-file",
                str(self._tls.cert.resolve()),
                "--tls-key-file",
                str(self._tls.key.resolve()),
            ]
            command += ["--tls-ca-file", str(self._tls.ca.resolve())]
            command += ["--tls-require-client-cert"] if self._tls.ask_clients else []
        if self._auth:
            provisioned = self._folder / "admin-is-known"
            if not provisioned.exists():
                await self._run(command, lambda: self._answers(self._address()))
                await self._create_admin()
                await self._process.kill()
                write_private(provisioned, "")
            command.append("--auth")
        await self._run(command, lambda: self._answers(self.url))

    async def _start_mongod(self, mongod: str, port: int) -> None:
        """MongoDB's own server as a replica set of one, which transactions need."""
        last = self._folder / "member"
        member = f"127.0.0.1:{port}"
        if last.exists() and last.read_text(encoding="utf-8") != member:
            raise LocalServerError(
                f"the port of {last.read_text(encoding='utf-8')} in {self._folder} is taken; free it"
            )
        command = [
            *(mongod, "--bind_ip", "127.0.0.1", "--port", str(port), "--replSet", "tandem", "--nounixsocket"),
            *("--dbpath", str(private_folder(self._folder / "data")), "--wiredTigerCacheSizeGB", "0.25", "--quiet"),
        ]
        if self._tls is not None:
            pair = self._folder / "certificate-and-key.pem"
            write_private(pair, f"{self._tls.cert.read_text()}\n{self._tls.key.read_text()}")
            command += ["--tlsMode", "requireTLS", "--tlsCertificateKeyFile", str(pair)]
            command += ["--tlsCAFile", str(self._tls.ca.resolve())]
            command += [] if self._tls.ask_clients else ["--tlsAllowConnectionsWithoutCertificates"]
        if self._auth:
            secret(self._folder / "secrets", "members")
            command += ["--auth", "--keyFile", str(self._folder / "secrets" / "members")]
        write_private(last, member)
        await self._run(command, lambda: self._initiated(member))
        if self._auth and not await self._knows_admin():
            await self._create_admin()

    async def _initiated(self, member: str) -> bool:
        """Whether the replica set has its primary; makes it on the first start."""
        try:
            async with self._client(self._address()) as client:
                if (await client.admin.command("hello"))["isWritablePrimary"]:
                    return True
                config = {"_id": "tandem", "members": [{"_id": 0, "host": member}]}
                await client.admin.command("replSetInitiate", config)
        except (ConnectionFailure, OperationFailure):
            # Not listening yet; or already initiated and still electing itself.
            return False
        return False

    async def _knows_admin(self) -> bool:
        try:
            async with self._client(self.url) as client:
                await client.admin.command("usersInfo", self.admin_user)
        except OperationFailure:
            return False
        return True

    async def _create_admin(self) -> None:
        async with self._client(self._address()) as client:
            await _put_user(client, "admin", self.admin_user, self.admin_password, [{"role": "root", "db": "admin"}])

    async def _run(self, command: list[str], ready: Callable[[], Awaitable[bool]]) -> None:
        # Its own home and folder: no configuration file of somebody else's is found there.
        env: Mapping[str, str] = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(private_folder(self._folder / "home")),
        }

        async def answers() -> bool:
            # A client that is closed while it still connects leaves its socket to the garbage collector.
            return self._listens() and await ready()

        await self._process.start(command, env, answers, limit=_START_LIMIT, grace=_GRACE)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._process.known_ports()["mongo"]), timeout=1).close()
        except OSError:
            return False
        return True


async def _put_user(
    client: "AsyncMongoClient[dict[str, object]]", database: str, name: str, password: str, roles: list[dict[str, str]]
) -> None:
    """Makes the user, or gives an existing one this password and these roles."""
    what = {"pwd": password, "roles": roles, "mechanisms": ["SCRAM-SHA-256"]}
    try:
        await client[database].command({"createUser": name, **what})
    except OperationFailure as error:
        if error.code != _USER_EXISTS:
            raise
        await client[database].command({"updateUser": name, **what})
