"""Tandems that share a person, beside all plans that they can have: as good together as can be, never at one time."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.optimum import reach, stretch
from services.scheduling.optimum.at_most import fewest_missing
from services.scheduling.optimum.stretch import Levels, Shared, Stretch, Time, levels_of
from services.scheduling.optimum.together import _Search, together
from tests.unit.scheduling.test_best_plans import all_plans

Two = tuple[Shared, Shared]


@st.composite
def tandems(draw: st.DrawFn, days: int) -> Shared:
    starts = st.sets(st.integers(30, 35), max_size=2).map(sorted)
    kept = draw(st.dictionaries(st.integers(0, days - 1), st.integers(30, 35), max_size=draw(st.sampled_from((0, 1)))))
    of = Stretch(
        starts=draw(st.lists(starts, min_size=days, max_size=days)),
        wanted=draw(st.integers(1, 3)),
        min_gap=draw(st.integers(1, 2)),
        kept=kept,
    )
    return Shared(of, draw(st.integers(1, 4)))


def collide(two: Sequence[Shared], plans: Sequence[tuple[Time, ...]]) -> bool:
    a, b = two
    return any(
        mine.day == yours.day
        and mine.slot < yours.slot + b.slots
        and yours.slot < mine.slot + a.slots
        and not (mine.day in a.stretch.kept and yours.day in b.stretch.kept)
        for mine in plans[0]
        for yours in plans[1]
    )


def worth(tandems: Sequence[Shared], plans: Sequence[tuple[Time, ...]]) -> Levels:
    each = [levels_of(tandem.stretch, times) for tandem, times in zip(tandems, plans, strict=True)]
    return Levels(*map(sum, zip(*each, strict=True)))


@pytest.mark.proves("S10")
@settings(deadline=None, max_examples=150)
@given(st.integers(2, 5).flatmap(lambda days: st.tuples(tandems(days), tandems(days))), st.sampled_from((0, 150)))
def test_two_plans_are_as_good_as_the_best_that_do_not_collide_where_that_is_proved(two: Two, effort: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stretch, "USUAL", (1, 2))
        patch.setattr(stretch, "SOON", 1)
        patch.setattr(reach, "SOON", 1)
        found = together(two, effort)
        pairs = ((mine, yours) for mine in all_plans(two[0].stretch) for yours in all_plans(two[1].stretch))
        least = min(worth(two, plans) for plans in pairs if not collide(two, plans))
        assert not collide(two, found.plans)
        assert worth(two, found.plans) == found.levels
        assert found.bound <= least <= found.levels
        assert found.proved or not effort


@pytest.mark.proves("S10")
@settings(deadline=None, max_examples=80)
@given(st.integers(2, 4).flatmap(lambda days: st.tuples(tandems(days), tandems(days), tandems(days))))
def test_of_three_tandems_only_those_that_share_somebody_keep_away_from_each_other(
    three: tuple[Shared, Shared, Shared],
) -> None:
    first, second, third = three
    chain = (
        replace(first, people=frozenset("ab")),
        replace(second, people=frozenset("bc")),
        replace(third, people=frozenset("cd")),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stretch, "USUAL", (1, 2))
        patch.setattr(stretch, "SOON", 1)
        patch.setattr(reach, "SOON", 1)
        found = together(chain, effort=400)
        least = min(worth(chain, plans) for plans in _around_the_middle(three))
    assert not collide(chain[:2], found.plans[:2])
    assert not collide(chain[1:], found.plans[1:])
    assert found.bound <= least <= found.levels
    assert found.proved


def _around_the_middle(three: tuple[Shared, Shared, Shared]) -> Iterator[tuple[tuple[Time, ...], ...]]:
    """For each plan of the second, the best ones of the first and the third that do not collide with it."""
    first, second, third = three
    for plan in all_plans(second.stretch):
        free = [
            [mine for mine in all_plans(other.stretch) if not collide((other, second), (mine, plan))]
            for other in (first, third)
        ]
        if all(free):
            before, after = (
                min(plans, key=partial(levels_of, other.stretch))
                for plans, other in zip(free, (first, third), strict=True)
            )
            yield before, plan, after


@pytest.mark.proves("S10")
@settings(deadline=None, max_examples=150)
@given(
    st.one_of(
        st.integers(2, 5).flatmap(lambda days: st.tuples(tandems(days), tandems(days))),
        st.integers(2, 3).flatmap(lambda days: st.tuples(tandems(days), tandems(days), tandems(days))),
    ),
    st.booleans(),
)
def test_no_plans_have_more_meetings_than_the_shared_time_has_room_for(some: tuple[Shared, ...], chain: bool) -> None:
    if chain:
        some = tuple(
            replace(each, people=frozenset((f"{number}", f"{number + 1}"))) for number, each in enumerate(some)
        )
    apart = [(a, b) for a, b in combinations(range(len(some)), 2) if some[a].people & some[b].people]
    least = min(
        worth(some, plans).missing
        for plans in product(*(list(all_plans(each.stretch)) for each in some))
        if not any(collide((some[a], some[b]), (plans[a], plans[b])) for a, b in apart)
    )
    assert 0 <= fewest_missing(some) <= least


@pytest.mark.proves("S10")
@pytest.mark.parametrize(("tandems", "starts", "most"), [(4, [40], 26), (6, [40], 26), (6, [36, 37, 41, 42], 52)])
def test_where_a_mentor_has_too_little_time_for_all_the_bound_is_the_number_of_meetings_found(
    tandems: int, starts: list[int], most: int
) -> None:
    of = Stretch([starts if day % 7 in (1, 3) else [] for day in range(90)], 9, 5)
    found = together([Shared(of, 6)] * tandems, effort=20)
    assert not found.proved
    assert found.bound.missing == found.levels.missing == tandems * 9 - most
    assert found.told == {**dict.fromkeys(Levels._fields), "late": found.bound.late, "missing": found.bound.missing}


def test_where_the_search_itself_came_far_its_bound_is_known_of_every_level() -> None:
    workdays = [[40] if day % 7 < 5 else [] for day in range(60)]
    found = together([Shared(Stretch(workdays, 6, 5), 6)] * 3, effort=1)
    assert not found.proved
    assert found.told == found.bound._asdict()


def test_two_tandems_with_the_same_free_times_share_them_evenly() -> None:
    workdays = [[40, 48] if day % 7 < 5 else [] for day in range(90)]
    two = (Shared(Stretch(workdays, 9, 5), 6), Shared(Stretch(workdays, 9, 5), 6))
    found = together(two)
    assert found.proved
    assert [len(times) for times in found.plans] == [9, 9]
    assert not collide(two, found.plans)


def test_beyond_its_effort_it_says_how_much_better_plans_might_be() -> None:
    workdays = [[40] if day % 7 < 5 else [] for day in range(60)]
    found = together([Shared(Stretch(workdays, 6, 5), 6)] * 3, effort=1)
    assert not found.proved
    assert found.bound < found.levels
    assert len({time for times in found.plans for time in times}) == sum(map(len, found.plans))


def test_what_a_search_of_many_tandems_costs_is_counted_though_it_needs_few_single_plans(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searches: list[_Search] = []

    def seen(tandems: Sequence[Shared]) -> _Search:
        searches.append(_Search(tandems))
        return searches[-1]

    monkeypatch.setattr("services.scheduling.optimum.together._Search", seen)
    twice_a_week = [[36, 42] if day % 7 == 1 else [52, 58] if day % 7 == 3 else [] for day in range(90)]
    found = together([Shared(Stretch(twice_a_week, 9, 5), 6)] * 6, effort=100)
    [search] = searches
    assert not found.proved
    assert search.nodes < 100 * 60 // 15 + 100
    assert found.bound < found.levels
