"""The best plans of several tandems that share a person: as good together as can be, and never at the same time.

Conflict-based search (Sharon, Stern, Felner, Sturtevant 2015): each tandem's best plan by itself, and where two of them
collide, one search each in which one or the other keeps away. What all plans are worth is the sum of their `Levels`;
sums compare level by level, so the first plans without a collision that the search comes to are the best. Which
collision is settled first is tried out: that which costs most to avoid (strong branching, as in Boyarski and others
2015: ICBS), for it brings the bound up fastest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import combinations, cycle, permutations
from math import comb

from services.scheduling.optimum.at_most import fewest_missing
from services.scheduling.optimum.by_turns import Times, by_turns
from services.scheduling.optimum.optimum import best
from services.scheduling.optimum.stretch import Levels, Shared, Stretch, Time, levels_of

EFFORT = 1_200
"""So many single plans, then no more; counted and not timed, so that every replica comes to the same result."""
PAIRS = 60
"""To look for collisions of so many pairs of plans costs as much as a single plan."""
ALL_ORDERS = 3
"""Of so many tandems every order is tried for plans to begin with, of more only the given one and its reverse."""


@dataclass(frozen=True, slots=True)
class Together:
    """Plans in the order of the tandems, what they are worth, and what none can be better than.

    Of the levels of the bound the first `known` say something; those behind are 0, since none is less.
    """

    plans: tuple[Times, ...]
    levels: Levels
    bound: Levels
    known: int = len(Levels._fields)

    @property
    def proved(self) -> bool:
        """Whether no plans are better."""
        return self.levels == self.bound

    @property
    def told(self) -> dict[str, int | None]:
        """The bound for people and programs: None for a level of which nothing is known."""
        levels = enumerate(self.bound._asdict().items())
        return {name: value if place < self.known else None for place, (name, value) in levels}


@dataclass(frozen=True, slots=True)
class _Window:
    """Slots of a day at which a tandem is not to begin."""

    day: int
    first: int
    last: int


Windows = tuple[frozenset[_Window], ...]
"""For each tandem, those that it keeps away from."""


@dataclass(frozen=True, slots=True, order=True)
class _Node:
    """Plans, each the best that keeps its windows free; in the order in which they are looked at."""

    levels: Levels
    collisions: int
    """Of equally good plans those with fewer come first."""
    number: int
    windows: Windows = field(compare=False)
    plans: tuple[Times, ...] = field(compare=False)


@dataclass(slots=True)
class _Search:
    """What is known of some tandems so far."""

    tandems: Sequence[Shared]
    single: dict[tuple[int, frozenset[_Window]], tuple[Times, Levels]] = field(default_factory=dict)
    """The best plan of a tandem that keeps away from some windows, and what it is worth."""
    nodes: int = 0

    @property
    def effort(self) -> int:
        """What was done: single plans, and pairs compared; many tandems have many nodes made of few single plans."""
        return len(self.single) + self.nodes * comb(len(self.tandems), 2) // PAIRS

    def node(self, windows: Windows) -> _Node:
        """The best plans that keep these windows free."""
        each = [self._single(number, away) for number, away in enumerate(windows)]
        plans = tuple(times for times, _ in each)
        self.nodes += 1
        levels = Levels(*map(sum, zip(*(levels for _, levels in each), strict=True)))
        return _Node(levels, len(_collisions(self.tandems, plans)), self.nodes, windows, plans)

    def _single(self, number: int, away: frozenset[_Window]) -> tuple[Times, Levels]:
        known = self.single.get((number, away))
        if known is None:
            stretch = self.tandems[number].stretch
            times = best(_without(stretch, away))
            known = self.single[number, away] = times, levels_of(stretch, times)
        return known

    def children(self, node: _Node, known: Levels, effort: int) -> list[_Node]:
        """The nodes in which one or the other keeps away, for that collision which costs most to avoid.

        Without those that are no better than what is known: the search is over sooner, the more a collision costs. Once
        the effort is spent no further collision is tried: any of them bounds as truly.
        """
        found: list[_Node] = []
        costs: Levels | None = None
        for collision in _collisions(self.tandems, node.plans):
            some = [self.node(_and(node.windows, number, window)) for number, window in collision]
            least = min(child.levels for child in some)
            if costs is None or least > costs:
                costs, found = least, [child for child in some if child.levels < known]
            if not found or self.effort > effort:
                break
        return found


def together(tandems: Sequence[Shared], effort: int = EFFORT) -> Together:
    """The best plans of several tandems; beyond the effort the best found, with the bound that was reached."""
    search = _Search(tandems)
    root = search.node(tuple(frozenset() for _ in tandems))
    if not root.collisions:
        return Together(root.plans, root.levels, root.levels)
    begun = [*(_in_order(tandems, order) for order in _orders(len(tandems))), _by_turns(tandems)]
    found = _improved(tandems, min(begun, key=lambda plans: _sum(tandems, plans)))
    known = _sum(tandems, found)
    heap, seen = [root], {root.windows}
    while heap and heap[0].levels < known:
        node = heap[0]
        if not node.collisions:
            return Together(node.plans, node.levels, node.levels)
        if search.effort > effort:
            return Together(found, known, *_not_better(node.levels, fewest_missing(tandems)))
        heappop(heap)
        for child in search.children(node, known, effort):
            if child.windows not in seen:
                seen.add(child.windows)
                heappush(heap, child)
    return Together(found, known, known)


def _not_better(levels: Levels, missing: int) -> tuple[Levels, int]:
    """What no plans are better than that are no better than these levels, and miss so many meetings at least.

    Where these miss fewer, nothing is known of the later levels of plans that do not: only so many levels are known.
    """
    if levels.missing >= missing:
        return levels, len(levels)
    known = (levels.late, missing)
    return Levels(*known, 0, 0, 0, 0, 0), len(known)


def _and(windows: Windows, number: int, window: _Window) -> Windows:
    """The same, but that one tandem keeps away from one more window."""
    return (*windows[:number], windows[number] | {window}, *windows[number + 1 :])


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
        plans[number] = _around(tandems, number, plans)
    return tuple(plans[number] for number in range(len(tandems)))


def _by_turns(tandems: Sequence[Shared]) -> tuple[Times, ...]:
    """Plans in which each time goes to whoever has waited longest."""

    def free(number: int, time: Time, taken: Mapping[int, Time]) -> bool:
        return not any(window.first <= time.slot <= window.last for window in _taken(tandems, number, taken))

    return by_turns([tandem.stretch for tandem in tandems], free)


def _taken(tandems: Sequence[Shared], number: int, times: Mapping[int, Time]) -> list[_Window]:
    """The windows that a tandem is not to begin in where others who share somebody with it meet at these times."""
    mine = tandems[number]
    return [
        _Window(time.day, time.slot - mine.slots + 1, time.slot + tandems[other].slots - 1)
        for other, time in times.items()
        if other != number and mine.people & tandems[other].people
    ]


def _around(tandems: Sequence[Shared], number: int, plans: Mapping[int, Times]) -> Times:
    """The best plan of a tandem that keeps away from all others' meetings."""
    windows = [
        window for other, times in plans.items() for time in times for window in _taken(tandems, number, {other: time})
    ]
    return best(_without(tandems[number].stretch, windows))


