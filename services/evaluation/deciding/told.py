"""What protection tells of a group, and every data set that may stand behind it. Needs no heavy library."""

from collections.abc import Hashable, Iterable, Sequence
from itertools import combinations, groupby, pairwise, product
from typing import Protocol, TypeVar

Counts = tuple[int, ...]
Key = TypeVar("Key", bound=Hashable)


class Told(Protocol):
    """What may be told of a group: `services.evaluation.protection.Told`, or anything of that form.

    `counts` stand by class, in order. If `at_least` names a class, only that one has a count, and it means: at least
    so many of `people`.
    """

    @property
    def people(self) -> int:
        """How many people it rests on."""

    @property
    def counts(self) -> tuple[int | None, ...]:
        """How many of them stand in each class; None: not told."""

    @property
    def at_least(self) -> int | None:
        """Index of the one class of which a least count is told; None: all counts are told."""


def possible(told: Told, groups: Sequence[Key]) -> list[dict[Key, int]]:
    """Every data set that what was told leaves possible, its classes put together into groups.

    `groups` names the group of each class. One data set if all counts are told; else those that the people who are
    not told of may make, wherever they stand.
    """
    names = tuple(dict.fromkeys(groups))
    if len(groups) != len(told.counts):
        raise ValueError(f"{len(told.counts)} classes were told, {len(groups)} have a name")
    known = dict.fromkeys(names, 0)
    for name, count in zip(groups, told.counts, strict=True):
        known[name] += count or 0
    rest = told.people - sum(known.values())
    if told.at_least is None and rest:
        raise ValueError(f"{rest} of {told.people} people stand in no class")
    return [
        {name: known[name] + more for name, more in zip(names, spread, strict=True)}
        for spread in _spreads(rest, len(names))
    ]


def datasets(portions: Iterable[Told], groups: Sequence[Key]) -> list[dict[Key, int]]:
    """Every data set of several portions of people together, as both sides are; each data set once.

    `groups` names the group of each class of the whole scale; a portion that is told in fewer classes has one for each
    run of classes of the same name.
    """
    names = tuple(dict.fromkeys(groups))
    runs = tuple(name for name, _ in groupby(groups))
    found: set[Counts] = {(0,) * len(names)}
    for told in portions:
        own = [tuple(data.values()) for data in possible(told, groups if len(told.counts) == len(groups) else runs)]
        found = {tuple(map(sum, zip(before, more, strict=True))) for before, more in product(found, own)}
    return [dict(zip(names, counts, strict=True)) for counts in sorted(found)]


def _spreads(people: int, groups: int) -> Iterable[Counts]:
    """Every way to spread so many people over so many groups: bars between people in a row."""
    places = people + groups - 1
    for bars in combinations(range(places), groups - 1):
        edges = (-1, *bars, places)
        yield tuple(after - before - 1 for before, after in pairwise(edges))
