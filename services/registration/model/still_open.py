"""What of somebody waits for the office, as registration counts it."""

from typing import Literal, Self

from shared.runtime.aggregate import Aggregate

MOST_OPEN = 20
"""Questions, and proposed topics, of one person in a programme that may wait for the office at a time."""

Kind = Literal["questions", "proposals"]


class StillOpen(Aggregate, kind="still-open"):
    """A participant's questions and proposed topics that the office has not answered, by id; it has the participant's.

    Whoever asks or proposes writes it, and whoever answers: of two at the same moment one is decided again, so that no
    more are open than may be. What was open before there was this is not in it, and not counted.
    """

    questions: tuple[str, ...] = ()
    proposals: tuple[str, ...] = ()

    def is_full(self, kind: Kind) -> bool:
        """Whether no other of a kind may be opened."""
        return len(getattr(self, kind)) >= MOST_OPEN

    def opened(self, kind: Kind, id: str) -> Self:
        """The same with one more, which is not in it."""
        return self.but(**{kind: (*getattr(self, kind), id)})

    def answered(self, kind: Kind, id: str) -> Self:
        """The same without one that waits no more."""
        return self.but(**{kind: tuple(other for other in getattr(self, kind) if other != id)})
