"""Shares and how sure they are. Loaded by the report's own process only."""

from dataclasses import dataclass

from scipy.stats import binomtest

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Share:
    """So many of so many, in percent, with Wilson's interval (Wilson 1927), which is right for few people too."""

    count: int
    of: int
    percent: float
    low: float
    high: float


def share(count: int, of: int) -> Share:
    """The share of `count` in `of` (at least 1), its interval at 95 %."""
    interval = binomtest(count, of).proportion_ci(CONFIDENCE, method="wilson")
    return Share(count, of, round(100 * count / of, 1), round(100 * interval.low, 1), round(100 * interval.high, 1))
