"""The run's servers as containers, by testcontainers: made to look, in their folder, like this machine's own.

A folder with the ports and the administrator's password is all that a handle (`LocalRabbit(folder)`) needs. Used only
where a Docker engine answers and has an image, the official one or that of `deploy/airgap/build`;
`TANDEM_TEST_CONTAINERS` may be `1` (get the official one if there is none) or `0` (never).
"""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from shared.local.folders import secret, write_private
from shared.local.rabbit import MAX_MESSAGE_BYTES, LocalRabbit

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

CHOICE = "TANDEM_TEST_CONTAINERS"
RABBIT_IMAGES = ("rabbitmq:4.0.5-management", "tandem-airgap-rabbitmq")
MONGO_IMAGE = "mongo:8.0.4"
SECANTUS_IMAGE = "tandem-airgap-mongodb"

_ASK_SECONDS = 3.0
_REMOVE_SECONDS = 30.0
_START_SECONDS = 90.0
_CONTAINER = "container"


def start_rabbit(folder: Path) -> bool:
    """Start the broker in a container, if that is to be done here: whether it was."""
    image = wanted(RABBIT_IMAGES)
    if not image:
        return False
    password = secret(folder / "secrets", "admin")
    limits = folder / "limits.conf"
    limits.write_text(f"max_message_size = {MAX_MESSAGE_BYTES}\n", encoding="ascii")
    container = (
        _container(image)
        .with_envs(RABBITMQ_DEFAULT_USER=LocalRabbit.admin_user, RABBITMQ_DEFAULT_PASS=password)
        .with_volume_mapping(limits, "/etc/rabbitmq/conf.d/90-limits.conf")
    )
    ports = _start(container, folder, {"amqp": 5672, "management": 15672, "prometheus": 15692})
    _until(lambda: _takes_connections(ports, password), image)
    return True


def start_mongo(folder: Path) -> bool:
    """Start the database in a container as a replica set of one, if that is to be done here: whether it was."""
    image = wanted((MONGO_IMAGE, SECANTUS_IMAGE))
    if not image:
        return False
    container = _container(image)
    if image == MONGO_IMAGE:
        container = container.with_command("--replSet tandem --bind_ip_all")
    ports = _start(container, folder, {"mongo": 27017})
    _until(lambda: _is_primary(ports["mongo"]), image)
    return True


def remove(folder: Path) -> bool:
    """End the container of this folder with its data; whether there was one."""
    note = folder / _CONTAINER
    if not note.exists():
        return False
    _docker("rm", "--force", "--volumes", note.read_text(encoding="ascii"), limit=_REMOVE_SECONDS)
    return True


def wanted(images: Sequence[str]) -> str:
    """The image that this server is to be a container of, or none. Costs next to nothing where there is no Docker."""
    choice = os.environ.get(CHOICE)
    if choice == "0" or shutil.which("docker") is None or not _docker("info"):
        return ""
    here = (image for image in images if _docker("image", "inspect", image))
    return next(here, images[0] if choice == "1" else "")


def _docker(*arguments: str, limit: float = _ASK_SECONDS) -> bool:
    try:
        done = subprocess.run(["docker", *arguments], capture_output=True, check=False, timeout=limit)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _container(image: str) -> "DockerContainer":
    # Read when the library is imported: its reaper is an image of its own, which may be out of reach.
    os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"
    from testcontainers.core.container import DockerContainer

    return DockerContainer(image)


def _start(container: "DockerContainer", folder: Path, inside: dict[str, int]) -> dict[str, int]:
    """Start the container and write down what it is and where it listens."""
    container.with_exposed_ports(*inside.values()).start()
    write_private(folder / _CONTAINER, str(container.get_wrapped_container().id))
    ports = {name: int(container.get_exposed_port(port)) for name, port in inside.items()}
    write_private(folder / "ports.json", json.dumps(ports))
    return ports


def _until(ready: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _START_SECONDS
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} is not ready after {_START_SECONDS:.0f} s")
        time.sleep(0.1)


def _takes_connections(ports: dict[str, int], password: str) -> bool:
    """Whether broker and management answer: Docker's own proxy would take a connection long before."""
    try:
        with socket.create_connection(("127.0.0.1", ports["amqp"]), timeout=1) as link:
            link.sendall(b"AMQP\x00\x00\x09\x01")
            if not link.recv(1):
                return False
        url = f"http://127.0.0.1:{ports['management']}/api/whoami"
        answer = httpx.get(url, auth=(LocalRabbit.admin_user, password), timeout=2, trust_env=False)
    except (OSError, httpx.TransportError):
        return False
    return answer.is_success


def _is_primary(port: int) -> bool:
    """Whether the replica set has its primary; makes the set at first."""
    url = f"mongodb://127.0.0.1:{port}/?directConnection=true"
    config = {"_id": "tandem", "members": [{"_id": 0, "host": "127.0.0.1:27017"}]}
    try:
        with MongoClient[dict[str, object]](url, serverSelectionTimeoutMS=500) as client:
            if client.admin.command("hello")["isWritablePrimary"]:
                return True
            client.admin.command("replSetInitiate", config)
    except (OperationFailure, PyMongoError):
        return False
    return False
