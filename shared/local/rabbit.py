"""A private RabbitMQ node for one machine: own folder, ports, node name, port mapper and passwords."""

import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NotRequired, Self, TypedDict, cast
from urllib.parse import quote, urlsplit

import httpx

from shared.local.debian import rabbitmq_server
from shared.local.errors import LocalServerError
from shared.local.folders import private_folder, secret, write_private
from shared.local.process import ServerProcess
from shared.local.tls import ServerTls

MAX_MESSAGE_BYTES = 1_048_576
"""What the broker accepts as one message (P12: 1 MiB)."""

_NODE = "tandem@localhost"
_BEAM = "beam.smp"
_START_LIMIT = 90.0
# Queues and stores are closed within 0.1 s; what the management plugin then waits for, for six, is nobody's data.
_GRACE = 2.0
_PORTS = ("amqp", "management", "prometheus", "distribution", "epmd")


@dataclass(frozen=True, slots=True)
class Member:
    """A node's place in a cluster on this machine: its name among all their names, and what they share.

    `secrets` is the folder of their common cookie and passwords, `epmd` the port of a port mapper that runs already.
    """

    name: str
    names: tuple[str, ...]
    secrets: Path
    epmd: int


class Binding(TypedDict):
    """A binding as the management interface says it."""

    source: str
    destination: str
    destination_type: str
    routing_key: str
    arguments: dict[str, object]


class Queue(TypedDict):
    """A queue as the management interface says it; counts may be a second old, and absent just after it was made."""

    name: str
    durable: bool
    arguments: dict[str, object]
    type: NotRequired[str]
    messages: NotRequired[int]
    messages_ready: NotRequired[int]
    messages_unacknowledged: NotRequired[int]
    consumers: NotRequired[int]


