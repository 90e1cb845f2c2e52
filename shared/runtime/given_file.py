"""A file that somebody gave a command: its bytes, and its name for people. `-` is standard input."""

import sys
from pathlib import Path

from shared.runtime.wrong_use import WrongUseError

STANDARD_INPUT = "-"


def read_bytes(path: Path) -> bytes:
    """A file's content. Raises WrongUseError."""
    if str(path) == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise WrongUseError(f"{path} cannot be read ({error.strerror}); check the path") from None


def name_of(path: Path) -> str:
    """A file's name for people."""
    return "standard input" if str(path) == STANDARD_INPUT else str(path)
