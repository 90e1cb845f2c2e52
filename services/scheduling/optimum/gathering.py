"""The dates of a gathering (S5): the one at which most people can come, or the two or three that reach most together.

Choosing dates so that most people can come to one of them is maximum coverage, with rooms a maximum flow. Of so few
dates the flow is known in closed form, by the cut that is least (Ford and Fulkerson 1956): some dates' rooms, and all
people who can come to one of the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint64]
Counts = NDArray[np.int64]
EFFORT = 25_000_000
"""So many sets of dates at most are looked at; counted and not timed, so that every replica finds the same."""
WORD = 64


@dataclass(frozen=True, slots=True)
class Option:
    """A time at which a gathering may be: who can come (a bit each), and how many the room takes (None: all)."""

    can_come: int
    room: int | None = None


@dataclass(frozen=True, slots=True)
class Dates:
    """The chosen options by number, in order; how many they reach, and what no other choice can exceed."""

    options: tuple[int, ...]
    reached: int
    bound: int

    @property
    def proved(self) -> bool:
        """Whether no other dates reach more."""
        return self.reached == self.bound


def reached(options: Sequence[Option]) -> int:
    """How many people can come to one of these, none more than a room takes."""
    cuts = []
    numbers = range(len(options))
    for full in (set(full) for size in range(len(options) + 1) for full in combinations(numbers, size)):
        rooms = [options[number].room for number in full]
        others = 0
        for number in numbers:
            others |= options[number].can_come if number not in full else 0
        if None not in rooms:
            cuts.append(sum(room or 0 for room in rooms) + others.bit_count())
    return min(cuts)


def best_dates(options: Sequence[Option], dates: int, effort: int = EFFORT) -> Dates:
    """The dates, so many at most, that reach most people; of equal ones the first.

    Options come as they are welcome else, the earliest first.
    """
    useful = [number for number, option in enumerate(options) if _adds(option, options[:number])]
    if not useful or dates < 1:
        return Dates((), 0, 0)
    search = _Search.of([options[number] for number in useful], min(dates, len(useful)), effort)
    search.look()
    chosen = tuple(useful[number] for number in search.best)
    return Dates(chosen, search.reached, max(search.reached, search.missed))


def _adds(option: Option, earlier: Sequence[Option]) -> bool:
    """Whether somebody can come who could not as well at one single time before, in a room that takes them all."""
    if not option.can_come or option.room == 0:
        return False
    return not any(
        option.can_come & ~other.can_come == 0 and (other.room is None or other.room >= other.can_come.bit_count())
        for other in earlier
    )


@dataclass(slots=True)
class _Search:
    """Goes over all sets of dates in order of time, but for those that cannot reach more than the best so far."""

    people: Bits
    """A row of words an option."""
    rooms: Counts
    everybody: int
    dates: int
    left: int
    best: tuple[int, ...] = ()
    reached: int = 0
    beaten: int = 0
    """What a set must exceed to be taken: at first one less than is reached, since an earlier set is as welcome."""
    missed: int = 0
    """What a set that was not looked at may reach."""

    @classmethod
    def of(cls, options: Sequence[Option], dates: int, effort: int) -> "_Search":
        """A search that begins at the dates that add most, one after the other, and must only find as many again."""
        everybody = 0
        for option in options:
            everybody |= option.can_come
        words = everybody.bit_length() // WORD + 1
        data = b"".join(option.can_come.to_bytes(words * WORD // 8, "little") for option in options)
        people = np.frombuffer(data, dtype="<u8").astype(np.uint64).reshape(len(options), words)
        endless = everybody.bit_count()
        rooms = np.array([endless if o.room is None else o.room for o in options], dtype=np.int64)
        search = cls(people, rooms, endless, dates, effort)
        search.begin(options)
        return search

    def begin(self, options: Sequence[Option]) -> None:
        """Take the option that adds most, again and again."""
        chosen: list[int] = []
        while len(chosen) < self.dates:
            found = [reached([options[n] for n in (*chosen, number)]) for number in range(len(options))]
            chosen.append(found.index(max(found)))
        self.best, self.reached = tuple(sorted(set(chosen))), reached([options[n] for n in set(chosen)])
        self.beaten = self.reached - 1

    def look(self, chosen: tuple[int, ...] = (), before: int = 0) -> None:
        """Look at all sets that begin with these, which reach so many by themselves."""
        first = chosen[-1] + 1 if chosen else 0
        if first >= len(self.rooms):
            return
        values = self._with_each(chosen, first)
        self.left -= len(values)
        # What an option adds to few dates it adds at most to more of them: reach is submodular.
        adds = np.maximum.accumulate((values - before)[::-1])[::-1]
        best = int(values.argmax())
        if values[best] > self.beaten:
            self.best = (*chosen, first + best)
            self.reached = self.beaten = int(values[best])
        if len(chosen) + 1 == self.dates:
            return
        more = self.dates - len(chosen) - 1
        for number in range(len(values) - 1):
            bound = min(self.everybody, int(values[number]) + more * int(adds[number + 1]))
            if bound <= self.beaten:
                continue
            if self.left <= 0:
                self.missed = max(self.missed, bound)
                continue
            self.look((*chosen, first + number), int(values[number]))

    def _with_each(self, chosen: tuple[int, ...], first: int) -> Counts:
        """How many these and one more reach, for each one from `first` on: the least of all cuts."""
        least: Counts | None = None
        for size in range(len(chosen) + 1):
            for full in combinations(chosen, size):
                open_ones = [number for number in chosen if number not in full]
                others = np.bitwise_or.reduce(self.people[open_ones], axis=0) if open_ones else np.uint64(0)
                rooms = int(self.rooms[list(full)].sum())
                closed = self.rooms[first:] + int(_size(np.atleast_2d(others))[0]) + rooms
                cut = np.minimum(_size(self.people[first:] | others) + rooms, closed)
                least = cut if least is None else np.minimum(least, cut)
        assert least is not None
        return least


def _size(people: Bits) -> Counts:
    """How many bits each row has."""
    found: Counts = np.bitwise_count(people).sum(axis=1, dtype=np.int64)
    return found
