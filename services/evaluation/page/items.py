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


@dataclass(frozen=True, slots=True)
class Classes:
    """Groups whose answers stand in the same classes; `keys` are each class's words with its colour and pattern."""

    told: tuple[Distribution, ...]
    keys: tuple[tuple[Text, str], ...]
    has_rest: bool


@dataclass(frozen=True, slots=True)
class Item:
    """An item with all its groups; of those in `untold` nothing is shown."""

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
    """Items of each questionnaire, with its name and version."""
    for (name, version), group in groupby(found, key=lambda item: (item.first.questionnaire, item.first.version)):
        title = said.named("name", name)
        of = words("version")
        yield Text(de=f"{title.de}, {of.de} {version}", en=f"{title.en}, {of.en} {version}"), list(group)


def not_shown(report: ReportPublished, *, elsewhere: bool = False) -> tuple[list[tuple[Text, Text]], int]:
    """Distributions that are withheld, each with its reason; and how many other figures are.

    `elsewhere`: nothing is known of tandems and meetings, and so nothing withheld.
    """
    contents = report.contents
    if contents is None:
        return [], 0
    withheld = [
        (
            said.joined((said.named("name", each.questionnaire), each.title, said.group(each.group)), " · "),
            words(f"withheld-{each.withheld}"),
        )
        for each in contents.distributions
        if each.withheld is not None
    ]
    counts = [
        *(each.asked for each in contents.responses),
        *(each.answered for each in contents.responses),
        *(answer.evidence.people for answer in report.answers if answer.evidence is not None),
        *(() if elsewhere else _of_tandems(report, contents)),
    ]
    return withheld, sum(1 for count in counts if count is None)


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
        untold=tuple(each for each in distributions if each not in told),
    )


def _classes(codes: tuple[str, ...], told: Sequence[Distribution]) -> Classes:
    return Classes(
        told=tuple(told),
        keys=tuple((each.text, colour(codes, n)) for n, each in enumerate(told[0].classes)),
        has_rest=any(part.at_least for each in told for part in each.classes),
    )
