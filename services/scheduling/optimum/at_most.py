"""How many meetings tandems that share somebody can have at most, whoever gets which: a bound, and no plan.

Each tandem by itself may have all that are wanted where their common person has not so much time. So that person's time
is counted: of the starts of one day so many as do not overlap, the earliest end first, which is exact for one machine
(Kleinberg and Tardos 2005, 4.1); and in as many days as meetings keep from each other, one for each tandem. A
dynamic programme over the days takes whichever is less.
"""

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter

from services.scheduling.optimum.reach import Reach
from services.scheduling.optimum.stretch import Shared


def fewest_missing(tandems: Sequence[Shared]) -> int:
    """So many of the wanted meetings are missing at least in all plans without a collision.

    Each tandem counts once: with the person that most of those share that are left, else by itself.
    """
    left, found = dict(enumerate(tandems)), 0
    while left:
        shared = Counter(sorted(who for tandem in left.values() for who in tandem.people))
        somebody, count = shared.most_common(1)[0]
        if count == 1:
            return found + sum(map(_missing, left.values()))
        group = [left.pop(number) for number, tandem in list(left.items()) if somebody in tandem.people]
        wanted = sum(tandem.stretch.most for tandem in group)
        found += max(sum(map(_missing, group)), wanted - _most(group))
    return found


def _missing(tandem: Shared) -> int:
    return max(0, tandem.stretch.most - _most([tandem]))


def _most(tandems: Sequence[Shared]) -> int:
    """The most meetings of tandems that share one person, what they keep included."""
    days = [_days(tandem) for tandem in tandems]
    last = max(len(tandem.stretch.starts) for tandem in tandems)
    near = min(tandem.stretch.min_gap for tandem in tandems)
    most = [0]
    for day in range(last):
        least = most[-1] + _on(day, tandems, [own >> day & 1 for own in days])
        block = 0
        for begin in range(day, max(-1, day - near), -1):
            block |= 1 << begin
            least = min(least, most[begin] + sum(own & block > 0 for own in days))
        most.append(least)
    return most[-1] + sum(len(tandem.stretch.kept) for tandem in tandems)


def _days(tandem: Shared) -> int:
    """The days of possible new meetings, as bits."""
    found = Reach.of(tandem.stretch).days
    for day in tandem.stretch.kept:
        found &= ~(1 << day)
    return found


def _on(day: int, tandems: Sequence[Shared], possible: Sequence[int]) -> int:
    """The most new meetings of one day that overlap neither each other nor what is kept."""
    kept = [
        (tandem.stretch.kept[day], tandem.stretch.kept[day] + tandem.slots)
        for tandem in tandems
        if day in tandem.stretch.kept
    ]
    times = {
        (slot, slot + tandem.slots)
        for tandem, may in zip(tandems, possible, strict=True)
        if may
        for slot in tandem.stretch.starts[day]
        if not any(slot < end and begin < slot + tandem.slots for begin, end in kept)
    }
    count, free_from = 0, 0
    for begin, end in sorted(times, key=itemgetter(1)):
        if begin >= free_from:
            count, free_from = count + 1, end
    return min(count, sum(possible))
