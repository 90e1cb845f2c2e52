"""The office asks one thing twice, in other words, of others, or when others answer: together they tell of nobody."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from services.evaluation.protection import Answers, Portion, Rule, figures, portions, protect, protect_together
from services.evaluation.protection.common import in_common
from services.evaluation.protection.item import Side
from tests.unit.evaluation.attack import Alike, World, exposed_alike
from tests.unit.evaluation.differencing import People, singled_out
from tests.unit.evaluation.scales import CHOICE, scale

Mechanism = Callable[[Sequence[Answers], Rule], list[tuple[Portion, ...]]]
Who = tuple[Side, str]
"""People of a side who answered the same of the questions, each by a letter."""
VALUES = tuple((value,) for value in range(3))
rules = pytest.mark.parametrize("insiders", [1, 2])


def each_alone(items: Sequence[Answers], rule: Rule) -> list[tuple[Portion, ...]]:
    """The protection of one item, for each by itself."""
    return [protect(answers, (), rule) for answers in items]


def asked_of(shape: Mapping[Who, int], world: World) -> list[Answers]:
    """The questions with their answers: whoever answers several says the same to each."""
    letters = sorted({letter for _, answered in shape for letter in answered})
    items = []
    for letter in letters:
        values: dict[str, int] = {}
        sides: dict[str, Side] = {}
        for (side, answered), counts in zip(shape, world, strict=True):
            said = [value for value, count in enumerate(counts) for _ in range(count)]
            if letter in answered:
                named = {f"{side} {answered} {place}": value - 1 for place, value in enumerate(said)}
                values |= named
                sides |= dict.fromkeys(named, side)
        items.append(Answers(CHOICE, values, sides))
    return items


def found_out(shape: Mapping[Who, int], rule: Rule, mechanism: Mechanism) -> object:
    def published(world: World) -> object:
        items = asked_of(shape, world)
        told = zip(mechanism(items, rule), items, strict=True)
        return tuple(f for found, own in told for f in figures(found, own, rule))

    alike = [Alike(f"{side} {answered}", people, VALUES) for (side, answered), people in shape.items()]
    return exposed_alike(published, alike, [lambda kind: kind[0]], rule.insiders)


OF_ONE_SIDE: dict[Who, int] = {("mentor", "AB"): 6, ("mentee", "A"): 1}
OF_OTHERS: dict[Who, int] = {("mentor", "A"): 1, ("mentor", "AB"): 5, ("mentor", "B"): 1}
BOTH_SIDES: dict[Who, int] = {("mentor", "AB"): 5, ("mentee", "AB"): 5, ("mentee", "A"): 1}
ALL_SAY_THE_SAME: dict[Who, int] = {("mentor", "A"): 6, ("mentor", "AB"): 6}
THREE: dict[Who, int] = {("mentor", "AB"): 3, ("mentor", "BC"): 3, ("mentor", "ABC"): 3}
"""Each two have six people; all answered B, and the difference of any two are three."""
SHAPES = [OF_ONE_SIDE, OF_OTHERS, BOTH_SIDES, ALL_SAY_THE_SAME, THREE]


@pytest.mark.proves("S13")
@rules
@pytest.mark.parametrize("shape", SHAPES)
def test_a_question_that_is_asked_twice_tells_nobody_s_answer(shape: Mapping[Who, int], insiders: int) -> None:
    assert found_out(shape, Rule(5, insiders), protect_together) is None


@pytest.mark.parametrize("shape", [OF_ONE_SIDE, OF_OTHERS, BOTH_SIDES, ALL_SAY_THE_SAME])
def test_where_each_of_the_two_is_protected_alone_it_tells_somebody_s(shape: Mapping[Who, int]) -> None:
    assert found_out(shape, Rule(5, 1), each_alone) is not None


def programmes(people: int, who: Sequence[Who]) -> Iterator[dict[Who, int]]:
    """Every way in which so many people may have answered two or three questionnaires, as they were asked."""
    for counts in product(range(people + 1), repeat=len(who)):
        if sum(counts) == people:
            yield {each: count for each, count in zip(who, counts, strict=True) if count}


MENTORS_ALONE: list[Who] = [("mentor", "A"), ("mentor", "AB"), ("mentor", "B"), ("mentee", "A")]
"""Who answered what, where A is asked of all and B of mentors."""
SIDE_BY_SIDE: list[Who] = [("mentor", "A"), ("mentor", "AC"), ("mentee", "A"), ("mentee", "AB")]
OF_MENTORS: list[Who] = [("mentor", letters) for letters in ("A", "AB", "BC", "ABC")]


@pytest.mark.proves("S13")
@pytest.mark.parametrize(
    ("who", "people", "insiders"),
    [
        (MENTORS_ALONE, 6, 1),
        *(
            pytest.param(who, n, c, marks=pytest.mark.long)
            for who in (MENTORS_ALONE, SIDE_BY_SIDE, OF_MENTORS)
            for n, c in ((6, 1), (6, 2), (7, 1), (8, 1))
        ),
    ],
)
def test_in_all_small_programmes_questions_that_are_asked_twice_tell_nobody_s(
    who: Sequence[Who], people: int, insiders: int
) -> None:
    told = 0
    for shape in programmes(people, who):
        assert found_out(shape, Rule(5, insiders), protect_together) is None, shape
        told += any(protect_together(asked_of(shape, tuple((n, 0, 0) for n in shape.values())), Rule(5, insiders)))
    assert told, "of some of them something is told"


@pytest.mark.proves("S13")
def test_in_all_small_programmes_somebody_is_found_out_where_each_is_protected_alone() -> None:
    assert any(found_out(shape, Rule(5, 1), each_alone) for shape in programmes(6, MENTORS_ALONE))


answering = st.lists(
    st.tuples(st.sampled_from(("mentor", "mentee")), st.frozensets(st.integers(0, 3), min_size=1)), max_size=40
)


@for_all(answering, st.sampled_from([Rule(5, 1), Rule(5, 2), Rule(10, 1)]))
@settings(max_examples=40, deadline=None)
def test_whatever_two_items_are_told_of_the_people_between_them_are_enough(
    answered: Sequence[tuple[Side, frozenset[int]]], rule: Rule
) -> None:
    items = _items(answered)
    bases = [p.people for found in protect_together(items, rule) for p in found]
    bases += [frozenset().union(*(p.people for p in found)) for found in protect_together(items, rule) if found]
    assert singled_out(bases, rule.least) is None
    assert all(rule.enough(len(people)) for people in portions(bases))


@for_all(answering)
@settings(max_examples=30, deadline=None)
def test_each_item_is_told_of_people_who_answered_it_and_nobody_counts_twice(
    answered: Sequence[tuple[Side, frozenset[int]]],
) -> None:
    items = _items(answered)
    for own, found in zip(items, protect_together(items, Rule()), strict=True):
        people = [who for portion in found for who in portion.people]
        assert len(people) == len(set(people))
        assert set(people) <= own.values.keys()
        assert sum(portion.answers.people for portion in found) == len(people)


def _items(answered: Sequence[tuple[Side, frozenset[int]]]) -> list[Answers]:
    return [
        Answers(
            CHOICE,
            {str(n): n % 3 - 1 for n, (_, which) in enumerate(answered) if item in which},
            {str(n): side for n, (side, which) in enumerate(answered) if item in which},
        )
        for item in range(4)
    ]


@for_all(answering)
@settings(max_examples=30, deadline=None)
def test_what_people_answer_changes_nothing_of_whom_is_told(
    answered: Sequence[tuple[Side, frozenset[int]]],
) -> None:
    one, other = (
        protect_together(items, Rule())
        for items in (
            _items(answered),
            [Answers(CHOICE, dict.fromkeys(i.values, 0), i.sides) for i in _items(answered)],
        )
    )
    assert [[p.people for p in found] for found in one] == [[p.people for p in found] for found in other]


def people(*numbers: range) -> People:
    return frozenset(str(n) for some in numbers for n in some)


def test_who_left_an_item_out_is_told_of_in_the_others_where_enough_people_are_left() -> None:
    answered = [people(range(30)), people(range(6)), people(range(3))]
    assert list(in_common(answered, Rule())) == [(people(range(6)), (0, 1)), (people(range(6, 30)), (0,))]
    # Of fewer than twenty more no second portion is made: two small ones are told more roughly than one.
    assert list(in_common([people(range(13)), people(range(6))], Rule())) == [(people(range(13)), (0,))]
    nearly_all = [people(range(12)), people(range(11))]
    assert list(in_common(nearly_all, Rule())) == [(people(range(11)), (0, 1))]
    assert list(in_common([people(range(4))], Rule())) == []
    assert list(in_common([], Rule())) == []


def test_one_questionnaire_that_all_have_answered_is_told_as_if_it_were_alone() -> None:
    sides: dict[str, Side] = {str(n): "mentor" if n < 7 else "mentee" for n in range(13)}
    items = [Answers(CHOICE, {who: place for place, who in enumerate(sides) for place in [int(who) % 3 - 1]}, sides)]
    alone, together = protect(items[0], (), Rule()), protect_together(items, Rule())[0]
    assert [(p.group, p.people, p.answers) for p in alone] == [(p.group, p.people, p.answers) for p in together]


def test_stars_of_many_are_told_on_the_whole_scale() -> None:
    values = {str(n): n % 6 for n in range(24)}
    [[portion]] = protect_together([Answers(scale("stars"), values, dict.fromkeys(values, "mentor"))], Rule())
    assert portion.answers.counts == (4,) * 6


def test_the_examples_of_the_page_are_what_is_told() -> None:
    def told(shape: Mapping[Who, int]) -> list[int]:
        items = asked_of(shape, tuple((n, 0, 0) for n in shape.values()))
        return [sum(portion.answers.people for portion in found) for found in protect_together(items, Rule())]

    assert told({("mentor", "AB"): 7, ("mentee", "A"): 1}) == [7, 7]
    assert told({("mentor", "A"): 3, ("mentor", "AB"): 5, ("mentor", "B"): 3}) == [5, 5]
    assert told({("mentor", "A"): 8, ("mentor", "AB"): 4}) == [12, 0]
