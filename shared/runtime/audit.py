"""The audit: who did what when, without contents, as hash chains that nobody changes unseen.

Each replica has a chain of its own; each batch that decided what people asked for adds one link in its own transaction.
A link names the hash of the one before, so that whoever changes or takes out one must change all that follow. Each day
the heads of all chains are sealed together (`seals.py`). Why it is so: `docs/decisions/0011-audit.md`.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

NUMBER = 12
"""Digits of a link's number in its id: ids are in the order of a chain."""


class Head(BaseModel):
    """How far a chain has come: its last link's number (from 1) and hash."""

    model_config = ConfigDict(frozen=True)

    chain: str
    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody had done, in clear: only for as long as the batch is being decided.

    `time` (ISO timestamp) is when it was taken up, `on` the subjects that were written, or looked at where nothing was.
    """

    time: str
    role: str
    who: str
    what: str
    on: tuple[str, ...]
    result: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a chain. `at` is an ISO timestamp, `before` the hash of the link before, empty for the first."""

    chain: str
    number: int
    at: str
    before: str
    entries: tuple[dict[str, Any], ...]
    hash: str

    @property
    def id(self) -> str:
        """What the store calls it; no two links of a chain have one number."""
        return f"{self.chain}/{self.number:0{NUMBER}}"

    @property
    def head(self) -> Head:
        """The chain's head while this is its last link."""
        return Head(chain=self.chain, number=self.number, hash=self.hash)

    def document(self) -> dict[str, Any]:
        """The link as it is shown, and as its hash was made."""
        return {**_content(self.chain, self.number, self.at, self.before, self.entries), "hash": self.hash}


def chain_of(replica: str) -> str:
    """What the chain of a replica is called."""
    return replica.replace("/", "-")


def id_of(document: Mapping[str, Any]) -> str:
    """What the store calls a link that it shows."""
    number = document["number"]
    return f"{document['chain']}/{number:0{NUMBER}}" if isinstance(number, int) else f"{document['chain']}/{number}"


def hash_of(document: Mapping[str, Any]) -> str:
    """SHA-256 over the JSON of all but `hash`: keys in order, no spaces, ASCII."""
    content = {name: value for name, value in document.items() if name != "hash"}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def next_link(last: Head, at: str, entries: Sequence[dict[str, Any]]) -> Link:
    """The link that follows a chain's head (number 0 and an empty hash where there is none yet)."""
    content = _content(last.chain, last.number + 1, at, last.hash, entries)
    return Link(last.chain, last.number + 1, at, last.hash, tuple(entries), hash_of(content))


def shown(id: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    """A stored link as it is shown: chain and number are said by its id alone.

    An id that is none of ours keeps its number as it is, which no check lets pass.
    """
    chain, _, number = id.rpartition("/")
    ours = len(number) == NUMBER and number.isascii() and number.isdecimal()
    return {"chain": chain, "number": int(number) if ours else number, **stored}


def entries_of(deeds: Sequence[Deed], key: bytes, chain: str, at: str) -> tuple[dict[str, Any], ...]:
    """Deeds as entries of a link, with keyed ids in place of ids.

    The key is the deployment's, and of each link another: without it nobody can tell that two links speak of one
    person, and what stands in events or in the journal beside them names nobody here.
    """
    own = hmac.digest(key, json.dumps(["audit", chain, at]).encode(), "sha256")

    def keyed(text: str) -> str:
        return hmac.digest(own, text.encode(), "sha256")[:16].hex()

    return tuple(
        {
            "time": deed.time,
            "role": deed.role,
            "who": keyed(deed.who),
            "what": deed.what,
            "on": [f"{subject.partition('/')[0]}/{keyed(subject)}" for subject in deed.on],
            "result": deed.result,
            "codes": list(deed.codes),
        }
        for deed in deeds
    )


def _content(chain: str, number: int, at: str, before: str, entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"chain": chain, "number": number, "at": at, "before": before, "entries": list(entries)}
