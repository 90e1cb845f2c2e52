"""Figures of the match's bench as text: how times grow, what a peer loses, rows of tables. Pure."""

import itertools
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence


def growth(small: tuple[int, float], large: tuple[int, float]) -> float:
    """The exponent between two sizes: (people, seconds) each; 2 if twice as many take four times as long."""
    return math.log(large[1] / small[1]) / math.log(large[0] / small[0])


def growths(seconds: Mapping[int, float]) -> dict[int, float]:
    """The exponent at each size but the first, from the size before it."""
    sizes = sorted(seconds)
    return {
        large: growth((small, seconds[small]), (large, seconds[large])) for small, large in itertools.pairwise(sizes)
    }


def loss(found: tuple[int, int], best: tuple[int, int]) -> str:
    """What a peer misses of the best, (tandems, sum of scores) each: fewer tandems, and parts of the sum."""
    tandems, total = best[0] - found[0], best[1] - found[1]
    if (tandems, total) == (0, 0):
        return "nothing"
    share = 100 * abs(total) / best[1] if best[1] else 0.0
    parts = [f"{tandems:,} of {best[0]:,} tandems"] if tandems else []
    parts.append(f"{share:.3f} % of the sum" if total >= 0 else f"its sum is {share:.3f} % higher")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Seconds to three digits or so."""
    return (
        f"{seconds:.4f}"
        if seconds < 0.1
        else f"{seconds:.3f}"
        if seconds < 1
        else f"{seconds:.2f}"
        if seconds < 10
        else f"{seconds:.1f}"
    )


def middle(seconds: Sequence[float]) -> float:
    """The median."""
    return statistics.median(seconds)


def rows(head: Sequence[str], body: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *body]
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]
