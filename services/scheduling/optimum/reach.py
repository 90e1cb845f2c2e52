"""Which days the meetings of a plan can be on, as sets of bits: how many meetings there can be, and the largest gap."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.scheduling.optimum.stretch import SOON, Stretch


def _bits(days: Iterator[int] | range) -> int:
    found = 0
    for day in days:
        found |= 1 << day
    return found


def _upto(day: int) -> int:
    """All days from 0 to this one."""
    return (1 << (day + 1)) - 1 if day >= 0 else 0


def _within(days: int, least: int, most: int) -> int:
    """Each day that is `least` to `most` days after one of these. Doubling: as many steps as the width has digits."""
    if most < least:
        return 0
    found, width = days << least, 1
    while width < most - least + 1:
        step = min(width, most - least + 1 - width)
        found |= found << step
        width += step
    return found


@dataclass(frozen=True, slots=True)
class Reach:
    """The days that each meeting of a plan can be on, whatever comes after, for a set of first days.

    Between two meetings that are kept lies a section: no plan passes over a kept meeting.
    """

    stretch: Stretch
    days: int
    """Those on which there can be a meeting at all."""
    kept: tuple[int, ...]

    @classmethod
    def of(cls, stretch: Stretch) -> "Reach":
        """Of a stretch: a day that is too near to a kept meeting has none."""
        free = _bits(day for day, starts in enumerate(stretch.starts) if starts)
        if stretch.met:
            free &= ~_upto(stretch.since + stretch.min_gap - 1)
        for day in stretch.kept:
            free &= ~(_upto(day + stretch.min_gap - 1) & ~_upto(day - stretch.min_gap))
        return cls(stretch, free | _bits(iter(stretch.kept)), tuple(sorted(stretch.kept)))

    def firsts(self) -> Iterator[int]:
        """Sets of days for the first meeting, the better first: those soon enough together, then each day by itself."""
        last = self.kept[0] if self.kept else self.stretch.end
        possible = self.days & _upto(last)
        soon = possible if self.stretch.met else possible & _upto(self.stretch.since + SOON)
        if soon:
            yield soon
        later = possible & ~soon
        while later:
            yield later & -later
            later &= later - 1

    def after(self, firsts: int, most: int, gap: int) -> list[int]:
        """The days of the first, second, … meeting, of `most` at most, no gap larger than `gap`."""
        found = [firsts & _upto(self.stretch.since + gap)]
        while found[-1] and len(found) < most:
            found.append(self._next(found[-1], gap))
        return [days for days in found if days]

    def _next(self, before: int, gap: int) -> int:
        least, found, begin = self.stretch.min_gap, 0, 0
        for number, kept in enumerate((*self.kept, self.stretch.end)):
            section = before & _upto(kept - 1) & ~_upto(begin - 1)
            if section:
                found |= _within(section, least, gap) & _upto(kept)
            begin = kept
            if number and before >> self.kept[number - 1] & 1 and number < len(self.kept):
                near = kept - self.kept[number - 1]
                found |= (near <= gap) << kept
        return found & self.days

    def lasts(self, gap: int) -> int:
        """The days of a last meeting from which it is not too far to the end."""
        return self.days & ~_upto(max(self.stretch.end - gap, self.kept[-1] if self.kept else 0) - 1)
