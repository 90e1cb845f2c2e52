"""What the bench of the match says of figures, and that its peers solve what it says they do."""

import os

import numpy as np
import pytest

from shared.cli.demo.story import DEFAULT, read_story
from tests.bench.matching.alone import alone
from tests.bench.matching.figures import growth, growths, loss
from tests.bench.matching.made import changed
from tests.bench.matching.peers import candidates, flow, reached, scipy_assignment, whole_matrix
from tests.bench.round_of_a_city import opening

SCORES = np.array([[900, -1, 5], [800, 700, -1], [850, -1, -1]], np.int16)
"""Three tandems by 5, 700 and 850 alone; the highest sum of any would be that of two, 900 and 700."""


def test_twice_the_people_in_eight_times_the_time_grow_by_the_third_power() -> None:
    assert growth((1000, 0.5), (2000, 4.0)) == pytest.approx(3)


def test_growth_is_told_from_the_size_before() -> None:
    assert growths({4000: 32.0, 1000: 1.0, 2000: 2.0}) == pytest.approx({2000: 1, 4000: 4})


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ((10, 5000), "nothing"),
        ((10, 4950), "1.000 % of the sum"),
        ((9, 4500), "1 of 10 tandems, 10.000 % of the sum"),
        ((9, 5050), "1 of 10 tandems, its sum is 1.000 % higher"),
    ],
)
def test_a_peer_loses_tandems_and_parts_of_the_sum(found: tuple[int, int], said: str) -> None:
    assert loss(found, (10, 5000)) == said


def test_the_matrix_makes_scipy_prefer_more_tandems_to_a_higher_sum() -> None:
    assert reached(SCORES, *scipy_assignment(whole_matrix(SCORES))) == (3, 1555)


def test_candidates_are_the_best_of_each_person_of_both_sides_once() -> None:
    rows, columns = candidates(SCORES, 1)
    assert set(zip(rows.tolist(), columns.tolist(), strict=True)) == {(0, 0), (1, 0), (2, 0), (1, 1), (0, 2)}
    assert len(rows) == 5


def test_a_flow_on_all_candidates_loses_nothing_and_on_few_it_does() -> None:
    scores = np.array([[9, 8, -1], [7, -1, 1], [6, 5, -1]], np.int16)
    assert flow(scores, 3) == (3, 1 + 8 + 6)
    assert flow(np.array([[9, 8, 7], [9, 8, 7], [9, 8, 7]], np.int16), 3) == (3, 24)
    wide = np.array([[9, 8, 1, 1], [9, 8, 1, 1], [9, 8, 1, 1], [9, 8, 1, 1]], np.int16)
    assert flow(wide, 4) == (4, 19)
    assert flow(wide, 1)[0] < 4


def test_what_the_bench_has_in_memory_is_no_peak_of_what_it_starts() -> None:
    held = bytearray(os.urandom(1 << 20)) * 200
    assert alone(("true",), 20).peak < len(held) / (1 << 20)


def test_what_takes_too_long_is_ended_and_what_fails_says_why() -> None:
    assert alone(("sleep", "60"), 0.2).over
    with pytest.raises(RuntimeError, match="no such option"):
        alone(("sh", "-c", "echo no such option >&2; exit 3"), 20)


def test_a_mentee_with_another_mentor_is_a_pair_given_up_and_a_new_one() -> None:
    before, after = np.array([0, 1, 2, -1], np.int32), np.array([0, 3, -1, 2], np.int32)
    assert changed(before, after) == (2, 2)
    assert changed(before, before) == (0, 0)


def test_a_round_through_the_broker_waits_for_no_day_that_nobody_starts() -> None:
    assert opening(read_story(DEFAULT), 500).rules.deadlines.wish_days == 0
