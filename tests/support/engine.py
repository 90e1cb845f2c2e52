"""A Docker engine with docker-compose: the one that answers, else (as root, on Debian) one of the tests' own."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

START_LIMIT = 60.0


class NoEngine(Exception):
    """No engine can be had here; says why."""


@dataclass(frozen=True)
class Engine:
    """Where the engine listens, and how compose is called."""

    compose: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)


def answers(env: dict[str, str]) -> bool:
    """Whether an engine answers."""
    if shutil.which("docker") is None:
        return False
    try:
        asked = subprocess.run(["docker", "info"], env=env, capture_output=True, check=False, timeout=20)
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0


@contextmanager
def engine(folder: Path) -> Iterator[Engine]:
    """An engine to be used; one that is started for this has all its data under `folder`. Raises NoEngine."""
    env = dict(os.environ)
    if answers(env):
        yield Engine(_compose(), env)
        return
    installed("dockerd", "docker.io")
    compose = _compose()
    env["DOCKER_HOST"] = f"unix://{folder}/socket"
    places = {"--exec-root": "exec", "--data-root": "data", "--pidfile": "pid"}
    options = [word for option, place in places.items() for word in (option, str(folder / place))]
    with (folder / "log").open("wb") as log:
        daemon = subprocess.Popen(["dockerd", "-H", env["DOCKER_HOST"], *options], stdout=log, stderr=log)
    try:
        end = time.monotonic() + START_LIMIT
        while not answers(env):
            if daemon.poll() is not None or time.monotonic() > end:
                last = (folder / "log").read_text(errors="replace").strip().splitlines()[-1:]
                raise NoEngine(f"dockerd does not start here: {''.join(last)[-300:]}")
            time.sleep(0.2)
        yield Engine(compose, env)
    finally:
        daemon.terminate()
        daemon.wait(60)
        # It leaves this mounted, and nobody could remove the folder.
        subprocess.run(["umount", str(folder / "exec" / "netns" / "default")], capture_output=True, check=False)


def _compose() -> tuple[str, ...]:
    for program in (("docker", "compose"), ("docker-compose",)):
        if shutil.which(program[0]) is not None:
            told = subprocess.run([*program, "version"], capture_output=True, check=False)
            if told.returncode == 0:
                return program
    installed("docker-compose", "docker-compose")
    return ("docker-compose",)


def installed(program: str, package: str) -> None:
    """Have a program; root installs Debian's package of it. Raises NoEngine."""
    if shutil.which(program) is not None:
        return
    if os.getuid() != 0 or shutil.which("apt-get") is None:
        raise NoEngine(f"{program} is missing, and only root on Debian may install {package}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-qq", "update"], env=env, capture_output=True, check=False)
    done = subprocess.run(["apt-get", "-qq", "-y", "install", package], env=env, capture_output=True, check=False)
    if done.returncode or shutil.which(program) is None:
        raise NoEngine(f"Debian's package {package} cannot be had here")
