"""How many tandems agree is told so roughly that nobody finds out the answer of their partner, or of anybody else."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations_with_replacement, permutations, product

import numpy as np
import pytest

from services.evaluation.protection import Answers, Rule, Told, protect, tandems_that_agree, tell, whole_tandems
from services.evaluation.protection.agreement import Counts, Tandems, agreeing, steps
from services.evaluation.protection.item import Side
from tests.unit.evaluation.attack import numbered, spreads, united
from tests.unit.evaluation.scales import CHOICE

Known = tuple[int | None, int | None, bool]
Kind = tuple[int | None, int | None]
KINDS: list[Kind] = [(mentor, mentee) for mentor in range(3) for mentee in range(3)]
COLUMNS: list[Kind] = [*KINDS, *((v, None) for v in range(3)), *((None, v) for v in range(3))]
"""Kinds of tandems of which both answered, of mentors, and of mentees, whose tandem did not answer as a whole."""


@cache
def steps_of(mentors: Counts, mentees: Counts, pairs: int, insiders: int) -> list[tuple[int, int]]:
    return steps(Tandems(mentors, mentees, pairs), insiders)


def told_of(mentors: Counts, mentees: Counts, pairs: int, agree: int, insiders: int, *, exactly: bool) -> object:
    """All that is told of two sides; classes in any order and either side first tell the same."""
    rule = Rule(5, insiders)
    sides = [
        tell({f"{k}-{n}": k for k, c in enumerate(side) for n in range(c)}, 3, rule) for side in (mentors, mentees)
    ]
    if not all(side and side.exact for side in sides):
        return sides[0], sides[1]
    if exactly:
        return mentors, mentees, agree
    first, second = min(
        tuple(sorted((tuple(mentors[k] for k in order), tuple(mentees[k] for k in order))))
        for order in permutations(range(3))
    )
    found = [high for low, high in steps_of(first, second, pairs, insiders) if low <= agree <= high]
    return mentors, mentees, tuple(found)


def found_out(pairs: int, alone: tuple[int, int], insiders: int, *, exactly: bool = False) -> object:
    """Whom insiders find out, over all data sets; people who are alike are counted, as in `exposed_alike`."""
    worlds = [
        (*table, *mentors, *mentees)
        for table, mentors, mentees in product(spreads(pairs, 9), spreads(alone[0], 3), spreads(alone[1], 3))
    ]
    outputs = []
    for world in worlds:
        mentors, mentees = [0, 0, 0], [0, 0, 0]
        for (mentor, mentee), count in zip(COLUMNS, world, strict=True):
            if mentor is not None:
                mentors[mentor] += count
            if mentee is not None:
                mentees[mentee] += count
        agree = sum(count for (mentor, mentee), count in zip(COLUMNS, world, strict=True) if mentor == mentee)
        outputs.append(told_of(tuple(mentors), tuple(mentees), pairs, agree, insiders, exactly=exactly))
    ids, table_of = numbered(outputs), np.array(worlds, dtype=np.int64)
    for known in coalitions(insiders):
        keys, seen = [], []
        for whole in product(*(completions(one) for one in known)):
            taken = np.bincount(whole, minlength=len(COLUMNS))
            fits = (table_of >= taken).all(axis=1)
            left = table_of[fits] - taken
            partners = [of_partner(one, COLUMNS[column]) for one, column in zip(known, whole, strict=True)]
            keys.append(ids[fits])
            seen.append(np.column_stack([*(np.full(len(left), bit) for bit in partners), *others(left)]))
        if not any(map(len, keys)):
            continue
        possible = united(np.concatenate(keys), np.concatenate(seen))
        if ((possible > 0) & ((possible & (possible - 1)) == 0)).any():
            return known
    return None


def coalitions(insiders: int) -> Iterator[Sequence[Known]]:
    halves: list[Known] = [
        k for v in range(3) for together in (True, False) for k in ((v, None, together), (None, v, together))
    ]
    yield from combinations_with_replacement(halves, insiders)
    if insiders == 2:
        yield from ([(mentor, mentee, True)] for mentor, mentee in KINDS)


def completions(known: Known) -> list[int]:
    mentor, mentee, together = known
    if not together:
        return [COLUMNS.index((mentor, mentee))]
    return [place for place, (m, e) in enumerate(KINDS) if mentor in (None, m) and mentee in (None, e)]


def of_partner(known: Known, whole: Kind) -> int:
    """The bit of the partner's answer; none where there is no partner to be found out."""
    mentor, mentee, together = known
    if not together or None not in (mentor, mentee):
        return 0
    found = whole[1] if mentee is None else whole[0]
    assert found is not None
    return 1 << found


