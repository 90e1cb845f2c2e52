"""The best plans of calendars that are too large for all plans, beside a constraint solver: equal in every level."""

import random

import pytest

from services.scheduling.optimum.optimum import best, one_more
from services.scheduling.optimum.stretch import Levels, Shared, Stretch, Time, levels_of
from services.scheduling.optimum.together import together
from tests.unit.scheduling.cp_sat import best_levels
from tests.unit.scheduling.test_plans_together import collide, worth

MINUTES_90 = 6
"""Quarter hours."""


def calendar(rng: random.Random, days: int, free: float) -> list[list[int]]:
    """Workdays of which so many have some free starts."""
    return [
        sorted(rng.sample(range(36, 62), rng.randint(1, 3))) if day % 7 < 5 and rng.random() < free else []
        for day in range(days)
    ]


def stretch(seed: str, days: tuple[int, int], wanted: tuple[int, int]) -> Stretch:
    rng = random.Random(seed)
    starts = calendar(rng, rng.randint(*days), rng.choice((0.15, 0.3, 0.6)))
    holidays = rng.randrange(len(starts))
    return Stretch(
        starts, rng.randint(*wanted), rng.choice((3, 5, 7)), spared=frozenset(range(holidays, holidays + 14))
    )


def repairing(seed: str) -> Stretch:
    """The rest of a term from which one meeting was lost: all others stay, not all at their distance."""
    rng = random.Random(seed)
    days = rng.randint(50, 90)
    kept = {day: rng.randint(36, 60) for day in rng.sample(range(days), rng.randint(3, 6))}
    met = rng.random() < 0.7
    since = -rng.randint(1, 9) if met else 0
    return Stretch(calendar(rng, days, 0.4), len(kept) + rng.randint(1, 3), 5, since=since, met=met, kept=kept)


def two(seed: str) -> tuple[Shared, Shared]:
    """Two tandems whose mentor has little time."""
    rng = random.Random(seed)
    mentor = calendar(rng, rng.randint(30, 45), 0.35)
    each = [[day if rng.random() < 0.8 else [] for day in mentor] for _ in range(2)]
    first, second = (Shared(Stretch(starts, rng.randint(3, 5), 5), MINUTES_90) for starts in each)
    return first, second


def equal_alone(of: Stretch) -> None:
    times = best(of)
    if times:
        assert levels_of(of, times) == best_levels(Shared(of, MINUTES_90))
        assert set(of.kept.items()) <= set(times)


def equal_together(tandems: tuple[Shared, Shared]) -> bool:
    """Whether the two were in each other's way."""
    if not all(best(tandem.stretch) for tandem in tandems):
        return False
    found = together(tandems)
    assert found.proved
    assert not collide(tandems, found.plans)
    assert worth(tandems, found.plans) == found.levels == best_levels(*tandems)
    return collide(tandems, (best(tandems[0].stretch), best(tandems[1].stretch)))


@pytest.mark.proves("S10")
@pytest.mark.parametrize("seed", range(4))
def test_a_plan_of_months_is_as_good_as_a_solvers_in_every_level(seed: int) -> None:
    equal_alone(stretch(f"medium {seed}", (60, 100), (8, 12)))


@pytest.mark.proves("S10", "P8")
@pytest.mark.parametrize("seed", range(4))
def test_a_repaired_plan_is_as_good_as_a_solvers_in_every_level(seed: int) -> None:
    equal_alone(repairing(f"repaired {seed}"))


@pytest.mark.proves("S10")
@pytest.mark.parametrize("seed", range(3))
def test_two_plans_of_one_mentor_are_as_good_as_a_solvers_in_every_level(seed: int) -> None:
    equal_together(two(f"two {seed}"))


@pytest.mark.long
@pytest.mark.proves("S10")
@pytest.mark.parametrize("seed", range(150))
def test_many_plans_are_as_good_as_a_solvers(seed: int) -> None:
    equal_alone(stretch(f"long {seed}", (60, 120), (8, 15)))
    equal_alone(repairing(f"long repaired {seed}"))


@pytest.mark.long
@pytest.mark.proves("S10")
def test_many_plans_of_one_mentor_are_as_good_as_a_solvers() -> None:
    in_the_way = [equal_together(two(f"long two {seed}")) for seed in range(60)]
    assert sum(in_the_way) > 20, "two that are not in each other's way prove little"


def test_another_time_that_no_day_has_left_leaves_what_is_kept() -> None:
    of = Stretch([[]] * 20, 2, 5, kept={3: 40, 9: 44})
    assert one_more(of) == (Time(3, 40), Time(9, 44))


def test_the_solver_knows_the_levels_of_a_plan_that_is_the_only_one() -> None:
    of = Stretch([[40] if day in (16, 20, 41) else [] for day in range(50)], 2, 5)
    # Days 16 and 41: two days late, none missing, 25 days between them, (16-14)² + (25-14)², another weekday.
    assert best_levels(Shared(of, 6)) == Levels(2, 0, 25, 4 + 121, 1, 0, 57 * 96 + 80)
