"""What a check has proven, in figures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cover:
    """People of whom every allowed pair has one: as many as there are pairs, so that no more can be (König 1931)."""

    mentees: int
    seats: int
    """Of the mentors on it."""


@dataclass(frozen=True)
class Proven:
    """Of each level what no other choice exceeds that is as good in the levels before it."""

    tandems: int
    cover: Cover | None
    """Why there are no more; None where there are as many as places."""
    people: int
    """Mentees, and mentors who had no tandem before."""
    waiting: tuple[int, ...]
    """How many are served of those who wait equally long, the longest waiting first."""
    kept: int | None
    """Open proposals; None where there is no re-match."""
    lowest: int | None
    """The lowest score; None where the rules leave it out, or there is no pair."""
    scores: int
    """Their sum; with the wish points it is what no other choice exceeds."""
    wish_points: int
    gap: int = 0
    """How much higher the sum, wish points included, might be at most; 0 unless the search for it was ended early."""

    @property
    def gap_of_scores(self) -> int:
        """How much higher the sum of the scores alone might be at most: what wish points reach might be scores."""
        return self.gap and self.gap + self.wish_points
