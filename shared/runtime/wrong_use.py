"""What somebody typed, or put into a file, cannot be used."""

from collections.abc import Sequence

MOST_FAULTS = 20
"""So many faults are told at once."""


class WrongUseError(Exception):
    """A command cannot do what it was given; its text is one line a fault, each of which says what to change.

    Of more than `MOST_FAULTS` the rest is counted in a last line.
    """

    def __init__(self, *faults: str, untold: int = 0) -> None:
        more = max(0, len(faults) - MOST_FAULTS) + untold
        lines: Sequence[str] = (*faults[:MOST_FAULTS], *([f"… and {more} more"] if more else []))
        super().__init__("\n".join(lines))
