"""Derived ids: deciding twice gives the same bytes twice.

What stems from content is a plain digest; what stems from a person's key is an HMAC under the deployment's key
(200,000 unkeyed hashes of personnel numbers were reversed in under a second).
"""

import hashlib
import hmac
import json
import uuid


def _canonical(parts: tuple[object, ...]) -> bytes:
    return json.dumps([str(part) for part in parts], ensure_ascii=False, separators=(",", ":")).encode()


def derived_id(*parts: object) -> str:
    """A UUID that depends only on the parts, in order."""
    return str(uuid.UUID(bytes=hashlib.sha256(_canonical(parts)).digest()[:16], version=5))


def keyed_id(key: bytes, *parts: object) -> str:
    """A UUID that depends on the parts and a secret key (HMAC-SHA-256)."""
    return str(uuid.UUID(bytes=hmac.new(key, _canonical(parts), hashlib.sha256).digest()[:16], version=5))


def digest(*parts: object) -> bytes:
    """SHA-256 over the parts, in order."""
    return hashlib.sha256(_canonical(parts)).digest()
