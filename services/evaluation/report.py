"""The report: four questions, each *keep*, *change* or *not enough data*, by criteria fixed before (S13, P14).

An answer follows from the shares of the final questionnaire, which a person answers once; beside each share stands its
interval, which says how sure it is: a pilot's are wide. Pure; loaded by the report's own process only.
"""

from collections.abc import Sequence
from typing import Literal

from services.evaluation.confidentiality import groups, people_behind
from services.evaluation.jobs import Asked, Made, ReportInputs
from services.evaluation.questionnaires import Question, classes, newest, words
from services.evaluation.statistics import share
from shared.contracts.base import Text
from shared.contracts.evaluation import Answer, Figure, Item
from shared.contracts.parts import Criterion
from shared.runtime.table import Again

QUESTIONS: tuple[Question, ...] = ("duration", "frequency", "rules", "rollout")
NONE = Asked(answers=(), per_person=1)
HELPFUL = 4
"""So many stars, or more, count as helpful."""

Verdict = Literal["keep", "change", "not_enough_data"]


def make(inputs: ReportInputs) -> tuple[Made, ...] | Again:
    """Make the report of what is known; the scheduled one waits until the last survey is closed."""
    if inputs.scheduled and not inputs.final:
        return Again()
    criteria = dict(inputs.criteria)
    enough = 2 * inputs.tandems >= inputs.floor
    return (
        Made(
            programme_id=inputs.programme_id,
            final=inputs.final,
            as_of=inputs.as_of,
            criteria_seal=inputs.criteria_seal,
            floor=inputs.floor,
            rules_version=inputs.rules_version,
            tandems_completed=inputs.completed if enough else None,
            tandems_ended_early=inputs.ended_early if enough else None,
            meetings_held=inputs.meetings_held if enough else None,
            meetings_confirmed=inputs.meetings_confirmed if enough else None,
            meetings_assumed=inputs.meetings_assumed if enough else None,
            meetings_unknown=inputs.meetings_unknown if enough else None,
            answers=tuple(_answer(question, criteria[question], inputs) for question in QUESTIONS),
            ratings=tuple(_ratings(inputs)) if inputs.final else (),
        ),
    )


def judge(values: Sequence[int], criterion: Criterion, floor: int) -> tuple[Verdict, int]:
    """Keep, change (-1 or 1: which way; else 0), or not enough data.

    A criterion is met by its share of all who answered the item. Where several are met the largest share counts; of
    two equal ones none is clear. Nothing is judged for fewer values than the floor.
    """
    if len(values) < floor:
        return "not_enough_data", 0
    needed = {0: criterion.keep_at_least, -1: criterion.change_at_least, 1: criterion.change_at_least}
    met = sorted(
        ((values.count(value), value) for value in needed if 100 * values.count(value) >= needed[value] * len(values)),
        reverse=True,
    )
    if not met or (len(met) > 1 and met[0][0] == met[1][0]):
        return "not_enough_data", 0
    value = met[0][1]
    return ("change" if value else "keep"), value


def _answer(question: Question, criterion: Criterion, inputs: ReportInputs) -> Answer:
    figures: list[Figure] = []
    verdict: Verdict = "not_enough_data"
    direction: str | None = None
    for questionnaire in ("mid-term", "final"):
        asked = inputs.asked.get(questionnaire, NONE)
        for item in _items(questionnaire, asked):
            if item.question != question:
                continue
            figures += _shares(questionnaire, item, asked, inputs.floor)
            if questionnaire == "final":
                values = [_sign(g.answers[item.id]) for g in asked.answers if item.id in g.answers]
                verdict, value = judge(values, criterion, inputs.floor)
                direction = next(choice.wants for choice in item.choices if choice.value == value)
    way = words(f"change-{question}-{direction}" if direction else "answer-none")
    return Answer(
        question=question,
        answer=verdict,
        direction=direction,
        criterion=criterion,
        figures=tuple(figures),
        text=words(f"answer-{verdict}", question=words(f"question-{question}"), way=way),
    )


def _sign(value: int) -> int:
    """Less, content or more: a bit too long and much too long want the same change."""
    return (value > 0) - (value < 0)


def _shares(questionnaire: str, item: Item, asked: Asked, floor: int) -> list[Figure]:
    """The share of each class of answers, by group; one withheld figure each for all where nothing may be shown."""
    shown = groups(asked.answers, item.id, floor) or {"all": []}
    about = words(f"name-{questionnaire}")
    return [
        _figure(
            f"{questionnaire}.{group}.{each.code}",
            Text(de=f"{about.de}, {each.text.de}", en=f"{about.en}, {each.text.en}"),
            group,
            sum(v in each.values for v in values),
            len(values),
            floor,
        )
        for group, values in shown.items()
        for each in classes(item, three=True)
    ]


def _ratings(inputs: ReportInputs) -> list[Figure]:
    """Of each item with stars, the share that found it helpful (S20): five stars alone say little (P13)."""
    return [
        _figure(
            f"{questionnaire}.{group}.{item.id}",
            words("helpful", about=_about(questionnaire, asked), item=item.text),
            group,
            sum(v >= HELPFUL for v in values),
            len(values),
            inputs.floor,
            asked.per_person,
        )
        for questionnaire, asked in sorted(inputs.asked.items())
        for item in _items(questionnaire, asked)
        if item.scale == "stars"
        for group, values in (groups(asked.answers, item.id, inputs.floor, asked.per_person) or {"all": []}).items()
    ]


def _items(questionnaire: str, asked: Asked) -> Sequence[Item]:
    """The items that were asked; where nobody was, those that would be."""
    return asked.items or newest(questionnaire).items


def _about(questionnaire: str, asked: Asked) -> Text:
    return words(f"name-{questionnaire}") if asked.title is None else words("name-own", title=asked.title)


def _figure(key: str, label: Text, group: str, count: int, of: int, floor: int, per_person: int = 1) -> Figure:
    if of == 0:
        return Figure(key=key, value=None, people=None, text=words("withheld", label=label, floor=floor))
    found = share(count, of)
    people = people_behind(of, per_person)
    said = {"label": label, "group": words(f"group-{group}"), "percent": f"{found.percent:g}", "people": people}
    if per_person > 1:
        # No interval: it would take several answers of one person for several people.
        return Figure(key=key, value=found.percent, people=people, text=words("share-at-least", **said))
    text = words("share", low=f"{found.low:g}", high=f"{found.high:g}", **said)
    return Figure(key=key, value=found.percent, low=found.low, high=found.high, people=people, text=text)
