"""From told counts to a verdict: what it is, what it rests on, and what never changes it."""

import datetime as dt
import re
from dataclasses import dataclass, replace
from itertools import product

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from scipy import stats

from services.evaluation.deciding.bounds import USUAL, WEIGHT, correlation, design_effect, lower, upper
from services.evaluation.deciding.said import answers
from services.evaluation.deciding.told import datasets, possible
from services.evaluation.deciding.verdict import ERROR, MOST, Basis, Judgement, Rule, decide, judge, learn
from services.evaluation.questionnaires import RELEASED, Question, words
from shared.contracts import evaluation as e
from shared.contracts.parts import Criteria, Criterion
from shared.local.system import ROOT

THIRD = Criterion(keep_at_least=67, change_at_least=33)
QUARTER = ERROR / 4
OTHERS: tuple[Question, ...] = ("frequency", "rules", "rollout")
QUESTIONS: tuple[Question, ...] = ("duration", *OTHERS)
UNTOLD = Basis("", (), ("more", None, "fewer"))
WANTS = ("longer", None, "shorter")
MIRROR = {"longer": "shorter", "shorter": "longer", None: None}


@dataclass(frozen=True)
class Told:
    """As services.evaluation.protection tells."""

    people: int
    counts: tuple[int | None, ...]
    at_least: int | None = None


def told(*counts: int) -> Told:
    """All counts of the classes in order."""
    return Told(sum(counts), counts)


def least(people: int, index: int, insiders: int = 1, classes: int = 3) -> Told:
    """At least all but the insiders and one more stand in one class."""
    count = people - insiders - 1
    return Told(people, tuple(count if number == index else None for number in range(classes)), index)


def given_number(value: float | None) -> float:
    """A figure that is told."""
    assert value is not None
    return value


def basis(*groups: Told, pairs: int | None = None, agreeing: Told | None = None, silent: int | None = None) -> Basis:
    """What an answer on the duration rests on."""
    return Basis("final.duration.all", groups, WANTS, pairs, agreeing, silent)


def all_by(criterion: Criterion) -> Criteria:
    """One criterion for every question."""
    return Criteria(duration=criterion, frequency=criterion, rules=criterion, rollout=criterion)


def beside(given: Basis, other: Basis = UNTOLD) -> dict[Question, Basis]:
    """A question, and the three others."""
    return {"duration": given, "frequency": other, "rules": other, "rollout": other}


def judged(given: Basis, criterion: Criterion = THIRD) -> Judgement:
    """The verdict on one question of which the three others are not told, so that it has a quarter of the error."""
    return judge(beside(given), all_by(criterion))["duration"]


def answered(given: Basis) -> tuple[e.Answer, e.Evidence]:
    """The same in words."""
    found = answers(beside(given), all_by(THIRD))[0]
    assert found.evidence
    return found, found.evidence


groups = st.one_of(
    st.lists(st.integers(0, 60), min_size=3, max_size=3).filter(sum).map(lambda counts: told(*counts)),
    st.builds(least, st.integers(5, 60), st.integers(0, 2), st.integers(1, 2)),
)
agreements = st.none() | st.lists(st.integers(0, 40), min_size=2, max_size=2).map(lambda counts: told(*counts))
bases = st.builds(
    lambda sides, pairs, agreeing, silent: basis(*sides, pairs=pairs, agreeing=agreeing, silent=silent),
    st.lists(groups, min_size=1, max_size=2),
    st.none() | st.integers(0, 80),
    agreements,
    st.none() | st.integers(0, 100),
)


# What was told


def test_counts_that_are_told_are_the_only_data_set() -> None:
    assert possible(told(3, 8, 1), WANTS) == [{"longer": 3, None: 8, "shorter": 1}]


def test_finer_classes_are_put_together_by_what_they_ask_for() -> None:
    five = ("longer", "longer", None, "shorter", "shorter")
    assert possible(told(1, 2, 8, 3, 4), five) == [{"longer": 3, None: 8, "shorter": 7}]


