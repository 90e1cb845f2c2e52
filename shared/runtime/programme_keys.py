"""Keys of programmes: what lies under ids of such a key leads to nobody once the key is destroyed.

A key is no setting and stands in no database: it lies with whoever holds `ProgrammeKeys` (a folder that no backup
takes). The database knows a fingerprint alone, so that a key that was lost, or is another deployment's, is told from
one that was never made. Why it is so: `docs/decisions/0021-unlinking.md`; what destroys it: `unlinking.py`.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from shared.runtime.aggregate import Aggregate
from shared.runtime.ids import keyed_id

KEY_BYTES = 32
"""Of a key: as many as of the digest that it is used with."""
Sealed = Callable[..., str | None]
"""(programme, *parts) → an id under the programme's key, as `Context.sealed`."""


class KeyAway(Exception):
    """A programme's key should be there and is not, or is not the one that was; the text says what to do."""


class ProgrammeKeys(Protocol):
    """Who holds the keys. Any number of replicas hold the same ones and agree which is whose, also at once."""

    def key(self, programme: str, fingerprint: str | None) -> bytes | None:
        """The programme's key; None: it was destroyed. Made where there is none and nobody knows a fingerprint of one.

        Raises KeyAway where it is not the one of this fingerprint, or cannot be read.
        """

    def check(self) -> None:
        """Raises KeyAway where no key could be made or destroyed, before one has to be."""

    def destroy(self, programme: str, fingerprint: str) -> None:
        """Leave the mark by which it is never made anew, then destroy the key. Done twice, or after a crash in the
        middle, it is harmless. Raises KeyAway where that cannot be done.
        """


class ProgrammeKey(Aggregate, kind="_key"):
    """What the database knows of a programme's key: its fingerprint, and that it was destroyed.

    `ordered` says of what has closed how many there were when everything was last laid in the order of its ids.
    """

    fingerprint: str
    destroyed: bool = False
    ordered: Mapping[str, int] = {}


def subject_of(programme: str) -> str:
    """Where the database knows a programme's key."""
    return f"{ProgrammeKey.kind}/{programme}"


def fingerprint_of(key: bytes, programme: str) -> str:
    """By what a key is known again, and which does not lead to it."""
    return keyed_id(key, "fingerprint", programme)


def nothing_sealed(programme: str, *parts: object) -> str | None:
    """Of who was given no keys. Raises KeyAway."""
    raise KeyAway("this service holds no keys of programmes: set TANDEM_PROGRAMME_KEYS to their folder")


class NoKeys:
    """Of a service that needs none, or was given no folder: it has none, and makes none."""

    def key(self, programme: str, fingerprint: str | None) -> bytes | None:
        """Raises KeyAway."""
        raise KeyAway("this service holds no keys of programmes: set TANDEM_PROGRAMME_KEYS to their folder")

    def check(self) -> None:
        """Raises KeyAway."""
        self.key("", None)

    def destroy(self, programme: str, fingerprint: str) -> None:
        """Raises KeyAway."""
        self.key(programme, fingerprint)
