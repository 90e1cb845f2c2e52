"""The report: four questions, each *keep*, *change* or *not enough data*, by criteria fixed before (S13, P14).

Nothing is shown for fewer people than the floor. If one side has fewer, neither side is shown: the other could be
subtracted from the total. Pure; loaded by the report's own process only.
"""

from collections import Counter
from typing import Literal

from services.evaluation.jobs import Given, Made, ReportInputs
from services.evaluation.questionnaires import QUESTIONNAIRES, Question, words
from services.evaluation.statistics import Share, share
from shared.contracts.evaluation import Answer, Figure
from shared.contracts.parts import Criterion

ITEMS: dict[Question, str] = {
    item.question: name for name, item in QUESTIONNAIRES["final"].items.items() if item.question is not None
}
CONTENT = 0
KEYS = {-1: "less", CONTENT: "content", 1: "more"}

Verdict = Literal["keep", "change", "not_enough_data"]


def make(inputs: ReportInputs) -> tuple[Made, ...]:
    """Make the report of what is known."""
    criteria = dict(inputs.criteria)
    enough = 2 * (inputs.completed + inputs.ended_early) >= inputs.floor
    return (
        Made(
            programme_id=inputs.programme_id,
            final=inputs.final,
            as_of=inputs.as_of,
            criteria_seal=inputs.criteria_seal,
            floor=inputs.floor,
            tandems_completed=inputs.completed if enough else None,
            tandems_ended_early=inputs.ended_early if enough else None,
            meetings_held=inputs.meetings_held if enough else None,
            answers=tuple(_answer(question, criteria[question], inputs) for question in ITEMS),
        ),
    )


def _answer(question: Question, criterion: Criterion, inputs: ReportInputs) -> Answer:
    item = ITEMS[question]
    given = [(g.side, g.answers[item]) for g in inputs.answers if item in g.answers]
    values = [value for _, value in given]
    verdict, direction = judge(values, criterion, inputs.floor)
    code = None if direction is None else f"{question}-{'less' if direction < 0 else 'more'}"
    text = words(f"answer-{verdict}", question=words(f"question-{question}"), way=words(f"way-{code or 'none'}"))
    return Answer(
        question=question,
        answer=verdict,
        direction=code,
        criterion=criterion,
        figures=tuple(_figures(question, inputs, item)),
        text=text,
    )


def judge(values: list[int], criterion: Criterion, floor: int) -> tuple[Verdict, int | None]:
    """Keep, change (and which way: -1 or 1), or not enough data, by the criterion's percentages of all who answered."""
    if len(values) < floor:
        return "not_enough_data", None
    counts = Counter(values)
    for way in (-1, 1):
        if 100 * counts[way] >= criterion.change_at_least * len(values) and counts[way] > counts[-way]:
            return "change", way
    if 100 * counts[CONTENT] >= criterion.keep_at_least * len(values):
        return "keep", None
    return "not_enough_data", None


def _figures(question: Question, inputs: ReportInputs, item: str) -> list[Figure]:
    """The share of each value: for all, and for the two sides if both have enough people."""
    groups: dict[str, list[Given]] = {"all": [g for g in inputs.answers if item in g.answers]}
    sides = {side: [g for g in groups["all"] if g.side == side] for side in ("mentor", "mentee")}
    if all(len(side) >= inputs.floor for side in sides.values()):
        groups |= sides
    return [
        _figure(f"{name}.{key}", question, value, name, [g.answers[item] for g in group], inputs.floor)
        for name, group in groups.items()
        for value, key in KEYS.items()
    ]


def _figure(key: str, question: Question, value: int, group: str, values: list[int], floor: int) -> Figure:
    label = words(f"way-{question}-{'less' if value < 0 else 'more'}") if value else words("way-content")
    if len(values) < floor:
        return Figure(key=key, value=None, people=None, text=words("withheld", label=label, floor=floor))
    found: Share = share(values.count(value), len(values))
    text = words(
        "share",
        label=label,
        group=words(f"group-{group}"),
        percent=f"{found.percent:g}",
        low=f"{found.low:g}",
        high=f"{found.high:g}",
        people=found.of,
    )
    return Figure(key=key, value=found.percent, low=found.low, high=found.high, people=found.of, text=text)
