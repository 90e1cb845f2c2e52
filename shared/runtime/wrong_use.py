"""What somebody typed, or put into a file, cannot be used."""

from collections.abc import Sequence
from typing import Literal

from shared.contracts.base import Text

MOST_FAULTS = 20
"""So many faults are told at once."""
MORE = Text(de="… und {count} weitere", en="… and {count} more")


class WrongUseError(Exception):
    """A command cannot do what it was given; its text is one line a fault, each of which says what to change.

    Of more than `MOST_FAULTS` the rest is counted in a last line. The text is English; `told` is in either language.
    """

    def __init__(self, *faults: str | Text, untold: int = 0) -> None:
        self._faults = faults
        self._untold = max(0, len(faults) - MOST_FAULTS) + untold
        super().__init__("\n".join(self.told("en")))

    def told(self, language: Literal["de", "en"]) -> Sequence[str]:
        """The lines in a language, as far as the faults are known in it."""
        lines = [fault if isinstance(fault, str) else getattr(fault, language) for fault in self._faults[:MOST_FAULTS]]
        more = [getattr(MORE, language).format(count=self._untold)] if self._untold else []
        return [*lines, *more]
