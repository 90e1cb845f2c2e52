"""What is planned for one tandem, and what a plan is worth: the levels, in their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

SLOTS = 96
"""Quarter hours a day; a meeting begins at one."""
USUAL = (7, 14)
"""Days from one meeting to the next that are no fault: about three a month (S10)."""
SOON = 14
"""So many days after its beginning a tandem should have met."""
AS_IF_LATER = 14
"""A meeting on a day that is rather left alone counts as so many days later, in the last level alone."""


class Time(NamedTuple):
    """When a meeting begins: day of the stretch, and quarter hour after midnight."""

    day: int
    slot: int


class Levels(NamedTuple):
    """What a plan is worth, the smaller the better, the first level first. Levels of several plans add up.

    P7 follows from the first: without it, who leaves no time free in the first days would be let off the rule that a
    tandem meets soon, and could so get smaller gaps later.
    """

    late: int
    """Days that the first meeting is later than SOON."""
    missing: int
    """Meetings that were wanted and have no day."""
    largest_gap: int
    """Most days without a meeting, from the beginning and to the end included."""
    off_rhythm: int
    """Sum of the squares of the days by which gaps are outside USUAL."""
    weekday_changes: int
    """Neighbours on different weekdays."""
    shift: int
    """Sum of the quarter hours between the starts of neighbours."""
    when: int
    """Sum of all beginnings, in quarter hours from day 0; those on days rather left alone as if they were later."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days to be planned for one tandem, numbered from 0; the last one is `len(starts) - 1`.

    `starts` are each day's possible slots in ascending order. `since` is the day from which the first gap counts: that
    of the beginning, or of the last meeting before (`met`), from which the first one then keeps its distance too.
    `kept` are meetings that stay, by day; they may be nearer to each other than `min_gap`. `spared` are days that are
    rather left alone, such as school holidays: where nothing else is worse for it, there is no meeting.
    """

    starts: Sequence[Sequence[int]]
    wanted: int
    min_gap: int
    since: int = 0
    met: bool = False
    kept: Mapping[int, int] = field(default_factory=dict)
    spared: frozenset[int] = frozenset()

    @property
    def end(self) -> int:
        """The last day."""
        return len(self.starts) - 1

    @property
    def most(self) -> int:
        """So many meetings at most: those wanted, or those kept where they are more."""
        return max(self.wanted, len(self.kept))


@dataclass(frozen=True, slots=True)
class Shared:
    """A tandem's stretch, for how many quarter hours a meeting takes its people, and who they are.

    All stretches count their days from the same one. Only tandems that share somebody keep away from each other.
    """

    stretch: Stretch
    slots: int
    people: frozenset[str] = field(default=frozenset({"whom all share"}))


def off_rhythm(gap: int) -> int:
    """The square of the days by which a gap is outside USUAL."""
    return (max(0, USUAL[0] - gap) + max(0, gap - USUAL[1])) ** 2


def levels_of(stretch: Stretch, times: Sequence[Time]) -> Levels:
    """What a plan of this stretch is worth."""
    days = [stretch.since, *(time.day for time in times), stretch.end]
    gaps = [later - earlier for earlier, later in pairwise(days)]
    pairs = list(pairwise(times))
    first = times[0].day if times else stretch.end
    return Levels(
        late=0 if stretch.met else max(0, first - stretch.since - SOON),
        missing=stretch.most - len(times),
        largest_gap=max(gaps),
        off_rhythm=sum(map(off_rhythm, gaps)),
        weekday_changes=sum((b.day - a.day) % 7 != 0 for a, b in pairs),
        shift=sum(abs(b.slot - a.slot) for a, b in pairs),
        when=sum((time.day + AS_IF_LATER * (time.day in stretch.spared)) * SLOTS + time.slot for time in times),
    )
