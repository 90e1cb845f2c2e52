"""The answers with their evidence give nobody away: they hang on nothing but what protection tells."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from functools import cache, partial
from itertools import product

import pytest

from services.evaluation.deciding.said import answers
from services.evaluation.deciding.verdict import Basis
from services.evaluation.protection import Rule, Told, tell
from shared.contracts.parts import Criteria, Criterion
from tests.unit.evaluation.test_deciding import beside

THIRD = Criterion(keep_at_least=67, change_at_least=33)
CRITERIA = Criteria(duration=THIRD, frequency=THIRD, rules=THIRD, rollout=THIRD)
Teller = Callable[[Mapping[str, int]], Told | None]


@cache
def published(shown: Told) -> str:
    """Everything that is said of a question, words included."""
    given = Basis("final.duration.all", (shown,), ("longer", None, "shorter"), silent=3)
    return answers(beside(given), CRITERIA)[0].model_dump_json()


def given_away(people: int, insiders: int, teller: Teller) -> int:
    """In how many cases insiders who read the answer know what somebody else wants.

    All data sets are gone through, so it does not matter which people are the insiders: the first ones are.
    """
    open_to = defaultdict(set)
    for values in product(range(3), repeat=people):
        shown = teller({str(person): value for person, value in enumerate(values)})
        assert shown
        open_to[published(shown), values[:insiders]].add(values[insiders])
    return sum(len(wishes) == 1 for wishes in open_to.values())


def everything(values: Mapping[str, int]) -> Told:
    """All counts, whatever they give away."""
    counts = Counter(values.values())
    return Told(len(values), tuple(counts[index] for index in range(3)))


@pytest.mark.proves("S13", "P13")
@pytest.mark.parametrize(("people", "insiders"), [(5, 1), (6, 1), (7, 1), (6, 2), (7, 2)])
def test_who_reads_an_answer_and_knows_some_people_s_wishes_never_knows_another_s(people: int, insiders: int) -> None:
    assert given_away(people, insiders, partial(tell, classes=3, rule=Rule(5, insiders))) == 0


@pytest.mark.parametrize("insiders", [1, 2])
def test_without_protection_the_answer_would_give_somebody_away(insiders: int) -> None:
    assert given_away(6, insiders, everything) > 0
