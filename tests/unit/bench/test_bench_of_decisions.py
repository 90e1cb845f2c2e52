"""The bench of decisions: its programmes are as they claim, and its arrays say what the way itself says."""

import numpy as np
import pytest
from scipy.stats import beta

from services.evaluation.deciding.verdict import ERROR
from tests.bench.decisions.naive import LEVEL, jeffreys, one_by_one, point, wilson
from tests.bench.decisions.programmes import (
    BOTH_WAYS,
    FEW,
    GOOD,
    LIMIT,
    MANY,
    ONE_WAY,
    PROGRAMMES,
    Answers,
    Cell,
    Truth,
    answered,
)
from tests.bench.decisions.rules import Way, by_arrays, path
from tests.bench.decisions.table import OURS, RULES, by_cell, by_rule, differing, outcomes


def some(cell: Cell, truth: Truth, number: int = 400) -> Answers:
    return answered(cell, (truth,) * 4, number, np.random.default_rng(1))


@pytest.mark.parametrize("cell", [Cell(7, 0.7, 0.3), Cell(20, 0.9, 0.6), Cell(100, 0.5, 0.3)], ids=str)
@pytest.mark.parametrize(
    "way",
    [Way(), Way(sides=5), Way(sides=20), Way(tandems=False)],
    ids=["ours", "sides of 5", "sides of 20", "no tandems"],
)
def test_arrays_say_what_the_way_itself_says(cell: Cell, way: Way) -> None:
    for truth in (GOOD, FEW, ONE_WAY, BOTH_WAYS, Truth((0.45, 0.1, 0.45))):
        answers = some(cell, truth, 12)
        assert (path(answers, way) == by_arrays(answers, way)).all()


def test_the_check_of_the_bench_counts_answers_that_differ() -> None:
    arrays, steps, of = differing(Cell(20, 0.7, 0.3), PROGRAMMES[1], 1)
    assert (arrays, steps, of) == (0, 0, 4)


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6])
def test_the_two_of_a_tandem_answer_as_much_alike_as_the_cell_says(correlation: float) -> None:
    answers = some(Cell(100, 1.0, correlation), GOOD)
    chance = sum(share**2 for share in GOOD.shares)
    assert answers.agreeing.mean() / 100 == pytest.approx(chance + correlation * (1 - chance), abs=0.005)


def test_as_many_answer_and_want_it_as_the_cell_and_the_truth_say() -> None:
    answers = some(Cell(100, 0.7, 0.3), MANY)
    assert answers.counts.sum() / (400 * 4 * 200) == pytest.approx(0.7, abs=0.005)
    assert answers.counts.sum(axis=(0, 1, 2)) / answers.counts.sum() == pytest.approx(MANY.shares, abs=0.005)


def test_the_unhappy_answer_less_and_the_kind_are_content() -> None:
    silent = some(Cell(100, 0.7, 0.3, unhappy=0.5), MANY).counts[:, 0]
    assert silent[..., 1].sum() / silent.sum() > 1.4 * MANY.shares[1]
    kind = some(Cell(100, 0.7, 0.3, kind=0.3), MANY).counts
    assert kind[..., 1].sum() / kind.sum() == pytest.approx(0.3 + 0.7 * MANY.shares[1], abs=0.01)


def test_what_is_right_follows_from_the_truth() -> None:
    assert [truth.right for truth in (GOOD, FEW, MANY, ONE_WAY, BOTH_WAYS)] == [("keep",), ("0",), ("2",), (), ()]
    assert Truth((0.4, 0.2, 0.4)).right == ("0", "2", "both")


def test_the_rules_beside_are_the_bounds_that_they_are_named_after() -> None:
    answers = some(Cell(20, 0.8, 0.3), FEW, 50)
    counts = answers.counts.sum(axis=2)
    for verdict, (one, content, other) in zip(jeffreys(answers).ravel(), counts.reshape(-1, 3).tolist(), strict=True):
        people = one + content + other
        change = beta.ppf(LEVEL, max(one, other) + 0.5, people - max(one, other) + 0.5) > LIMIT
        keep = beta.ppf(1 - LEVEL, one + other + 0.5, content + 0.5) < LIMIT
        assert (verdict in ("0", "2")) == change
        assert (verdict == "keep") == keep
    # The wider the bounds, the more is left open: with the tandems reckoned with, without, and with no bounds at all.
    assert (wilson(answers) == "open").sum() > (point(answers) == "open").sum()
    assert (one_by_one(answers) == "open").sum() >= (wilson(answers) == "open").sum()


@pytest.mark.proves("S13", "P14")
def test_at_the_threshold_at_most_five_in_a_hundred_programmes_have_a_wrong_answer_and_all_well_is_seen() -> None:
    """A small part of the bench, at its worst cell: 100 tandems, response 50 %, correlation .6."""
    cell, number = Cell(100, 0.5, 0.6), 1000
    good, *limits = (
        outcomes(cell, programme, number, (OURS,))[0]
        for programme in PROGRAMMES
        if programme.limit or programme is PROGRAMMES[0]
    )
    assert min(good.right) >= 0.9
    # Three standard errors of so many programmes are 2.1 points.
    assert max(one.any_wrong for one in limits) <= ERROR + 0.021


def test_the_tables_hold_a_row_of_each_cell_and_of_each_rule() -> None:
    found = [
        one
        for tandems in (7, 20, 100)
        for response in (0.5, 0.7, 0.9)
        for correlation in (0.0, 0.3, 0.6)
        for programme in PROGRAMMES
        for one in outcomes(Cell(tandems, response, correlation), programme, 1, tuple(RULES))
    ]
    assert len(list(by_cell(found))) == 2 + 27
    assert len(list(by_rule(found))) == 2 + 3 * len(RULES)
