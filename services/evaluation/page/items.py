"""What was answered, item by item, and what is not shown and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from services.evaluation.page import said
from services.evaluation.page.pictures import colour
from services.evaluation.page.said import words
from shared.contracts.base import Text
from shared.contracts.evaluation import ReportPublished
from shared.contracts.evaluation.figures import Distribution, Figures

SIDES = ("mentor", "mentee")


@dataclass(frozen=True, slots=True)
class Classes:
    """Groups whose answers stand in the same classes; `keys` are each class's words with its colour and pattern.

    `shown` are those with a picture: where both sides have one, all together are their sum, and stand in the table.
    """

    told: tuple[Distribution, ...]
    shown: tuple[Distribution, ...]
    keys: tuple[tuple[Text, str], ...]
    has_rest: bool


@dataclass(frozen=True, slots=True)
class Item:
    """An item with its groups; `untold` are those of an item of which no group is told.

    Of an item of which one is, the others stand in the list of what is not shown: there are many, and all alike.
    """

    first: Distribution
    classes: tuple[Classes, ...]
    untold: tuple[Distribution, ...]


def items(distributions: Sequence[Distribution]) -> list[Item]:
    """Distributions by item, in the report's order; those of changes apart from those of answers."""
    found: dict[tuple[str, str, int, str], list[Distribution]] = {}
    for each in distributions:
        found.setdefault((each.kind, each.questionnaire, each.version, each.item), []).append(each)
    return [_item(each) for each in found.values()]


def by_questionnaire(found: Sequence[Item]) -> Iterator[tuple[Text, list[Item]]]:
    """Items of each questionnaire, with its name."""
    for _, group in groupby(found, key=lambda item: (item.first.questionnaire, item.first.version)):
        of_it = list(group)
        yield said.questionnaire(of_it[0].first), of_it


def not_shown(report: ReportPublished, *, elsewhere: bool = False) -> tuple[list[tuple[Text, Text]], int]:
    """Distributions that are withheld, by questionnaire, group and reason; and how many other figures are.

    `elsewhere`: nothing is known of tandems and meetings, and so nothing withheld.
    """
    contents = report.contents
    if contents is None:
        return [], 0
    alike: dict[tuple[str, str, str, str], list[Distribution]] = {}
    for each in contents.distributions:
        if each.withheld is not None:
            alike.setdefault((each.questionnaire, each.kind, each.group, each.withheld), []).append(each)
    withheld = [(_named(those), words(f"withheld-{those[0].withheld}")) for those in alike.values()]
    counts = [
        *(each.asked for each in contents.responses),
        *(each.answered for each in contents.responses),
        *(answer.evidence.people for answer in report.answers if answer.evidence is not None),
        *(() if elsewhere else _of_tandems(report, contents)),
    ]
    return withheld, sum(1 for count in counts if count is None)


def _named(those: Sequence[Distribution]) -> Text:
    """Distributions that are withheld alike: of which questionnaire and group, and which item or how many."""
    first = those[0]
    of = words("change") if first.kind == "change" else said.questionnaire(first)
    which = first.title if len(those) == 1 else words("questions-count", count=len(those))
    return said.joined((of, said.group(first.group), which), " · ")


def _of_tandems(report: ReportPublished, contents: Figures) -> Iterator[float | None]:
    """What is told of tandems, meetings and goals, and what a rollout would need."""
    yield contents.tandems
    yield from (
        getattr(report, name) for name in type(report).model_fields if name.startswith(("tandems_", "meetings_"))
    )
    yield from (each.tandems for each in contents.topics)
    yield from (each.tandems for each in contents.signs)
    yield from (each.estimate for each in contents.rollout)
    yield from (each.supply.estimate for each in contents.rollout if each.supply is not None)
    if (goals := contents.goals) is not None:
        yield from (goals.tandems, goals.reached, goals.open, goals.dropped)


def _item(distributions: Sequence[Distribution]) -> Item:
    told = [each for each in distributions if each.people is not None and each.classes]
    alike: dict[tuple[str, ...], list[Distribution]] = {}
    for each in told:
        alike.setdefault(tuple(part.code for part in each.classes), []).append(each)
    return Item(
        first=distributions[0],
        classes=tuple(_classes(codes, group) for codes, group in alike.items()),
        untold=() if told else tuple(distributions),
    )


def _classes(codes: tuple[str, ...], told: Sequence[Distribution]) -> Classes:
    return Classes(
        told=tuple(told),
        shown=tuple(each for each in told if each.group != "all" or len(told) <= len(SIDES)),
        keys=tuple((each.text, colour(codes, n)) for n, each in enumerate(told[0].classes)),
        has_rest=any(part.at_least for each in told for part in each.classes),
    )
