"""Runs SecantusDB in a container as MongoDB's image would: as its own user, with an administrator where there is one.

With the secret `mongo-admin` the first start makes `tandem-admin` while nobody else can connect, then lets in only who
has a password; without the secret (a test's container) it lets in everybody. `check` as argument is the health check.
"""

import contextlib
import os
import pwd
import signal
import subprocess
import sys
import time
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import PyMongoError

ADMIN = "tandem-admin"
DATA = Path("/data/db")
KNOWN = DATA / "admin-is-known"
SECRET = Path("/run/secrets/mongo-admin")
OWN = Path("/run/tandem/mongo-admin")
PATIENCE = 60.0


def command(host: str, *more: str) -> list[str]:
    """SecantusDB, which commits durably only with `--sync-on-commit`."""
    where = ("--host", host, "--port", "27017", "--storage-path", str(DATA / "data"))
    return [sys.executable, "-m", "secantus", *where, "--sync-on-commit", "--log-level", "WARNING", *more]


def client(password: str | None = None) -> "MongoClient[dict[str, object]]":
    """A connection to the server in this container."""
    who = {"username": ADMIN, "password": password} if password else {}
    return MongoClient("127.0.0.1", 27017, directConnection=True, serverSelectionTimeoutMS=2_000, **who)


def writable(password: str | None) -> bool:
    """Whether the server answers, lets the administrator in and can write."""
    try:
        with client(password) as database:
            return bool(database.admin.command("hello")["isWritablePrimary"] and database.admin.command("ping"))
    except PyMongoError:
        return False


def make_admin(password: str) -> None:
    """Start the server for this container alone, make the administrator, and end it."""
    server = subprocess.Popen(command("127.0.0.1"))
    try:
        end = time.monotonic() + PATIENCE
        while not writable(None):
            if server.poll() is not None or time.monotonic() > end:
                raise SystemExit("SecantusDB did not start; see the lines above")
            time.sleep(0.1)
        with client() as database:
            what = {"pwd": password, "roles": [{"role": "root", "db": "admin"}], "mechanisms": ["SCRAM-SHA-256"]}
            database.admin.command({"createUser": ADMIN, **what})
    finally:
        server.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(10)
        server.kill()
        server.wait()
    KNOWN.touch(mode=0o600)


def become_its_own_user() -> None:
    """Give the data and a copy of the secret to the server's user, and go on as it."""
    user = pwd.getpwnam("mongodb")
    DATA.mkdir(parents=True, exist_ok=True)
    os.chown(DATA, user.pw_uid, user.pw_gid)
    if SECRET.exists():
        OWN.parent.mkdir(exist_ok=True)
        OWN.write_text(SECRET.read_text(encoding="ascii"), encoding="ascii")
        OWN.chmod(0o400)
        os.chown(OWN, user.pw_uid, user.pw_gid)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


def main() -> None:
    """Run the server, or check it."""
    if sys.argv[1:] == ["check"]:
        password = SECRET.read_text(encoding="ascii").strip() if SECRET.exists() else None
        raise SystemExit(0 if writable(password) else 1)
    if os.getuid() == 0:
        become_its_own_user()
    if not OWN.exists():
        os.execv(sys.executable, command("0.0.0.0"))
    if not KNOWN.exists():
        make_admin(OWN.read_text(encoding="ascii").strip())
    os.execv(sys.executable, command("0.0.0.0", "--auth"))


if __name__ == "__main__":
    main()
