"""However published groups are added and subtracted, no group of one to four people is left."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.evaluation.protection import Answers, Base, Portion, Rule, admit, figures, protect
from services.evaluation.protection.item import GROUPS, SIDES, Side
from tests.unit.evaluation.differencing import People, singled_out
from tests.unit.evaluation.scales import CHOICE


@dataclass(frozen=True)
class Alone(Rule):
    """The rule for one group without its complementary part."""

    def apart(self, people: int) -> bool:
        return True


@dataclass(frozen=True)
class Unsuppressed(Alone):
    """As if there were no rule."""

    def enough(self, people: int) -> bool:
        return people > 0


def pattern(seed: int, tandems: int, response: float, reports: int = 3) -> list[Answers]:
    """An item in reports one after another: who answered it by then, and who had answered the baseline."""
    chance = random.Random(seed)
    people: dict[str, Side] = {f"{side}-{n}": side for n in range(tandems) for side in ("mentor", "mentee")}
    baseline = {who: chance.randint(-1, 1) for who in people if chance.random() < response}
    answered = {who: chance.randint(-1, 1) for who in people if chance.random() < response}
    when = {who: chance.randrange(reports) for who in answered}
    found = []
    for report in range(reports):
        values = {who: value for who, value in answered.items() if when[who] <= report}
        found.append(Answers(CHOICE, values, {who: people[who] for who in values}, baseline))
    return found


def bases_of(portions: Iterable[Portion]) -> list[People]:
    """The people behind each figure that portions make."""
    own = list(portions)
    kinds: list[Callable[[Portion], bool]] = [
        lambda p: True,
        lambda p: p.before is not None,
        lambda p: p.change is not None,
    ]
    found = [
        frozenset[str]().union(*(p.people for p in own if p.group == group and shown(p)))
        for group in GROUPS
        for shown in kinds
    ]
    return [people for people in found if people]


def published(reports: Sequence[Answers], rule: Rule) -> list[People]:
    portions: tuple[Portion, ...] = ()
    bases: list[People] = []
    for answers in reports:
        portions = protect(answers, portions, rule)
        bases += bases_of(portions)
    return bases


def wanted(reports: Sequence[Answers]) -> list[Base]:
    """Everything that one would like to tell: both sides, all, and who answered the baseline too, in every report."""
    return [
        Base((number, group, kind), people & answers.before.keys() if kind == "change" else people)
        for number, answers in enumerate(reports)
        for group in GROUPS
        for people in [answers.groups[group]]
        for kind in ("answers", "change")
    ]


def admitted(reports: Sequence[Answers], rule: Rule) -> list[People]:
    bases = wanted(reports)
    keys = admit(bases, (), rule).admitted
    return [base.people for base in bases if base.key in keys]


PROGRAMMES = [(tandems, response) for tandems in (7, 12, 30) for response in (0.5, 0.6, 0.7)]
SEEDS = range(25)
Told = Callable[[Sequence[Answers], Rule], list[People]]


def patterns() -> Iterable[list[Answers]]:
    return (pattern(seed, tandems, response) for tandems, response in PROGRAMMES for seed in SEEDS)


@pytest.mark.proves("S13")
@pytest.mark.parametrize("rule", [Rule(5, 1), Rule(5, 2), Rule(7, 1)])
@pytest.mark.parametrize("told", [published, admitted])
def test_sides_reports_and_changes_leave_no_few_people_between_them(told: Told, rule: Rule) -> None:
    shown = [told(reports, rule) for reports in patterns()]
    assert sum(map(bool, shown)) > len(shown) / 2, "most programmes are told something"
    assert [found for bases in shown if (found := singled_out(bases, rule.least))] == []


@pytest.mark.proves("S13")
@pytest.mark.parametrize("rule", [Alone(5, 1), Unsuppressed(5, 1)])
@pytest.mark.parametrize(("tandems", "response"), PROGRAMMES)
def test_without_the_complementary_part_few_people_are_left(tandems: int, response: float, rule: Rule) -> None:
    # Also among a dozen: one report less each would already do.
    assert any(singled_out(admitted(pattern(seed, tandems, response), rule), 5) for seed in SEEDS)


def test_few_people_are_found_also_where_no_two_groups_differ_by_them() -> None:
    def base(numbers: Iterable[int]) -> People:
        return frozenset(map(str, numbers))

    # All but one of the sum of three groups: found by halves, not by any difference of two.
    three = [base([0, 1, *range(10, 20)]), base([1, 2, *range(20, 30)]), base([0, 2, *range(30, 40)])]
    rest = [base(range(10, 20)), base(range(20, 30)), base(range(30, 40))]
    assert singled_out(three, 5) is None
    assert len(singled_out([*three, *rest], 5) or ()) == 1


people = st.frozensets(st.integers(0, 20), min_size=1)


@for_all(st.lists(people, min_size=1, max_size=4), st.lists(people, max_size=4), st.sampled_from([5, 7]))
def test_whatever_groups_are_asked_for_none_that_are_admitted_single_out_a_few(
    first: list[frozenset[int]], second: list[frozenset[int]], floor: int
) -> None:
    rule = Rule(floor, 1)
    bases = [Base(number, frozenset(map(str, group))) for number, group in enumerate([*first, *second])]
    asked = bases[: len(first)]
    released = [base for base in asked if base.key in admit(asked, (), rule).admitted]
    later = bases[len(first) :]
    shown = [*released, *(base for base in later if base.key in admit(later, released, rule).admitted)]
    assert singled_out([base.people for base in shown], rule.least) is None


@for_all(st.integers(0, 10_000), st.sampled_from(PROGRAMMES), st.randoms(use_true_random=False))
def test_who_answered_alone_decides_what_is_told_not_what_they_answered(
    seed: int, programme: tuple[int, float], chance: random.Random
) -> None:
    def otherwise(values: dict[str, int]) -> dict[str, int]:
        return {who: chance.randint(-1, 1) for who in values}

    portions: tuple[Portion, ...] = ()
    others: tuple[Portion, ...] = ()
    new = otherwise(dict(pattern(seed, *programme)[-1].values))
    for answers in pattern(seed, *programme):
        changed = Answers(
            CHOICE, {who: new[who] for who in answers.values}, answers.sides, otherwise(dict(answers.before))
        )
        portions, others = protect(answers, portions, Rule()), protect(changed, others, Rule())
        assert [(p.group, p.people, p.before is None) for p in portions] == [
            (p.group, p.people, p.before is None) for p in others
        ]
        assert [
            (f.kind, f.group, f.told and f.told.people)
            for f in figures(portions, answers, Rule())
            if f.kind != "change"
        ] == [
            (f.kind, f.group, f.told and f.told.people) for f in figures(others, changed, Rule()) if f.kind != "change"
        ]


@for_all(st.integers(0, 10_000), st.sampled_from(PROGRAMMES), st.randoms(use_true_random=False))
def test_neither_names_nor_order_change_the_figures(
    seed: int, programme: tuple[int, float], chance: random.Random
) -> None:
    portions: tuple[Portion, ...] = ()
    others: tuple[Portion, ...] = ()
    everybody = [f"{side}-{n}" for n in range(programme[0]) for side in ("mentor", "mentee")]
    renamed = dict(zip(everybody, chance.sample(range(1000), len(everybody)), strict=True))
    for answers in pattern(seed, *programme):
        mixed = list(answers.values)
        chance.shuffle(mixed)
        other = Answers(
            CHOICE,
            {str(renamed[who]): answers.values[who] for who in mixed},
            {str(renamed[who]): answers.sides[who] for who in mixed},
            {str(renamed[who]): value for who, value in answers.before.items()},
        )
        portions, others = protect(answers, portions, Rule()), protect(other, others, Rule())
        assert figures(portions, answers, Rule()) == figures(others, other, Rule())


def people_of(mentors: int, mentees: int) -> dict[str, Side]:
    return {f"{side}{n}": side for side, count in zip(SIDES, (mentors, mentees), strict=True) for n in range(count)}


@pytest.mark.proves("S13")
def test_a_later_report_repeats_the_figures_until_every_group_gained_a_floor_of_people() -> None:
    def report(mentors: int, mentees: int) -> Answers:
        sides = people_of(mentors, mentees)
        return Answers(CHOICE, {who: n % 3 - 1 for n, who in enumerate(sides)}, sides)

    def shown(portions: Sequence[Portion], answers: Answers) -> dict[str, int | None]:
        return {f.group: f.told.people for f in figures(portions, answers, Rule()) if f.told}

    first = protect(report(7, 6), (), Rule())
    assert shown(first, report(7, 6)) == {"mentor": 7, "mentee": 6}
    assert protect(report(12, 10), first, Rule()) == first
    second = protect(report(12, 11), first, Rule())
    assert second[:2] == first
    assert shown(second, report(12, 11)) == {"mentor": 12, "mentee": 11}


@pytest.mark.proves("S13")
@pytest.mark.parametrize(
    ("mentors", "mentees", "seen"),
    [
        (2, 2, {"all": "too-few", "mentor": "too-few", "mentee": "too-few"}),
        (9, 4, {"all": None, "mentor": "derivable", "mentee": "too-few"}),
        (5, 5, {"all": "derivable", "mentor": None, "mentee": None}),
    ],
)
def test_both_sides_are_told_or_the_total_and_why_the_other_is_not(
    mentors: int, mentees: int, seen: dict[str, str | None]
) -> None:
    sides = people_of(mentors, mentees)
    answers = Answers(CHOICE, {who: n % 3 - 1 for n, who in enumerate(sides)}, sides)
    assert {f.group: f.withheld for f in figures(protect(answers, (), Rule()), answers, Rule())} == seen
