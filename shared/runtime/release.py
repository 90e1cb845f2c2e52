"""What runs here: the version, digests of code and lock file, and packages that are not as locked."""

import hashlib
import platform
import re
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

from shared.runtime.ops import Release

ROOT = Path(__file__).parents[2]
DIGEST = 12
"""Characters of a digest that are shown."""


@cache
def release(root: Path = ROOT) -> Release:
    """What runs, read once: about 0.2 s, most of it for the names of installed packages."""
    lock = _text(root / "requirements.lock")
    found = re.search(r'^version = "([^"]+)"', _text(root / "pyproject.toml"), re.MULTILINE)
    return Release(
        version=found[1] if found else "",
        code=code_digest(root),
        lock=hashlib.sha256(lock.encode()).hexdigest()[:DIGEST] if lock else "",
        python=platform.python_version(),
        differs=differing(lock, installed()),
    )


def code_digest(root: Path) -> str:
    """A digest of everything under `shared` and `services` that decides what a service does; the same everywhere."""
    digest = hashlib.sha256()
    places = (root / "shared" / "contracts", root / "shared" / "runtime", root / "services")
    files = (path for place in places for path in place.rglob("*") if path.suffix in (".py", ".toml"))
    for name, path in sorted((path.relative_to(root).as_posix(), path) for path in files):
        digest.update(f"{name}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:DIGEST]


def installed() -> dict[str, str]:
    """Installed packages with their versions, by normalised name."""
    return {_plain(each.name): each.version for each in metadata.distributions() if each.name}


def differing(lock: str, present: Mapping[str, str]) -> tuple[str, ...]:
    """Packages that are installed with another version than the lock file names; what is not installed is no fault."""
    found = []
    for line in lock.splitlines():
        name, mark, version = line.split("#")[0].split(";")[0].strip().partition("==")
        name = name.split("[")[0]
        here = present.get(_plain(name))
        if mark and here is not None and here != version.strip():
            found.append(f"{name} {here}, locked {version.strip()}")
    return tuple(found)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
