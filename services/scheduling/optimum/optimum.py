"""The best plan of a stretch: the count by reachability, the largest gap by bisection, the rest by dynamic programming.

The levels after the largest gap are sums over meetings and neighbours, so that one integer carries them all: each has a
weight that is more than all later ones can come to. Going backwards over (meeting, day, slot), `_Steps` knows the least
that the rest of a plan costs; going forwards, the first of the best is taken.

The shift between neighbours is a distance transform of the slots in one dimension (Felzenszwalb and Huttenlocher 2012,
the L1 case), so a step costs days times widths times slots, not the slots' square.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.scheduling.optimum.reach import Reach
from services.scheduling.optimum.stretch import SLOTS, Stretch, Time, off_rhythm

Costs = NDArray[np.int64]

NEVER = np.int64(1) << np.int64(61)
"""More than any plan costs; twice as much still fits."""


def best(stretch: Stretch) -> tuple[Time, ...]:
    """The times of the best plan, by `Levels`; of equal ones that with the earliest first meeting, and so on."""
    reach = Reach.of(stretch)
    count, firsts = _most(reach)
    if not count:
        return ()
    low, high = 0, max(1, stretch.end - stretch.since)
    while low < high:
        middle = (low + high) // 2
        found = reach.after(firsts, count, middle)
        if len(found) == count and found[-1] & reach.lasts(middle):
            high = middle
        else:
            low = middle + 1
    return _Steps.of(stretch, reach, count, low).times(firsts)


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
        shift = count * len(stretch.starts) * SLOTS + 1
        weekday = shift * count * SLOTS
        return cls(shift, weekday, weekday * count)


@dataclass(frozen=True, slots=True)
class _Steps:
    """What the rest of a plan costs at least, from each meeting at each day and slot on; slots count from `low`."""

    stretch: Stretch
    weights: _Weights
    gap: int
    low: int
    rest: list[Costs]
    next_kept: NDArray[np.int64]

    @classmethod
    def of(cls, stretch: Stretch, reach: Reach, count: int, gap: int) -> "_Steps":
        """All steps, from the last meeting to the first."""
        days = len(stretch.starts)
        slots = [slot for starts in stretch.starts for slot in starts] + list(stretch.kept.values())
        low, width = min(slots), max(slots) - min(slots) + 1
        can = np.zeros((days, width), dtype=bool)
        for day in range(days):
            if reach.days >> day & 1:
                can[day, [slot - low for slot in _slots(stretch, day)]] = True
        own = np.arange(days, dtype=np.int64)[:, None] * SLOTS + np.arange(low, low + width, dtype=np.int64)
        weights = _Weights.of(stretch, count)
        kept = np.full(days, stretch.end, dtype=np.int64)
        for earlier, later in pairwise((-1, *reach.kept)):
            kept[max(earlier, 0) : later] = later
        last = reach.lasts(gap)
        ends = np.array(
            [weights.rhythm * off_rhythm(stretch.end - day) if last >> day & 1 else NEVER for day in range(days)],
            dtype=np.int64,
        )
        steps = cls(stretch, weights, gap, low, [np.where(can, own + ends[:, None], NEVER)], kept)
        for _ in range(count - 1):
            steps.rest.append(np.where(can, np.minimum(own + steps._onwards(steps.rest[-1]), NEVER), NEVER))
        steps.rest.reverse()
        return steps

    def _between(self, days: int) -> int:
        """What two neighbours cost that are so many days apart, but for the shift."""
        return self.weights.rhythm * off_rhythm(days) + self.weights.weekday * (days % 7 != 0)

    def _widths(self) -> range:
        return range(self.stretch.min_gap, min(self.gap, self.stretch.end) + 1)

    def _onwards(self, rest: Costs) -> Costs:
        """The least that a next meeting and what follows cost, from each day and slot."""
        shifted = _shifted(rest, self.weights.shift)
        found = np.full_like(rest, NEVER)
        days = np.arange(len(rest))
        for width in self._widths():
            here = found[:-width]
            costs = shifted[width:] + self._between(width)
            passes = days[:-width] + width > self.next_kept[:-width]
            costs[passes] = NEVER
            np.minimum(here, costs, out=here)
        for day, near in self._near():
            np.minimum(found[day], shifted[near] + self._between(near - day), out=found[day])
        return found

    def _near(self) -> list[tuple[int, int]]:
        """Neighbours that are kept although they are nearer than meetings should be."""
        kept = sorted(self.stretch.kept)
        return [(a, b) for a, b in pairwise(kept) if b - a < self.stretch.min_gap and b - a <= self.gap]

    def times(self, firsts: int) -> tuple[Time, ...]:
        """The best plan whose first meeting is on one of these days."""
        firsts &= (1 << (self.stretch.since + self.gap + 1)) - 1
        days = [day for day in range(len(self.stretch.starts)) if firsts >> day & 1]
        before = [self.weights.rhythm * off_rhythm(day - self.stretch.since) for day in days]
        costs = self.rest[0][days] + np.array(before, dtype=np.int64)[:, None]
        row, slot = divmod(int(costs.argmin()), costs.shape[1])
        found = [Time(days[row], slot)]
        for rest in self.rest[1:]:
            found.append(self._following(found[-1], rest))
        return tuple(Time(day, slot + self.low) for day, slot in found)

    def _following(self, time: Time, rest: Costs) -> Time:
        """The earliest of the best next meetings."""
        near = [b for a, b in self._near() if a == time.day]
        last = int(self.next_kept[time.day])
        days = near or [time.day + width for width in self._widths() if time.day + width <= last]
        between = np.array([self._between(day - time.day) for day in days], dtype=np.int64)
        shifts = np.abs(np.arange(rest.shape[1], dtype=np.int64) - time.slot) * self.weights.shift
        row, slot = divmod(int((rest[days] + between[:, None] + shifts).argmin()), rest.shape[1])
        return Time(days[row], slot)


def _slots(stretch: Stretch, day: int) -> list[int]:
    return [stretch.kept[day]] if day in stretch.kept else list(stretch.starts[day])


def _shifted(rest: Costs, weight: int) -> Costs:
    """From each slot, the least of all slots' costs and the way there: one pass to each side."""
    ways = np.arange(rest.shape[1], dtype=np.int64) * weight
    later = np.minimum.accumulate((rest + ways)[:, ::-1], axis=1)[:, ::-1] - ways
    earlier = np.minimum.accumulate(rest - ways, axis=1) + ways
    return np.minimum(np.minimum(later, earlier), NEVER)
