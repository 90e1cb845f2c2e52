"""The figures equal those of independent formulas and of published tables."""

from itertools import product

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq

from services.evaluation.counting.rollout import poisson
from services.evaluation.deciding.bounds import lower, upper
from services.evaluation.deciding.intervals import CONFIDENCE, change, share
from services.evaluation.deciding.medians import classes, median
from services.evaluation.deciding.told import datasets
from shared.contracts.base import Text
from tests.unit.evaluation.test_deciding import least, told

CODES = ("low", "middle", "high")

# Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 5 (Clopper–Pearson), 95 %.
NEWCOMBE = [
    (81, 263, 0.2527, 0.3676),
    (15, 148, 0.0578, 0.1617),
    (0, 20, 0.0, 0.1684),
    (1, 29, 0.0009, 0.1776),
]
# Garwood, Biometrika 28 (1936) 437–442; as in Pearson and Hartley, Biometrika Tables for Statisticians I, table 40.
GARWOOD = [
    (0, 0.0, 3.69),
    (1, 0.0253, 5.57),
    (2, 0.242, 7.22),
    (3, 0.619, 8.77),
    (4, 1.09, 10.24),
    (5, 1.62, 11.67),
    (10, 4.80, 18.39),
    (20, 12.22, 30.89),
    (50, 37.11, 65.92),
]


@pytest.mark.parametrize(("count", "of", "low", "high"), NEWCOMBE)
def test_the_interval_of_a_share_is_the_published_one(count: int, of: int, low: float, high: float) -> None:
    found = share([told(count, of - count)], ("yes", "no"), "yes")
    assert found.share == count / of
    assert [found.low, found.high] == pytest.approx([low, high], abs=1e-4)


@pytest.mark.parametrize(("count", "low", "high"), GARWOOD)
def test_the_interval_of_a_rare_number_is_the_published_one(count: int, low: float, high: float) -> None:
    found = poisson(count)
    assert [found.low, found.high] == pytest.approx([low, high], rel=5e-3)


@pytest.mark.proves("S13")
@for_all(st.integers(1, 200), st.floats(0, 1), st.floats(0.001, 0.2))
def test_a_bound_is_the_share_at_which_such_a_count_is_just_so_improbable(of: int, part: float, level: float) -> None:
    """The definition, solved by a root finder over the binomial distribution, and SciPy's quantiles of the beta."""
    count = round(part * of)
    low, high = lower(count, of, level), upper(count, of, level)
    if count:
        assert low == pytest.approx(brentq(lambda p: stats.binom.sf(count - 1, of, p) - level, 0, 1), abs=1e-9)
        assert low == pytest.approx(stats.beta.ppf(level, count, of - count + 1), abs=1e-9)
    else:
        assert low == 0
    if count < of:
        assert high == pytest.approx(brentq(lambda p: stats.binom.cdf(count, of, p) - level, 0, 1), abs=1e-9)
        assert high == pytest.approx(stats.beta.ppf(1 - level, count + 1, of - count), abs=1e-9)
    else:
        assert high == 1


def test_at_a_number_that_is_not_whole_the_bounds_are_those_of_korn_and_graubard() -> None:
    """Their formula is by quantiles of F, not of the beta."""
    for people, effect, part in product((14, 40, 180), (1.1, 1.3, 1.6), (0.1, 0.35, 0.8)):
        n = people / effect
        x = part * n
        f_low = stats.f.ppf(0.0125, 2 * x, 2 * (n - x + 1))
        f_high = stats.f.ppf(0.9875, 2 * (x + 1), 2 * (n - x))
        assert lower(x, n, 0.0125) == pytest.approx(x * f_low / (n - x + 1 + x * f_low))
        assert upper(x, n, 0.0125) == pytest.approx((x + 1) * f_high / (n - x + (x + 1) * f_high))


@for_all(st.lists(st.integers(0, 40), min_size=3, max_size=3).filter(sum), st.floats(1, 1.6))
def test_a_share_s_interval_holds_it_and_is_the_two_bounds_at_half_the_error_each(
    counts: list[int], effect: float
) -> None:
    found = share([told(*counts)], CODES, "middle", effect)
    tail = (1 - CONFIDENCE) / 2
    n, x = sum(counts) / effect, counts[1] / effect
    assert found.share is not None
    assert found.low <= found.share <= found.high
    assert (found.low, found.high) == (lower(x, n, tail), upper(x, n, tail))


@for_all(st.integers(5, 40), st.integers(0, 2), st.integers(1, 2))
def test_where_counts_are_not_told_the_interval_holds_that_of_every_data_set(
    people: int, index: int, insiders: int
) -> None:
    given = least(people, index, insiders)
    found = share([given], CODES, "middle")
    assert found.share is None
    inside = [share([told(*data.values())], CODES, "middle") for data in datasets([given], CODES)]
    assert found.low == min(one.low for one in inside)
    assert found.high == max(one.high for one in inside)


# Changes


@for_all(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_a_paired_change_is_the_exact_sign_test(less: int, same: int, more: int) -> None:
    if not less + same + more:
        with pytest.raises(ValueError, match="nobody"):
            change([told(less, same, more)])
        return
    found = change([told(less, same, more)])
    if not less + more:
        assert (found.up, found.low, found.high, found.chance) == (None, 0, 1, 1)
        return
    expected = stats.binomtest(more, less + more)
    interval = expected.proportion_ci(CONFIDENCE, method="exact")
    assert found.up == more / (less + more)
    assert found.chance == pytest.approx(expected.pvalue)
    assert [found.low, found.high] == pytest.approx([interval.low, interval.high])


def test_a_change_of_people_who_are_not_all_told_of_is_the_least_clear_one_that_may_be() -> None:
    given = least(12, 2)
    found = change([given])
    every = [change([told(*data.values())]) for data in datasets([given], ("less", "same", "more"))]
    assert found.up is None
    assert found.chance == max(one.chance for one in every)
    assert (found.low, found.high) == (min(one.low for one in every), max(one.high for one in every))


def test_people_who_are_tandems_make_a_change_less_sure() -> None:
    alone, tandems = change([told(5, 10, 20)]), change([told(5, 10, 20)], effect=1.3)
    assert tandems.up == alone.up
    assert tandems.low < alone.low
    assert tandems.chance > alone.chance


# Classes


@settings(max_examples=50)
@for_all(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(sum), min_size=1, max_size=2))
def test_the_median_is_the_class_of_the_middle_person_and_of_two_the_lower(sides: list[list[int]]) -> None:
    everybody = sorted(place for side in sides for place, count in enumerate(side) for _ in range(count))
    assert median([told(*side) for side in sides], CODES) == CODES[everybody[(len(everybody) - 1) // 2]]


def test_a_median_is_told_only_if_every_data_set_has_it() -> None:
    assert median([least(9, 1)], CODES) == "middle"
    assert median([least(9, 1), told(4, 0, 0)], CODES) == "middle"
    assert median([least(9, 1), told(8, 0, 0)], CODES) is None
    assert median([], CODES) is None


def test_classes_are_shown_as_they_were_told() -> None:
    codes = [(code, Text(de=code, en=code)) for code in CODES]
    assert [(one.code, one.count, one.at_least) for one in classes(told(3, 4, 5), codes)] == [
        ("low", 3, False),
        ("middle", 4, False),
        ("high", 5, False),
    ]
    assert [(one.count, one.at_least) for one in classes(least(9, 1), codes)] == [
        (None, False),
        (7, True),
        (None, False),
    ]
