"""How many answered is told, and of nobody that they did not."""

from collections.abc import Callable

import pytest

from services.evaluation.protection import Response, Rule, response
from services.evaluation.protection.item import SIDES, Side
from tests.unit.evaluation.attack import exposed

SILENT = 0


def asked(mentors: int, mentees: int) -> dict[str, Side]:
    return {f"{side}{n}": side for side, count in zip(SIDES, (mentors, mentees), strict=True) for n in range(count)}


@pytest.mark.proves("P13")
def test_both_sides_are_told_if_enough_of_each_answered_else_all() -> None:
    people = asked(7, 7)
    assert response(people, set(people), Rule()) == {"mentor": Response(7, 7), "mentee": Response(7, 7)}
    assert response(people, set(list(people)[:11]), Rule()) == {"all": Response(14, 11)}
    assert response(people, set(list(people)[:4]), Rule()) == {}


def of(mentors: int, mentees: int, rule: Rule) -> Callable[[tuple[int, ...]], str]:
    people = asked(mentors, mentees)
    return lambda data: repr(response(people, {who for who, came in zip(people, data, strict=True) if came}, rule))


@pytest.mark.proves("S13")
@pytest.mark.parametrize("insiders", [1, 2])
@pytest.mark.parametrize(
    ("mentors", "mentees"), [(5, 0), (5, 4), (5, 5), (6, 5), (3, 7), pytest.param(7, 6, marks=pytest.mark.long)]
)
def test_nobody_is_known_to_have_been_silent(mentors: int, mentees: int, insiders: int) -> None:
    assert exposed(of(mentors, mentees, Rule(5, insiders)), mentors + mentees, 2, insiders, hidden=SILENT) is None


def test_told_of_fewer_who_answered_somebody_is() -> None:
    # Only one answered, and knows so.
    assert exposed(of(5, 0, Rule(0, -1)), 5, 2, 1, hidden=SILENT) is not None
