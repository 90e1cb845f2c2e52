"""The key of the office's machine, under which the ids of its commands follow from what they say."""

import os
from pathlib import Path

from shared.local.folders import make_secret, secret
from shared.runtime.wrong_use import WrongUseError

FILE = "TANDEM_IMPORT_KEY_FILE"
NAME = "import-key"
LEAST = 16
"""Characters of a key."""


def import_key() -> bytes:
    """The key in the file that TANDEM_IMPORT_KEY_FILE names, else that of this user; made on first use (mode 600).

    Raises WrongUseError.
    """
    named = os.environ.get(FILE)
    try:
        key = _named(Path(named)) if named else secret(_folder(), NAME)
    except (OSError, UnicodeDecodeError, RuntimeError) as error:
        # Who has no home, as in a container, is told so by a RuntimeError.
        what = getattr(error, "strerror", None) or type(error).__name__
        where = f" {named}" if named else ""
        raise WrongUseError(f"the key of imports{where} cannot be used ({what}); name a file with {FILE}") from None
    if len(key) < LEAST:
        raise WrongUseError(f"{named or _folder() / NAME} holds no key; write {LEAST} characters or more, at random")
    return key.encode()


def _named(file: Path) -> str:
    """The key in a file; made there if there is none, in a folder that is there already and stays as it is."""
    if not file.exists():
        make_secret(file)
    return file.read_text(encoding="utf-8").strip()


def _folder() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "tandem"
