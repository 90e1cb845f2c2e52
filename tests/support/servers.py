"""One RabbitMQ and one MongoDB for a whole test run, shared by its workers.

The first worker that asks starts a server; it ends with the run's main process, however that ends. Where a Docker
engine answers and has the image it is a container (`tests.support.containers`), else this machine's own.
"""

import asyncio
import fcntl
import os
import shutil
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from shared.local import LocalMongo, LocalRabbit
from shared.local.folders import private_folder
from shared.local.mongo import EXTERNAL_URL
from tests.support import containers

Server = TypeVar("Server", LocalRabbit, LocalMongo)

_RABBIT = "rabbitmq"
_MONGO = "mongodb"


@dataclass(frozen=True, slots=True)
class Vhost:
    """A virtual host of a test's own, and where its administrator connects."""

    name: str
    url: str


class Servers:
    """The run's servers under `folder`, an object a worker; `owner` is the pid of the run's main process."""

    def __init__(self, folder: Path, owner: int) -> None:
        self._folder = private_folder(folder)
        self._owner = owner
        # Kept until the worker ends: a starter that is thrown away would warn of a child that still runs.
        self._started: list[LocalRabbit | LocalMongo] = []

    def rabbit(self) -> LocalRabbit:
        """A handle to the run's broker, which is started if need be."""
        return self._handle(self._folder / _RABBIT, LocalRabbit, containers.start_rabbit)

    def mongo(self) -> LocalMongo:
        """A handle to the run's database (which knows no users), started if need be."""
        in_container = containers.start_mongo if EXTERNAL_URL not in os.environ else _never
        return self._handle(self._folder / _MONGO, LocalMongo, in_container)

    def end(self) -> None:
        """End what was started and remove the folder; for the main process, when no worker is left."""
        for folder, kind in ((self._folder / _RABBIT, LocalRabbit), (self._folder / _MONGO, LocalMongo)):
            if folder.exists() and not containers.remove(folder):
                in_thread(kind(folder).stop())
        shutil.rmtree(self._folder, ignore_errors=True)

    def _handle(self, folder: Path, kind: Callable[..., Server], in_container: Callable[[Path], bool]) -> Server:
        private_folder(folder)
        with _locked(self._folder / f"{folder.name}.lock"):
            up = folder / "is-up"
            if not up.exists():
                if not in_container(folder):
                    server = kind(folder, owner=self._owner)
                    in_thread(server.start())
                    self._started.append(server)
                up.touch()
        return kind(folder)


def in_thread(work: Coroutine[Any, Any, None]) -> None:
    """Run to its end on a loop of its own: this thread's may be running."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def _never(folder: Path) -> bool:
    return False


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