def _improved(tandems: Sequence[Shared], plans: tuple[Times, ...]) -> tuple[Times, ...]:
    """The plans, each made anew around the others as long as the whole gets better by it."""
    found, worth, unchanged = dict(enumerate(plans)), _sum(tandems, plans), 0
    for number in cycle(range(len(tandems))):
        if unchanged == len(tandems):
            break
        anew = {**found, number: _around(tandems, number, found)}
        better = _sum(tandems, [anew[n] for n in range(len(tandems))])
        unchanged = 0 if better < worth else unchanged + 1
        if better < worth:
            found, worth = anew, better
    return tuple(found[number] for number in range(len(tandems)))


def _sum(tandems: Sequence[Shared], plans: Sequence[Times]) -> Levels:
    each = [levels_of(tandem.stretch, times) for tandem, times in zip(tandems, plans, strict=True)]
    return Levels(*map(sum, zip(*each, strict=True)))


def _collisions(tandems: Sequence[Shared], plans: Sequence[Times]) -> list[list[tuple[int, _Window]]]:
    """All collisions: of each, which tandem may keep away from which window. What both keep is none.

    The windows are as wide as they can be so that nothing is lost: any start of one in its window collides with any of
    the other in its own, so no plans without a collision have both.
    """
    found = []
    days = [{time.day: time.slot for time in times} for times in plans]
    for a, b in combinations(range(len(plans)), 2):
        if not tandems[a].people & tandems[b].people:
            continue
        for day in sorted(days[a].keys() & days[b].keys()):
            first, second = (a, b) if days[a][day] <= days[b][day] else (b, a)
            early, late = days[first][day], days[second][day]
            kept = [day in tandems[number].stretch.kept for number in (first, second)]
            if late - early >= tandems[first].slots or all(kept):
                continue
            windows = _windows(day, early, late, tandems[first].slots, tandems[second].slots)
            found.append([(n, w) for n, w, stays in zip((first, second), windows, kept, strict=True) if not stays])
    return found


def _windows(day: int, early: int, late: int, first: int, second: int) -> tuple[_Window, _Window]:
    """The window of the earlier meeting, which takes `first` slots, and that of the later one, which takes `second`."""
    more = min((first + second) // 2 - 1, late - early + second - 1)
    return _Window(day, early, early + more), _Window(day, early + more - second + 1, early + first - 1)


def _without(stretch: Stretch, windows: Iterable[_Window]) -> Stretch:
    """A stretch without some starts."""
    starts = [list(day) for day in stretch.starts]
    for window in windows:
        starts[window.day] = [slot for slot in starts[window.day] if not window.first <= slot <= window.last]
    return replace(stretch, starts=starts)