@pytest.mark.parametrize("insiders", [1, 2])
def test_behind_at_least_so_many_stands_every_data_set_that_gives_it_and_no_other(insiders: int) -> None:
    people, rest = 9, insiders + 1
    found = {tuple(data.values()) for data in possible(least(people, 1, insiders), WANTS)}
    every = (c for c in product(range(people + 1), repeat=3) if sum(c) == people)
    assert found == {counts for counts in every if counts[1] >= people - rest}


def test_a_portion_told_in_three_classes_stands_beside_one_told_on_the_whole_scale() -> None:
    five = ("longer", "longer", None, "shorter", "shorter")
    found = datasets((told(1, 2, 8, 3, 4), least(20, 1)), five)
    assert {(data["longer"], data["shorter"]) for data in found} == {
        (3 + longer, 7 + shorter) for longer in range(3) for shorter in range(3 - longer)
    }
    with pytest.raises(ValueError, match="classes"):
        datasets((told(1, 2),), five)


def test_both_sides_together_are_every_sum_of_theirs() -> None:
    found = datasets((least(7, 1), told(2, 3, 4)), WANTS)
    assert {data[None] for data in found} == {8, 9, 10}
    assert all(sum(data.values()) == 16 and data["longer"] >= 2 and data["shorter"] >= 4 for data in found)
    assert len(found) == 6


# The verdict


@pytest.mark.proves("S13", "P14")
@pytest.mark.parametrize(
    ("counts", "verdict", "direction", "divided"),
    [
        ((6, 128, 6), "keep", None, False),
        ((90, 40, 10), "change", "longer", False),
        ((10, 40, 90), "change", "shorter", False),
        ((40, 80, 20), "not_enough_data", None, False),
        ((70, 0, 70), "change", None, True),
        ((48, 44, 48), "not_enough_data", None, True),
        ((1, 9, 1), "not_enough_data", None, False),
    ],
)
def test_a_question_is_kept_changed_or_open(
    counts: tuple[int, int, int], verdict: str, direction: str | None, divided: bool
) -> None:
    found = judged(basis(told(*counts)))
    assert (found.verdict, found.direction, found.divided) == (verdict, direction, divided)
    assert answered(basis(told(*counts)))[0].direction == direction


def test_where_nothing_may_be_told_nothing_is_decided_and_no_figure_said() -> None:
    found, evidence = answered(basis(silent=5))
    assert found.answer == "not_enough_data"
    figures = evidence.model_dump(include={"share", "low", "high", "people", "leans", "silent_needed"})
    assert set(figures.values()) == {None}


@for_all(bases)
def test_mirrored_answers_give_the_mirrored_answer(given: Basis) -> None:
    turned = replace(
        given,
        told=tuple(
            Told(side.people, side.counts[::-1], None if side.at_least is None else 2 - side.at_least)
            for side in given.told
        ),
    )
    found, mirrored = judged(given), judged(turned)
    assert MIRROR[found.direction] == mirrored.direction
    assert MIRROR[found.wants] == mirrored.wants
    same = ("verdict", "divided", "share_low", "share_high", "low", "any_low", "any_high", "leans", "needed", "silent")
    assert [getattr(found, name) for name in same] == [getattr(mirrored, name) for name in same]


@for_all(bases)
def test_what_is_not_told_never_decides(given: Basis) -> None:
    """Whatever is sure without some people's answers is sure with each data set that they may make."""
    found = judged(given)
    for data in datasets(given.told, WANTS):
        one = judged(replace(given, told=(told(data["longer"], data[None], data["shorter"]),)))
        assert found.verdict in ("not_enough_data", one.verdict)
        if found.direction:
            assert one.direction == found.direction or one.divided
        assert given_number(found.low) <= given_number(one.low) + 1e-12


@for_all(st.lists(st.integers(0, 12), min_size=3, max_size=3).filter(sum), st.integers(2, 30))
def test_more_people_of_the_same_shares_never_turn_one_answer_into_another(counts: list[int], times: int) -> None:
    few = judged(basis(told(*counts)))
    many = judged(basis(told(*(times * count for count in counts))))
    if few.verdict != "not_enough_data":
        assert (many.verdict, many.divided or many.direction) in {
            (few.verdict, few.divided or few.direction),
            # With more people the smaller of two wishes may be sure as well.
            ("change", True),
        }
        assert few.verdict == many.verdict
    assert few.leans == many.leans


