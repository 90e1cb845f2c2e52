"""`python -m tests.bench.planning`: how long plans take, from free/busy in memory; and what a cheat does to others.

Calendars are those of the simulated half years as they are on the day before the first (tests/bench/half_years), which
is when a term is planned. The clock runs while plans are made, not while calendars are made up.
"""

import argparse
import datetime as dt
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from services.scheduling.availability.tandem import SLOT, Busy
from services.scheduling.planning.jobs import PlanInputs, PlanMeeting, Planned
from services.scheduling.planning.work import find_instead, make_plan
from shared.contracts.parts import WorkingTime
from shared.contracts.scheduling import PlanLevels
from tests.bench.half_years.calendars import CORE, DAYS, KNOWN, LEADER, MENTOR, Booking, bookings
from tests.bench.matching.figures import duration, rows
from tests.bench.matching.machine import described, load

FIRST = dt.date(2027, 1, 11)
WEEK = tuple(WorkingTime(weekday=day, start=CORE[0] * SLOT, end=CORE[1] * SLOT) for day in range(5))
CHUNK = 250
"""So many tandems' calendars are in memory before the clock runs."""


def busy_of(made: Iterable[Booking]) -> tuple[Busy, ...]:
    """Bookings as the planner reads them."""
    day = dt.timedelta(days=1)
    return tuple(Busy(FIRST + b.day * day, b.start * SLOT, b.slots * SLOT) for b in made)


def known(made: Iterable[Booking]) -> list[Booking]:
    """What stands in a calendar before the first day."""
    return [booking for booking in made if booking.made == KNOWN]


def asked(tandem: str, people: tuple[str, str], busy: tuple[Busy, ...]) -> PlanInputs:
    """What is planned for a tandem."""
    return PlanInputs(
        tandem_id=tandem,
        people=people,
        first=FIRST,
        last=FIRST + dt.timedelta(days=DAYS - 1),
        mentor=WEEK,
        mentee=WEEK,
        busy=busy,
    )


def tandem(number: int) -> PlanInputs:
    """A tandem by itself."""
    both = [*known(bookings(LEADER, f"leader {number}")), *known(bookings(MENTOR, f"mentor {number}"))]
    return asked(f"t{number}", (f"l{number}", f"m{number}"), busy_of(both))


def of_one_mentor(number: int, mentees: int, hidden: Callable[[int], Sequence[Booking]] = lambda _: ()) -> PlanInputs:
    """The first of a mentor's tandems with the others beside it; what the first mentee says beside the truth."""
    mentor = known(bookings(MENTOR, f"mentor {number}"))
    found = []
    for place in range(mentees):
        mine = known(bookings(LEADER, f"leader {number} {place}"))
        busy = busy_of([*mentor, *mine, *(hidden(number) if place == 0 else ())])
        found.append(asked(f"t{number}.{place}", (f"m{number}", f"l{number}.{place}"), busy))
    return found[0].model_copy(update={"beside": tuple(found[1:])})


def planned(inputs: PlanInputs) -> tuple[list[PlanMeeting], Planned]:
    """The pieces of a plan."""
    made = make_plan(inputs)
    assert isinstance(made, tuple)
    *_, done = made
    assert isinstance(done, Planned)
    return [piece for piece in made if isinstance(piece, PlanMeeting)], done


def single(number: int) -> tuple[float, float]:
    """Seconds for a tandem's plan, and for another time for its fifth meeting."""
    inputs = tandem(number)
    start = time.perf_counter()
    meetings, _ = planned(inputs)
    middle = time.perf_counter()
    taken = tuple(Busy(m.date, m.start, m.minutes) for n, m in enumerate(meetings) if n != 4)
    lost = inputs.model_copy(update={"taken": taken, "after": meetings[4].date if len(meetings) > 4 else FIRST})
    again = time.perf_counter()
    find_instead(lost)
    return middle - start, time.perf_counter() - again


