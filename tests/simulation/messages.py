"""What the judges of a run share: the error, and how a message is called."""

import hashlib
import hmac
import json
import uuid

from shared.runtime.batch import EVENTS
from tests.simulation.world import KEY


class WrongError(AssertionError):
    """The run broke a promise; says which."""


def keyed(*parts: str) -> str:
    """An id under the deployment's key, made as the engine must make it."""
    text = json.dumps([str(part) for part in parts], ensure_ascii=False, separators=(",", ":")).encode()
    return str(uuid.UUID(bytes=hmac.new(KEY, text, hashlib.sha256).digest()[:16], version=5))


def keys_of(exchange: str, body: bytes, user: str | None) -> set[str]:
    """What an inbox calls a message."""
    try:
        read = json.loads(body)
        place = f"{read['source']}|{read['id']}"
    except (ValueError, KeyError, TypeError):
        return {f"raw|{keyed('raw', body.hex())}"}
    if exchange == EVENTS:
        return {f"event|{read['type'].split('.')[1]}|{place}"}
    return {f"command|{keyed(str(user), read['source'], read['id'])}"}
