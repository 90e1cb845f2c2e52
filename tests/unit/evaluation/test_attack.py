"""Nobody's answer is found out by whoever knows one or two others, whatever anybody answered."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import pytest

from services.evaluation.deciding.verdict import Basis, judge
from services.evaluation.protection import (
    Answers,
    Figure,
    Portion,
    Rule,
    Told,
    figures,
    protect,
    tell,
)
from services.evaluation.protection.item import Side
from shared.contracts import evaluation as e
from shared.contracts.parts import Criteria
from tests.unit.evaluation.attack import Alike, World, exposed, exposed_alike, spreads
from tests.unit.evaluation.scales import CHOICE
from tests.unit.evaluation.scales import scale as scale_called
from tests.unit.evaluation.switched_off import Unsuppressed

Output = tuple[object, ...]
Mechanism = Callable[[Sequence[Answers], Rule], bytes]
"""Everything that is told of an item in one report after another."""


def told(found: Sequence[Figure]) -> bytes:
    """All that a page or a picture can be made of: every figure, its median, and the decision with its evidence."""
    shown = [(f.kind, f.group, f.told, f.told and f.told.median(), f.withheld) for f in found]
    answers = tuple(f.told for f in found if f.told and f.kind == "answers")
    return repr((shown, decided(answers))).encode()


@cache
def decided(answers: tuple[Told, ...]) -> object:
    return judge({"frequency": Basis("frequency", answers, ("more-often", None, "less-often"))}, Criteria())


def protected(reports: Sequence[Answers], rule: Rule) -> bytes:
    portions: tuple[Portion, ...] = ()
    outputs = []
    for answers in reports:
        portions = protect(answers, portions, rule)
        outputs.append(told(figures(portions, answers, rule)))
    return b"\n".join(outputs)


def each_by_itself(reports: Sequence[Answers], rule: Rule) -> bytes:
    """The rule for one group, without its complementary part: every figure is looked at alone."""
    outputs = []
    for answers in reports:
        for group in ("all", "mentor", "mentee"):
            people = answers.groups[group]
            now = {who: answers.values[who] + 1 for who in people}
            outputs.append(repr(tell(now, 3, rule)))
            paired = people & answers.before.keys()
            before = {who: answers.before[who] + 1 for who in paired}
            change = {who: 1 + (now[who] > before[who]) - (now[who] < before[who]) for who in paired}
            outputs.append(repr((tell(before, 3, rule), tell(change, 3, rule))))
    return "\n".join(outputs).encode()


def one_report(values: Iterable[int], mentors: int = 99) -> Answers:
    named = {f"p{number}": value - 1 for number, value in enumerate(values)}
    side: dict[str, Side] = {who: "mentor" if number < mentors else "mentee" for number, who in enumerate(named)}
    return Answers(CHOICE, named, side)


def in_one_report(
    rule: Rule, mechanism: Mechanism = protected, mentors: int = 99
) -> Callable[[tuple[int, ...]], bytes]:
    return lambda data: mechanism([one_report(data, mentors)], rule)


SMALL = [5, 6, 7, *(pytest.param(n, marks=pytest.mark.long) for n in (8, 9, 10))]
rules = pytest.mark.parametrize("insiders", [1, 2])


@pytest.mark.proves("S13")
@rules
@pytest.mark.parametrize("people", SMALL)
def test_of_all_data_sets_of_a_group_none_tells_anybody_s_answer(people: int, insiders: int) -> None:
    assert exposed(in_one_report(Rule(5, insiders)), people, 3, insiders) is None


@pytest.mark.long
@rules
@pytest.mark.parametrize(("mentors", "mentees"), [(5, 5), (6, 4), (3, 5)])
def test_nor_does_any_data_set_of_two_sides(mentors: int, mentees: int, insiders: int) -> None:
    assert exposed(in_one_report(Rule(5, insiders), mentors=mentors), mentors + mentees, 3, insiders) is None


@pytest.mark.proves("S13")
@rules
def test_without_suppression_somebody_is_found_out(insiders: int) -> None:
    assert exposed(in_one_report(Unsuppressed(5, insiders)), 5, 3, insiders) is not None


@rules
def test_if_two_sides_and_their_total_are_looked_at_alone_somebody_is_found_out(insiders: int) -> None:
    # Six mentors are enough, and so are all seven; the seventh is the difference.
    looked_at_alone = in_one_report(Rule(5, insiders), each_by_itself, mentors=6)
    assert exposed(looked_at_alone, 7, 3, insiders) is not None
    assert exposed(in_one_report(Rule(5, insiders), mentors=6), 7, 3, insiders) is None


def reports_of(alike: Sequence[Alike], world: World, arrives: Mapping[str, int]) -> list[Answers]:
    """Reports one after another, each of who had come by then; a kind: the answer at the end, then the one before."""
    reports = []
    for number in range(max(arrives.values()) + 1):
        values: dict[str, int] = {}
        before: dict[str, int] = {}
        for group, counts in zip(alike, world, strict=True):
            kinds = [kind for kind, count in zip(group.kinds, counts, strict=True) for _ in range(count)]
            for place, kind in enumerate(kinds):
                who = f"{group.name}-{place}"
                if kind[0] is not NOT and arrives[group.name] <= number:
                    values[who] = kind[0] - 1
                if len(kind) > 1:
                    before[who] = kind[1] - 1
        reports.append(Answers(CHOICE, values, dict.fromkeys(values, "mentor"), before))
    return reports


NOT = 9
"""In the place of an answer: none was given."""
ONLY_END = tuple((value,) for value in range(3))
BOTH = tuple(product(range(3), repeat=2))
ONLY_BEFORE = tuple((NOT, value) for value in range(3))


def end(kind: tuple[int, ...]) -> int | None:
    return None if kind[0] is NOT else kind[0]


def before(kind: tuple[int, ...]) -> int | None:
    return kind[1] if len(kind) > 1 else None


def change(kind: tuple[int, ...]) -> int | None:
    return None if len(kind) == 1 or kind[0] is NOT else 1 + (kind[0] > kind[1]) - (kind[0] < kind[1])


def found_out(
    alike: Sequence[Alike], rule: Rule, mechanism: Mechanism, arrives: Mapping[str, int] | None = None
) -> object:
    when = dict.fromkeys((group.name for group in alike), 0) | dict(arrives or {})
    return exposed_alike(
        lambda world: mechanism(reports_of(alike, world, when), rule), alike, (end, before, change), rule.insiders
    )


@rules
@pytest.mark.parametrize("rule", [Rule, Unsuppressed])
def test_counting_people_who_are_alike_once_finds_the_same_as_looking_at_each(rule: type[Rule], insiders: int) -> None:
    alone = exposed(in_one_report(rule(5, insiders)), 6, 3, insiders) is None
    assert (found_out([Alike("a", 6, ONLY_END)], rule(5, insiders), protected) is None) == alone


@pytest.mark.proves("S13")
@pytest.mark.parametrize(
    ("people", "insiders"),
    [(5, 1), (6, 1), *(pytest.param(n, c, marks=pytest.mark.long) for n, c in product((7, 8, 9), (1, 2)))],
)
def test_the_baseline_the_end_and_the_change_together_tell_nobody_s(people: int, insiders: int) -> None:
    assert found_out([Alike("both", people, BOTH)], Rule(5, insiders), protected) is None


SHAPES = [
    {"both": 5, "end": 1},
    {"both": 4, "end": 1, "before": 1},
    pytest.param({"both": 6, "end": 1}, marks=pytest.mark.long),
    pytest.param({"both": 6, "end": 2, "before": 1}, marks=pytest.mark.long),
    pytest.param({"both": 6, "end": 5}, marks=pytest.mark.long),
    pytest.param({"both": 6, "before": 5}, marks=pytest.mark.long),
    pytest.param({"both": 7, "end": 4}, marks=pytest.mark.long),
]


def shape(sizes: Mapping[str, int]) -> list[Alike]:
    kinds = {"both": BOTH, "end": ONLY_END, "before": ONLY_BEFORE}
    return [Alike(name, size, kinds[name]) for name, size in sizes.items()]


@pytest.mark.proves("S13")
@rules
@pytest.mark.parametrize("sizes", SHAPES)
def test_nor_do_they_where_some_answered_only_once(sizes: Mapping[str, int], insiders: int) -> None:
    assert found_out(shape(sizes), Rule(5, insiders), protected) is None


@dataclass(frozen=True)
class SameForChange(Rule):
    """The rule for answers used for changes too."""

    def of_change(self) -> Rule:
        return self


def test_with_the_rule_for_answers_somebody_s_change_is_found_out() -> None:
    assert found_out([Alike("both", 6, BOTH)], SameForChange(5, 1), protected) is not None


@pytest.mark.parametrize("sizes", [{"both": 6}, {"both": 6, "end": 1}])
def test_looked_at_alone_the_change_tells_somebody_s(sizes: Mapping[str, int]) -> None:
    assert found_out(shape(sizes), Rule(5, 1), each_by_itself) is not None


@pytest.mark.proves("S13")
@rules
@pytest.mark.parametrize(
    "sizes", [(5, 5), (6, 4), (7, 6), (5, 1), (5, 3, 4), pytest.param((6, 5, 5), marks=pytest.mark.long)]
)
def test_a_later_report_tells_nobody_s(sizes: Sequence[int], insiders: int) -> None:
    alike = [Alike(f"v{number}", size, ONLY_END) for number, size in enumerate(sizes)]
    arrives = {group.name: number for number, group in enumerate(alike)}
    assert found_out(alike, Rule(5, insiders), protected, arrives) is None


@rules
@pytest.mark.parametrize("sizes", [(6, 1), (6, 6)])
def test_a_later_report_that_is_looked_at_alone_tells_somebody_s(sizes: Sequence[int], insiders: int) -> None:
    # Also where six people are new: that all of them answered the same shows in the difference.
    alike = [Alike(f"v{number}", size, ONLY_END) for number, size in enumerate(sizes)]
    arrives = {group.name: number for number, group in enumerate(alike)}
    assert found_out(alike, Rule(5, insiders), each_by_itself, arrives) is not None


def whole_scale(name: e.Scale, people: int, insiders: int, *, roughly: bool) -> object:
    """Whom insiders find out of so many people, by the class of three that they are in; told of on the whole scale."""
    scale = scale_called(name)
    classes = scale.classes(full=True)
    coarse = scale.coarse if roughly else None

    def told_of(world: World) -> object:
        values = {f"{kind}-{n}": kind for kind, count in enumerate(world[0]) for n in range(count)}
        return tell(values, classes, Rule(5, insiders), coarse)

    alike = [Alike("all", people, tuple((kind,) for kind in range(classes)))]
    return exposed_alike(told_of, alike, [lambda kind: scale.coarse[kind[0]]], insiders)


@pytest.mark.proves("S13")
@pytest.mark.parametrize(
    ("name", "people", "insiders"),
    [
        ("five", 12, 1),
        *(pytest.param(name, 20, c, marks=pytest.mark.long) for name in ("five", "stars") for c in (1, 2)),
    ],
)
def test_the_whole_scale_tells_of_nobody_in_which_of_three_classes_they_are(
    name: e.Scale, people: int, insiders: int
) -> None:
    assert whole_scale(name, people, insiders, roughly=True) is None


def test_if_nearly_all_were_looked_for_on_the_whole_scale_it_would() -> None:
    # Six say a bit too long and six much too long: no class holds nearly all, and everybody found it too long.
    assert whole_scale("five", 12, 1, roughly=False) is not None


def test_spreads_are_all_there_are() -> None:
    assert sorted(spreads(2, 2)) == [(0, 2), (1, 1), (2, 0)]
    assert len(list(spreads(6, 9))) == 3003
