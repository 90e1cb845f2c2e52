"""The list of a bidder's best objects against all of them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from services.matching.optimum.lists import NEAR, REACH, empty, make, room_for


@pytest.mark.parametrize("length", [1, 4, 64])
@pytest.mark.parametrize("highest", [1, 3, 30, 1000])
@pytest.mark.parametrize("width", [1, 5, 100, NEAR + 100, 3 * NEAR])
@pytest.mark.parametrize("doubled", [False, True], ids=["own columns", "shared columns"])
def test_a_list_has_the_best_and_says_what_the_others_are_worth_at_most(
    length: int, highest: int, width: int, doubled: bool
) -> None:
    random = np.random.default_rng([length, highest, width])
    length = min(length, width)
    values = random.integers(-1, highest + 1, (3, width)).astype(np.int16)
    column = np.arange(width, dtype=np.int32)
    if doubled:
        column = np.concatenate([column, column[: width // 2]])
    prices = random.integers(0, highest, len(column)).astype(np.int32)
    lists, room = empty(3, length), room_for(column)
    for row in (0, 1, 2, 0, 1, 2):
        make(values, column, row, prices, lists, room)
        listed = lists.objects[row, : lists.listed[row]]
        worth = np.where(values[row, column] >= 0, values[row, column] - prices, -(10**6)).astype(np.int64)
        assert len(set(listed.tolist())) == len(listed)
        assert (lists.values[row, : len(listed)] == values[row, column[listed]]).all()
        assert (worth[listed] > -(10**6)).all()
        others = np.delete(worth, listed)
        left = others[others > -(10**6)]
        assert len(listed) == min(length, int((worth > -(10**6)).sum())) or left.max() <= worth.max() - REACH // 2
        if len(left):
            assert left.max() <= min(int(lists.bound[row]), int(worth[listed].min()))
            assert lists.bound[row] - left.max() <= REACH


def test_a_list_of_nobody_is_empty() -> None:
    values: NDArray[np.int16] = np.full((1, 3), -1, np.int16)
    column = np.arange(3, dtype=np.int32)
    lists = empty(1, 2)
    make(values, column, 0, np.zeros(3, np.int32), lists, room_for(column))
    assert lists.listed[0] == 0