def test_the_criterion_decides_which_was_fixed_before() -> None:
    given = basis(told(30, 100, 10))
    assert judged(given, Criterion(keep_at_least=50, change_at_least=50)).verdict == "keep"
    assert judged(given, Criterion(keep_at_least=90, change_at_least=10)).verdict == "change"
    assert judged(given).verdict == "not_enough_data"


def test_where_keep_and_change_would_both_hold_there_is_no_answer() -> None:
    learnt = learn(basis(told(40, 100, 0)))
    assert learnt
    assert decide(learnt, Rule(keep=0.6, change=0.1), QUARTER).verdict == "not_enough_data"
    assert decide(learnt, Rule(keep=0.6, change=0.5), QUARTER).verdict == "keep"


# The questions together


def test_where_other_questions_are_clear_a_question_may_err_more() -> None:
    """Holm: 22 % of 92 people who want a change are too many for a quarter of the error, not for all of it."""
    close = basis(told(10, 72, 10))
    clear = replace(close, told=(told(2, 150, 2),), wants=("more", None, "fewer"))
    alone = judge(beside(close), all_by(THIRD))
    together = judge(beside(close, clear), all_by(THIRD))
    assert (alone["duration"].verdict, alone["duration"].level) == ("not_enough_data", ERROR / 4)
    assert (together["duration"].verdict, together["duration"].level) == ("keep", ERROR)
    assert {together[question].level for question in OTHERS} == {ERROR / 4}


@settings(max_examples=40)
@for_all(st.lists(bases, min_size=4, max_size=4))
def test_the_steps_are_holm_s(given: list[Basis]) -> None:
    """A question is clear just if, of all in the order of the least error at which each is sure, none before fails."""
    found = judge(dict(zip(QUESTIONS, given, strict=True)), all_by(THIRD))
    first: dict[Question, float] = {}
    for question, one in zip(QUESTIONS, given, strict=True):
        learnt = learn(one)
        assert learnt
        sure = [
            step for step in (4, 3, 2, 1) if decide(learnt, Rule.of(THIRD), ERROR / step).verdict != "not_enough_data"
        ]
        first[question] = ERROR / sure[0] if sure else 1.0
    expected: set[str] = set()
    for place, question in enumerate(sorted(QUESTIONS, key=lambda question: first[question])):
        if first[question] > ERROR / (4 - place):
            break
        expected.add(question)
    assert {question for question in QUESTIONS if found[question].verdict != "not_enough_data"} == expected


@settings(max_examples=40)
@for_all(st.lists(bases, min_size=4, max_size=4), st.permutations(range(4)))
def test_the_order_of_the_questions_does_not_matter(given: list[Basis], order: list[int]) -> None:
    pairs = list(zip(QUESTIONS, given, strict=True))
    assert judge(dict(pairs), all_by(THIRD)) == judge(dict(pairs[place] for place in order), all_by(THIRD))


@pytest.mark.proves("S13")
def test_the_evidence_is_that_of_formulas_written_down_apart() -> None:
    """Kish, Scott, Korn and Graubard, and Holm's first step, by SciPy's distributions, from counts to percent."""
    sides = told(26, 40, 9), told(30, 28, 7)
    _, evidence = answered(basis(*sides, pairs=60, agreeing=told(33, 27)))
    wanted, content, other, people = 56, 68, 16, 140
    chance = (wanted**2 + content**2 + other**2) / people**2
    found = (33 / 60 - chance) / (1 - chance)
    learnt = (60 * found + 10 * 0.3) / 70
    sizes = [2] * 60 + [1] * 20
    effect = 1 + (sum(size**2 for size in sizes) / sum(sizes) - 1) * learnt
    low = stats.beta.ppf(0.4 * 0.0125, wanted / effect, (people - wanted) / effect + 1)
    high = stats.beta.ppf(1 - 0.6 * 0.0125, (wanted + other) / effect + 1, content / effect)
    assert evidence.intraclass == pytest.approx(learnt, abs=5e-4)
    assert evidence.design_effect == pytest.approx(effect, abs=5e-4)
    assert evidence.share == pytest.approx(100 * wanted / people, abs=5e-3)
    assert [evidence.low, evidence.high] == pytest.approx([100 * low, 100 * high], abs=0.011)
    assert (evidence.people, evidence.wants, evidence.leans) == (people, "longer", "change")


