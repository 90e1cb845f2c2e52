"""Which tandems hang together: those that lead from one to the other by people whom they share."""

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class HangingTogether(Generic[Key]):
    """The tandems found so far, from one of them on; the same set whichever of them it is begun with.

    Who is in which tandem is kept in a file or a store, so it is asked for person by person: as long as there is
    somebody to `ask` for, `add` each of their tandems.
    """

    def __init__(self, first: Key, people: Iterable[str]) -> None:
        self.found: set[Key] = set()
        self._seen: set[str] = set()
        self._open: list[str] = []
        self.add(first, people)

    def add(self, tandem: Key, people: Iterable[str]) -> None:
        """Take in a tandem of somebody who was asked for, with both its people."""
        self.found.add(tandem)
        new = [who for who in people if who not in self._seen]
        self._seen.update(new)
        self._open += new

    def ask(self) -> str | None:
        """The next person whose tandems are to be added; None if all are known."""
        return self._open.pop() if self._open else None