def others(left: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Which answers who is left has: mentors and mentees of whole tandems, then those alone."""
    found = []
    for side, whole in product((0, 1), (True, False)):
        seen = np.zeros(len(left), dtype=np.int64)
        for index, column in enumerate(COLUMNS):
            value = column[side]
            if value is not None and (None not in column) == whole:
                seen |= np.where(left[:, index] > 0, 1 << value, 0)
        found.append(seen)
    return found


SIZES = [
    (5, (0, 0), 1),
    (4, (1, 1), 1),
    (7, (0, 0), 1),
    (6, (0, 0), 2),
    *(
        pytest.param(*size, marks=pytest.mark.long)
        for size in (
            (5, (0, 1), 1),
            (8, (0, 0), 1),
            (5, (2, 1), 1),
            (7, (0, 0), 2),
            (8, (0, 0), 2),
            (6, (1, 2), 2),
            (10, (0, 0), 1),
            (10, (0, 0), 2),
        )
    ),
]


@pytest.mark.proves("S13")
@pytest.mark.parametrize(("pairs", "alone", "insiders"), SIZES)
def test_both_sides_and_how_many_tandems_agree_tell_nobody_s_answer(
    pairs: int, alone: tuple[int, int], insiders: int
) -> None:
    assert found_out(pairs, alone, insiders) is None


@pytest.mark.parametrize(("pairs", "alone"), [(5, (0, 0)), (6, (0, 0)), (4, (1, 1))])
def test_if_it_were_told_exactly_somebody_would_find_out_their_partner(pairs: int, alone: tuple[int, int]) -> None:
    assert found_out(pairs, alone, 1, exactly=True) is not None


@pytest.mark.parametrize("pairs", [3, 4, 5])
@pytest.mark.parametrize("alone", [(0, 0), (1, 0), (1, 2)])
def test_the_span_is_as_wide_as_all_data_sets_and_of_two_numbers_in_a_row_one_is_possible(
    pairs: int, alone: tuple[int, int]
) -> None:
    possible: dict[tuple[Counts, Counts], set[int]] = {}
    for table, one, other in product(spreads(pairs, 9), spreads(alone[0], 3), spreads(alone[1], 3)):
        mentors = tuple(sum(table[3 * k + j] for j in range(3)) + one[k] for k in range(3))
        mentees = tuple(sum(table[3 * j + k] for j in range(3)) + other[k] for k in range(3))
        possible.setdefault((mentors, mentees), set()).add(table[0] + table[4] + table[8])
    for (mentors, mentees), found in possible.items():
        told = Tandems(mentors, mentees, pairs)
        least, most = told.span()
        assert (least, most) == (min(found), max(found))
        for low, high in combinations_with_replacement(range(-1, pairs + 2), 2):
            may = bool(found & set(range(low, high + 1)))
            assert told.may_agree(low, high, surely=True) <= may <= told.may_agree(low, high, surely=False)


def test_the_steps_do_not_depend_on_the_names_of_classes_and_sides() -> None:
    found = steps(Tandems((4, 3, 1), (2, 2, 4), 8), 1)
    assert len(found) > 1
    assert steps(Tandems((3, 1, 4), (2, 4, 2), 8), 1) == found
    assert steps(Tandems((2, 2, 4), (4, 3, 1), 8), 1) == found


def test_the_steps_have_no_gap_and_the_number_told_is_at_least_the_true_one() -> None:
    tandems = Tandems((10, 5, 5), (12, 4, 4), 18)
    found = steps(tandems, 1)
    assert [low for low, _ in found[1:]] == [high + 1 for _, high in found[:-1]]
    for agree in range(19):
        told = agreeing(tandems, agree, 1)
        assert told is not None
        assert told.at_least == 1
        assert agree <= told.people - told.least(1) <= agree + 4


def programme(tandems: int, differ: int = 0, alone: int = 1) -> Answers:
    """So many tandems, `differ` of which do not agree; and of each side somebody whose partner did not answer."""
    values = {f"r{n}": n % 3 - 1 for n in range(tandems)}
    values |= {f"e{n}": (n + (n < differ)) % 3 - 1 for n in range(tandems)}
    values |= {f"{side}{side}{n}": n % 3 - 1 for side in "re" for n in range(alone)}
    sides: dict[str, Side] = {who: "mentor" if who.startswith("r") else "mentee" for who in values}
    return Answers(CHOICE, values, sides, tandems={who: who[1:] for who in values})


def test_it_is_told_from_twenty_people_in_tandems_on() -> None:
    assert tandems_that_agree(protect(programme(9), (), Rule())) is None
    assert tandems_that_agree(protect(programme(12), (), Rule())) == Told(12, (None, 0), 1)
    told = tandems_that_agree(protect(programme(12, differ=12), (), Rule()))
    assert told is not None
    assert told.least(1) > 6


@pytest.mark.parametrize(("alone", "insiders", "told"), [(0, 1, False), (1, 1, True), (1, 2, False), (2, 2, True)])
def test_it_is_not_told_if_it_would_tell_who_was_silent_that_the_partner_was_too(
    alone: int, insiders: int, told: bool
) -> None:
    found = protect(programme(12, alone=alone), (), Rule(5, insiders))
    assert (tandems_that_agree(found) is not None) == told
    assert whole_tandems(found) == (12 if told else None)


def test_it_is_not_told_where_nearly_all_of_a_side_say_the_same() -> None:
    content = programme(12)
    mentees = {who: 0 if content.sides[who] == "mentee" else value for who, value in content.values.items()}
    assert tandems_that_agree(protect(replace(content, values=mentees), (), Rule())) is None


def test_what_two_reports_tell_of_it_adds_up() -> None:
    first, both = programme(12), programme(24, alone=2)
    portions = protect(first, (), Rule())
    later = protect(both, portions, Rule())
    one, two = tandems_that_agree(portions), tandems_that_agree(later)
    assert one is not None
    assert two is not None
    assert (one.people, two.people) == (12, 24)
    assert (whole_tandems(portions), whole_tandems(later)) == (12, None)
    assert later[:2] == portions
