"""The files that a command writes: looked at before anything is computed, and written at the end."""

import os
from collections.abc import Iterable
from pathlib import Path

from shared.runtime.wrong_use import WrongUseError


def check_outputs(outputs: Iterable[tuple[str, Path | None]], read: Iterable[Path]) -> None:
    """Refuse what cannot be written, or would write over another file. Raises WrongUseError.

    `outputs`: option and file; `read`: the files that are read.
    """
    taken = list(read)
    for option, path in outputs:
        if path is None:
            continue
        if str(path) == "-":
            raise WrongUseError(f"{option} writes a file, and nothing to standard output; name one")
        if any(_same(path, other) for other in taken):
            raise WrongUseError(f"{option} {path} would write over another file of this command; name a new one")
        if why := _hindered(path):
            raise WrongUseError(f"{option} {path} cannot be written: {why}")
        taken.append(path)


def write_text(path: Path, text: str) -> None:
    """Write a file of text in UTF-8. Raises WrongUseError."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file. Raises WrongUseError."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise WrongUseError(f"{path} cannot be written ({error.strerror}); check the path") from None


def _same(one: Path, other: Path) -> bool:
    """One file under two paths; hard links are one too."""
    try:
        return one.samefile(other)
    except OSError:
        return one.resolve() == other.resolve()


def _hindered(path: Path) -> str:
    """Why a file cannot be written, and what to do; else empty."""
    if path.is_dir():
        return "it is a folder; name a file in it"
    if path.exists():
        return "" if os.access(path, os.W_OK) else "it is not yours to change; name another"
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder {folder}; make it first"
    return "" if os.access(folder, os.W_OK | os.X_OK) else f"nothing may be written into {folder}; name another folder"
