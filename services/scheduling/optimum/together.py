"""The best plans of several tandems that share a person: as good together as can be, and never at the same time.

Conflict-based search (Sharon, Stern, Felner, Sturtevant 2015): each tandem's best plan by itself, and where two of them
collide, one search each in which one or the other keeps away. What all plans are worth is the sum of their `Levels`;
sums compare level by level, so the first plans without a collision that the search comes to are the best.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import combinations, count, permutations

from services.scheduling.optimum.optimum import best
from services.scheduling.optimum.stretch import Levels, Stretch, Time, levels_of

Times = tuple[Time, ...]
EFFORT = 150
"""So many single plans at most; counted and not timed, so that every replica comes to the same result."""
ALL_ORDERS = 3
"""Of so many tandems every order is tried for plans to begin with, of more only the given one and its reverse."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A tandem's stretch, and for how many quarter hours a meeting takes the person whom they share."""

    stretch: Stretch
    slots: int


@dataclass(frozen=True, slots=True)
class Together:
    """Plans in the order of the tandems, what they are worth, and what none can be better than."""

    plans: tuple[Times, ...]
    levels: Levels
    bound: Levels

    @property
    def proved(self) -> bool:
        """Whether no plans are better."""
        return self.levels == self.bound


@dataclass(frozen=True, slots=True)
class _Window:
    """Slots of a day at which a tandem is not to begin."""

    day: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Node:
    """Plans, each the best that keeps its windows free."""

    windows: tuple[tuple[_Window, ...], ...]
    plans: tuple[Times, ...]

    def keeps_away(self, tandems: Sequence[Shared], number: int, window: _Window) -> "_Node":
        """The same, but that one tandem keeps away from one more window."""
        windows, plans = list(self.windows), list(self.plans)
        windows[number] = (*windows[number], window)
        plans[number] = best(_without(tandems[number].stretch, windows[number]))
        return _Node(tuple(windows), tuple(plans))


def together(tandems: Sequence[Shared], effort: int = EFFORT) -> Together:
    """The best plans of several tandems; beyond the effort the best found, with the bound that was reached."""
    alone = tuple(best(tandem.stretch) for tandem in tandems)
    found = min((_in_order(tandems, order) for order in _orders(len(tandems))), key=lambda plans: _sum(tandems, plans))
    known = _sum(tandems, found)
    numbers, left = count(), effort
    heap = [(_sum(tandems, alone), next(numbers), _Node(tuple(() for _ in tandems), alone))]
    while heap:
        bound, _, node = heap[0]
        if bound >= known:
            return Together(found, known, known)
        collision = _collision(tandems, node.plans)
        if collision is None:
            return Together(node.plans, bound, bound)
        if left <= 0:
            return Together(found, known, bound)
        heappop(heap)
        for tandem, window in collision:
            child = node.keeps_away(tandems, tandem, window)
            heappush(heap, (_sum(tandems, child.plans), next(numbers), child))
            left -= 1
    return Together(found, known, known)


def _orders(tandems: int) -> Sequence[tuple[int, ...]]:
    given = tuple(range(tandems))
    return list(permutations(given)) if tandems <= ALL_ORDERS else [given, given[::-1]]


def _in_order(tandems: Sequence[Shared], order: Sequence[int]) -> tuple[Times, ...]:
    """Plans of which each keeps away from those before it, and all from what any other keeps."""
    plans: dict[int, Times] = {
        number: tuple(Time(day, slot) for day, slot in sorted(tandem.stretch.kept.items()))
        for number, tandem in enumerate(tandems)
    }
    for number in order:
        mine = tandems[number]
        windows = [
            _Window(time.day, time.slot - mine.slots + 1, time.slot + tandems[other].slots - 1)
            for other, times in plans.items()
            if other != number
            for time in times
        ]
        plans[number] = best(_without(mine.stretch, windows))
    return tuple(plans[number] for number in range(len(tandems)))


def _sum(tandems: Sequence[Shared], plans: Sequence[Times]) -> Levels:
    each = [levels_of(tandem.stretch, times) for tandem, times in zip(tandems, plans, strict=True)]
    return Levels(*map(sum, zip(*each, strict=True)))


def _collision(tandems: Sequence[Shared], plans: Sequence[Times]) -> list[tuple[int, _Window]] | None:
    """The first collision: which tandem may keep away from which window. What both keep is none.

    The windows are as wide as they can be so that nothing is lost: any start of one in its window collides with any of
    the other in its own, so no plans without a collision have both.
    """
    days = [{time.day: time.slot for time in times} for times in plans]
    for a, b in combinations(range(len(plans)), 2):
        for day in sorted(days[a].keys() & days[b].keys()):
            first, second = (a, b) if days[a][day] <= days[b][day] else (b, a)
            early, late = days[first][day], days[second][day]
            kept = [day in tandems[number].stretch.kept for number in (first, second)]
            if late - early >= tandems[first].slots or all(kept):
                continue
            windows = _windows(day, early, late, tandems[first].slots, tandems[second].slots)
            return [(n, w) for n, w, stays in zip((first, second), windows, kept, strict=True) if not stays]
    return None


def _windows(day: int, early: int, late: int, first: int, second: int) -> tuple[_Window, _Window]:
    """The window of the earlier meeting, which takes `first` slots, and that of the later one, which takes `second`."""
    more = min((first + second) // 2 - 1, late - early + second - 1)
    return _Window(day, early, early + more), _Window(day, early + more - second + 1, early + first - 1)


def _without(stretch: Stretch, windows: Sequence[_Window]) -> Stretch:
    """A stretch without some starts."""
    starts = [list(day) for day in stretch.starts]
    for window in windows:
        starts[window.day] = [slot for slot in starts[window.day] if not window.first <= slot <= window.last]
    return replace(stretch, starts=starts)
