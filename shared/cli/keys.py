"""`tandem keys`: makes a stack's secrets, one file each, and the settings that compose reads.

Only the standard library, and nothing newer than Python 3.11: it runs before anything is installed. A secret that is
there stays; `--rotate` writes a new one.
"""

import argparse
import errno
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path("deploy", "secrets")
IMAGE_UID = 10001
"""The user that the images name: who is root gives it the files."""
LAST_UID = 2**31 - 1
"""The highest user that an engine takes."""
PEOPLE = ("portal", "delegates", "office", "ops", "hr", "calendar", "mail")
"""The broker's users beside the services."""
NEVER = {
    "key": "every participant's id hangs on it",
    "mongo-admin": "the database knows the old one only: docs/operations.md says how",
}
"""Secrets that no new file may replace, and why."""
OLDEST = {"docker compose": (2, 0), "docker-compose": (1, 29), "podman-compose": (1, 0)}
"""The least version of each program that takes docker-compose.yml."""
PORTS = {"TANDEM_PORT_AMQP": 5672, "TANDEM_PORT_MANAGEMENT": 15672, "TANDEM_PORT_HTTP": 8080}
"""What the stack publishes by default."""


class KeysError(Exception):
    """It cannot be done; one line that says what to do."""


def services(root: Path = ROOT) -> tuple[str, ...]:
    """The services, by name."""
    return tuple(sorted(file.parent.name for file in (root / "services").glob("*/service.py")))


def names(root: Path = ROOT) -> tuple[str, ...]:
    """Every secret of a stack, by the name of its file."""
    fixed = (
        "key",
        "office-token",
        "ops-token",
        "hr-token",
        "rabbitmq-admin",
        "mongo-admin",
        "mongo-members",
        "grafana",
    )
    return (*fixed, *(f"password-{user}" for user in (*PEOPLE, *services(root))))


def make(root: Path, rotate: str = "", uid: int | None = None) -> list[str]:
    """Write what is missing, and a new secret where one is to be rotated; the lines that say so. Raises KeysError."""
    if rotate and rotate not in names(root):
        raise KeysError(f"there is no secret {rotate!r}; there are {', '.join(names(root))}")
    if rotate in NEVER:
        raise KeysError(f"{rotate} is not to be changed by a new file: {NEVER[rotate]}")
    if rotate and not (root / FOLDER / rotate).is_file():
        raise KeysError(f"there is no {FOLDER / rotate} yet; run ./tandem keys first")
    folder = root / FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        known = _uid_of(root / ".env")
        owner = uid if uid is not None else known if known is not None else _own_uid()
        if owner > LAST_UID:
            raise KeysError(f"{owner} is no user: name one from 0 to {LAST_UID} (--uid, or TANDEM_UID in .env)")
        missing = [name for name in names(root) if not (folder / name).is_file()]
        if known is not None and (lost := sorted(set(missing) & set(NEVER))):
            raise KeysError(
                f"{', '.join(str(FOLDER / name) for name in lost)}: lost, and data that a stack has need the old ones: "
                "put your copy back; for a new, empty stack take the line TANDEM_UID out of .env first"
            )
        in_place = [name for name in missing if (folder / name).is_dir()]
        for name in in_place:
            (folder / name).rmdir()
        for name in missing:
            _write(folder / name, secrets.token_hex(32), owner)
        if rotate:
            _write(folder / rotate, secrets.token_hex(32), owner)
        for name in names(root):
            _own(folder / name, owner)
        # Last: without it compose refuses to start, so it never finds half of the secrets.
        changed = owner != known
        if changed:
            _settle(root / ".env", owner)
    except OSError as error:
        hints = {errno.ENOSPC: "make room", errno.ENOTEMPTY: "a folder is in the place of this secret: move it away"}
        hint = hints.get(error.errno or 0, "run it as who may write there")
        raise KeysError(f"{error.filename or folder} cannot be written ({error.strerror}); {hint}") from None
    said = [f"{len(missing)} secrets written to {FOLDER}/ (mode 600, for user {owner})"] if missing else []
    if in_place:
        said.append("empty folders were in their place (an engine makes them): start with --force-recreate")
    said += [f"a new {rotate} written to {FOLDER}/{rotate}"] if rotate else []
    said += [f"TANDEM_UID={owner} written to .env"] if changed else []
    return said or [f"all {len(names(root))} secrets are there in {FOLDER}/; nothing changed"]


def _own_uid() -> int:
    return os.getuid() or IMAGE_UID


def _write(file: Path, text: str, owner: int | None = None) -> None:
    """Write a file that only its owner may read (None: who runs this), whole or not at all."""
    number, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(number, "w", encoding="utf-8") as out:
            out.write(f"{text}\n")
        if owner is not None:
            _own(Path(name), owner)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _own(file: Path, owner: int) -> None:
    file.chmod(0o600)
    if os.getuid() == 0:
        os.chown(file, owner, -1)


