"""Answers by item, one value a person. Pure; every order is that of keyed ids, which tells nothing of who or when."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.evaluation.protection import Answers, Scale, one_value
from services.evaluation.protection.item import SIDES, Group
from services.evaluation.questionnaires import classes, possible
from services.evaluation.reporting.inputs import Asked, Given
from shared.contracts import evaluation as e
from shared.contracts.base import Text
from shared.contracts.parts import Side

BASELINE, END = "baseline", "final"
"""The same items are asked at the beginning and at the end: told once, with the end, of who answered both."""
APART = 15
"""People of each side from which on they are told apart where an item decides a question: of fewer both sides say "at
least" where all together would be counted, and a pilot would decide nothing (docs/bench-decisions.md)."""


@dataclass(frozen=True)
class Gathered:
    """An item with what people answered to it.

    `version`: the newest of the questionnaire that has the item. `title`: of one of the office's own. `asked`: how many
    were asked, by group; None: that is not known. `since`, `before_since`: of each person how many reports had been
    said when their first answer came, now and to the baseline.
    """

    questionnaire: str
    version: int
    title: Text | None
    item: e.Item
    answers: Answers
    asked: Mapping[Group, int] | None
    since: Mapping[str, int]
    before_since: Mapping[str, int] = field(default_factory=dict)

    @property
    def own(self) -> bool:
        """Whether the office asked it of its own."""
        return self.title is not None

    @property
    def key(self) -> str:
        """Questionnaire and item."""
        return f"{self.questionnaire}.{self.item.id}"


def scale_of(item: e.Item) -> Scale:
    """An item's scale: its values in order, and the class of three that each falls into for few people."""
    places = {value: place for place, each in enumerate(classes(item, three=True)) for value in each.values}
    values = possible(item)
    return Scale(values, tuple(places[value] for value in values))


def gather(asked: Mapping[str, Asked]) -> list[Gathered]:
    """Every item that was asked, but for those of the baseline: they are told with the same items at the end."""
    baseline = asked.get(BASELINE)
    before = _by_item(baseline.answers) if baseline is not None else {}
    found = []
    for name in sorted(asked.keys() - {BASELINE}):
        answers = _by_item(asked[name].answers)
        found += [
            _gathered(name, asked[name], item, answers.get(item.id, []), before.get(item.id, []) if name == END else [])
            for item in asked[name].items
        ]
    return found


def _by_item(answers: Iterable[Given]) -> dict[str, list[Given]]:
    found: dict[str, list[Given]] = defaultdict(list)
    for given in sorted(answers, key=lambda given: given.person):
        for item in given.answers:
            found[item].append(given)
    return found


def _gathered(name: str, asked: Asked, item: e.Item, given: list[Given], before: list[Given]) -> Gathered:
    values, since = _people(item.id, given)
    earlier, earlier_since = _people(item.id, before)
    return Gathered(
        questionnaire=name,
        version=asked.versions.get(item.id, asked.version),
        title=asked.title,
        item=item,
        answers=Answers(
            scale_of(item),
            values,
            {each.person: each.side for each in given},
            before=earlier,
            tandems={each.person: each.cluster for each in given},
            apart=APART if item.question is not None else 0,
        ),
        asked=None if asked.people is None else _by_group(asked.people),
        since=since,
        before_since=earlier_since,
    )


def _by_group(people: Mapping[Side, int]) -> dict[Group, int]:
    return {"all": sum(people.values()), **{side: people.get(side, 0) for side in SIDES}}


def _people(item: str, given: Iterable[Given]) -> tuple[dict[str, int], dict[str, int]]:
    """One value of each person, and how many reports had been said when their first one came."""
    values: dict[str, int] = {}
    several: dict[str, list[int]] = {}
    since: dict[str, int] = {}
    for each in given:
        person, value, reports = each.person, each.answers[item], each.reports
        if person not in values:
            values[person], since[person] = value, reports
        else:
            several.setdefault(person, [values[person]]).append(value)
            since[person] = min(since[person], reports)
    values |= {person: one_value(found) for person, found in several.items()}
    return values, since
