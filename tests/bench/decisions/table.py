"""Running the cells, and the tables of what came out."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tests.bench.decisions.naive import jeffreys, one_by_one, point, wilson
from tests.bench.decisions.programmes import PROGRAMMES, Answers, Cell, Programme, answered
from tests.bench.decisions.rules import OPEN, PROTECTION, Verdicts, Way, by_arrays, path

OURS, EARLY = "**ours**", "ours, sides apart from five each"
WAYS = {
    OURS: Way(),
    EARLY: Way(sides=PROTECTION.least),
    "ours, nothing told of tandems": Way(tandems=False),
}
RULES: Mapping[str, Callable[[Answers], Verdicts]] = {
    **{name: partial(by_arrays, way=way) for name, way in WAYS.items()},
    "Clopper–Pearson at n / deff, one by one": one_by_one,
    "Jeffreys at n": jeffreys,
    "Wilson at n": wilson,
    "the shares alone": point,
}

SIZES, RESPONSES, CORRELATIONS = (7, 20, 100), (0.5, 0.7, 0.9), (0.0, 0.3, 0.6)
SEED = 13
QUESTIONS = ("length", "frequency", "rules", "rollout")


@dataclass(frozen=True)
class Outcome:
    """Of one rule, in one cell, of one programme: shares from 0 to 1.

    `right`, `wrong`, `unsure`: of each question's answers; `any_wrong`: of programmes, in which any answer is wrong.
    """

    rule: str
    cell: Cell
    programme: Programme
    right: tuple[float, ...]
    wrong: tuple[float, ...]
    unsure: tuple[float, ...]
    any_wrong: float


def differing(cell: Cell, programme: Programme, number: int) -> tuple[int, int, int]:
    """Of so many programmes, how many answers are others by the way itself than by arrays, and with exact steps.

    The last of the three is how many answers there are by one way.
    """
    answers = answered(cell, programme.truths, number, np.random.default_rng(SEED))
    itself = [path(answers, way) for way in WAYS.values()]
    arrays = [by_arrays(answers, way) for way in WAYS.values()]
    steps = path(answers, Way(exact=True))
    return int(np.not_equal(itself, arrays).sum()), int((itself[0] != steps).sum()), steps.size


def outcomes(cell: Cell, programme: Programme, number: int, rules: Sequence[str]) -> list[Outcome]:
    """Let so many such programmes answer, and judge them by each rule. The same arguments give the same."""
    seed = [SEED, PROGRAMMES.index(programme), *(round(1000 * value) for value in vars(cell).values())]
    answers = answered(cell, programme.truths, number, np.random.default_rng(seed))
    found = []
    for rule in rules:
        verdicts = RULES[rule](answers)
        right = np.stack([np.isin(verdicts[:, q], truth.right) for q, truth in enumerate(programme.truths)], axis=1)
        unsure = verdicts == OPEN
        wrong = ~right & ~unsure
        any_wrong = float(wrong.any(axis=1).mean())
        found.append(Outcome(rule, cell, programme, _each(right), _each(wrong), _each(unsure), any_wrong))
    return found


def _each(what: NDArray[np.bool_]) -> tuple[float, ...]:
    return tuple(float(share) for share in what.mean(axis=0))


def grid() -> list[Cell]:
    """Every size with every response and correlation."""
    return [Cell(*values) for values in itertools.product(SIZES, RESPONSES, CORRELATIONS)]


def check(number: int, processes: int) -> str:
    """Whether the arrays say what the way itself says, in a sentence."""
    tasks = [(cell, programme, number) for cell in grid() for programme in PROGRAMMES]
    with ProcessPoolExecutor(processes) as pool:
        found = list(pool.map(differing, *zip(*tasks, strict=True), chunksize=4))
    arrays, steps, of = (sum(column) for column in zip(*found, strict=True))
    return (
        f"Of {of:,} answers by each of our ways {arrays} were others by the way itself than by arrays, and {steps} "
        "others with the steps that protection makes wider."
    )


def run(number: int, processes: int) -> list[Outcome]:
    """All rules on all programmes in all cells."""
    tasks = [(cell, programme, number, tuple(RULES)) for cell in grid() for programme in PROGRAMMES]
    return _all(tasks, processes)


def run_beyond(number: int, processes: int) -> list[Outcome]:
    """What no rule can see: who is unhappy answers half as often; three in ten always say "just right"."""
    cells = [Cell(size, 0.7, 0.3, unhappy, kind) for size in SIZES for unhappy, kind in ((0.5, 0.0), (1.0, 0.3))]
    chosen = [PROGRAMMES[index] for index in (0, 1, 5, 6)]
    return _all([(cell, programme, number, (OURS,)) for cell in cells for programme in chosen], processes)


def _all(tasks: Sequence[tuple[Cell, Programme, int, Sequence[str]]], processes: int) -> list[Outcome]:
    with ProcessPoolExecutor(processes) as pool:
        return list(itertools.chain.from_iterable(pool.map(outcomes, *zip(*tasks, strict=True), chunksize=4)))


# What is printed


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _row(*fields: object) -> str:
    return f"| {' | '.join(str(field) for field in fields)} |"


def _head(*fields: str) -> list[str]:
    return [_row(*fields), _row(*("---" for _ in fields))]


def _of(found: Iterable[Outcome], answer: str) -> tuple[float, float, float]:
    """Right, unsure and wrong over all questions whose right answer is to keep, or to change."""
    chosen = [
        (one.right[q], one.unsure[q], one.wrong[q])
        for one in found
        if not one.programme.limit
        for q, truth in enumerate(one.programme.truths)
        if (truth.right == ("keep",)) == (answer == "keep")
    ]
    right, unsure, wrong = np.mean(chosen, axis=0)
    return float(right), float(unsure), float(wrong)


def by_cell(found: Sequence[Outcome], rule: str = OURS) -> Iterator[str]:
    """A rule in each cell."""
    yield from _head(
        *("tandems", "response", "correlation", "keep: right", "open", "wrong", "change: right", "open", "wrong"),
        *("any of four wrong", "at the threshold: any of four wrong"),
    )
    for cell in grid():
        here = [one for one in found if one.cell == cell and one.rule == rule]
        known = max(one.any_wrong for one in here if not one.programme.limit)
        limit = max(one.any_wrong for one in here if one.programme.limit)
        shares = [_percent(value) for answer in ("keep", "change") for value in _of(here, answer)]
        yield _row(
            cell.tandems, f"{cell.response:.0%}", cell.correlation, *shares, _percent(known), f"**{_percent(limit)}**"
        )


def by_rule(found: Sequence[Outcome]) -> Iterator[str]:
    """The rules side by side: the worst cell of each size."""
    yield from _head(
        *("tandems", "rule", "keep: right, least and most", "change: right, least and most"),
        *("any of four wrong, most", "at the threshold: any of four wrong, most"),
    )
    for size, rule in itertools.product(SIZES, RULES):
        cells = [
            [one for one in found if one.cell == cell and one.rule == rule] for cell in grid() if cell.tandems == size
        ]
        right = {answer: [_of(here, answer)[0] for here in cells] for answer in ("keep", "change")}
        wrong = {
            limit: max(one.any_wrong for here in cells for one in here if one.programme.limit == limit)
            for limit in (False, True)
        }
        yield _row(
            *(size, rule),
            *(f"{_percent(min(shares))}–{_percent(max(shares))}" for shares in right.values()),
            *(_percent(share) for share in wrong.values()),
        )


def by_programme(found: Sequence[Outcome]) -> Iterator[str]:
    """Ours, question by question, at the middle of the grid."""
    yield from _head("tandems", "programme", *QUESTIONS, "any of four wrong")
    for one in found:
        if one.rule == OURS and (one.cell.response, one.cell.correlation) == (0.7, 0.3):
            each = (
                f"{_percent(right)} / {_percent(unsure)} / {_percent(wrong)}"
                for right, unsure, wrong in zip(one.right, one.unsure, one.wrong, strict=True)
            )
            yield _row(one.cell.tandems, one.programme.name, *each, _percent(one.any_wrong))


def beyond(found: Sequence[Outcome]) -> Iterator[str]:
    """What no rule can see."""
    yield from _head("tandems", "who answers how", "programme", *QUESTIONS, "any of four wrong")
    for one in found:
        how = "the unhappy half as often" if one.cell.unhappy < 1 else 'three in ten always "just right"'
        each = (
            f"{_percent(right)} / {_percent(unsure)} / {_percent(wrong)}"
            for right, unsure, wrong in zip(one.right, one.unsure, one.wrong, strict=True)
        )
        yield _row(one.cell.tandems, how, one.programme.name, *each, _percent(one.any_wrong))


def goals(found: Sequence[Outcome], rule: str = OURS) -> Iterator[str]:
    """Each goal, and whether it is reached."""
    own = [one for one in found if one.rule == rule]
    known, limit = (
        max((one for one in own if one.programme.limit == limit), key=lambda one: one.any_wrong)
        for limit in (False, True)
    )
    least = min(min(one.right) for one in own if one.cell.tandems == 100 and not one.programme.limit)
    yield (
        f"- {rule}: wrong and confident in at most 5 % over the four questions together: {_percent(known.any_wrong)} % "
        f"at most where truths lie off the threshold, {_percent(limit.any_wrong)} % where they lie at it "
        f"({limit.programme.name}; {limit.cell.tandems} tandems, response {limit.cell.response:.0%}, correlation "
        f"{limit.cell.correlation}). At 100 tandems right in at least 90 %: {_percent(least)} % or more "
        "in each programme, cell and question."
    )
