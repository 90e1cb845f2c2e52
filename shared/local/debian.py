"""Finds RabbitMQ on this machine and, as root on Debian or Ubuntu, installs the distribution's package.

The package would start a system-wide broker; Tandem wants a private node only, so that start is prevented.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from shared.local.errors import LocalServerError

# The wrapper in /usr/sbin changes to the user `rabbitmq` and its system folders; this is the server itself.
RABBITMQ_SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")

_LOCK = Path("/run/tandem-install.lock")
_POLICY = Path("/usr/sbin/policy-rc.d")
_INSTALL = ("install", "--yes", "--no-install-recommends", "rabbitmq-server")
_APT_OPTIONS = ("-qq", "-o", "DPkg::Lock::Timeout=300")
_UNITS = ("rabbitmq-server.service", "epmd.socket", "epmd.service")
_EPMD_PORT_OF_THE_SYSTEM = "4369"


def rabbitmq_server() -> Path:
    """The path of the server's start script; installs Debian's package where it is missing and that is allowed.

    Raises LocalServerError where it is missing and cannot be installed.
    """
    if not RABBITMQ_SERVER.exists():
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            raise LocalServerError(
                "RabbitMQ is missing: install it with `sudo apt-get install rabbitmq-server` and run this again"
            )
        with _one_at_a_time():
            if not RABBITMQ_SERVER.exists():
                _install()
    return RABBITMQ_SERVER


def _install() -> None:
    print(
        "tandem: RabbitMQ is missing; installing Debian's rabbitmq-server (a minute or two; starts no system service)",
        file=sys.stderr,
        flush=True,
    )
    running = {process.pid for process in _erlang_of_the_system()}
    with _no_service_starts():
        for step in (("update",), _INSTALL):
            done = subprocess.run(
                ["apt-get", *_APT_OPTIONS, *step],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            # A stale or partly unreachable index may still hold the package: only installing decides.
            if done.returncode != 0 and step is _INSTALL:
                reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
                raise LocalServerError(f"`apt-get install rabbitmq-server` failed: {reason}")
    if shutil.which("systemctl"):
        subprocess.run(["systemctl", "--quiet", "disable", *_UNITS], capture_output=True, check=False)
    for process in _erlang_of_the_system():
        if process.pid not in running:
            process.terminate()


def _erlang_of_the_system() -> list[psutil.Process]:
    """Broker and port mapper that a package's script starts: the user `rabbitmq`'s, or an epmd on the usual port."""
    found = []
    for process in psutil.process_iter(["name", "username"]):
        try:
            if process.info["username"] in {"rabbitmq", "epmd"}:
                found.append(process)
            elif process.info["name"] == "epmd":
                port = process.environ().get("ERL_EPMD_PORT", _EPMD_PORT_OF_THE_SYSTEM)
                if port == _EPMD_PORT_OF_THE_SYSTEM:
                    found.append(process)
        except psutil.Error:
            continue
    return found


@contextmanager
def _no_service_starts() -> Iterator[None]:
    """Lets Debian's maintainer scripts start nothing: policy-rc.d, exit 101 (see invoke-rc.d(8))."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Only root installs, so the lock lies where only root may write, whatever others put into a common folder."""
    lock = os.open(_LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
