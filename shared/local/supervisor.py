"""Runs one server and ends it, with all that it started, when it is told to or when its owner dies.

Started as a program by `shared.local.process`, standard library only, so that it is up in a few milliseconds:
`python -I -S supervisor.py FOLDER OWNER_PID GRACE TERMINATE -- COMMAND …`. SIGTERM stops the server in good order,
SIGUSR1 kills it like a power cut; the owner's death, however violent, counts as SIGTERM. The server's processes are
known by a mark in their environment, which daemons such as Erlang's `epmd` inherit too.
"""

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import sys
import time

MARK = "TANDEM_LOCAL_FOLDER"
ALREADY_RUNNING = 75
_LOCK_PATIENCE = 3.0


def marked(folder: str) -> list[int]:
    """The pids of every living process that belongs to the server of this folder."""
    mark = f"{MARK}={folder}".encode()
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{entry}/environ", "rb") as environ:
                if mark in environ.read().split(b"\0"):
                    found.append(int(entry))
    return found


def named(pids: list[int], name: str) -> list[int]:
    """Those of the processes whose program has this name (at most 15 characters, as the kernel keeps it)."""
    found = []
    for pid in pids:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/comm", encoding="utf-8") as comm:
            if comm.read().strip() == name:
                found.append(pid)
    return found


def _end_all(folder: str) -> None:
    """SIGKILL until none is left: one that is just forking is met in the next turn."""
    while pids := marked(folder):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def _lock(folder: str) -> int | None:
    """The folder's lock, with this pid written into it; None when another supervisor keeps it."""
    lock = os.open(os.path.join(folder, "lock"), os.O_CREAT | os.O_RDWR, 0o600)
    patience = time.monotonic() + _LOCK_PATIENCE
    while True:
        try:
            # Somebody who asks whether a server runs here holds the lock for an instant: hence the patience.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > patience:
                return None
            time.sleep(0.02)
        else:
            os.ftruncate(lock, 0)
            os.pwrite(lock, str(os.getpid()).encode(), 0)
            return lock


def supervise(folder: str, owner: int, grace: float, terminate: str, command: list[str]) -> int:
    """Runs the command until it ends or is to end; its exit code.

    It has `grace` seconds to end in good order. `terminate` names the program among its processes that understands
    SIGTERM; empty: the command itself.
    """
    wake_reader, wake_writer = os.pipe()
    os.set_blocking(wake_reader, False)
    os.set_blocking(wake_writer, False)
    signal.set_wakeup_fd(wake_writer)
    asked: set[int] = set()
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGCHLD):
        signal.signal(number, lambda received, _frame: asked.add(received))
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    try:
        owner_end = os.pidfd_open(owner)
    except ProcessLookupError:
        return 0
    if _lock(folder) is None:
        return ALREADY_RUNNING
    _end_all(folder)
    child = subprocess.Popen(
        command, env={**os.environ, MARK: folder}, stdin=subprocess.DEVNULL, start_new_session=True
    )
    while child.poll() is None and not asked & {signal.SIGTERM, signal.SIGUSR1}:
        ready, _, _ = select.select([owner_end, wake_reader], [], [])
        if owner_end in ready:
            asked.add(signal.SIGTERM)
        with contextlib.suppress(BlockingIOError):
            os.read(wake_reader, 512)
    if signal.SIGUSR1 not in asked and child.poll() is None:
        for pid in named(marked(folder), terminate) if terminate else [child.pid]:
            os.kill(pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(grace)
    _end_all(folder)
    return child.wait()


if __name__ == "__main__":
    sys.exit(supervise(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4], sys.argv[6:]))
