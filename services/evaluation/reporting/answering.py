"""The four answers, from what was told of the final questionnaire's four items. Loaded by the report's process only."""

from collections.abc import Iterable, Sequence

from services.evaluation.deciding.bounds import USUAL
from services.evaluation.deciding.bounds import design_effect as kish
from services.evaluation.deciding.intervals import share
from services.evaluation.deciding.said import answers, number
from services.evaluation.deciding.verdict import Basis
from services.evaluation.protection import tandems_that_agree, whole_tandems
from services.evaluation.questionnaires import Class, Question, classes, newest, possible, words
from services.evaluation.reporting.inputs import DECIDES, ReportInputs
from services.evaluation.reporting.release import Item
from shared.contracts import evaluation as e
from shared.contracts.base import Text

QUESTIONS: tuple[Question, ...] = ("duration", "frequency", "rules", "rollout")


def four_answers(inputs: ReportInputs, told: Sequence[Item]) -> tuple[e.Answer, ...]:
    """The answers by the criteria in force, with their evidence; not enough data where nothing may be told."""
    found = {item.gathered.item.question: item for item in told if item.gathered.questionnaire == DECIDES}
    bases = {question: _basis(question, found.get(question)) for question in QUESTIONS}
    figures = {
        question: tuple(_figures(found[question], inputs.floor)) if question in found else () for question in QUESTIONS
    }
    asked_from = next((each.opens for each in inputs.awaited if each.questionnaire == DECIDES), None)
    return answers(bases, inputs.criteria, figures, asked_from)


def _basis(question: Question, found: Item | None) -> Basis:
    if found is None:
        item = next(item for item in newest(DECIDES).items if item.question == question)
        return Basis(key=f"{DECIDES}.{item.id}.all", told=(), wants=_wants(item))
    return Basis(
        key=f"{found.gathered.key}.all",
        told=tuple(portion.answers for portion in found.portions),
        wants=_wants(found.gathered.item),
        pairs=whole_tandems(found.portions),
        agreeing=tandems_that_agree(found.portions),
        silent=found.silent if found.portions else None,
    )


def _wants(item: e.Item) -> tuple[str | None, ...]:
    wants = {choice.value: choice.wants for choice in item.choices}
    return tuple(wants[value] for value in possible(item))


def _figures(found: Item, floor: int) -> Iterable[e.Figure]:
    """The share of each of three classes among all who answered, as readers of the first reports know them."""
    for each in classes(found.gathered.item, three=True):
        label = words("label-class", item=found.gathered.item.text, each=each.text)
        yield share_of(f"{found.gathered.questionnaire}.all.{each.code}", label, each, found, floor)


def ratings(told: Sequence[Item], floor: int) -> Iterable[e.Figure]:
    """Of each item with stars, the share that gave four or five (S20): five stars alone say little (P13)."""
    for found in told:
        gathered = found.gathered
        if gathered.item.scale == "stars":
            helpful = classes(gathered.item, three=True)[-1]
            about = gathered.title or words(f"name-{gathered.questionnaire}")
            label = words("helpful", about=about, item=gathered.item.text)
            key = f"{gathered.questionnaire}.all.{gathered.item.id}"
            yield share_of(key, label, helpful, found, floor)


def share_of(key: str, label: Text, each: Class, told: Item, floor: int) -> e.Figure:
    """The share of a class with its interval at 95 % (Clopper and Pearson), from what was told; or withheld."""
    gathered, portions = told.gathered, told.portions
    if not portions:
        return e.Figure(key=key, value=None, people=None, text=words("withheld", label=label, floor=floor))
    codes = {value: other.code for other in classes(gathered.item, three=True) for value in other.values}
    groups = [codes[value] for value in possible(gathered.item)]
    found = share([portion.answers for portion in portions], groups, each.code, design_effect(told))
    low, high = (round(100 * end, 1) for end in (found.low, found.high))
    value = None if found.share is None else round(100 * found.share, 1)
    said = {
        "label": label,
        "group": words("group-all"),
        "people": found.people,
        "low": number(low),
        "high": number(high),
    }
    text = words("share-between", **said) if value is None else words("share", percent=number(value), **said)
    return e.Figure(key=key, value=value, low=low, high=high, people=found.people, text=text)


def design_effect(told: Item) -> float:
    """By how much answers of a tandem count less than those of people who never met, at the usual correlation."""
    people = sum(portion.answers.people for portion in told.portions)
    return kish(people, whole_tandems(told.portions), USUAL)
