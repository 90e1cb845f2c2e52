"""The adversary: knows the mechanism, who answered, and the answers of some people; has everything that was told.

All data sets are sorted by identical complete output. Whoever has, in all data sets of one output that agree with what
the insiders know, one and the same answer is found out.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement, product

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Found = tuple[object, ...] | None
"""Who was found out: the insiders, whom they found, and by which attribute; None: nobody."""


def exposed(
    published: Callable[[tuple[int, ...]], Hashable],
    people: int,
    classes: int,
    insiders: int,
    hidden: int | None = None,
) -> Found:
    """Whom insiders find out in a group, with each of all data sets looked at: people's classes, one by one.

    `hidden`: only that class must not be known of anybody; None: none may.
    """
    data = np.array(list(product(range(classes), repeat=people)), dtype=np.int64)
    outputs = numbered([published(tuple(row)) for row in data.tolist()])
    seen = 1 << data
    for coalition in combinations(range(people), insiders):
        known = np.zeros(len(data), dtype=np.int64)
        for person in coalition:
            known = known * classes + data[:, person]
        possible = united(outputs * classes**insiders + known, seen)
        sure = (possible & (possible - 1)) == 0 if hidden is None else possible == 1 << hidden
        for person in set(range(people)) - set(coalition):
            if sure[:, person].any():
                return coalition, person, data[_first(outputs, known, classes, insiders, sure[:, person])].tolist()
    return None


def _first(outputs: Numbers, known: Numbers, classes: int, insiders: int, sure: NDArray[np.bool_]) -> int:
    keys, places = np.unique(outputs * classes**insiders + known, return_index=True)
    assert len(keys) == len(sure)
    return int(places[int(np.argmax(sure))])


@dataclass(frozen=True)
class Alike:
    """People who differ in nothing but their answers: what is told does not change when two of them swap all of these.

    `kinds`: every combination of answers that one of them may have given.
    """

    name: str
    people: int
    kinds: tuple[tuple[int, ...], ...]


World = tuple[tuple[int, ...], ...]
"""Of each group of people who are alike: how many are of each kind."""


def spreads(people: int, kinds: int) -> Iterator[tuple[int, ...]]:
    """All ways to spread so many people over so many kinds."""
    if kinds == 1:
        yield (people,)
        return
    for first in range(people + 1):
        for rest in spreads(people - first, kinds - 1):
            yield (first, *rest)


def exposed_alike(
    published: Callable[[World], Hashable],
    alike: Sequence[Alike],
    attributes: Sequence[Callable[[tuple[int, ...]], int | None]],
    insiders: int,
) -> Found:
    """Whom insiders find out, with data sets counted that differ by names alone.

    That is exact: since people who are alike may swap, somebody has in some data set every answer that anybody left of
    the same group has there. `attributes` say of a kind the answer that must stay hidden; None: there is none.
    """
    worlds = list(product(*(spreads(group.people, len(group.kinds)) for group in alike)))
    outputs = numbered([published(world) for world in worlds])
    table = np.array([[count for group in world for count in group] for world in worlds], dtype=np.int64)
    columns = [(place, kind) for place, group in enumerate(alike) for kind in group.kinds]
    for coalition in combinations_with_replacement(range(len(columns)), insiders):
        known = np.bincount(coalition, minlength=len(columns))
        fits = (table >= known).all(axis=1)
        if not fits.any():
            continue
        left = table[fits] - known
        for place, group in enumerate(alike):
            own = [index for index, column in enumerate(columns) if column[0] == place]
            if group.people == known[own].sum():
                continue
            for number, attribute in enumerate(attributes):
                seen = np.zeros(len(left), dtype=np.int64)
                for index in own:
                    value = attribute(columns[index][1])
                    if value is not None:
                        seen |= np.where(left[:, index] > 0, 1 << value, 0)
                possible = united(outputs[fits], seen[:, None])[:, 0]
                if ((possible > 0) & ((possible & (possible - 1)) == 0)).any():
                    return tuple(columns[index] for index in coalition), group.name, number
    return None


def numbered(outputs: Sequence[Hashable]) -> Numbers:
    """A number for each different output."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(output, len(numbers)) for output in outputs], dtype=np.int64)


def united(keys: Numbers, seen: Numbers) -> Numbers:
    """Of each key, in rising order, everything that was seen in any of its rows."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    found: Numbers = np.bitwise_or.reduceat(seen[order], starts, axis=0)
    return found