# How many, and how silent


def test_so_many_people_are_enough_as_the_page_says() -> None:
    page = (ROOT / "docs" / "decisions-of-the-report.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) % \| .*: (keep|change) \| (\d+) \| (\d+) \|$", page, flags=re.MULTILINE)
    assert len(rows) == 8
    for percent, verdict, alone, clear in rows:
        share = int(percent)
        given = basis(told(100 * share, 10_000 - 100 * share, 0))
        learnt = learn(given)
        assert learnt
        for people, level in ((int(alone), ERROR / 4), (int(clear), ERROR)):
            assert decide(learnt, Rule.of(THIRD), level, people).verdict == verdict
            assert decide(learnt, Rule.of(THIRD), level, people - 1).verdict == "not_enough_data"
        assert judged(given).needed == int(alone)


@for_all(bases)
def test_so_many_people_as_are_needed_are_enough_and_one_fewer_are_not(given: Basis) -> None:
    found = judged(given)
    if found.leans is None:
        assert found.needed is None
        return
    learnt = learn(given)
    assert learnt

    def enough(people: int) -> bool:
        return decide(learnt, Rule.of(THIRD), QUARTER, people).verdict == found.leans

    if found.needed is None:
        assert not enough(MOST)
    else:
        assert enough(found.needed)
        assert found.needed == 1 or not enough(found.needed - 1)
    assert (found.verdict == found.leans) == (found.needed is not None and found.needed <= (found.people or 0))


@for_all(st.integers(0, 330).map(lambda permille: permille / 1000), st.floats(1, 1.6))
def test_with_the_same_shares_more_people_only_bring_a_bound_nearer(share: float, effect: float) -> None:
    """What lets `needed` be found by halving."""
    numbers = range(1, 400, 7)
    lows = [lower(share * people / effect, people / effect, QUARTER) for people in numbers]
    highs = [upper(share * people / effect, people / effect, QUARTER) for people in numbers]
    assert lows == sorted(lows)
    assert highs == sorted(highs, reverse=True)


@pytest.mark.parametrize("counts", [(6, 128, 6), (90, 40, 10)])
def test_the_answer_falls_just_where_so_many_of_the_silent_want_otherwise(counts: tuple[int, int, int]) -> None:
    silent = 200
    found = judged(basis(told(*counts), silent=silent))
    people, fall = sum(counts), given_number(found.silent)
    if found.verdict == "keep":
        share = (people * given_number(found.any_high) + silent * fall) / (people + silent)
    else:
        share = (people * given_number(found.low) + silent * (1 - fall)) / (people + silent)
    assert share == pytest.approx(0.33)
    assert 0 < fall < 1


def test_an_answer_that_stands_whatever_the_silent_want_says_so() -> None:
    given = basis(told(90, 40, 10), silent=20)
    assert judged(given).silent is None
    _, evidence = answered(given)
    assert "Even if all who did not answer wanted otherwise" in evidence.text.en


def test_that_nobody_knows_how_many_were_silent_is_not_said_as_if_all_had_answered() -> None:
    texts = [answered(basis(told(90, 40, 10), silent=silent))[1].text.en for silent in (None, 0, 20)]
    assert len(set(texts)) == 3


# The tandem's two answer alike


def test_unequal_numbers_of_answers_count_by_their_squares() -> None:
    numbers = [2] * 30 + [1] * 20
    mean = sum(n * n for n in numbers) / sum(numbers)
    assert design_effect(sum(numbers), 30, 0.4) == pytest.approx(1 + (mean - 1) * 0.4)


def test_where_pairs_are_not_told_there_are_as_many_as_may_be() -> None:
    assert design_effect(15, None, 0.3) == design_effect(15, 7, 0.3) == design_effect(15, 9, 0.3)
    assert design_effect(14, 0, 0.3) == 1


