"""Which of the known names somebody may have meant."""

import difflib
from collections.abc import Sequence


def likely(written: str, known: Sequence[str]) -> str:
    """Which of the known names may be meant, else all of them, as the end of a sentence."""
    near = difflib.get_close_matches(written, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}."
