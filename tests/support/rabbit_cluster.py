"""A RabbitMQ cluster of three nodes on one machine, to lose one of them."""

import asyncio
import shutil
import socket
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

from shared.local import LocalRabbit
from shared.local.folders import private_folder
from shared.local.process import ServerProcess
from shared.local.rabbit import Member

SIZE = 3
LIMIT = 10.0


class RabbitCluster(LocalRabbit):
    """Three nodes; to whoever takes it for one broker it is its first node, at the addresses of all of them."""

    def __init__(self, folder: Path) -> None:
        self._folder_of_all = private_folder(folder)
        self._epmd = ServerProcess("epmd", folder / "epmd")
        port = self._epmd.ports(("epmd",))["epmd"]
        names = tuple(f"tandem-{number}@localhost" for number in range(1, SIZE + 1))
        members = [Member(name, names, folder / "secrets", port) for name in names]
        super().__init__(folder / "1", member=members[0])
        self.nodes: list[LocalRabbit] = [self]
        self.nodes += [LocalRabbit(folder / str(n), member=members[n - 1]) for n in range(2, SIZE + 1)]

    async def start(self) -> None:
        """The first node, then the others, which join it."""
        epmd = shutil.which("epmd")
        assert epmd is not None, "comes with Erlang"
        port = self._epmd.known_ports()["epmd"]
        env = {"PATH": "/usr/bin:/bin", "ERL_EPMD_ADDRESS": "127.0.0.1"}
        await self._epmd.start([epmd, "-port", str(port)], env, lambda: _listens(port), limit=LIMIT, grace=1.0)
        await super().start()
        await asyncio.gather(*(node.start() for node in self.nodes[1:]))

    async def start_again(self) -> None:
        """The first node, which was killed, on its data."""
        await super().start()

    async def stop(self) -> None:
        """End every node, and the port mapper last."""
        await asyncio.gather(super().stop(), *(node.stop() for node in self.nodes[1:]))
        await self._epmd.stop()

    def amqp_url(self, user: str | None = None, password: str | None = None, vhost: str = "/") -> str:
        """The addresses of all nodes in one, the first one first."""
        first = urlsplit(super().amqp_url(user, password, vhost))
        credentials, _, own = first.netloc.rpartition("@")
        others = [urlsplit(node.amqp_url()).netloc.rpartition("@")[2] for node in self.nodes[1:]]
        return urlunsplit(first._replace(netloc=f"{credentials}@{','.join((own, *others))}"))

    async def members(self, queue: str) -> dict[str, Any]:
        """What the last node says of a quorum queue: its `leader`, its `members`, and who of them is `online`."""
        found = cast("list[dict[str, Any]]", await self.nodes[-1].queues("/"))
        return next(one for one in found if one["name"] == queue)

    async def nodes_of(self, user: str) -> list[str]:
        """To which nodes a user is connected, a name for each connection, as the last node says."""
        found = cast("list[dict[str, Any]]", await self.nodes[-1]._call("GET", "connections"))
        return sorted(one["node"] for one in found if one.get("user") == user)


async def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
