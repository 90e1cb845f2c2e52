"""Private folders and the secrets in them: readable by their owner alone."""

import os
import secrets
from pathlib import Path


def private_folder(path: Path) -> Path:
    """Makes the folder (mode 700) with what is above it, and returns its absolute path."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    return path.resolve()


def write_private(path: Path, text: str) -> None:
    """Writes a file of mode 600 in one step: a reader sees the old text or the new, never a part."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def secret(folder: Path, name: str) -> str:
    """The secret of that name under the folder; made on first use (256 random bits, safe in URLs), kept with mode 600.

    Processes that ask at the same time get the same one.
    """
    path = private_folder(folder) / name
    make_secret(path)
    return path.read_text(encoding="utf-8")


def make_secret(path: Path) -> None:
    """Makes the file with a secret of its own, unless it is there; in a folder that stays as it is. Raises OSError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    write_private(draft, secrets.token_urlsafe(32))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