def _uid_of(env: Path) -> int | None:
    """The user that `.env` names, if it does."""
    text = env.read_text(encoding="utf-8") if env.exists() else ""
    return _number(text, "TANDEM_UID")


def _number(env: str, name: str) -> int | None:
    """The number that the text of `.env` gives a name, with quotes and a comment behind it as compose takes them."""
    found = re.findall(rf"""^{name}=(["']?)(\d+)\1\s*(?:#.*)?$""", env, flags=re.MULTILINE)
    return int(found[-1][1]) if found else None


def _settle(env: Path, owner: int) -> None:
    """Put the user into `.env`; every other line stays."""
    lines = env.read_text(encoding="utf-8").splitlines() if env.exists() else []
    kept = [line for line in lines if not line.startswith("TANDEM_UID=")]
    # An operator may write a secret into it: for nobody else's eyes, as `_write` makes it.
    _write(env, "\n".join((*kept, f"TANDEM_UID={owner}")))


# What comes next


def next_steps(rotated: str, program: str) -> list[str]:
    """What to type after this, with the program that is here."""
    if not rotated:
        return [f"start it: {program} up -d"]
    if rotated == "rabbitmq-admin":
        change = "rabbitmqctl change_password tandem-admin"
        return [f"tell the broker: {program} exec -T rabbitmq {change} < {FOLDER}/{rotated}"]
    if rotated.startswith("password-"):
        who = rotated.removeprefix("password-")
        told = f"tell broker and database: {program} up -d declare"
        after = f"then {program} restart {who}" if who not in PEOPLE else f"then give {who} the new password"
        return [told, after]
    if rotated == "hr-token":
        return [f"then {program} restart registration", "then give the new token to who runs ./tandem import --hr"]
    if rotated == "grafana":
        reset = "grafana cli admin reset-admin-password --password-from-stdin"
        return [f"tell Grafana: {program} exec -T grafana {reset} < {FOLDER}/{rotated}"]
    if rotated == "mongo-members":
        first = "in a set of several machines, give every member the same file first"
        return [first, f"then {program} restart mongodb: it copies the file when it starts"]
    return [f"then, one after the other: {program} restart {name}" for name in services()]


def compose_program() -> tuple[str, str]:
    """The program to start the stack with, and what is wrong with it, if anything."""
    found = ""
    for program, oldest in OLDEST.items():
        version = _version(program)
        if version >= oldest:
            return program, ""
        if version > (0, 0) and not found:
            found = f"{program} {'.'.join(map(str, version))} is too old"
    needed = ", ".join(f"{program} {'.'.join(map(str, oldest))}" for program, oldest in OLDEST.items())
    return "docker compose", f"{found or 'no compose is installed'}; the stack needs one of: {needed} or newer"


def _version(program: str) -> tuple[int, ...]:
    words = program.split()
    if shutil.which(words[0]) is None:
        return (0, 0)
    try:
        told = subprocess.run([*words, "version"], capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return (0, 0)
    found = re.search(r"ompose\D*?v?(\d+)\.(\d+)", told.stdout) if told.returncode == 0 else None
    return (int(found[1]), int(found[2])) if found else (0, 0)


def taken_ports(root: Path) -> list[str]:
    """The stack's ports that something on this machine holds, as lines that say what to set."""
    env = root / ".env"
    text = env.read_text(encoding="utf-8") if env.exists() else ""
    told = []
    for name, default in PORTS.items():
        port = _number(text, name) or default
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                told.append(f"port {port} is taken here: write another into .env, {name}=…")
    return told


def keys(rotate: str = "", uid: int = -1) -> None:
    """Make the stack's secrets and .env; what is there stays. Raises KeysError."""
    first = not (ROOT / ".env").exists()
    for line in make(ROOT, rotate, uid if uid >= 0 else None):
        print(f"tandem: {line}")
    program, fault = compose_program()
    for line in ([fault] if fault else []) + (taken_ports(ROOT) if first else []):
        print(f"tandem: {line}")
    for line in next_steps(rotate, program):
        print(f"tandem: {line}")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as every command does."""

    def error(self, message: str) -> NoReturn:
        raise KeysError(f"{message}; see ./tandem keys --help")


def main() -> None:
    """The same as a program of its own; what goes wrong is one line and exit code 2."""
    parser = _Parser(prog="tandem keys", description=__doc__.split("\n\n")[0])
    parser.add_argument("--rotate", metavar="NAME", default="", help="write a new secret of this name")
    parser.add_argument(
        "--uid",
        type=int,
        default=-1,
        help="the user of the containers; 0 with rootless Docker or Podman, where it is you",
    )
    try:
        given = parser.parse_args()
        keys(given.rotate, given.uid)
    except KeysError as error:
        print(f"tandem: {error}", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
