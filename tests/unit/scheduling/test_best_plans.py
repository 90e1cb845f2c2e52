"""The best plan of a stretch beside all plans that there are: equal in every level."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.optimum import reach, stretch
from services.scheduling.optimum.optimum import best
from services.scheduling.optimum.stretch import Levels, Stretch, Time, levels_of


@st.composite
def stretches(draw: st.DrawFn) -> Stretch:
    days = draw(st.integers(1, 10))
    starts = st.sets(st.integers(30, 35), max_size=2).map(sorted)
    kept = st.dictionaries(st.integers(0, days - 1), st.integers(30, 35), max_size=draw(st.sampled_from((0, 0, 2))))
    return Stretch(
        starts=draw(st.lists(starts, min_size=days, max_size=days)),
        wanted=draw(st.integers(1, 4)),
        min_gap=draw(st.integers(1, 3)),
        since=draw(st.sampled_from((0, 0, -1, -3))),
        met=draw(st.booleans()),
        kept=draw(kept),
        spared=frozenset(draw(st.sets(st.integers(0, days - 1), max_size=3))),
    )


@st.composite
def later_stretches(draw: st.DrawFn) -> Stretch:
    """Those of a tandem that begins after the day from which its days are counted."""
    of = draw(stretches())
    since = draw(st.integers(0, of.end))
    starts = [[] if day < since else list(slots) for day, slots in enumerate(of.starts)]
    kept = {day: slot for day, slot in of.kept.items() if day >= since}
    return replace(of, starts=starts, since=since, met=False, kept=kept)


def all_plans(of: Stretch, day: int = 0, chosen: tuple[Time, ...] = ()) -> Iterator[tuple[Time, ...]]:
    """Every plan that keeps what is kept, has no more meetings than wanted, and the distance between new ones."""
    if day == len(of.starts):
        if len(chosen) <= of.most and keeps_distance(of, chosen):
            yield chosen
        return
    if day not in of.kept:
        yield from all_plans(of, day + 1, chosen)
    for slot in [of.kept[day]] if day in of.kept else of.starts[day]:
        yield from all_plans(of, day + 1, (*chosen, Time(day, slot)))


def keeps_distance(of: Stretch, times: tuple[Time, ...]) -> bool:
    days = [time.day for time in times]
    near = [(a, b) for a, b in pairwise(days) if b - a < of.min_gap]
    soon = of.met and bool(days) and days[0] - of.since < of.min_gap
    return all(a in of.kept and b in of.kept for a, b in near) and not (soon and days[0] not in of.kept)


@pytest.mark.proves("S10")
@pytest.mark.parametrize(("soon", "usual"), [(14, (7, 14)), (2, (2, 3)), (0, (1, 2))])
@settings(deadline=None, max_examples=150)
@given(of=st.one_of(stretches(), later_stretches()))
def test_a_plan_is_as_good_as_the_best_of_all_in_every_level(of: Stretch, soon: int, usual: tuple[int, int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # In a stretch that is short enough for all plans, the usual days would never be left.
        patch.setattr(stretch, "USUAL", usual)
        patch.setattr(stretch, "SOON", soon)
        patch.setattr(reach, "SOON", soon)
        times = best(of)
        assert levels_of(of, times) == min(levels_of(of, plan) for plan in all_plans(of))
        assert keeps_distance(of, times)
        assert set(of.kept.items()) <= set(times)


@pytest.mark.proves("P7")
@settings(deadline=None, max_examples=100)
@given(stretches(), st.data())
def test_who_says_that_they_are_busier_than_they_are_gets_no_better_plan(of: Stretch, data: st.DataObject) -> None:
    kept: Mapping[int, int] = {}
    honest = Stretch(of.starts, of.wanted, of.min_gap, of.since, of.met, kept)
    given_away = data.draw(st.lists(st.sets(st.integers(30, 35)), min_size=len(of.starts), max_size=len(of.starts)))
    starts = [sorted(set(day) - gone) for day, gone in zip(of.starts, given_away, strict=True)]
    cheat = Stretch(starts, of.wanted, of.min_gap, of.since, of.met, kept)
    assert levels_of(honest, best(honest)) <= levels_of(cheat, best(cheat))


def test_half_a_year_of_workdays_has_three_meetings_a_month_in_an_even_rhythm() -> None:
    workdays = [list(range(36, 60)) if day % 7 < 5 else [] for day in range(182)]
    levels = levels_of(of := Stretch(workdays, wanted=18, min_gap=5), best(of))
    assert levels[:4] == Levels(late=0, missing=0, largest_gap=11, off_rhythm=0, weekday_changes=0, shift=0, when=0)[:4]
    assert levels.shift == 0


def test_a_tandem_that_cannot_meet_soon_meets_on_the_first_day_that_there_is() -> None:
    of = Stretch([[] if day < 20 else [40] for day in range(60)], wanted=3, min_gap=5)
    assert best(of)[0] == Time(20, 40)
    assert levels_of(of, best(of)).late == 20 - stretch.SOON


def test_where_there_is_no_day_there_is_no_plan() -> None:
    of = Stretch([[]] * 30, wanted=3, min_gap=5)
    assert best(of) == ()
    assert levels_of(of, ()).missing == 3
