"""The optimal pairs against every possible matching of small rounds, level by level."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from services.matching.optimum import highest_sum, sale
from services.matching.optimum.auction import auction, settle
from services.matching.optimum.augment import ENDLESS, NOT_FEASIBLE, augment
from services.matching.optimum.certificate import Certificate, Dual
from services.matching.optimum.levels import best
from services.matching.optimum.lists import empty, make_all
from services.matching.optimum.market import MUST, OUT, Market, market
from services.matching.optimum.problem import FURTHER_SEAT, NOBODY, NOT_WAITING, Problem
from services.matching.optimum.saved import Saved
from services.matching.optimum.verify import RefusedError, verify

Key = tuple[Any, ...]

# The rounds


@st.composite
def problems(draw: st.DrawFn, *, limited: bool) -> Problem:
    """A small round; `limited`: the places may be what limits it."""
    mentees, mentors = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    highest = draw(st.sampled_from((3, 6, 100)))
    score = st.one_of(st.just(-1), st.integers(1, highest), st.integers(1, highest))
    table = np.array(draw(st.lists(score, min_size=mentees * mentors, max_size=mentees * mentors)), np.int16)
    table = table.reshape(mentees, mentors)
    if draw(st.booleans()):
        # Equal people on both sides.
        table = table[np.arange(mentees) // 2][:, np.arange(mentors) // 2]
    seats = draw(st.lists(st.integers(0, 3), min_size=mentors, max_size=mentors))
    since = st.sampled_from((0, 1, 2, NOT_WAITING, NOT_WAITING))
    wishes = draw(
        st.dictionaries(st.tuples(st.integers(0, mentees - 1), st.integers(0, mentors - 1)), st.integers(1, 30))
    )
    return Problem(
        scores=np.ascontiguousarray(table),
        seats=np.array(seats, np.int32),
        places=draw(st.integers(0, 6)) if limited else 100,
        mentor_class=np.array(
            draw(st.lists(since | st.just(FURTHER_SEAT), min_size=mentors, max_size=mentors)), np.int32
        ),
        mentee_class=np.array(draw(st.lists(since, min_size=mentees, max_size=mentees)), np.int32),
        bonus=(
            np.array([mentee for mentee, _ in wishes], np.int32),
            np.array([mentor for _, mentor in wishes], np.int32),
            np.array(list(wishes.values()), np.int32),
        ),
        previous=draw(
            st.none() | st.lists(st.integers(NOBODY, mentors - 1), min_size=mentees, max_size=mentees).map(_row)
        ),
        lowest_first=draw(st.booleans()),
    )


def _row(numbers: list[int]) -> NDArray[np.int32]:
    return np.array(numbers, np.int32)


def matchings(problem: Problem) -> Iterator[list[int]]:
    """Every matching within the places: the mentor of each mentee, or -1."""
    chosen, used = [-1] * len(problem.scores), [0] * len(problem.seats)

    def rest(mentee: int, left: int) -> Iterator[list[int]]:
        if mentee == len(chosen):
            yield list(chosen)
            return
        yield from rest(mentee + 1, left)
        for mentor, seats in enumerate(problem.seats):
            if left and problem.scores[mentee, mentor] > 0 and used[mentor] < seats:
                chosen[mentee] = mentor
                used[mentor] += 1
                yield from rest(mentee + 1, left - 1)
                used[mentor] -= 1
                chosen[mentee] = -1

    return rest(0, problem.places)


def key(problem: Problem, mentor_of: list[int]) -> Key:
    """What a matching is worth, the first level first."""
    pairs = [(mentee, mentor) for mentee, mentor in enumerate(mentor_of) if mentor >= 0]
    mentors = {mentor for _, mentor in pairs if problem.mentor_class[mentor] != FURTHER_SEAT}
    classes = [problem.mentee_class[mentee] for mentee, _ in pairs] + [problem.mentor_class[m] for m in mentors]
    wishes = {(e, m): p for e, m, p in zip(*(part.tolist() for part in problem.bonus), strict=True)}
    scores = [int(problem.scores[pair]) for pair in pairs]
    return (
        len(pairs),
        len(pairs) + len(mentors),
        tuple(classes.count(waiting) for waiting in (0, 1, 2)),
        0 if problem.previous is None else sum(int(problem.previous[e] == m) for e, m in pairs),
        min(scores, default=0) if problem.lowest_first else 0,
        sum(scores) + sum(wishes.get(pair, 0) for pair in pairs),
    )


def levels_of(problem: Problem, mentor_of: list[int]) -> list[Any]:
    """What a matching is worth in all levels before the sum."""
    return list(key(problem, mentor_of)[:-1])


def sum_of_scores(problem: Problem, mentor_of: list[int]) -> int:
    """The sum without wish points."""
    return sum(int(problem.scores[pair]) for pair in enumerate(mentor_of) if pair[1] >= 0)


def assert_best(problem: Problem, saved: Saved | None = None) -> None:
    """Compare with every matching, level by level."""
    before = problem.scores.copy()
    solved = best(problem, saved)
    found = solved.mentor_of.tolist()
    assert (problem.scores == before).all(), "the scores are as before"
    held = [found.count(mentor) for mentor in range(len(problem.seats))]
    assert all(count <= seats for count, seats in zip(held, problem.seats, strict=True))
    assert key(problem, found) == max(key(problem, each) for each in matchings(problem))
    verify(problem, solved.mentor_of, solved.certificate)


@pytest.mark.proves("S7", "P5")
@given(problems(limited=False))
@settings(max_examples=300, deadline=None)
def test_every_level_is_as_good_as_the_best_of_all_matchings(problem: Problem) -> None:
    assert_best(problem)


@pytest.mark.proves("S7", "P5")
@given(problems(limited=True))
@settings(max_examples=300, deadline=None)
def test_so_it_is_when_the_places_limit_the_pairs_and_those_who_wait(problem: Problem) -> None:
    assert_best(problem)


@given(problems(limited=False) | problems(limited=True))
@settings(max_examples=100, deadline=None)
def test_so_it_is_when_prices_move_for_all_who_are_free_at_once(problem: Problem) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sale, "SHORT", -1)
        patch.setattr(sale, "FEW", 1)
        assert_best(problem)


def test_what_counts_for_open_proposals_is_who_keeps_one_and_not_the_scores() -> None:
    """All four held the one seat of the same mentor; scores of 2 look like what a kept proposal is worth."""
    assert_best(
        Problem(
            scores=np.array([[1, 2, -1], [2, 1, 3], [-1, 3, -1], [1, 1, 2]], np.int16),
            seats=_row([1, 1, 2]),
            places=6,
            mentor_class=_row([NOT_WAITING, 2, NOT_WAITING]),
            mentee_class=_row([NOT_WAITING, NOT_WAITING, 0, 2]),
            previous=_row([1, 1, 1, 1]),
            lowest_first=False,
        )
    )


@st.composite
def states(draw: st.DrawFn, problem: Problem) -> Saved:
    """Anything that might be saved: the solution of a round that was a little different, or nonsense."""
    mentees, mentors = problem.scores.shape
    held = draw(st.lists(st.integers(NOBODY, mentors - 1), min_size=mentees, max_size=mentees).map(_row))
    if draw(st.booleans()):
        row = draw(st.integers(0, mentees - 1))
        scores = problem.scores.copy()
        scores[row] = -1
        before = best(replace(problem, scores=scores, previous=None))
        if before.certificate.sum is not None:
            return Saved(before.mentor_of, draw(st.none() | st.integers(1, 100)), before.certificate.sum)
    price = st.integers(-20, 100) | st.integers(-(10**6), 10**6)
    prices = st.lists(price, min_size=mentors, max_size=mentors).map(_row)
    dual = Dual(np.zeros(mentees, np.int32), draw(prices), draw(prices), 0, draw(st.sampled_from((1, 2))))
    return Saved(held, draw(st.none() | st.integers(1, 100)), dual)


@given(problems(limited=False) | problems(limited=True), st.data())
@settings(max_examples=300, deadline=None)
def test_so_it_is_whatever_state_a_round_begins_at(problem: Problem, data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if data.draw(st.booleans()):
            patch.setattr(highest_sum, "SINGLY", 1)
        assert_best(problem, data.draw(states(problem)))


@given(problems(limited=False) | problems(limited=True), st.integers(-1, 40), st.data())
@settings(max_examples=300, deadline=None)
def test_a_search_that_is_ended_early_keeps_every_level_but_the_sum_and_says_how_far_that_may_be(
    problem: Problem, most: int, data: st.DataObject
) -> None:
    saved = data.draw(st.none() | states(problem))
    with pytest.MonkeyPatch.context() as patch:
        # Else the auction leaves little to do in small rounds.
        patch.setattr(highest_sum, "auction", lambda *_: 0)
        solved = best(problem, saved, most)
    shown = verify(problem, solved.mentor_of, solved.certificate)
    *others, total = max(key(problem, each) for each in matchings(problem))
    *found, reached = key(problem, solved.mentor_of.tolist())
    assert found == others
    assert reached <= total <= reached + shown.gap
    without_wishes = max(
        sum_of_scores(problem, each) for each in matchings(problem) if levels_of(problem, each) == others
    )
    assert not shown.gap or without_wishes <= shown.scores + shown.gap_of_scores
    assert solved.certificate.ended_early or shown.gap == 0


def test_pairs_that_are_not_the_best_are_refused_unless_their_proof_says_that_the_search_was_ended_early() -> None:
    two = np.zeros(2, np.int32)
    problem = Problem(
        np.array([[5, 9], [9, 5]], np.int16), two + 1, 2, two + NOT_WAITING, two + NOT_WAITING, lowest_first=False
    )
    worse, certificate = _row([0, 1]), best(problem).certificate
    with pytest.raises(RefusedError, match="sum"):
        verify(problem, worse, certificate)
    assert verify(problem, worse, replace(certificate, ended_early=True)).gap == 8


# The proof


def proven(problem: Problem, mentor_of: list[int], certificate: Certificate) -> bool:
    try:
        verify(problem, _row(mentor_of), certificate)
    except RefusedError:
        return False
    return True


@given(problems(limited=False) | problems(limited=True))
@settings(max_examples=100, deadline=None)
def test_a_proof_proves_the_best_pairs_and_no_others(problem: Problem) -> None:
    certificate = best(problem).certificate
    highest = max(key(problem, each) for each in matchings(problem))
    for each in islice(matchings(problem), 100):
        assert proven(problem, each, certificate) == (key(problem, each) == highest)


@given(problems(limited=False) | problems(limited=True), st.data())
@settings(max_examples=100, deadline=None)
def test_no_proof_whatever_it_says_proves_pairs_that_are_not_the_best(problem: Problem, data: st.DataObject) -> None:
    certificate = best(problem).certificate
    highest = max(key(problem, each) for each in matchings(problem))
    wrong = data.draw(changed(certificate))
    for each in islice(matchings(problem), 100):
        if key(problem, each) != highest:
            assert not proven(problem, each, wrong)


@st.composite
def changed(draw: st.DrawFn, certificate: Certificate) -> Certificate:
    """A certificate with a few numbers moved, as a solver with a fault might leave it."""

    def moved(array: NDArray[np.int32]) -> NDArray[np.int32]:
        at = draw(st.lists(st.integers(0, len(array) - 1), max_size=2))
        other = array.copy()
        for i in at:
            other[i] += draw(st.integers(-3, 3))
        return other

    def moved_dual(dual: Dual | None) -> Dual | None:
        if dual is None:
            return None
        out = dual.out + draw(st.sampled_from((0, 0, -1, 1)))
        return Dual(moved(dual.profits), moved(dual.first), moved(dual.further), out, dual.scale)

    return replace(
        certificate,
        mentee_place=moved(certificate.mentee_place),
        mentor_place=moved(certificate.mentor_place),
        most=draw(st.booleans()),
        by_class=tuple(d for d in map(moved_dual, certificate.by_class) if d is not None),
        kept=moved_dual(certificate.kept),
        lowest=moved_dual(certificate.lowest),
        sum=moved_dual(certificate.sum),
    )


# The market


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """A small market: several units of an object, some that must be sold, some bidders who may stay out."""
    bidders, objects = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    value = st.one_of(st.just(-1), st.integers(0, draw(st.sampled_from((2, 9, 100)))))
    values = np.array(draw(st.lists(value, min_size=bidders * objects, max_size=bidders * objects)), np.int16)
    out = st.one_of(st.just(MUST), st.integers(-5, 50))
    return market(
        values.reshape(bidders, objects),
        capacity=np.array(draw(st.lists(st.integers(1, 3), min_size=objects, max_size=objects)), np.int32),
        out=np.array(draw(st.lists(out, min_size=bidders, max_size=bidders)), np.int32),
        must_sell=np.array(draw(st.lists(st.booleans(), min_size=objects, max_size=objects)), np.bool_),
    )


def sold(trade: Market) -> bool:
    """Run a market to its end; False if it cannot be."""
    lists = empty(len(trade.values), min(64, len(trade.column)))
    make_all(trade.values, trade.column, trade.prices, lists)
    auction(trade, lists)
    settle(trade, lists)
    base = np.zeros(1, np.int32)
    if augment(trade, lists, base, np.zeros(1, np.int64), ENDLESS) == NOT_FEASIBLE:
        return False
    trade.prices[:] += base[0]
    trade.profits[:] -= base[0]
    return True


def highest(trade: Market) -> int | None:
    """The highest sum of all ways to sell; None if none sells what must be sold to who must buy."""
    found: list[int] = []

    def rest(bidder: int, held: list[int], total: int) -> None:
        if bidder == len(trade.values):
            if all(held[j] == trade.capacity[j] for j in np.flatnonzero(trade.must_sell)):
                found.append(total)
            return
        if trade.out[bidder] > MUST:
            rest(bidder + 1, held, total + int(trade.out[bidder]))
        for j, value in enumerate(trade.values[bidder]):
            if value >= 0 and held[j] < trade.capacity[j]:
                rest(bidder + 1, [n + (j == k) for k, n in enumerate(held)], total + int(value))

    rest(0, [0] * len(trade.column), 0)
    return max(found, default=None)


@given(markets())
@settings(max_examples=300, deadline=None)
def test_a_market_ends_at_the_highest_sum_with_prices_that_prove_it(trade: Market) -> None:
    most = highest(trade)
    assert sold(trade) == (most is not None)
    if most is None:
        return
    held, prices, profits = trade.holds, trade.prices, trade.profits
    total = sum(int(trade.values[i, j]) if j >= 0 else int(trade.out[i]) for i, j in enumerate(held.tolist()))
    assert total == most
    for i, row in enumerate(trade.values):
        for j, value in enumerate(row):
            assert value < 0 or profits[i] + prices[j] >= value
        assert profits[i] == (row[held[i]] - prices[held[i]] if held[i] >= 0 else trade.out[i])
        assert profits[i] >= trade.out[i]
    for j in np.flatnonzero(~trade.must_sell).tolist():
        assert prices[j] == 0 if (held == j).sum() < trade.capacity[j] else prices[j] >= 0
    assert not (held == OUT)[trade.out == MUST].any()


@pytest.mark.parametrize(("bidders", "objects", "highest_value"), [(300, 300, 1000), (200, 500, 1000), (300, 300, 5)])
def test_a_larger_market_agrees_with_another_library(bidders: int, objects: int, highest_value: int) -> None:
    values = np.random.default_rng(bidders + objects).integers(0, highest_value + 1, (bidders, objects), np.int16)
    trade = market(values)
    assert sold(trade)
    rows, columns = linear_sum_assignment(values, maximize=True)
    chosen = values[np.arange(bidders), trade.holds].astype(int)
    assert chosen.sum() == values[rows, columns].astype(int).sum()
