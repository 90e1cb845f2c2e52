"""Of an ordinal scale no mean: its classes with their counts, and the class of the median person. No heavy library."""

from collections.abc import Sequence
from itertools import accumulate

from services.evaluation.deciding.told import Told, datasets
from shared.contracts.base import Text
from shared.contracts.evaluation import ClassCount


def median(portions: Sequence[Told], codes: Sequence[str]) -> str | None:
    """The code of the class that holds the median person, of two in the middle the lower one.

    `codes`: of the classes in order, each of its own; every portion is told in just these. None: nothing is told, or
    some data set that is possible has another median.
    """
    if not sum(told.people for told in portions):
        return None
    found = set()
    for data in datasets(portions, codes):
        half = (sum(data.values()) + 1) // 2
        reached = accumulate(data[code] for code in codes)
        found.add(next(code for code, count in zip(codes, reached, strict=True) if count >= half))
    return found.pop() if len(found) == 1 else None


def classes(told: Told, codes: Sequence[tuple[str, Text]]) -> tuple[ClassCount, ...]:
    """What was told of a group, class by class, as a report shows it; `codes`: of each class code and words."""
    return tuple(
        ClassCount(code=code, text=text, count=count, at_least=index == told.at_least)
        for index, ((code, text), count) in enumerate(zip(codes, told.counts, strict=True))
    )