class LocalRabbit:
    """A private RabbitMQ node under `folder`; an async context manager, or `start()` and `stop()`.

    Several run at once when their folders differ. The node ends with the process `owner` (a pid; by default this
    process), however that ends. A second object on the same folder, in any process, is a handle to the same node.
    With `member` it joins a cluster on its first start, when another node of it runs already. With `tls` it takes AMQP
    by TLS too, on another port.
    """

    admin_user = "tandem-admin"

    def __init__(
        self,
        folder: Path | str,
        *,
        owner: int | None = None,
        member: Member | None = None,
        tls: ServerTls | None = None,
    ) -> None:
        self._tls = tls
        self._process = ServerProcess("RabbitMQ", Path(folder), owner)
        self._folder = self._process.folder
        self._member = member
        self._secrets = member.secrets if member else self._folder / "secrets"

    @property
    def running(self) -> bool:
        """Whether the node was started and has not ended."""
        return self._process.running

    @property
    def pid(self) -> int:
        """The pid of the Erlang machine. Raises LocalServerError when the node does not run."""
        try:
            return self._process.pids(_BEAM)[0]
        except IndexError:
            raise LocalServerError(f"no RabbitMQ runs in {self._folder}; start it first") from None

    @property
    def admin_password(self) -> str:
        """The random password of `admin_user`, made on first use and kept in the folder with mode 600."""
        return secret(self._secrets, "admin")

    @property
    def management_url(self) -> str:
        """Address of the management interface (HTTP), without a slash at its end."""
        return f"http://127.0.0.1:{self._port('management')}"

    @property
    def prometheus_url(self) -> str:
        """Address of the node's metrics."""
        return f"http://127.0.0.1:{self._port('prometheus')}/metrics"

    def amqp_url(self, user: str | None = None, password: str | None = None, vhost: str = "/") -> str:
        """Where and as whom to connect; the administrator unless a user is named, whose password then belongs to it."""
        if (user is None) != (password is None):
            raise ValueError("name both user and password, or neither")
        name, word = (self.admin_user, self.admin_password) if user is None or password is None else (user, password)
        credentials = f"{quote(name, safe='')}:{quote(word, safe='')}"
        return f"amqp://{credentials}@127.0.0.1:{self._port('amqp')}/{quote(vhost, safe='')}"

    def amqps_url(self, user: str | None = None, password: str | None = None, vhost: str = "/") -> str:
        """The same by TLS; the node's name is `localhost`."""
        plain = urlsplit(self.amqp_url(user, password, vhost))
        credentials = plain.netloc.rpartition("@")[0]
        return plain._replace(scheme="amqps", netloc=f"{credentials}@localhost:{self._port('amqps')}").geturl()

    async def start(self) -> None:
        """Starts the node on the data of its folder and waits until it takes connections; about five seconds.

        As root it first installs Debian's package where that is missing. Raises LocalServerError, in one line, when
        the node cannot be had.
        """
        server = rabbitmq_server()
        ports = self._process.ports((*_PORTS, *(("amqps",) if self._tls else ())))
        env = self._configure(ports)
        await self._process.start([str(server)], env, self._ready, limit=_START_LIMIT, grace=_GRACE, terminate=_BEAM)

    async def stop(self) -> None:
        """Ends the node in good order, its port mapper with it; the data stay."""
        await self._process.stop()

    async def kill(self) -> None:
        """SIGKILL, as a power cut would; `start()` brings the node back on the same data and ports."""
        await self._process.kill()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def create_vhost(self, name: str) -> None:
        """A virtual host in which the administrator has every right."""
        await self._call("PUT", f"vhosts/{_q(name)}", {})
        await self._call("PUT", f"permissions/{_q(name)}/{self.admin_user}", _rights(".*", ".*", ".*"))

    async def delete_vhost(self, name: str) -> None:
        """Removes a virtual host with all its queues and messages."""
        await self._call("DELETE", f"vhosts/{_q(name)}")

    async def define(self, definitions: dict[str, object], vhost: str = "/") -> None:
        """Import definitions (exchanges, queues, bindings, policies, users, rights); doing it again changes nothing."""
        path = "definitions" if vhost == "/" else f"definitions/{_q(vhost)}"
        await self._call("POST", path, definitions)

    async def create_user(
        self,
        name: str,
        password: str,
        configure: str,
        write: str,
        read: str,
        vhost: str = "/",
        topic_permissions: Iterable[tuple[str, str, str]] = (),
    ) -> None:
        """A user, or new rights for one: regular expressions on names of queues and exchanges in the virtual host.

        `topic_permissions` are (exchange, write, read): regular expressions on the routing keys of a topic exchange.
        """
        await self._call("PUT", f"users/{_q(name)}", {"password": password, "tags": ""})
        await self._call("PUT", f"permissions/{_q(vhost)}/{_q(name)}", _rights(configure, write, read))
        for exchange, topic_write, topic_read in topic_permissions:
            rights = {"exchange": exchange, "write": topic_write, "read": topic_read}
            await self._call("PUT", f"topic-permissions/{_q(vhost)}/{_q(name)}", rights)

    async def bindings(self, vhost: str) -> list[Binding]:
        """Every binding of the virtual host, also the default exchange's own to each queue."""
        return cast("list[Binding]", await self._call("GET", f"bindings/{_q(vhost)}"))

    async def queues(self, vhost: str) -> list[Queue]:
        """Every queue of the virtual host with its counts."""
        return cast("list[Queue]", await self._call("GET", f"queues/{_q(vhost)}"))

    def _port(self, name: str) -> int:
        try:
            return self._process.known_ports()[name]
        except KeyError:
            raise LocalServerError(f"no RabbitMQ was started in {self._folder}; start it first") from None

    def _client(self) -> httpx.AsyncClient:
        # trust_env: a proxy of the environment has no business on the loopback address.
        auth = (self.admin_user, self.admin_password)
        return httpx.AsyncClient(base_url=f"{self.management_url}/api/", auth=auth, timeout=30, trust_env=False)

    async def _call(self, method: str, path: str, body: object = None) -> object:
        try:
            async with self._client() as client:
                answer = await client.request(method, path, json=body)
        except httpx.TransportError as error:
            raise LocalServerError(f"RabbitMQ in {self._folder} does not answer: {error!r}") from error
        if answer.is_error:
            raise LocalServerError(f"RabbitMQ refused {method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    async def _ready(self) -> bool:
        try:
            # The listener opens last; asking the management first would miss the moment by up to a poll each.
            socket.create_connection(("127.0.0.1", self._port("amqp")), timeout=1).close()
            await self._call("GET", "whoami")
        except (OSError, LocalServerError):
            return False
        return True

    def _configure(self, ports: dict[str, int]) -> dict[str, str]:
        """Writes the node's files and gives the environment to start it in."""
        home = private_folder(self._folder / "home")
        # Erlang would make up a cookie from the clock.
        write_private(home / ".erlang.cookie", secret(self._secrets, "erlang-cookie"))
        write_private(
            self._folder / "rabbitmq.conf",
            "\n".join(
                (
                    f"listeners.tcp.local = 127.0.0.1:{ports['amqp']}",
                    "management.tcp.ip = 127.0.0.1",
                    f"management.tcp.port = {ports['management']}",
                    "prometheus.tcp.ip = 127.0.0.1",
                    f"prometheus.tcp.port = {ports['prometheus']}",
                    f"default_user = {self.admin_user}",
                    f"default_pass = {self.admin_password}",
                    f"max_message_size = {MAX_MESSAGE_BYTES}",
                    "collect_statistics_interval = 1000",
                    *self._discovery(),
                    *self._by_tls(ports),
                    "",
                )
            ),
        )
        write_private(self._folder / "enabled_plugins", "[rabbitmq_management,rabbitmq_prometheus].\n")
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "ERL_EPMD_PORT": str(self._member.epmd if self._member else ports["epmd"]),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": self._member.name if self._member else _NODE,
            "RABBITMQ_DIST_PORT": str(ports["distribution"]),
            "RABBITMQ_CONF_ENV_FILE": str(self._folder / "no-rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(self._folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self._folder / "no-advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self._folder / "data"),
            "RABBITMQ_LOG_BASE": str(self._folder / "log"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(self._folder / "generated"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }

    def _by_tls(self, ports: dict[str, int]) -> tuple[str, ...]:
        if self._tls is None:
            return ()
        return (
            f"listeners.ssl.local = 127.0.0.1:{ports['amqps']}",
            f"ssl_options.cacertfile = {self._tls.ca.resolve()}",
            f"ssl_options.certfile = {self._tls.cert.resolve()}",
            f"ssl_options.keyfile = {self._tls.key.resolve()}",
            "ssl_options.verify = verify_peer",
            f"ssl_options.fail_if_no_peer_cert = {str(self._tls.ask_clients).lower()}",
        )

    def _discovery(self) -> tuple[str, ...]:
        """How a member finds the others."""
        if self._member is None:
            return ()
        how = "cluster_formation.peer_discovery_backend = classic_config"
        nodes = enumerate(self._member.names, 1)
        return (how, *(f"cluster_formation.classic_config.nodes.{number} = {name}" for number, name in nodes))


def _q(name: str) -> str:
    return quote(name, safe="")


def _rights(configure: str, write: str, read: str) -> dict[str, str]:
    return {"configure": configure, "write": write, "read": read}
