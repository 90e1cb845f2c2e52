"""Plans of several tandems that share somebody to begin a search with: not proved, but good where time is short.

Planned one after the other, the last tandem gets what is left. So first each time goes to whoever has waited longest,
and then each tandem is planned anew around the others, as long as that makes the whole better (iterated best
response, a local search).
"""

from collections.abc import Callable, Mapping, Sequence

from services.scheduling.optimum.stretch import Stretch, Time

Times = tuple[Time, ...]


def by_turns(stretches: Sequence[Stretch], free: Callable[[int, Time, Mapping[int, Time]], bool]) -> tuple[Times, ...]:
    """Day by day, each tandem that may meet does, those first that have waited longest; kept meetings stay.

    `free` says whether a tandem may begin at a time beside those that others have on that day.
    """
    plans: list[list[Time]] = [[] for _ in stretches]
    for day in range(max(len(stretch.starts) for stretch in stretches)):
        taken = {n: Time(day, stretch.kept[day]) for n, stretch in enumerate(stretches) if day in stretch.kept}
        for number in sorted(range(len(stretches)), key=lambda n: (_last(stretches[n], plans[n]), n)):
            if number not in taken and _may_meet(stretches[number], plans[number], day):
                times = (Time(day, slot) for slot in stretches[number].starts[day])
                time = next((time for time in times if free(number, time, taken)), None)
                taken |= {number: time} if time is not None else {}
        for number, time in taken.items():
            plans[number].append(time)
    return tuple(map(tuple, plans))


def _last(stretch: Stretch, plan: Sequence[Time]) -> int:
    return plan[-1].day if plan else stretch.since


def _may_meet(stretch: Stretch, plan: Sequence[Time], day: int) -> bool:
    """Whether a new meeting keeps its distance on this day, and is wanted beside those that stay."""
    if day >= len(stretch.starts) or len(plan) + sum(kept > day for kept in stretch.kept) >= stretch.most:
        return False
    near = (day - stretch.min_gap + 1, day + stretch.min_gap - 1)
    before = [time.day for time in plan] + ([stretch.since] if stretch.met else [])
    return not any(near[0] <= other <= near[1] for other in (*before, *stretch.kept))
