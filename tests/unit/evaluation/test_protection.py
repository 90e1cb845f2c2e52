import re

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.evaluation.protection import Base, Rule, Told, admit, one_value, portions, tell, together
from shared.contracts import evaluation as e
from shared.local.system import ROOT
from tests.unit.evaluation.scales import options, scale

ONE, TWO = Rule(5, 1), Rule(5, 2)


def people(*counts: int) -> dict[str, int]:
    """So many people in each class."""
    return {f"{index}-{n}": index for index, count in enumerate(counts) for n in range(count)}


@pytest.mark.proves("S13")
@pytest.mark.parametrize(
    ("rule", "least"), [(ONE, 5), (TWO, 6), (Rule(7, 1), 7), (Rule(7, 2), 7), (Rule(10, 2), 10), (Rule(5, 4), 10)]
)
def test_nothing_is_told_of_fewer_people_than_the_floor_or_than_insiders_allow(rule: Rule, least: int) -> None:
    assert tell(people(least - 3, 1, 1), 3, rule) is None
    assert tell(people(least - 3, 2, 1), 3, rule) is not None


@pytest.mark.proves("S13")
@pytest.mark.parametrize(
    ("counts", "rule", "told"),
    [
        ((2, 2, 1), ONE, Told(5, (2, 2, 1))),
        ((0, 3, 2), ONE, Told(5, (None, 3, None), 1)),
        ((0, 0, 5), ONE, Told(5, (None, None, 3), 2)),
        ((5, 1, 1), ONE, Told(7, (5, None, None), 0)),
        ((4, 2, 1), ONE, Told(7, (4, 2, 1))),
        ((4, 2, 1), TWO, Told(7, (4, None, None), 0)),
        ((3, 2, 1), TWO, Told(6, (3, None, None), 0)),
        ((3, 3, 0), TWO, Told(6, (3, 3, 0))),
    ],
)
def test_where_one_class_holds_nearly_all_only_that_is_told(counts: tuple[int, ...], rule: Rule, told: Told) -> None:
    assert tell(people(*counts), 3, rule) == told


def test_the_examples_of_the_page_are_what_is_told() -> None:
    page = (ROOT / "docs" / "confidentiality-of-figures.md").read_text(encoding="utf-8")
    words = ("less", "content", "more")
    rows = re.findall(r"^\| \d+: (\d+)[a-z ]*, (\d+)[a-z ]*, (\d+)[a-z ]* \| (.*) \|$", page, re.MULTILINE)
    assert len(rows) == 3
    for *counts, shown in rows:
        told = tell(people(*map(int, counts)), 3, ONE)
        assert told is not None
        if told.at_least is None:
            assert shown == ", ".join(f"{count} {word}" for count, word in zip(told.counts, words, strict=True))
        else:
            assert shown == f"at least {told.least(told.at_least)} of {told.people} {words[told.at_least]}"


def test_nearly_all_is_looked_for_in_three_classes_also_where_the_whole_scale_is_told() -> None:
    stars = scale("stars")
    assert tell(people(0, 0, 0, 0, 10, 10), 6, ONE, stars.coarse) == Told(20, (None, None, 18), 2)
    assert tell(people(0, 0, 0, 3, 10, 7), 6, ONE, stars.coarse) == Told(20, (0, 0, 0, 3, 10, 7))


@pytest.mark.parametrize(
    ("told", "median"),
    [
        (Told(5, (2, 2, 1)), 1),
        (Told(6, (3, 2, 1)), 0),
        (Told(6, (2, 1, 3)), 1),
        (Told(7, (None, 5, None), 1), 1),
        (Told(6, (3, None, None), 0), None),
        (Told(5, (None, 3, None), 1), 1),
    ],
)
def test_the_median_is_told_where_what_is_told_leaves_no_doubt_of_it(told: Told, median: int | None) -> None:
    assert told.median() == median


@for_all(st.lists(st.integers(0, 2), min_size=5, max_size=30), st.sampled_from([ONE, TWO]))
def test_the_median_that_is_told_is_the_lower_median_of_the_answers(values: list[int], rule: Rule) -> None:
    told = tell({str(n): value for n, value in enumerate(values)}, 3, rule)
    if told is not None and told.median() is not None:
        assert told.median() == one_value(values)