def test_below_twenty_people_the_usual_correlation_holds_whatever_is_told_of_pairs() -> None:
    assert correlation((6, 7, 6), told(9, 0)) == correlation((6, 7, 6), told(0, 9)) == USUAL


def test_from_twenty_people_on_the_correlation_is_the_data_s_and_the_usual_one_by_their_weights() -> None:
    chance = 3 * (1 / 3) ** 2
    found = (24 / 40 - chance) / (1 - chance)
    expected = (40 * found + WEIGHT * USUAL) / (40 + WEIGHT)
    assert correlation((30, 30, 30), told(24, 16)) == pytest.approx(expected)
    assert correlation((30, 30, 30), told(40, 0)) == pytest.approx((40 + WEIGHT * USUAL) / (40 + WEIGHT))
    assert correlation((30, 30, 30), told(0, 40)) == 0


def test_where_all_say_the_same_or_pairs_are_not_told_the_usual_correlation_holds() -> None:
    assert correlation((0, 90, 0), told(45, 0)) == USUAL
    assert correlation((30, 30, 30), None) == USUAL


def test_of_pairs_that_at_least_agree_as_many_agree_as_may() -> None:
    assert correlation((30, 30, 30), least(40, 0, classes=2)) == correlation((30, 30, 30), told(40, 0))
    assert correlation((30, 30, 30), least(40, 1, classes=2)) == correlation((30, 30, 30), told(2, 38))


# In words


@for_all(bases)
def test_every_answer_is_said_in_both_languages_and_shows_no_bolder_bound_than_it_has(given: Basis) -> None:
    found = judged(given)
    said, evidence = answered(given)
    assert said.answer == found.verdict
    for text in (said.text, evidence.text):
        assert text.de != text.en
        assert "{" not in text.de + text.en
        assert "None" not in text.de + text.en
    assert 0 <= given_number(found.low) * 100 - given_number(evidence.low) < 0.02
    assert 0 <= given_number(evidence.high) - given_number(found.any_high) * 100 < 0.02
    assert (evidence.share is None) == (found.share_low != found.share_high)


def test_every_change_that_an_item_may_ask_for_can_be_said() -> None:
    seen = set()
    for questionnaire in RELEASED.values():
        for item in questionnaire.items:
            if item.question is None:
                continue
            wants = tuple(choice.wants for choice in item.choices)
            for place, code in enumerate(wants):
                if code is not None:
                    all_want = told(*(40 * (place == other) for other in range(len(wants))))
                    given = replace(basis(all_want), wants=wants)
                    found = {one.question: one for one in answers({item.question: given}, all_by(THIRD))}
                    assert (found[item.question].answer, found[item.question].direction) == ("change", code)
                    seen.add((item.question, code))
    assert {question for question, _ in seen} == set(QUESTIONS)


def test_every_text_of_an_answer_is_reached() -> None:
    """No words that nobody hears."""
    cases = [
        basis(),
        basis(told(6, 128, 6), silent=60),
        basis(told(90, 40, 10), silent=1),
        basis(told(0, 100, 0), silent=0),
        basis(told(70, 0, 70)),
        basis(told(48, 44, 48)),
        basis(told(1, 9, 1)),
        basis(told(1, 5, 5)),
        basis(told(3, 8, 2)),
        basis(told(33, 67, 0)),
        basis(told(3301, 6699, 0)),
        basis(least(9, 1)),
        basis(least(9, 0)),
    ]
    heard = []
    for given in cases:
        said, evidence = answered(given)
        heard.append(said.text.en + " " + evidence.text.en)
    content = basis(told(6, 128, 6))
    heard += [one.text.en for one in answers(beside(content, content), all_by(THIRD))]
    heard += [one.text.en for one in answers({"duration": basis()}, all_by(THIRD), {}, dt.date(2027, 7, 15))]
    begins = {key: words(key, **dict.fromkeys(PLACES, "\0")).en for key in words.keys if key.startswith("decided-")}
    for key, text in begins.items():
        longest = max(text.split("\0"), key=len)
        assert any(longest in one for one in heard), key


PLACES = (
    *("question", "way", "change", "keep", "low", "high", "sure_low", "sure_high", "people"),
    *("effective", "effect", "correlation", "error", "all", "most", "percent", "date"),
)