def many(numbers: range) -> float:
    """Seconds for many plans, one after the other."""
    seconds = 0.0
    for first in range(numbers.start, numbers.stop, CHUNK):
        inputs = [tandem(number) for number in range(first, min(first + CHUNK, numbers.stop))]
        start = time.perf_counter()
        for each in inputs:
            make_plan(each)
        seconds += time.perf_counter() - start
    return seconds


def whole_city(tandems: int, processes: int) -> float:
    """Seconds until the last process has planned its share; all work at the same time."""
    share = -(-tandems // processes)
    parts = [range(at, min(at + share, tandems)) for at in range(0, tandems, share)]
    with ProcessPoolExecutor(processes) as pool:
        return max(pool.map(many, parts))


def joint(number: int, mentees: int) -> tuple[float, Planned, PlanLevels]:
    """Seconds for a mentor's tandems together, how they came out, and what they are worth planned in turn."""
    inputs = of_one_mentor(number, mentees)
    start = time.perf_counter()
    _, done = planned(inputs)
    return time.perf_counter() - start, done, in_turn(inputs)


def in_turn(inputs: PlanInputs) -> PlanLevels:
    """What a mentor's tandems are worth if each is planned around those before it."""
    busy: tuple[Busy, ...] = ()
    found = []
    for each in (inputs.model_copy(update={"beside": ()}), *inputs.beside):
        meetings, done = planned(each.model_copy(update={"busy": (*each.busy, *busy)}))
        busy += tuple(Busy(m.date, m.start, m.minutes) for m in meetings)
        assert done.levels is not None
        found.append(dict(done.levels))
    return PlanLevels(**{level: sum(each[level] for each in found) for level in found[0]})


def half_hidden(number: int) -> list[Booking]:
    """A cheat: of each weekday's core hours one half is said to be taken, another one for each of them."""
    rng = random.Random(f"cheat {number}")
    begin, end = CORE
    half = (end - begin) // 2
    first = [begin + half * rng.randrange(2) for _ in range(5)]
    return [Booking(KNOWN, day, first[day % 7], half, breaks=True) for day in range(DAYS) if day % 7 < 5]


def two_days_left(number: int) -> list[Booking]:
    """A cheat: only two days a week are said to be free at all."""
    rng = random.Random(f"cheat {number}")
    free = rng.sample(range(5), 2)
    begin, end = CORE
    taken = [day for day in range(DAYS) if day % 7 < 5 and day % 7 not in free]
    return [Booking(KNOWN, day, begin, end - begin, breaks=True) for day in taken]


CHEATS = {"half of each day hidden": half_hidden, "two days a week left": two_days_left}


def of_each(number: int, cheat: str | None, *, together: bool) -> list[PlanLevels]:
    """What the plans of a mentor's two tandems are worth to each; the first one's mentee cheats."""
    first = of_one_mentor(number, 2, CHEATS[cheat] if cheat else lambda _: ())
    second = first.beside[0]
    if together:
        second = second.model_copy(update={"beside": (first.model_copy(update={"beside": ()}),)})
        return [_alone(inputs, planned(inputs)[0]) for inputs in (first, second)]
    mine, _ = planned(first.model_copy(update={"beside": ()}))
    around = tuple(Busy(m.date, m.start, m.minutes) for m in mine)
    yours, _ = planned(second.model_copy(update={"busy": (*second.busy, *around)}))
    return [_alone(first, mine), _alone(second, yours)]


def _alone(inputs: PlanInputs, meetings: Sequence[PlanMeeting]) -> PlanLevels:
    """What one tandem's meetings are worth by themselves: another time is looked for where all days are taken."""
    taken = tuple(Busy(m.date, m.start, m.minutes) for m in meetings)
    _, done = planned(inputs.model_copy(update={"beside": (), "taken": taken, "mentor": (), "mentee": ()}))
    assert done.levels is not None
    return done.levels


def cheated(number: int, cheat: str, *, together: bool) -> list[tuple[PlanLevels, PlanLevels]]:
    """For the cheat's tandem and the other one: honest, and cheated."""
    honest, false = (of_each(number, each, together=together) for each in (None, cheat))
    return list(zip(honest, false, strict=True))


def cheats(mentors: int, processes: int) -> list[str]:
    """What a cheat does to their own tandem and to the other one of their mentor (P7)."""
    lines = []
    with ProcessPoolExecutor(processes) as pool:
        for cheat in CHEATS:
            for together in (True, False):
                found = list(pool.map(partial(cheated, cheat=cheat, together=together), range(mentors), chunksize=5))
                how = "together" if together else "in turn, the cheat first"
                for who, pairs in zip(("the cheat's", "the other"), zip(*found, strict=True), strict=True):
                    lines.append([cheat, how, who, *_compared(pairs)])
    head = ("cheat", "planned", "tandem", "better", "the same", "worse", "meetings", "largest gap, days")
    return rows(head, lines)


def _compared(pairs: Sequence[tuple[PlanLevels, PlanLevels]]) -> list[str]:
    order = [(tuple(dict(honest).values()), tuple(dict(false).values())) for honest, false in pairs]
    better, worse = (sum(false < honest for honest, false in order), sum(false > honest for honest, false in order))
    missing = statistics.fmean(false.missing - honest.missing for honest, false in pairs)
    gap = statistics.fmean(false.largest_gap - honest.largest_gap for honest, false in pairs)
    parts = [f"{n / len(pairs):.0%}" for n in (better, len(pairs) - better - worse, worse)]
    return [*parts, f"{0 - missing:+.2f}", f"{gap:+.2f}"]


def _spread(seconds: Sequence[float]) -> list[str]:
    ordered = sorted(seconds)
    return [duration(x) for x in (statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))], ordered[-1])]


