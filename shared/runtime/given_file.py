"""What somebody gave a command: files with their names for people, `-` being standard input, and texts."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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


def check_inputs(*paths: Path | None) -> None:
    """Refuse more than one file from standard input. Raises WrongUseError."""
    if paths.count(Path(STANDARD_INPUT)) > 1:
        raise WrongUseError("only one file can come from standard input; give the others by their paths")


def check_texts(*given: tuple[str, str]) -> None:
    """Refuse, of options and their texts, what a shell took from bytes that are no UTF-8. Raises WrongUseError."""
    for option, text in given:
        try:
            text.encode()
        except UnicodeEncodeError:
            raise WrongUseError(f"{option} is no text in UTF-8; write it anew, with letters and digits") from None


def without_mark(content: bytes) -> bytes:
    """The content without the mark that some programs put before UTF-8."""
    return content.removeprefix(b"\xef\xbb\xbf")


def no_json(name: str, found: Mapping[str, Any]) -> WrongUseError:
    """The error for a file that Pydantic finds to be no JSON; says line and column."""
    return WrongUseError(f"{name} is no JSON: {found['ctx']['error']}; correct it there")
