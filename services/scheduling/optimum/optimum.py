"""The best plan of a stretch: the count by reachability, the largest gap by bisection, the rest by dynamic programming.

The levels after the largest gap are sums over meetings and neighbours, so that one integer carries them all: each has a
weight that is more than all later ones can come to. Going backwards over (meeting, day, slot), `_Steps` knows the least
that the rest of a plan costs; going forwards, the first of the best is taken.

The shift between neighbours is a distance transform of the slots in one dimension (Felzenszwalb and Huttenlocher 2012,
the L1 case), so a step costs days times widths times slots, not the slots' square.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.scheduling.optimum.reach import Reach
from services.scheduling.optimum.stretch import AS_IF_LATER, SLOTS, Stretch, Time, off_rhythm

Costs = NDArray[np.int64]

NEVER = np.int64(1) << np.int64(61)
"""More than any plan costs; twice as much still fits."""


def best(stretch: Stretch) -> tuple[Time, ...]:
    """The times of the best plan, by `Levels`; of equal ones that with the earliest first meeting, and so on."""
    reach = Reach.of(stretch)
    count, firsts = _most(reach)
    if not count:
        return ()
    # So many gaps share all days, so one of them is at least as large as their mean.
    low, high = max(1, -(-(stretch.end - stretch.since) // (count + 1))), max(1, stretch.end - stretch.since)
    while low < high:
        middle = (low + high) // 2
        found = reach.after(firsts, count, middle)
        if len(found) == count and found[-1] & reach.lasts(middle):
            high = middle
        else:
            low = middle + 1
    return _Steps.of(reach, firsts, count, low).times()


def one_more(stretch: Stretch) -> tuple[Time, ...]:
    """The best plan with one meeting more than are kept, or what is kept if no day is left.

    Where none keeps its distance, one that is nearer is better than none.
    """
    for gap in range(stretch.min_gap, 0, -1):
        times = best(replace(stretch, wanted=len(stretch.kept) + 1, min_gap=gap))
        if len(times) > len(stretch.kept):
            return times
    return tuple(Time(day, slot) for day, slot in sorted(stretch.kept.items()))


def _most(reach: Reach) -> tuple[int, int]:
    """The most meetings that there can be, and the days that the first of them can be on."""
    stretch = reach.stretch
    endless = stretch.end - min(stretch.since, 0)
    for firsts in reach.firsts():
        found = reach.after(firsts, stretch.most, endless)
        counts = [number for number, days in enumerate(found, 1) if days & reach.lasts(endless)]
        if counts:
            return counts[-1], firsts
    return 0, 0


@dataclass(frozen=True, slots=True)
class _Weights:
    """What a unit of each level counts for: more than all later levels of a plan of so many meetings can come to."""

    shift: int
    weekday: int
    rhythm: int

    @classmethod
    def of(cls, stretch: Stretch, count: int) -> "_Weights":
        shift = count * (len(stretch.starts) + AS_IF_LATER) * SLOTS + 1
        weekday = shift * count * SLOTS
        return cls(shift, weekday, weekday * count)


@dataclass(frozen=True, slots=True)
class _Band:
    """The days, first and last, that a meeting of a plan can be on, and the least that the plan costs from it on.

    A row a day, a column a slot.
    """

    first: int
    last: int
    costs: Costs


@dataclass(frozen=True, slots=True)
class _Steps:
    """What the rest of a plan costs at least, from each meeting at each day and slot on; slots count from `low`."""

    stretch: Stretch
    weights: _Weights
    firsts: int
    gap: int
    low: int
    next_kept: NDArray[np.int64]
    between: Costs
    """What two neighbours cost that are so many days apart, but for the shift."""
    bands: list[_Band]

    @classmethod
    def of(cls, reach: Reach, firsts: int, count: int, gap: int) -> "_Steps":
        """All steps of a plan of so many meetings, from the last one to that on one of the first days."""
        stretch = reach.stretch
        days, firsts = len(stretch.starts), firsts & (1 << (stretch.since + gap + 1)) - 1
        begins = [(day, slot) for day in range(days) if reach.days >> day & 1 for slot in _slots(stretch, day)]
        rows, slots = np.array(begins, dtype=np.int64).T
        low = int(slots.min())
        own = np.full((days, int(slots.max()) - low + 1), NEVER)
        spared = np.isin(rows, list(stretch.spared))
        own[rows, slots - low] = (rows + AS_IF_LATER * spared) * SLOTS + slots
        kept = np.full(days, stretch.end, dtype=np.int64)
        for earlier, later in pairwise((-1, *reach.kept)):
            kept[max(earlier, 0) : later] = later
        weights = _Weights.of(stretch, count)
        between = [weights.rhythm * off_rhythm(apart) + weights.weekday * (apart % 7 != 0) for apart in range(gap + 1)]
        steps = cls(stretch, weights, firsts, gap, low, kept, np.array(between, dtype=np.int64), [])
        ranges = _ranges(reach, firsts, count, gap)
        first, last = ranges.pop()
        possible = reach.lasts(gap)
        ends = [
            weights.rhythm * off_rhythm(stretch.end - day) if possible >> day & 1 else int(NEVER)
            for day in range(first, last + 1)
        ]
        costs = own[first : last + 1] + np.array(ends, dtype=np.int64)[:, None]
        steps.bands.append(_Band(first, last, np.minimum(costs, NEVER)))
        for first, last in reversed(ranges):
            costs = own[first : last + 1] + steps._onwards(steps.bands[-1], first, last)
            steps.bands.append(_Band(first, last, np.minimum(costs, NEVER)))
        steps.bands.reverse()
        return steps

    def _widths(self) -> range:
        return range(self.stretch.min_gap, min(self.gap, self.stretch.end) + 1)

    def _onwards(self, rest: _Band, first: int, last: int) -> Costs:
        """The least that a next meeting and what follows cost, from each of these days and each slot."""
        shifted = _shifted(rest.costs, self.weights.shift)
        found = np.full((last - first + 1, shifted.shape[1]), NEVER)
        for width in self._widths():
            begin, end = max(first, rest.first - width), min(last, rest.last - width) + 1
            if begin >= end:
                continue
            here = found[begin - first : end - first]
            costs = shifted[begin + width - rest.first : end + width - rest.first] + self.between[width]
            if self.stretch.kept:
                costs[np.arange(begin, end) + width > self.next_kept[begin:end]] = NEVER
            np.minimum(here, costs, out=here)
        for day, near in self._near():
            if first <= day <= last and rest.first <= near <= rest.last:
                here = found[day - first]
                np.minimum(here, shifted[near - rest.first] + self.between[near - day], out=here)
        return found

    def _near(self) -> list[tuple[int, int]]:
        """Neighbours that are kept although they are nearer than meetings should be."""
        kept = sorted(self.stretch.kept)
        return [(a, b) for a, b in pairwise(kept) if b - a < self.stretch.min_gap and b - a <= self.gap]

    def times(self) -> tuple[Time, ...]:
        """The best plan."""
        band = self.bands[0]
        days = [day for day in range(band.first, band.last + 1) if self.firsts >> day & 1]
        before = [self.weights.rhythm * off_rhythm(day - self.stretch.since) for day in days]
        costs = band.costs[[day - band.first for day in days]] + np.array(before, dtype=np.int64)[:, None]
        row, slot = divmod(int(costs.argmin()), costs.shape[1])
        found = [Time(days[row], slot)]
        for rest in self.bands[1:]:
            found.append(self._following(found[-1], rest))
        return tuple(Time(day, slot + self.low) for day, slot in found)

    def _following(self, time: Time, rest: _Band) -> Time:
        """The earliest of the best next meetings."""
        near = [b for a, b in self._near() if a == time.day]
        last = min(int(self.next_kept[time.day]), rest.last)
        days = near or [day for width in self._widths() if rest.first <= (day := time.day + width) <= last]
        between = self.between[[day - time.day for day in days]]
        shifts = np.abs(np.arange(rest.costs.shape[1], dtype=np.int64) - time.slot) * self.weights.shift
        costs = rest.costs[[day - rest.first for day in days]] + between[:, None] + shifts
        row, slot = divmod(int(costs.argmin()), costs.shape[1])
        return Time(days[row], slot)


def _ranges(reach: Reach, firsts: int, count: int, gap: int) -> list[tuple[int, int]]:
    """The first and the last day on which each meeting can be, seen from both ends: only these are looked at."""
    found = reach.after(firsts, count, gap)
    found[-1] &= reach.lasts(gap)
    ranges = [((days & -days).bit_length() - 1, days.bit_length() - 1) for days in found]
    for number in range(count - 2, -1, -1):
        (first, last), (next_first, next_last) = ranges[number : number + 2]
        # Kept meetings may be as near as a day.
        ranges[number] = max(first, next_first - gap), min(last, next_last - 1)
    return ranges


def _slots(stretch: Stretch, day: int) -> list[int]:
    return [stretch.kept[day]] if day in stretch.kept else list(stretch.starts[day])


def _shifted(rest: Costs, weight: int) -> Costs:
    """From each slot, the least of all slots' costs and the way there: one pass to each side."""
    ways = np.arange(rest.shape[1], dtype=np.int64) * weight
    later = np.minimum.accumulate((rest + ways)[:, ::-1], axis=1)[:, ::-1] - ways
    earlier = np.minimum.accumulate(rest - ways, axis=1) + ways
    return np.minimum(np.minimum(later, earlier), NEVER)