def test_groups_that_share_nobody_are_put_together_from_what_was_told_of_them_alone() -> None:
    assert together([Told(5, (2, 2, 1)), Told(6, (1, 2, 3))]) == Told(11, (3, 4, 4))
    assert together([Told(5, (None, 3, None), 1), Told(6, (1, 2, 3))]) == Told(11, (None, 5, None), 1)
    assert together([Told(5, (None, 3, None), 1), Told(6, (4, None, None), 0)]) == Told(11, (4, None, None), 0)
    with pytest.raises(ValueError, match="same classes"):
        together([Told(5, (2, 2, 1)), Told(5, (2, 2, 1, 0))])


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("choice", {-1: 0, 0: 1, 1: 2}),
        ("five", {-2: 0, -1: 0, 0: 1, 1: 2, 2: 2}),
        ("stars", {0: 0, 1: 0, 2: 1, 3: 1, 4: 2, 5: 2}),
        ("recommend", {0: 0, 6: 0, 7: 1, 8: 1, 9: 2, 10: 2}),
    ],
)
def test_few_people_s_answers_fall_into_three_classes(name: e.Scale, classes: dict[int, int]) -> None:
    assert {value: scale(name).place(value, full=False) for value in classes} == classes
    with pytest.raises(ValueError):
        scale(name).place(99, full=False)


def test_numbers_that_an_item_offers_fall_into_a_lower_a_middle_and_an_upper_part() -> None:
    assert options(30, 45, 60, 90, 120).coarse == (0, 0, 1, 2, 2)
    assert options(1, 2, 3).coarse == (0, 1, 2)


@pytest.mark.proves("S20")
@pytest.mark.parametrize(("values", "one"), [([5], 5), ([5, 1], 1), ([5, 1, 4], 4), ([0, 5, 5, 3], 3)])
def test_several_pulses_of_one_person_become_one_value(values: list[int], one: int) -> None:
    assert one_value(values) == one


def test_who_gave_no_answer_has_no_value() -> None:
    with pytest.raises(ValueError, match="no answer"):
        one_value([])


def base(key: str, *ranges: range) -> Base:
    return Base(key, frozenset(str(n) for some in ranges for n in some))


@pytest.mark.proves("S13")
def test_a_group_is_told_of_unless_it_leaves_a_few_people_beside_one_before_it() -> None:
    bases = [base("mentor", range(7)), base("all", range(12)), base("four-more", range(16)), base("three", range(3))]
    found = admit(bases, (), ONE)
    assert found.admitted == ("mentor", "all")
    assert found.withheld == {"four-more": "derivable", "three": "too-few"}


def test_what_was_released_counts_though_it_is_not_asked_for_again() -> None:
    released = [base("v1", range(9))]
    assert admit([base("v2", range(13))], released, ONE).withheld == {"v2": "derivable"}
    assert admit([base("v2", range(14))], released, ONE).admitted == ("v2",)


def test_a_group_that_was_released_whole_is_never_cut_in_two() -> None:
    # Its figure may say less than the figures of its two halves: "at least so many" is no sum of counts.
    assert admit([base("mentor", range(7))], [base("all", range(14))], ONE).withheld == {"mentor": "derivable"}


def test_two_groups_that_overlap_may_not_differ_by_a_few_people_on_either_side() -> None:
    # Neither small group is a sum of bases; but of the difference of both every count is known.
    assert admit([base("a", range(10)), base("b", range(1, 11))], (), ONE).admitted == ("a",)


groups = st.lists(st.frozensets(st.integers(0, 25), min_size=1), min_size=1, max_size=5)


@for_all(groups)
def test_portions_share_nobody_and_make_up_every_base(bases: list[frozenset[int]]) -> None:
    named = [frozenset(map(str, base)) for base in bases]
    found = portions(named)
    assert sum(map(len, found)) == len(frozenset().union(*named))
    for people_of in named:
        assert people_of == frozenset().union(*(portion for portion in found if portion <= people_of))


@for_all(groups, st.permutations(range(26)))
def test_what_is_admitted_does_not_hang_on_names(bases: list[frozenset[int]], names: list[int]) -> None:
    def admitted(renamed: list[frozenset[int]]) -> object:
        return admit([Base(n, frozenset(map(str, b))) for n, b in enumerate(renamed)], (), ONE)

    assert admitted(bases) == admitted([frozenset(names[n] for n in base) for base in bases])


@for_all(st.lists(st.integers(0, 2), max_size=30), st.randoms(use_true_random=False), st.sampled_from([ONE, TWO]))
def test_neither_names_nor_the_order_of_people_change_what_is_told(
    values: list[int], random: object, rule: Rule
) -> None:
    mixed = list(values)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    named = {f"a{n}": value for n, value in enumerate(values)}
    others = {f"b{n}": value for n, value in enumerate(mixed)}
    assert tell(named, 3, rule) == tell(others, 3, rule)
