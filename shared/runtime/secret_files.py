"""Secrets from files: each secret `TANDEM_X` may be given as `TANDEM_X_FILE`, the name of a file that holds it."""

import os
import re
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

_NEXT = re.compile(r",(?=[a-z]+://)")
"""Where the next of several whole addresses begins."""


class SecretError(Exception):
    """A secret's file cannot be read; one line that says which."""


def secret(name: str) -> str:
    """A secret from its file, else from the environment, else empty. Raises SecretError."""
    path = os.environ.get(f"{name}_FILE", "")
    if not path:
        return os.environ.get(name, "")
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SecretError(f"{name}_FILE cannot be read: {path} ({error.strerror})") from None
    except ValueError:
        raise SecretError(f"{name}_FILE cannot be read: {path} holds no text") from None
    if not text:
        raise SecretError(f"{name}_FILE cannot be read: {path} is empty")
    return text


def with_password(url: str, password: str) -> str:
    """The address with a password for the user that it names without one; any other as it is. Raises ValueError.

    Of a list of whole addresses each gets it.
    """
    return ",".join(_with_password(one, password) for one in _NEXT.split(url))


def _with_password(url: str, password: str) -> str:
    parts = urlsplit(url)
    user, at, hosts = parts.netloc.rpartition("@")
    if not password or not at or ":" in user:
        return url
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{hosts}"))