def singles(count: int) -> list[str]:
    """One tandem at a time."""
    single(0)
    plans, instead = zip(*(single(number) for number in range(count)), strict=True)
    body = [("a plan of six months", *_spread(plans)), ("another time for one", *_spread(instead))]
    return rows(("", "median, s", "95 of 100, s", "longest, s"), body)


def joints(count: int, processes: int) -> list[str]:
    """A mentor's tandems together."""
    body = []
    with ProcessPoolExecutor(processes) as pool:
        for mentees in (2, 3):
            found = list(pool.map(partial(joint, mentees=mentees), range(count), chunksize=2))
            proved = sum(bool(done.proved) for _, done, _ in found) / count
            worth = [(done.levels, turn) for _, done, turn in found if done.levels is not None]
            better = sum(tuple(dict(a).values()) < tuple(dict(b).values()) for a, b in worth) / count
            fewer = statistics.fmean(b.missing - a.missing for a, b in worth)
            gap = statistics.fmean(b.largest_gap - a.largest_gap for a, b in worth)
            seconds = _spread([s for s, *_ in found])
            body.append((mentees, *seconds, f"{proved:.0%}", f"{better:.0%}", f"{fewer:+.2f}", f"{0 - gap:+.2f}"))
    head = (
        "tandems",
        "median, s",
        "95 of 100, s",
        "longest, s",
        "proved",
        "better than in turn",
        "meetings",
        "gaps, days",
    )
    return rows(head, body)


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.planning", description=__doc__)
    parser.add_argument("--tandems", type=int, default=10_000)
    parser.add_argument("--singles", type=int, default=200)
    parser.add_argument("--mentors", type=int, default=200)
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    given, before = parser.parse_args(), load()
    lines = [described(before), "", *singles(given.singles), ""]
    seconds = whole_city(given.tandems, given.processes)
    each = seconds * given.processes / given.tandems
    lines += [f"{given.tandems:,} tandems on {given.processes} cores: {seconds:.1f} s, {1000 * each:.1f} ms each.", ""]
    lines += [*joints(given.mentors, given.processes), "", *cheats(given.mentors, given.processes), ""]
    sys.stdout.write("\n".join(lines))


if __name__ == "__main__":
    _main()
