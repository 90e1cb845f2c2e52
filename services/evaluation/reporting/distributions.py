"""What was told of an item, as the report's distributions in words. Pure."""

from collections.abc import Iterable, Sequence

from services.evaluation.protection import Figure, Portion, Rule, Told, figures, together
from services.evaluation.questionnaires import Class, classes, words
from services.evaluation.reporting.gathering import BASELINE, Gathered
from shared.contracts import evaluation as e

CHANGES = ("less", "same", "more")
SIDES = ("mentor", "mentee")


def distributions(gathered: Gathered, portions: Sequence[Portion], rule: Rule) -> list[e.Distribution]:
    """Every figure of an item: of all, of each side, and of who answered the baseline as well what changed."""
    found = list(figures(portions, gathered.answers, rule))
    kinds = tuple(dict.fromkeys(figure.kind for figure in found))
    return [
        _distribution(gathered, figure)
        for kind in kinds
        for figure in _with_the_sum([figure for figure in found if figure.kind == kind])
    ]


def _with_the_sum(found: Sequence[Figure]) -> Iterable[Figure]:
    """Where both sides are told, all of them together follow from it; a reader need not add."""
    sides = [figure.told for figure in found if figure.group in SIDES and figure.told is not None]
    for figure in found:
        if figure.group == "all" and figure.told is None and len(sides) == len(SIDES):
            alike = len({len(told.counts) for told in sides}) == 1
            yield Figure(figure.kind, "all", together(sides), None) if alike else figure
        else:
            yield figure


def _distribution(gathered: Gathered, figure: Figure) -> e.Distribution:
    item, told = gathered.item, figure.told
    before, change = figure.kind == "before", figure.kind == "change"
    name = BASELINE if before else gathered.questionnaire
    named = _changes() if change else classes(item, three=told is not None and len(told.counts) == 3)
    median = told.median() if told is not None else None
    return e.Distribution(
        key=f"{'change' if change else name}.{item.id}.{figure.group}",
        questionnaire=name,
        version=1 if before else gathered.version,
        item=item.id,
        kind="change" if change else "answers",
        group=figure.group,
        title=item.text,
        source=item.source,
        people=told.people if told is not None else None,
        classes=() if told is None else tuple(_classes(named, told)),
        median=None if median is None else named[median].code,
        withheld=figure.withheld,
        about=None if before else gathered.title,
    )


def _changes() -> tuple[Class, ...]:
    return tuple(Class(code, words(f"change-{code}"), ()) for code in CHANGES)


def _classes(named: Sequence[Class], told: Told) -> Iterable[e.ClassCount]:
    for index, (each, count) in enumerate(zip(named, told.counts, strict=True)):
        yield e.ClassCount(code=each.code, text=each.text, count=count, at_least=index == told.at_least)
