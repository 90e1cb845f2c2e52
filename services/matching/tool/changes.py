"""What a round changes of an earlier result."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from services.matching.tool.wanted import Ids


@dataclass(frozen=True, slots=True)
class Counts:
    """How many pairs stay, end and are new; a pair of which somebody is gone is not counted."""

    kept: int
    ended: int
    new: int


def counts(pairs: Iterable[Ids], previous: Collection[Ids]) -> Counts:
    """Compare the pairs of a round with those of before."""
    now = set(pairs)
    kept = len(now.intersection(previous))
    return Counts(kept, len(set(previous)) - kept, len(now) - kept)
